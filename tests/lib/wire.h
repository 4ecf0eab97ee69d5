/* What the tests of the wire formats share: golden vectors read from text, one codec function per format (decode, then encode
 * again), and mutation of valid bytes. The law of every codec: what is accepted encodes to the same bytes. */
#ifndef LICET_TESTS_LIB_WIRE_H
#define LICET_TESTS_LIB_WIRE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/wire/header.h"
#include "ledger/wire/object.h"
#include "ledger/wire/statement.h"

#define VECTOR_BYTES_MAX 8192
struct vector {
    uint8_t data[VECTOR_BYTES_MAX];
    size_t len;
};

/* vector_load: `name: hex` from tests/vectors/FILE.txt; fails the test where it is not there. Run from the top folder. */
static inline struct vector vector_load(const char *file, const char *name) {
    static char line[2 * VECTOR_BYTES_MAX + 256];
    char path[256];
    struct vector v = {.len = 0};
    snprintf(path, sizeof path, "tests/vectors/%s.txt", file);
    FILE *f = fopen(path, "r");
    if (!f) fail_msg("%s: not there (run from the top folder)", path);
    size_t name_len = strlen(name);
    bool found = false;
    while (!found && fgets(line, sizeof line, f)) {
        if (strncmp(line, name, name_len) != 0 || strncmp(line + name_len, ": ", 2) != 0) continue;
        const char *hex = line + name_len + 2;
        size_t digits = strcspn(hex, "\n");
        v.len = digits / 2;
        found = v.len <= sizeof v.data && hex_decode(v.data, v.len, hex, digits);
    }
    fclose(f);
    if (!found) fail_msg("%s: no vector %s", path, name);
    return v;
}
static inline struct bytes vector_bytes(const struct vector *v) { return bytes_of(v->data, v->len); }

static inline void assert_vector(const char *file, const char *name, const void *have, size_t len) {
    struct vector want = vector_load(file, name);
    if (len == want.len && memcmp(have, want.data, len) == 0) return;
    fprintf(stderr, "%s/%s\nhave ", file, name);
    for (size_t i = 0; i < len; i++) fprintf(stderr, "%02x", ((const uint8_t *)have)[i]);
    fprintf(stderr, "\nwant ");
    for (size_t i = 0; i < want.len; i++) fprintf(stderr, "%02x", want.data[i]);
    fail_msg("\n%s/%s differs", file, name);
}

/* The bytes first, first+1, ... as make.py has them. 32 of them live as long as the program. */
static inline const uint8_t *fill(uint8_t first) {
    static uint8_t table[256][32];
    for (unsigned i = 0; i < 32; i++) table[first][i] = (uint8_t)(first + i);
    return table[first];
}

/* Decodes; where accepted, encodes again into out. Returns the refusal. */
typedef struct refusal (*codec_fn)(struct wire_out *out, struct bytes in);

static inline struct arena codec_arena(void) {
    static _Alignas(16) uint8_t memory[RECORD_ARENA_BYTES + 64];
    return arena_over(memory, sizeof memory);
}
static inline struct refusal codec_record(struct wire_out *out, struct bytes in) {
    static struct record record;
    struct arena arena = codec_arena();
    struct refusal refusal = record_decode(&record, &arena, in);
    if (refusal.code == CODE_OK) assert_true(record_encode(out, &record));
    return refusal;
}
static inline size_t codec_protected(uint8_t out[COSE_PROTECTED_MAX], const struct cose_sign1 *cose) {
    struct cose_header header = {cose->alg, cose->kid, cose->typ, cose->iss, cose->sub, cose->iat, cose->genesis};
    return cose_protected_encode(out, &header);
}
static inline struct refusal codec_cose(struct wire_out *out, struct bytes in, enum cose_typ typ) {
    struct cose_sign1 cose;
    uint8_t buf[COSE_PROTECTED_MAX];
    struct refusal refusal = cose_sign1_decode(&cose, in, typ);
    if (refusal.code != CODE_OK) return refusal;
    size_t len = codec_protected(buf, &cose);
    cose_sign1_encode(out, bytes_of(buf, len), cose.unprotected, cose.payload, cose.signature);
    return refusal;
}
static inline struct refusal codec_request(struct wire_out *out, struct bytes in) { return codec_cose(out, in, TYP_REQUEST); }
static inline struct refusal codec_note(struct wire_out *out, struct bytes in) { return codec_cose(out, in, TYP_NOTE); }
static inline struct refusal codec_seal(struct wire_out *out, struct bytes in) { return codec_cose(out, in, TYP_HEADER); }

