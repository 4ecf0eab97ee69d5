#include "ledger/kv/kv_lmdb.h"

#include "ledger/base/limits.h"
#include "ledger/kv/kv_bus.h"
#include "ledger/kv/kv_disk.h"
#include "ledger/kv/kv_lmdb_inside.h"
#include "ledger/kv/kv_lmdb_err.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#define READERS_MAX 512u
#define MAP_BYTES_MIN (UINT64_C(1) << 30)
#define ROOM_MIN_DEFAULT (UINT64_C(64) << 20)
#define SLACK_BYTES (UINT64_C(1) << 20) /* what copying pages on write costs the smallest commit */

static void kv_lmdb_lock(struct lmdb *lmdb) { ASSERT(pthread_mutex_lock(&lmdb->mutex) == 0); }
static void kv_lmdb_unlock(struct lmdb *lmdb) { ASSERT(pthread_mutex_unlock(&lmdb->mutex) == 0); }

/* --- who is inside, and the map's size --- */

/* Under the mutex. */
static bool holds_one(const struct lmdb *lmdb) {
    const pthread_t self = pthread_self();
    if (lmdb->writer.open && pthread_equal(lmdb->writer.owner, self)) return true;
    for (const struct lmdb_txn *t = lmdb->made; t != NULL; t = t->next_made)
        if (t->open && !t->parked && pthread_equal(t->owner, self)) return true;
    return false;
}

/* A thread that is inside already gets in again: whoever wants to resize waits for its first txn anyway. */
static enum err enter(struct lmdb *lmdb) {
    kv_lmdb_lock(lmdb);
    while (lmdb->resizing && !holds_one(lmdb)) ASSERT(pthread_cond_wait(&lmdb->changed, &lmdb->mutex) == 0);
    const enum err err = lmdb->unmapped ? ERR_IO : ERR_OK;
    if (err == ERR_OK) lmdb->active++;
    kv_lmdb_unlock(lmdb);
    return err;
}

static void leave(struct lmdb *lmdb) {
    kv_lmdb_lock(lmdb);
    ASSERT(lmdb->active > 0);
    if (--lmdb->active == 0 && lmdb->resizing) ASSERT(pthread_cond_broadcast(&lmdb->changed) == 0);
    kv_lmdb_unlock(lmdb);
}

/* Under the mutex. Not to be used again before it is renewed; who parked it will find out. */
static void reader_end(struct lmdb *lmdb, struct lmdb_txn *t) {
    if (!t->open) return;
    mdb_txn_reset(t->mdb);
    t->open = false;
    if (--lmdb->active == 0 && lmdb->resizing) ASSERT(pthread_cond_broadcast(&lmdb->changed) == 0);
}

/* 0: takes over the size that another process gave it. Nobody new gets in meanwhile, so the wait is as long as the longest txn. */
static enum err map_resize(struct lmdb *lmdb, uint64_t bytes) {
    kv_lmdb_lock(lmdb);
    while (lmdb->resizing) ASSERT(pthread_cond_wait(&lmdb->changed, &lmdb->mutex) == 0);
    lmdb->resizing = true;
    for (struct lmdb_txn *t = lmdb->made; t != NULL; t = t->next_made)
        if (t->parked) reader_end(lmdb, t);
    while (lmdb->active > 0) ASSERT(pthread_cond_wait(&lmdb->changed, &lmdb->mutex) == 0);
    const int rc = mdb_env_set_mapsize(lmdb->env, bytes);
    atomic_fetch_add(&lmdb->moved, 1);
    if (rc != 0) lmdb->unmapped = true; /* LMDB has let go of the old mapping before it failed to make the new one */
    lmdb->resizing = false;
    ASSERT(pthread_cond_broadcast(&lmdb->changed) == 0);
    kv_lmdb_unlock(lmdb);
    return rc == 0 ? ERR_OK : ERR_IO;
}

static bool lmdb_waited_for(struct kv *kv) { return atomic_load_explicit(&lmdb_of(kv)->resizing, memory_order_relaxed); }
static uint64_t lmdb_epoch(struct kv *kv) { return atomic_load(&lmdb_of(kv)->moved) + 1; } /* the file never becomes shorter */

static uint64_t used_bytes(struct lmdb *lmdb) {
    MDB_envinfo info;
    ASSERT(mdb_env_info(lmdb->env, &info) == 0);
    return ((uint64_t)info.me_last_pgno + 1) * lmdb->page_bytes;
}

