/* Token URI: which key of which token, as RFC 7512 writes it:
 *   pkcs11:token=licet;object=issue?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/etc/licet/issue.pin
 * Stricter than the RFC where guessing could pick another key: `token` or `serial` and `object` or `id` must be there; attributes that are not listed
 * here, vendors' ones too, are refused instead of ignored; values are not empty; paths are absolute. Layer: crypto. No heap, no I/O. */
#ifndef LICET_CRYPTO_TOKEN_URI_H
#define LICET_CRYPTO_TOKEN_URI_H
#include "crypto/token.h"

#define TOKEN_URI_MAX 4096u
#define TOKEN_PATH_MAX 1024u

/* A value, percent-decoded; len 0: not in the URI. Only id may hold a zero byte. */
struct token_name {
    uint8_t data[128];
    size_t len;
};
struct token_uri {
    struct token_name token, manufacturer, model, serial; /* CK_TOKEN_INFO; at most 32, 32, 16, 16 bytes */
    struct token_name object, id;                         /* CKA_LABEL, CKA_ID */
    char module_path[TOKEN_PATH_MAX];                     /* "": not in the URI */
    char pin_source[TOKEN_PATH_MAX];                      /* a path; the RFC's file: in front is taken off */
};
/* TOKEN_OK, TOKEN_URI, TOKEN_URI_PIN or TOKEN_URI_VAGUE. On a refusal *out is all zero. */
MUST_USE enum token_result token_uri_parse(struct token_uri *out, const char *uri);
#endif
