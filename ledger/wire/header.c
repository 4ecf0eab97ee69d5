#include "ledger/wire/header.h"

#include "crypto/hash.h"

#define HEADER_VERSION 1
#define HEADER_FIELDS 14
#define NOTE_VERSION 1
#define NOTE_FIELDS 6
#define COUNT_MAX INT64_MAX

enum { LABEL_RECEIPTS = 394, LABEL_VDP = 396, VDP_INCLUSION = -1 }; /* RFC 9942 */

static void fixed_get(struct wire_in *in, const char *field, uint8_t out32[32]) {
    wire_field(in, field);
    const uint8_t *data = wire_get_fixed(in, 32);
    if (data) memcpy(out32, data, 32);
}

static uint64_t header_count_get(struct wire_in *in, const char *field) {
    wire_field(in, field);
    return wire_get_uint(in, 0, COUNT_MAX);
}

static void header_fixed_put(struct wire_out *out, const uint8_t data32[32]) { wire_put_bytes(out, bytes_of(data32, 32)); }

/* It becomes part of a URN, of file names and of the engine's configuration. */
static struct bytes chain_id_get(struct wire_in *in) {
    wire_field(in, "chain_id");
    struct bytes id = wire_get_text(in, 1, CHAIN_ID_MAX);
    for (size_t i = 0; i < id.len; i++) {
        uint8_t c = id.data[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!word && c != '-' && c != '_' && c != '.') wire_fail(in, CODE_TEXT_INVALID);
    }
    return id;
}

size_t header_encode(uint8_t buf[HEADER_MAX], const struct header *header) {
    struct wire_out out = wire_write(buf, HEADER_MAX);
    wire_put_array(&out, HEADER_FIELDS);
    wire_put_uint(&out, HEADER_VERSION);
    header_fixed_put(&out, header->genesis);
    wire_put_text(&out, header->chain_id);
    wire_put_uint(&out, header->term);
    wire_put_uint(&out, header->n);
    wire_put_uint(&out, header->engine_height);
    wire_put_int(&out, header->time_ms);
    header_fixed_put(&out, header->previous);
    wire_put_uint(&out, header->log_size);
    header_fixed_put(&out, header->log_root);
    header_fixed_put(&out, header->state_root);
    wire_put_uint(&out, header->objects);
    wire_put_uint(&out, header->links);
    wire_put_uint(&out, header->licences);
    ASSERT(!out.full);
    return out.len;
}
_Static_assert(1 + 1 + 34 + (2 + CHAIN_ID_MAX) + 5 + 9 + 9 + 9 + 34 + 9 + 34 + 34 + 9 + 9 + 9 <= HEADER_MAX, "the longest header fits");

struct refusal header_decode(struct header *out, struct bytes bytes) {
    static const uint8_t zero[32];
    struct wire_in in = wire_read(bytes);
    *out = (struct header){0};
    wire_field(&in, "header");
    wire_get_versioned(&in, HEADER_VERSION, HEADER_FIELDS);
    fixed_get(&in, "genesis", out->genesis);
    out->chain_id = chain_id_get(&in);
    wire_field(&in, "term");
    out->term = (uint32_t)wire_get_uint(&in, 0, UINT32_MAX);
    out->n = header_count_get(&in, "n");
    out->engine_height = header_count_get(&in, "engine_height");
    wire_field(&in, "time_ms");
    out->time_ms = wire_get_int(&in, 0, TIME_MS_MAX);
    fixed_get(&in, "previous", out->previous);
    if (out->n == 0 && memcmp(out->previous, zero, 32) != 0) wire_fail(&in, CODE_CBOR_RANGE);
    out->log_size = header_count_get(&in, "log_size");
    fixed_get(&in, "log_root", out->log_root);
    fixed_get(&in, "state_root", out->state_root);
    out->objects = header_count_get(&in, "objects");
    out->links = header_count_get(&in, "links");
    out->licences = header_count_get(&in, "licences");
    return wire_done(&in);
}

void header_hash(uint8_t out32[32], struct bytes header_bytes) { hash_tagged(out32, "licet/header/v1", &header_bytes, 1); }

size_t head_note_payload(uint8_t buf[HEAD_NOTE_PAYLOAD_MAX], const struct head_note *note) {
    struct wire_out out = wire_write(buf, HEAD_NOTE_PAYLOAD_MAX);
    wire_put_array(&out, NOTE_FIELDS);
    wire_put_uint(&out, NOTE_VERSION);
    header_fixed_put(&out, note->genesis);
    wire_put_uint(&out, note->term);
    wire_put_uint(&out, note->n);
    header_fixed_put(&out, note->header_hash);
    wire_put_int(&out, note->time_ms);
    ASSERT(!out.full);
    return out.len;
}
_Static_assert(1 + 1 + 34 + 5 + 9 + 34 + 9 <= HEAD_NOTE_PAYLOAD_MAX, "the longest head note fits");

struct refusal head_note_decode(struct cose_sign1 *cose, struct head_note *out, struct bytes bytes) {
    *out = (struct head_note){0};
    struct refusal refusal = cose_sign1_decode(cose, bytes, TYP_HEAD);
    if (refusal.code != CODE_OK) return refusal;
    if (bytes.len > NOTE_MAX) return refuse(CODE_CBOR_RANGE, "head_note");
    struct wire_in in = wire_read(cose->payload);
    wire_field(&in, "head_note");
    wire_get_versioned(&in, NOTE_VERSION, NOTE_FIELDS);
    fixed_get(&in, "genesis", out->genesis);
    wire_field(&in, "term");
    out->term = (uint32_t)wire_get_uint(&in, 0, UINT32_MAX);
    out->n = header_count_get(&in, "n");
    fixed_get(&in, "header_hash", out->header_hash);
    wire_field(&in, "time_ms");
    out->time_ms = wire_get_int(&in, 0, TIME_MS_MAX);
    return wire_done(&in);
}

