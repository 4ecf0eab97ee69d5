#include "rpc/record_cache.h"

/* Key and number stand first: [kind, key, no, ...]. What does not read is not kept; who asked finds that out. */
static bool licence_names(struct bytes value, uint8_t key[32], uint32_t *no) {
    struct cbor_in in = cbor_read(value);
    (void)cbor_get_array(&in, 3, SIZE_MAX);
    (void)cbor_get_uint(&in, OBJECT_LICENCE, OBJECT_LICENCE);
    const uint8_t *stored = cbor_get_fixed(&in, 32);
    *no = (uint32_t)cbor_get_uint(&in, 0, NO_NONE - 1);
    if (in.why != CODE_OK) return false;
    memcpy(key, stored, 32);
    return true;
}

static enum found cached_licence_by_key(struct record_cache *cache, struct bytes id, struct bytes *value) {
    for (uint32_t i = 0; i < CACHE_LICENCES; i++) {
        if (!cache->licence[i].set || !bytes_equal(id, bytes_of(cache->licence[i].key, 32))) continue;
        *value = cache->licence[i].value;
        return FOUND_YES;
    }
    const enum found found = snapshot_expected(cache->snapshot, OBJECT_LICENCE, id, cache->copy[cache->copy_next % CACHE_COPIES], value);
    if (found != FOUND_YES || id.len != 32) return found;
    cache->copy_next++;
    struct cached_licence *kept = &cache->licence[cache->licence_next++ % CACHE_LICENCES];
    *kept = (struct cached_licence){.set = true, .no = NO_NONE, .value = *value}; /* most are never asked for by number: it is read when one is */
    memcpy(kept->key, id.data, 32);
    return FOUND_YES;
}

static enum found cached_type_by_code(struct record_cache *cache, struct bytes id, struct bytes *value) {
    for (uint32_t i = 0; i < cache->type_count; i++) {
        if (!bytes_equal(id, bytes_of(cache->type[i].code, TYPE_CODE_LEN))) continue;
        *value = cache->type[i].value;
        return FOUND_YES;
    }
    const enum found found = snapshot_by_id(cache->snapshot, OBJECT_TYPE, id, value);
    if (found == FOUND_YES && id.len == TYPE_CODE_LEN && cache->type_count < CACHE_TYPES) {
        memcpy(cache->type[cache->type_count].code, id.data, TYPE_CODE_LEN);
        cache->type[cache->type_count++].value = *value;
    }
    return found;
}

static enum found cached_by_id(void *context, enum object_kind kind, struct bytes id, struct bytes *value) {
    struct record_cache *cache = context;
    if (kind == OBJECT_LICENCE) return cached_licence_by_key(cache, id, value);
    if (kind == OBJECT_TYPE) return cached_type_by_code(cache, id, value);
    return snapshot_by_id(cache->snapshot, kind, id, value);
}

static enum found cached_licence_by_no(struct record_cache *cache, uint32_t no, struct bytes *value) {
    struct cached_licence read = {.set = true};
    for (uint32_t i = 0; i < CACHE_LICENCES; i++) {
        struct cached_licence *kept = &cache->licence[i];
        if (!kept->set) continue;
        if (kept->no == NO_NONE && !licence_names(kept->value, kept->key, &kept->no)) kept->set = false;
        if (!kept->set || kept->no != no) continue;
        *value = kept->value;
        return FOUND_YES;
    }
    const enum found found = snapshot_by_no(cache->snapshot, OBJECT_LICENCE, no, value);
    if (found != FOUND_YES || !licence_names(*value, read.key, &read.no)) return found;
    read.value = *value;
    cache->licence[cache->licence_next++ % CACHE_LICENCES] = read;
    return FOUND_YES;
}

static enum found cached_by_no(void *context, enum object_kind kind, uint32_t no, struct bytes *value) {
    struct record_cache *cache = context;
    if (kind == OBJECT_LICENCE) return cached_licence_by_no(cache, no, value);
    for (uint32_t i = 0; i < cache->shared_count; i++) {
        if (cache->shared[i].no != no || cache->shared[i].kind != kind) continue;
        *value = cache->shared[i].value;
        return FOUND_YES;
    }
    const enum found found = snapshot_by_no(cache->snapshot, kind, no, value);
    const bool share = kind == OBJECT_MEMBER || kind == OBJECT_TYPE || kind == OBJECT_KEY;
    if (found == FOUND_YES && share && cache->shared_count < CACHE_SHARED) {
        cache->shared[cache->shared_count].kind = kind;
        cache->shared[cache->shared_count].no = no;
        cache->shared[cache->shared_count++].value = *value;
    }
    return found;
}

struct record_source record_cache_over(struct record_cache *cache, const struct snapshot *snapshot, const uint8_t *genesis) {
    cache->snapshot = snapshot;
    cache->shared_count = cache->type_count = cache->licence_next = cache->copy_next = 0;
    for (uint32_t i = 0; i < CACHE_LICENCES; i++) cache->licence[i].set = false;
    return (struct record_source){cache, genesis, cached_by_id, cached_by_no};
}
