#include "crypto/seal/check_cert.h"

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/seal/timestamp.h"

static const struct bytes NOTHING = {NULL, 0};
#define VALUE_DER_MAX 129 /* of a signature with a length of one byte */

static void timestamp_step(struct step_list *steps, bool present, const struct timestamp *stamp) {
    if (!present) step_skip(steps, STEP_TIMESTAMP, REASON_NO_TIMESTAMP);
    else if (stamp->reason == REASON_NONE) step_pass(steps, STEP_TIMESTAMP);
    else step_add(steps, STEP_TIMESTAMP, timestamp_result(stamp->reason), stamp->reason, bytes_text(stamp->detail));
}

/* --- the seal --- */

/* By structure the seal has one version; what it says of itself has to agree. v1 is any number but those of its successors (1 and 11 are seen). */
static bool version_agrees(enum ses_version version, uint32_t written) {
    return version == SES_V1 ? written != SES_V4 && written != SES_V5 : written == (uint32_t)version;
}

static void format_step(struct step_list *steps, enum step_id id, enum ses_version version, uint32_t written) {
    if (version_agrees(version, written)) step_pass(steps, id);
    else step_fail(steps, id, REASON_VERSION);
}

/* A signature value as its own bytes state it: what a BIT STRING without its trailing zero bits has lost is put back. What states nothing stays as it is. */
static struct bytes signature_whole(uint8_t buffer[VALUE_DER_MAX], struct bytes signature, uint8_t unused) {
    uint32_t seen;
    const bool stated = signature.len >= 2 && signature.data[0] == DER_SEQUENCE && signature.data[1] <= VALUE_DER_MAX - 2;
    const size_t len = stated ? 2u + signature.data[1] : 0;
    return stated && encoding_bits(buffer, len, signature, unused, &seen) ? bytes_of(buffer, len) : signature;
}

static void seal_signature_step(struct step_list *steps, const struct ses_seal *seal, const struct cert *maker) {
    /* v1 signs three parts of the seal as one SEQUENCE that stands nowhere: room for them and its head. */
    size_t cap = seal->info.len + seal->maker_cert_der.len + seal->alg_der.len + 8;
    uint8_t *buffer = malloc(cap);
    struct bytes part;
    ASSERT(buffer);
    ASSERT(ses_seal_signed(&part, seal, buffer, cap));
    const struct written_signature written = {.bytes = seal->signature, .unused = seal->signature_unused, .in_bits = true};
    signature_step(steps, STEP_SEAL_SIGNATURE, maker, seal->alg, &part, 1, &written);
    free(buffer);
}

/* The earliest time at which this maker can have signed, or a time outside of the certificate's period where there is none. */
static int64_t made_at(const struct ses_seal *seal, const struct cert_facts *maker, int64_t used_ms) {
    if (used_ms < maker->from_ms) return used_ms;
    return seal->created_ms > maker->from_ms ? seal->created_ms : maker->from_ms;
}

/* seal_signature and maker_*. used_ms: when the seal was used, proven_ms: by when it surely existed. True: *facts is filled. */
static bool maker_steps(struct step_list *steps, struct cert_facts *facts, const struct ses_seal *seal, int64_t used_ms, int64_t proven_ms,
                        const struct check_options *options) {
    struct cert *maker = cert_read(seal->maker_cert);
    if (!maker) {
        step_fail(steps, STEP_SEAL_SIGNATURE, REASON_CERTIFICATE);
        role_skip(steps, &ROLE_MAKER, REASON_EARLIER_FAILED);
        return false;
    }
    cert_facts(facts, maker);
    const struct use use = {.at_ms = made_at(seal, facts, used_ms), .proven_ms = proven_ms, .in_future = false};
    seal_signature_step(steps, seal, maker);
    role_check(steps, &ROLE_MAKER, maker, facts, NULL, 0, &use, options);
    cert_free(maker);
    return true;
}

/* after: what the step says where the time lies behind the period. */
static void seal_period_step(struct step_list *steps, const struct ses_seal *seal, int64_t at_ms, enum step_reason after) {
    if (at_ms == TIME_UNKNOWN) step_skip(steps, STEP_SEAL_PERIOD, REASON_NO_TIME);
    else if (at_ms < seal->from_ms) step_fail(steps, STEP_SEAL_PERIOD, REASON_BEFORE_PERIOD);
    else if (at_ms > seal->to_ms) step_fail(steps, STEP_SEAL_PERIOD, after);
    else step_pass(steps, STEP_SEAL_PERIOD);
}

