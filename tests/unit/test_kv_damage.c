/* Damage in what LMDB itself follows: every bit of every page's head and list, and of every node's head, flipped one at a time in a small store of many
 * shapes. A child opens it and reads all: it never ends by a signal, and where the flip is in something that is followed it is ERR_CORRUPT. Then: links,
 * pipes and second names under the names of our files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/selftest.h"
#include "ledger/kv/kv_bus.h"
#include "ledger/kv/kv_disk.h"
#include "ledger/kv/kv_format.h"
#include "ledger/kv/kv_lmdb.h"
#include "ledger/kv/kv_pages.h"
#include "ledger/kv/private.h"

static char dir[64], data_path[96];

static int setup(void **state) {
    (void)state;
    strcpy(dir, "/tmp/licet-damage-XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(data_path, sizeof data_path, "%s/data.mdb", dir);
    return 0;
}
static int teardown(void **state) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock", "other"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    return rmdir(dir);
}

static enum err open_kv(struct kv **kv, bool create, bool read_only) {
    const struct kv_lmdb_options options = {.create = create, .read_only = read_only, .room_min = 1};
    long pid;
    return kv_lmdb_open(kv, dir, &options, &pid);
}

static void put(struct kv_txn *w, enum kv_table table, uint64_t key, size_t len) {
    static uint8_t value[70000];
    memset(value, (int)key, sizeof value);
    assert_int_equal(kv_put(w, table, key, bytes_of(value, len)), ERR_OK);
}

/* Branches, full and half leaves, runs of overflow pages, free pages, an empty table. */
static void fill(unsigned commits) {
    struct kv *kv;
    assert_int_equal(open_kv(&kv, true, false), ERR_OK);
    for (unsigned c = 0; c < commits; c++) {
        struct kv_txn *w;
        assert_int_equal(kv_begin(kv, true, &w), ERR_OK);
        for (uint64_t i = 0; i < 12; i++) put(w, KV_SLOTS, c * 12 + i, 700);
        put(w, KV_ENTRIES, c, c % 3 == 0 ? 9000 : 90);
        put(w, KV_META, c % 2, 40 + c);
        if (c % 4 == 3) put(w, KV_ENTRIES, c - 3, 30000);
        assert_int_equal(kv_commit(w), ERR_OK);
    }
    kv_close(kv);
}

/* 0: all was read, or said to be damaged. Reads every row there may be, writes where it may. */
static enum err use(bool read_only) {
    struct kv *kv;
    const enum err err = open_kv(&kv, false, read_only);
    if (err != ERR_OK) return err;
    struct kv_txn *txn;
    struct bytes value;
    volatile uint8_t sum = 0;
    if (kv_begin(kv, false, &txn) != ERR_OK) _exit(99);
    for (enum kv_table table = 0; table < KV_TABLES; table++)
        for (uint64_t key = 0, found; key < 200; key++) {
            if (kv_get(txn, table, key, &value) == ERR_OK) for (size_t i = 0; i < value.len; i++) sum = (uint8_t)(sum + value.data[i]);
            if (kv_floor(txn, table, key, &found, &value) == ERR_OK) sum = (uint8_t)(sum + value.data[value.len - 1]);
        }
    kv_abort(txn);
    if (!read_only && kv_begin(kv, true, &txn) == ERR_OK) {
        enum err put_err = kv_put(txn, KV_SLOTS, 100000, bytes_of("x", 1));
        if (put_err == ERR_OK) put_err = kv_put(txn, KV_ENTRIES, 0, bytes_of("y", 1));
        if (put_err == ERR_OK) put_err = kv_put(txn, KV_LINKS, 0, bytes_of("z", 1));
        kv_abort(txn);
        if (put_err != ERR_OK) return put_err;
    }
    kv_close(kv);
    return ERR_OK;
}

static uint8_t image[1 << 20];
static size_t image_len;
static void image_take(void) {
    const int fd = open(data_path, O_RDONLY | O_CLOEXEC);
    const ssize_t got = read(fd, image, sizeof image);
    assert_true(got > 0 && (size_t)got < sizeof image);
    image_len = (size_t)got;
    (void)close(fd);
}

