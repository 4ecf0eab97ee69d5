/* Verify offline: a proof file, and a document beside it, judged without any node. Layer: tools/verify. */
#ifndef LICET_TOOLS_VERIFY_VERIFY_OFFLINE_H
#define LICET_TOOLS_VERIFY_VERIFY_OFFLINE_H
#include "crypto/bytes.h"
#include <jansson.h>

struct report;
struct offline {
    const char *proof;
    const struct report *report; /* what sealed_look found in the file that is shown with it; NULL: none is */
    const char *trust_by, *trust, *pin; /* what names genesis.cbor, and its name; a newer header that the user pinned, or NULL */
    const char *id;           /* or NULL */
    int64_t max_age_ms;       /* -1: what the ledger's policy says */
    int64_t now_ms;
};
/* Adds a verdict for each part of the file as sealed_documents lists them, in the shape of a node's answers; one, where no file is shown, or where the proof speaks of none of its
 * parts. A part that it does not speak of while it does of another reads `unknown` and is marked "unproved". "stale": the proof is too old for what it says. EXIT_VALID, or
 * an exit code with a message and nothing to be said: 20 where the proof does not hold. */
MUST_USE int verify_offline(json_t *verdicts, const struct offline *asked);
#endif
