#include "ledger/kv/private.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdatomic.h>
#include <unistd.h>

#include "ledger/kv/kv_bus.h"
#include "ledger/kv/kv_disk.h"
#include "ledger/kv/kv_lmdb_err.h"
#include "ledger/wire/cbor.h"

/* Value: SHA-256 (first 16 bytes) of licence key and record, then the record: CBOR [1, type code, identifier, seed, [code, value, ...]].
 * LMDB keeps no check sums: a byte that rotted must read as damaged, not as somebody else's identifier. */
#define FORMAT 1
#define CHECK_LEN 16
#define MAP_BYTES (UINT64_C(64) << 30) /* of addresses, not of disk: the same in every process, so it never has to grow under one */
#define READERS_MAX 512

#define SPARES_MAX 8
struct private_store {
    MDB_env *env;
    MDB_dbi dbi;
    atomic_bool latched; /* a commit failed: what is on the disk is not known */
    /* Read txns at rest: they show nothing and keep no page, but have their memory and their place among the readers. One is looked at for every
     * verdict. NULL: an empty place. */
    _Atomic(MDB_txn *) spare[SPARES_MAX];
};

static enum err private_env_open(struct private_store *store, const char *dir) {
    int dead, rc = mdb_env_create(&store->env);
    if (rc != 0) {
        store->env = NULL;
        return lmdb_err(rc);
    }
    rc = mdb_env_set_maxreaders(store->env, READERS_MAX);
    if (rc == 0) rc = mdb_env_set_mapsize(store->env, MAP_BYTES);
    if (rc == 0) rc = mdb_env_set_assert(store->env, lmdb_assert_failed);
    if (rc == 0) rc = mdb_env_open(store->env, dir, MDB_NOTLS, 0600);
    if (rc != 0) return lmdb_err(rc);
    const enum err err = lmdb_look(store->env, dir);
    if (err != ERR_OK) return err;
    if (rc == 0) rc = mdb_reader_check(store->env, &dead); /* a killed reader would keep old pages for ever */
    MDB_txn *txn;
    if (rc == 0) rc = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (rc != 0) return lmdb_err(rc);
    rc = mdb_dbi_open(txn, NULL, 0, &store->dbi);
    if (rc == 0) return lmdb_err(mdb_txn_commit(txn));
    mdb_txn_abort(txn);
    return lmdb_err(rc);
}

enum err private_open(struct private_store **out, const char *dir, bool create) {
    *out = NULL;
    int dir_fd;
    enum err err = disk_open_dir(&dir_fd, dir, create);
    if (err != ERR_OK) return err;
    struct private_store *store = calloc(1, sizeof *store);
    if (!store) err = ERR_MEMORY;
    if (err == ERR_OK) err = disk_plain(dir_fd, "lock.mdb");
    if (err == ERR_OK) err = disk_check(dir_fd); /* before it is mapped: a page behind the file's end is a SIGBUS */
    if (err == ERR_ABSENT && create) err = ERR_OK;
    kv_bus_enter();
    if (err == ERR_OK) err = private_env_open(store, dir);
    kv_bus_leave();
    if (err == ERR_OK) err = disk_sync_dir(dir_fd);
    (void)close(dir_fd);
    if (err != ERR_OK) {
        private_close(store);
        return err;
    }
    *out = store;
    return ERR_OK;
}

void private_close(struct private_store *store) {
    if (!store) return;
    for (int i = 0; i < SPARES_MAX; i++) {
        MDB_txn *txn = atomic_load(&store->spare[i]);
        if (txn != NULL) mdb_txn_abort(txn);
    }
    if (store->env) mdb_env_close(store->env);
    free(store);
}

/* ---- values ---- */

static void private_value_check(uint8_t out[CHECK_LEN], const uint8_t key32[32], struct bytes record) {
    uint8_t digest[32];
    const struct bytes parts[2] = {bytes_of(key32, 32), record};
    sha256_parts(digest, parts, 2);
    memcpy(out, digest, CHECK_LEN);
}

/* 0: does not fit PRIVATE_MAX. */
static size_t value_encode(uint8_t out[PRIVATE_MAX], const uint8_t key32[32], const struct private_licence *licence) {
    struct wire_out w = wire_write(out + CHECK_LEN, PRIVATE_MAX - CHECK_LEN);
    wire_put_array(&w, 5);
    wire_put_uint(&w, FORMAT);
    wire_put_text(&w, licence->type_code);
    wire_put_text(&w, licence->identifier);
    wire_put_bytes(&w, bytes_of(licence->seed, SALT_SEED_LEN));
    wire_put_array(&w, (size_t)licence->field_count * 2);
    for (uint32_t i = 0; i < licence->field_count; i++) {
        wire_put_text(&w, licence->fields[i].code);
        wire_put_text(&w, licence->fields[i].value);
    }
    if (w.full) return 0;
    private_value_check(out, key32, bytes_of(out + CHECK_LEN, w.len));
    return CHECK_LEN + w.len;
}

