#include "crypto/token.h"

const char *token_result_text(enum token_result result) {
    switch (result) {
    case TOKEN_OK: return "ok";
    case TOKEN_URI:
        return "not a pkcs11: address of a key as RFC 7512 writes it: pkcs11:token=NAME;object=NAME?module-path=/FILE.so&pin-source=/FILE; "
               "each part once, paths absolute, other characters as %XX";
    case TOKEN_URI_PIN:
        return "a PIN must not stand in an address, which everybody on this machine can read: change that PIN, put the new one into a file "
               "of mode 0600 and name it with pin-source=/FILE";
    case TOKEN_URI_VAGUE: return "the address must name the token (token= or serial=) and the key in it (object= or id=)";
    case TOKEN_MODULE_UNNAMED: return "no PKCS#11 module is named: add ?module-path=/FILE.so, the library of the token's maker";
    case TOKEN_MODULE: return "the PKCS#11 module cannot be loaded: check module-path; it is the library (.so) of the token's maker, for this kind of processor";
    case TOKEN_MODULE_START: return "the PKCS#11 module was loaded but does not start: check its own configuration (SoftHSM: SOFTHSM2_CONF)";
    case TOKEN_ABSENT: return "there is no such token: plug it in, or correct token= and serial=; its maker's tool lists the tokens";
    case TOKEN_SEVERAL: return "several tokens match: name one by serial=";
    case TOKEN_PIN_UNNAMED: return "the token wants a PIN: put it on the first line of a file of mode 0600 and add pin-source=/FILE";
    case TOKEN_PIN_FILE: return "the PIN file cannot be used: it must be a regular file of yours (or root's), mode 0600, with the PIN on its first line";
    case TOKEN_PIN_WRONG:
        return "the token refused the PIN, and it is not tried again, because a few wrong ones lock the token: correct the PIN file first, then start again";
    case TOKEN_PIN_LAST: return "one more wrong PIN would lock the token, so none is sent: log in once by hand with the maker's tool, then start again";
    case TOKEN_PIN_LOCKED: return "the token's PIN is locked, expired or was never set: unlock or set it with the maker's tool";
    case TOKEN_KEY_ABSENT: return "the token holds no such private key: correct object= and id=; the maker's tool lists the keys";
    case TOKEN_KEY_SEVERAL: return "several private keys in the token match: name one by id=, or by object= and id=";
    case TOKEN_KEY_KIND: return "that key is neither of P-256 nor of secp256k1, and no other kind signs here from a token: make another one, or use a key file";
    case TOKEN_KEY_SM2: return "that key is of SM2, for which PKCS#11 has no mechanism, only each maker's own: use a P-256 or secp256k1 key, or a key file for SM2";
    case TOKEN_KEY_PUBLIC:
        return "the key's public half is not in the token, there twice, or damaged: store it beside the private key under the same id (CKA_ID)";
    case TOKEN_KEY_CHANGED: return "the token holds another key under that name than before: put the right token back, or start again to use the new key";
    case TOKEN_KEY_USE: return "that key may not sign by ECDSA (CKA_SIGN, CKM_ECDSA): make or name one that may";
    case TOKEN_GONE: return "the token does not answer any more: plug it in again, check its driver, then repeat";
    case TOKEN_WRONG: return "the token gave a signature that does not verify under its own public key; nothing was sent: take it out of use and have it checked";
    case TOKEN_FAULT: return "the token or its module failed: check its driver and this machine's memory, then repeat";
    }
    ASSERT(false); /* not a result */
    return NULL;
}
