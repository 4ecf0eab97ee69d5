#include "ledger/rules/op_seal.h"

/* A seal with every list full. */
#define SEAL_BYTES_MAX 6144u
_Static_assert(SEAL_MAKINGS_MAX * (2 * 34 + SEAL_CERTS_MAX * 34 + 4 * 9 + 2) + SEAL_ACTS_MAX * 14 + SEAL_ID_MAX + NAME_MAX_BYTES + REASON_MAX + BASIS_MAX + 200 <
               SEAL_BYTES_MAX, "every seal fits");
_Static_assert(SEAL_BYTES_MAX <= OBJECT_VALUE_MAX, "and an object holds it");

static struct seal_making *present(struct seal *seal) { return &seal->makings[seal->making_count - 1]; }

/* The newest entry that acted on it: what a refusal names. */
static uint64_t last_act(const struct seal *seal) { return seal->acts[seal->act_count - 1].entry; }

static uint64_t earlier(uint64_t a, uint64_t b) { return a < b ? a : b; } /* LOG_ENTRY_NONE is later than any */

/* *no = NO_NONE where there is none. The struct is not touched before that is known: it is large. */
static enum err seal_find(struct op_run *run, struct bytes id, uint32_t *no, struct seal *out) {
    struct bytes value;
    enum err err = state_find(run->state, OBJECT_SEAL, id, no);
    if (err != ERR_OK || *no == NO_NONE) return err;
    err = state_get(run->state, *no, &value);
    if (err != ERR_OK) return err;
    return seal_decode(out, value).code == CODE_OK && out->no == *no ? ERR_OK : ERR_CORRUPT;
}

static enum err seal_write(struct op_run *run, const struct seal *seal) {
    uint8_t buffer[SEAL_BYTES_MAX];
    struct wire_out out = wire_write(buffer, sizeof buffer);
    ASSERT(seal_encode(&out, seal));
    const struct bytes value = bytes_of(buffer, out.len);
    if (seal->no != state_next_no(run->state)) return state_put(run->state, seal->no, value);
    uint32_t no;
    return state_add(run->state, OBJECT_SEAL, seal->id, value, &no);
}

/* The act of this statement: its key among the acts, its link in the history. */
static enum err seal_act(struct op_run *run, struct seal *seal) {
    ASSERT(seal->act_count < SEAL_ACTS_MAX);
    seal->acts[seal->act_count++] = (struct seal_act){run->signer->key_no, run->context->entry};
    seal->since = run->context->height;
    const struct op_history history = {seal->no, (uint8_t)seal->state, &seal->history_count, seal->history_head, &seal->last_link};
    const enum err err = op_link(run, &history);
    return err == ERR_OK ? seal_write(run, seal) : err;
}

static enum err owner_find(struct op_run *run, struct bytes uscc, uint32_t *no) {
    const struct member *owner;
    enum err err = state_find(run->state, OBJECT_MEMBER, uscc, no);
    if (err != ERR_OK) return err;
    if (*no == NO_NONE) return op_refuse(run, CODE_MEMBER_UNKNOWN, "owner", REFUSAL_NO_ENTRY);
    err = state_member(run->state, *no, &owner);
    if (err != ERR_OK || owner->state == MEMBER_ACTIVE) return err;
    return op_refuse(run, CODE_MEMBER_NOT_ACTIVE, "owner", REFUSAL_NO_ENTRY);
}

/* A new making at the end of the list; there is room for it. */
static enum err making_add(struct op_run *run, struct seal *seal, const struct seal_item *item) {
    if (item->to_ms < item->from_ms) return op_refuse(run, CODE_VALIDITY_ORDER, "valid_to", REFUSAL_NO_ENTRY);
    struct seal_making *making = &seal->makings[seal->making_count++];
    *making = (struct seal_making){.cert_count = item->cert_count, .from_ms = item->from_ms, .to_ms = item->to_ms, .entry = run->context->entry,
                                   .suspect_since = LOG_ENTRY_NONE};
    memcpy(making->digest, item->digest32, 32);
    memcpy(making->maker, item->maker32, 32);
    for (uint32_t i = 0; i < item->cert_count; i++) memcpy(making->certs[i], item->certs[i], 32);
    return ERR_OK;
}

/* --- register --- */

/* What an address can hold as one part of its path. */
static bool id_fits(struct bytes id) {
    for (size_t i = 0; i < id.len; i++)
        if (id.data[i] <= ' ' || id.data[i] > '~' || id.data[i] == '/') return false;
    return true;
}