static enum err lmdb_room(struct kv *kv, uint64_t bytes_wanted) {
    struct lmdb *lmdb = lmdb_of(kv);
    kv_lmdb_lock(lmdb);
    ASSERT(!holds_one(lmdb)); /* it would wait for itself */
    kv_lmdb_unlock(lmdb);
    if (atomic_load(&lmdb->latched)) return ERR_LATCHED;
    ASSERT(bytes_wanted < UINT64_MAX / 8);
    const uint64_t wanted = 2 * bytes_wanted + SLACK_BYTES; /* changed pages are copied whole */
    uint64_t disk;
    enum err err = disk_free(lmdb->dir_fd, &disk);
    if (err != ERR_OK) return err;
    if (disk < lmdb->room_min || disk - lmdb->room_min < wanted) return ERR_NO_ROOM;
    err = enter(lmdb); /* the numbers are read from the map */
    if (err != ERR_OK) return err;
    MDB_envinfo info;
    ASSERT(mdb_env_info(lmdb->env, &info) == 0);
    const uint64_t need = 2 * (used_bytes(lmdb) + wanted);
    leave(lmdb);
    if (need <= info.me_mapsize) return ERR_OK;
    uint64_t size = info.me_mapsize;
    while (size < need) size *= 2;
    return map_resize(lmdb, size);
}

/* --- txns --- */

static struct lmdb_txn *reader_take(struct lmdb *lmdb) {
    kv_lmdb_lock(lmdb);
    struct lmdb_txn *t = lmdb->free;
    if (t != NULL) lmdb->free = t->next_free;
    kv_lmdb_unlock(lmdb);
    if (t != NULL) return t;
    t = (struct lmdb_txn *)calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->txn.ops = lmdb->kv.ops;
    t->lmdb = lmdb;
    kv_lmdb_lock(lmdb);
    t->next_made = lmdb->made;
    lmdb->made = t;
    kv_lmdb_unlock(lmdb);
    return t;
}

static void reader_rest(struct lmdb *lmdb, struct lmdb_txn *t) {
    kv_lmdb_lock(lmdb);
    reader_end(lmdb, t);
    t->parked = false;
    t->next_free = lmdb->free;
    lmdb->free = t;
    kv_lmdb_unlock(lmdb);
}

static enum err begin_write(struct lmdb *lmdb, struct kv_txn **out) {
    ASSERT(!lmdb->read_only);
    if (atomic_load(&lmdb->latched)) return ERR_LATCHED;
    const enum err err = enter(lmdb);
    if (err != ERR_OK) return err;
    MDB_txn *mdb;
    kv_bus_enter();
    const int rc = mdb_txn_begin(lmdb->env, NULL, 0, &mdb); /* waits for the one before */
    kv_bus_leave();
    if (rc != 0) {
        leave(lmdb);
        return lmdb_err(rc);
    }
    struct lmdb_txn *t = &lmdb->writer;
    kv_lmdb_lock(lmdb);
    *t = (struct lmdb_txn){.txn = {lmdb->kv.ops}, .lmdb = lmdb, .mdb = mdb, .write = true, .open = true, .owner = pthread_self()};
    kv_lmdb_unlock(lmdb);
    *out = &t->txn;
    return ERR_OK;
}

static enum err lmdb_begin(struct kv *kv, bool write, struct kv_txn **out) {
    struct lmdb *lmdb = lmdb_of(kv);
    if (write) return begin_write(lmdb, out);
    for (;;) {
        const enum err err = enter(lmdb);
        if (err != ERR_OK) return err;
        struct lmdb_txn *t = reader_take(lmdb);
        int rc = ENOMEM;
        if (t != NULL) rc = t->mdb != NULL ? mdb_txn_renew(t->mdb) : mdb_txn_begin(lmdb->env, NULL, MDB_RDONLY, &t->mdb);
        if (rc == 0) {
            kv_lmdb_lock(lmdb);
            t->open = true;
            t->owner = pthread_self();
            kv_lmdb_unlock(lmdb);
            memset(t->cursor_old, 1, sizeof t->cursor_old);
            *out = &t->txn;
            return ERR_OK;
        }
        if (t != NULL) reader_rest(lmdb, t); /* it is not open */
        leave(lmdb);
        if (rc != MDB_MAP_RESIZED) return lmdb_err(rc);
        if (map_resize(lmdb, 0) != ERR_OK) return ERR_IO;
    }
}

/* The writer's place is another thread's as soon as LMDB lets go of its own lock: it is put in order before that. */
static MDB_txn *writer_close(struct lmdb_txn *t) {
    ASSERT(t->open);
    MDB_txn *mdb = t->mdb;
    kv_lmdb_lock(t->lmdb);
    t->open = false;
    kv_lmdb_unlock(t->lmdb);
    return mdb;
}

