/* Record: the payload of a statement: one operation and its items. [version 1, op, body]. docs/FORMATS.md has the CDDL.
 * Layer: ledger/wire: bytes <-> meaning, no state. Decoded structs are views into the input; arrays come from the arena. */
#ifndef LICET_WIRE_RECORD_H
#define LICET_WIRE_RECORD_H
#include "ledger/base/arena.h"
#include "ledger/wire/cbor.h"
#include "ledger/wire/operation.h"

const char *op_name(enum op op); /* "issue", "suspend", "seal-stop", ... as in the commands; NULL when unknown */

enum document_kind { DOCUMENT_FILE = 1, DOCUMENT_OFD_SIGNATURE = 2, DOCUMENT_PDF = 3 };
const char *document_kind_name(enum document_kind kind); /* file, ofd-signature, pdf */
MUST_USE bool document_kind_from_name(enum document_kind *out, struct bytes name);
struct document_ref {
    enum document_kind kind;
    const uint8_t *key32;
};
#define DAY_NONE INT32_MAX /* no end: 长期 */

/* One licence to be issued: 12 positions. */
struct issue_item {
    const uint8_t *licence_key; /* 32 */
    uint32_t version;           /* 1..999 */
    const uint8_t *number_tag;  /* TAG_LEN */
    uint32_t holder_kind;       /* 1..999, GB/T 36903 Annex A */
    const uint8_t *holder_tag, *name_tag;
    int32_t valid_from, valid_to; /* days since 1970-01-01, Asia/Shanghai calendar; valid_to DAY_NONE: unlimited */
    uint32_t document_count;
    struct document_ref documents[DOCUMENTS_MAX];
    const uint8_t *fields_root; /* 32 */
    struct bytes seal_id;       /* empty: none */
    const uint8_t *seal_digest; /* 32, when there is a seal */
    uint32_t component_count;
    const uint8_t *components[COMPONENTS_MAX]; /* licence keys */
};
/* One change of a licence's state: suspend, resume, revoke, annul, cancel. */
struct status_item {
    const uint8_t *licence_key;
    uint64_t count;           /* the history count it acts on */
    struct bytes reason, basis; /* public text; may be empty only for resume */
    int32_t until;            /* suspend: announced end, or DAY_NONE; it does not resume by itself */
};
/* A seal registered, or one change of one. What an operation does not have is empty, NULL or 0. */
enum seal_kind { SEAL_KIND_NAME = 1 /* 法定名称章 */, SEAL_KIND_SPECIAL = 2 /* 专用章 */, SEAL_KIND_PERSONAL = 3 /* 个人名章 */ };
#define LOG_ENTRY_NONE UINT64_MAX
struct seal_item {
    struct bytes seal_id;       /* esID, 1..SEAL_ID_MAX */
    /* register: */
    struct bytes owner;         /* credit code of a member; transfer: the new one */
    enum seal_kind kind;
    struct bytes name;          /* public text */
    /* register and remake: */
    const uint8_t *digest32;    /* SHA-256 of the SESeal's DER */
    const uint8_t *maker32;     /* SHA-256 of the maker's certificate, DER */
    uint32_t cert_count;
    const uint8_t *certs[SEAL_CERTS_MAX]; /* SHA-256 of each signer certificate, DER */
    int64_t from_ms, to_ms;     /* the seal's period, both ends in it; to before from is refused by the rules, not here */
    /* all but register: */
    uint64_t count;             /* the history count it acts on */
    struct bytes reason, basis; /* public text; may be empty only for resume */
    uint64_t since;             /* stop, cancel, remake: the log entry from which on what was sealed is suspect; LOG_ENTRY_NONE: not given */
};
struct record {
    enum op op;
    /* issue */
    struct bytes type_code;
    uint32_t element_count;
    struct bytes elements[ELEMENTS_MAX]; /* committed element codes, strictly ascending bytewise, the same for every item */
    /* items: one of the three arrays, by the operation's shape */
    uint32_t item_count;
    const struct issue_item *issue;
    const struct status_item *status;
    const struct seal_item *seal; /* at most SEAL_CHANGES_MAX, but for register and remake */
};
/* Arena use is at most item_count * sizeof(struct issue_item): RECORD_ARENA_BYTES always suffices for STATEMENT_BYTES_MAX. */
#define RECORD_ARENA_BYTES (sizeof(struct issue_item) * 512 + sizeof(struct status_item) * ITEMS_MAX)
/* What a payload of len bytes can need at the most: counts are checked against the bytes that are there before memory is taken. */
#define RECORD_ARENA_FOR(len) (3 * (size_t)(len) + 64 + SEAL_CHANGES_MAX * sizeof(struct seal_item))
_Static_assert(sizeof(struct issue_item) <= 3 * 127 && sizeof(struct status_item) <= 3 * 39 && sizeof(struct seal_item) <= 3 * 114,
               "an item never takes three times its smallest encoding, but for the few changes of seals");
struct refusal record_decode(struct record *out, struct arena *arena, struct bytes payload);
/* Returns false where it does not fit. */
MUST_USE bool record_encode(struct wire_out *out, const struct record *record);
#endif
