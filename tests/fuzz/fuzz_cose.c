/* cose: one COSE_Sign1 under every typ that a verifier may expect: at most one of them takes it. */
#include "tests/fuzz/wire.h"

static struct refusal under(struct wire_out *out, struct bytes in, enum cose_typ typ) {
    struct cose_sign1 cose;
    uint8_t header[COSE_PROTECTED_MAX];
    const struct refusal refusal = cose_sign1_decode(&cose, in, typ);
    if (refusal.code != CODE_OK) return refusal;
    ASSERT(cose.typ == typ);
    wire_tbs(&cose);
    const size_t len = wire_protected(header, &cose);
    cose_sign1_encode(out, bytes_of(header, len), cose.unprotected, cose.payload, cose.signature);
    return refusal;
}
#define UNDER(name, typ) \
    static struct refusal name(struct wire_out *out, struct bytes in) { return under(out, in, typ); }
UNDER(as_record, TYP_RECORD)
UNDER(as_header, TYP_HEADER)
UNDER(as_head, TYP_HEAD)
UNDER(as_receipt, TYP_RECEIPT)
UNDER(as_request, TYP_REQUEST)
UNDER(as_note, TYP_NOTE)

int fuzz_one(const uint8_t *data, size_t size) {
    static const fuzz_codec codecs[] = {as_record, as_header, as_head, as_receipt, as_request, as_note};
    const struct bytes in = bytes_of(data, size);
    int taken = 0;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) taken += fuzz_law(codecs[i], in);
    ASSERT(taken <= 1);
    return 0;
}
