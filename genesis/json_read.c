#include "genesis/json_read.h"

#include <stdarg.h>

#include "ledger/wire/cbor.h"
#include "ledger/wire/ident.h"
#include "ledger/wire/text.h"

bool genesis_read_refuse(struct genesis_reader *reader, enum code code, const char *path, const char *name, const char *format, ...) {
    if (reader->code != CODE_OK) return false;
    reader->code = code;
    int used = snprintf(reader->message, reader->cap, "%s%s%s: ", path, *path && name ? "." : "", name ? name : "");
    if (used < 0 || (size_t)used >= reader->cap) return false;
    va_list args;
    va_start(args, format);
    vsnprintf(reader->message + used, reader->cap - (size_t)used, format, args);
    va_end(args);
    return false;
}

/* Absent and null are one: "supervisor": null says that there is none. */
static const json_t *member_of(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return json_is_null(value) ? NULL : value;
}

static bool absent(struct genesis_reader *reader, const char *path, const char *name, bool required) {
    return !required || genesis_read_refuse(reader, CODE_FIELD_MISSING, path, name, "is missing");
}

bool genesis_read_known(struct genesis_reader *reader, const char *path, const json_t *object, const char *const *names, size_t count) {
    if (!json_is_object(object)) return genesis_read_refuse(reader, CODE_JSON_INVALID, *path ? path : "genesis", NULL, "must be an object");
    /* jansson's iterators want a tree that may be changed; nothing here does */
    json_t *tree = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(tree); at; at = json_object_iter_next(tree, at)) {
        const char *name = json_object_iter_key(at);
        size_t i = 0;
        while (i < count && strcmp(names[i], name) != 0) i++;
        if (i == count) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "is not a member that is known here");
    }
    return true;
}

bool genesis_read_list(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, bool required, size_t max, const json_t **out) {
    *out = member_of(object, name);
    if (!*out) return absent(reader, path, name, required);
    if (!json_is_array(*out)) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "must be a list");
    if (json_array_size(*out) > max) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "may have at most %zu items", max);
    return true;
}

bool genesis_read_text_value(struct genesis_reader *reader, const char *path, const char *name, const json_t *value, size_t max, struct bytes *out) {
    if (!json_is_string(value)) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "must be text");
    *out = bytes_of(json_string_value(value), json_string_length(value));
    if (out->len == 0) return genesis_read_refuse(reader, CODE_FIELD_MISSING, path, name, "is empty");
    if (out->len > max) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "may have at most %zu bytes", max);
    if (text_check(*out) != CODE_OK) return genesis_read_refuse(reader, CODE_TEXT_INVALID, path, name, "holds control or direction characters");
    if (!text_is_nfc(*out)) return genesis_read_refuse(reader, CODE_TEXT_NOT_NFC, path, name, "is not in Unicode normal form C");
    if (out->data[0] == ' ' || out->data[out->len - 1] == ' ') return genesis_read_refuse(reader, CODE_TEXT_INVALID, path, name, "begins or ends with a space");
    return true;
}

bool genesis_read_text(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, bool required, size_t max, struct bytes *out) {
    *out = bytes_of(NULL, 0);
    const json_t *value = member_of(object, name);
    if (!value) return absent(reader, path, name, required);
    return genesis_read_text_value(reader, path, name, value, max, out);
}

bool genesis_read_number(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, uint64_t min, uint64_t max, uint64_t *out) {
    const json_t *value = member_of(object, name);
    if (!value) return true;
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || (uint64_t)number < min || (uint64_t)number > max)
        return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "must be a whole number from %llu to %llu", (unsigned long long)min,
                           (unsigned long long)max);
    *out = (uint64_t)number;
    return true;
}

bool genesis_read_flag(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, bool *out) {
    const json_t *value = member_of(object, name);
    if (!value) return true;
    if (!json_is_boolean(value)) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "must be true or false");
    *out = json_is_true(value);
    return true;
}

bool genesis_read_digits(struct genesis_reader *reader, const char *path, const char *name, const json_t *value, uint32_t min, uint32_t max, uint32_t *out) {
    if (!value || json_is_null(value)) return true;
    uint64_t number = UINT64_MAX;
    if (json_is_integer(value) && json_integer_value(value) >= 0) number = (uint64_t)json_integer_value(value);
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        size_t len = json_string_length(value);
        if (len >= 1 && len <= 9 && strspn(text, "0123456789") == len) {
            number = 0;
            for (size_t i = 0; i < len; i++) number = number * 10 + (uint64_t)(text[i] - '0');
        }
    }
    if (number < min || number > max)
        return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "must be a code of digits from %03u to %03u", min, max);
    *out = (uint32_t)number;
    return true;
}

