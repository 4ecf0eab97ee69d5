/* Verdict: what a window is told, from objects and a time: one pure function for node and offline verifier, so that they cannot differ.
 * Layer: ledger/rules. Words, codes and shape: DESIGN section 9. */
#ifndef LICET_RULES_VERDICT_H
#define LICET_RULES_VERDICT_H
#include "ledger/wire/object.h"

/* Where objects come from: the node's snapshot, or a checked proof. A value given is one whose hash was checked in this call. */
enum found { FOUND_YES, FOUND_ABSENT /* surely not there */, FOUND_MISSING /* this source cannot say: a proof without it */, FOUND_FAULT };
struct object_source {
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
#define VERDICT_SEALS_MAX 8u
struct shown_seal { /* a seal that the asker found in the document */
    struct bytes id;              /* esID, 1..SEAL_ID_MAX bytes */
    const uint8_t *digest32;      /* SHA-256 of the SESeal's DER */
    const uint8_t *certificate32; /* SHA-256 of the signer's certificate; NULL: not shown */
};
struct verdict_query {
    const uint8_t *document_key, *licence_key, *number_tag, *holder_tag;
    /* What the asker took the document's digest from: a file, or what a signature that holds has signed. A digest registered as another kind is a mismatch:
     * what a signature signed is no document. 0: not compared, where nobody shows a document (the subject of a proof). */
    enum document_kind document_kind;
    struct bytes type_code;   /* needed with number_tag; without one it is compared */
    /* The name tag depends on the licence key, which may only be found out on the way: */
    bool (*name_agrees)(void *context, const struct licence *licence); /* NULL: not asked */
    void *name_context;
    struct verdict_kept *kept; /* may be NULL */
    const struct shown_seal *seals; /* NULL: not looked for; not NULL and none: the document bears none */
    uint32_t seal_count;       /* at most VERDICT_SEALS_MAX */
};
/* What was found out about issuers, types and keys, for the next judgements over the very same source and objects: very many licences are of one
 * type. Zeroed at first; verdict_kept_call where a call begins: what an earlier call found out is only used once its objects have been asked for, and
 * with that their hashes checked, in this one. Not with a traced source: what is not asked for again is not in its proof. */
#define VERDICT_KEPT 8u
#define VERDICT_KEPT_KEYS 32u
struct verdict_kept {
    bool used; /* else it is all zero still */
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

/* What the ledger can say of a seal, in this order. X(NAME, text), and where it passes: texts are part of the answers and never change their meaning.
 * Of a licence's own seal all but two are known without a document: those are not_checked (not_shown) until the asker shows the seal. */
#define SEAL_STEP_LIST(X)                                                                                         \
    X(REGISTERED, "seal_registered") /* the seal is on the ledger */                                              \
    X(DIGEST, "seal_digest") /* the seal's data are those of one of its makings */                                \
    X(CERTIFICATE, "seal_certificate") /* the signer's certificate is one that this making lists */               \
    X(OWNER, "seal_owner") /* the seal was the issuer's */                                                        \
    X(NAMED, "seal_named") /* the licence was registered under this making of this seal */                        \
    X(STATE, "seal_state") /* nothing makes the seal suspect for this licence; without one, it is in force now */
enum seal_step {
#define X(name, text) SEAL_STEP_##name,
    SEAL_STEP_LIST(X)
#undef X
    SEAL_STEP_COUNT
};
enum seal_result { SEAL_PASSED, SEAL_FAILED, SEAL_NOT_CHECKED };
/* Why a step failed or was not checked. X(NAME, text, English) */
#define SEAL_WHY_LIST(X)                                                                                        \
    X(NONE, "", "")                                                                                             \
    X(UNKNOWN, "seal_unknown", "no such seal is on this ledger")                                                \
    X(NO_RECORD, "no_record", "the proof does not hold this seal's record")                                     \
    X(DIGEST_DIFFERS, "digest_differs", "the seal's data are none that were registered under its number")       \
    X(NOT_LISTED, "not_listed", "the signer's certificate is not among those registered for the seal")          \
    X(OTHER_OWNER, "other_owner", "the seal belongs to another than the issuer")                                \
    X(OTHER_SEAL, "other_seal", "the licence was registered under another seal, or another making of it")       \
    X(SUSPECT, "suspect", "the licence was entered after the seal had become suspect")                          \
    X(KEY_COMPROMISED, "key_compromised", "a key that had acted on the seal was declared compromised")          \
    X(STOPPED, "stopped", "the seal is stopped")                                                                \
    X(CANCELLED, "cancelled", "the seal is cancelled")                                                          \
    X(MADE_AGAIN, "made_again", "the seal has been made again since; without a licence nobody knows which came first") \
    X(NOT_SHOWN, "not_shown", "the seal in the document was not shown")                                         \
    X(NOT_NAMED, "not_named", "the licence was registered without a seal")                                      \
    X(NO_LICENCE, "no_licence", "there is no licence to compare with")                                          \
    X(EARLIER, "earlier_failed", "an earlier step failed")
enum seal_why {
#define X(name, text, en) SEAL_WHY_##name,
    SEAL_WHY_LIST(X)
#undef X
};
const char *seal_step_text(enum seal_step step);
const char *seal_result_text(enum seal_result result); /* "passed" "failed" "not_checked" */
const char *seal_why_text(enum seal_why why);          /* "" for NONE */
const char *seal_why_en(enum seal_why why);
struct verdict_seal {
    char id[SEAL_ID_MAX + 1];
    bool known;                        /* its object was read; else the members down to owner_name are empty */
    enum seal_kind kind;
    enum seal_state state;             /* now, which need not be what it was when the licence was sealed: see SEAL_STEP_STATE */
    uint64_t since;                    /* block that brought the present state */
    char name[NAME_MAX_BYTES + 1], owner_id[USCC_LEN + 1], owner_name[NAME_MAX_BYTES + 1];
    enum seal_result result;           /* failed: a step did; passed: all did; else not_checked */
    struct { enum seal_result result; enum seal_why why; } steps[SEAL_STEP_COUNT];
};

static inline void verdict_kept_call(struct verdict_kept *kept) { kept->call++; }
enum document_match { DOCUMENT_NONE, DOCUMENT_MATCH, DOCUMENT_COPY };
struct verdict {
    enum verdict_word word;
    enum document_match document;
    bool has_licence;                  /* the members below but the seals are set; never for unknown, mismatch and incomplete, which tell nothing else */
    struct licence licence;            /* views point into buffer */
    char issuer_id[USCC_LEN + 1], issuer_name[NAME_MAX_BYTES + 1];
    bool issuer_authorised;            /* active, issue role, type allowed now */
    char type_code[TYPE_CODE_LEN + 1], type_name[NAME_MAX_BYTES + 1];
    bool by_seal;                      /* suspended only because of the seal: SEAL_STEP_STATE of `seal` says why */
    bool by_compromise;                /* suspended only because a key that acted was declared compromised */
    bool component_fails;              /* a composite that is not valid because a component is not; the word is the component's */
    bool has_superseded_by;
    uint8_t superseded_by[32];         /* licence key */
    const char *missing;               /* INCOMPLETE: what was missing; static text */
    bool other_kind;                   /* mismatch: the document's digest is registered, but not as what the asker took it from */
    bool without_seal;                 /* mismatch: the licence names a seal, and the document bears none */
    bool has_seal;                     /* `seal` is the licence's own, or where it names none, the first that was shown */
    uint32_t shown_count;              /* as many as the query showed, in its order; where has_licence is not set, told without looking at a licence,
                                          but for a mismatch of a document that was found and shown under another seal than its licence's */
    uint8_t buffer[OBJECT_VALUE_MAX];  /* keeps the views alive */
    struct verdict_seal seal, shown[VERDICT_SEALS_MAX];
};
/* at_ms: the time asked for (validity is judged in the Asia/Shanghai calendar). ERR_CORRUPT where the source has a fault, or objects
 * contradict each other.
 * A licence that names a seal, shown with seals of which none is that one (id and making, and signed by a certificate that it lists): mismatch; so is one whose document
 * bears no seal at all. More seals beside it are no fault: copies are stamped. One whose licence names none is judged for itself.
 * A seal makes a licence suspect from the entry on that a stop, a cancellation or a re-making said, or where a key acted on the seal at or after its
 * compromise between the making that the licence names and the licence's own entry. The log's order decides, never a time that a signature claims.
 * Order: mismatch, unknown, incomplete; then suspended where the key that acted last did so at or after its compromise (whatever it did);
 * the licence's final state; suspended (transferring reads so, and a valid licence on which any key acted at or after its compromise, or whose
 * seal is suspect for it); not_active, lapsed; then the components in the order listed and theirs after them, by the
 * same rules: the first that is not valid gives the word; else valid.
 * Which objects are asked for depends on the query and the objects only, never on at_ms: a proof made today still tells `lapsed`
 * next year. They are: document, licence, number (with its type) as asked; issuer; type; superseding licence; every key that acted;
 * seal, with its owner and the keys whose acts on it count; every component, at most VERDICT_COMPONENTS_MAX in all, with the keys that acted on it and
 * its seal. A shown seal whose object the source lacks is not_checked, unless it is the licence's own. */
#define VERDICT_COMPONENTS_MAX 64u
MUST_USE enum err verdict_judge(struct verdict *out, const struct verdict_query *query, const struct object_source *source, int64_t at_ms);

/* Trace: a source that notes what is asked of another one: exactly these objects go into a proof. Repeats are noted once. */
#define TOUCHED_MAX 128u
struct touched {
    enum object_kind kind;
    bool present;
    uint8_t map_key[32];
    uint8_t id[SEAL_ID_MAX]; /* of an absent one; empty for a present one */
    size_t id_len;
};
struct object_trace {
    const struct object_source *inner;
    struct touched touched[TOUCHED_MAX]; /* in the order first asked */
    uint32_t count;
    bool overflow;                       /* more than fit: no proof can be made of it */
};
/* The returned source points to trace and inner, which must outlive it. */
struct object_source object_trace_over(struct object_trace *trace, const struct object_source *inner);
#endif
