/* Operation: the one list of what a statement can ask for. Decoder, rules, history, commands and documents follow from its rows: a new operation
 * of a known shape is a row, and its words; a new shape adds a codec (record_*.c) and its rules (op_*.c). Layer: ledger/wire.
 *
 * X(NAME, number, "name", "Chinese", subject, shape, key use, starts from, leads to, takes)
 *   number  on the ledger, for ever. 住建部's where it has one (01 新发 ... 10 取消转出); the three endings that it folds into 05 have their own.
 *   name    in commands, history and JSON.
 *   starts, leads: states of the subject, 0: none (it begins with it) or the one it is in. Lapsed is derived: such a licence is valid here.
 *   takes   what an item must or may have, and how it counts; see below. */
#ifndef LICET_WIRE_OPERATION_H
#define LICET_WIRE_OPERATION_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPERATIONS(X)                                                                                                                              \
    X(ISSUE, 1, "issue", "签发", LICENCE, ISSUE, USE_ISSUE, 0, LICENCE_VALID, TAKES_QUOTA)                                                         \
    X(RENEW, 2, "renew", "换发", LICENCE, RESERVED, USE_ISSUE, 0, 0, 0)                                                                            \
    X(SUSPEND, 3, "suspend", "暂扣", LICENCE, STATUS, USE_ISSUE, IN(LICENCE_VALID), LICENCE_SUSPENDED, TAKES_WORDS | TAKES_UNTIL)                  \
    X(CANCEL, 5, "cancel", "注销", LICENCE, STATUS, USE_ISSUE, IN(LICENCE_VALID) | IN(LICENCE_SUSPENDED), LICENCE_CANCELLED, TAKES_WORDS | ENDS)   \
    X(RESUME, 6, "resume", "恢复", LICENCE, STATUS, USE_ISSUE, IN(LICENCE_SUSPENDED), LICENCE_VALID, TAKES_QUOTA)                                  \
    X(TRANSFER_IN, 8, "transfer-in", "转入", LICENCE, RESERVED, USE_ISSUE, 0, 0, 0)                                                                \
    X(AMEND, 9, "amend", "变更", LICENCE, RESERVED, USE_ISSUE, 0, 0, 0)                                                                            \
    X(TRANSFER_CANCEL, 10, "transfer-cancel", "转出后注销", LICENCE, RESERVED, USE_ISSUE, 0, 0, 0)                                                 \
    X(TRANSFER_OUT, 11, "transfer-out", "转出", LICENCE, RESERVED, USE_ISSUE, 0, 0, ENDS)                                                          \
    X(REVOKE, 12, "revoke", "吊销", LICENCE, STATUS, USE_ISSUE, IN(LICENCE_VALID) | IN(LICENCE_SUSPENDED), LICENCE_REVOKED, TAKES_WORDS | ENDS)    \
    X(ANNUL, 13, "annul", "撤销", LICENCE, STATUS, USE_ISSUE, IN(LICENCE_VALID) | IN(LICENCE_SUSPENDED), LICENCE_ANNULLED, TAKES_WORDS | ENDS)     \
    X(CONFIRM, 14, "confirm", "确认", LICENCE, RESERVED, USE_ISSUE, 0, 0, 0)                                                                       \
    X(SEAL_REGISTER, 20, "seal-register", "印章备案", SEAL, SEAL_NEW, USE_SEAL, 0, SEAL_VALID, TAKES_QUOTA | TAKES_MAKING | TAKES_OWNER)           \
    X(SEAL_STOP, 21, "seal-stop", "停用印章", SEAL, SEAL_STATE, USE_SEAL, IN(SEAL_VALID), SEAL_STOPPED, TAKES_WORDS | TAKES_SINCE)                 \
    X(SEAL_RESUME, 22, "seal-resume", "恢复印章", SEAL, SEAL_STATE, USE_SEAL, IN(SEAL_STOPPED), SEAL_VALID, 0)                                     \
    X(SEAL_CANCEL, 23, "seal-cancel", "注销印章", SEAL, SEAL_STATE, USE_SEAL, IN(SEAL_VALID) | IN(SEAL_STOPPED), SEAL_CANCELLED,                   \
      TAKES_WORDS | TAKES_SINCE | ENDS)                                                                                                            \
    X(SEAL_REMAKE, 24, "seal-remake", "重新制作印章", SEAL, SEAL_REMAKE, USE_SEAL, IN(SEAL_VALID) | IN(SEAL_STOPPED), SEAL_VALID,                  \
      TAKES_WORDS | TAKES_SINCE | TAKES_MAKING)                                                                                                    \
    X(SEAL_TRANSFER, 25, "seal-transfer", "变更印章所有者", SEAL, SEAL_OWNER, USE_SEAL, IN(SEAL_VALID) | IN(SEAL_STOPPED), 0,                      \
      TAKES_WORDS | TAKES_OWNER)

#define OPERATION_ENUM(NAME, NUMBER, ...) OP_##NAME = NUMBER,
enum op { OPERATIONS(OPERATION_ENUM) };
#undef OPERATION_ENUM

enum op_subject { SUBJECT_OF_LICENCE, SUBJECT_OF_SEAL };
/* The form of an item, and with it the rules that judge it. Switches over it name every shape. */
enum op_shape {
    SHAPE_RESERVED,    /* the number is taken, and no statement has this operation yet */
    SHAPE_ISSUE,       /* a new licence */
    SHAPE_STATUS,      /* a change of a licence's state */
    SHAPE_SEAL_NEW, SHAPE_SEAL_STATE, SHAPE_SEAL_REMAKE, SHAPE_SEAL_OWNER
};
enum {
    TAKES_WORDS = 1,   /* a reason and its legal basis must be there; without this they may be empty */
    TAKES_UNTIL = 2,   /* an announced end may be there */
    TAKES_SINCE = 4,   /* the log entry from which on what was sealed is suspect may be there */
    TAKES_MAKING = 8,  /* how the seal was made */
    TAKES_OWNER = 16,
    TAKES_QUOTA = 32,  /* counts in the member's day */
    ENDS = 64          /* for ever: people are asked first */
};
#define IN(state) (1u << (state))

struct operation {
    enum op op;
    const char *name, *zh;
    enum op_subject subject;
    enum op_shape shape;
    uint32_t use;      /* enum key_use of the signing key, and role of its member */
    uint32_t from;     /* IN(state) of each state that it starts from */
    uint32_t to;       /* the state that it leads to */
    uint32_t takes;
};
/* NULL: no operation has this number. */
const struct operation *operation_of(enum op op);
/* Row i, in the order of their numbers; NULL behind the last one. For who goes through all. */
const struct operation *operation_at(size_t i);
/* NULL: none has this name. */
const struct operation *operation_named(const char *name);
static inline bool operation_takes(const struct operation *operation, uint32_t what) { return (operation->takes & what) != 0; }
#endif
