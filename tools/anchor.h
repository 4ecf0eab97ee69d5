/* Anchor: what `licet verify` believes an answer by: a genesis document that the user trusts, or where there is none, the node of this machine. DESIGN section 10.
 * Layer: tools. */
#ifndef LICET_TOOLS_ANCHOR_H
#define LICET_TOOLS_ANCHOR_H
#include "tools/proof_view.h"
#include <limits.h>

#define ANCHOR_TRUST_SPEC                                                                                                                \
    {"trust", OPTION_FILE, "the ledger's genesis.cbor, got from somebody you trust ($LICET_TRUST, or the one beside --key): answers are proved by it", \
     "账本的 genesis.cbor，应取自可信的一方（$LICET_TRUST，或 --key 旁边的文件）：用它核实应答"}
#define ANCHOR_OPTION_SPECS                                                                                                              \
    ANCHOR_TRUST_SPEC,                                                                                                                   \
    {"pin", OPTION_FILE, "a newer block header that you trust besides; `licet status --header` writes one", "另外信任的较新区块头；可用 `licet status --header` 写出"},                                                                        \
    {"max-age", OPTION_TEXT, "oldest proof of `valid` that is accepted: 90s, 5m, 24h, 7d (what the ledger's policy says)", "可接受的最旧有效证明：90s、5m、24h、7d（默认按账本规则）"}

struct anchor {
    char path[PATH_MAX];       /* of the genesis document; "" where there is none */
    const char *by;            /* what named it: static text */
    bool named;                /* by --trust or $LICET_TRUST: then nothing is said on a node's word that lets anybody in */
    uint8_t *genesis, *pin;    /* own */
    size_t genesis_len, pin_len;
    int64_t max_age_ms;        /* -1: what the ledger's policy says */
    struct proof_view *view;   /* own; for one query after the other */
};
/* By --trust, else $LICET_TRUST, else the genesis.cbor beside the keys. What was named and cannot be used is an error. EXIT_VALID, or an exit code with a message.
 * anchor_free whatever comes back. */
MUST_USE int anchor_find(struct anchor *out, const struct cli *cli, const struct options *options);
void anchor_free(struct anchor *anchor);
static inline bool anchor_is(const struct anchor *anchor) { return anchor->path[0] != '\0'; }
/* May the node be asked at all? Without a genesis document only that of this machine. EXIT_VALID, or EXIT_USAGE with a message. */
MUST_USE int anchor_allows(const struct anchor *anchor, const struct cli *cli);
/* ledger_view_load, and does the node keep the anchor's ledger? Then nothing is signed for another one, and receipts are checked by it (view->finality). EXIT_VALID, also
 * without an anchor; or an exit code with a message, EXIT_INTEGRITY where it keeps another. ledger_view_free whatever comes back. */
MUST_USE int anchor_ledger(const struct anchor *anchor, struct ledger_view *view, const struct cli *cli);
/* The same for a command that signs and needs no anchor for anything else. */
MUST_USE int anchor_ledger_found(struct ledger_view *view, const struct cli *cli, const struct options *options);

/* A proof of this licence that a node gave, under the anchor, which is there: its verdict, `unknown` too, stands in anchor->view, whose views point into proof.
 * EXIT_VALID, or a message and EXIT_INTEGRITY (it does not hold, or holds too little) or EXIT_STALE. */
MUST_USE int anchor_proof(struct anchor *anchor, const uint8_t key32[32], struct bytes proof);

/* One verdict of the node into one that may be said: by its proof ("trust": "proof"), or where nothing proves it, on the node's word ("trust": "node"). What cannot be
 * believed reads `incomplete`; where an answer and its proof contradict each other "integrity" is false, where the proof is too old "stale" is true.
 * query: as it was sent; answered: the node's, NULL where it left it out. New reference. */
json_t *anchor_verdict(struct anchor *anchor, const struct cli *cli, const json_t *query, const json_t *answered);
#endif
