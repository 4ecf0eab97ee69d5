#include "ledger/wire/cose.h"

#define TAG_SIGN1 18
#define TEXT_MAX 96u /* any text in a protected header; a ledger's name is the longest */
#define TYP_PREFIX "application/vnd.licet."
#define TYP_SUFFIX "+cose"
#define VDS_RFC9162_SHA256 1

enum { LABEL_ALG = 1, LABEL_CONTENT_TYPE = 3, LABEL_KID = 4, LABEL_CLAIMS = 15, LABEL_TYP = 16, LABEL_VDS = 395 };
enum { CLAIM_ISS = 1, CLAIM_SUB = 2, CLAIM_IAT = 6 };
enum { HAS_ALG = 1, HAS_CONTENT_TYPE = 2, HAS_KID = 4, HAS_CLAIMS = 8, HAS_TYP = 16, HAS_VDS = 32, HAS_GENESIS = 64 };

static const struct {
    int64_t label;
    unsigned bit;
    const char *name;
} LABELS[] = {
    {LABEL_ALG, HAS_ALG, "alg"},
    {LABEL_TYP, HAS_TYP, "typ"}, /* before the others: which of those must be there hangs on it */
    {LABEL_CONTENT_TYPE, HAS_CONTENT_TYPE, "content_type"},
    {LABEL_KID, HAS_KID, "kid"},
    {LABEL_CLAIMS, HAS_CLAIMS, "claims"},
    {LABEL_VDS, HAS_VDS, "vds"},
    {COSE_LABEL_GENESIS, HAS_GENESIS, "genesis"},
};
#define LABEL_COUNT (sizeof LABELS / sizeof *LABELS)

static unsigned labels_of(enum cose_typ typ) {
    const unsigned all = HAS_ALG | HAS_KID | HAS_TYP;
    switch (typ) {
    case TYP_RECORD: return all | HAS_CONTENT_TYPE | HAS_CLAIMS | HAS_GENESIS;
    case TYP_RECEIPT: return all | HAS_CLAIMS | HAS_VDS;
    case TYP_HEADER:
    case TYP_HEAD:
    case TYP_REQUEST:
    case TYP_NOTE: return all;
    }
    return all;
}

const char *cose_typ_text(enum cose_typ typ) {
    switch (typ) {
    case TYP_RECORD: return TYP_PREFIX "record" TYP_SUFFIX;
    case TYP_HEADER: return TYP_PREFIX "header" TYP_SUFFIX;
    case TYP_HEAD: return TYP_PREFIX "head" TYP_SUFFIX;
    case TYP_RECEIPT: return TYP_PREFIX "receipt" TYP_SUFFIX;
    case TYP_REQUEST: return TYP_PREFIX "request" TYP_SUFFIX;
    case TYP_NOTE: return TYP_PREFIX "note" TYP_SUFFIX;
    }
    return "";
}

static bool typ_from_text(enum cose_typ *out, struct bytes text) {
    for (int i = TYP_RECORD; i <= TYP_NOTE; i++) {
        enum cose_typ typ = (enum cose_typ)i;
        if (bytes_equal(text, bytes_text(cose_typ_text(typ)))) return *out = typ, true;
    }
    return false;
}

/* Deterministic order of integer labels: by encoded bytes, so 0, 1, 2, ... and then -1, -2, -3, ... */
static uint64_t label_rank(int64_t label) { return label >= 0 ? (uint64_t)label : (UINT64_C(1) << 63) + (uint64_t)(-1 - label); }

static int64_t label_get(struct wire_in *in, bool first, int64_t *before) {
    int64_t label = wire_get_int(in, INT64_MIN, INT64_MAX);
    if (in->why == CODE_OK && !first && label_rank(label) <= label_rank(*before)) wire_fail(in, CODE_CBOR_KEY_ORDER);
    return *before = label;
}

static void claims_get(struct wire_in *in, struct cose_sign1 *out) {
    static const struct {
        int64_t label;
        const char *name;
    } CLAIMS[] = {{CLAIM_ISS, "iss"}, {CLAIM_SUB, "sub"}, {CLAIM_IAT, "iat"}};
    size_t found = wire_get_map(in, 0, SIZE_MAX);
    for (size_t i = 0; i < 3; i++) {
        int64_t label = 0, before = i > 0 ? CLAIMS[i - 1].label : 0;
        wire_field(in, CLAIMS[i].name);
        if (i == found) wire_fail(in, CODE_FIELD_MISSING);
        else label = label_get(in, i == 0, &before);
        /* A later label in this place: this one is not there. An earlier one has no meaning here. */
        if (label != CLAIMS[i].label) wire_fail(in, label_rank(label) > label_rank(CLAIMS[i].label) ? CODE_FIELD_MISSING : CODE_CBOR_RANGE);
        if (i == 0) out->iss = wire_get_text(in, 1, TEXT_MAX);
        else if (i == 1) out->sub = wire_get_text(in, 1, TEXT_MAX);
        else out->iat = wire_get_int(in, 0, TIME_MS_MAX / 1000);
    }
    wire_field(in, "claims");
    if (found > 3) wire_fail(in, CODE_CBOR_RANGE);
}

