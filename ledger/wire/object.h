/* Object: what the state map holds. Each is one leaf: map key = tagged hash of (genesis hash, kind, id), value = deterministic CBOR
 * [kind, ...] that contains the id, so that a key claimed by anybody can be hashed again. Every object has a number `no`: its slot,
 * dense, given in order of creation, the same on every node; objects name each other by it. Layer: ledger/wire.
 * Decoded structs own no memory; views point into the decoded bytes. docs/FORMATS.md has a byte table of each. */
#ifndef LICET_WIRE_OBJECT_H
#define LICET_WIRE_OBJECT_H
#include <stddef.h>

#include "crypto/key.h"
#include "ledger/wire/record.h"

/* X(KIND, number, struct, its decoder, form of its id, how it is kept, where its `no` lies): the one list of kinds; decisions by kind are columns of it.
 * A kind without a form yet has its number and no more. */
#define OBJECTS(X)                                                                                                   \
    X(POLICY, 1, policy, policy_decode, ID_NONE, 0, NO_FIXED)                                                        \
    X(FINALITY, 2, finality, finality_decode, ID_NONE, 0, NO_FIXED)                                                  \
    X(MEMBER, 3, member, member_decode, ID_USCC, IS_LISTED | IS_SHARED, offsetof(struct member, no))                 \
    X(KEY, 4, key_object, key_object_decode, ID_HASH, IS_LISTED | IS_SHARED, offsetof(struct key_object, no))        \
    X(TYPE, 5, licence_type, licence_type_decode, ID_TYPE_CODE, IS_LISTED | IS_SHARED, offsetof(struct licence_type, no)) \
    X(LICENCE, 6, licence, licence_decode, ID_HASH, 0, offsetof(struct licence, no))                       \
    X(NUMBER, 7, number_object, number_decode, ID_NUMBER, 0, offsetof(struct number_object, no))                     \
    X(DOCUMENT, 8, document_object, document_decode, ID_HASH, 0, offsetof(struct document_object, no))               \
    X(SEAL, 9, seal, seal_decode, ID_SEAL, IS_LISTED | IS_READ_AGAIN, offsetof(struct seal, no))
#define OBJECTS_WITHOUT_FORM(X) X(ITEM, 10) X(AGREEMENT, 11) X(PEER, 12) X(PROPOSAL, 13)

#define OBJECT_ENUM(KIND, NUMBER, ...) OBJECT_##KIND = NUMBER,
#define OBJECT_ENUM_ONLY(KIND, NUMBER) OBJECT_##KIND = NUMBER,
#define OBJECT_ONE(...) +1
enum object_kind { OBJECTS(OBJECT_ENUM) OBJECTS_WITHOUT_FORM(OBJECT_ENUM_ONLY) };
enum { OBJECT_KIND_MAX = OBJECTS(OBJECT_ONE) OBJECTS_WITHOUT_FORM(OBJECT_ONE) }; /* they are numbered from 1 without a gap */
#undef OBJECT_ENUM
#undef OBJECT_ENUM_ONLY
#undef OBJECT_ONE
#define NO_NONE UINT32_MAX /* no object */

/* ID_NUMBER: u32be type no | tag. ID_HASH: 32 bytes: a thumbprint, a licence's or a document's key. */
enum object_id { ID_UNKNOWN, ID_NONE, ID_USCC, ID_TYPE_CODE, ID_HASH, ID_NUMBER, ID_SEAL };
enum {
    IS_LISTED = 1,             /* few: the numbers of all are kept in memory, so that they can be gone through (chain/roll.h) */
    IS_READ_AGAIN = 2,         /* behind very many licences: a snapshot remembers where its bytes lie */
    IS_SHARED = 4 | IS_READ_AGAIN, /* and a block's rules and a call's verdicts ask for it again and again: decoded once, kept */
};
struct object_form {
    const char *name;          /* "policy"; NULL: no form yet */
    enum object_id id;
    uint32_t kept;
    size_t size;               /* of the struct */
    /* Into a struct of the kind; the code of its refusal. */
    enum code (*decode)(void *out, struct bytes value);
    size_t no_at;              /* of its number in the struct; NO_FIXED: policy is 0 and finality 1, by genesis */
};
#define NO_FIXED SIZE_MAX
/* Of any enum object_kind. */
const struct object_form *object_form(enum object_kind kind);
/* The number that the value says; NO_NONE where it does not decode or says none. */
uint32_t object_no(enum object_kind kind, struct bytes value);
static inline bool object_is_kept(enum object_kind kind, uint32_t how) { return (object_form(kind)->kept & how) == how; }

