/* genesis: the document's bytes. What is taken has a policy and a finality, and its readable form leads back to the same bytes. */
#include "tests/fuzz/fuzz.h"

#include "genesis/genesis_json.h"

int fuzz_one(const uint8_t *data, size_t size) {
    static struct genesis genesis;
    static struct finality finality;
    struct policy policy;
    const struct refusal refusal = genesis_decode(&genesis, bytes_of(data, size));
    fuzz_refusal(refusal);
    if (refusal.code != CODE_OK) return 0;
    genesis_finality(&finality, &genesis);
    genesis_policy(&policy, &genesis);
    ASSERT(finality.node_count >= 1);
    ASSERT(finality.threshold >= 1);
    char *text = genesis_to_json(&genesis);
    ASSERT(text != NULL);
    uint8_t *again;
    size_t len;
    char message[512];
    const struct refusal back = genesis_from_json(&again, &len, message, sizeof message, text, strlen(text), 0);
    if (back.code == CODE_OK) ASSERT(bytes_equal(bytes_of(again, len), bytes_of(data, size)));
    free(again);
    free(text);
    return 0;
}
