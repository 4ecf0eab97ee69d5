/* Inside of the LMDB driver, shared by kv_lmdb.c (the map's size, txns, opening) and kv_lmdb_values.c (reading and writing) only. Layer: ledger/kv. */
#ifndef LICET_KV_KV_LMDB_INSIDE_H
#define LICET_KV_KV_LMDB_INSIDE_H
#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ledger/kv/kv.h"

struct lmdb;
struct lmdb_txn {
    struct kv_txn txn;
    struct lmdb *lmdb;
    MDB_txn *mdb;
    bool write, open;
    bool parked;     /* nobody's: open until the map has to grow */
    pthread_t owner; /* who began it; meaningful while open and not parked */
    struct lmdb_txn *next_free, *next_made;
    MDB_cursor *cursor[KV_TABLES]; /* NULL until the first floor or put; those of a read txn are kept until it is renewed, and then renewed */
    bool cursor_old[KV_TABLES];    /* read only: to be renewed */
    /* write only: */
    uint64_t next_key[KV_TABLES];  /* puts from here on are appended */
    enum err failed;               /* the first put that failed: then nothing may be committed */
};
struct lmdb {
    struct kv kv;
    MDB_env *env;
    MDB_dbi dbi[KV_TABLES];
    int dir_fd, lock_fd;
    char *path; /* of data.mdb, by which the next start finds it */
    int sync_fd; /* of our own: who syncs through a descriptor that others sync too may miss a fault that was told to them */
    bool read_only;
    uint64_t room_min, page_bytes;
    atomic_bool latched; /* a commit failed: nothing is written any more */
    atomic_ullong commits;
    /* The map moves when it grows, so that is done only while no txn of this process is open. The mutex guards what follows. */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    unsigned active;
    atomic_bool resizing; /* written under the mutex */
    atomic_ullong moved;  /* how often the map was put elsewhere; written while nobody is inside */
    bool unmapped;
    struct lmdb_txn *free, *made; /* read txns that rest, reset; all that there are */
    struct lmdb_txn writer;
};

static inline struct lmdb *lmdb_of(struct kv *kv) { return (struct lmdb *)kv; }
static inline struct lmdb_txn *txn_of(struct kv_txn *txn) { return (struct lmdb_txn *)txn; }

/* The driver's part of struct kv_ops that concerns values. */
enum err lmdb_get(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes *value);
enum err lmdb_floor(struct kv_txn *txn, enum kv_table table, uint64_t key, uint64_t *found, struct bytes *value);
enum err lmdb_put(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes value);
#endif
