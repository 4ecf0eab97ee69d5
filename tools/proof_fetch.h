/* Proof fetch: a proof file from the node, with elements opened out of the issuer's private data. Layer: tools. */
#ifndef LICET_TOOLS_PROOF_FETCH_H
#define LICET_TOOLS_PROOF_FETCH_H
#include "tools/ledger.h"
#include "tools/output_file.h"

/* document: a file the proof is to be about, or NULL. fields: element codes to disclose besides the identifier, which is opened whenever the private
 * data beside --key hold it. Writes path (--out). EXIT_VALID, or an exit code with a message. */
MUST_USE int proof_fetch(const struct cli *cli, const uint8_t key32[32], const char *document, const char *const *fields, size_t field_count,
                         const char *path, enum output_over over);
/* {"alg":"sha-256","digest":hex} of a file; NULL with a message. */
MUST_USE json_t *document_query(const char *path);
#endif
