/* Ledger: what a node says of its ledger and of its types, which the commands ask before they sign or look something up. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_LEDGER_H
#define LICET_TOOLS_CLIENT_LEDGER_H
#include "ledger/wire/ident.h"
#include "tools/cli/cli.h"
#include <limits.h>

struct ledger_view {
    uint8_t genesis[32];
    char chain_id[64];
    uint8_t *document;          /* the genesis document that is trusted, by which the node's receipts are checked; NULL: none is known */
    struct finality *finality;  /* of it; points into it */
    json_t *types; /* array of GET /v1/types */
};
MUST_USE int ledger_view_load(struct ledger_view *out, const struct cli *cli);
void ledger_view_free(struct ledger_view *view);
/* This genesis document says which ledger is meant: EXIT_VALID and receipts are checked by it, or EXIT_INTEGRITY with a message: the node keeps another ledger, or the
 * document is damaged. path: for messages. */
MUST_USE int ledger_view_pin(struct ledger_view *view, const struct cli *cli, const char *path, struct bytes document);
/* The genesis.cbor beside the keys. False: no key is known, or nothing is there by that name; a link that leads nowhere is there, and is told when it is opened. */
bool genesis_beside_key(char out[PATH_MAX], const struct cli *cli);
/* The type with this code, or the only one with this name; NULL with a message. */
const json_t *ledger_type(const struct ledger_view *view, struct bytes code);
/* The member that owns the signer's key. */
struct ledger_member { char uscc[USCC_LEN + 1], name[NAME_MAX_BYTES + 1]; };
MUST_USE int ledger_member_of(struct ledger_member *out, const struct cli *cli, const struct signer *signer);
#endif
