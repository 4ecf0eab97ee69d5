/* Check: judges one seal, or one signature value, step by step in the standard's order (steps.h). It goes on after a failure wherever the next step can
 * still be looked at, so that a report is complete; what depends on something that failed is not_checked (EARLIER_FAILED). Layer: crypto/seal.
 *
 * Time. A signature claims its time; a timestamp proves one. `known_ms` is a time from outside (the ledger's entry) by which it surely existed. The rules
 * (6.2.3 d): the signing time (the timestamp's where there is a valid one, else the claimed) must lie in the signer certificate's and the seal's period;
 * revoked before signing fails, revoked after passes - but where only a claim says "before", and no timestamp or known_ms comes before the revocation,
 * it fails: whoever stole a key writes any date. A time later than now_ms, or a claimed one later than known_ms, by more than CLOCK_SLACK_MS fails
 * signer_period (IN_FUTURE). No time at all: not_checked (NO_TIME).
 *
 * The maker's certificate must have been in its period at some time from the seal's creation to its use (the signing time; now_ms for a seal alone). Not at
 * the use: makers' certificates live 1 to 5 years, seals and documents longer, and a production seal of 2019 was used six weeks after its maker's
 * certificate had ended. Not at the creation either: another states a date five days before its maker's certificate began. What bounds a maker who writes
 * an early date is the seal's own period and, once the certificate is revoked, the rule above.
 *
 * A timestamp covers the signature value (RFC 3161 over the content of its BIT STRING or OCTET STRING), in a v5 seal the maker's signature value alike: no
 * token of a production v5 seal was ever seen (a known test file has three bytes that are no token, which fail). The token of v1 stands inside of what is
 * signed, so it cannot cover the signature: it must be for dataHash, or be made over dataHash, and says that the signature is younger than it. So it counts
 * as the claimed time, and never as a proof. */
#ifndef LICET_SEAL_CHECK_H
#define LICET_SEAL_CHECK_H
#include "crypto/seal/cert.h"
#include "crypto/seal/ses.h"
#include "crypto/seal/signed_data.h"
#include "crypto/seal/steps.h"

#define CLOCK_SLACK_MS 300000 /* how far clocks of honest machines may differ */

struct check_options {
    const struct trust *trust; /* NULL: chains and revocation are not checked (NO_ANCHOR) */
    int64_t now_ms;            /* the present, or the time asked for (--at): a seal alone is judged at it */
    int64_t known_ms;          /* TIME_UNKNOWN, or when the ledger recorded the document (the seal, where it is checked alone) */
};
/* A seal alone: seal_format, seal_signature, maker_*, timestamp (v5 only), seal_period (at now_ms). True: it could be decoded and *seal is filled, views of der. */
bool seal_check(struct step_list *steps, struct ses_seal *seal, struct bytes der, const struct check_options *options);

enum value_kind { VALUE_SES, VALUE_SIGNED_DATA /* GB/T 35275 */, VALUE_BARE /* an SM2 signature and nothing else */, VALUE_UNKNOWN };
struct checked_value {
    enum value_kind kind;           /* by structure alone */
    struct ses_signature ses;       /* VALUE_SES and has_seal: views of the value */
    struct signed_data data;        /* VALUE_SIGNED_DATA, where signature_format passed */
    bool has_seal;
    bool has_signer;
    struct cert_facts signer, maker; /* where has_signer; where has_maker */
    bool has_maker;
    int64_t signed_ms;              /* claimed; TIME_UNKNOWN */
    int64_t timestamp_ms;           /* of a valid and trusted timestamp over the signature value; TIME_UNKNOWN */
};
/* A whole signature value (SignedValue.dat) over a file (Signature.xml), of which the SM3 and SHA-256 are given, and, where it is at hand, the bytes.
 * Adds the steps from signature_format to seal_period that the kind of value has: a seal's steps are left out where the value has no seal (seal_format:
 * not_checked, NO_SEAL; a seal_file that was given: failed, NO_SEAL); seal_file where the document names none. */
struct value_input {
    struct bytes value;
    struct bytes seal_file;   /* bytes of Seal.esl */
    bool seal_file_given;
    bool data_given;          /* false: data_hash is not checked, and the next three mean nothing */
    uint8_t sm3[32], sha256[32];
    struct bytes data;        /* for VALUE_BARE alone (SM2 hashes the key before the file); empty: its signature is not checked */
    struct bytes bare_cert;   /* the certificate for VALUE_BARE; empty: its signature is not checked */
};
void value_check(struct step_list *steps, struct checked_value *out, const struct value_input *input, const struct check_options *options);
#endif
