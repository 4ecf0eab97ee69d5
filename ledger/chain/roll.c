#include "ledger/chain/roll.h"

#include <pthread.h>

#define KINDS (OBJECT_KIND_MAX + 1)

struct roll {
    pthread_rwlock_t lock;
    struct list { uint32_t *numbers; size_t settled, count, room; } lists[KINDS];
};

struct roll *roll_new(void) {
    struct roll *roll = calloc(1, sizeof *roll);
    if (roll != NULL) pthread_rwlock_init(&roll->lock, NULL);
    return roll;
}

void roll_free(struct roll *roll) {
    if (roll == NULL) return;
    for (size_t i = 0; i < KINDS; i++) free(roll->lists[i].numbers);
    pthread_rwlock_destroy(&roll->lock);
    free(roll);
}

bool roll_keeps(enum object_kind kind) { return object_is_kept(kind, IS_LISTED); }

enum err roll_stage(struct roll *roll, enum object_kind kind, uint32_t no) {
    if (!roll_keeps(kind)) return ERR_OK;
    struct list *list = &roll->lists[kind];
    ASSERT(list->count == 0 || list->numbers[list->count - 1] < no);
    if (list->count == list->room) {
        const size_t room = list->room > 0 ? 2 * list->room : 64;
        pthread_rwlock_wrlock(&roll->lock);
        uint32_t *numbers = realloc(list->numbers, room * sizeof *numbers);
        if (numbers != NULL) {
            list->numbers = numbers;
            list->room = room;
        }
        pthread_rwlock_unlock(&roll->lock);
        if (numbers == NULL) return ERR_MEMORY;
    }
    list->numbers[list->count++] = no; /* beyond what readers look at */
    return ERR_OK;
}

void roll_settle(struct roll *roll, bool keep) {
    for (size_t i = 0; i < KINDS; i++) {
        struct list *list = &roll->lists[i];
        if (list->count == list->settled) continue;
        pthread_rwlock_wrlock(&roll->lock);
        if (keep) list->settled = list->count;
        else list->count = list->settled;
        pthread_rwlock_unlock(&roll->lock);
    }
}

uint32_t roll_next(struct roll *roll, enum object_kind kind, uint32_t from, uint64_t below) {
    const struct list *list = &roll->lists[kind];
    uint32_t found = NO_NONE;
    pthread_rwlock_rdlock(&roll->lock);
    size_t low = 0, high = list->settled;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (list->numbers[middle] < from) low = middle + 1;
        else high = middle;
    }
    if (low < list->settled && list->numbers[low] < below) found = list->numbers[low];
    pthread_rwlock_unlock(&roll->lock);
    return found;
}
