/* Licence id: what a person calls a licence. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_LICENCE_ID_H
#define LICET_TOOLS_CLIENT_LICENCE_ID_H
#include "ledger/wire/ident.h"
#include "tools/cli/cli.h"
#include "tools/client/ledger.h"

/* Says so on stderr where the identifier's check character fits none of the rules: real ones are like that too, so it is no error. */
void identifier_doubt(const char *identifier);
/* What a person calls a licence: its key in hex, or its identifier, whose key is computed here. identifier is "" where a key was given. */
struct licence_id { uint8_t key[32]; char hex[65]; char identifier[IDENTIFIER_MAX + 1]; };
MUST_USE int licence_id_read(struct licence_id *out, const struct cli *cli, const struct ledger_view *view, const char *text);
/* Normal form and shape only: false where the text is neither a key nor an identifier (no message). key is set where it was a key. */
MUST_USE bool licence_id_parse(struct licence_id *out, const char *text);
#endif