static struct timestamp seal_timestamp(const struct ses_seal *seal, const struct check_options *options) {
    struct timestamp stamp = {.reason = REASON_NO_TIMESTAMP, .detail = "", .time_ms = TIME_UNKNOWN};
    uint8_t whole[VALUE_DER_MAX];
    if (seal->timestamp.len > 0)
        timestamp_check(&stamp, seal->timestamp, signature_whole(whole, seal->signature, seal->signature_unused), NOTHING, options->trust, options->now_ms);
    return stamp;
}

static int64_t proven_by(const struct timestamp *stamp) { return stamp->reason == REASON_NONE ? stamp->time_ms : TIME_UNKNOWN; }

bool seal_check(struct step_list *steps, struct ses_seal *seal, struct bytes der, const struct check_options *options) {
    const char *where;
    struct cert_facts maker;
    if (!ses_seal_decode(seal, der, &where)) {
        step_add(steps, STEP_SEAL_FORMAT, STEP_FAILED, REASON_FORMAT, bytes_text(where));
        step_skip(steps, STEP_SEAL_SIGNATURE, REASON_EARLIER_FAILED);
        role_skip(steps, &ROLE_MAKER, REASON_EARLIER_FAILED);
        step_skip(steps, STEP_SEAL_PERIOD, REASON_EARLIER_FAILED);
        return false;
    }
    const struct timestamp stamp = seal_timestamp(seal, options);
    steps->encoding |= seal->encoding | stamp.encoding;
    format_step(steps, STEP_SEAL_FORMAT, seal->version, seal->header_version);
    (void)maker_steps(steps, &maker, seal, options->now_ms, time_earlier(proven_by(&stamp), options->known_ms), options);
    if (seal->version == SES_V5) timestamp_step(steps, seal->timestamp.len > 0, &stamp);
    seal_period_step(steps, seal, options->now_ms, REASON_PERIOD_ENDED);
    return true;
}

/* --- what every kind of value has --- */

/* stamp_ms: TIME_UNKNOWN, or of a valid timestamp over the signature value. */
static struct use seal_check_use_of(int64_t claimed_ms, int64_t stamp_ms, const struct check_options *options) {
    struct use use = {.at_ms = stamp_ms != TIME_UNKNOWN ? stamp_ms : claimed_ms, .proven_ms = time_earlier(stamp_ms, options->known_ms)};
    if (use.at_ms == TIME_UNKNOWN) return use;
    use.in_future = use.at_ms - CLOCK_SLACK_MS > options->now_ms;
    if (stamp_ms == TIME_UNKNOWN && options->known_ms != TIME_UNKNOWN && use.at_ms - CLOCK_SLACK_MS > options->known_ms) use.in_future = true;
    return use;
}

/* signature_value and signer_*. parts: what was signed. */
static void signer_steps(struct step_list *steps, struct checked_value *out, struct bytes cert_der, struct bytes alg, const struct bytes *parts, size_t count,
                         const struct written_signature *signature, const struct use *use, const struct check_options *options) {
    struct cert *signer = cert_read(cert_der);
    if (!signer) {
        step_fail(steps, STEP_SIGNATURE_VALUE, REASON_CERTIFICATE);
        role_skip(steps, &ROLE_SIGNER, REASON_EARLIER_FAILED);
        return;
    }
    const bool carried = out->kind == VALUE_SIGNED_DATA;
    cert_facts(&out->signer, signer);
    out->has_signer = true;
    signature_step(steps, STEP_SIGNATURE_VALUE, signer, alg, parts, count, signature);
    role_check(steps, &ROLE_SIGNER, signer, &out->signer, carried ? out->data.certs : NULL, carried ? out->data.cert_count : 0, use, options);
    cert_free(signer);
}

/* alg: an enum hash_alg, or 0. */
static bool is_digest_of(struct bytes digest, int alg, const struct value_input *input) {
    if (alg == HASH_SM3) return bytes_equal(digest, bytes_of(input->sm3, sizeof input->sm3));
    return alg == HASH_SHA256 && bytes_equal(digest, bytes_of(input->sha256, sizeof input->sha256));
}

