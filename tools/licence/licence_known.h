/* Licence known: what this machine knows of a licence besides what the ledger says: its type's name, and where the issuer's `private/` lies beside --key, the
 * elements that the ledger holds salted only. Layer: tools/licence. */
#ifndef LICET_TOOLS_LICENCE_LICENCE_KNOWN_H
#define LICET_TOOLS_LICENCE_LICENCE_KNOWN_H
#include "ledger/kv/private.h"
#include "tools/cli/cli.h"
#include "tools/client/ledger.h"

struct licence_known {
    const struct ledger_view *view;
    struct private_store *store; /* NULL: no private data here */
    struct private_licence held; /* of the last licence_known_of that opened; views into buffer */
    uint8_t *buffer;
    bool opened;
};
/* EXIT_VALID, or an exit code with a message. licence_known_close whatever comes back. */
MUST_USE int licence_known_open(struct licence_known *out, const struct cli *cli, const struct ledger_view *view);
void licence_known_close(struct licence_known *known); /* wipes what was read */
/* Opens the private data of one licence: known->opened tells whether they are here, and those that make this fields root. root32 NULL: not compared. */
void licence_known_of(struct licence_known *known, const uint8_t key32[32], const uint8_t *root32);
/* A new reference to the value of an element; null where it is hidden, or the licence has none. */
json_t *licence_known_element(const struct licence_known *known, const char *code);
/* The type's name; NULL: not a type of this ledger. */
const char *licence_known_type(const struct ledger_view *view, const char *type_code);
#endif