static struct { unsigned flips, found; } told;
static enum err (*child_use)(void);
static enum err kv_use(void) { return use(told.flips % 8 != 0); }

static void flip(size_t at, unsigned bit, bool followed) {
    const int fd = open(data_path, O_WRONLY | O_CLOEXEC);
    const uint8_t bad = (uint8_t)(image[at] ^ 1u << bit);
    assert_int_equal(pwrite(fd, &bad, 1, (off_t)at), 1);
    const pid_t child = fork();
    if (child == 0) {
        kv_bus_catch();
        (void)close(STDERR_FILENO);
        _exit((int)child_use());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || (followed && WEXITSTATUS(status) == ERR_OK))
        fail_msg("byte %zu (page %zu, %zu), bit %u: status %x", at, at / 4096, at % 4096, bit, (unsigned)status);
    told.flips++;
    told.found += WEXITSTATUS(status) != ERR_OK;
    assert_int_equal(pwrite(fd, &image[at], 1, (off_t)at), 1);
    (void)close(fd);
}
static void flip_all(size_t at, size_t len, bool followed) {
    for (size_t i = at; i < at + len; i++)
        for (unsigned bit = 0; bit < 8; bit++) flip(i, bit, followed);
}

/* Pages that are reached from the newest commit: their copy in a file where they are gone is refused. */
static bool in_use(size_t page) {
    const int fd = open(data_path, O_RDWR | O_CLOEXEC);
    static const uint8_t nothing[16];
    assert_int_equal(pwrite(fd, nothing, sizeof nothing, (off_t)(page * 4096)), sizeof nothing);
    const bool used = pages_check(fd, 0) != ERR_OK;
    assert_int_equal(pwrite(fd, image + page * 4096, sizeof nothing, (off_t)(page * 4096)), sizeof nothing);
    (void)close(fd);
    return used;
}

static void flip_page(size_t page) {
    struct page_head head;
    const size_t at = page * 4096;
    memcpy(&head, image + at, sizeof head);
    flip_all(at, 8, true);
    flip_all(at + 8, 2, false); /* LMDB leaves there what was in memory */
    flip_all(at + 10, head.flags & PAGE_OVERFLOW ? 2 : 6, true);
    if (head.flags & PAGE_OVERFLOW) return;
    for (size_t i = 0; i < (head.lower - sizeof head) / 2u; i++) {
        uint16_t node;
        memcpy(&node, image + at + sizeof head + 2 * i, sizeof node);
        if (i < 3 || i + 2 > (head.lower - sizeof head) / 2u) flip_all(at + sizeof head + 2 * i, 2, true);
        if (i >= 3) continue;
        flip_all(at + node, 4, false); /* a length may be another one in the same room: hashes are for that */
        flip_all(at + node + 4, 4, !(head.flags & PAGE_BRANCH && i == 0));
    }
}

static void no_flip_ends_by_a_signal(void **state) {
    (void)state;
    fill(6);
    image_take();
    told.flips = told.found = 0;
    child_use = kv_use;
    assert_int_equal(use(true), ERR_OK);
    unsigned pages = 0;
    for (size_t page = 2; page < image_len / 4096; page++) {
        if (!in_use(page)) continue;
        flip_page(page);
        pages++;
    }
    assert_true(pages > 8);
    for (size_t page = 0; page < 2; page++) flip_all(page * 4096, 16 + sizeof(struct meta), false);
    assert_true(told.found > told.flips / 2);
    assert_int_equal(use(false), ERR_OK);
}

