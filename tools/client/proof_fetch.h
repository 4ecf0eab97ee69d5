/* Proof fetch: a proof file from the node, with elements opened out of the issuer's private data. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_PROOF_FETCH_H
#define LICET_TOOLS_CLIENT_PROOF_FETCH_H
#include "tools/cli/cli.h"
#include "tools/cli/output_file.h"
#include "tools/client/anchor.h"

/* The licence's own proof, which speaks of all its documents and of what the signatures in them signed, so that copies resolve by it. fields: element codes to disclose
 * besides the identifier, which is opened whenever the private data beside --key hold it. anchor: the proof holds under it, or it is not written; NULL, or one without a genesis document: whoever is shown it will check. Writes path (--out). EXIT_VALID, or an exit code with a message. */
MUST_USE int proof_fetch(const struct cli *cli, struct anchor *anchor, const uint8_t key32[32], const char *const *fields, size_t field_count, const char *path, enum output_over over);
#endif