static enum err item_register(struct op_run *run, const struct seal_item *item) {
    struct seal seal;
    uint32_t no;
    if (!id_fits(item->seal_id)) return op_refuse(run, CODE_SEAL_ID_INVALID, "seal_id", REFUSAL_NO_ENTRY);
    enum err err = seal_find(run, item->seal_id, &no, &seal);
    if (err != ERR_OK) return err;
    if (no != NO_NONE && no >= run->first_no) return op_refuse(run, CODE_ITEM_REPEATED, "seal_id", REFUSAL_NO_ENTRY);
    if (no != NO_NONE) return op_refuse(run, CODE_SEAL_EXISTS, "seal_id", last_act(&seal));
    seal = (struct seal){
        .id = item->seal_id, .no = state_next_no(run->state), .owner_since = run->context->entry, .registrar_no = run->signer->member_no,
        .kind = item->kind, .name = item->name, .state = SEAL_VALID, .last_licence = NO_NONE, .last_link = NO_NONE,
    };
    err = owner_find(run, item->owner, &seal.owner_no);
    if (err == ERR_OK && !op_refused(run)) err = making_add(run, &seal, item);
    return err == ERR_OK && !op_refused(run) ? seal_act(run, &seal) : err;
}

enum err op_seal_register(struct op_run *run) {
    enum err err = op_role_check(run);
    const struct op_quota quota = op_quota(run);
    if (err != ERR_OK || op_refused(run)) return err;
    for (run->item = 0; run->item < run->record->item_count; run->item++) {
        err = item_register(run, &run->record->seal[run->item]);
        if (err == ERR_OK && !op_refused(run)) op_quota_check(run, &quota);
        if (err != ERR_OK || op_refused(run)) return err;
    }
    run->item = REFUSAL_NO_ITEM;
    return op_quota_use(run, &quota, 0);
}

/* --- changes --- */

/* Already so comes before a stale count: who stops twice is told that it is done, not to read again and retry. */
static enum err op_seal_state_check(struct op_run *run, const struct seal *seal, const struct seal_item *item) {
    const struct operation *operation = run->operation;
    if (operation->shape == SHAPE_SEAL_STATE && seal->state == operation->to) return op_refuse(run, CODE_ALREADY_SO, "seal_id", last_act(seal));
    if (seal->history_count != item->count) return op_refuse(run, CODE_COUNT_STALE, "count", last_act(seal));
    if ((operation->from & IN(seal->state)) == 0) return op_refuse(run, CODE_STATE_FORBIDS, "seal_id", last_act(seal));
    /* Room for one stop and one cancellation is kept: whoever must stop a seal is never told that its object is full. */
    const bool stops = operation->shape == SHAPE_SEAL_STATE && operation->to != SEAL_VALID;
    if (!stops && seal->act_count + 2 >= SEAL_ACTS_MAX)
        return op_refuse(run, CODE_MAKINGS_FULL, "seal_id", last_act(seal));
    if (item->since != LOG_ENTRY_NONE && item->since > run->context->entry) return op_refuse(run, CODE_ENTRY_AHEAD, "since", REFUSAL_NO_ENTRY);
    return ERR_OK;
}

/* A leak that began at an entry reaches every making that was in use then or later. */
static void reach(struct seal *seal, uint64_t since) {
    for (uint32_t i = 0; i < seal->making_count && since != LOG_ENTRY_NONE; i++) {
        const bool in_use = i + 1 == seal->making_count || seal->makings[i + 1].entry > since;
        if (in_use) seal->makings[i].suspect_since = earlier(seal->makings[i].suspect_since, since);
    }
}

static enum err remake(struct op_run *run, struct seal *seal, const struct seal_item *item) {
    for (uint32_t i = 0; i < seal->making_count; i++)
        if (memcmp(seal->makings[i].digest, item->digest32, 32) == 0) return op_refuse(run, CODE_MAKING_KNOWN, "digest", seal->makings[i].entry);
    if (seal->making_count == SEAL_MAKINGS_MAX) return op_refuse(run, CODE_MAKINGS_FULL, "seal_id", last_act(seal));
    reach(seal, item->since);
    seal->state = SEAL_VALID;
    return making_add(run, seal, item);
}

static enum err transfer(struct op_run *run, struct seal *seal, const struct seal_item *item) {
    uint32_t owner;
    const enum err err = owner_find(run, item->owner, &owner);
    if (err != ERR_OK || op_refused(run)) return err;
    if (owner == seal->owner_no) return op_refuse(run, CODE_ALREADY_SO, "owner", last_act(seal));
    seal->owner_no = owner;
    seal->owner_since = run->context->entry;
    return ERR_OK;
}

/* From the entry given, else from this one. Nothing but a resumption takes a suspicion back, and only the present making's: a cancellation, or a re-making,
 * leaves the earlier. */
static void suspect(struct op_run *run, struct seal *seal, const struct seal_item *item) {
    reach(seal, earlier(item->since, run->context->entry));
}

