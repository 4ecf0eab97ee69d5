/* Verdict as JSON: one shape for the node's answers and the commands' --json (DESIGN section 9). Layer: ledger/rules. */
#ifndef LICET_RULES_VERDICT_JSON_H
#define LICET_RULES_VERDICT_JSON_H
#include "ledger/rules/verdict.h"
#include "ledger/wire/emit.h"

/* What a verdict does not know about itself. */
struct verdict_frame {
    struct bytes chain;      /* chain id */
    uint64_t height;
    int64_t time_ms;         /* of the head note, or of the header where there is none */
    int64_t now_ms;          /* the asker's: age_ms counts from time_ms to it */
    struct bytes identifier; /* shown with the licence; data NULL: null */
    struct bytes proof;      /* a .licet, shown as base64url; data NULL: null */
    bool detail;             /* the licence with type_name, version and count besides: for who looks at one licence */
    struct bytes as_of;      /* what verdict_as_of wrote of this chain, height and times: many verdicts of one call share it; data NULL: written anew */
    const char *note;        /* what else there is to say; NULL: what the verdict itself has to say, or nothing */
};
/* The value of as_of. */
#define VERDICT_AS_OF_MAX 512u
void verdict_as_of(struct emit *out, const struct verdict_frame *frame);
/* False where it did not fit (out->full). */
bool verdict_json(struct emit *out, const struct verdict *verdict, const struct verdict_frame *frame);
#endif
