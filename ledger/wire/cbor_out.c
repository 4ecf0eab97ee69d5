#include "ledger/wire/cbor.h"

#include <cbor/encoding.h>

#define HEAD_MAX 9

static void wire_put_head(struct wire_out *out, const void *data, size_t len) {
    if (out->full || len > out->cap - out->len) {
        out->full = true;
        return;
    }
    if (len > 0) memcpy(out->buf + out->len, data, len);
    out->len += len;
}

void wire_put_uint(struct wire_out *out, uint64_t value) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, cbor_encode_uint(value, head, sizeof head));
}

void wire_put_int(struct wire_out *out, int64_t value) {
    uint8_t head[HEAD_MAX];
    if (value >= 0) wire_put_uint(out, (uint64_t)value);
    else wire_put_head(out, head, cbor_encode_negint((uint64_t)(-1 - value), head, sizeof head));
}

void wire_put_bytes(struct wire_out *out, struct bytes value) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, wire_bytes_head(head, value.len));
    wire_put_head(out, value.data, value.len);
}

void wire_put_text(struct wire_out *out, struct bytes value) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, cbor_encode_string_start(value.len, head, sizeof head));
    wire_put_head(out, value.data, value.len);
}

void wire_put_array(struct wire_out *out, size_t count) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, cbor_encode_array_start(count, head, sizeof head));
}

void wire_put_map(struct wire_out *out, size_t count) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, cbor_encode_map_start(count, head, sizeof head));
}

void wire_put_tag(struct wire_out *out, uint64_t tag) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, cbor_encode_tag(tag, head, sizeof head));
}

void wire_put_bool(struct wire_out *out, bool value) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, cbor_encode_bool(value, head, sizeof head));
}

void wire_put_null(struct wire_out *out) {
    uint8_t head[HEAD_MAX];
    wire_put_head(out, head, cbor_encode_null(head, sizeof head));
}

void wire_put_raw(struct wire_out *out, struct bytes encoded) { wire_put_head(out, encoded.data, encoded.len); }

size_t wire_bytes_head(uint8_t head[9], size_t len) { return cbor_encode_bytestring_start(len, head, HEAD_MAX); }
