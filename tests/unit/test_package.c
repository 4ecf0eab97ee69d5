/* Packages: what two readers of ZIP could read differently is refused, sizes are believed only as far as they are true, and names lead where every
 * reader's would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/zip.h"
#include "tools/document/package.h"
#include "tools/document/layout.h"

static struct zip_out zip;
static enum step_reason reason;
static char detail[STEP_DETAIL_MAX];

static struct package *opened(const struct zip_part *parts, size_t count) {
    zip_make(&zip, parts, count, "", false, "");
    uint8_t *copy = malloc(zip.len); /* so that a read beyond it is seen */
    memcpy(copy, zip.data, zip.len);
    struct package *package = package_open_bytes(bytes_of(copy, zip.len), &reason, detail);
    if (package) { /* its bytes live on in zip */
        package_close(package);
        package = package_open_bytes(bytes_of(zip.data, zip.len), &reason, detail);
    }
    free(copy);
    return package;
}

static void refused_bytes(enum step_reason want, const char *what) {
    struct package *package = package_open_bytes(bytes_of(zip.data, zip.len), &reason, detail);
    if (package) fail_msg("%s: taken", what);
    if (reason != want) fail_msg("%s: refused for %s, not %s", what, reason_name(reason), reason_name(want));
}

static void refused(const struct zip_part *parts, size_t count, enum step_reason want, const char *what) {
    zip_make(&zip, parts, count, "", false, "");
    refused_bytes(want, what);
}

static void plain(void **state) {
    (void)state;
    const struct zip_part parts[] = {{.name = "OFD.xml", .data = "<OFD/>"}, {.name = "Doc_0/"}, {.name = "Doc_0/Document.xml", .data = "abc", .descriptor = false},
                                     {.name = "empty"}};
    struct package *package = opened(parts, 4);
    assert_non_null(package);
    assert_int_equal(package_count(package), 3);
    assert_true(package_index(package, "OFD.xml") != SIZE_MAX);
    assert_true(package_index(package, "ofd.xml") == SIZE_MAX);
    assert_string_equal(package_alike(package, "ofd.XML"), "OFD.xml");
    assert_true(package_index(package, "Doc_0/") == SIZE_MAX);
    assert_null(package_alike(package, "Doc_0"));
    size_t len;
    uint8_t *data = package_read(package, "Doc_0/Document.xml", 3, &len, &reason);
    assert_non_null(data);
    assert_string_equal((char *)data, "abc");
    free(data);
    assert_null(package_read(package, "Doc_0/Document.xml", 2, &len, &reason));
    assert_int_equal(reason, REASON_ZIP_SIZE);
    assert_null(package_read(package, "nothing", 2, &len, &reason));
    assert_int_equal(reason, REASON_FILE_MISSING);
    data = package_read(package, "empty", 0, &len, &reason);
    assert_non_null(data);
    assert_int_equal(len, 0);
    free(data);
    uint8_t got[32], want[32];
    assert_true(package_digest(package, "Doc_0/Document.xml", HASH_SM3, got, &reason));
    sm3(want, "abc", 3);
    assert_memory_equal(got, want, 32);
    package_close(package);
}

static void no_zip(void **state) {
    (void)state;
    static const char *const texts[] = {"", "P", "PK\3\4", "%PDF-1.7", "PK\5\6"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_null(package_open_bytes(bytes_text(texts[i]), &reason, detail));
        assert_int_equal(reason, REASON_NOT_ZIP);
    }
    assert_null(package_open("/nothing/there", &reason, detail));
    assert_null(package_open("/", &reason, detail));
}

/* ---- names ---- */

static void names_that_are_refused(void **state) {
    (void)state;
    static const char *const names[] = {"../a", "a/../b", "/a", "\\a", "a//b", "a/.", "..", "C:/a", "c:a", "a\nb", "a\x7f", "..\\a", "a/..\\b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct zip_part part = {.name = names[i], .data = "x"};
        refused(&part, 1, REASON_ZIP_ENTRY, names[i]);
    }
    char *name = malloc(PACKAGE_PATH_MAX + 1);
    memset(name, 'a', PACKAGE_PATH_MAX);
    name[PACKAGE_PATH_MAX] = '\0';
    refused(&(struct zip_part){.name = name, .data = "x"}, 1, REASON_ZIP_ENTRY, "1,024 bytes");
    name[PACKAGE_PATH_MAX - 1] = '\0';
    struct package *package = opened(&(struct zip_part){.name = name, .data = "x"}, 1);
    assert_non_null(package);
    package_close(package);
    free(name);
}