void object_key(uint8_t out32[32], const uint8_t genesis[32], enum object_kind kind, struct bytes id);
/* The map key of an encoded object, from the id inside it. False: not an object of a known kind. */
MUST_USE bool object_key_of(uint8_t out32[32], const uint8_t genesis[32], struct bytes value);
/* Whether that id is this one: then its map key is object_key of this kind and id, and need not be hashed again. */
MUST_USE bool object_is(struct bytes value, enum object_kind kind, struct bytes id);
void object_value_hash(uint8_t out32[32], struct bytes value); /* SHA-256 of the bytes */
MUST_USE bool object_kind_of(enum object_kind *out, struct bytes value);

struct policy {
    uint32_t iat_back_s, iat_ahead_s;   /* 86400, 300 */
    uint32_t approvals;                 /* 2 */
    uint64_t objects_per_day;           /* per member, by header time, licences resumed too: 2,000,000 */
    uint32_t proposals_open;            /* per governor */
    uint32_t stale_after_s;             /* a `valid` proof older than this is stale: 86400 */
    uint32_t algs;                      /* bit (1 << enum key_alg) for each algorithm that issuers may sign with */
};

enum key_use {
    USE_GOVERN = 1, USE_ISSUE, USE_SEAL, USE_VERIFY, USE_AUDIT, USE_OPERATE, /* members' roles, one key each */
    USE_NODE_SEAL, USE_NODE_NOTE, USE_NODE_CHECKPOINT                        /* a node's three keys */
};
const char *key_use_name(enum key_use use); /* "govern" ... "node-seal" ... */
MUST_USE bool key_use_from_name(enum key_use *out, const char *name);
#define ROLE(use) (1u << (use))

struct finality_node {
    struct bytes uscc;
    struct pubkey seal, note, checkpoint;
};
/* Engines, by which headers become final. X(NAME, number, "name", "Chinese", nodes): nodes: how many a ledger of it has; 0: as many as it says. */
#define ENGINES(X)                          \
    X(SOLO, 1, "solo", "单节点", 1)         \
    X(COMETBFT, 2, "cometbft", "多节点", 0)
#define ENGINE_NAMES "solo or cometbft" /* for sentences; tests/unit/test_object.c holds it against the rows */
#define ENGINE_ENUM(NAME, NUMBER, ...) ENGINE_##NAME = NUMBER,
enum engine_kind { ENGINES(ENGINE_ENUM) };
#undef ENGINE_ENUM
struct engine_words { enum engine_kind kind; const char *name, *zh; uint32_t nodes; };
const struct engine_words *engine_words_of(enum engine_kind kind);    /* NULL: there is no such engine */
const struct engine_words *engine_words_named(struct bytes name); /* the same */
struct finality { /* what makes a header final from here on */
    enum engine_kind engine;
    uint32_t threshold; /* head notes needed */
    uint32_t node_count;
    struct finality_node nodes[FINALITY_NODES_MAX];
};

enum member_state { MEMBER_ACTIVE = 1, MEMBER_SUSPENDED = 2, MEMBER_REMOVED = 3 };
struct member {
    struct bytes uscc;
    uint32_t no;
    struct bytes name;
    uint32_t region;
    uint32_t roles; /* ROLE(USE_GOVERN) | ... */
    enum member_state state;
    uint32_t type_count;
    uint32_t types[TYPES_PER_MEMBER_MAX]; /* nos of the types it may issue, ascending */
    uint64_t issued;      /* licences ever */
    int32_t quota_day;    /* the day the next counter is of, by header time (UTC day number) */
    uint64_t quota_used;  /* new objects, and licences resumed, on that day */
};