/* The 32 bytes of dataHash, also where its trailing zero bits are left out. What is longer is no digest of ours. */
static struct bytes data_hash_whole(uint8_t buffer32[32], const struct ses_signature *ses, uint32_t *seen) {
    return encoding_bits(buffer32, 32, ses->data_hash, ses->data_hash_unused, seen) ? bytes_of(buffer32, 32) : ses->data_hash;
}

static void data_hash_step(struct step_list *steps, bool same) {
    if (same) step_pass(steps, STEP_DATA_HASH);
    else step_fail(steps, STEP_DATA_HASH, REASON_HASH_DIFFERS);
}

/* --- SES --- */

/* 6.2.2: compared byte for byte; a list of digests has plain ones, without SM2's ZA. What a list calls its digest is believed where that is SHA-256: any
 * other name goes with SM3, the only one that the standard has. */
static bool seal_check_listed(const struct ses_signature *ses) {
    uint8_t own_sm3[32], own_sha256[32];
    const struct ses_seal *seal = &ses->seal;
    sm3(own_sm3, ses->cert.data, ses->cert.len);
    sha256(own_sha256, ses->cert.data, ses->cert.len);
    for (uint32_t i = 0; i < seal->list_count; i++) {
        char name[64] = "";
        if (seal->list_kind == SES_CERTS && bytes_equal(seal->list[i], ses->cert)) return true;
        if (seal->list_kind == SES_CERTS) continue;
        if (seal->list_alg[i].len < sizeof name) memcpy(name, seal->list_alg[i].data, seal->list_alg[i].len);
        const uint8_t *own = digest_by_name(name) == HASH_SHA256 ? own_sha256 : own_sm3;
        if (bytes_equal(seal->list[i], bytes_of(own, 32))) return true;
    }
    return false;
}

/* The whole could not be read: what a signature with a seal would have had. */
static void ses_skip(struct step_list *steps, const struct value_input *input) {
    step_skip(steps, STEP_SEAL_FORMAT, REASON_EARLIER_FAILED);
    if (input->seal_file_given) step_skip(steps, STEP_SEAL_FILE, REASON_EARLIER_FAILED);
    step_skip(steps, STEP_SEAL_SIGNATURE, REASON_EARLIER_FAILED);
    role_skip(steps, &ROLE_MAKER, REASON_EARLIER_FAILED);
    step_skip(steps, STEP_SIGNATURE_VALUE, REASON_EARLIER_FAILED);
    role_skip(steps, &ROLE_SIGNER, REASON_EARLIER_FAILED);
    step_skip(steps, STEP_SIGNER_LISTED, REASON_EARLIER_FAILED);
    step_skip(steps, STEP_TIMESTAMP, REASON_EARLIER_FAILED);
    step_skip(steps, STEP_DATA_HASH, REASON_EARLIER_FAILED);
    step_skip(steps, STEP_SEAL_PERIOD, REASON_EARLIER_FAILED);
}

/* The signature's timestamp, and what it and the signature's own words make of the time. */
static struct timestamp ses_timestamp(struct checked_value *out, const struct check_options *options) {
    const struct ses_signature *ses = &out->ses;
    const bool v1 = ses->version == SES_V1;
    struct timestamp stamp = {.reason = REASON_NO_TIMESTAMP, .detail = "", .time_ms = TIME_UNKNOWN};
    uint8_t buffer[VALUE_DER_MAX];
    uint32_t seen;
    const struct bytes stamped = v1 ? data_hash_whole(buffer, ses, &seen) : signature_whole(buffer, ses->signature, ses->signature_unused);
    if (ses->timestamp.len > 0) timestamp_check(&stamp, ses->timestamp, stamped, v1 ? stamped : NOTHING, options->trust, options->now_ms);
    if (ses->has_time) out->signed_ms = ses->time_ms;
    else if (v1) out->signed_ms = stamp.time_ms;
    if (!v1) out->timestamp_ms = proven_by(&stamp);
    return stamp;
}