static void lmdb_abort(struct kv_txn *txn) {
    struct lmdb_txn *t = txn_of(txn);
    ASSERT(t->open || t->parked);
    if (t->write) {
        mdb_txn_abort(writer_close(t));
        leave(t->lmdb);
    } else reader_rest(t->lmdb, t);
}

static void lmdb_park(struct kv_txn *txn) {
    struct lmdb_txn *t = txn_of(txn);
    kv_lmdb_lock(t->lmdb);
    ASSERT(!t->write && t->open && !t->parked);
    t->parked = true;
    if (t->lmdb->resizing) reader_end(t->lmdb, t);
    kv_lmdb_unlock(t->lmdb);
}

static bool lmdb_resume(struct kv_txn *txn) {
    struct lmdb_txn *t = txn_of(txn);
    kv_lmdb_lock(t->lmdb);
    ASSERT(t->parked);
    t->parked = false;
    t->owner = pthread_self();
    kv_lmdb_unlock(t->lmdb);
    if (t->open) return true;
    reader_rest(t->lmdb, t);
    return false;
}

static enum err lmdb_commit(struct kv_txn *txn) {
    struct lmdb_txn *t = txn_of(txn);
    struct lmdb *lmdb = t->lmdb;
    if (!t->write || t->failed != ERR_OK) {
        const enum err failed = t->failed;
        lmdb_abort(txn);
        return failed;
    }
    kv_bus_enter();
    const int rc = mdb_txn_commit(writer_close(t));
    kv_bus_leave();
    enum err err = ERR_OK;
    if (rc == 0) {
        atomic_fetch_add(&lmdb->commits, 1);
        mdb_filehandle_t fd;
        ASSERT(mdb_env_get_fd(lmdb->env, &fd) == 0);
        /* Committed it is: were this to fail, the next open finds the file short, which is loud and loses nothing. */
        if (disk_extend(fd, used_bytes(lmdb)) != ERR_OK) atomic_store(&lmdb->latched, true);
    } else if (rc == MDB_MAP_FULL) {
        err = ERR_NO_ROOM; /* found while the list of free pages was being made: no page had been written */
    } else {
        atomic_store(&lmdb->latched, true); /* a failed sync is reported once; a retry would succeed and mean nothing */
        err = lmdb_err(rc) == ERR_CORRUPT ? ERR_CORRUPT : ERR_IO;
    }
    leave(lmdb);
    return err;
}

static enum err lmdb_sync(struct kv *kv) {
    struct lmdb *lmdb = lmdb_of(kv);
    if (fdatasync(lmdb->sync_fd) == 0) return ERR_OK;
    atomic_store(&lmdb->latched, true);
    return ERR_IO;
}

static bool lmdb_in_place(struct kv *kv) { return disk_in_place(lmdb_of(kv)->sync_fd, lmdb_of(kv)->path); }

struct oldest { uint64_t newest; struct kv_readers *out; };

/* "pid thread txn"; the heading, and "-" for who shows nothing, are no numbers. */
static int reader_line(const char *line, void *context) {
    struct oldest *oldest = context;
    long pid;
    uint64_t txn;
    if (sscanf(line, "%ld %*s %" SCNu64, &pid, &txn) != 2 || pid == (long)getpid() || txn >= oldest->newest) return 0;
    if (oldest->newest - txn > oldest->out->behind) *oldest->out = (struct kv_readers){oldest->out->dead, oldest->newest - txn, pid};
    return 0;
}

static enum err lmdb_readers(struct kv *kv, struct kv_readers *out) {
    struct lmdb *lmdb = lmdb_of(kv);
    const enum err err = enter(lmdb);
    if (err != ERR_OK) return err;
    int dead = 0;
    MDB_envinfo info;
    bool ok = mdb_reader_check(lmdb->env, &dead) == 0 && mdb_env_info(lmdb->env, &info) == 0;
    out->dead = (unsigned)dead;
    struct oldest oldest = {ok ? (uint64_t)info.me_last_txnid : 0, out};
    ok = ok && mdb_reader_list(lmdb->env, reader_line, &oldest) >= 0;
    leave(lmdb);
    return ok ? ERR_OK : ERR_IO;
}

/* --- open, close --- */

