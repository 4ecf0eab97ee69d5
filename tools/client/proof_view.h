/* Proof view: a proof that was checked against the genesis document the user trusts, and what is said of it: one way for `verify --offline`, which
 * has the proof in a file, and for `verify`, which has it from a node. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_PROOF_VIEW_H
#define LICET_TOOLS_CLIENT_PROOF_VIEW_H
#include "ledger/rules/proof_source.h"
#include "ledger/wire/genesis.h"
#include <jansson.h>

/* What somebody trusts. Views; the names are for messages. */
struct proof_anchor {
    struct bytes genesis, pin; /* pin: a newer header, or data NULL */
    const char *genesis_by, *genesis_name, *pin_name; /* by: "--trust" */
};
/* Everything of one check: too large for a stack. Views into the bytes that it was opened with. */
struct proof_view {
    struct genesis genesis;
    struct finality finality;
    struct proof proof;
    struct proof_checked checked;
    struct proof_source source;
    struct verdict verdict;
    uint8_t document[32];
    char identifier[IDENTIFIER_MAX + 1];
    json_t *disclosed; /* elements that were opened, but for the identifier; new reference */
    bool pin_is_wrong; /* set by proof_view_anchor: not the genesis is what cannot be used */
    const char *note;
    char why[512];     /* where a call says so: why not, one sentence */
};

/* The genesis and the pin alone. False, and why: the genesis is none, or damaged; or the pin is no header of this ledger. */
MUST_USE bool proof_view_anchor(struct proof_view *view, const struct proof_anchor *anchor);
/* After the anchor: are the bytes what they must be: the ledger's own, final, every object in its place, not older than the pin? EXIT_VALID, or
 * EXIT_INTEGRITY and why. */
MUST_USE int proof_view_open(struct proof_view *view, const struct proof_anchor *anchor, struct bytes proof);
/* Ready for verdict_judge; and the time to judge at: our clock may be behind, but what the note says it was, it surely was. */
struct object_source proof_view_source(struct proof_view *view);
int64_t proof_view_at(const struct proof_view *view, int64_t now_ms);
/* Opens the elements that the proof discloses of the licence of view->verdict, and of no other one that stands in the same file: else the openings of an ended
 * licence could be shown under the verdict of a good one. EXIT_VALID, or EXIT_INTEGRITY and why. */
MUST_USE int proof_view_elements(struct proof_view *view);
/* A `valid` that is old hides what happened since; every other verdict stays what it is. max_age_ms below 0: what the ledger's policy says. EXIT_VALID, or
 * EXIT_STALE and why. */
MUST_USE int proof_view_fresh(struct proof_view *view, int64_t max_age_ms, int64_t now_ms);
/* The verdict in the shape of a node's answer, new reference; NULL: out of memory. */
json_t *proof_view_json(const struct proof_view *view, int64_t now_ms);
#endif