static void ses_check(struct step_list *steps, struct checked_value *out, const struct value_input *input, const struct check_options *options) {
    const char *where;
    struct ses_signature *ses = &out->ses;
    const struct ses_seal *seal = &ses->seal;
    if (!ses_signature_decode(ses, input->value, &where)) {
        step_add(steps, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT, bytes_text(where));
        ses_skip(steps, input);
        return;
    }
    uint8_t buffer32[32];
    const struct bytes data_hash = data_hash_whole(buffer32, ses, &steps->encoding);
    const struct written_signature written = {.bytes = ses->signature, .unused = ses->signature_unused, .in_bits = true};
    out->has_seal = true;
    const struct timestamp stamp = ses_timestamp(out, options), made = seal_timestamp(seal, options);
    const struct use use = seal_check_use_of(out->signed_ms, out->timestamp_ms, options);
    steps->encoding |= ses->encoding | seal->encoding | stamp.encoding | made.encoding;
    format_step(steps, STEP_SIGNATURE_FORMAT, ses->version, ses->sign_version);
    format_step(steps, STEP_SEAL_FORMAT, seal->version, seal->header_version);
    if (input->seal_file_given && bytes_equal(input->seal_file, seal->whole)) step_pass(steps, STEP_SEAL_FILE);
    else if (input->seal_file_given) step_fail(steps, STEP_SEAL_FILE, REASON_SEAL_DIFFERS);
    const int64_t used_ms = use.at_ms != TIME_UNKNOWN ? use.at_ms : options->now_ms;
    out->has_maker = maker_steps(steps, &out->maker, seal, used_ms, time_earlier(use.proven_ms, proven_by(&made)), options); /* it is older than what it sealed */
    signer_steps(steps, out, ses->cert, ses->alg, &ses->to_sign, 1, &written, &use, options);
    if (seal_check_listed(ses)) step_pass(steps, STEP_SIGNER_LISTED);
    else step_fail(steps, STEP_SIGNER_LISTED, REASON_NOT_LISTED);
    timestamp_step(steps, ses->timestamp.len > 0, &stamp);
    if (!input->data_given) step_skip(steps, STEP_DATA_HASH, REASON_NO_DATA);
    else data_hash_step(steps, is_digest_of(data_hash, HASH_SM3, input) || is_digest_of(data_hash, signature_digest(ses->alg), input));
    seal_period_step(steps, seal, use.at_ms, REASON_AFTER_PERIOD);
}

/* --- GB/T 35275 and bare signatures --- */

/* A seal file beside such a signature is a picture that readers show and nobody sealed with. */
static void no_seal_steps(struct step_list *steps, const struct value_input *input) {
    step_skip(steps, STEP_SEAL_FORMAT, REASON_NO_SEAL);
    if (input->seal_file_given) step_fail(steps, STEP_SEAL_FILE, REASON_NO_SEAL);
}

/* With attributes the digest is among them. Without, the content is the 32 bytes of the file's SM3; nothing detached is known to be written. */
static void signed_data_hash_step(struct step_list *steps, const struct signed_data *data, const struct value_input *input) {
    int alg = digest_by_oid(data->digest_alg);
    if (!input->data_given) step_skip(steps, STEP_DATA_HASH, REASON_NO_DATA);
    else if (alg == 0) step_fail(steps, STEP_DATA_HASH, REASON_DIGEST_UNKNOWN);
    else if (data->attrs.len > 0) data_hash_step(steps, is_digest_of(data->attr_digest, alg, input));
    else data_hash_step(steps, is_digest_of(data->content, HASH_SM3, input));
}