struct key_object {
    struct pubkey key;
    uint8_t thumb[32];
    uint32_t no, member_no;
    enum key_use use;
    int64_t active_from_ms, active_to_ms; /* to: exclusive; TIME_MS_MAX: open */
    uint64_t compromised_since;           /* log entry; UINT64_MAX: not */
};

struct element {
    struct bytes code, label;
    bool mandatory;
    uint32_t sensitivity; /* 0 public, 1 ordinary, 2 sensitive */
};
enum type_state { TYPE_ACTIVE = 1, TYPE_RETIRED = 2 };
struct licence_type {
    struct bytes code; /* 21 characters */
    uint32_t no;
    struct bytes name;
    enum type_state state;
    bool keyed;
    uint32_t holder_kind_count;
    uint32_t holder_kinds[HOLDER_KINDS_MAX];
    uint32_t element_count;
    struct element elements[ELEMENTS_MAX]; /* ascending by code */
    uint32_t days_max;      /* longest validity in days; 0: any */
    bool unlimited_allowed; /* 长期 */
    uint32_t definer_no, supervisor_no; /* members; supervisor NO_NONE: none */
    uint32_t scope_count;
    uint32_t scope[MEMBERS_MAX]; /* members that share the look-up secret; 0 of them: the definer and the issuers */
};

/* Numbers of 住建部's certState where it has them (01 有效 02 暂扣 03 撤销 04 注销 06 转出中 07 吊销); 05 失效 is derived, never written. */
enum licence_state {
    LICENCE_VALID = 1, LICENCE_SUSPENDED = 2, LICENCE_ANNULLED = 3, LICENCE_CANCELLED = 4, LICENCE_TRANSFERRING = 6, LICENCE_REVOKED = 7,
    LICENCE_SUPERSEDED = 8, LICENCE_TRANSFERRED = 9
};
const char *licence_state_name(enum licence_state state); /* "valid", "suspended", "annulled", ... */
static inline bool licence_state_final(enum licence_state s) {
    return s == LICENCE_ANNULLED || s == LICENCE_CANCELLED || s == LICENCE_REVOKED || s == LICENCE_SUPERSEDED || s == LICENCE_TRANSFERRED;
}
struct acted {
    uint32_t key_no;
    uint64_t last_entry; /* the last entry at which this key acted on the licence */
};
/* The seal that a licence was sealed with, as the ledger knew it when the licence was entered. */
struct licence_seal {
    uint32_t no;                 /* of the seal; NO_NONE: the licence names none; then previous is NO_NONE, the rest 0 */
    uint32_t making;             /* index among its makings: the one whose digest the issuer named */
    uint64_t entry;              /* the log entry that sealed the licence: what decides about a stop, whatever time a signature claims */
    uint32_t previous;           /* the licence sealed by it before this one; NO_NONE: the first. From seal.last_licence back: all of them */
};
struct licence {
    uint8_t key[32];
    uint32_t no;
    uint32_t version;
    enum licence_state state;
    uint32_t issuer_no, type_no;
    int32_t valid_from, valid_to;
    uint32_t holder_kind;
    uint8_t holder_tag[TAG_LEN], name_tag[TAG_LEN];
    uint8_t fields_root[32];
    uint32_t document_count;
    struct licence_seal seal;
    uint32_t previous_no, next_no;
    uint32_t component_count;
    uint32_t components[COMPONENTS_MAX]; /* nos */
    uint32_t acted_count;
    struct acted acted[ACTED_MAX];
    uint64_t since;              /* block that brought the present state */
    struct bytes reason, basis;  /* of the present state; empty after issue or resume without one */
    int32_t until;
    uint64_t history_count;
    uint8_t history_head[32];
    uint32_t last_link;          /* number of its newest link in the links table */
};
enum seal_state { SEAL_VALID = 1, SEAL_STOPPED = 2, SEAL_CANCELLED = 3 };
const char *seal_state_name(enum seal_state state); /* "valid", "stopped", "cancelled" */
/* One SESeal as it was made: what a document's signature holds. Past makings stay, because documents sealed with them do. */
struct seal_making {
    uint8_t digest[32], maker[32];
    uint32_t cert_count;
    uint8_t certs[SEAL_CERTS_MAX][32];
    int64_t from_ms, to_ms;      /* both ends in it */
    uint64_t entry;              /* that registered it */
    uint64_t suspect_since;      /* licences sealed with it at or after this entry are suspect; LOG_ENTRY_NONE: none */
};
/* One act on a seal. All are kept, not only each key's last as with a licence: a licence is judged by the acts before it was sealed. */
struct seal_act { uint32_t key_no; uint64_t entry; };
struct seal {
    struct bytes id;             /* esID */
    uint32_t no;
    uint32_t owner_no;           /* member */
    uint64_t owner_since;        /* entry from which it is the owner's; an issuer of before was checked when its licence was entered */
    uint32_t registrar_no;       /* member that registered it */
    enum seal_kind kind;
    struct bytes name;
    enum seal_state state;
    uint64_t since;              /* block that brought the present state, making or owner */
    struct bytes reason, basis;  /* of the newest act; empty after register, and resume without one */
    uint32_t making_count;       /* the last one is the present one */
    struct seal_making makings[SEAL_MAKINGS_MAX];
    uint32_t act_count;
    struct seal_act acts[SEAL_ACTS_MAX]; /* in the order of the log */
    uint64_t licence_count;      /* licences sealed with it, ever */
    uint32_t last_licence;       /* the newest of them; NO_NONE: none */
    uint64_t history_count;
    uint8_t history_head[32];
    uint32_t last_link;
};
struct number_object { uint32_t no, type_no; uint8_t tag[TAG_LEN]; uint32_t licence_no; };
struct document_object { uint32_t no; uint8_t key[32]; uint32_t licence_no; uint32_t version; enum document_kind kind; };

