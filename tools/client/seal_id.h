/* Seal id: how the seal commands name a seal to the node, and what it says of it. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_SEAL_ID_H
#define LICET_TOOLS_CLIENT_SEAL_ID_H
#include "tools/cli/cli.h"

#define SEAL_PATH_MAX 320u
/* "/v1/seals/ID" and what follows it ("", "/history", ...), the id escaped. False where it is no esID: 1 to SEAL_ID_MAX bytes. */
MUST_USE bool seal_path(char out[SEAL_PATH_MAX], const char *id, const char *rest);
/* What GET answers; NULL with a message and an exit code. */
MUST_USE json_t *seal_fetch(const struct cli *cli, const char *id, const char *rest, int *exit_code);
#endif
