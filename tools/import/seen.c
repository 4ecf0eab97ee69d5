#include "tools/import/seen.h"

#include "crypto/hash.h"

static const uint8_t FREE[16];

static void slot_of(uint8_t out16[16], char kind, struct bytes text) {
    uint8_t hash[32];
    const struct bytes parts[2] = {bytes_of(&kind, 1), text};
    sha256_parts(hash, parts, 2);
    memcpy(out16, hash, 16);
    out16[15] |= 1; /* never all zero, which is a free place */
}

static size_t import_seen_slot(const struct import_seen *seen, const uint8_t slot16[16]) {
    size_t at = (size_t)be64_get(slot16) & (seen->room - 1);
    while (memcmp(seen->slots[at].key, FREE, 16) != 0 && memcmp(seen->slots[at].key, slot16, 16) != 0) at = (at + 1) & (seen->room - 1);
    return at;
}

static bool import_seen_grow(struct import_seen *seen) {
    struct import_seen larger = {.room = seen->room ? seen->room * 2 : 4096, .count = seen->count};
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (!larger.slots) return false;
    for (size_t i = 0; i < seen->room; i++)
        if (memcmp(seen->slots[i].key, FREE, 16) != 0) larger.slots[import_seen_slot(&larger, seen->slots[i].key)] = seen->slots[i];
    free(seen->slots);
    *seen = larger;
    return true;
}

const struct seen_slot *import_seen_find(const struct import_seen *seen, char kind, struct bytes text) {
    uint8_t slot[16];
    if (seen->room == 0) return NULL;
    slot_of(slot, kind, text);
    const struct seen_slot *found = &seen->slots[import_seen_slot(seen, slot)];
    return memcmp(found->key, slot, 16) == 0 ? found : NULL;
}

enum seen import_seen_add(struct import_seen *seen, char kind, struct bytes text, uint64_t row, uint64_t content) {
    uint8_t slot[16];
    if (seen->count * 10 >= seen->room * 8 && !import_seen_grow(seen)) return SEEN_NO_MEMORY;
    slot_of(slot, kind, text);
    struct seen_slot *at = &seen->slots[import_seen_slot(seen, slot)];
    if (memcmp(at->key, slot, 16) == 0) return SEEN_BEFORE;
    memcpy(at->key, slot, 16);
    at->row = row;
    at->content = content;
    seen->count++;
    return SEEN_NEW;
}

void import_seen_free(struct import_seen *seen) {
    free(seen->slots);
    *seen = (struct import_seen){.slots = NULL};
}
