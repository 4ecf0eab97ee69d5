/* cbor: the strict cursor against libcbor as a second reader: what ours takes, libcbor reads whole and writes again the same. */
#include <cbor.h> /* before ours, which renames two of its functions */

#include "tests/fuzz/fuzz.h"

#define SMALL 4096u

static void second_reader(const uint8_t *data, size_t size) {
    struct cbor_load_result result;
    cbor_item_t *item = cbor_load(data, size, &result);
    if (item == NULL) { /* libcbor before 0.10 refuses tag 18 */
        ASSERT(memchr(data, 0xd2, size) != NULL);
        return;
    }
    ASSERT(result.read == size);
    unsigned char *again = NULL;
    size_t room = 0;
    const size_t len = cbor_serialize_alloc(item, &again, &room);
    ASSERT(len == size);
    ASSERT(memcmp(again, data, size) == 0);
    free(again);
    cbor_decref(&item);
}

int fuzz_one(const uint8_t *data, size_t size) {
    const struct refusal refusal = wire_check(bytes_of(data, size));
    fuzz_refusal(refusal);
    struct wire_in in = wire_read(bytes_of(data, size));
    wire_skip(&in);
    const struct refusal skipped = wire_done(&in);
    ASSERT((refusal.code == CODE_OK) == (skipped.code == CODE_OK));
    if (refusal.code == CODE_OK && size <= SMALL) second_reader(data, size);

    /* The getters in an order that the data choose: sticky, never beyond the end, whatever is asked. */
    in = wire_read(bytes_of(data, size));
    for (size_t i = 0; i < size && i < 64; i++) {
        const uint8_t *before = in.at;
        switch (data[size - 1 - i] % 11) {
        case 0: (void)wire_get_uint(&in, 0, UINT64_MAX); break;
        case 1: (void)wire_get_int(&in, INT64_MIN, INT64_MAX); break;
        case 2: (void)wire_get_bytes(&in, 0, SIZE_MAX); break;
        case 3: (void)wire_get_text(&in, 0, SIZE_MAX); break;
        case 4: (void)wire_get_code(&in, 1, 40); break;
        case 5: (void)wire_get_array(&in, 0, SIZE_MAX); break;
        case 6: (void)wire_get_map(&in, 0, SIZE_MAX); break;
        case 7: wire_get_tag(&in, 18); break;
        case 8: (void)wire_get_bool(&in); break;
        case 9: (void)wire_try_null(&in); break;
        default: wire_skip(&in); break;
        }
        ASSERT(in.at >= before);
        ASSERT(in.at <= in.end);
        if (in.why != CODE_OK) ASSERT(wire_peek(&in) == WIRE_END);
    }
    return 0;
}