static enum err private_value_decode(struct private_licence *out, const uint8_t key32[32], struct bytes value) {
    uint8_t check[CHECK_LEN];
    if (value.len <= CHECK_LEN) return ERR_CORRUPT;
    struct bytes record = bytes_of(value.data + CHECK_LEN, value.len - CHECK_LEN);
    private_value_check(check, key32, record);
    if (memcmp(check, value.data, CHECK_LEN) != 0) return ERR_CORRUPT;
    struct wire_in in = wire_read(record);
    memset(out, 0, sizeof *out);
    wire_get_versioned(&in, FORMAT, 5);
    out->type_code = wire_get_text(&in, 1, TYPE_CODE_LEN);
    out->identifier = wire_get_text(&in, 1, IDENTIFIER_MAX);
    const uint8_t *seed = wire_get_fixed(&in, SALT_SEED_LEN);
    if (seed) memcpy(out->seed, seed, SALT_SEED_LEN);
    size_t count = wire_get_array(&in, 0, 2 * ELEMENTS_MAX);
    if (count % 2 != 0) return ERR_CORRUPT;
    out->field_count = (uint32_t)(count / 2);
    for (uint32_t i = 0; i < out->field_count; i++) {
        out->fields[i].code = wire_get_text(&in, 1, ELEMENT_CODE_MAX);
        out->fields[i].value = wire_get_text(&in, 0, FIELD_VALUE_MAX);
    }
    enum code code = wire_done(&in).code;
    if (code == CODE_VERSION_UNKNOWN) return ERR_VERSION;
    return code == CODE_OK ? ERR_OK : ERR_CORRUPT;
}

/* ---- txns ---- */

/* LMDB counts pages that a txn took and gave back, and never writes them; the check at open wants a file as long as the count. Under the
 * write lock, since another process may be making the file longer. Committed it is, whatever comes of this. */
static void extend(struct private_store *store) {
    MDB_txn *txn;
    MDB_envinfo info;
    MDB_stat stat;
    mdb_filehandle_t fd;
    if (mdb_txn_begin(store->env, NULL, 0, &txn) != 0) return;
    if (mdb_env_info(store->env, &info) == 0 && mdb_env_stat(store->env, &stat) == 0 && mdb_env_get_fd(store->env, &fd) == 0 &&
        disk_extend(fd, ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize) != ERR_OK)
        atomic_store(&store->latched, true);
    mdb_txn_abort(txn);
}

static enum err commit(struct private_store *store, MDB_txn *txn) {
    kv_bus_enter();
    int rc = mdb_txn_commit(txn);
    kv_bus_leave();
    if (rc == 0) {
        extend(store);
        return ERR_OK;
    }
    if (rc == MDB_MAP_FULL) return ERR_NO_ROOM; /* found before a page was written */
    atomic_store(&store->latched, true);        /* a failed sync is reported once; a retry would succeed and mean nothing */
    return rc == ENOSPC ? ERR_NO_ROOM : ERR_IO;
}

/* Beside a licence's record, under its key and more: the mark that a second writer met the record (one byte), and other contents under the same key,
 * by the first bytes of their own check. Which of them was registered only the ledger says. */
#define MARK_KEY_LEN 33u
#define OTHER_KEY_LEN (32u + CHECK_LEN)

static enum err put_new(MDB_txn *txn, MDB_dbi dbi, const void *key, size_t key_len, const void *data, size_t len) {
    MDB_val k = {key_len, (void *)(uintptr_t)key}, v = {len, (void *)(uintptr_t)data}; /* LMDB only reads them */
    const int rc = mdb_put(txn, dbi, &k, &v, MDB_NOOVERWRITE);
    return rc == MDB_KEYEXIST ? ERR_OK : lmdb_err(rc);
}

