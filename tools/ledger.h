/* Ledger: what the commands ask of the node before they sign or look something up. Layer: tools. See also cli.h. */
#ifndef LICET_TOOLS_LEDGER_H
#define LICET_TOOLS_LEDGER_H
#include "ledger/kv/private.h"
#include "ledger/wire/ident.h"
#include "ledger/wire/record.h"
#include "ledger/wire/tags.h"
#include "tools/cli.h"
#include <limits.h>

/* All pages of a list of the node: {NAME: [...], "next": number or null}. NULL with a message. */
MUST_USE json_t *ledger_list(const struct cli *cli, const char *path, const char *name, int *exit_code);
/* The type with this code, or the only one with this name; NULL with a message. */
const json_t *ledger_type(const struct ledger_view *view, struct bytes code);
/* How the type's tags are made: the secret of a keyed type is read from the folder `lookup` beside --key. Points into view and type.
 * EXIT_VALID, or an exit code with a message. The caller wipes *out. */
MUST_USE int ledger_lookup(struct lookup *out, const struct cli *cli, const struct ledger_view *view, const json_t *type);
/* The genesis.cbor beside the keys. False: no key is known, or nothing is there by that name; a link that leads nowhere is there, and is told when it is opened. */
bool genesis_beside_key(char out[PATH_MAX], const struct cli *cli);
/* The look-up secret of a type, out of the folder `lookup` beside --key. EXIT_VALID, or an exit code with a message. */
MUST_USE int ledger_secret(uint8_t out32[32], const struct cli *cli, const char *type_code);
/* Is that secret here? No message. */
bool ledger_holds_secret(const struct cli *cli, struct bytes type_code);
/* The member that owns the signer's key. */
struct ledger_member { char uscc[USCC_LEN + 1], name[NAME_MAX_BYTES + 1]; };
MUST_USE int ledger_member_of(struct ledger_member *out, const struct cli *cli, const struct signer *signer);

/* Says so on stderr where the identifier's check character fits none of the rules: real ones are like that too, so it is no error. */
void identifier_doubt(const char *identifier);
/* What a person calls a licence: its key in hex, or its identifier, whose key is computed here. identifier is "" where a key was given. */
struct licence_id { uint8_t key[32]; char hex[65]; char identifier[IDENTIFIER_MAX + 1]; };
MUST_USE int licence_id_read(struct licence_id *out, const struct cli *cli, const struct ledger_view *view, const char *text);
/* Normal form and shape only: false where the text is neither a key nor an identifier (no message). key is set where it was a key. */
MUST_USE bool licence_id_parse(struct licence_id *out, const char *text);

/* DIR/private beside DIR/keys. EXIT_VALID and NULL where there is none and it is not to be made. */
MUST_USE int private_beside_key(struct private_store **out, const struct cli *cli, bool create);

/* The receipt that the node gave for a statement, checked where the genesis document lies beside the keys. EXIT_VALID, or an exit code with a message. */
struct receipt;
MUST_USE int ledger_receipt(struct receipt *out, const struct cli *cli, const struct ledger_view *view, const struct http_answer *answer, struct bytes statement);
/* A problem body of the node as a refusal; false where it is none. field lives until the thread's next call. */
MUST_USE bool problem_read(struct refusal *out, const struct http_answer *answer);
/* The message for an answer that is not the one hoped for; returns the exit code. */
int http_failed(const struct cli *cli, const struct http_answer *answer);
#endif
