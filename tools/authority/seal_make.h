/* Seal make: e-seals and signatures by GB/T 38540-2020 (v4), from their parts. Layer: tools/authority. */
#ifndef LICET_TOOLS_AUTHORITY_SEAL_MAKE_H
#define LICET_TOOLS_AUTHORITY_SEAL_MAKE_H
#include "crypto/seal/ses.h"
#include "tools/authority/seal_signer.h"

#define SEAL_MAKE_MAX (SEAL_SIGNED_MAX - 16384u) /* bytes of one seal made here: a signature over it must still fit what signers take */
#define SEAL_VALUE_MAX (SEAL_SIGNED_MAX + 16384u)

/* A seal from the members of SES_SealInfo in *info (version to ext), signed by its maker. Returns the length; 0 where it is longer than SEAL_MAKE_MAX,
 * does not fit, or the maker's key did not sign so that its certificate verifies it. */
size_t seal_make(uint8_t *out, size_t cap, const struct ses_seal *info, struct bytes maker_cert, const struct seal_signer *maker);
/* SES_Signature with that seal over a file whose SM3 is given, named by property. Returns the length, 0 as above. */
size_t seal_value_make(uint8_t *out, size_t cap, struct bytes seal, int64_t time_ms, const uint8_t sm3_32[32], const char *property, struct bytes signer_cert,
                       const struct seal_signer *signer);
#endif
