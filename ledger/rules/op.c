#include "ledger/rules/op.h"

/* A licence with every list full; OBJECT_VALUE_MAX would be ten times that. */
#define LICENCE_BYTES_MAX 2048u
_Static_assert(ACTED_MAX * 14 + COMPONENTS_MAX * 5 + REASON_MAX + BASIS_MAX + 400 < LICENCE_BYTES_MAX, "every licence fits");

enum err op_refuse(struct op_run *run, enum code code, const char *field, uint64_t entry) {
    *run->refusal = (struct refusal){.code = code, .item = run->item, .entry = entry, .field = field};
    return ERR_OK;
}

enum err op_refuse_number(struct op_run *run, enum code code, const char *field, uint64_t entry, int64_t met, int64_t limit) {
    const enum err err = op_refuse(run, code, field, entry);
    *run->refusal = refusal_measured(*run->refusal, met, limit);
    return err;
}

enum err op_refuse_state(struct op_run *run, enum code code, const char *field, uint64_t entry, const char *state) {
    const enum err err = op_refuse(run, code, field, entry);
    run->refusal->state = state;
    return err;
}

enum err op_role_check(struct op_run *run) {
    const enum key_use use = (enum key_use)run->operation->use;
    if (run->signer->key->use != use) return op_refuse(run, CODE_KEY_USE, "kid", REFUSAL_NO_ENTRY);
    if ((run->signer->member->roles & ROLE(use)) == 0) return op_refuse(run, CODE_ROLE_MISSING, "iss", REFUSAL_NO_ENTRY);
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
    struct wire_out out = wire_write(buffer, sizeof buffer);
    ASSERT(licence_encode(&out, licence));
    const struct bytes value = bytes_of(buffer, out.len);
    if (licence->no != state_next_no(run->state)) return state_put(run->state, licence->no, value);
    uint32_t no;
    const enum err err = state_add(run->state, OBJECT_LICENCE, bytes_of(licence->key, 32), value, &no);
    if (err == ERR_OK) ASSERT(no == licence->no);
    return err;
}

enum err op_link(struct op_run *run, const struct op_history *history) {
    const struct history_link link = {
        .slot = history->slot, .previous = *history->last_link, .entry = run->context->entry, .item = run->item, .op = run->record->op,
        .state = history->state, .key_no = run->signer->key_no, .time_ms = run->context->time_ms,
    };
    uint8_t head[32];
    link_head(head, history->head32, &link);
    memcpy(history->head32, head, 32);
    ++*history->count;
    return state_link(run->state, &link, history->last_link);
}

enum err op_licence_link(struct op_run *run, struct licence *licence) {
    const struct op_history history = {licence->no, (uint8_t)licence->state, &licence->history_count, licence->history_head, &licence->last_link};
    return op_link(run, &history);
}

/* --- quota --- */

static uint64_t made(const struct op_run *run) { return state_next_no(run->state) - run->first_no; }

struct op_quota op_quota(const struct op_run *run) {
    const struct member *member = run->signer->member;
    return (struct op_quota){member->quota_day == run->context->quota_day ? member->quota_used : 0, run->context->policy->objects_per_day};
}

void op_quota_check(struct op_run *run, const struct op_quota *quota) {
    if (quota->used + made(run) > quota->limit) (void)op_refuse_number(run, CODE_QUOTA, NULL, REFUSAL_NO_ENTRY, (int64_t)(quota->used + made(run)), (int64_t)quota->limit);
}

enum err op_quota_use(struct op_run *run, const struct op_quota *quota, uint32_t licences) {
    return state_member_counters(run->state, run->signer->member_no, run->signer->member->issued + licences, run->context->quota_day,
                                 quota->used + made(run));
}
