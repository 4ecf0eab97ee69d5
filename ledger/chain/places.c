#include "ledger/chain/places.h"

#include <pthread.h>
#include <stdatomic.h>

/* A place: address << 16 | length; 0: nothing. Addresses have 47 bits on the machines we know; where one has more, it is not remembered. */
#define LENGTH_BITS 16u
_Static_assert(PLACE_BYTES_MAX < 1u << LENGTH_BITS, "a length fits beside the address");
_Static_assert(sizeof(uintptr_t) <= sizeof(uint64_t), "an address is no longer than what holds it");

#define SHARING 2u
#define CHUNK_BITS 16u
#define CHUNKS ((UINT64_C(1) << 32) / SHARING >> CHUNK_BITS)
typedef _Atomic uint64_t place_t; /* each says all it has to say: no order between them matters */
struct places {
    pthread_mutex_t lock; /* for what follows to be written, but for the places in the chunks */
    _Atomic uint64_t epoch; /* kv_epoch when they were noted */
    _Atomic(place_t *) chunk[CHUNKS]; /* NULL until the first in it is noted */
};

struct places *places_new(void) {
    struct places *places = calloc(1, sizeof *places);
    if (places != NULL) ASSERT(pthread_mutex_init(&places->lock, NULL) == 0);
    return places;
}

void places_free(struct places *places) {
    if (places == NULL) return;
    for (size_t i = 0; i < CHUNKS; i++) free((void *)atomic_load(&places->chunk[i]));
    ASSERT(pthread_mutex_destroy(&places->lock) == 0);
    free(places);
}

/* No txn that began before the memory moved is open, so nobody uses what is forgotten here. */
static void places_forget(struct places *places, uint64_t epoch) {
    ASSERT(pthread_mutex_lock(&places->lock) == 0);
    for (size_t i = 0; i < CHUNKS && atomic_load(&places->epoch) != epoch; i++) {
        place_t *chunk = atomic_load(&places->chunk[i]);
        for (size_t k = 0; chunk != NULL && k < (size_t)1 << CHUNK_BITS; k++) atomic_store_explicit(&chunk[k], 0, memory_order_relaxed);
    }
    atomic_store(&places->epoch, epoch);
    ASSERT(pthread_mutex_unlock(&places->lock) == 0);
}

bool places_hold(struct places *places, struct kv *kv) {
    const uint64_t epoch = kv_epoch(kv);
    if (epoch != atomic_load_explicit(&places->epoch, memory_order_acquire)) places_forget(places, epoch);
    return epoch != 0;
}

static size_t chunk_of(uint32_t no) { return no / SHARING >> CHUNK_BITS; }
static size_t places_within(uint32_t no) { return no / SHARING & (((size_t)1 << CHUNK_BITS) - 1); }

static place_t *places_chunk_new(struct places *places, size_t number) {
    ASSERT(pthread_mutex_lock(&places->lock) == 0);
    place_t *chunk = atomic_load(&places->chunk[number]); /* another thread may have been here */
    if (chunk == NULL) chunk = calloc((size_t)1 << CHUNK_BITS, sizeof *chunk);
    atomic_store_explicit(&places->chunk[number], chunk, memory_order_release);
    ASSERT(pthread_mutex_unlock(&places->lock) == 0);
    return chunk;
}

void places_note(struct places *places, uint32_t no, struct bytes value) {
    const uint64_t address = (uintptr_t)value.data;
    if (value.len == 0 || value.len > PLACE_BYTES_MAX || address >> (64 - LENGTH_BITS) != 0) return;
    place_t *chunk = atomic_load_explicit(&places->chunk[chunk_of(no)], memory_order_acquire);
    if (chunk == NULL) chunk = places_chunk_new(places, chunk_of(no));
    if (chunk != NULL) atomic_store_explicit(&chunk[places_within(no)], address << LENGTH_BITS | value.len, memory_order_relaxed);
}

struct bytes places_find(const struct places *places, uint32_t no) {
    place_t *chunk = atomic_load_explicit(&places->chunk[chunk_of(no)], memory_order_acquire);
    const uint64_t place = chunk != NULL ? atomic_load_explicit(&chunk[places_within(no)], memory_order_relaxed) : 0;
    if (place == 0) return bytes_of(NULL, 0);
    return bytes_of((const uint8_t *)(uintptr_t)(place >> LENGTH_BITS), (size_t)(place & ((1u << LENGTH_BITS) - 1)));
}

void places_prefetch(const struct places *places, uint32_t no) {
    const place_t *chunk = atomic_load_explicit(&places->chunk[chunk_of(no)], memory_order_acquire);
    if (chunk != NULL) __builtin_prefetch((const void *)&chunk[places_within(no)]);
}
