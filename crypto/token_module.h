/* Token module: PKCS#11 modules loaded into this process, each once however many signers use it, and the tokens they show.
 * Layer: crypto, for token.c. The only place that loads code at run time. */
#ifndef LICET_CRYPTO_TOKEN_MODULE_H
#define LICET_CRYPTO_TOKEN_MODULE_H
#include <p11-kit/pkcs11.h>

#include "crypto/token_uri.h"

struct token_module;
/* TOKEN_OK, TOKEN_MODULE, TOKEN_MODULE_START or TOKEN_FAULT. Any thread. */
MUST_USE enum token_result token_module_open(struct token_module **out, const char *path);
void token_module_close(struct token_module *module); /* NULL is allowed; the last one out ends the module, unless it had been started by others */
const CK_FUNCTION_LIST *token_module_calls(const struct token_module *module);

/* The slot of the one token that the URI names, as it is now, and the token's CKF_ flags.
 * TOKEN_OK, TOKEN_ABSENT, TOKEN_SEVERAL or TOKEN_FAULT. */
MUST_USE enum token_result token_slot_find(CK_SLOT_ID *slot, CK_FLAGS *flags, const struct token_module *module, const struct token_uri *uri);
#endif
