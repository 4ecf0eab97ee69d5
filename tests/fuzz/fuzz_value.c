/* value: any bytes as a signature value and as a seal, with no trust. Whatever they are: every step is there once, in order and with a reason, the same
 * bytes get the same report, nothing stays in OpenSSL's queue, and what is said to be read lies inside of the bytes. */
#include <openssl/err.h>

#include "crypto/seal/check.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/seal_law.h"

static const struct check_options OPTIONS = {.trust = NULL, .now_ms = INT64_C(1600000000000), .known_ms = TIME_UNKNOWN};

static void law_steps(const struct step_list *steps) {
    ASSERT(steps->count >= 1);
    ASSERT(steps->count <= STEP_COUNT);
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        ASSERT(i == 0 || steps->steps[i - 1].id < step->id);
        ASSERT((step->result == STEP_PASSED) == (step->reason == REASON_NONE));
        ASSERT(step->detail[sizeof step->detail - 1] == '\0');
    }
    ASSERT(ERR_peek_error() == 0);
}

static void same(const struct step_list *a, const struct step_list *b) {
    ASSERT(a->count == b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        ASSERT(a->steps[i].id == b->steps[i].id);
        ASSERT(a->steps[i].result == b->steps[i].result);
        ASSERT(a->steps[i].reason == b->steps[i].reason);
        ASSERT(strcmp(a->steps[i].detail, b->steps[i].detail) == 0);
    }
}

static void as_value(struct bytes in) {
    static struct checked_value out;
    struct step_list first = {0}, second = {0};
    struct value_input input = {.value = in, .data_given = true};
    value_check(&first, &out, &input, &OPTIONS);
    law_steps(&first);
    ASSERT(step_find(&first, STEP_SIGNATURE_FORMAT));
    ASSERT(step_find(&first, STEP_SIGNATURE_VALUE));
    ASSERT(step_find(&first, STEP_DATA_HASH));
    ASSERT(!out.has_seal || out.kind == VALUE_SES);
    ASSERT(!out.has_maker || out.has_seal);
    ASSERT(out.timestamp_ms == TIME_UNKNOWN); /* nobody is trusted */
    if (out.has_seal) law_seal_inside(&out.ses.seal, in);
    /* A signature is right only where somebody made it. */
    if (step_find(&first, STEP_SIGNATURE_VALUE)->result == STEP_PASSED) ASSERT(out.has_signer);
    value_check(&second, &out, &input, &OPTIONS);
    same(&first, &second);
}

static void as_seal(struct bytes in) {
    static struct ses_seal seal;
    struct step_list first = {0}, second = {0};
    const bool read = seal_check(&first, &seal, in, &OPTIONS);
    law_steps(&first);
    ASSERT(read == (step_find(&first, STEP_SEAL_FORMAT)->reason != REASON_FORMAT));
    if (read) law_seal_inside(&seal, in);
    ASSERT(seal_check(&second, &seal, in, &OPTIONS) == read);
    same(&first, &second);
}

int fuzz_one(const uint8_t *data, size_t size) {
    as_value(bytes_of(data, size));
    as_seal(bytes_of(data, size));
    struct cert *cert = cert_read(bytes_of(data, size));
    if (cert) {
        struct cert_facts facts;
        cert_facts(&facts, cert);
        ASSERT(strlen(facts.subject_cn) < CERT_NAME_MAX);
        cert_free(cert);
    }
    ASSERT(ERR_peek_error() == 0);
    return 0;
}