static void names_that_are_equal(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"a", "a"}, {"Doc/a.xml", "doc/A.xml"}, {"a/b", "a\\b"}, {"\xc3\xa9", "e\xcc\x81"} /* normal forms */, {"\xc3\x89", "\xc3\xa9"} /* É é */,
        {"\xef\xbc\xa1.xml", "a.xml"} /* full width */, {"\xd6\xa4", "\xe8\xaf\x81"} /* 证 in GBK, which is also a letter in UTF-8 */, {"\xd6\xa4\xd5\xd5", "证照"}, {"\xd6\xa4/A", "\xd6\xa4/a"},
        {"stra\xc3\x9f" "e", "STRASSE"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const struct zip_part parts[] = {{.name = pairs[i][0], .data = "1"}, {.name = "between", .data = "2"}, {.name = pairs[i][1], .data = "3"}};
        refused(parts, 3, REASON_ZIP_ENTRY, pairs[i][0]);
    }
}

static void names_that_are_translated(void **state) {
    (void)state;
    const struct zip_part parts[] = {{.name = "\xd6\xa4\xd5\xd5/1.xml", .data = "gbk"}, {.name = "Doc_0\\Res\\a.png", .data = "x"}, {.name = "\x80\xff", .data = "raw"},
                                     {.name = "\x95\x5c.xml", .data = "gbk whose second byte is a backslash"}};
    struct package *package = opened(parts, 4);
    assert_non_null(package);
    assert_true(package_index(package, "证照/1.xml") != SIZE_MAX);
    assert_true(package_index(package, "Doc_0/Res/a.png") != SIZE_MAX);
    assert_true(package_index(package, "\x80\xff") != SIZE_MAX); /* neither: bytes are bytes */
    assert_non_null(package_alike(package, "昞.xml") ? "" : package_alike(package, "\xe6\x98\x9e.xml") ? "" : "x");
    assert_int_equal(package_count(package), 4);
    package_close(package);
}

static void resolve(void **state) {
    (void)state;
    static const struct { const char *from, *name, *want; } rows[] = {
        {"OFD.xml", "Doc_0/Document.xml", "Doc_0/Document.xml"}, {"Doc_0/Document.xml", "Pages/P.xml", "Doc_0/Pages/P.xml"},
        {"Doc_0/Signs/S.xml", "/Doc_0/a", "Doc_0/a"}, {"Doc_0/Signs/S.xml", "../a", "Doc_0/a"}, {"Doc_0/Signs/S.xml", "..\\..\\a", "a"},
        {"Doc_0/a", "./b//c", "Doc_0/b/c"}, {"a", "../b", NULL}, {"a", "/../b", NULL}, {"a", "", NULL}, {"a", "b/", NULL}, {"a/b", "..", NULL},
        {"a/b/c", ".", NULL}, {"", "\\x\\y", "x/y"}, {"a/b", "c/../d", "a/d"},
    };
    char out[PACKAGE_PATH_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool got = package_resolve(out, rows[i].from, rows[i].name);
        if (got != (rows[i].want != NULL) || (got && strcmp(out, rows[i].want) != 0))
            fail_msg("%s from %s: %s, not %s", rows[i].name, rows[i].from, got ? out : "nothing", rows[i].want ? rows[i].want : "nothing");
    }
    char longest[2 * PACKAGE_PATH_MAX];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_false(package_resolve(out, "", longest));
    longest[0] = '/';
    assert_false(package_resolve(out, "x", longest));
    longest[PACKAGE_PATH_MAX - 2] = '/';
    assert_false(package_resolve(out, longest + 1, "bb"));
}

/* ---- what two readers could read differently ---- */

static void local_header_differs(void **state) {
    (void)state;
    const struct zip_part parts[] = {
        {.name = "a.xml", .local_name = "b.xml", .data = "x"}, {.name = "a.xml", .local_name = "a.xml2", .data = "x"}, {.name = "a", .data = "x", .local_method = 8},
        {.name = "\xc3\xa9", .data = "x", .local_flags_too = 0x800}, {.name = "a", .data = "x", .sizes_lie = true},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) refused(&parts[i], 1, REASON_ZIP_HEADER, "local header");
    /* An ASCII name reads the same with the flag of UTF-8 and without it. */
    struct package *package = opened(&(struct zip_part){.name = "a", .data = "x", .local_flags_too = 0x800}, 1);
    assert_non_null(package);
    package_close(package);
}

