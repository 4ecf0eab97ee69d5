/* X509: what cert.c and trust.c share about OpenSSL's certificates. Layer: crypto/seal, and only for those two.
 * Nothing here leaves an entry in the thread's OpenSSL error queue. */
#ifndef LICET_SEAL_X509_H
#define LICET_SEAL_X509_H
#include <openssl/x509.h>

#include "crypto/seal/cert.h"

#define CERT_MAX 65536u /* bytes of one certificate; real ones have 1 to 3 kB */

/* The caller's to free. The SM2 id is set on it where SM2 signed it, its extensions are read, its key and its period can be read. NULL: not so, or bytes left over. */
MUST_USE X509 *x509_read(struct bytes der);
X509 *cert_x509(const struct cert *cert);      /* still the cert's; never to be changed */
int64_t x509_time_ms(const ASN1_TIME *time);   /* TIME_UNKNOWN where it is absent or not a time */
/* As cert_signature, under the key of any certificate. */
enum sig_outcome x509_signature(X509 *x509, struct bytes alg_oid, const struct bytes *parts, size_t count, struct bytes signature, bool *empty_id);
#endif