static void lmdb_close(struct kv *kv) {
    struct lmdb *lmdb = lmdb_of(kv);
    ASSERT(lmdb->active == 0);
    for (struct lmdb_txn *t = lmdb->made, *next; t != NULL; t = next) {
        next = t->next_made;
        for (unsigned i = 0; i < KV_TABLES; i++)
            if (t->cursor[i] != NULL) mdb_cursor_close(t->cursor[i]);
        if (t->mdb != NULL) mdb_txn_abort(t->mdb);
        free(t);
    }
    if (lmdb->env != NULL) mdb_env_close(lmdb->env);
    if (lmdb->sync_fd >= 0) (void)close(lmdb->sync_fd);
    if (lmdb->lock_fd >= 0) (void)close(lmdb->lock_fd); /* gives the lock back; the file stays, empty of meaning */
    if (lmdb->dir_fd >= 0) (void)close(lmdb->dir_fd);
    ASSERT(pthread_cond_destroy(&lmdb->changed) == 0);
    ASSERT(pthread_mutex_destroy(&lmdb->mutex) == 0);
    free(lmdb->path);
    free(lmdb);
}

static enum err tables_open(struct lmdb *lmdb, bool create) {
    static const char *const names[KV_TABLES] = {"meta", "entries", "tiles", "blocks", "slots", "links"};
    MDB_txn *mdb;
    int rc = mdb_txn_begin(lmdb->env, NULL, create ? 0 : MDB_RDONLY, &mdb);
    if (rc != 0) return lmdb_err(rc);
    /* They are made together: a name that is not there beside others is one that rotted, and no reason to begin anew. */
    MDB_dbi all;
    MDB_stat stat = {.ms_entries = 0};
    rc = mdb_dbi_open(mdb, NULL, 0, &all);
    if (rc == 0) rc = mdb_stat(mdb, all, &stat);
    for (unsigned i = 0; i < KV_TABLES && rc == 0; i++)
        rc = mdb_dbi_open(mdb, names[i], MDB_INTEGERKEY | (create && stat.ms_entries == 0 ? MDB_CREATE : 0), &lmdb->dbi[i]);
    if (rc == MDB_NOTFOUND && stat.ms_entries != 0) rc = MDB_CORRUPTED;
    if (rc != 0) {
        mdb_txn_abort(mdb);
        return lmdb_err(rc);
    }
    return lmdb_err(mdb_txn_commit(mdb)); /* of a read txn too: it keeps the handles */
}

