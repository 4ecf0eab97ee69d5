#include "ledger/wire/object_part.h"

void part_start(struct wire_in *in, enum object_kind kind, size_t count) {
    wire_field(in, "object");
    wire_get_array(in, count, count);
    wire_field(in, "kind");
    wire_get_uint(in, kind, kind);
}

void part_start_put(struct wire_out *out, enum object_kind kind, size_t count) {
    wire_put_array(out, count);
    wire_put_uint(out, kind);
}

uint32_t part_u32(struct wire_in *in, const char *field, uint32_t min, uint32_t max) {
    wire_field(in, field);
    return (uint32_t)wire_get_uint(in, min, max);
}

uint64_t part_count(struct wire_in *in, const char *field) {
    wire_field(in, field);
    return wire_get_uint(in, 0, COUNT_MAX);
}

uint32_t part_no(struct wire_in *in, const char *field) { return part_u32(in, field, 0, NO_NONE - 1); }

uint32_t part_no_or_none(struct wire_in *in, const char *field) { return wire_try_null(in) ? NO_NONE : part_no(in, field); }

int32_t part_day(struct wire_in *in, const char *field) {
    wire_field(in, field);
    return (int32_t)wire_get_int(in, DAY_MIN, DAY_MAX);
}

int32_t part_day_or_none(struct wire_in *in, const char *field) { return wire_try_null(in) ? DAY_NONE : part_day(in, field); }

void part_fixed(struct wire_in *in, const char *field, uint8_t *out, size_t len) {
    wire_field(in, field);
    const uint8_t *data = wire_get_fixed(in, len);
    if (data) memcpy(out, data, len);
}

struct bytes part_code(struct wire_in *in, const char *field, size_t min, size_t max) {
    wire_field(in, field);
    return wire_get_code(in, min, max);
}

struct bytes part_text(struct wire_in *in, const char *field, size_t min, size_t max) {
    wire_field(in, field);
    return wire_get_text(in, min, max);
}

void part_pubkey(struct wire_in *in, const char *field, struct pubkey *out) {
    wire_field(in, field);
    wire_get_array(in, 3, 3);
    int64_t alg = wire_get_int(in, INT64_MIN, INT64_MAX);
    if (!key_alg_from_cose(&out->alg, alg)) wire_fail(in, CODE_ALG_NOT_ALLOWED);
    part_fixed(in, field, out->x, 32);
    if (in->why != CODE_OK) return;
    if (out->alg != KEY_EDDSA) part_fixed(in, field, out->y, 32);
    else if (!wire_try_null(in)) wire_fail(in, CODE_CBOR_TYPE);
}

void part_no_or_none_put(struct wire_out *out, uint32_t no) {
    if (no == NO_NONE) wire_put_null(out);
    else wire_put_uint(out, no);
}

void part_day_or_none_put(struct wire_out *out, int32_t day) {
    if (day == DAY_NONE) wire_put_null(out);
    else wire_put_int(out, day);
}

void part_fixed_put(struct wire_out *out, const uint8_t *data, size_t len) { wire_put_bytes(out, bytes_of(data, len)); }

void part_pubkey_put(struct wire_out *out, const struct pubkey *key) {
    wire_put_array(out, 3);
    wire_put_int(out, key_alg_cose(key->alg));
    part_fixed_put(out, key->x, 32);
    if (key->alg == KEY_EDDSA) wire_put_null(out);
    else part_fixed_put(out, key->y, 32);
}

bool part_fits(const struct wire_out *out, size_t start) { return !out->full && out->len - start <= OBJECT_VALUE_MAX; }
