/* signed data: GB/T 35275 and RFC 5652. Whatever is taken is read within its bounds; what was signed and the signer's certificate lie inside it. */
#include "tests/fuzz/fuzz.h"
#include "tests/lib/seal_law.h"

int fuzz_one(const uint8_t *data, size_t size) {
    (void)law_signed_data(bytes_of(data, size));
    return 0;
}
