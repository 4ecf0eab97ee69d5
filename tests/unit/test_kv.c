/* KV: one battery for both drivers, then what only the one on disk can do: be locked, cut short, full, broken, copied, grown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/kv/kv_lmdb.h"
#include "ledger/kv/kv_mem.h"

struct place {
    char dir[64];
    struct kv *kv;
};

static void dir_remove(const char *dir) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static struct kv *lmdb_at(const char *dir, bool create, uint64_t room_min) {
    const struct kv_lmdb_options options = {.create = create, .room_min = room_min};
    struct kv *kv = NULL;
    long pid = 0;
    assert_int_equal(kv_lmdb_open(&kv, dir, &options, &pid), ERR_OK);
    return kv;
}

static int lmdb_setup(void **state) {
    struct place *place = (struct place *)calloc(1, sizeof *place);
    assert_non_null(place);
    strcpy(place->dir, "/tmp/licet-kv-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    place->kv = lmdb_at(place->dir, true, 1);
    *state = place;
    return 0;
}
static int mem_setup(void **state) {
    struct place *place = (struct place *)calloc(1, sizeof *place);
    assert_non_null(place);
    place->kv = kv_mem_new(0);
    assert_non_null(place->kv);
    *state = place;
    return 0;
}
static int teardown(void **state) {
    struct place *place = (struct place *)*state;
    if (place->kv) kv_close(place->kv);
    if (place->dir[0]) dir_remove(place->dir);
    free(place);
    return 0;
}

static struct kv_txn *begin(struct kv *kv, bool write) {
    struct kv_txn *txn = NULL;
    assert_int_equal(kv_begin(kv, write, &txn), ERR_OK);
    return txn;
}
static void put_text(struct kv_txn *txn, enum kv_table table, uint64_t key, const char *text) {
    assert_int_equal(kv_put(txn, table, key, bytes_text(text)), ERR_OK);
}
static void expect(struct kv_txn *txn, enum kv_table table, uint64_t key, const char *text) {
    struct bytes value;
    const enum err err = kv_get(txn, table, key, &value);
    if (text == NULL) {
        assert_int_equal(err, ERR_ABSENT);
        return;
    }
    assert_int_equal(err, ERR_OK);
    assert_true(bytes_equal(value, bytes_text(text)));
}
static void expect_floor(struct kv_txn *txn, enum kv_table table, uint64_t key, uint64_t want, const char *text) {
    struct bytes value;
    uint64_t found = 0;
    const enum err err = kv_floor(txn, table, key, &found, &value);
    if (text == NULL) {
        assert_int_equal(err, ERR_ABSENT);
        return;
    }
    assert_int_equal(err, ERR_OK);
    assert_int_equal(found, want);
    assert_true(bytes_equal(value, bytes_text(text)));
}

/* --- both drivers --- */

static void get_put(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    struct kv_txn *w = begin(kv, true);
    put_text(w, KV_SLOTS, 5, "five");
    put_text(w, KV_SLOTS, 7, "seven");
    put_text(w, KV_SLOTS, 6, "six");
    put_text(w, KV_SLOTS, 7, "seven again");
    put_text(w, KV_TILES, UINT64_C(1) << 56, "level 1");
    put_text(w, KV_TILES, 3, "level 0");
    expect(w, KV_SLOTS, 7, "seven again");
    expect(w, KV_SLOTS, 4, NULL);
    expect_floor(w, KV_SLOTS, 100, 7, "seven again");
    assert_int_equal(kv_commit(w), ERR_OK);
    struct kv_txn *r = begin(kv, false);
    expect(r, KV_SLOTS, 5, "five");
    expect(r, KV_SLOTS, 6, "six");
    expect(r, KV_SLOTS, 8, NULL);
    expect(r, KV_LINKS, 5, NULL);
    expect_floor(r, KV_SLOTS, 4, 0, NULL);
    expect_floor(r, KV_SLOTS, 5, 5, "five");
    expect_floor(r, KV_TILES, UINT64_MAX - 1, UINT64_C(1) << 56, "level 1");
    expect_floor(r, KV_TILES, UINT64_C(1) << 55, 3, "level 0");
    expect_floor(r, KV_LINKS, UINT64_MAX - 1, 0, NULL);
    kv_abort(r);
}