/* A statement is taken where its record is too. */
static inline struct refusal codec_statement(struct wire_out *out, struct bytes in) {
    static uint8_t payload[STATEMENT_BYTES_MAX];
    struct statement statement;
    struct wire_out inner = wire_write(payload, sizeof payload);
    uint8_t buf[COSE_PROTECTED_MAX];
    struct refusal refusal = statement_decode(&statement, in);
    if (refusal.code == CODE_OK) refusal = codec_record(&inner, statement.cose.payload);
    if (refusal.code != CODE_OK) return refusal;
    size_t len = codec_protected(buf, &statement.cose);
    cose_sign1_encode(out, bytes_of(buf, len), (struct bytes){0}, bytes_of(payload, inner.len), statement.cose.signature);
    return refusal;
}
static inline struct refusal codec_header(struct wire_out *out, struct bytes in) {
    struct header header;
    uint8_t buf[HEADER_MAX];
    struct refusal refusal = header_decode(&header, in);
    if (refusal.code == CODE_OK) wire_put_raw(out, bytes_of(buf, header_encode(buf, &header)));
    return refusal;
}
static inline struct refusal codec_head_note(struct wire_out *out, struct bytes in) {
    struct cose_sign1 cose;
    struct head_note note;
    uint8_t payload[HEAD_NOTE_PAYLOAD_MAX], buf[COSE_PROTECTED_MAX];
    struct refusal refusal = head_note_decode(&cose, &note, in);
    if (refusal.code != CODE_OK) return refusal;
    struct bytes header = bytes_of(buf, codec_protected(buf, &cose));
    cose_sign1_encode(out, header, (struct bytes){0}, bytes_of(payload, head_note_payload(payload, &note)), cose.signature);
    return refusal;
}
static inline struct refusal codec_receipt(struct wire_out *out, struct bytes in) {
    struct receipt receipt;
    uint8_t buf[RECEIPT_MAX], protected_header[COSE_PROTECTED_MAX];
    struct refusal refusal = receipt_decode(&receipt, in);
    if (refusal.code != CODE_OK) return refusal;
    struct bytes header = bytes_of(protected_header, codec_protected(protected_header, &receipt.cose));
    size_t len = receipt_encode(buf, header, receipt.cose.signature, receipt.tree_size, receipt.index,
                                (const uint8_t(*)[32])receipt.path, receipt.path_count);
    wire_put_raw(out, bytes_of(buf, len));
    return refusal;
}
#define CODEC_OBJECT(name, type)                                                              \
    static inline struct refusal codec_##name(struct wire_out *out, struct bytes in) {        \
        static struct type object;                                                            \
        struct refusal refusal = name##_decode(&object, in);                                  \
        if (refusal.code == CODE_OK) assert_true(name##_encode(out, &object));                \
        return refusal;                                                                       \
    }
CODEC_OBJECT(policy, policy)
CODEC_OBJECT(finality, finality)
CODEC_OBJECT(member, member)
CODEC_OBJECT(key_object, key_object)
CODEC_OBJECT(licence_type, licence_type)
CODEC_OBJECT(licence, licence)
CODEC_OBJECT(number, number_object)
CODEC_OBJECT(document, document_object)
static inline struct refusal codec_seal_object(struct wire_out *out, struct bytes in) { /* codec_seal is a block's */
    static struct seal object;
    struct refusal refusal = seal_decode(&object, in);
    if (refusal.code == CODE_OK) assert_true(seal_encode(out, &object));
    return refusal;
}

/* Refused, or encoded again to the same bytes. Returns what the codec said. The bytes are copied to the end of a block of their
 * own size first, so that a read beyond them is seen. */
static inline struct refusal law(codec_fn codec, struct bytes in) {
    static uint8_t buf[STATEMENT_BYTES_MAX + 1024];
    uint8_t *exact = (uint8_t *)malloc(in.len ? in.len : 1);
    assert_non_null(exact);
    if (in.len > 0) memcpy(exact, in.data, in.len);
    struct wire_out out = wire_write(buf, sizeof buf);
    struct refusal refusal = codec(&out, bytes_of(exact, in.len));
    if (refusal.code == CODE_OK) {
        assert_false(out.full);
        assert_int_equal(out.len, in.len);
        if (in.len > 0) assert_memory_equal(out.buf, exact, in.len);
    } else {
        assert_string_not_equal(code_name(refusal.code), "UNKNOWN_CODE");
    }
    free(exact);
    return refusal;
}

/* Every truncation is refused; every change of one byte is refused or obeys the law; so is one byte more. */
static inline void law_damaged(codec_fn codec, struct bytes valid) {
    static uint8_t copy[STATEMENT_BYTES_MAX + 1];
    assert_int_equal(law(codec, valid).code, CODE_OK);
    for (size_t len = 0; len < valid.len; len++) assert_int_not_equal(law(codec, bytes_of(valid.data, len)).code, CODE_OK);
    memcpy(copy, valid.data, valid.len);
    for (size_t i = 0; i < valid.len; i++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            copy[i] = (uint8_t)(valid.data[i] ^ flip);
            (void)law(codec, bytes_of(copy, valid.len));
        }
        copy[i] = valid.data[i];
    }
    copy[valid.len] = 0;
    assert_int_equal(law(codec, bytes_of(copy, valid.len + 1)).code, CODE_CBOR_TRAILING);
}