/* decode: strict, the value fills the bytes exactly. encode: returns false where it does not fit OBJECT_VALUE_MAX. */
struct refusal policy_decode(struct policy *out, struct bytes value);
struct refusal finality_decode(struct finality *out, struct bytes value);
struct refusal member_decode(struct member *out, struct bytes value);
struct refusal key_object_decode(struct key_object *out, struct bytes value);
struct refusal licence_type_decode(struct licence_type *out, struct bytes value);
struct refusal licence_decode(struct licence *out, struct bytes value);
struct refusal number_decode(struct number_object *out, struct bytes value);
struct refusal document_decode(struct document_object *out, struct bytes value);
struct refusal seal_decode(struct seal *out, struct bytes value);
MUST_USE bool policy_encode(struct wire_out *out, const struct policy *policy);
MUST_USE bool finality_encode(struct wire_out *out, const struct finality *finality);
MUST_USE bool member_encode(struct wire_out *out, const struct member *member);
MUST_USE bool key_object_encode(struct wire_out *out, const struct key_object *key);
MUST_USE bool licence_type_encode(struct wire_out *out, const struct licence_type *type);
MUST_USE bool licence_encode(struct wire_out *out, const struct licence *licence);
MUST_USE bool number_encode(struct wire_out *out, const struct number_object *number);
MUST_USE bool document_encode(struct wire_out *out, const struct document_object *document);
MUST_USE bool seal_encode(struct wire_out *out, const struct seal *seal);

/* One link of the history of a licence or a seal: what happened, in the order of the log. The head is a hash chain, so a history is complete or
 * it does not lead to the head in the leaf: head = tagged hash "licet/link/v1" of (previous head, link bytes 8..31); the first previous head is 32 zero bytes. */
#define LINK_LEN 32 /* u32 slot | u32 previous | u64 entry | u16 item | u8 op | u8 state | u32 key no | u64 time ms */
struct history_link {
    uint32_t slot;        /* the licence or seal */
    uint32_t previous;    /* number of its link before, NO_NONE for the first */
    uint64_t entry;
    uint32_t item;
    enum op op;
    uint8_t state;        /* resulting: enum seal_state or enum licence_state, by the subject of the operation */
    uint32_t key_no;
    int64_t time_ms;      /* header time */
};
void link_encode(uint8_t out[LINK_LEN], const struct history_link *link);
MUST_USE bool link_decode(struct history_link *out, const uint8_t in[LINK_LEN]);
const char *link_state_name(const struct history_link *link); /* NULL: no operation, or not a state of its subject */
void link_head(uint8_t head32[32], const uint8_t previous_head32[32], const struct history_link *link); /* covers entry..time */
#endif