/* The record that is there stays, and its seed is the licence's. */
static enum err join(struct private_store *store, MDB_txn *txn, const uint8_t key32[32], struct private_licence *licence, struct bytes there, uint8_t *value,
                     enum private_claim *claim) {
    struct private_licence first;
    uint8_t key[OTHER_KEY_LEN];
    enum err err = private_value_decode(&first, key32, there);
    if (err != ERR_OK) return err;
    memcpy(licence->seed, first.seed, SALT_SEED_LEN);
    const size_t len = value_encode(value, key32, licence);
    if (len == 0) return ERR_NO_ROOM;
    *claim = bytes_equal(bytes_of(value, len), there) ? PRIVATE_SAME : PRIVATE_BESIDE;
    memcpy(key, key32, 32);
    memcpy(key + 32, value, CHECK_LEN);
    if (*claim == PRIVATE_BESIDE) return put_new(txn, store->dbi, key, sizeof key, value, len);
    key[32] = 0;
    return put_new(txn, store->dbi, key, MARK_KEY_LEN, "", 1);
}

static enum err claim_one(struct private_store *store, MDB_txn *txn, const uint8_t key32[32], struct private_licence *licence, uint8_t *value,
                          enum private_claim *claim) {
    const size_t len = value_encode(value, key32, licence);
    if (len == 0) return ERR_NO_ROOM;
    MDB_val k = {32, (void *)(uintptr_t)key32}, v = {len, value};
    const int rc = mdb_put(txn, store->dbi, &k, &v, MDB_NOOVERWRITE);
    *claim = PRIVATE_NEW;
    return rc == MDB_KEYEXIST ? join(store, txn, key32, licence, bytes_of(v.mv_data, v.mv_size), value, claim) : lmdb_err(rc);
}

enum err private_claim(struct private_store *store, const uint8_t (*keys)[32], struct private_licence *licences, enum private_claim *claims, size_t count) {
    if (atomic_load(&store->latched)) return ERR_LATCHED;
    uint8_t *value = malloc(PRIVATE_MAX);
    if (!value) return ERR_MEMORY;
    MDB_txn *txn;
    enum err err = lmdb_err(mdb_txn_begin(store->env, NULL, 0, &txn));
    if (err != ERR_OK) {
        free(value);
        return err;
    }
    kv_bus_enter();
    for (size_t i = 0; i < count && err == ERR_OK; i++) err = claim_one(store, txn, keys[i], &licences[i], value, &claims[i]);
    kv_bus_leave();
    bytes_wipe(value, PRIVATE_MAX); /* what it held were persons' data */
    free(value);
    if (err == ERR_OK) return commit(store, txn);
    mdb_txn_abort(txn);
    return err;
}

/* Shows what is committed now. */
static int read_begin(struct private_store *store, MDB_txn **txn) {
    for (int i = 0; i < SPARES_MAX; i++) {
        if (atomic_load_explicit(&store->spare[i], memory_order_relaxed) == NULL) continue;
        *txn = atomic_exchange(&store->spare[i], NULL);
        if (*txn == NULL) continue;
        if (mdb_txn_renew(*txn) == 0) return 0;
        mdb_txn_abort(*txn);
    }
    return mdb_txn_begin(store->env, NULL, MDB_RDONLY, txn);
}

static void private_read_end(struct private_store *store, MDB_txn *txn) {
    mdb_txn_reset(txn);
    for (int i = 0; i < SPARES_MAX; i++) {
        MDB_txn *empty = NULL;
        if (atomic_compare_exchange_strong(&store->spare[i], &empty, txn)) return;
    }
    mdb_txn_abort(txn);
}

/* The value stays readable until *txn is ended. */
static enum err private_find(struct private_store *store, const uint8_t key32[32], MDB_txn **txn, struct bytes *value) {
    int rc = read_begin(store, txn);
    if (rc != 0) return lmdb_err(rc);
    MDB_val k = {32, (void *)(uintptr_t)key32}, v;
    kv_bus_enter();
    rc = mdb_get(*txn, store->dbi, &k, &v);
    kv_bus_leave();
    if (rc == 0) *value = bytes_of(v.mv_data, v.mv_size);
    else private_read_end(store, *txn);
    return lmdb_err(rc);
}

enum err private_get(struct private_store *store, const uint8_t key32[32], struct private_licence *out, uint8_t *buffer, size_t cap) {
    MDB_txn *txn;
    struct bytes value = {0};
    enum err err = private_find(store, key32, &txn, &value);
    if (err != ERR_OK) return err;
    if (value.len > cap) err = ERR_NO_ROOM;
    else memcpy(buffer, value.data, value.len);
    private_read_end(store, txn);
    return err == ERR_OK ? private_value_decode(out, key32, bytes_of(buffer, value.len)) : err;
}

