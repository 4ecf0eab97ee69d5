/* Seal signer: whoever holds an SM2 key that makes certificates, seals and signatures: a key file here, a token elsewhere. Layer: tools/authority. */
#ifndef LICET_TOOLS_AUTHORITY_SEAL_SIGNER_H
#define LICET_TOOLS_AUTHORITY_SEAL_SIGNER_H
#include "crypto/keyfile.h"

#define SEAL_SIGNED_MAX 131072u /* bytes of one message that every signer takes */
#define SEAL_PARTS_MAX 8u
#define SEAL_SIG_DER_MAX 72u    /* SEQUENCE of two INTEGERs of up to 33 bytes */

/* sign: SM2 over SM3 with the id 1234567812345678, over the parts joined; r|s. False: the key did not sign, whatever the reason. */
struct seal_signer {
    bool (*sign)(void *context, const struct bytes *parts, size_t count, uint8_t sig64[SIG_LEN]);
    void *context;
};

/* Signs with a key of a key file, which must be SM2 and outlive the result. */
struct seal_signer seal_signer_key(struct signer *key);
/* The signature as certificates and seals hold it: DER SEQUENCE {r, s}. Returns its length; 0 where the signer did not sign or the message is longer
 * than SEAL_SIGNED_MAX. */
size_t seal_sign(uint8_t der[SEAL_SIG_DER_MAX], const struct seal_signer *signer, const struct bytes *parts, size_t count);
#endif