static enum err private_use(void) {
    struct private_store *store;
    const enum err err = private_open(&store, dir, false);
    if (err != ERR_OK) return err;
    char identifier[IDENTIFIER_MAX + 1];
    size_t len;
    for (uint8_t i = 0; i < 60; i++) {
        uint8_t key[32] = {i};
        if (private_identifier(store, key, identifier, &len) == ERR_OK) assert_true(len > 0);
    }
    uint8_t key[1][32] = {{77}};
    const struct private_licence licence = {.type_code = bytes_text("T"), .identifier = bytes_text("1.2.3")};
    const enum err put_err = private_put(store, (const uint8_t(*)[32])key, &licence, 1);
    private_close(store);
    return put_err;
}

static void private_store_too(void **state) {
    (void)state;
    struct private_store *store;
    assert_int_equal(private_open(&store, dir, true), ERR_OK);
    for (uint8_t i = 0; i < 60; i++) {
        uint8_t key[1][32] = {{i}};
        const struct private_licence licence = {.type_code = bytes_text("T"), .identifier = bytes_text("1.2.3")};
        assert_int_equal(private_put(store, (const uint8_t(*)[32])key, &licence, 1), ERR_OK);
    }
    private_close(store);
    image_take();
    told.flips = told.found = 0;
    child_use = private_use;
    unsigned pages = 0;
    for (size_t page = 2; page < image_len / 4096; page++) {
        const int fd = open(data_path, O_WRONLY | O_TRUNC | O_CLOEXEC); /* a use that succeeds writes */
        assert_int_equal(write(fd, image, image_len), image_len);
        (void)close(fd);
        if (!in_use(page)) continue;
        struct page_head head;
        memcpy(&head, image + page * 4096, sizeof head);
        flip_all(page * 4096 + 10, 6, true);
        for (size_t i = 0; i < (head.lower - sizeof head) / 2u && i < 4; i++) {
            uint16_t node;
            memcpy(&node, image + page * 4096 + sizeof head + 2 * i, sizeof node);
            flip_all(page * 4096 + node, 8, false);
        }
        pages++;
    }
    assert_true(pages > 2);
    assert_true(told.found > told.flips / 2);
}

/* After the look: every page of an open store is spoilt in the file, so in the map too. The only ways out are an answer and EXIT_INTEGRITY. */
static void damage_under_us(void **state) {
    (void)state;
    fill(6);
    image_take();
    for (unsigned kind = 0; kind < 5; kind++) {
        const pid_t child = fork();
        if (child == 0) {
            struct kv *kv;
            struct kv_txn *txn;
            struct bytes value;
            kv_bus_catch();
            (void)close(STDERR_FILENO);
            if (open_kv(&kv, false, true) != ERR_OK) _exit(98);
            const int fd = open(data_path, O_RDWR | O_CLOEXEC);
            if (kind == 4 && ftruncate(fd, 8192) != 0) _exit(97);
            for (size_t at = 8192; at < image_len && kind < 4; at += 4096) {
                struct page_head head;
                uint16_t node;
                memcpy(&head, image + at, sizeof head);
                memcpy(&node, image + at + sizeof head, sizeof node);
                const struct node_head bad = {0xffff, 0xffff, kind == 2 ? NODE_BIG : NODE_BIG | 0xfff0, 8};
                static const uint8_t noise[64] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f};
                if (kind == 0 && pwrite(fd, noise, sizeof noise, (off_t)at + 8) < 0) _exit(97);
                if (kind == 1 && pwrite(fd, noise, sizeof noise, (off_t)at + 16) < 0) _exit(97);
                if (kind >= 2 && node < 4080 && pwrite(fd, &bad, sizeof bad, (off_t)(at + node)) < 0) _exit(97);
            }
            volatile uint8_t sum = 0;
            if (kv_begin(kv, false, &txn) != ERR_OK) _exit(96);
            for (enum kv_table table = 0; table < KV_TABLES; table++)
                for (uint64_t key = 0, found; key < 100; key++) {
                    if (kv_get(txn, table, key, &value) == ERR_OK && value.len > 0) sum = (uint8_t)(sum + value.data[value.len - 1]);
                    if (kv_floor(txn, table, key, &found, &value) == ERR_OK && value.len > 0) sum = (uint8_t)(sum + value.data[0]);
                }
            _exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status)) fail_msg("kind %u: status %x", kind, (unsigned)status);
        assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EXIT_INTEGRITY);
        if (kind == 4) assert_int_equal(WEXITSTATUS(status), EXIT_INTEGRITY);
        const int fd = open(data_path, O_WRONLY | O_CLOEXEC);
        assert_int_equal(pwrite(fd, image, image_len, 0), image_len);
        (void)close(fd);
    }
}