/* One item of an encoding: where it is, and the array or map it stands in. */
struct place {
    size_t start, len, parent;
    bool in_map;
};
#define PLACES_MAX 256
struct places {
    size_t count;
    struct place at[PLACES_MAX];
};

/* Finds all items, outermost first. The bytes are valid and no count is above 255. Returns where the item ends. */
static inline size_t places_find(struct places *places, struct bytes in, size_t start, size_t parent, bool in_map) {
    struct wire_in cursor = wire_read(bytes_of(in.data + start, in.len - start));
    size_t mine = places->count++;
    assert_true(mine < PLACES_MAX);
    enum wire_kind kind = wire_peek(&cursor);
    size_t end, children = 0;
    if (kind == WIRE_ARRAY) children = wire_get_array(&cursor, 0, 255);
    else if (kind == WIRE_MAP) children = 2 * wire_get_map(&cursor, 0, 255);
    else if (kind == WIRE_TAG) wire_get_tag(&cursor, 18), children = 1;
    else wire_skip(&cursor);
    assert_int_equal(cursor.why, CODE_OK);
    end = (size_t)(cursor.at - in.data);
    for (size_t i = 0; i < children; i++) end = places_find(places, in, end, start, kind == WIRE_MAP);
    places->at[mine] = (struct place){start, end - start, parent, in_map};
    return end;
}
static inline void places_of(struct places *places, struct bytes in) {
    places->count = 0;
    assert_int_equal(places_find(places, in, 0, SIZE_MAX, false), in.len);
}

/* The bytes with one item replaced. */
static inline struct bytes place_replace(uint8_t *buf, struct bytes in, const struct place *place, struct bytes with) {
    memcpy(buf, in.data, place->start);
    if (with.len > 0) memcpy(buf + place->start, with.data, with.len);
    size_t rest = in.len - place->start - place->len;
    memcpy(buf + place->start + with.len, in.data + place->start + place->len, rest);
    return bytes_of(buf, place->start + with.len + rest);
}

/* A7: each item absent, null, empty, of another type, out of range. `nullable`, `droppable`: how many items may be null or absent. */
struct damage {
    unsigned null_taken, absent_taken;
};
static inline struct damage law_items(codec_fn codec, struct bytes valid) {
    static const char *const never[] = {"\xf7", "\xf9\x3c\x00", "\xfa\x3f\x80\x00\x00", "\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00",
                                        "\xc1\x00", "\xd8\x20\x00", "\xe0", "\xf8\x20", "\xff", "\x5f\xff", "\x7f\xff", "\x9f\xff",
                                        "\xbf\xff", "\x18\x05", "\x19\x00\x05", "\x58\x01\x41", "\x98\x01\x01", "\xa2\x02\x01\x03\x01",
                                        "\x1c", "\x3f", "\x62\xc0\xae", "\x61\x01"};
    static const size_t never_len[] = {1, 3, 5, 9, 2, 3, 1, 2, 1, 2, 2, 2, 2, 2, 3, 3, 3, 5, 1, 1, 3, 2};
    static const char *const other[] = {"\x00", "\x20", "\x40", "\x41\x00", "\x60", "\x61x", "\x80", "\x81\x00", "\xa0", "\xf4", "\xf5",
                                        "\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
                                        "\x1b\x80\x00\x00\x00\x00\x00\x00\x00", "\x1a\xff\xff\xff\xff"};
    static const size_t other_len[] = {1, 1, 1, 2, 1, 2, 1, 2, 1, 1, 1, 9, 9, 9, 5};
    static uint8_t buf[VECTOR_BYTES_MAX + 64];
    static struct places places;
    struct damage taken = {0};
    places_of(&places, valid);
    for (size_t i = 0; i < places.count; i++) {
        const struct place *place = &places.at[i];
        struct refusal refusal = law(codec, place_replace(buf, valid, place, bytes_of("\xf6", 1)));
        taken.null_taken += refusal.code == CODE_OK && valid.data[place->start] != 0xf6;
        if (refusal.code != CODE_OK) assert_non_null(refusal.field);
        for (size_t k = 0; k < sizeof never / sizeof *never; k++) {
            refusal = law(codec, place_replace(buf, valid, place, bytes_of(never[k], never_len[k])));
            assert_int_not_equal(refusal.code, CODE_OK);
        }
        for (size_t k = 0; k < sizeof other / sizeof *other; k++)
            (void)law(codec, place_replace(buf, valid, place, bytes_of(other[k], other_len[k])));
        if (place->parent == SIZE_MAX || place->in_map || valid.data[place->parent] >> 5 != 4) continue;
        struct bytes cut = place_replace(buf, valid, place, (struct bytes){0});
        if ((buf[place->parent] & 31) == 24) {
            buf[place->parent + 1]--; /* a count of two bytes that stays above 23 */
            assert_true(buf[place->parent + 1] > 23);
        } else {
            buf[place->parent]--;
        }
        refusal = law(codec, cut);
        taken.absent_taken += refusal.code == CODE_OK;
        if (refusal.code != CODE_OK) assert_non_null(refusal.field);
    }
    return taken;
}
#endif
