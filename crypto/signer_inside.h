/* Signer inside: what a back end is to a signer. Layer: crypto, and only for signer.c, keyfile.c and token.c. */
#ifndef LICET_CRYPTO_SIGNER_INSIDE_H
#define LICET_CRYPTO_SIGNER_INSIDE_H
#include "crypto/signer.h"

struct signer_back {
    bool (*sign)(const struct signer *signer, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count); /* the parts fit a message */
    const char *(*why)(const struct signer *signer);
    void (*end)(struct signer *signer); /* wipes and frees all of it */
};
/* The first member of each back end's own struct. */
struct signer {
    const struct signer_back *back;
    struct pubkey pub;
};
#endif
