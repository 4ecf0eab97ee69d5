#include "ledger/rules/op_status.h"

static enum err words_check(struct op_run *run, const struct status_item *item) {
    if (operation_takes(run->operation, TAKES_WORDS) && item->reason.len == 0) return op_refuse(run, CODE_REASON_MISSING, "reason", REFUSAL_NO_ENTRY);
    if (operation_takes(run->operation, TAKES_WORDS) && item->basis.len == 0) return op_refuse(run, CODE_REASON_MISSING, "basis", REFUSAL_NO_ENTRY);
    if (item->until != DAY_NONE && !operation_takes(run->operation, TAKES_UNTIL)) return op_refuse(run, CODE_CBOR_RANGE, "until", REFUSAL_NO_ENTRY);
    return ERR_OK;
}

/* The issuer, or the department that the type names as supervisor. */
static enum err actor_check(struct op_run *run, const struct licence *licence) {
    if (licence->issuer_no == run->signer->member_no) return ERR_OK;
    const struct licence_type *type;
    const enum err err = state_type(run->state, licence->type_no, &type);
    if (err != ERR_OK) return err;
    return type->supervisor_no == run->signer->member_no ? ERR_OK : op_refuse(run, CODE_NOT_THE_ISSUER, "licence_key", REFUSAL_NO_ENTRY);
}

/* Already so comes before a stale count: who revokes twice is told that it is done, not to read again and retry. */
static enum err op_status_state_check(struct op_run *run, const struct licence *licence, uint64_t count) {
    const uint64_t entry = op_last_entry(licence);
    const struct operation *operation = run->operation;
    if (licence->state == operation->to) return op_refuse_state(run, CODE_ALREADY_SO, "licence_key", entry, licence_state_name(licence->state));
    if (licence->history_count != count) return op_refuse_number(run, CODE_COUNT_STALE, "count", entry, (int64_t)count, (int64_t)licence->history_count);
    if ((operation->from & IN(licence->state)) == 0) return op_refuse_state(run, CODE_STATE_FORBIDS, "licence_key", entry, licence_state_name(licence->state));
    return ERR_OK;
}

/* Places among the keys that an operation may use. A valid licence has room for one more key that suspends it and one that ends it, a suspended one for
 * one that ends it: no licence can become one that nobody may stop. */
static uint32_t places(const struct operation *operation) {
    if (operation_takes(operation, ENDS)) return ACTED_MAX;
    return operation->to == LICENCE_VALID ? ACTED_MAX - 2 : ACTED_MAX - 1;
}

/* The signer among the keys that acted: how a compromised key's licences are found in what the leaf says. */
static enum err acted_note(struct op_run *run, struct licence *licence) {
    uint32_t i = 0;
    while (i < licence->acted_count && licence->acted[i].key_no != run->signer->key_no) i++;
    const uint32_t most = places(run->operation), needed = i == licence->acted_count ? i + 1 : licence->acted_count;
    if (needed > most) return op_refuse_number(run, CODE_ACTED_FULL, "acted", op_last_entry(licence), needed, most);
    licence->acted_count = needed;
    licence->acted[i] = (struct acted){run->signer->key_no, run->context->entry};
    return ERR_OK;
}

static enum err item_apply(struct op_run *run, const struct status_item *item) {
    struct licence licence;
    uint32_t no;
    enum err err = words_check(run, item);
    if (err != ERR_OK || op_refused(run)) return err;
    err = op_licence_find(run, item->licence_key, &no, &licence);
    if (err != ERR_OK) return err;
    if (no == NO_NONE) return op_refuse(run, CODE_LICENCE_UNKNOWN, "licence_key", REFUSAL_NO_ENTRY);
    if (op_last_entry(&licence) == run->context->entry) return op_refuse(run, CODE_ITEM_REPEATED, "licence_key", REFUSAL_NO_ENTRY);
    err = actor_check(run, &licence);
    if (err == ERR_OK && !op_refused(run)) err = op_status_state_check(run, &licence, item->count);
    if (err == ERR_OK && !op_refused(run)) err = acted_note(run, &licence);
    if (err != ERR_OK || op_refused(run)) return err;
    licence.state = (enum licence_state)run->operation->to;
    licence.since = run->context->height;
    licence.reason = item->reason;
    licence.basis = item->basis;
    licence.until = item->until;
    err = op_licence_link(run, &licence);
    return err == ERR_OK ? op_licence_write(run, &licence) : err;
}

/* A resumption counts like a new object: with the suspension that it makes possible it is the only act that can be repeated for ever, and a history must
 * not grow without end. Suspending and ending are never counted: no quota stands in their way. */
enum err op_status(struct op_run *run) {
    const bool counts = operation_takes(run->operation, TAKES_QUOTA);
    enum err err = op_role_check(run);
    struct op_quota quota = op_quota(run);
    if (err != ERR_OK || op_refused(run)) return err;
    for (run->item = 0; run->item < run->record->item_count; run->item++) {
        err = item_apply(run, &run->record->status[run->item]);
        if (err == ERR_OK && !op_refused(run) && counts) {
            quota.used++;
            op_quota_check(run, &quota);
        }
        if (err != ERR_OK || op_refused(run)) return err;
    }
    run->item = REFUSAL_NO_ITEM;
    return counts ? op_quota_use(run, &quota, 0) : ERR_OK;
}