static void abort_leaves_nothing(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    struct kv_txn *w = begin(kv, true);
    put_text(w, KV_META, 0, "old");
    assert_int_equal(kv_commit(w), ERR_OK);
    w = begin(kv, true);
    put_text(w, KV_META, 0, "new");
    put_text(w, KV_META, 1, "more");
    kv_abort(w);
    struct kv_txn *r = begin(kv, false);
    expect(r, KV_META, 0, "old");
    expect(r, KV_META, 1, NULL);
    kv_abort(r);
}

/* Numeric order across byte lengths and byte orders: 255, 256, 65536 ... */
static void keys_in_order(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    static const uint64_t keys[] = {0, 1, 255, 256, 257, 65535, 65536, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_C(1) << 63};
    struct kv_txn *w = begin(kv, true);
    for (size_t i = sizeof keys / sizeof keys[0]; i-- > 0;) assert_int_equal(kv_put(w, KV_LINKS, keys[i], bytes_of(&keys[i], 8)), ERR_OK);
    assert_int_equal(kv_commit(w), ERR_OK);
    struct kv_txn *r = begin(kv, false);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        uint64_t found;
        struct bytes value;
        const uint64_t until = i + 1 < sizeof keys / sizeof keys[0] ? keys[i + 1] - 1 : UINT64_MAX;
        assert_int_equal(kv_floor(r, KV_LINKS, until, &found, &value), ERR_OK);
        assert_int_equal(found, keys[i]);
    }
    kv_abort(r);
}

static uint64_t rng_state;
static uint64_t rng(void) {
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    return rng_state ^= rng_state << 17;
}

/* Against an array: random puts, commits and aborts. */
static void against_an_array(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    enum { KEYS = 300 };
    static uint32_t kept[KEYS], open[KEYS]; /* value, 0: absent */
    memset(kept, 0, sizeof kept);
    rng_state = 88172645463325252u;
    for (int round = 0; round < 60; round++) {
        struct kv_txn *w = begin(kv, true);
        memcpy(open, kept, sizeof kept);
        for (uint64_t n = rng() % 40; n > 0; n--) {
            const uint64_t key = rng() % 4 ? rng() % KEYS : (uint64_t)round * 5;
            const uint32_t value = (uint32_t)rng() | 1u;
            uint8_t bytes[3000];
            memset(bytes, (int)(value & 255), sizeof bytes);
            memcpy(bytes, &value, 4);
            assert_int_equal(kv_put(w, KV_SLOTS, key, bytes_of(bytes, 4 + value % 2996)), ERR_OK);
            open[key] = value;
        }
        if (rng() % 4 == 0) kv_abort(w);
        else {
            assert_int_equal(kv_commit(w), ERR_OK);
            memcpy(kept, open, sizeof kept);
        }
        struct kv_txn *r = begin(kv, false);
        for (uint64_t key = 0, last = UINT64_MAX; key < KEYS; key++) {
            struct bytes value;
            uint64_t found;
            if (kept[key]) last = key;
            assert_int_equal(kv_get(r, KV_SLOTS, key, &value), kept[key] ? ERR_OK : ERR_ABSENT);
            if (kept[key]) assert_int_equal(value.len, 4 + kept[key] % 2996);
            if (kept[key]) assert_memory_equal(value.data, &kept[key], 4);
            assert_int_equal(kv_floor(r, KV_SLOTS, key, &found, &value), last == UINT64_MAX ? ERR_ABSENT : ERR_OK);
            if (last != UINT64_MAX) assert_int_equal(found, last);
        }
        kv_abort(r);
    }
}

static void room_is_there(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    assert_int_equal(kv_room(kv, 1 << 20), ERR_OK);
}

/* --- memory only --- */

static void mem_discards(void **state) {
    (void)state;
    struct kv *kv = kv_mem_new(1u << KV_ENTRIES);
    struct kv_txn *w = begin(kv, true);
    put_text(w, KV_ENTRIES, 0, "gone");
    put_text(w, KV_BLOCKS, 0, "kept");
    assert_int_equal(kv_commit(w), ERR_OK);
    struct kv_txn *r = begin(kv, false);
    expect(r, KV_ENTRIES, 0, NULL);
    expect(r, KV_BLOCKS, 0, "kept");
    kv_abort(r);
    assert_int_equal(kv_mem_commits(kv), 1);
    kv_close(kv);
}

