/* CA: certificates and revocation lists of the test authority, by OpenSSL, signed through a seal signer: private keys stay with their holder.
 * SM2 over SM3 with the id 1234567812345678, X.509 v3, CRL v2. Layer: tools/authority. Leaves nothing in the thread's OpenSSL error queue. */
#ifndef LICET_TOOLS_AUTHORITY_CA_H
#define LICET_TOOLS_AUTHORITY_CA_H
#include "crypto/key.h"
#include "tools/authority/seal_signer.h"

#define CA_DER_MAX 16384u /* of one certificate or list made here */
#define SM2_SIGN_OID "1.2.156.10197.1.501"

/* A holder has two certificates in practice, one for each use: CA_SIGNER's key signs, CA_CIPHER's only deciphers. */
enum ca_kind { CA_ROOT, CA_SUB, CA_SIGNER, CA_CIPHER };
struct ca_request {
    enum ca_kind kind;
    const char *cn, *o; /* UTF-8; at most 64 characters each (X.520), else nothing is made */
    struct pubkey key;  /* SM2 */
    int64_t from_ms, to_ms;
};
/* The certificate asked for, under a random serial. issuer: DER of the issuer's certificate, empty for a root, which signs itself. Returns the length of
 * the DER; 0 where a name is too long, the issuer is no certificate, or the signer did not sign. */
size_t ca_certificate(uint8_t *out, size_t cap, const struct ca_request *request, struct bytes issuer, const struct seal_signer *signer);

struct ca_revoked { struct bytes cert; int64_t at_ms; }; /* a certificate of this issuer, DER */
/* A revocation list with this number, in force from this_ms to next_ms. Returns the length of the DER; 0 as above. */
size_t ca_revocation_list(uint8_t *out, size_t cap, struct bytes issuer, const struct seal_signer *signer, uint32_t number, int64_t this_ms, int64_t next_ms,
                          const struct ca_revoked *revoked, size_t count);

/* Is the certificate on the list, and since when? The list's own number, which a later one must exceed; 0: none, or no list. Nothing is verified. */
MUST_USE bool ca_listed(int64_t *at_ms, struct bytes list, struct bytes cert);
uint32_t ca_list_number(struct bytes list);

/* PEM under a label: "CERTIFICATE", "X509 CRL". Returns the length without the NUL; 0 where it does not fit. */
size_t ca_pem(char *out, size_t cap, const char *label, struct bytes der);
/* The first part of a PEM text under that label. Returns the length of its DER; 0 where there is none or it does not fit. */
size_t ca_unpem(uint8_t *out, size_t cap, const char *label, struct bytes pem);
#endif
