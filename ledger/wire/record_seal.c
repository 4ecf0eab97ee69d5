/* Items of the operations on seals. */
#include "ledger/wire/record_part.h"

/* [id, ...] and then 8 more for a registration; for a change the count, reason and basis, since where there is one, and what is new. */
static size_t field_count(const struct operation *operation) {
    if (operation->shape == SHAPE_SEAL_NEW) return 9;
    return 4u + (operation_takes(operation, TAKES_SINCE) ? 1u : 0u) + (operation_takes(operation, TAKES_MAKING) ? 5u : 0u) +
           (operation_takes(operation, TAKES_OWNER) ? 1u : 0u);
}

static void record_seal_making_get(struct wire_in *in, struct seal_item *item) {
    wire_field(in, "digest");
    item->digest32 = wire_get_fixed(in, 32);
    wire_field(in, "maker");
    item->maker32 = wire_get_fixed(in, 32);
    wire_field(in, "certificates");
    item->cert_count = (uint32_t)wire_get_array(in, 1, SEAL_CERTS_MAX);
    wire_field(in, "certificate");
    for (uint32_t i = 0; i < item->cert_count; i++) item->certs[i] = wire_get_fixed(in, 32);
    wire_field(in, "valid_from");
    item->from_ms = wire_get_int(in, 0, TIME_MS_MAX);
    wire_field(in, "valid_to");
    item->to_ms = wire_get_int(in, 0, TIME_MS_MAX);
}

void seal_item_get(struct wire_in *in, struct seal_item *item, const struct operation *operation) {
    *item = (struct seal_item){.since = LOG_ENTRY_NONE};
    wire_field(in, "item");
    wire_get_array(in, field_count(operation), field_count(operation));
    wire_field(in, "seal_id");
    item->seal_id = wire_get_text(in, 1, SEAL_ID_MAX);
    if (operation->shape == SHAPE_SEAL_NEW) {
        wire_field(in, "owner");
        item->owner = wire_get_code(in, USCC_LEN, USCC_LEN);
        wire_field(in, "kind");
        item->kind = (enum seal_kind)wire_get_uint(in, SEAL_KIND_NAME, SEAL_KIND_PERSONAL);
        wire_field(in, "name");
        item->name = wire_get_text(in, 1, NAME_MAX_BYTES);
    } else {
        wire_field(in, "count");
        item->count = wire_get_uint(in, 1, WIRE_COUNT_MAX);
        words_get(in, &item->reason, &item->basis, operation);
    }
    wire_field(in, "since");
    if (operation_takes(operation, TAKES_SINCE) && !wire_try_null(in)) item->since = wire_get_uint(in, 0, WIRE_COUNT_MAX);
    if (operation_takes(operation, TAKES_MAKING)) record_seal_making_get(in, item);
    wire_field(in, "owner");
    if (operation->shape == SHAPE_SEAL_OWNER) item->owner = wire_get_code(in, USCC_LEN, USCC_LEN);
}

static void making_put(struct wire_out *out, const struct seal_item *item) {
    fixed_put(out, item->digest32, 32);
    fixed_put(out, item->maker32, 32);
    wire_put_array(out, item->cert_count);
    for (uint32_t i = 0; i < item->cert_count; i++) fixed_put(out, item->certs[i], 32);
    wire_put_int(out, item->from_ms);
    wire_put_int(out, item->to_ms);
}

void seal_item_put(struct wire_out *out, const struct seal_item *item, const struct operation *operation) {
    wire_put_array(out, field_count(operation));
    wire_put_text(out, item->seal_id);
    if (operation->shape == SHAPE_SEAL_NEW) {
        wire_put_text(out, item->owner);
        wire_put_uint(out, item->kind);
        wire_put_text(out, item->name);
    } else {
        wire_put_uint(out, item->count);
        wire_put_text(out, item->reason);
        wire_put_text(out, item->basis);
    }
    if (operation_takes(operation, TAKES_SINCE) && item->since == LOG_ENTRY_NONE) wire_put_null(out);
    else if (operation_takes(operation, TAKES_SINCE)) wire_put_uint(out, item->since);
    if (operation_takes(operation, TAKES_MAKING)) making_put(out, item);
    if (operation->shape == SHAPE_SEAL_OWNER) wire_put_text(out, item->owner);
}
