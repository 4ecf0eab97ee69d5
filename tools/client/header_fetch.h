/* Header fetch: a block's header from a node, checked under the genesis document, as the file that --pin takes. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_HEADER_FETCH_H
#define LICET_TOOLS_CLIENT_HEADER_FETCH_H
#include "tools/cli/cli.h"
#include "tools/cli/output_file.h"
#include "tools/client/anchor.h"

/* which: a block's number from 1 on, or "newest". The header is of the anchor's ledger, of that number, sealed by its nodes, and neither older than the pin nor another one of its place; then its
 * bytes, and nothing else, are written to path (--out). The anchor must be there. EXIT_VALID and what was written on stdout, or an exit code with a message: EXIT_INTEGRITY where the
 * node's header does not hold. */
MUST_USE int header_fetch(const struct cli *cli, const struct anchor *anchor, const char *which, const char *path, enum output_over over);
#endif
