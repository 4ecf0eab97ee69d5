/* proof: the .licet file: decode, check under a fixed trust, judge. The trust is that of the golden vectors (tests/vectors/object.txt,
 * finality), under whose head-note key make_corpus.py signs whole proofs; so some seeds pass every check. */
#include "tests/fuzz/fuzz.h"

#include "ledger/rules/proof_source.h"

static const char FINALITY[] =
    "8402010181847231313331303131384d42324630303030304c83382e582006ad485f420726bf1f4c3e826fbf2609cd69eaeca2f06b015a0080d9bd42eaa05820f4a92da4"
    "00d72fd821cb9ffba3d64afe70fb2c444dc752559fbc3d042637de5883265820a63bbacf4cb55063212bd2ca31e3da02fb6f73b5fa3947af9bfdd166ced511a05820115b"
    "72493d4aa2eb61bb9b311ae403c97a1e485a936c16348b13f2049dabcb8e83275820909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaff6";
#define AT_MS 1795323821123LL

static struct proof proof, again;

static struct refusal whole(struct wire_out *out, struct bytes in) {
    const struct refusal refusal = proof_decode(&again, in);
    if (refusal.code == CODE_OK) ASSERT(proof_encode(out, &again));
    return refusal;
}
static struct refusal link_whole(struct wire_out *out, struct bytes in) {
    static struct proof_link link;
    const struct refusal refusal = proof_link_decode(&link, in);
    if (refusal.code == CODE_OK) ASSERT(proof_link_encode(out, &link));
    return refusal;
}

/* What proof_check asks of a record apart from its place: enough to be judged. */
static bool judgeable(const uint8_t genesis[32]) {
    uint8_t key[32];
    enum object_kind kind;
    for (uint32_t i = 0; i < proof.object_count; i++) {
        const struct proof_object *record = &proof.objects[i];
        if (record->value.data == NULL) continue;
        if (!object_kind_of(&kind, record->value) || kind != record->kind || !object_key_of(key, genesis, record->value)) return false;
    }
    return true;
}

static void judge(const uint8_t genesis[32], int64_t at_ms) {
    static struct proof_source source;
    static struct verdict verdict;
    struct verdict_query query;
    char type_code[TYPE_CODE_LEN + 1];
    const struct object_source records = proof_source_over(&source, &proof, genesis);
    if (!subject_query(&query, type_code, &proof.subject, &records)) return;
    const enum err err = verdict_judge(&verdict, &query, &records, at_ms);
    ASSERT(err == ERR_OK || err == ERR_CORRUPT); /* a proof has no disk that could fail */
    if (err != ERR_OK) return;
    ASSERT(verdict_word_text(verdict.word) != NULL);
    ASSERT(verdict.has_licence == (verdict.word != VERDICT_UNKNOWN && verdict.word != VERDICT_MISMATCH && verdict.word != VERDICT_INCOMPLETE));
}

int fuzz_one(const uint8_t *data, size_t size) {
    static uint8_t genesis[32], finality_bytes[sizeof FINALITY / 2];
    static struct finality finality;
    if (genesis[0] == 0) {
        for (unsigned i = 0; i < 32; i++) genesis[i] = (uint8_t)(0x10 + i);
        ASSERT(hex_decode(finality_bytes, sizeof finality_bytes, FINALITY, sizeof FINALITY - 1));
        ASSERT(finality_decode(&finality, bytes_of(finality_bytes, sizeof finality_bytes)).code == CODE_OK);
    }
    const struct bytes in = bytes_of(data, size);
    (void)fuzz_law(link_whole, in);
    if (!fuzz_law(whole, in)) return 0;
    ASSERT(proof_decode(&proof, in).code == CODE_OK);

    const struct proof_trust trust = {.finality = &finality, .genesis = {0}};
    struct proof_trust known = trust;
    memcpy(known.genesis, genesis, 32);
    struct proof_checked checked;
    const struct refusal refusal = proof_check(&checked, &proof, &known);
    fuzz_refusal(refusal);
    if (refusal.code == CODE_OK) {
        ASSERT(checked.notes_good >= finality.threshold);
        ASSERT(judgeable(genesis));
    }
    uint32_t node;
    for (uint32_t i = 0; i < proof.seal_count; i++) fuzz_refusal(header_seal_check(&node, proof.seals[i], proof.header, &finality));
    /* Judged whatever the signatures say, so that the fuzzer gets past them. */
    if (judgeable(genesis)) {
        judge(genesis, AT_MS);
        judge(genesis, 0);
        judge(genesis, TIME_MS_MAX);
    }
    return 0;
}
