#include "rpc/object_cache.h"

static enum found through(struct object_cache *cache, struct cached_id *last, enum object_kind kind, struct bytes id, struct bytes *value) {
    if (last->len > 0 && bytes_equal(id, bytes_of(last->id, last->len))) {
        *value = last->value;
        return FOUND_YES;
    }
    const enum found found = snapshot_by_id(cache->snapshot, kind, id, value);
    if (found != FOUND_YES || id.len > CACHE_ID_MAX) return found;
    memcpy(last->id, id.data, id.len);
    last->len = id.len;
    last->value = *value;
    return FOUND_YES;
}

static enum found cached_by_id(void *context, enum object_kind kind, struct bytes id, struct bytes *value) {
    struct object_cache *cache = context;
    if (kind == OBJECT_LICENCE) return snapshot_expected(cache->snapshot, kind, id, cache->copy[cache->copy_next++ % CACHE_COPIES], value);
    if (kind == OBJECT_TYPE) return through(cache, &cache->type, kind, id, value);
    if (kind == OBJECT_NUMBER) return through(cache, &cache->number, kind, id, value);
    return snapshot_by_id(cache->snapshot, kind, id, value);
}

static enum found cached_by_no(void *context, enum object_kind kind, uint32_t no, struct bytes *value) {
    struct object_cache *cache = context;
    if (kind != OBJECT_LICENCE) return snapshot_by_no(cache->snapshot, kind, no, value);
    if (cache->licence.data != NULL && no == cache->licence_no) {
        *value = cache->licence;
        return FOUND_YES;
    }
    const enum found found = snapshot_by_no(cache->snapshot, kind, no, value);
    if (found == FOUND_YES) {
        cache->licence_no = no;
        cache->licence = *value;
    }
    return found;
}

struct object_source object_cache_over(struct object_cache *cache, const struct snapshot *snapshot, const uint8_t *genesis) {
    cache->snapshot = snapshot;
    cache->type.len = cache->number.len = cache->copy_next = 0;
    cache->licence = bytes_of(NULL, 0);
    return (struct object_source){cache, genesis, cached_by_id, cached_by_no};
}
