/* Statement: a record signed and sent to a node, and the receipt for it. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_STATEMENT_H
#define LICET_TOOLS_CLIENT_STATEMENT_H
#include "crypto/keyfile.h"
#include "ledger/wire/record.h"
#include "tools/cli/cli.h"
#include "tools/client/http.h"
#include "tools/client/ledger.h"

/* What signs a statement, and what stands in its header. Views. */
struct statement_signing {
    const struct signer *signer;
    const uint8_t *genesis32;
    const char *uscc; /* the issuer's */
    const char *sub;  /* what the statement is about: a licence's key, a job's id */
};
enum statement_result { STATEMENT_SIGNED, STATEMENT_TOO_LARGE, STATEMENT_UNSIGNED /* signer_why says why */ };
/* The signed statement of a record into out, of which STATEMENT_BYTES_MAX is always enough. work: for the payload. No message. */
MUST_USE enum statement_result statement_sign(struct wire_out *out, uint8_t work[STATEMENT_BYTES_MAX], const struct statement_signing *by, const struct record *record);
/* Signs a record and posts it: 0 and the receipt, or an exit code with a message. */
struct posted { uint64_t block, index, entry; uint8_t *receipt; size_t receipt_len; bool repeated; struct refusal refusal; };
MUST_USE int statement_post(struct posted *out, const struct cli *cli, const struct signer *signer, const struct ledger_view *view, const char *uscc,
                            const struct record *record, const char *sub, bool quiet);
void posted_free(struct posted *posted);
/* The receipt that the node gave for a statement, checked where the genesis document lies beside the keys. EXIT_VALID, or an exit code with a message. */
struct receipt;
MUST_USE int ledger_receipt(struct receipt *out, const struct cli *cli, const struct ledger_view *view, const struct http_answer *answer, struct bytes statement);
#endif
