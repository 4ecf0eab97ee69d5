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

/* All that is given must agree; what is not given is not compared. At least one of document, licence, number. */
struct verdict_query {
    const uint8_t *document_key, *licence_key, *number_tag, *holder_tag;
    struct bytes type_code;   /* needed with number_tag */
    /* The name tag depends on the licence key, which may only be found out on the way: */
    bool (*name_agrees)(void *context, const struct licence *licence); /* NULL: not asked */
    void *name_context;
};
enum document_match { DOCUMENT_NONE, DOCUMENT_MATCH, DOCUMENT_COPY };
struct verdict {
    enum verdict_word word;
    enum document_match document;
    bool has_licence;                  /* the members below are set */
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
/* at_ms: the time asked for (validity is judged in the Asia/Shanghai calendar). ERR_CORRUPT or ERR_IO from the source. */
MUST_USE enum err verdict_judge(struct verdict *out, const struct verdict_query *query, const struct record_source *source, int64_t at_ms);
#endif
