/* Check: judges one seal, or one signature value, step by step in the standard's order (steps.h). It goes on after a failure wherever the next step can
 * still be looked at, so that a report is complete; what depends on something that failed is not_checked (EARLIER_FAILED). Layer: crypto/seal.
 *
 * Time. A signature claims its time; a timestamp proves one. `known_ms` is a time from outside (the ledger's entry) by which it surely existed. The rules
 * (6.2.3 d): the signing time (the timestamp's where there is a valid one, else the claimed) must lie in the signer certificate's and the seal's period;
 * revoked before signing fails, revoked after passes - but where only a claim says "before", and no timestamp or known_ms comes before the revocation,
 * it fails: whoever stole a key writes any date. A claimed time later than now_ms + 5 minutes fails signer_period (IN_FUTURE). */
#ifndef LICET_SEAL_CHECK_H
#define LICET_SEAL_CHECK_H
#include "crypto/seal/cert.h"
#include "crypto/seal/ses.h"
#include "crypto/seal/signed_data.h"
#include "crypto/seal/steps.h"

struct check_options {
    const struct trust *trust; /* NULL: chains and revocation are not checked (NO_ANCHOR) */
    int64_t now_ms;            /* the present, or the time asked for (--at): a seal alone is judged at it */
    int64_t known_ms;          /* TIME_UNKNOWN, or when the ledger recorded the document */
};
/* A seal alone: seal_format, seal_signature, maker_*, seal_period (at now_ms), timestamp (v5). *seal is filled where seal_format passed. */
void seal_check(struct step_list *steps, struct ses_seal *seal, struct bytes der, const struct check_options *options);

enum value_kind { VALUE_SES, VALUE_SIGNED_DATA /* GB/T 35275 */, VALUE_BARE /* an SM2 signature and nothing else */, VALUE_UNKNOWN };
struct checked_value {
    enum value_kind kind;
    struct ses_signature ses;       /* VALUE_SES, where signature_format passed */
    struct signed_data data;        /* VALUE_SIGNED_DATA */
    bool has_seal;
    bool has_signer;
    struct cert_facts signer, maker; /* where has_signer; maker where has_seal and it could be read */
    bool has_maker;
    int64_t signed_ms;              /* claimed; TIME_UNKNOWN */
    int64_t timestamp_ms;           /* of a valid timestamp; TIME_UNKNOWN */
};
/* A whole signature value (SignedValue.dat) over the file whose SM3 and SHA-256 are given (Signature.xml; data_given false: data_hash is not checked).
 * seal_file: bytes of Seal.esl where the document names one, else empty. bare_cert: a certificate for VALUE_BARE, else empty (then signature_value is not
 * checked). Adds the steps signature_format .. seal_period. */
struct value_input {
    struct bytes value, seal_file, bare_cert;
    bool seal_file_given;
    bool data_given;
    uint8_t sm3[32], sha256[32];
};
void value_check(struct step_list *steps, struct checked_value *out, const struct value_input *input, const struct check_options *options);
#endif
