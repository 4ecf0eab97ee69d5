/* Check of one certificate in its role, maker or signer: the four steps that both have. Layer: crypto/seal, for check.c and for what checks certificates in
 * other containers (CMS of PDF). */
#ifndef LICET_SEAL_CHECK_CERT_H
#define LICET_SEAL_CHECK_CERT_H
#include "crypto/seal/check.h"

struct role {
    enum step_id chain, usage, period, revocation;
    bool ca_refused;
    bool maker; /* has to be one of those whom the trust names, where it names any */
};
extern const struct role ROLE_MAKER, ROLE_SIGNER;

/* When the certificate was used. */
struct use {
    int64_t at_ms;     /* as far as is known: proven or claimed; TIME_UNKNOWN */
    int64_t proven_ms; /* a time by which the use had surely happened; TIME_UNKNOWN */
    bool in_future;    /* at_ms lies after what is proven, or after the present */
};
/* The earlier of two, either of which may be TIME_UNKNOWN. */
int64_t time_earlier(int64_t a_ms, int64_t b_ms);

/* Adds the role's four steps. */
void role_check(struct step_list *steps, const struct role *role, const struct cert *cert, const struct cert_facts *facts, const struct bytes *others,
                size_t other_count, const struct use *use, const struct check_options *options);
/* The four steps not checked, all for the same reason. */
void role_skip(struct step_list *steps, const struct role *role, enum step_reason reason);
/* A signature's step. */
void signature_step(struct step_list *steps, enum step_id id, const struct cert *cert, struct bytes alg, const struct bytes *parts, size_t count,
                    const struct written_signature *signature);
#endif
