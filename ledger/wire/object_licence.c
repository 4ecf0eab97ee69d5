/* The licence, and the links of histories. There are millions of licences: no names, no nesting, absent things in one byte. */
#include "crypto/hash.h"
#include "ledger/wire/object_part.h"

#define LICENCE_FIELDS 26

const char *licence_state_name(enum licence_state state) {
    switch (state) {
    case LICENCE_VALID: return "valid";
    case LICENCE_SUSPENDED: return "suspended";
    case LICENCE_ANNULLED: return "annulled";
    case LICENCE_CANCELLED: return "cancelled";
    case LICENCE_TRANSFERRING: return "transferring";
    case LICENCE_REVOKED: return "revoked";
    case LICENCE_SUPERSEDED: return "superseded";
    case LICENCE_TRANSFERRED: return "transferred";
    }
    return NULL;
}

const char *link_state_name(const struct history_link *link) {
    const struct operation *operation = operation_of(link->op);
    if (operation == NULL) return NULL;
    return operation->subject == SUBJECT_OF_SEAL ? seal_state_name((enum seal_state)link->state) : licence_state_name((enum licence_state)link->state);
}

static enum licence_state licence_state_get(struct wire_in *in) {
    enum licence_state state = (enum licence_state)part_u32(in, "state", LICENCE_VALID, LICENCE_TRANSFERRED);
    if (!licence_state_name(state)) wire_fail(in, CODE_CBOR_RANGE); /* 5 is derived, never written */
    return state;
}

/* Pairs, laid flat: [key, entry, key, entry, ...]. */
static void acted_get(struct wire_in *in, struct licence *out) {
    wire_field(in, "acted");
    size_t count = wire_get_array(in, 0, 2 * ACTED_MAX);
    if (count % 2 != 0) wire_fail(in, CODE_CBOR_RANGE);
    out->acted_count = (uint32_t)(count / 2);
    for (uint32_t i = 0; i < out->acted_count; i++) {
        out->acted[i].key_no = part_no(in, "acted.key");
        out->acted[i].last_entry = part_count(in, "acted.entry");
    }
}

/* null, or [seal, making, entry, licence before / null]: a licence without a seal costs one byte. */
static void object_licence_seal_get(struct wire_in *in, struct licence_seal *out) {
    out->no = out->previous = NO_NONE;
    wire_field(in, "seal");
    if (wire_try_null(in)) return;
    wire_get_array(in, 4, 4);
    out->no = part_no(in, "seal.no");
    out->making = part_u32(in, "seal.making", 0, SEAL_MAKINGS_MAX - 1);
    out->entry = part_count(in, "seal.entry");
    out->previous = part_no_or_none(in, "seal.previous");
}

static void seal_put(struct wire_out *out, const struct licence_seal *seal) {
    if (seal->no == NO_NONE) {
        wire_put_null(out);
        return;
    }
    wire_put_array(out, 4);
    wire_put_uint(out, seal->no);
    wire_put_uint(out, seal->making);
    wire_put_uint(out, seal->entry);
    part_no_or_none_put(out, seal->previous);
}

struct refusal licence_decode(struct licence *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = (struct licence){0};
    part_start(&in, OBJECT_LICENCE, LICENCE_FIELDS);
    part_fixed(&in, "key", out->key, 32);
    out->no = part_no(&in, "no");
    out->version = part_u32(&in, "version", 1, VERSION_MAX);
    out->state = licence_state_get(&in);
    out->issuer_no = part_no(&in, "issuer_no");
    out->type_no = part_no(&in, "type_no");
    out->valid_from = part_day(&in, "valid_from");
    out->valid_to = part_day_or_none(&in, "valid_to");
    out->holder_kind = part_u32(&in, "holder_kind", 1, HOLDER_KIND_MAX);
    part_fixed(&in, "holder_tag", out->holder_tag, TAG_LEN);
    part_fixed(&in, "name_tag", out->name_tag, TAG_LEN);
    part_fixed(&in, "fields_root", out->fields_root, 32);
    out->document_count = part_u32(&in, "document_count", 0, DOCUMENTS_MAX);
    object_licence_seal_get(&in, &out->seal);
    out->previous_no = part_no_or_none(&in, "previous_no");
    out->next_no = part_no_or_none(&in, "next_no");
    wire_field(&in, "components");
    out->component_count = (uint32_t)wire_get_array(&in, 0, COMPONENTS_MAX);
    for (uint32_t i = 0; i < out->component_count; i++) out->components[i] = part_no(&in, "component");
    acted_get(&in, out);
    out->since = part_count(&in, "since");
    out->reason = part_text(&in, "reason", 0, REASON_MAX);
    out->basis = part_text(&in, "basis", 0, BASIS_MAX);
    out->until = part_day_or_none(&in, "until");
    out->history_count = part_count(&in, "history_count");
    part_fixed(&in, "history_head", out->history_head, 32);
    out->last_link = part_no(&in, "last_link");
    return wire_done(&in);
}