static void value_get(struct wire_in *in, struct cose_sign1 *out, unsigned bit) {
    enum key_alg alg;
    switch (bit) {
    case HAS_ALG:
        out->alg = wire_get_int(in, INT64_MIN, INT64_MAX);
        if (!key_alg_from_cose(&alg, out->alg)) wire_fail(in, CODE_ALG_NOT_ALLOWED);
        return;
    case HAS_CONTENT_TYPE:
        out->has_content_type = bytes_equal(wire_get_text(in, 1, TEXT_MAX), bytes_text(CONTENT_TYPE_RECORD));
        if (!out->has_content_type) wire_fail(in, CODE_TYP_WRONG);
        return;
    case HAS_KID: out->kid = wire_get_fixed(in, 32); return;
    case HAS_CLAIMS: claims_get(in, out); return;
    case HAS_TYP:
        if (!typ_from_text(&out->typ, wire_get_text(in, 1, TEXT_MAX))) wire_fail(in, CODE_TYP_WRONG);
        return;
    case HAS_VDS: out->vds_rfc9162 = wire_get_uint(in, VDS_RFC9162_SHA256, VDS_RFC9162_SHA256) == VDS_RFC9162_SHA256; return;
    case HAS_GENESIS: out->genesis = wire_get_fixed(in, 32); return;
    default: wire_fail(in, CODE_CBOR_RANGE); return; /* a label that means nothing here: `crit` and its like must not be passed over */
    }
}

/* Reads every label that is known, whichever typ it belongs to; says which were there. */
static struct refusal protected_decode(struct cose_sign1 *out, unsigned *found) {
    struct wire_in in = wire_read(out->protected_header);
    *found = 0;
    if (out->protected_header.len == 0) return refuse(CODE_OK, NULL); /* RFC 9052 3: how an empty map is written */
    wire_field(&in, "protected");
    size_t count = wire_get_map(&in, 0, SIZE_MAX);
    int64_t before = 0;
    for (size_t i = 0; i < count && in.why == CODE_OK; i++) {
        wire_field(&in, "protected");
        int64_t label = label_get(&in, i == 0, &before);
        unsigned bit = 0;
        for (size_t k = 0; k < LABEL_COUNT; k++) {
            if (LABELS[k].label != label) continue;
            bit = LABELS[k].bit;
            wire_field(&in, LABELS[k].name);
        }
        value_get(&in, out, bit);
        *found |= bit;
    }
    return wire_done(&in);
}

static struct refusal labels_check(const struct cose_sign1 *cose, unsigned found, enum cose_typ expected) {
    unsigned wanted = labels_of(expected);
    for (size_t k = 0; k < LABEL_COUNT; k++) {
        bool has = found & LABELS[k].bit, want = wanted & LABELS[k].bit;
        if (want && !has) return refuse(CODE_FIELD_MISSING, LABELS[k].name);
        if (LABELS[k].bit == HAS_TYP && cose->typ != expected) return refuse(CODE_TYP_WRONG, "typ");
        if (has && !want) return refuse(CODE_CBOR_RANGE, LABELS[k].name);
    }
    if (expected == TYP_RECORD && cose->iss.len > ISS_MAX) return refuse(CODE_CBOR_RANGE, "iss");
    if (expected == TYP_RECORD && cose->sub.len > SUB_MAX) return refuse(CODE_CBOR_RANGE, "sub");
    return refuse(CODE_OK, NULL);
}

/* Seals and receipts sign what the verifier computes; an attached copy would be a second thing to believe. */
static struct refusal payload_check(const struct cose_sign1 *cose, enum cose_typ typ) {
    bool detached = typ == TYP_HEADER || typ == TYP_RECEIPT;
    if (detached) return refuse(cose->payload.data ? CODE_CBOR_TYPE : CODE_OK, cose->payload.data ? "payload" : NULL);
    return cose->payload.len == 0 ? refuse(CODE_PAYLOAD_MISSING, "payload") : refuse(CODE_OK, NULL);
}

