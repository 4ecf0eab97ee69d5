/* Fuzz: what the targets share. A target is `int fuzz_one(data, size)`: it ends 0, and aborts where a law is broken.
 * The law of every codec: bytes are refused with a code that has a name, or are taken and encode again to the same bytes. The data are
 * a heap block of exactly their size, so that a read beyond them is seen. */
#ifndef LICET_TESTS_FUZZ_FUZZ_H
#define LICET_TESTS_FUZZ_FUZZ_H
#include "ledger/wire/cbor.h"

int fuzz_one(const uint8_t *data, size_t size);

/* Decodes; where accepted, encodes again into out. */
typedef struct refusal (*fuzz_codec)(struct wire_out *out, struct bytes in);

static inline void fuzz_refusal(struct refusal refusal) {
    ASSERT(strcmp(code_name(refusal.code), "UNKNOWN_CODE") != 0);
    ASSERT(code_en(refusal.code)[0] != '\0');
}

/* True where the codec takes the bytes. */
static inline bool fuzz_law(fuzz_codec codec, struct bytes in) {
    static uint8_t buffer[PROOF_BYTES_MAX + 4096];
    const size_t cap = in.len + 1 < sizeof buffer ? in.len + 1 : sizeof buffer; /* an encoding that is longer does not fit, and is seen */
    struct wire_out out = wire_write(buffer, cap);
    const struct refusal refusal = codec(&out, in);
    fuzz_refusal(refusal);
    if (refusal.code != CODE_OK) return false;
    ASSERT(!out.full);
    ASSERT(bytes_equal(bytes_of(out.buf, out.len), in));
    return true;
}
#endif
