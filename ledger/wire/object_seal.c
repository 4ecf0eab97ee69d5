/* The seal: its makings and the acts on it. There are few of them, and every proof of a sealed licence holds one. */
#include "ledger/wire/object_part.h"

#define SEAL_FIELDS 19
#define MAKING_FIELDS 7

const char *seal_state_name(enum seal_state state) {
    switch (state) {
    case SEAL_VALID: return "valid";
    case SEAL_STOPPED: return "stopped";
    case SEAL_CANCELLED: return "cancelled";
    }
    return NULL;
}

static int64_t time_get(struct wire_in *in, const char *field) {
    wire_field(in, field);
    return wire_get_int(in, 0, TIME_MS_MAX);
}

static uint64_t entry_or_none(struct wire_in *in, const char *field) { return wire_try_null(in) ? LOG_ENTRY_NONE : part_count(in, field); }

static void entry_or_none_put(struct wire_out *out, uint64_t entry) {
    if (entry == LOG_ENTRY_NONE) wire_put_null(out);
    else wire_put_uint(out, entry);
}

static void object_seal_making_get(struct wire_in *in, struct seal_making *making) {
    wire_field(in, "making");
    wire_get_array(in, MAKING_FIELDS, MAKING_FIELDS);
    part_fixed(in, "making.digest", making->digest, 32);
    part_fixed(in, "making.maker", making->maker, 32);
    wire_field(in, "making.certificates");
    making->cert_count = (uint32_t)wire_get_array(in, 1, SEAL_CERTS_MAX);
    for (uint32_t i = 0; i < making->cert_count; i++) part_fixed(in, "making.certificate", making->certs[i], 32);
    making->from_ms = time_get(in, "making.from");
    making->to_ms = time_get(in, "making.to");
    making->entry = part_count(in, "making.entry");
    making->suspect_since = entry_or_none(in, "making.suspect_since");
}

static void makings_get(struct wire_in *in, struct seal *out) {
    wire_field(in, "makings");
    out->making_count = (uint32_t)wire_get_array(in, 1, SEAL_MAKINGS_MAX);
    for (uint32_t i = 0; i < out->making_count && in->why == CODE_OK; i++) {
        object_seal_making_get(in, &out->makings[i]);
        wire_field(in, "making.entry");
        if (in->why == CODE_OK && i > 0 && out->makings[i].entry <= out->makings[i - 1].entry) wire_fail(in, CODE_CBOR_KEY_ORDER);
    }
}

/* Pairs, laid flat: [key, entry, key, entry, ...], in the order of the log. */
static void acts_get(struct wire_in *in, struct seal *out) {
    wire_field(in, "acts");
    const size_t count = wire_get_array(in, 2, 2 * SEAL_ACTS_MAX);
    if (count % 2 != 0) wire_fail(in, CODE_CBOR_RANGE);
    out->act_count = (uint32_t)(count / 2);
    for (uint32_t i = 0; i < out->act_count && in->why == CODE_OK; i++) {
        out->acts[i].key_no = part_no(in, "acts.key");
        out->acts[i].entry = part_count(in, "acts.entry");
        if (in->why == CODE_OK && i > 0 && out->acts[i].entry <= out->acts[i - 1].entry) wire_fail(in, CODE_CBOR_KEY_ORDER);
    }
}

struct refusal seal_decode(struct seal *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    memset(out, 0, offsetof(struct seal, makings)); /* the lists are as long as they are said to be */
    part_start(&in, OBJECT_SEAL, SEAL_FIELDS);
    out->id = part_text(&in, "id", 1, SEAL_ID_MAX);
    out->no = part_no(&in, "no");
    out->owner_no = part_no(&in, "owner_no");
    out->owner_since = part_count(&in, "owner_since");
    out->registrar_no = part_no(&in, "registrar_no");
    out->kind = (enum seal_kind)part_u32(&in, "seal_kind", SEAL_KIND_NAME, SEAL_KIND_PERSONAL);
    out->name = part_text(&in, "name", 1, NAME_MAX_BYTES);
    out->state = (enum seal_state)part_u32(&in, "state", SEAL_VALID, SEAL_CANCELLED);
    out->since = part_count(&in, "since");
    out->reason = part_text(&in, "reason", 0, REASON_MAX);
    out->basis = part_text(&in, "basis", 0, BASIS_MAX);
    makings_get(&in, out);
    acts_get(&in, out);
    out->licence_count = part_count(&in, "licence_count");
    out->last_licence = part_no_or_none(&in, "last_licence");
    out->history_count = part_count(&in, "history_count");
    part_fixed(&in, "history_head", out->history_head, 32);
    out->last_link = part_no(&in, "last_link");
    return wire_done(&in);
}

bool seal_encode(struct wire_out *out, const struct seal *seal) {
    const size_t start = out->len;
    part_start_put(out, OBJECT_SEAL, SEAL_FIELDS);
    wire_put_text(out, seal->id);
    wire_put_uint(out, seal->no);
    wire_put_uint(out, seal->owner_no);
    wire_put_uint(out, seal->owner_since);
    wire_put_uint(out, seal->registrar_no);
    wire_put_uint(out, seal->kind);
    wire_put_text(out, seal->name);
    wire_put_uint(out, seal->state);
    wire_put_uint(out, seal->since);
    wire_put_text(out, seal->reason);
    wire_put_text(out, seal->basis);
    wire_put_array(out, seal->making_count);
    for (uint32_t i = 0; i < seal->making_count; i++) {
        const struct seal_making *making = &seal->makings[i];
        wire_put_array(out, MAKING_FIELDS);
        part_fixed_put(out, making->digest, 32);
        part_fixed_put(out, making->maker, 32);
        wire_put_array(out, making->cert_count);
        for (uint32_t c = 0; c < making->cert_count; c++) part_fixed_put(out, making->certs[c], 32);
        wire_put_int(out, making->from_ms);
        wire_put_int(out, making->to_ms);
        wire_put_uint(out, making->entry);
        entry_or_none_put(out, making->suspect_since);
    }
    wire_put_array(out, (size_t)seal->act_count * 2);
    for (uint32_t i = 0; i < seal->act_count; i++) {
        wire_put_uint(out, seal->acts[i].key_no);
        wire_put_uint(out, seal->acts[i].entry);
    }
    wire_put_uint(out, seal->licence_count);
    part_no_or_none_put(out, seal->last_licence);
    wire_put_uint(out, seal->history_count);
    part_fixed_put(out, seal->history_head, 32);
    wire_put_uint(out, seal->last_link);
    return part_fits(out, start);
}
