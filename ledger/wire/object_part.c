#include "ledger/wire/object_part.h"

void part_start(struct cbor_in *in, enum object_kind kind, size_t count) {
    cbor_field(in, "object");
    cbor_get_array(in, count, count);
    cbor_field(in, "kind");
    cbor_get_uint(in, kind, kind);
}

void part_start_put(struct cbor_out *out, enum object_kind kind, size_t count) {
    cbor_put_array(out, count);
    cbor_put_uint(out, kind);
}

uint32_t part_u32(struct cbor_in *in, const char *field, uint32_t min, uint32_t max) {
    cbor_field(in, field);
    return (uint32_t)cbor_get_uint(in, min, max);
}

uint64_t part_count(struct cbor_in *in, const char *field) {
    cbor_field(in, field);
    return cbor_get_uint(in, 0, COUNT_MAX);
}

uint32_t part_no(struct cbor_in *in, const char *field) { return part_u32(in, field, 0, NO_NONE - 1); }

uint32_t part_no_or_none(struct cbor_in *in, const char *field) { return cbor_try_null(in) ? NO_NONE : part_no(in, field); }

int32_t part_day(struct cbor_in *in, const char *field) {
    cbor_field(in, field);
    return (int32_t)cbor_get_int(in, DAY_MIN, DAY_MAX);
}

int32_t part_day_or_none(struct cbor_in *in, const char *field) { return cbor_try_null(in) ? DAY_NONE : part_day(in, field); }

void part_fixed(struct cbor_in *in, const char *field, uint8_t *out, size_t len) {
    cbor_field(in, field);
    const uint8_t *data = cbor_get_fixed(in, len);
    if (data) memcpy(out, data, len);
}

struct bytes part_code(struct cbor_in *in, const char *field, size_t min, size_t max) {
    cbor_field(in, field);
    return cbor_get_code(in, min, max);
}

struct bytes part_text(struct cbor_in *in, const char *field, size_t min, size_t max) {
    cbor_field(in, field);
    return cbor_get_text(in, min, max);
}

void part_pubkey(struct cbor_in *in, const char *field, struct pubkey *out) {
    cbor_field(in, field);
    cbor_get_array(in, 3, 3);
    int64_t alg = cbor_get_int(in, INT64_MIN, INT64_MAX);
    if (!key_alg_from_cose(&out->alg, alg)) cbor_fail(in, CODE_ALG_NOT_ALLOWED);
    part_fixed(in, field, out->x, 32);
    if (in->why != CODE_OK) return;
    if (out->alg != KEY_EDDSA) part_fixed(in, field, out->y, 32);
    else if (!cbor_try_null(in)) cbor_fail(in, CODE_CBOR_TYPE);
}

void part_no_or_none_put(struct cbor_out *out, uint32_t no) {
    if (no == NO_NONE) cbor_put_null(out);
    else cbor_put_uint(out, no);
}

void part_day_or_none_put(struct cbor_out *out, int32_t day) {
    if (day == DAY_NONE) cbor_put_null(out);
    else cbor_put_int(out, day);
}

void part_fixed_put(struct cbor_out *out, const uint8_t *data, size_t len) { cbor_put_bytes(out, bytes_of(data, len)); }

void part_pubkey_put(struct cbor_out *out, const struct pubkey *key) {
    cbor_put_array(out, 3);
    cbor_put_int(out, key_alg_cose(key->alg));
    part_fixed_put(out, key->x, 32);
    if (key->alg == KEY_EDDSA) cbor_put_null(out);
    else part_fixed_put(out, key->y, 32);
}

bool part_fits(const struct cbor_out *out, size_t start) { return !out->full && out->len - start <= RECORD_VALUE_MAX; }