/* A txn that nobody holds: any thread takes it up. */
static void *resumer(void *context) {
    struct kv_txn *txn = (struct kv_txn *)context;
    if (!kv_resume(txn)) return NULL;
    struct bytes value;
    const bool good = kv_get(txn, KV_META, 1, &value) == ERR_OK && bytes_equal(value, bytes_text("one"));
    kv_abort(txn);
    return good ? context : NULL;
}
static void parked(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    struct kv_txn *w = begin(kv, true);
    put_text(w, KV_META, 1, "one");
    assert_int_equal(kv_commit(w), ERR_OK);
    assert_int_equal(kv_sync(kv), ERR_OK);
    struct kv_txn *taken = begin(kv, false), *left = begin(kv, false);
    kv_park(taken);
    kv_park(left);
    pthread_t thread;
    void *good = NULL;
    assert_int_equal(pthread_create(&thread, NULL, resumer, taken), 0);
    pthread_join(thread, &good);
    assert_non_null(good);
    kv_abort(left);
}

static void mem_fault(enum err fault, bool kept, bool latches) {
    struct kv *kv = kv_mem_new(0);
    kv_mem_fail(kv, 2, fault, kept);
    for (uint64_t i = 0; i < 2; i++) {
        struct kv_txn *w = begin(kv, true);
        put_text(w, KV_ENTRIES, i, "entry");
        put_text(w, KV_BLOCKS, i, "block");
        assert_int_equal(kv_commit(w), i == 0 ? ERR_OK : fault);
    }
    struct kv_txn *txn = NULL;
    assert_int_equal(kv_begin(kv, true, &txn), latches ? ERR_LATCHED : ERR_OK);
    if (!latches) kv_abort(txn);
    kv_mem_fail(kv, 0, ERR_OK, false); /* restart */
    txn = begin(kv, true);
    kv_abort(txn);
    txn = begin(kv, false);
    expect(txn, KV_ENTRIES, 0, "entry");
    expect(txn, KV_ENTRIES, 1, kept ? "entry" : NULL);
    expect(txn, KV_BLOCKS, 1, kept ? "block" : NULL);
    kv_abort(txn);
    kv_close(kv);
}
static void mem_faults(void **state) {
    (void)state;
    mem_fault(ERR_IO, false, true);
    mem_fault(ERR_IO, true, true);
    mem_fault(ERR_NO_ROOM, false, false);
}

/* --- disk only --- */

static void lmdb_lasts(void **state) {
    struct place *place = (struct place *)*state;
    struct kv_txn *w = begin(place->kv, true);
    put_text(w, KV_META, 9, "nine");
    assert_int_equal(kv_commit(w), ERR_OK);
    kv_close(place->kv);
    place->kv = lmdb_at(place->dir, false, 1);
    struct kv_txn *r = begin(place->kv, false);
    expect(r, KV_META, 9, "nine");
    kv_abort(r);
}

static void lmdb_absent(void **state) {
    (void)state;
    char dir[] = "/tmp/licet-kv-XXXXXX", inner[64];
    assert_non_null(mkdtemp(dir));
    const struct kv_lmdb_options options = {0};
    struct kv *kv = NULL;
    long pid;
    assert_int_equal(kv_lmdb_open(&kv, dir, &options, &pid), ERR_ABSENT);
    snprintf(inner, sizeof inner, "%s/data.mdb", dir);
    assert_int_equal(access(inner, F_OK), -1);
    snprintf(inner, sizeof inner, "%s/none", dir);
    assert_int_equal(kv_lmdb_open(&kv, inner, &options, &pid), ERR_ABSENT);
    kv_close(lmdb_at(inner, true, 1)); /* makes the folder too */
    dir_remove(inner);
    dir_remove(dir);
}