enum err private_identifier(struct private_store *store, const uint8_t key32[32], char out[IDENTIFIER_MAX + 1], size_t *len) {
    MDB_txn *txn;
    struct bytes value = {0};
    struct private_licence licence;
    enum err err = private_find(store, key32, &txn, &value);
    if (err != ERR_OK) return err;
    err = private_value_decode(&licence, key32, value);
    if (err == ERR_OK) {
        memcpy(out, licence.identifier.data, licence.identifier.len);
        out[licence.identifier.len] = '\0';
        *len = licence.identifier.len;
    }
    private_read_end(store, txn);
    return err;
}

/* Everything that is held under the key, one after the other, until one makes this root. */
enum err private_get_for(struct private_store *store, const uint8_t key32[32], const uint8_t root32[32], struct private_licence *out, uint8_t *buffer,
                         size_t cap, bool *fits) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    uint8_t root[32];
    *fits = false;
    int rc = read_begin(store, &txn);
    if (rc != 0) return lmdb_err(rc);
    rc = mdb_cursor_open(txn, store->dbi, &cursor);
    if (rc != 0) {
        private_read_end(store, txn);
        return lmdb_err(rc);
    }
    enum err err = ERR_ABSENT, damage = ERR_OK;
    MDB_val k = {32, (void *)(uintptr_t)key32}, v;
    kv_bus_enter();
    for (rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE); rc == 0 && k.mv_size >= 32 && memcmp(k.mv_data, key32, 32) == 0 && !*fits;
         rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) {
        if (k.mv_size == MARK_KEY_LEN) continue;
        err = v.mv_size > cap ? ERR_NO_ROOM : ERR_OK;
        if (err == ERR_OK) memcpy(buffer, v.mv_data, v.mv_size);
        if (err == ERR_OK) err = private_value_decode(out, key32, bytes_of(buffer, v.mv_size));
        if (err != ERR_OK) damage = err;
        else *fits = fields_root(root, out->seed, out->fields, out->field_count) && memcmp(root, root32, 32) == 0;
    }
    kv_bus_leave();
    mdb_cursor_close(cursor);
    private_read_end(store, txn);
    if (*fits) return ERR_OK;
    if (rc != 0 && rc != MDB_NOTFOUND) return lmdb_err(rc);
    return damage != ERR_OK ? damage : err;
}

enum err private_count(struct private_store *store, uint64_t *licences) {
    MDB_txn *txn;
    MDB_cursor *cursor;
    MDB_val k, v;
    *licences = 0;
    int rc = read_begin(store, &txn);
    if (rc != 0) return lmdb_err(rc);
    kv_bus_enter();
    rc = mdb_cursor_open(txn, store->dbi, &cursor);
    if (rc == 0) {
        while ((rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == 0) *licences += k.mv_size == 32;
        mdb_cursor_close(cursor);
    }
    kv_bus_leave();
    private_read_end(store, txn);
    return rc == MDB_NOTFOUND ? ERR_OK : lmdb_err(rc);
}

/* Is it as this caller put it, and has nobody else met it? */
static bool is_alone(MDB_cursor *cursor, const uint8_t key32[32], const uint8_t seed[SALT_SEED_LEN], int *rc) {
    struct private_licence held;
    MDB_val k = {32, (void *)(uintptr_t)key32}, v;
    *rc = mdb_cursor_get(cursor, &k, &v, MDB_SET);
    if (*rc != 0 || private_value_decode(&held, key32, bytes_of(v.mv_data, v.mv_size)) != ERR_OK || memcmp(held.seed, seed, SALT_SEED_LEN) != 0) return false;
    return mdb_cursor_get(cursor, &k, &v, MDB_NEXT) != 0 || k.mv_size < 32 || memcmp(k.mv_data, key32, 32) != 0;
}

enum err private_release(struct private_store *store, const uint8_t key32[32], const uint8_t seed[SALT_SEED_LEN]) {
    if (atomic_load(&store->latched)) return ERR_LATCHED;
    MDB_txn *txn;
    MDB_cursor *cursor;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (rc != 0) return lmdb_err(rc);
    bool alone = false;
    kv_bus_enter();
    rc = mdb_cursor_open(txn, store->dbi, &cursor);
    if (rc == 0) {
        alone = is_alone(cursor, key32, seed, &rc);
        mdb_cursor_close(cursor);
    }
    kv_bus_leave();
    MDB_val k = {32, (void *)(uintptr_t)key32};
    kv_bus_enter();
    if (rc == 0 && alone) rc = mdb_del(txn, store->dbi, &k, NULL);
    kv_bus_leave();
    if (rc == 0 && alone) return commit(store, txn);
    mdb_txn_abort(txn);
    return lmdb_err(rc);
}
