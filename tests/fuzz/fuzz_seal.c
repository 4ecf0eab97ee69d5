/* seal: an e-seal and an e-seal signature of every version. Whatever is taken is read within its bounds, and can be written as v4 and reads the same. */
#include "tests/fuzz/fuzz.h"
#include "tests/lib/seal_law.h"

int fuzz_one(const uint8_t *data, size_t size) {
    const struct bytes in = bytes_of(data, size);
    int64_t ms;
    const bool seal = law_seal(in), signature = law_signature(in);
    ASSERT(!seal || !signature); /* no bytes are both */
    if (ses_time_text(&ms, in)) {
        /* what was read is a time that can be written */
        uint8_t buffer[32];
        struct der_out out = der_write(buffer, sizeof buffer);
        der_put_time(&out, ms);
        ASSERT(!out.full || ms < -62135596800000 || ms > 253402300799999); /* beyond the year 9999 or before 1 by its zone alone */
    }
    return 0;
}
