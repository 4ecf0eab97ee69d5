#include "ledger/kv/kv_mem.h"

#include <stdatomic.h>

/* One table: pairs in order of key. Almost every put is past the end, so an array with binary search is all it takes. */
struct pair {
    uint64_t key;
    uint8_t *data; /* owned */
    size_t len;
};
struct table {
    struct pair *pairs;
    size_t count, room;
};
struct mem_txn {
    struct kv_txn txn;
    struct mem *mem;
    bool write;
    uint64_t seen; /* mem->kept when it began */
};
struct mem {
    struct kv kv;
    unsigned discard;
    struct table base[KV_TABLES];
    struct table over[KV_TABLES]; /* puts of the write txn */
    struct mem_txn writer;
    bool writing, latched;
    atomic_uint readers; /* the only thing that reading changes */
    uint64_t commits, kept; /* told so; done so */
    unsigned countdown; /* of the fault to come */
    enum err fault;
    bool fault_kept;
};

/* Index of the first of count pairs with a key > key. */
static size_t upper_of(const struct table *table, size_t count, uint64_t key) {
    size_t low = 0, high = count;
    if (high > 0 && table->pairs[high - 1].key <= key) return high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table->pairs[middle].key <= key) low = middle + 1;
        else high = middle;
    }
    return low;
}
static size_t kv_mem_upper(const struct table *table, uint64_t key) { return upper_of(table, table->count, key); }

static struct pair *table_at(const struct table *table, uint64_t key) {
    size_t i = kv_mem_upper(table, key);
    return i > 0 && table->pairs[i - 1].key == key ? &table->pairs[i - 1] : NULL;
}

static bool table_reserve(struct table *table, size_t more) {
    if (table->room - table->count >= more) return true;
    size_t room = table->room ? table->room : 64;
    while (room - table->count < more) room *= 2;
    struct pair *pairs = (struct pair *)realloc(table->pairs, room * sizeof *pairs);
    if (pairs == NULL) return false;
    table->pairs = pairs;
    table->room = room;
    return true;
}

/* Takes over data. There is room for one more. */
static void table_set(struct table *table, uint64_t key, uint8_t *data, size_t len) {
    size_t i = kv_mem_upper(table, key);
    if (i > 0 && table->pairs[i - 1].key == key) {
        free(table->pairs[i - 1].data);
        table->pairs[i - 1] = (struct pair){key, data, len};
        return;
    }
    ASSERT(table->count < table->room);
    memmove(&table->pairs[i + 1], &table->pairs[i], (table->count - i) * sizeof *table->pairs);
    table->pairs[i] = (struct pair){key, data, len};
    table->count++;
}

/* All pairs of over go into base, which has room for them: from the end, so that each pair behind a new key moves once, however many new keys there are. */
static void table_merge(struct table *base, struct table *over) {
    size_t fresh = 0;
    for (size_t j = 0; j < over->count; j++) fresh += table_at(base, over->pairs[j].key) == NULL;
    size_t i = base->count, to = base->count + fresh;
    base->count = to;
    for (size_t j = over->count; j > 0;) {
        const struct pair *pair = &over->pairs[j - 1];
        if (to == i) i = to = upper_of(base, i, pair->key); /* no new key is left: nothing moves any more */
        if (i > 0 && base->pairs[i - 1].key > pair->key) {
            base->pairs[--to] = base->pairs[--i];
            continue;
        }
        if (i > 0 && base->pairs[i - 1].key == pair->key) free(base->pairs[--i].data);
        base->pairs[--to] = *pair;
        j--;
    }
    over->count = 0;
}

static void table_clear(struct table *table) {
    for (size_t i = 0; i < table->count; i++) free(table->pairs[i].data);
    table->count = 0;
}

static struct mem *mem_of(struct kv *kv) { return (struct mem *)kv; }

static enum err mem_begin(struct kv *kv, bool write, struct kv_txn **out) {
    struct mem *mem = mem_of(kv);
    if (write) {
        ASSERT(!mem->writing);
        if (mem->latched) return ERR_LATCHED;
        mem->writing = true;
        mem->writer = (struct mem_txn){{kv->ops}, mem, true, mem->kept};
        *out = &mem->writer.txn;
        return ERR_OK;
    }
    struct mem_txn *reader = (struct mem_txn *)malloc(sizeof *reader);
    if (reader == NULL) return ERR_MEMORY;
    *reader = (struct mem_txn){{kv->ops}, mem, false, mem->kept};
    atomic_fetch_add(&mem->readers, 1);
    *out = &reader->txn;
    return ERR_OK;
}

static enum err mem_get(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes *value) {
    const struct mem_txn *t = (const struct mem_txn *)txn;
    ASSERT(t->seen == t->mem->kept); /* its snapshot is gone */
    const struct pair *pair = t->write ? table_at(&t->mem->over[table], key) : NULL;
    if (pair == NULL) pair = table_at(&t->mem->base[table], key);
    if (pair == NULL) return ERR_ABSENT;
    *value = bytes_of(pair->data, pair->len);
    return ERR_OK;
}