struct refusal cose_sign1_decode(struct cose_sign1 *out, struct bytes bytes, enum cose_typ expected) {
    struct wire_in in = wire_read(bytes);
    *out = (struct cose_sign1){.all = bytes, .iat = -1};
    wire_field(&in, "cose_sign1");
    wire_get_tag(&in, TAG_SIGN1);
    wire_get_array(&in, 4, 4);
    wire_field(&in, "protected");
    out->protected_header = wire_get_bytes(&in, 0, SIZE_MAX);
    wire_field(&in, "unprotected");
    if (in.why == CODE_OK && wire_peek(&in) != WIRE_MAP) wire_get_map(&in, 0, 0); /* for its refusal */
    const uint8_t *start = in.at;
    wire_skip(&in);
    if (in.why == CODE_OK) out->unprotected = bytes_of(start, (size_t)(in.at - start));
    wire_field(&in, "payload");
    if (!wire_try_null(&in)) out->payload = wire_get_bytes(&in, 0, SIZE_MAX);
    wire_field(&in, "signature");
    out->signature = wire_get_fixed(&in, SIG_LEN);
    struct refusal refusal = wire_done(&in);
    if (refusal.code != CODE_OK) return refusal;

    /* Before the protected header is judged: an alg that stands outside of it is a trick, and not an omission. */
    bool bare = out->unprotected.len == 1;
    if (expected != TYP_RECEIPT && !bare) return refuse(CODE_UNPROTECTED_HEADER, "unprotected");
    unsigned found;
    refusal = protected_decode(out, &found);
    if (refusal.code == CODE_OK) refusal = labels_check(out, found, expected);
    if (refusal.code == CODE_OK) refusal = payload_check(out, expected);
    return refusal;
}

void cose_tbs(struct cose_tbs *out, struct bytes protected_header, struct bytes payload) {
    static const uint8_t start[12] = {0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
    memcpy(out->head, start, sizeof start);
    out->mid[0] = 0x40; /* no external data */
    size_t head = sizeof start + wire_bytes_head(out->head + sizeof start, protected_header.len);
    size_t mid = 1 + wire_bytes_head(out->mid + 1, payload.len);
    out->parts[0] = bytes_of(out->head, head);
    out->parts[1] = protected_header;
    out->parts[2] = bytes_of(out->mid, mid);
    out->parts[3] = payload;
}

size_t cose_protected_encode(uint8_t buf[COSE_PROTECTED_MAX], const struct cose_header *header) {
    struct wire_out out = wire_write(buf, COSE_PROTECTED_MAX);
    bool record = header->typ == TYP_RECORD, receipt = header->typ == TYP_RECEIPT, claims = header->iss.len > 0;
    size_t count = (size_t)(header->alg != 0) + record + (header->kid != NULL) + claims + (header->typ != 0) + receipt +
                   (header->genesis != NULL);
    wire_put_map(&out, count);
    if (header->alg) wire_put_uint(&out, LABEL_ALG), wire_put_int(&out, header->alg);
    if (record) wire_put_uint(&out, LABEL_CONTENT_TYPE), wire_put_text(&out, bytes_text(CONTENT_TYPE_RECORD));
    if (header->kid) wire_put_uint(&out, LABEL_KID), wire_put_bytes(&out, bytes_of(header->kid, 32));
    if (claims) {
        wire_put_uint(&out, LABEL_CLAIMS);
        wire_put_map(&out, 3);
        wire_put_uint(&out, CLAIM_ISS);
        wire_put_text(&out, header->iss);
        wire_put_uint(&out, CLAIM_SUB);
        wire_put_text(&out, header->sub);
        wire_put_uint(&out, CLAIM_IAT);
        wire_put_int(&out, header->iat);
    }
    if (header->typ) wire_put_uint(&out, LABEL_TYP), wire_put_text(&out, bytes_text(cose_typ_text(header->typ)));
    if (receipt) wire_put_uint(&out, LABEL_VDS), wire_put_uint(&out, VDS_RFC9162_SHA256);
    if (header->genesis) wire_put_int(&out, COSE_LABEL_GENESIS), wire_put_bytes(&out, bytes_of(header->genesis, 32));
    ASSERT(!out.full); /* iss and sub are bounded by whoever signs */
    return out.len;
}

void cose_sign1_encode(struct wire_out *out, struct bytes protected_header, struct bytes unprotected, struct bytes payload,
                       const uint8_t signature[64]) {
    wire_put_tag(out, TAG_SIGN1);
    wire_put_array(out, 4);
    wire_put_bytes(out, protected_header);
    if (unprotected.len > 0) wire_put_raw(out, unprotected);
    else wire_put_map(out, 0);
    if (payload.data) wire_put_bytes(out, payload);
    else wire_put_null(out);
    wire_put_bytes(out, bytes_of(signature, SIG_LEN));
}