size_t ledger_name(char out[LEDGER_NAME_MAX], struct bytes chain_id, const uint8_t genesis[32]) {
    static const char PREFIX[] = "urn:licet:ledger:";
    const size_t prefix = sizeof PREFIX - 1;
    _Static_assert(sizeof PREFIX + CHAIN_ID_MAX + 1 + 16 <= LEDGER_NAME_MAX, "the longest name fits");
    ASSERT(chain_id.len <= CHAIN_ID_MAX);
    memcpy(out, PREFIX, prefix);
    if (chain_id.len > 0) memcpy(out + prefix, chain_id.data, chain_id.len);
    out[prefix + chain_id.len] = ':';
    hex_encode(out + prefix + chain_id.len + 1, genesis, 8);
    return prefix + chain_id.len + 1 + 16;
}

size_t receipt_protected(uint8_t out[COSE_PROTECTED_MAX], const uint8_t kid[32], struct bytes name, int64_t time_ms) {
    struct cose_header header = {.alg = COSE_ALG_ES256, .kid = kid, .typ = TYP_RECEIPT, .iss = name, .sub = name, .iat = time_ms / 1000};
    return cose_protected_encode(out, &header);
}

#define PROOF_BYTES (1 + 9 + 9 + 2 + MERKLE_PATH_MAX * 34)
_Static_assert(1 + 1 + 3 + COSE_PROTECTED_MAX + 1 + 3 + 1 + 1 + 1 + 3 + PROOF_BYTES + 1 + 66 <= RECEIPT_MAX, "the longest receipt fits");

size_t receipt_encode(uint8_t buf[RECEIPT_MAX], struct bytes protected_header, const uint8_t signature[64], uint64_t tree_size,
                      uint64_t index, const uint8_t (*path)[32], size_t path_count) {
    uint8_t proof[PROOF_BYTES], unprotected[PROOF_BYTES + 16];
    ASSERT(path_count <= MERKLE_PATH_MAX);
    struct wire_out out = wire_write(proof, sizeof proof);
    wire_put_array(&out, 3);
    wire_put_uint(&out, tree_size);
    wire_put_uint(&out, index);
    wire_put_array(&out, path_count);
    for (size_t i = 0; i < path_count; i++) header_fixed_put(&out, path[i]);
    ASSERT(!out.full);
    struct bytes inner = bytes_of(proof, out.len);

    out = wire_write(unprotected, sizeof unprotected);
    wire_put_map(&out, 1);
    wire_put_uint(&out, LABEL_VDP);
    wire_put_map(&out, 1);
    wire_put_int(&out, VDP_INCLUSION);
    wire_put_array(&out, 1);
    wire_put_bytes(&out, inner);
    ASSERT(!out.full);
    struct bytes outer = bytes_of(unprotected, out.len);

    out = wire_write(buf, RECEIPT_MAX);
    cose_sign1_encode(&out, protected_header, outer, (struct bytes){0}, signature);
    ASSERT(!out.full);
    return out.len;
}

/* {396: {-1: [<< one proof >>]}} */
static struct refusal unprotected_decode(struct bytes *proof, struct bytes unprotected) {
    struct wire_in in = wire_read(unprotected);
    wire_field(&in, "proofs");
    wire_get_map(&in, 1, 1);
    wire_get_uint(&in, LABEL_VDP, LABEL_VDP);
    wire_get_map(&in, 1, 1);
    wire_get_int(&in, VDP_INCLUSION, VDP_INCLUSION);
    wire_get_array(&in, 1, 1);
    *proof = wire_get_bytes(&in, 1, PROOF_BYTES);
    return wire_done(&in);
}

struct refusal receipt_decode(struct receipt *out, struct bytes bytes) {
    struct bytes proof;
    *out = (struct receipt){0};
    if (bytes.len > RECEIPT_MAX) return refuse(CODE_CBOR_RANGE, "receipt");
    struct refusal refusal = cose_sign1_decode(&out->cose, bytes, TYP_RECEIPT);
    if (refusal.code != CODE_OK) return refusal;
    if (out->cose.alg != COSE_ALG_ES256) return refuse(CODE_ALG_NOT_ALLOWED, "alg");
    refusal = unprotected_decode(&proof, out->cose.unprotected);
    if (refusal.code != CODE_OK) return refusal;

    struct wire_in in = wire_read(proof);
    wire_field(&in, "inclusion");
    wire_get_array(&in, 3, 3);
    out->tree_size = header_count_get(&in, "tree_size");
    out->index = header_count_get(&in, "index");
    if (out->index >= out->tree_size) wire_fail(&in, CODE_CBOR_RANGE);
    wire_field(&in, "path");
    /* At least one: RFC 9942 knows no empty path. There is none, as leaves 0 and 1 are in every tree that has a receipt. */
    out->path_count = wire_get_array(&in, 1, MERKLE_PATH_MAX);
    for (size_t i = 0; i < out->path_count; i++) fixed_get(&in, "path", out->path[i]);
    return wire_done(&in);
}

bool transparent_statement_encode(struct wire_out *out, const struct cose_sign1 *statement, struct bytes receipt) {
    uint8_t unprotected[RECEIPT_MAX + 16];
    struct wire_out map = wire_write(unprotected, sizeof unprotected);
    wire_put_map(&map, 1);
    wire_put_uint(&map, LABEL_RECEIPTS);
    wire_put_array(&map, 1);
    wire_put_bytes(&map, receipt);
    if (map.full) return false;
    cose_sign1_encode(out, statement->protected_header, bytes_of(unprotected, map.len), statement->payload, statement->signature);
    return !out->full;
}
