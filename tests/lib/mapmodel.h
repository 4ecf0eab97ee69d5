/* Mapmodel: the state map as naively as it can be said: a sorted array, and the definition of its root read off mapproof.h.
 * For tests; shares nothing with the map but the two hashes. */
#ifndef LICET_TESTS_MAPMODEL_H
#define LICET_TESTS_MAPMODEL_H
#include "ledger/state/statemap.h"

#define MODEL_MAX 6000

struct model {
    size_t count;
    struct map_change entry[MODEL_MAX]; /* by key */
    uint8_t slot_key[MODEL_MAX][32];    /* what storage would say */
    unsigned asked;                     /* calls of model_key */
    unsigned fail_at;                   /* the call that fails, from 1; 0: none */
    bool lie;                           /* a wrong key instead */
};

static inline uint64_t model_random(uint64_t *seed) { /* splitmix64 */
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}
static inline void model_random_bytes(uint64_t *seed, uint8_t out32[32]) {
    for (unsigned i = 0; i < 32; i += 8) be64_put(out32 + i, model_random(seed));
}

static inline bool model_key(void *context, uint32_t slot, uint8_t key32[32]) {
    struct model *model = (struct model *)context;
    if (++model->asked == model->fail_at) return false;
    memcpy(key32, model->slot_key[slot], 32);
    if (model->lie) key32[7] ^= 1;
    return true;
}

/* The place of the first entry that is not below key. */
static inline size_t model_place(const struct model *model, const uint8_t key32[32]) {
    size_t at = 0;
    size_t end = model->count;
    while (at < end) {
        const size_t middle = at + (end - at) / 2;
        if (memcmp(model->entry[middle].key, key32, 32) < 0) {
            at = middle + 1;
        } else {
            end = middle;
        }
    }
    return at;
}
static inline bool model_has(const struct model *model, const uint8_t key32[32]) {
    const size_t at = model_place(model, key32);
    return at < model->count && memcmp(model->entry[at].key, key32, 32) == 0;
}
static inline void model_put(struct model *model, const struct map_change *change) {
    const size_t at = model_place(model, change->key);
    if (!model_has(model, change->key)) {
        ASSERT(model->count < MODEL_MAX);
        memmove(&model->entry[at + 1], &model->entry[at], (model->count - at) * sizeof *change);
        model->count++;
    }
    model->entry[at] = *change;
}

/* The root of the entries begin..end-1, which agree on all bits before `bit`. */
static inline void model_root_of(uint8_t out32[32], const struct model *model, size_t begin, size_t end, unsigned bit) {
    if (begin == end) {
        memset(out32, 0, 32);
        return;
    }
    if (end - begin == 1) {
        map_leaf(out32, model->entry[begin].key, model->entry[begin].value_hash);
        return;
    }
    size_t middle = begin;
    while (middle < end && map_bit(model->entry[middle].key, bit) == 0) middle++;
    if (middle == begin || middle == end) { /* this bit does not tell them apart */
        model_root_of(out32, model, begin, end, bit + 1);
        return;
    }
    uint8_t left[32];
    uint8_t right[32];
    model_root_of(left, model, begin, middle, bit + 1);
    model_root_of(right, model, middle, end, bit + 1);
    map_inner(out32, (uint16_t)bit, left, right);
}
static inline void model_root(uint8_t out32[32], const struct model *model) { model_root_of(out32, model, 0, model->count, 0); }
#endif