static void bytes_around_and_between(void **state) {
    (void)state;
    const struct zip_part two[] = {{.name = "a", .data = "x"}, {.name = "b", .data = "y"}};
    zip_make(&zip, two, 2, "", false, "a comment");
    struct package *package = package_open_bytes(bytes_of(zip.data, zip.len), &reason, detail);
    assert_non_null(package); /* a comment is one of the things that may be there */
    package_close(package);
    zip_make(&zip, two, 2, "#!/bin/sh\n", false, "");
    refused_bytes(REASON_NOT_ZIP, "a program in front, offsets as before");
    zip_make(&zip, two, 2, "#!/bin/sh\n", true, "");
    refused_bytes(REASON_NOT_ZIP, "a program in front, offsets shifted");
    zip_make(&zip, two, 2, "", false, "");
    zip_raw(&zip, "tail", 4);
    refused_bytes(REASON_NOT_ZIP, "bytes behind");
    const struct zip_part hidden[] = {{.name = "a", .data = "x", .gap = "PK\3\4hidden", .gap_len = 10}, {.name = "b", .data = "y"}};
    refused(hidden, 2, REASON_ZIP_HEADER, "bytes between");
    const struct zip_part last[] = {{.name = "a", .data = "x"}, {.name = "b", .data = "y", .gap = "z", .gap_len = 1}};
    refused(last, 2, REASON_ZIP_HEADER, "bytes before the directory");
}

/* A second directory hidden in the comment: who searches from behind meets it, who searches from before meets the other. */
static void directory_in_the_comment(void **state) {
    (void)state;
    static struct zip_out evil;
    const struct zip_part one = {.name = "a", .data = "good"}, other = {.name = "a", .data = "evil"};
    zip_make(&evil, &other, 1, "", false, "");
    zip_make(&zip, &one, 1, "", false, "");
    size_t at = zip.len;
    zip_raw(&zip, evil.data, evil.len);
    zip.data[at - 2] = (uint8_t)evil.len;
    refused_bytes(REASON_NOT_ZIP, "directory in the comment");
}

static void second_names(void **state) {
    (void)state;
    static const char other[] = "\x75\x70\x0a\0\1\0\0\0\0b.xml", same[] = "\x75\x70\x0a\0\1\0\0\0\0a.xml", cut[] = "\x75\x70\x40\0\1";
    refused(&(struct zip_part){.name = "a.xml", .data = "x", .extra = other, .extra_len = sizeof other - 1}, 1, REASON_ZIP_ENTRY, "Unicode path");
    refused(&(struct zip_part){.name = "a.xml", .data = "x", .extra = cut, .extra_len = sizeof cut - 1}, 1, REASON_ZIP_ENTRY, "extra field cut");
    struct package *package = opened(&(struct zip_part){.name = "a.xml", .data = "x", .extra = same, .extra_len = sizeof same - 1}, 1);
    assert_non_null(package);
    package_close(package);
}

static void not_plain_files(void **state) {
    (void)state;
    refused(&(struct zip_part){.name = "a", .data = "/etc/passwd", .attributes = 0xA1FF0000}, 1, REASON_ZIP_ENTRY, "link");
    refused(&(struct zip_part){.name = "a", .data = "", .attributes = 0x21B60000}, 1, REASON_ZIP_ENTRY, "device");
    refused(&(struct zip_part){.name = "a", .data = "", .attributes = 0x11B60000}, 1, REASON_ZIP_ENTRY, "pipe");
    refused(&(struct zip_part){.name = "a", .data = "x", .flags = 1}, 1, REASON_ZIP_ENTRY, "encrypted");
    refused(&(struct zip_part){.name = "a", .data = "x", .flags = 0x2000}, 1, REASON_ZIP_ENTRY, "masked");
    refused(&(struct zip_part){.name = "a", .data = "x", .method = 12}, 1, REASON_ZIP_ENTRY, "another method");
    refused(&(struct zip_part){.name = "a/", .data = "x"}, 1, REASON_ZIP_ENTRY, "a folder with content");
    refused(&(struct zip_part){.name = "a", .data = "x", .descriptor = true}, 1, REASON_ZIP_ENTRY, "stored, and only its descriptor says how long");
    struct package *package = opened(&(struct zip_part){.name = "a", .data = "x", .attributes = 0x81A40000}, 1);
    assert_non_null(package);
    package_close(package);
}

/* Deflate: one final stored block of "abc"; behind it what a reader that believes the stream would take for the descriptor and further files. */
static const char deflated[] = "\1\3\0\xfc\xff" "abc";

static void descriptors(void **state) {
    (void)state;
    struct zip_part part = {.name = "a", .data = deflated, .data_len = sizeof deflated - 1, .unpacked = 3, .crc = zip_crc("abc", 3), .method = 8, .descriptor = true};
    size_t len;
    struct package *package = opened(&part, 1);
    assert_non_null(package);
    uint8_t *data = package_read(package, "a", 3, &len, &reason);
    assert_non_null(data);
    assert_memory_equal(data, "abc", 3);
    free(data);
    package_close(package);
    size_t at = zip.len - 22 - 47 - 16 + 4; /* the descriptor's sum */
    zip.data[at] ^= 1;
    refused_bytes(REASON_ZIP_HEADER, "descriptor differs");
    static const char longer[] = "\1\3\0\xfc\xff" "abcPK\3\4 and a file that one reader sees";
    part.data = longer;
    part.data_len = sizeof longer - 1;
    refused(&part, 1, REASON_ZIP_HEADER, "files inside of a file's room");
}