bool licence_encode(struct wire_out *out, const struct licence *licence) {
    size_t start = out->len;
    part_start_put(out, OBJECT_LICENCE, LICENCE_FIELDS);
    part_fixed_put(out, licence->key, 32);
    wire_put_uint(out, licence->no);
    wire_put_uint(out, licence->version);
    wire_put_uint(out, licence->state);
    wire_put_uint(out, licence->issuer_no);
    wire_put_uint(out, licence->type_no);
    wire_put_int(out, licence->valid_from);
    part_day_or_none_put(out, licence->valid_to);
    wire_put_uint(out, licence->holder_kind);
    part_fixed_put(out, licence->holder_tag, TAG_LEN);
    part_fixed_put(out, licence->name_tag, TAG_LEN);
    part_fixed_put(out, licence->fields_root, 32);
    wire_put_uint(out, licence->document_count);
    seal_put(out, &licence->seal);
    part_no_or_none_put(out, licence->previous_no);
    part_no_or_none_put(out, licence->next_no);
    wire_put_array(out, licence->component_count);
    for (uint32_t i = 0; i < licence->component_count; i++) wire_put_uint(out, licence->components[i]);
    wire_put_array(out, (size_t)licence->acted_count * 2);
    for (uint32_t i = 0; i < licence->acted_count; i++) {
        wire_put_uint(out, licence->acted[i].key_no);
        wire_put_uint(out, licence->acted[i].last_entry);
    }
    wire_put_uint(out, licence->since);
    wire_put_text(out, licence->reason);
    wire_put_text(out, licence->basis);
    part_day_or_none_put(out, licence->until);
    wire_put_uint(out, licence->history_count);
    part_fixed_put(out, licence->history_head, 32);
    wire_put_uint(out, licence->last_link);
    return part_fits(out, start);
}

void link_encode(uint8_t out[LINK_LEN], const struct history_link *link) {
    ASSERT(link->item <= UINT16_MAX);
    ASSERT(link->time_ms >= 0);
    be32_put(out, link->slot);
    be32_put(out + 4, link->previous);
    be64_put(out + 8, link->entry);
    be16_put(out + 16, (uint16_t)link->item);
    out[18] = (uint8_t)link->op;
    out[19] = link->state;
    be32_put(out + 20, link->key_no);
    be64_put(out + 24, (uint64_t)link->time_ms);
}

bool link_decode(struct history_link *out, const uint8_t in[LINK_LEN]) {
    *out = (struct history_link){0};
    uint64_t entry = be64_get(in + 8), time = be64_get(in + 24);
    uint32_t slot = be32_get(in), item = be16_get(in + 16), key_no = be32_get(in + 20);
    if (slot == NO_NONE || key_no == NO_NONE || item >= ITEMS_MAX) return false;
    if (entry > COUNT_MAX || time > (uint64_t)TIME_MS_MAX) return false;
    const struct history_link link = {slot, be32_get(in + 4), entry, item, (enum op)in[18], in[19], key_no, (int64_t)time};
    if (!link_state_name(&link)) return false;
    *out = link;
    return true;
}

/* Slot and previous are this node's way to find links; what the chain commits to is what happened. */
void link_head(uint8_t head32[32], const uint8_t previous_head32[32], const struct history_link *link) {
    uint8_t encoded[LINK_LEN];
    link_encode(encoded, link);
    struct bytes parts[] = {bytes_of(previous_head32, 32), bytes_of(encoded + 8, LINK_LEN - 8)};
    hash_tagged(head32, "licet/link/v1", parts, 2);
}
