/* Whole proofs made by a second program (tests/fuzz/make_corpus.py, which signs them under the vectors' keys): each is read, checked and judged as
 * tests/fuzz/proof_seeds.txt says. The JavaScript verifier is held to the same table (tests/system/test_foreign.py). */
#include "tests/lib/wire.h"

#include "crypto/hash.h"
#include "ledger/rules/proof_source.h"

#define AT_MS 1795323821123LL

static struct proof proof;

static const char *word_of(const char *name, const struct finality *finality, const uint8_t genesis[32]) {
    static uint8_t data[1u << 16];
    static struct proof_source source;
    static struct verdict verdict;
    struct verdict_query query;
    char path[256], type_code[TYPE_CODE_LEN + 1];
    snprintf(path, sizeof path, "tests/fuzz/corpus/proof/%s", name);
    FILE *file = fopen(path, "rb");
    if (!file) fail_msg("%s: not there (run from the top folder)", path);
    const size_t len = fread(data, 1, sizeof data, file);
    fclose(file);

    struct proof_trust trust = {.finality = finality};
    struct proof_checked checked;
    memcpy(trust.genesis, genesis, 32);
    if (proof_decode(&proof, bytes_of(data, len)).code != CODE_OK) return "refused";
    if (proof_check(&checked, &proof, &trust).code != CODE_OK) return "refused";
    const struct object_source records = proof_source_over(&source, &proof, genesis);
    assert_true(subject_query(&query, type_code, &proof.subject, &records));
    assert_int_equal(verdict_judge(&verdict, &query, &records, AT_MS), ERR_OK);
    return verdict_word_text(verdict.word);
}

static void seeds(void **state) {
    (void)state;
    static struct finality finality;
    char line[256], name[64], word[32];
    int seen = 0;
    const struct vector value = vector_load("object", "finality");
    assert_int_equal(finality_decode(&finality, vector_bytes(&value)).code, CODE_OK);
    FILE *table = fopen("tests/fuzz/proof_seeds.txt", "r");
    assert_non_null(table);
    while (fgets(line, sizeof line, table)) {
        if (line[0] == '#') continue;
        assert_int_equal(sscanf(line, "%63s %31s", name, word), 2);
        const char *told = word_of(name, &finality, fill(0x10));
        if (strcmp(told, word) != 0) fail_msg("%s: %s, not %s", name, told, word);
        seen++;
    }
    fclose(table);
    assert_true(seen > 20);
}

int main(void) {
    if (!hash_setup()) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(seeds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
