/* Key: the key that --key names, and the folder that belongs to it. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_KEY_H
#define LICET_TOOLS_CLI_KEY_H
#include "crypto/keyfile.h"
#include "crypto/secretdir.h"
#include "crypto/token.h"
#include "tools/cli/cli.h"

/* The signer named by --key (CODE: exit with a sentence). A token's needs --home too, since what goes with a key lies in no folder beside it. */
MUST_USE int cli_signer(struct signer **out, const struct cli *cli);
/* HOME/keys, else the folder the key file lies in; look-up secrets are in DIR/lookup, private data in DIR/../private. False: neither is known. */
MUST_USE bool cli_key_dir(char *out, size_t cap, const struct cli *cli);
#define CLI_KEY_SHOWN 512u
const char *cli_key_shown(char out[CLI_KEY_SHOWN], const struct cli *cli); /* --key for messages; returns out */
#endif
