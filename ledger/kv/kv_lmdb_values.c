#include "ledger/kv/kv_lmdb_inside.h"
#include "ledger/kv/kv_lmdb_err.h"
#include "ledger/kv/kv_bus.h"

#define LONG_VALUE (1u << 20)

/* Still within the call: a length that rotted leads far away. A value that is not long ends within the map's room or behind the file, which is a SIGBUS. */
static void value_reaches(const MDB_val *v) {
    if (v->mv_size > LONG_VALUE) (void)((const volatile uint8_t *)v->mv_data)[v->mv_size - 1];
}

enum err lmdb_get(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes *value) {
    struct lmdb_txn *t = txn_of(txn);
    MDB_val k = {sizeof key, &key}, v;
    kv_bus_enter();
    const int rc = mdb_get(t->mdb, t->lmdb->dbi[table], &k, &v);
    if (rc == 0) value_reaches(&v);
    kv_bus_leave();
    if (rc == 0) *value = bytes_of(v.mv_data, v.mv_size);
    return lmdb_err(rc);
}

/* A write txn's cursor, and the first key beyond the table's last. */
static int put_start(struct lmdb_txn *t, enum kv_table table) {
    int rc = mdb_cursor_open(t->mdb, t->lmdb->dbi[table], &t->cursor[table]);
    if (rc != 0) return rc;
    MDB_val k, v;
    rc = mdb_cursor_get(t->cursor[table], &k, &v, MDB_LAST);
    if (rc != 0) return rc == MDB_NOTFOUND ? 0 : rc;
    uint64_t last;
    memcpy(&last, k.mv_data, sizeof last);
    t->next_key[table] = last + 1; /* 0 after the greatest key: then nothing is appended, see lmdb_put */
    return last == UINT64_MAX ? MDB_INCOMPATIBLE : 0;
}

/* Opening a cursor takes long beside finding a row. */
static int cursor_start(struct lmdb_txn *t, enum kv_table table) {
    int rc = 0;
    if (t->write) return t->cursor[table] == NULL ? put_start(t, table) : 0;
    if (t->cursor[table] == NULL) rc = mdb_cursor_open(t->mdb, t->lmdb->dbi[table], &t->cursor[table]);
    else if (t->cursor_old[table]) rc = mdb_cursor_renew(t->mdb, t->cursor[table]);
    if (rc == 0) t->cursor_old[table] = false;
    return rc;
}

static enum err floor_find(struct kv_txn *txn, enum kv_table table, uint64_t key, uint64_t *found, struct bytes *value) {
    struct lmdb_txn *t = txn_of(txn);
    uint64_t at = key;
    int rc = cursor_start(t, table);
    if (rc != 0) return lmdb_err(rc);
    MDB_val k = {sizeof at, &at}, v;
    MDB_cursor *cursor = t->cursor[table];
    rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    if (rc == MDB_NOTFOUND) rc = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
    else if (rc == 0) {
        memcpy(&at, k.mv_data, sizeof at);
        if (at != key) rc = mdb_cursor_get(cursor, &k, &v, MDB_PREV);
    }
    if (rc == 0) {
        memcpy(found, k.mv_data, sizeof *found);
        value_reaches(&v);
        *value = bytes_of(v.mv_data, v.mv_size);
    }
    return lmdb_err(rc);
}

enum err lmdb_floor(struct kv_txn *txn, enum kv_table table, uint64_t key, uint64_t *found, struct bytes *value) {
    kv_bus_enter();
    const enum err err = floor_find(txn, table, key, found, value);
    kv_bus_leave();
    return err;
}

enum err lmdb_put(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes value) {
    struct lmdb_txn *t = txn_of(txn);
    ASSERT(t->write);
    ASSERT(value.len >= 1);
    ASSERT(key < UINT64_MAX);
    if (t->failed != ERR_OK) return t->failed;
    kv_bus_enter();
    int rc = cursor_start(t, table);
    const bool append = key >= t->next_key[table];
    MDB_val k = {sizeof key, &key}, v = {value.len, (void *)(uintptr_t)value.data}; /* LMDB only reads it */
    if (rc == 0) rc = mdb_cursor_put(t->cursor[table], &k, &v, append ? MDB_APPEND : 0);
    kv_bus_leave();
    if (rc == 0 && append) t->next_key[table] = key + 1;
    t->failed = lmdb_err(rc);
    /* A page that had to be written early (spilled) met a broken disk. */
    if (t->failed == ERR_IO) atomic_store(&t->lmdb->latched, true);
    return t->failed;
}