static enum err mem_floor(struct kv_txn *txn, enum kv_table table, uint64_t key, uint64_t *found, struct bytes *value) {
    const struct mem_txn *t = (const struct mem_txn *)txn;
    ASSERT(t->seen == t->mem->kept);
    const struct table *base = &t->mem->base[table], *over = &t->mem->over[table];
    size_t in_base = kv_mem_upper(base, key), in_over = t->write ? kv_mem_upper(over, key) : 0;
    const struct pair *pair = in_base > 0 ? &base->pairs[in_base - 1] : NULL;
    if (in_over > 0 && (pair == NULL || over->pairs[in_over - 1].key >= pair->key)) pair = &over->pairs[in_over - 1];
    if (pair == NULL) return ERR_ABSENT;
    *found = pair->key;
    *value = bytes_of(pair->data, pair->len);
    return ERR_OK;
}

static enum err mem_put(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes value) {
    struct mem_txn *t = (struct mem_txn *)txn;
    ASSERT(t->write);
    ASSERT(value.len >= 1);
    if ((t->mem->discard >> table & 1u) != 0) return ERR_OK;
    if (!table_reserve(&t->mem->over[table], 1)) return ERR_MEMORY;
    uint8_t *data = (uint8_t *)malloc(value.len);
    if (data == NULL) return ERR_MEMORY;
    memcpy(data, value.data, value.len);
    table_set(&t->mem->over[table], key, data, value.len);
    return ERR_OK;
}

static void mem_abort(struct kv_txn *txn) {
    struct mem_txn *t = (struct mem_txn *)txn;
    struct mem *mem = t->mem;
    if (!t->write) {
        ASSERT(atomic_fetch_sub(&mem->readers, 1) > 0);
        free(t);
        return;
    }
    for (unsigned i = 0; i < KV_TABLES; i++) table_clear(&mem->over[i]);
    mem->writing = false;
}

/* All room is taken before the first pair moves, so that it is everything or nothing. */
static enum err mem_keep(struct mem *mem) {
    for (unsigned i = 0; i < KV_TABLES; i++)
        if (!table_reserve(&mem->base[i], mem->over[i].count)) return ERR_MEMORY;
    for (unsigned i = 0; i < KV_TABLES; i++) {
        table_merge(&mem->base[i], &mem->over[i]);
    }
    mem->kept++;
    return ERR_OK;
}

static enum err mem_commit(struct kv_txn *txn) {
    struct mem_txn *t = (struct mem_txn *)txn;
    struct mem *mem = t->mem;
    if (!t->write) {
        mem_abort(txn);
        return ERR_OK;
    }
    enum err err = mem->countdown == 1 ? mem->fault : ERR_OK;
    if (mem->countdown > 0) mem->countdown--;
    if (err == ERR_OK) err = mem_keep(mem);
    else {
        if (mem->fault_kept && mem_keep(mem) != ERR_OK) err = ERR_MEMORY;
        mem->latched = err != ERR_NO_ROOM;
    }
    mem_abort(txn);
    if (err == ERR_OK) mem->commits++;
    return err;
}

/* The state that it showed is gone once the next one was committed. */
static void mem_park(struct kv_txn *txn) { (void)txn; }

static bool mem_resume(struct kv_txn *txn) {
    const struct mem_txn *t = (const struct mem_txn *)txn;
    if (t->seen == t->mem->kept) return true;
    mem_abort(txn);
    return false;
}

static enum err mem_sync(struct kv *kv) {
    (void)kv;
    return ERR_OK;
}

static bool mem_waited_for(struct kv *kv) {
    (void)kv;
    return false;
}

static enum err mem_room(struct kv *kv, uint64_t bytes_wanted) {
    const struct mem *mem = mem_of(kv);
    ASSERT(!mem->writing);
    (void)bytes_wanted;
    return ERR_OK;
}

static void mem_close(struct kv *kv) {
    struct mem *mem = mem_of(kv);
    ASSERT(!mem->writing);
    ASSERT(atomic_load(&mem->readers) == 0);
    for (unsigned i = 0; i < KV_TABLES; i++) {
        table_clear(&mem->base[i]);
        free(mem->base[i].pairs);
        free(mem->over[i].pairs);
    }
    free(mem);
}

struct kv *kv_mem_new(unsigned discard) {
    static const struct kv_ops ops = {
        .begin = mem_begin, .get = mem_get, .floor = mem_floor, .put = mem_put,
        .commit = mem_commit, .sync = mem_sync, .abort = mem_abort, .park = mem_park, .resume = mem_resume,
        .sync_room = mem_room, .waited_for = mem_waited_for, .close = mem_close,
    };
    struct mem *mem = (struct mem *)calloc(1, sizeof *mem);
    if (mem == NULL) return NULL;
    mem->kv.ops = &ops;
    mem->discard = discard;
    return &mem->kv;
}

void kv_mem_fail(struct kv *kv, unsigned countdown, enum err err, bool kept) {
    struct mem *mem = mem_of(kv);
    mem->countdown = countdown;
    mem->fault = err;
    mem->fault_kept = kept;
    mem->latched = false;
}

uint64_t kv_mem_commits(struct kv *kv) { return mem_of(kv)->commits; }