/* E12: the second one is told who has it; a tool that only reads is let in. */
static void lmdb_locked(void **state) {
    struct place *place = (struct place *)*state;
    struct kv *second = NULL;
    long pid = 0;
    struct kv_lmdb_options options = {.create = true};
    assert_int_equal(kv_lmdb_open(&second, place->dir, &options, &pid), ERR_LOCKED);
    assert_int_equal(pid, getpid());
    const pid_t child = fork();
    if (child == 0) {
        options = (struct kv_lmdb_options){.read_only = true};
        struct kv_txn *r;
        if (kv_lmdb_open(&second, place->dir, &options, &pid) != ERR_OK || kv_begin(second, false, &r) != ERR_OK) _exit(1);
        kv_abort(r);
        kv_close(second);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A process that stands still within a read txn is named with how far it is behind; killed, it is cleared away, and its pages are used again. */
static void lmdb_readers_seen(void **state) {
    struct place *place = (struct place *)*state;
    struct kv_readers seen;
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(kv_readers_look(place->kv, &seen), ERR_OK);
    assert_int_equal(seen.pid, 0);
    const pid_t child = fork();
    if (child == 0) {
        const struct kv_lmdb_options options = {.read_only = true};
        struct kv *kv;
        struct kv_txn *r;
        long pid;
        if (kv_lmdb_open(&kv, place->dir, &options, &pid) != ERR_OK || kv_begin(kv, false, &r) != ERR_OK || write(ready[1], "x", 1) != 1) _exit(1);
        for (;;) (void)pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    uint8_t value[3000] = {1};
    uint64_t grown[2];
    for (int round = 0; round < 2; round++) {
        struct kv_usage before, after;
        kv_lmdb_usage(place->kv, &before);
        for (uint64_t i = 0; i < 20; i++) {
            struct kv_txn *w = begin(place->kv, true);
            assert_int_equal(kv_put(w, KV_ENTRIES, 0, bytes_of(value, sizeof value)), ERR_OK);
            assert_int_equal(kv_commit(w), ERR_OK);
        }
        kv_lmdb_usage(place->kv, &after);
        grown[round] = after.disk_bytes - before.disk_bytes;
        assert_int_equal(kv_readers_look(place->kv, &seen), ERR_OK);
        if (round == 0) {
            assert_int_equal(seen.pid, child);
            assert_int_equal(seen.behind, 20);
            assert_int_equal(kill(child, SIGKILL), 0);
            int status;
            assert_int_equal(waitpid(child, &status, 0), child);
            assert_int_equal(kv_readers_look(place->kv, &seen), ERR_OK);
            assert_int_equal(seen.dead, 1);
        }
        if (round == 1) assert_int_equal(seen.dead, 0);
    }
    assert_int_equal(seen.pid, 0);
    assert_int_equal(seen.behind, 0);
    assert_true(grown[0] > 20 * 4096);
    assert_true(grown[1] < grown[0] / 2);
    close(ready[0]);
    close(ready[1]);
}

/* E9: cut at each page, and with damaged metas: an error, never a SIGBUS. */
static void lmdb_cut(void **state) {
    struct place *place = (struct place *)*state;
    for (uint64_t i = 0; i < 30; i++) {
        struct kv_txn *w = begin(place->kv, true);
        uint8_t value[3000];
        memset(value, (int)i, sizeof value);
        assert_int_equal(kv_put(w, KV_ENTRIES, i, bytes_of(value, sizeof value)), ERR_OK);
        assert_int_equal(kv_commit(w), ERR_OK);
    }
    kv_close(place->kv);
    place->kv = NULL;
    char path[128];
    snprintf(path, sizeof path, "%s/data.mdb", place->dir);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    const struct kv_lmdb_options options = {0};
    long pid;
    for (off_t size = st.st_size - 4096; size >= 0; size -= 4096) {
        assert_int_equal(truncate(path, size), 0);
        const enum err want = size == 0 ? ERR_ABSENT : ERR_CORRUPT;
        assert_int_equal(kv_lmdb_open(&place->kv, place->dir, &options, &pid), want);
        assert_null(place->kv);
    }
}

static void lmdb_newer_version(void **state) {
    struct place *place = (struct place *)*state;
    kv_close(place->kv);
    place->kv = NULL;
    char path[128];
    snprintf(path, sizeof path, "%s/data.mdb", place->dir);
    const int fd = open(path, O_RDWR);
    const uint32_t version = 2;
    assert_int_equal(pwrite(fd, &version, 4, 16 + 4), 4);
    const struct kv_lmdb_options options = {0};
    long pid;
    assert_int_equal(kv_lmdb_open(&place->kv, place->dir, &options, &pid), ERR_VERSION);
    const uint32_t magic = 0;
    assert_int_equal(pwrite(fd, &magic, 4, 16), 4);
    assert_int_equal(kv_lmdb_open(&place->kv, place->dir, &options, &pid), ERR_CORRUPT);
    close(fd);
}

/* E5: a write that fails in a commit (here: beyond the limit on file sizes) stops all writing for good. Reads go on. */
static void lmdb_latches(void **state) {
    struct place *place = (struct place *)*state;
    const pid_t child = fork(); /* the limit is for ever */
    if (child != 0) {
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        return;
    }
    struct kv_txn *txn;
    struct bytes value;
    uint8_t big[20000] = {1};
    const struct rlimit small = {65536, 65536};
    signal(SIGXFSZ, SIG_IGN);
    if (kv_begin(place->kv, true, &txn) != ERR_OK || kv_put(txn, KV_ENTRIES, 0, bytes_of(big, sizeof big)) != ERR_OK) _exit(1);
    if (kv_commit(txn) != ERR_OK || setrlimit(RLIMIT_FSIZE, &small) != 0) _exit(2);
    enum err err = ERR_OK;
    for (uint64_t i = 1; i < 20 && err == ERR_OK; i++) {
        if (kv_begin(place->kv, true, &txn) != ERR_OK || kv_put(txn, KV_ENTRIES, i, bytes_of(big, sizeof big)) != ERR_OK) _exit(3);
        err = kv_commit(txn);
    }
    if (err != ERR_IO) _exit(4);
    if (kv_begin(place->kv, true, &txn) != ERR_LATCHED || kv_room(place->kv, 1) != ERR_LATCHED) _exit(5);
    if (kv_begin(place->kv, false, &txn) != ERR_OK || kv_get(txn, KV_ENTRIES, 0, &value) != ERR_OK || value.len != sizeof big) _exit(6);
    kv_abort(txn);
    kv_close(place->kv);
    _exit(0);
}

/* E6: asked for before anything is written; what is there stays readable, and writing goes on when there is room. */
static void lmdb_disk_full(void **state) {
    (void)state;
    if (geteuid() != 0) {
        print_message("skip: not root: no small tmpfs, disk-full is not tried\n");
        skip();
    }
    char dir[] = "/tmp/licet-kv-XXXXXX";
    assert_non_null(mkdtemp(dir));
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("tmpfs", dir, "tmpfs", 0, "size=8m") != 0) {
        print_message("skip: no right to mount: disk-full is not tried\n");
        (void)rmdir(dir);
        skip();
    }
    struct kv *kv = lmdb_at(dir, true, 1 << 20);
    assert_int_equal(kv_room(kv, 1 << 20), ERR_OK);
    assert_int_equal(kv_room(kv, 8 << 20), ERR_NO_ROOM);
    uint64_t written = 0;
    uint8_t value[100000] = {7};
    while (kv_room(kv, sizeof value) == ERR_OK) {
        struct kv_txn *w = begin(kv, true);
        assert_int_equal(kv_put(w, KV_ENTRIES, written++, bytes_of(value, sizeof value)), ERR_OK);
        assert_int_equal(kv_commit(w), ERR_OK);
        assert_true(written < 100);
    }
    assert_true(written > 10);
    struct kv_txn *r = begin(kv, false);
    struct bytes got;
    for (uint64_t i = 0; i < written; i++) assert_int_equal(kv_get(r, KV_ENTRIES, i, &got), ERR_OK);
    kv_abort(r);
    assert_int_equal(mount("tmpfs", dir, "tmpfs", MS_REMOUNT, "size=16m"), 0);
    assert_int_equal(kv_room(kv, sizeof value), ERR_OK);
    struct kv_txn *w = begin(kv, true);
    assert_int_equal(kv_put(w, KV_ENTRIES, written, bytes_of(value, sizeof value)), ERR_OK);
    assert_int_equal(kv_commit(w), ERR_OK);
    kv_close(kv);
    assert_int_equal(umount(dir), 0);
    assert_int_equal(rmdir(dir), 0);
}

static void lmdb_copies(void **state) {
    struct place *place = (struct place *)*state;
    struct kv_txn *w = begin(place->kv, true);
    put_text(w, KV_BLOCKS, 1, "one");
    assert_int_equal(kv_commit(w), ERR_OK);
    char dir[] = "/tmp/licet-kv-XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_int_equal(kv_lmdb_copy(place->kv, dir), ERR_OK);
    assert_int_equal(kv_lmdb_copy(place->kv, dir), ERR_CONFIG);
    struct kv *copy = lmdb_at(dir, false, 1);
    struct kv_txn *r = begin(copy, false);
    expect(r, KV_BLOCKS, 1, "one");
    kv_abort(r);
    kv_close(copy);
    dir_remove(dir);
    struct kv_usage usage;
    kv_lmdb_usage(place->kv, &usage);
    assert_int_equal(usage.commits, 1);
    assert_true(usage.disk_bytes >= usage.used_bytes);
    assert_true(usage.used_bytes > 0);
}

/* Readers on other threads see whole blocks while the writer commits and the map grows under them. */
static atomic_bool readers_stop;
static atomic_uint readers_seen, readers_wrong;
static void *reader_main(void *context) {
    struct kv *kv = (struct kv *)context;
    while (!atomic_load(&readers_stop)) {
        struct kv_txn *r, *nested;
        struct bytes a, b;
        if (kv_begin(kv, false, &r) != ERR_OK || kv_begin(kv, false, &nested) != ERR_OK) {
            atomic_fetch_add(&readers_wrong, 1);
            break;
        }
        const enum err x = kv_get(r, KV_META, 0, &a), y = kv_get(r, KV_LINKS, 0, &b);
        if (x != ERR_OK || y != ERR_OK || !bytes_equal(a, b)) atomic_fetch_add(&readers_wrong, 1);
        kv_abort(nested);
        kv_abort(r);
        atomic_fetch_add(&readers_seen, 1);
    }
    return NULL;
}
static void pair_put(struct kv *kv, uint64_t value) {
    struct kv_txn *w = begin(kv, true);
    assert_int_equal(kv_put(w, KV_META, 0, bytes_of(&value, 8)), ERR_OK);
    assert_int_equal(kv_put(w, KV_LINKS, 0, bytes_of(&value, 8)), ERR_OK);
    assert_int_equal(kv_commit(w), ERR_OK);
}
/* What is parked shows what it showed when more has been committed, does not count as held, and gives way when the map has to grow. */
static void lmdb_parked(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    pair_put(kv, 1);
    struct kv_txn *old = begin(kv, false), *lost = begin(kv, false), *aborted = begin(kv, false), *now;
    kv_park(old);
    kv_park(lost);
    kv_park(aborted);
    pair_put(kv, 2);
    assert_int_equal(kv_room(kv, 1), ERR_OK); /* asserts that this thread holds none */
    assert_true(kv_resume(old));
    struct bytes value;
    uint64_t number;
    assert_int_equal(kv_get(old, KV_META, 0, &value), ERR_OK);
    memcpy(&number, value.data, sizeof number);
    assert_int_equal(number, 1);
    kv_abort(old);
    struct kv_usage use;
    kv_lmdb_usage(kv, &use);
    if (use.disk_free > UINT64_C(8) << 30) {
        assert_int_equal(kv_room(kv, UINT64_C(1) << 30), ERR_OK); /* grows: else it would wait here for ever */
        assert_false(kv_resume(lost));
    } else {
        kv_abort(lost);
    }
    kv_abort(aborted);
    now = begin(kv, false);
    assert_int_equal(kv_get(now, KV_META, 0, &value), ERR_OK);
    memcpy(&number, value.data, sizeof number);
    assert_int_equal(number, 2);
    kv_abort(now);
}

static void lmdb_grows(void **state) {
    struct kv *kv = ((struct place *)*state)->kv;
    pthread_t threads[4];
    atomic_store(&readers_stop, false);
    atomic_store(&readers_seen, 0);
    pair_put(kv, 0);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, reader_main, kv), 0);
    for (int i = 0; i < 10000 && atomic_load(&readers_seen) == 0; i++) (void)usleep(1000); /* a busy machine may start them late */
    uint64_t disk = 0;
    struct kv_usage usage;
    kv_lmdb_usage(kv, &usage);
    disk = usage.disk_free;
    for (uint64_t i = 1; i < 200; i++) {
        pair_put(kv, i);
        /* doubles the map a few times as far as the disk lets it: 1, 2, 4 GiB */
        if (i % 50 == 0 && disk > (UINT64_C(8) << 30)) assert_int_equal(kv_room(kv, (UINT64_C(1) << 28) * (i / 50)), ERR_OK);
    }
    atomic_store(&readers_stop, true);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&readers_wrong), 0);
    assert_true(atomic_load(&readers_seen) > 0);
}

#define BOTH(test) cmocka_unit_test_setup_teardown(test, mem_setup, teardown), cmocka_unit_test_setup_teardown(test, lmdb_setup, teardown)
#define DISK(test) cmocka_unit_test_setup_teardown(test, lmdb_setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(get_put), BOTH(abort_leaves_nothing), BOTH(keys_in_order), BOTH(against_an_array), BOTH(room_is_there),
        BOTH(parked), cmocka_unit_test(mem_discards), cmocka_unit_test(mem_faults),
        DISK(lmdb_lasts), cmocka_unit_test(lmdb_absent), DISK(lmdb_locked), DISK(lmdb_readers_seen), DISK(lmdb_cut), DISK(lmdb_newer_version), DISK(lmdb_latches),
        DISK(lmdb_copies), DISK(lmdb_parked), DISK(lmdb_grows), cmocka_unit_test(lmdb_disk_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
