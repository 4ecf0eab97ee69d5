/* Anchor verdict: a node's verdict, as far as the anchor lets it be believed. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_ANCHOR_VERDICT_H
#define LICET_TOOLS_CLIENT_ANCHOR_VERDICT_H
#include "tools/cli/cli.h"
#include "tools/client/anchor.h"

/* A proof of this licence that a node gave, under the anchor, which is there: its verdict, `unknown` too, stands in anchor->view, whose views point into proof.
 * EXIT_VALID, or a message and EXIT_INTEGRITY (it does not hold, or holds too little) or EXIT_STALE. */
MUST_USE int anchor_proof(struct anchor *anchor, const uint8_t key32[32], struct bytes proof);

/* One verdict of the node into one that may be said: by its proof ("trust": "proof"), or where nothing proves it, on the node's word ("trust": "node"). What cannot be
 * believed reads `incomplete`; where an answer and its proof contradict each other "integrity" is false, where the proof is too old "stale" is true.
 * query: as it was sent; answered: the node's, NULL where it left it out. New reference. */
json_t *anchor_verdict(struct anchor *anchor, const struct cli *cli, const json_t *query, const json_t *answered);
#endif
