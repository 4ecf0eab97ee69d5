/* ident: codes, identifiers, dates, and the normal forms of text. A normal form is its own normal form; an identifier built of the parts of
 * one that was taken is taken and has its check character. */
#include "tests/fuzz/fuzz.h"

#include "ledger/wire/ident.h"
#include "ledger/wire/text.h"

typedef enum code (*normal_fn)(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes);

static void normal(normal_fn form, struct bytes in) {
    static char out[16384], again[16384];
    size_t len, again_len;
    unsigned changes = 0, none = 0;
    const enum code code = form(out, sizeof out, &len, in, &changes);
    ASSERT(code == CODE_OK || code == CODE_TEXT_INVALID || code == CODE_CBOR_RANGE);
    if (code == CODE_OK) {
        ASSERT(len <= sizeof out);
        ASSERT(text_check(bytes_of(out, len)) == CODE_OK);
        ASSERT(text_is_nfc(bytes_of(out, len)));
        ASSERT(form(again, sizeof again, &again_len, bytes_of(out, len), &none) == CODE_OK);
        ASSERT(none == 0);
        ASSERT(bytes_equal(bytes_of(out, len), bytes_of(again, again_len)));
        ASSERT((changes == 0) == bytes_equal(bytes_of(out, len), in));
        /* in exactly the room it needs, and not in less */
        char *tight = malloc(len > 0 ? len : 1);
        ASSERT(tight != NULL);
        ASSERT(form(tight, len, &again_len, in, NULL) == CODE_OK);
        ASSERT(again_len == len);
        if (len > 0) ASSERT(form(tight, len - 1, &again_len, in, NULL) == CODE_CBOR_RANGE);
        free(tight);
    }
}

static void identifier(struct bytes in) {
    struct identifier parts, again;
    char built[IDENTIFIER_MAX + 1];
    if (identifier_parse(&parts, in) != CODE_OK) return;
    ASSERT(parts.version >= 1 && parts.version <= 999);
    const size_t len = identifier_build(built, parts.type, parts.issuer, parts.serial, parts.version);
    ASSERT(len == in.len);
    ASSERT(identifier_parse(&again, bytes_of(built, len)) == CODE_OK);
    ASSERT(again.rule == RULE_ISO7064);
    ASSERT(memcmp(built, in.data, len - 1) == 0);
    if (parts.rule == RULE_ISO7064) ASSERT(built[len - 1] == parts.check);
}

int fuzz_one(const uint8_t *data, size_t size) {
    const struct bytes in = bytes_of(data, size);
    identifier(in);
    if (uscc_check(in)) ASSERT(uscc_check_char((const char *)data) == (char)data[17]);
    if (citizen_id_check(in)) ASSERT(citizen_id_check_char((const char *)data) == (char)data[17]);
    if (type_code_check(in)) ASSERT(size == TYPE_CODE_LEN);
    int32_t day;
    if (day_from_text(&day, in)) {
        char text[11];
        day_to_text(text, day);
        ASSERT(bytes_equal(bytes_text(text), in));
    }
    if (size == 8) {
        char text[25];
        const int64_t time_ms = (int64_t)(be64_get(data) % ((uint64_t)TIME_MS_MAX + 1));
        time_to_text(text, time_ms);
        ASSERT(day_in_shanghai(time_ms) >= day_in_utc(time_ms));
    }
    const enum code text = text_check(in);
    ASSERT(text == CODE_OK || text == CODE_TEXT_INVALID);
    normal(text_normal_code, in);
    normal(text_normal_name, in);
    return 0;
}
