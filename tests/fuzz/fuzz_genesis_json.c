/* genesis_json: the readable document. What is taken makes a genesis that is taken, and its readable form makes the same one. */
#include "tests/fuzz/fuzz.h"

#include "genesis/genesis_json.h"

#define NOW_MS 1795323821123LL

int fuzz_one(const uint8_t *data, size_t size) {
    static struct genesis genesis;
    uint8_t *made, *again;
    size_t len, again_len;
    char message[512] = "";
    const struct refusal refusal = genesis_from_json(&made, &len, message, sizeof message, (const char *)data, size, NOW_MS);
    fuzz_refusal(refusal);
    if (refusal.code != CODE_OK) {
        ASSERT(made == NULL);
        ASSERT(message[0] != '\0');
        ASSERT(memchr(message, '\0', sizeof message) != NULL);
        return 0;
    }
    ASSERT(genesis_decode(&genesis, bytes_of(made, len)).code == CODE_OK);
    char *text = genesis_to_json(&genesis);
    ASSERT(text != NULL);
    ASSERT(genesis_from_json(&again, &again_len, message, sizeof message, text, strlen(text), 0).code == CODE_OK);
    ASSERT(bytes_equal(bytes_of(made, len), bytes_of(again, again_len)));
    free(text);
    free(again);
    free(made);
    return 0;
}