static void signed_data_check(struct step_list *steps, struct checked_value *out, const struct value_input *input, const struct check_options *options) {
    const char *where;
    struct signed_data *data = &out->data;
    struct bytes cert = NOTHING, parts[2];
    if (!signed_data_decode(data, input->value, &where)) {
        step_add(steps, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT, bytes_text(where));
        no_seal_steps(steps, input);
        step_skip(steps, STEP_SIGNATURE_VALUE, REASON_EARLIER_FAILED);
        role_skip(steps, &ROLE_SIGNER, REASON_EARLIER_FAILED);
        step_skip(steps, STEP_TIMESTAMP, REASON_EARLIER_FAILED);
        step_skip(steps, STEP_DATA_HASH, REASON_EARLIER_FAILED);
        return;
    }
    struct timestamp stamp = {.reason = REASON_NO_TIMESTAMP, .detail = "", .time_ms = TIME_UNKNOWN};
    const bool stamped = data->unsigned_timestamp.len > 0;
    if (stamped) timestamp_check(&stamp, data->unsigned_timestamp, data->signature, NOTHING, options->trust, options->now_ms);
    if (data->has_time) out->signed_ms = data->time_ms;
    out->timestamp_ms = proven_by(&stamp);
    const struct use use = seal_check_use_of(out->signed_ms, out->timestamp_ms, options);
    uint8_t *made;
    const struct written_signature written = {.bytes = data->signature};
    size_t count = signed_data_signed(parts, &made, data);
    steps->encoding |= data->encoding | stamp.encoding;
    step_pass(steps, STEP_SIGNATURE_FORMAT);
    no_seal_steps(steps, input);
    if (!signed_data_signer(&cert, data)) cert = NOTHING;
    signer_steps(steps, out, cert, data->sig_alg, parts, count, &written, &use, options);
    free(made);
    timestamp_step(steps, stamped, &stamp);
    signed_data_hash_step(steps, data, input);
}

/* The file itself is what was signed: its hash is right where the signature is. */
static void bare_check(struct step_list *steps, struct checked_value *out, const struct value_input *input, const struct check_options *options) {
    static const uint8_t alg[] = {0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75}; /* 1.2.156.10197.1.501: there is no other of this form */
    const struct use use = seal_check_use_of(TIME_UNKNOWN, TIME_UNKNOWN, options);
    const bool data = input->data_given && input->data.len > 0;
    step_pass(steps, STEP_SIGNATURE_FORMAT);
    no_seal_steps(steps, input);
    if (input->bare_cert.len == 0 || !data) {
        const enum step_reason reason = data ? REASON_CERTIFICATE : REASON_NO_DATA;
        step_skip(steps, STEP_SIGNATURE_VALUE, reason);
        role_skip(steps, &ROLE_SIGNER, reason);
        step_skip(steps, STEP_TIMESTAMP, REASON_NO_TIMESTAMP);
        step_skip(steps, STEP_DATA_HASH, reason);
        return;
    }
    const struct written_signature written = {.bytes = input->value};
    signer_steps(steps, out, input->bare_cert, bytes_of(alg, sizeof alg), &input->data, 1, &written, &use, options);
    step_skip(steps, STEP_TIMESTAMP, REASON_NO_TIMESTAMP);
    if (step_find(steps, STEP_SIGNATURE_VALUE)->result == STEP_PASSED) step_pass(steps, STEP_DATA_HASH);
    else step_skip(steps, STEP_DATA_HASH, REASON_EARLIER_FAILED);
}

static enum value_kind kind_of(struct bytes value) {
    struct lenient lenient = {.may = ENCODING_BER, .seen = ENCODING_NONE};
    struct der top = der_over_lenient(value, &lenient), in;
    const struct written_signature written = {.bytes = value};
    uint8_t sig64[SIG_LEN];
    uint32_t seen;
    if (der_enter(&top, DER_SEQUENCE, &in, NULL) && der_done(&top)) {
        switch (der_peek(&in)) {
        case DER_SEQUENCE: return VALUE_SES;
        case DER_OID: return VALUE_SIGNED_DATA;
        case DER_INTEGER: return encoding_sm2(sig64, &written, &seen) ? VALUE_BARE : VALUE_UNKNOWN;
        default: return VALUE_UNKNOWN;
        }
    }
    return value.len == SIG_LEN && curve_sig_in_range(KEY_SM2, value.data) ? VALUE_BARE : VALUE_UNKNOWN;
}

void value_check(struct step_list *steps, struct checked_value *out, const struct value_input *input, const struct check_options *options) {
    *out = (struct checked_value){.kind = kind_of(input->value), .signed_ms = TIME_UNKNOWN, .timestamp_ms = TIME_UNKNOWN};
    switch (out->kind) {
    case VALUE_SES: ses_check(steps, out, input, options); return;
    case VALUE_SIGNED_DATA: signed_data_check(steps, out, input, options); return;
    case VALUE_BARE: bare_check(steps, out, input, options); return;
    case VALUE_UNKNOWN:
        step_fail(steps, STEP_SIGNATURE_FORMAT, REASON_FORMAT);
        ses_skip(steps, input);
        return;
    }
    ASSERT(false); /* not a kind */
}
