/* History check: is what a node tells of a licence's history true and complete? Nothing of its word is believed: the licence's object is proved under a head
 * that is final by the genesis document, the links must lead to the hash chain in it, each statement must be signed by the key that the link names and say what
 * the link says, and each must be in the log by a receipt of this ledger. Layer: tools/licence. */
#ifndef LICET_TOOLS_LICENCE_HISTORY_CHECK_H
#define LICET_TOOLS_LICENCE_HISTORY_CHECK_H
#include "tools/cli/cli.h"
#include "tools/client/anchor.h"
#include "tools/client/licence_id.h"

/* links: all of them, oldest first, with statements, as GET .../history?statements=1 has them. The anchor's view holds the licence's proof, checked.
 * EXIT_VALID; EXIT_INTEGRITY with a message that names the first link that is not true. */
MUST_USE int history_check(const struct cli *cli, struct anchor *anchor, const struct licence_id *id, const json_t *links);
#endif