/* A fault of our own is still seen as one. */
static void other_faults_kill(void **state) {
    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        kv_bus_catch();
        (void)raise(SIGSEGV);
        (void)raise(SIGSEGV);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* What LMDB makes, whatever order rows come in, is never called damaged. */
static void sound_stores_pass(void **state) {
    (void)state;
    struct kv *kv;
    assert_int_equal(open_kv(&kv, true, false), ERR_OK);
    uint64_t random = 88172645463325252u;
    for (unsigned c = 0; c < 100; c++) {
        struct kv_txn *w;
        assert_int_equal(kv_begin(kv, true, &w), ERR_OK);
        for (unsigned i = 0; i < 20; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            put(w, random % KV_TABLES, random >> 8 & 0x3ff, 1 + (random >> 20) % (random % 7 == 0 ? 60000 : 1500));
        }
        assert_int_equal(kv_commit(w), ERR_OK);
        const int fd = open(data_path, O_RDONLY | O_CLOEXEC);
        assert_int_equal(pages_check(fd, 0), ERR_OK);
        assert_int_equal(pages_check(fd, 1u << 30), ERR_ABSENT);
        (void)close(fd);
    }
    kv_close(kv);
}

/* --- names --- */

static void refused_at(const char *name, enum err want) {
    struct kv *kv;
    struct private_store *store;
    assert_int_equal(open_kv(&kv, true, false), want);
    if (strcmp(name, "lock") == 0) return;
    assert_int_equal(open_kv(&kv, false, true), want);
    assert_int_equal(private_open(&store, dir, true), want);
}

static void only_plain_files(void **state) {
    (void)state;
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    char other[128], path[128], text[6] = "";
    (void)snprintf(other, sizeof other, "%s/other", dir);
    for (size_t i = 0; i < 3; i++) {
        (void)teardown(NULL);
        assert_int_equal(mkdir(dir, 0700), 0);
        fill(1);
        const int fd = open(other, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        assert_int_equal(write(fd, "mine\n", 5), 5);
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink("other", path), 0);
        refused_at(names[i], ERR_PLACE);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink("nowhere", path), 0);
        refused_at(names[i], ERR_PLACE);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(link(other, path), 0);
        refused_at(names[i], ERR_PLACE);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        refused_at(names[i], ERR_PLACE); /* and does not hang */
        assert_int_equal(pread(fd, text, 5, 0), 5);
        assert_string_equal(text, "mine\n");
        (void)close(fd);
    }
}

static void in_place(void **state) {
    (void)state;
    fill(1);
    char other[128];
    (void)snprintf(other, sizeof other, "%s/other", dir);
    const int fd = open(data_path, O_RDONLY | O_CLOEXEC);
    assert_true(disk_in_place(fd, data_path));
    assert_int_equal(rename(data_path, other), 0);
    assert_false(disk_in_place(fd, data_path));
    assert_int_equal(symlink("other", data_path), 0);
    assert_false(disk_in_place(fd, data_path));
    assert_int_equal(unlink(other), 0);
    assert_false(disk_in_place(fd, data_path));
    (void)close(fd);
}

int main(void) {
    if (crypto_start() != NULL) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound_stores_pass, setup, teardown),
        cmocka_unit_test_setup_teardown(no_flip_ends_by_a_signal, setup, teardown),
        cmocka_unit_test_setup_teardown(private_store_too, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_under_us, setup, teardown),
        cmocka_unit_test(other_faults_kill),
        cmocka_unit_test_setup_teardown(only_plain_files, setup, teardown),
        cmocka_unit_test_setup_teardown(in_place, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
