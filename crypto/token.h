/* Token: signers whose key rests in a PKCS#11 token (smart card, UKey, HSM, SoftHSM) and never leaves it. Layer: crypto.
 * P-256 (ES256) and secp256k1 (ES256K) by CKM_ECDSA over a SHA-256 digest. SM2 has no mechanism in PKCS#11, only makers' own: refused.
 *
 * A signer has one session under one mutex, so threads may share it; another process may not: a signer made before fork() signs only in the
 * process that made it. A session that was lost (token taken out, its driver restarted) is opened again once per signature, with a new login. A PIN
 * that was refused is never sent again by the same signer, and none is sent where the token says that one wrong PIN more would lock it. PINs are
 * read from their file for each login and wiped after it. */
#ifndef LICET_CRYPTO_TOKEN_H
#define LICET_CRYPTO_TOKEN_H
#include "crypto/signer.h"

enum token_result {
    TOKEN_OK = 0,
    TOKEN_URI,            /* not what token_uri.h takes */
    TOKEN_URI_PIN,        /* pin-value: a secret in an argument */
    TOKEN_URI_VAGUE,      /* names no token, or no key */
    TOKEN_MODULE_UNNAMED, /* neither module-path nor a module given beside the URI */
    TOKEN_MODULE,         /* cannot be loaded, or is no PKCS#11 module */
    TOKEN_MODULE_START,   /* C_Initialize failed */
    TOKEN_ABSENT,
    TOKEN_SEVERAL,        /* tokens match */
    TOKEN_PIN_UNNAMED,    /* the token wants one, and there is no pin-source */
    TOKEN_PIN_FILE,       /* absent, readable by others, empty or too long */
    TOKEN_PIN_WRONG,
    TOKEN_PIN_LAST,       /* one wrong PIN more would lock the token: not tried */
    TOKEN_PIN_LOCKED,     /* or expired, or never set */
    TOKEN_KEY_ABSENT,
    TOKEN_KEY_SEVERAL,
    TOKEN_KEY_KIND,       /* neither P-256 nor secp256k1 */
    TOKEN_KEY_SM2,
    TOKEN_KEY_PUBLIC,     /* its public half is not there, not one, or not a point */
    TOKEN_KEY_CHANGED,    /* another key than when the signer was opened */
    TOKEN_KEY_USE,        /* may not sign, or not with CKM_ECDSA */
    TOKEN_GONE,           /* the session was lost, and again after a new login */
    TOKEN_WRONG,          /* gave a signature that does not verify */
    TOKEN_FAULT,          /* any other failure of the token, or no memory */
};
const char *token_result_text(enum token_result result); /* English, says what to do */

/* uri: as token_uri.h says. module: the PKCS#11 module to load where the URI has no module-path; NULL: none.
 * Logs in, finds the one key, reads its public half, and makes and checks one signature before it says TOKEN_OK. */
MUST_USE enum token_result signer_open_token(struct signer **out, const char *uri, const char *module);

/* Where a key rests, in one word: a pkcs11: URI, or else the path of a key file. */
bool key_in_token(const char *where);
/* signer_open_token or signer_load. NULL: *why says what to do. */
MUST_USE struct signer *signer_open(const char *where, const char *module, const char **why);
/* What of `where` may be shown in messages and logs: a path as it is; of a URI the part that names token and key. Cut to fit. */
void key_where_shown(char *out, size_t cap, const char *where);
#endif
