/* Anchor: what `licet verify` believes an answer by: a genesis document that the user trusts, or where there is none, the node of this machine. DESIGN section 10.
 * Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_ANCHOR_H
#define LICET_TOOLS_CLIENT_ANCHOR_H
#include "tools/cli/cli.h"
#include "tools/client/ledger.h"
#include "tools/client/proof_view.h"
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
#endif
