/* Verdict: what a window is told, from records and a time: one pure function for node and offline verifier, so that they cannot differ.
 * Layer: ledger/state. Words, codes and shape: DESIGN section 9. */
#ifndef LICET_STATE_VERDICT_H
#define LICET_STATE_VERDICT_H
#include "ledger/wire/object.h"

/* Where records come from: the node's snapshot, or a checked proof. A value given is one whose hash was checked in this call. */
enum found { FOUND_YES, FOUND_ABSENT /* surely not there */, FOUND_MISSING /* this source cannot say: a proof without it */, FOUND_FAULT };
struct record_source {
    void *context;
    const uint8_t *genesis;
    /* value lives until the next-but-15 call (a source keeps at least 16 values alive). */
    enum found (*by_id)(void *context, enum object_kind kind, struct bytes id, struct bytes *value);
    enum found (*by_no)(void *context, enum object_kind kind, uint32_t no, struct bytes *value);
};

enum verdict_word {
    VERDICT_VALID, VERDICT_NOT_ACTIVE, VERDICT_SUSPENDED, VERDICT_LAPSED, VERDICT_CANCELLED, VERDICT_ANNULLED, VERDICT_REVOKED,
    VERDICT_SUPERSEDED, VERDICT_TRANSFERRED, VERDICT_UNKNOWN, VERDICT_MISMATCH, VERDICT_INCOMPLETE
};
const char *verdict_word_text(enum verdict_word word);
int verdict_code(enum verdict_word word); /* GB/T 36906: 0..6 */
int verdict_exit(enum verdict_word word); /* exit code of licet */

/* All that is given must agree; what is not given is not compared. At least one of document, licence, number. Document and licence must lead
 * to the same licence; a number also agrees with a licence that was renewed or amended into the one that holds it now (so that an old
 * document shown with its number reads superseded, not mismatch), over at most VERDICT_VERSIONS_MAX versions.
 * A document of an older version of the same licence reads superseded, one of a newer version mismatch. */
#define VERDICT_VERSIONS_MAX 32u
struct verdict_query {
    const uint8_t *document_key, *licence_key, *number_tag, *holder_tag;
    struct bytes type_code;   /* needed with number_tag; without one it is compared */
    /* The name tag depends on the licence key, which may only be found out on the way: */
    bool (*name_agrees)(void *context, const struct licence *licence); /* NULL: not asked */
    void *name_context;
    struct verdict_kept *kept; /* may be NULL */
};
/* What was found out about issuers, types and keys, for the next judgements over the very same source and records: very many licences are of one
 * type. Zeroed at first; verdict_kept_call where a call begins: what an earlier call found out is only used once its records have been asked for, and
 * with that their hashes checked, in this one. Not with a traced source: what is not asked for again is not in its proof. */
#define VERDICT_KEPT 8u
#define VERDICT_KEPT_KEYS 32u
struct verdict_kept {
    uint64_t call;
    uint32_t next;
    struct verdict_parties {
        bool set, authorised;
        uint64_t call;
        uint32_t issuer_no, type_no;
        char issuer_id[USCC_LEN + 1], issuer_name[NAME_MAX_BYTES + 1], type_code[TYPE_CODE_LEN + 1], type_name[NAME_MAX_BYTES + 1];
    } parties[VERDICT_KEPT];
    struct verdict_key { bool set; uint32_t no; uint64_t call, compromised_since; } keys[VERDICT_KEPT_KEYS]; /* found by number */
};
static inline void verdict_kept_call(struct verdict_kept *kept) { kept->call++; }
enum document_match { DOCUMENT_NONE, DOCUMENT_MATCH, DOCUMENT_COPY };
struct verdict {
    enum verdict_word word;
    enum document_match document;
    bool has_licence;                  /* the members below are set; never for unknown, mismatch and incomplete, which tell nothing else */
    struct licence licence;            /* views point into buffer */
    char issuer_id[USCC_LEN + 1], issuer_name[NAME_MAX_BYTES + 1];
    bool issuer_authorised;            /* active, issue role, type allowed now */
    char type_code[TYPE_CODE_LEN + 1], type_name[NAME_MAX_BYTES + 1];
    bool by_compromise;                /* suspended only because a key that acted was declared compromised */
    bool component_fails;              /* a composite that is not valid because a component is not; the word is the component's */
    bool has_superseded_by;
    uint8_t superseded_by[32];         /* licence key */
    const char *missing;               /* INCOMPLETE: what was missing; static text */
    uint8_t buffer[RECORD_VALUE_MAX];  /* keeps the views alive */
};
/* at_ms: the time asked for (validity is judged in the Asia/Shanghai calendar). ERR_CORRUPT where the source has a fault, or records
 * contradict each other.
 * Order: mismatch, unknown, incomplete; then suspended where the key that acted last did so at or after its compromise (whatever it did);
 * the licence's final state; suspended (transferring reads so, and a valid licence on which any key acted at or after its compromise); not_active, lapsed; then the components in the order listed and theirs after them, by the
 * same rules: the first that is not valid gives the word; else valid.
 * Which records are asked for depends on the query and the records only, never on at_ms: a proof made today still tells `lapsed`
 * next year. They are: document, licence, number (with its type) as asked; issuer; type; superseding licence; every key that acted;
 * seal; every component, at most VERDICT_COMPONENTS_MAX in all, with the keys that acted on it. */
#define VERDICT_COMPONENTS_MAX 64u
MUST_USE enum err verdict_judge(struct verdict *out, const struct verdict_query *query, const struct record_source *source, int64_t at_ms);

/* Trace: a source that notes what is asked of another one: exactly these records go into a proof. Repeats are noted once. */
#define TOUCHED_MAX 128u
struct touched {
    enum object_kind kind;
    bool present;
    uint8_t map_key[32];
    uint8_t id[SEAL_ID_MAX]; /* of an absent one; empty for a present one */
    size_t id_len;
};
struct record_trace {
    const struct record_source *inner;
    struct touched touched[TOUCHED_MAX]; /* in the order first asked */
    uint32_t count;
    bool overflow;                       /* more than fit: no proof can be made of it */
};
/* The returned source points to trace and inner, which must outlive it. */
struct record_source record_trace_over(struct record_trace *trace, const struct record_source *inner);
#endif