bool genesis_read_uscc(struct genesis_reader *reader, const char *path, const char *name, const json_t *value, struct bytes *out) {
    if (!value) return genesis_read_refuse(reader, CODE_FIELD_MISSING, path, name, "is missing");
    if (!json_is_string(value)) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "must be text");
    *out = bytes_of(json_string_value(value), json_string_length(value));
    if (uscc_check(*out)) return true;
    char check = out->len == USCC_LEN ? uscc_check_char((const char *)out->data) : '\0';
    if (check == '\0')
        return genesis_read_refuse(reader, CODE_USCC_INVALID, path, name, "is not a unified social credit code (18 of 0-9 and A-Z without I, O, S, V, Z)");
    return genesis_read_refuse(reader, CODE_USCC_INVALID, path, name, "fails its check character");
}

static bool read_coordinate(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, bool required, uint8_t out32[32]) {
    const json_t *value = member_of(object, name);
    memset(out32, 0, 32);
    if (!value) return absent(reader, path, name, required);
    if (!json_is_string(value) || !hex_decode(out32, 32, json_string_value(value), json_string_length(value)))
        return genesis_read_refuse(reader, CODE_HEX_INVALID, path, name, "must be 64 hexadecimal digits");
    return true;
}

bool genesis_read_pubkey(struct genesis_reader *reader, const char *path, const json_t *object, int only, struct pubkey *out) {
    memset(out, 0, sizeof *out);
    const json_t *alg = member_of(object, "alg");
    if (alg || !only) {
        if (!alg) return genesis_read_refuse(reader, CODE_FIELD_MISSING, path, "alg", "is missing");
        if (!json_is_string(alg) || !key_alg_from_name(&out->alg, json_string_value(alg)))
            return genesis_read_refuse(reader, CODE_JSON_INVALID, path, "alg", "must be ES256K, ES256, EdDSA or SM2");
        if (only && out->alg != (enum key_alg)only)
            return genesis_read_refuse(reader, CODE_ALG_KEY_MISMATCH, path, "alg", "must be %s", key_alg_name((enum key_alg)only));
    } else {
        out->alg = (enum key_alg)only;
    }
    bool edwards = out->alg == KEY_EDDSA;
    if (!read_coordinate(reader, path, object, "x", true, out->x) || !read_coordinate(reader, path, object, "y", !edwards, out->y)) return false;
    return pubkey_check(out) || genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, NULL, "is not a point of the %s curve", key_alg_name(out->alg));
}

static bool two_digits(const char *text, int max, int *out) {
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return false;
    *out = (text[0] - '0') * 10 + (text[1] - '0');
    return *out <= max;
}

/* YYYY-MM-DDThh:mm:ss[.mmm]Z: no zones, no leap second, so that one moment has one reading. */
static bool time_from_text(int64_t *out_ms, const char *text, size_t len) {
    int32_t day;
    int hour, minute, second, ms = 0;
    if ((len != 20 && len != 24) || !day_from_text(&day, bytes_of(text, 10)) || text[10] != 'T' || text[len - 1] != 'Z') return false;
    if (!two_digits(text + 11, 23, &hour) || text[13] != ':' || !two_digits(text + 14, 59, &minute) || text[16] != ':' ||
        !two_digits(text + 17, 59, &second))
        return false;
    if (len == 24) {
        if (text[19] != '.' || strspn(text + 20, "0123456789") != 3) return false;
        ms = (text[20] - '0') * 100 + (text[21] - '0') * 10 + (text[22] - '0');
    }
    *out_ms = (((int64_t)day * 24 + hour) * 60 + minute) * 60000 + second * 1000 + ms;
    return *out_ms >= 0;
}

bool genesis_read_time(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, int64_t *out_ms) {
    const json_t *value = member_of(object, name);
    if (!value) return true;
    if (!json_is_string(value) || !time_from_text(out_ms, json_string_value(value), json_string_length(value)))
        return genesis_read_refuse(reader, CODE_JSON_INVALID, path, name, "must be a UTC time such as 2026-01-01T00:00:00Z");
    return true;
}