/* ---- sizes ---- */

static void sums_and_sizes(void **state) {
    (void)state;
    size_t len;
    struct zip_part part = {.name = "a", .data = "abc", .crc = 7};
    struct package *package = opened(&part, 1);
    assert_non_null(package);
    assert_null(package_read(package, "a", 100, &len, &reason));
    assert_int_equal(reason, REASON_NOT_ZIP);
    uint8_t digest[32];
    assert_false(package_digest(package, "a", HASH_SHA256, digest, &reason));
    assert_int_equal(reason, REASON_NOT_ZIP);
    package_close(package);
    /* what it unpacks to is more, or less, than it says */
    for (uint32_t said = 2; said <= 4; said += 2) {
        part = (struct zip_part){.name = "a", .data = deflated, .data_len = sizeof deflated - 1, .unpacked = said, .crc = zip_crc("abc", 3), .method = 8};
        package = opened(&part, 1);
        assert_non_null(package);
        assert_null(package_read(package, "a", 100, &len, &reason));
        assert_int_equal(reason, REASON_NOT_ZIP);
        package_close(package);
    }
    part.unpacked = 600u << 20;
    refused(&part, 1, REASON_ZIP_SIZE, "600 MB");
    part.unpacked = 2u << 20;
    refused(&part, 1, REASON_ZIP_SIZE, "2 MB of 8 bytes");
    part.unpacked = 0xFFFFFFFE;
    refused(&part, 1, REASON_ZIP_SIZE, "4 GB");
    part.unpacked = 0xFFFFFFFF;
    refused(&part, 1, REASON_ZIP_ENTRY, "a size that should stand elsewhere");
}

/* Every cut, and every byte changed: taken or refused, never a fault; a name or content that is given out is the one that was put in, or its sum is wrong. */
static void every_byte(void **state) {
    (void)state;
    const struct zip_part parts[] = {{.name = "OFD.xml", .data = "<OFD/>"}, {.name = "Doc_0/"}, {.name = "Doc_0/a", .data = deflated, .data_len = sizeof deflated - 1, .unpacked = 3,
                                      .crc = 0, .method = 8, .descriptor = true}};
    struct zip_part copy[3];
    memcpy(copy, parts, sizeof copy);
    copy[2].crc = zip_crc("abc", 3);
    zip_make(&zip, copy, 3, "", false, "c");
    const size_t whole = zip.len;
    uint8_t *original = malloc(whole);
    memcpy(original, zip.data, whole);
    for (size_t len = 0; len < whole; len++) {
        uint8_t *cut = malloc(len ? len : 1);
        memcpy(cut, original, len);
        assert_null(package_open_bytes(bytes_of(cut, len), &reason, detail));
        free(cut);
    }
    for (size_t at = 0; at < whole; at++) {
        for (int bit = 0; bit < 8; bit++) {
            uint8_t *changed = malloc(whole);
            memcpy(changed, original, whole);
            changed[at] ^= (uint8_t)(1 << bit);
            struct package *package = package_open_bytes(bytes_of(changed, whole), &reason, detail);
            for (size_t i = 0; package && i < package_count(package); i++) {
                size_t len;
                uint8_t *data = package_read(package, package_name(package, i), 1000, &len, &reason);
                bool first = strcmp(package_name(package, i), "OFD.xml") == 0, second = strcmp(package_name(package, i), "Doc_0/a") == 0;
                if (data && !((first && len == 6 && memcmp(data, "<OFD/>", 6) == 0) || (second && len == 3 && memcmp(data, "abc", 3) == 0)))
                    fail_msg("byte %zu bit %d: %s has other content", at, bit, package_name(package, i));
                free(data);
            }
            package_close(package);
            free(changed);
        }
    }
    free(original);
}

int main(void) {
    assert_true(hash_setup());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(no_zip),
        cmocka_unit_test(names_that_are_refused),
        cmocka_unit_test(names_that_are_equal),
        cmocka_unit_test(names_that_are_translated),
        cmocka_unit_test(resolve),
        cmocka_unit_test(local_header_differs),
        cmocka_unit_test(bytes_around_and_between),
        cmocka_unit_test(directory_in_the_comment),
        cmocka_unit_test(second_names),
        cmocka_unit_test(not_plain_files),
        cmocka_unit_test(descriptors),
        cmocka_unit_test(sums_and_sizes),
        cmocka_unit_test(every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
