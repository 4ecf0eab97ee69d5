/* CRL: revocation lists, and what they say about one certificate. OpenSSL 3 cannot check the SM2 signature of a list (it has no place for the id), so
 * that is done here over the bytes as they came. Layer: crypto/seal, and only for trust.c. Leaves nothing in the OpenSSL error queue. */
#ifndef LICET_SEAL_CRL_H
#define LICET_SEAL_CRL_H
#include <openssl/x509.h>

#include "crypto/seal/cert.h"

struct crl;
struct crl_list {
    struct crl **items;
    size_t count, cap;
};
/* False: not a revocation list, or bytes left over. */
MUST_USE bool crl_add(struct crl_list *list, struct bytes der);
/* Is list->items[at] signed by that CA, which may sign lists? */
MUST_USE bool crl_is_of(const struct crl_list *list, size_t at, X509 *issuer);
void crl_list_free(struct crl_list *list);

struct crl_verdict {
    enum revocation revocation;
    int64_t revoked_ms;  /* when REVOKED */
    int reason;          /* CRLReason; -1: not stated */
    int64_t list_to_ms;  /* GOOD: nextUpdate of the list */
};
/* What the lists signed by issuer say (the rules are chain_check's, cert.h). */
void crl_look(struct crl_verdict *out, const struct crl_list *list, X509 *x509, X509 *issuer, int64_t list_ms);
#endif
