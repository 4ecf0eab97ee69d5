/* Verdict parts: one judgement in progress, and what its files share. Layer: ledger/rules, only for verdict*.c. */
#ifndef LICET_RULES_VERDICT_PART_H
#define LICET_RULES_VERDICT_PART_H
#include "ledger/rules/verdict.h"

/* What one judgement knows so far. Faults and missing objects are sticky, like a reader's: callers read on and look once. */
struct judging {
    struct verdict *out;
    const struct verdict_query *query;
    const struct object_source *source;
    enum err fault;
    const char *missing; /* the first object the source could not say anything about */
    struct bytes value;  /* of the licence that is judged */
};

static inline bool gone_wrong(const struct judging *j) { return j->fault != ERR_OK || j->missing != NULL; }

static inline void note_found(struct judging *j, enum found found, const char *name) {
    switch (found) {
    case FOUND_YES:
    case FOUND_ABSENT: return;
    case FOUND_MISSING:
        if (j->missing == NULL) j->missing = name;
        return;
    case FOUND_FAULT: j->fault = ERR_CORRUPT; return;
    }
    ASSERT(false);
}

/* True: it is there. False: it is surely not, or something went wrong. */
static inline bool ask_id(struct judging *j, enum object_kind kind, struct bytes id, const char *name, struct bytes *value) {
    const enum found found = j->source->by_id(j->source->context, kind, id, value);
    note_found(j, found, name);
    return found == FOUND_YES;
}

/* An object that another object names is there, or the data are broken. */
static inline bool ask_no(struct judging *j, enum object_kind kind, uint32_t no, const char *name, struct bytes *value) {
    const enum found found = j->source->by_no(j->source->context, kind, no, value);
    note_found(j, found, name);
    if (found == FOUND_ABSENT) j->fault = ERR_CORRUPT;
    return found == FOUND_YES;
}

static inline bool expect(struct judging *j, bool in_order) {
    if (!in_order) j->fault = ERR_CORRUPT;
    return in_order;
}

static inline void copy_text(char *out, size_t cap, struct bytes text) {
    ASSERT(text.len < cap); /* the decoder's bounds are the buffers' sizes */
    if (text.len > 0) memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

/* --- seals (verdict_seal.c) --- */

/* What the seal of a licence says: read for every licence that names one, whatever its state. */
MUST_USE bool seal_suspect(struct judging *j, const struct licence *licence);
struct seals_said {
    bool agree;   /* nothing was shown, or the licence names no seal, or the one it names was shown */
    bool suspect; /* the licence's own seal is suspect for it */
};
/* Fills seal and shown of the verdict. licence NULL: told without one. */
struct seals_said seals_judge(struct judging *j, const struct licence *licence);
#endif