static enum err change_state(struct op_run *run, struct seal *seal, const struct seal_item *item) {
    seal->state = (enum seal_state)run->operation->to;
    if (seal->state == SEAL_VALID) present(seal)->suspect_since = LOG_ENTRY_NONE;
    else suspect(run, seal, item);
    return ERR_OK;
}

static enum err change(struct op_run *run, struct seal *seal, const struct seal_item *item) {
    switch (run->operation->shape) {
    case SHAPE_SEAL_STATE: return change_state(run, seal, item);
    case SHAPE_SEAL_REMAKE: return remake(run, seal, item);
    case SHAPE_SEAL_OWNER: return transfer(run, seal, item);
    case SHAPE_RESERVED: case SHAPE_ISSUE: case SHAPE_STATUS: case SHAPE_SEAL_NEW: break;
    }
    ASSERT(false); /* apply sends only the three here */
    return ERR_OK;
}

static enum err item_change(struct op_run *run, const struct seal_item *item) {
    struct seal seal;
    uint32_t no;
    const bool needs_words = operation_takes(run->operation, TAKES_WORDS);
    if (needs_words && item->reason.len == 0) return op_refuse(run, CODE_REASON_MISSING, "reason", REFUSAL_NO_ENTRY);
    if (needs_words && item->basis.len == 0) return op_refuse(run, CODE_REASON_MISSING, "basis", REFUSAL_NO_ENTRY);
    enum err err = seal_find(run, item->seal_id, &no, &seal);
    if (err != ERR_OK) return err;
    if (no == NO_NONE) return op_refuse(run, CODE_SEAL_UNKNOWN, "seal_id", REFUSAL_NO_ENTRY);
    if (last_act(&seal) == run->context->entry) return op_refuse(run, CODE_ITEM_REPEATED, "seal_id", REFUSAL_NO_ENTRY);
    if (seal.registrar_no != run->signer->member_no && seal.owner_no != run->signer->member_no)
        return op_refuse(run, CODE_NOT_THE_REGISTRAR, "seal_id", REFUSAL_NO_ENTRY);
    err = op_seal_state_check(run, &seal, item);
    if (err == ERR_OK && !op_refused(run)) err = change(run, &seal, item);
    if (err != ERR_OK || op_refused(run)) return err;
    seal.reason = item->reason;
    seal.basis = item->basis;
    return seal_act(run, &seal);
}

enum err op_seal_change(struct op_run *run) {
    enum err err = op_role_check(run);
    if (err != ERR_OK || op_refused(run)) return err;
    for (run->item = 0; run->item < run->record->item_count; run->item++) {
        err = item_change(run, &run->record->seal[run->item]);
        if (err != ERR_OK || op_refused(run)) return err;
    }
    return ERR_OK;
}

/* --- licences sealed with one --- */

enum err op_seal_put(struct op_run *run) {
    if (!run->seal->held) return ERR_OK;
    run->seal->held = false;
    return seal_write(run, &run->seal->seal);
}

/* Makes the seal the one held: the same as the item's before, in most batches. */
static enum err seal_hold(struct op_run *run, struct bytes id) {
    struct op_seal *held = run->seal;
    uint32_t no;
    if (held->held && bytes_equal(held->seal.id, id)) return ERR_OK;
    enum err err = op_seal_put(run);
    if (err == ERR_OK) err = seal_find(run, id, &no, &held->seal);
    if (err != ERR_OK) return err;
    if (no == NO_NONE) return op_refuse(run, CODE_SEAL_UNKNOWN, "seal", REFUSAL_NO_ENTRY);
    held->held = true;
    return ERR_OK;
}

enum err op_seal_use(struct op_run *run, const struct issue_item *item, uint32_t licence_no, struct licence_seal *out) {
    const enum err err = seal_hold(run, item->seal_id);
    if (err != ERR_OK || op_refused(run)) return err;
    struct seal *seal = &run->seal->seal;
    const struct seal_making *making = present(seal);
    if (seal->owner_no != run->signer->member_no) return op_refuse(run, CODE_SEAL_NOT_OWNED, "seal", REFUSAL_NO_ENTRY);
    if (seal->state != SEAL_VALID) return op_refuse(run, CODE_SEAL_STOPPED, "seal", last_act(seal));
    if (memcmp(making->digest, item->seal_digest, 32) != 0) return op_refuse(run, CODE_SEAL_DIGEST, "seal", making->entry);
    if (run->context->time_ms < making->from_ms || run->context->time_ms > making->to_ms)
        return op_refuse(run, CODE_SEAL_PERIOD, "seal", making->entry);
    *out = (struct licence_seal){seal->no, seal->making_count - 1, run->context->entry, seal->last_licence};
    seal->last_licence = licence_no;
    seal->licence_count++;
    return ERR_OK;
}
