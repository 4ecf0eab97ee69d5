/* Issue documents: the documents of a licence that is issued: each looked at before it is registered, and the seal that they bear. Layer: tools/issue. */
#ifndef LICET_TOOLS_ISSUE_DOCUMENTS_H
#define LICET_TOOLS_ISSUE_DOCUMENTS_H
#include "tools/cli/cli.h"
#include "tools/issue/issue.h"

/* Of issue_build: each --doc looked at: refused where a step of its signatures failed (EXIT_MISMATCH), registered by its own digest and, an OFD, by what its
 * signatures signed, so that a stamped copy resolves. Its text is compared with what was typed: a warning, never a refusal. */
MUST_USE int issue_documents(struct issue *issue, const struct options *options, const uint8_t genesis[32], const char *uscc);
/* After issue_build: names the seal in the item where the ledger knows it, warns where it does not. */
MUST_USE int issue_seal(struct issue *issue, const struct cli *cli);
#endif