static enum err kv_lmdb_env_open(struct lmdb *lmdb, const char *dir, bool create) {
    int rc = mdb_env_create(&lmdb->env);
    if (rc != 0) {
        lmdb->env = NULL;
        return lmdb_err(rc);
    }
    /* A reader takes the size that the writer noted in the file. */
    uint64_t map_bytes = lmdb->read_only ? 0 : MAP_BYTES_MIN, file_bytes = 0;
    const int fd = openat(lmdb->dir_fd, "data.mdb", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0) {
        const enum err err = disk_size(fd, &file_bytes);
        (void)close(fd);
        if (err != ERR_OK) return err;
    }
    while (map_bytes != 0 && map_bytes < 2 * file_bytes) map_bytes *= 2;
    if (rc == 0) rc = mdb_env_set_maxreaders(lmdb->env, READERS_MAX);
    if (rc == 0) rc = mdb_env_set_maxdbs(lmdb->env, KV_TABLES);
    if (rc == 0 && map_bytes != 0) rc = mdb_env_set_mapsize(lmdb->env, map_bytes);
    if (rc == 0) rc = mdb_env_set_assert(lmdb->env, lmdb_assert_failed);
    if (rc == 0) rc = mdb_env_open(lmdb->env, dir, MDB_NOTLS | (lmdb->read_only ? MDB_RDONLY : MDB_NOMETASYNC), 0600);
    if (rc != 0) return lmdb_err(rc);
    enum err err = lmdb_look(lmdb->env, dir);
    if (err != ERR_OK) return err;
    int dead;
    if (mdb_reader_check(lmdb->env, &dead) != 0) return ERR_IO; /* a killed reader would keep old pages for ever */
    MDB_stat stat;
    ASSERT(mdb_env_stat(lmdb->env, &stat) == 0);
    lmdb->page_bytes = stat.ms_psize;
    err = tables_open(lmdb, create);
    if (err != ERR_OK) return err;
    if (lmdb->read_only) return ERR_OK;
    lmdb->sync_fd = openat(lmdb->dir_fd, "data.mdb", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (lmdb->sync_fd < 0) return ERR_IO;
    /* The last commit of a process that was killed may be in the system's memory only: what we shall tell others about must last. */
    if (lmdb_sync(&lmdb->kv) != ERR_OK) return ERR_IO;
    return disk_sync_dir(lmdb->dir_fd);
}

enum err kv_lmdb_open(struct kv **out, const char *dir, const struct kv_lmdb_options *options, long *owner_pid) {
    static const struct kv_ops ops = {
        .begin = lmdb_begin, .get = lmdb_get, .floor = lmdb_floor, .put = lmdb_put,
        .commit = lmdb_commit, .sync = lmdb_sync, .abort = lmdb_abort, .park = lmdb_park, .resume = lmdb_resume,
        .sync_room = lmdb_room, .waited_for = lmdb_waited_for, .epoch = lmdb_epoch, .in_place = lmdb_in_place, .readers = lmdb_readers, .close = lmdb_close,
    };
    const bool create = options->create && !options->read_only;
    struct lmdb *lmdb = (struct lmdb *)calloc(1, sizeof *lmdb);
    if (lmdb == NULL) return ERR_MEMORY;
    lmdb->kv.ops = &ops;
    lmdb->dir_fd = lmdb->lock_fd = lmdb->sync_fd = -1;
    lmdb->read_only = options->read_only;
    lmdb->room_min = options->room_min != 0 ? options->room_min : ROOM_MIN_DEFAULT;
    ASSERT(pthread_mutex_init(&lmdb->mutex, NULL) == 0);
    ASSERT(pthread_cond_init(&lmdb->changed, NULL) == 0);
    enum err err = asprintf(&lmdb->path, "%s/data.mdb", dir) > 0 ? ERR_OK : ERR_MEMORY;
    if (err == ERR_OK) err = disk_open_dir(&lmdb->dir_fd, dir, create);
    if (err == ERR_OK) err = disk_plain(lmdb->dir_fd, "data.mdb");
    if (err == ERR_OK) err = disk_plain(lmdb->dir_fd, "lock.mdb");
    if (err == ERR_OK && !create && faccessat(lmdb->dir_fd, "data.mdb", F_OK, 0) != 0) err = ERR_ABSENT;
    if (err == ERR_OK && !lmdb->read_only) err = disk_lock(lmdb->dir_fd, &lmdb->lock_fd, owner_pid);
    if (err == ERR_OK) err = disk_check(lmdb->dir_fd);
    if (err == ERR_ABSENT && create && lmdb->dir_fd >= 0) err = ERR_OK;
    kv_bus_enter();
    if (err == ERR_OK) err = kv_lmdb_env_open(lmdb, dir, create);
    kv_bus_leave();
    if (err != ERR_OK) {
        lmdb_close(&lmdb->kv);
        return err;
    }
    *out = &lmdb->kv;
    return ERR_OK;
}

void kv_lmdb_usage(struct kv *kv, struct kv_usage *out) {
    struct lmdb *lmdb = lmdb_of(kv);
    *out = (struct kv_usage){.commits = atomic_load(&lmdb->commits)};
    mdb_filehandle_t fd;
    ASSERT(mdb_env_get_fd(lmdb->env, &fd) == 0);
    if (disk_size(fd, &out->disk_bytes) != ERR_OK) out->disk_bytes = 0;
    if (disk_free(lmdb->dir_fd, &out->disk_free) != ERR_OK) out->disk_free = 0;
    struct kv_txn *txn;
    if (kv_begin(kv, false, &txn) != ERR_OK) return;
    for (unsigned i = 0; i < KV_TABLES; i++) {
        MDB_stat stat;
        if (mdb_stat(txn_of(txn)->mdb, lmdb->dbi[i], &stat) == 0)
            out->used_bytes += (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) * lmdb->page_bytes;
    }
    kv_abort(txn);
}

enum err kv_lmdb_copy(struct kv *kv, const char *dir) {
    struct lmdb *lmdb = lmdb_of(kv);
    int dir_fd;
    enum err err = disk_open_dir(&dir_fd, dir, true);
    if (err != ERR_OK) return err;
    if (faccessat(dir_fd, "data.mdb", F_OK, 0) == 0) err = ERR_CONFIG; /* never over another one */
    if (err == ERR_OK) err = enter(lmdb);
    if (err == ERR_OK) {
        err = lmdb_err(mdb_env_copy2(lmdb->env, dir, 0));
        leave(lmdb);
    }
    if (err == ERR_OK) err = disk_sync_copy(dir_fd);
    (void)close(dir_fd);
    return err;
}

const char *kv_lmdb_library(void) { return mdb_version(NULL, NULL, NULL); }
