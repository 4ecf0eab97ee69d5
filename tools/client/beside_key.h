/* Beside the key: what a department keeps in the folders around its key: the genesis document, the look-up secrets, the private data. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_BESIDE_KEY_H
#define LICET_TOOLS_CLIENT_BESIDE_KEY_H
#include "ledger/kv/private.h"
#include "ledger/wire/tags.h"
#include "tools/cli/cli.h"
#include "tools/client/ledger.h"

/* The look-up secret of a type, out of the folder `lookup` beside --key. EXIT_VALID, or an exit code with a message. */
MUST_USE int ledger_secret(uint8_t out32[32], const struct cli *cli, const char *type_code);
/* Is that secret here? No message. */
bool ledger_holds_secret(const struct cli *cli, struct bytes type_code);
/* How the type's tags are made: the secret of a keyed type is read from the folder `lookup` beside --key. Points into view and type.
 * EXIT_VALID, or an exit code with a message. The caller wipes *out. */
MUST_USE int ledger_lookup(struct lookup *out, const struct cli *cli, const struct ledger_view *view, const json_t *type);
/* DIR/private beside DIR/keys. EXIT_VALID and NULL where there is none and it is not to be made. */
MUST_USE int private_beside_key(struct private_store **out, const struct cli *cli, bool create);
#endif
