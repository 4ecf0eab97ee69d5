#include "ledger/state/op.h"

/* A licence with every list full; RECORD_VALUE_MAX would be ten times that. */
#define LICENCE_BYTES_MAX 2048u
_Static_assert(ACTED_MAX * 14 + COMPONENTS_MAX * 5 + REASON_MAX + BASIS_MAX + 400 < LICENCE_BYTES_MAX, "every licence fits");

enum err op_refuse(struct op_run *run, enum code code, const char *field, uint64_t entry) {
    *run->refusal = (struct refusal){code, run->item, entry, field};
    return ERR_OK;
}

enum err op_issuer_check(struct op_run *run) {
    if (run->signer->key->use != USE_ISSUE) return op_refuse(run, CODE_KEY_USE, "kid", REFUSAL_NO_ENTRY);
    if ((run->signer->member->roles & ROLE(USE_ISSUE)) == 0) return op_refuse(run, CODE_ROLE_MISSING, "iss", REFUSAL_NO_ENTRY);
    return ERR_OK;
}

enum err op_licence(struct op_run *run, uint32_t no, struct licence *out) {
    struct bytes value;
    const enum err err = state_get(run->state, no, &value);
    if (err != ERR_OK) return err;
    return licence_decode(out, value).code == CODE_OK && out->no == no ? ERR_OK : ERR_CORRUPT;
}

enum err op_licence_find(struct op_run *run, const uint8_t key32[32], uint32_t *no, struct licence *out) {
    const enum err err = state_find(run->state, OBJECT_LICENCE, bytes_of(key32, 32), no);
    return err != ERR_OK || *no == NO_NONE ? err : op_licence(run, *no, out);
}

uint64_t op_last_entry(const struct licence *licence) {
    uint64_t last = 0;
    for (uint32_t i = 0; i < licence->acted_count; i++)
        if (licence->acted[i].last_entry > last) last = licence->acted[i].last_entry;
    return last;
}

enum err op_licence_write(struct op_run *run, const struct licence *licence) {
    uint8_t buffer[LICENCE_BYTES_MAX];
    struct cbor_out out = cbor_write(buffer, sizeof buffer);
    ASSERT(licence_encode(&out, licence));
    const struct bytes value = bytes_of(buffer, out.len);
    if (licence->no != state_next_no(run->state)) return state_put(run->state, licence->no, value);
    uint32_t no;
    const enum err err = state_add(run->state, OBJECT_LICENCE, bytes_of(licence->key, 32), value, &no);
    if (err == ERR_OK) ASSERT(no == licence->no);
    return err;
}

enum err op_link(struct op_run *run, struct licence *licence) {
    const struct history_link link = {
        .slot = licence->no, .previous = licence->last_link, .entry = run->context->entry, .item = run->item, .op = run->record->op,
        .state = licence->state, .key_no = run->signer->key_no, .time_ms = run->context->time_ms,
    };
    uint8_t head[32];
    link_head(head, licence->history_head, &link);
    memcpy(licence->history_head, head, 32);
    licence->history_count++;
    return state_link(run->state, &link, &licence->last_link);
}
