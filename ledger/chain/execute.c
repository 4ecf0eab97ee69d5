#include "ledger/chain/execute.h"

#include "ledger/wire/ident.h"

struct running { /* one block being made */
    struct block *out;
    struct merkle_frontier *frontier;
    struct state *state;
    struct seen *seen;
    struct apply_context context;
    size_t bytes, items;
};

/* One statement: CODE_OK and part of the block, or refused without a trace. */
static enum err execute_one(struct running *run, struct prepared *prepared, struct statement_result *result) {
    const struct statement *statement = &prepared->statement;
    uint64_t first;
    enum code seen = seen_find(run->seen, statement->id, statement->leaf, &first);
    if (seen != CODE_OK) {
        result->refusal = refuse(seen, NULL);
        result->refusal.entry = first;
        return ERR_OK;
    }
    if (run->out->accepted == BLOCK_STATEMENTS_MAX || run->bytes + prepared->bytes.len > BLOCK_BYTES_MAX ||
        run->items + prepared->record.item_count > BLOCK_ITEMS_MAX) {
        result->refusal = refuse(CODE_BLOCK_FULL, NULL);
        return ERR_OK;
    }
    ASSERT(prepared->signature_good);
    run->context.entry = run->frontier->size;
    enum err err = apply_statement(run->state, &run->context, statement, &prepared->record, &result->refusal);
    if (err != ERR_OK || result->refusal.code != CODE_OK) return err;
    err = seen_add(run->seen, statement->id, statement->leaf, run->context.entry, run->context.time_ms);
    if (err != ERR_OK) return err;
    result->entry = run->context.entry;
    merkle_append(run->frontier, statement->leaf, NULL, NULL);
    run->out->statements[run->out->accepted++] = prepared;
    run->bytes += prepared->bytes.len;
    run->items += prepared->record.item_count;
    return ERR_OK;
}

static enum err make_header(struct running *run, const struct block_base *base, const struct block_plan *plan) {
    struct block *out = run->out;
    struct state_counts counts;
    out->header = (struct header){.chain_id = base->genesis->chain_id, .term = plan->term, .n = base->head->n + 1,
                                  .engine_height = plan->engine_height, .time_ms = plan->time_ms, .log_size = run->frontier->size};
    memcpy(out->header.genesis, base->genesis->hash, 32);
    memcpy(out->header.previous, base->head_hash, 32);
    merkle_root(out->header.log_root, run->frontier);
    enum err err = state_root(run->state, out->header.state_root, &counts);
    if (err != ERR_OK) return err;
    out->header.objects = counts.objects;
    out->header.links = counts.links;
    out->header.licences = counts.licences;
    out->len = header_encode(out->bytes, &out->header);
    header_hash(out->hash, bytes_of(out->bytes, out->len));
    return ERR_OK;
}

enum err block_execute(struct block *out, struct merkle_frontier *frontier_after, struct state *state, struct seen *seen,
                       const struct block_base *base, const struct block_plan *plan, struct prepared *const *list, size_t count,
                       struct statement_result *results) {
    out->accepted = 0;
    out->first_entry = base->head->log_size;
    *frontier_after = *base->frontier;
    ASSERT(frontier_after->size == base->head->log_size);
    struct running run = {.out = out, .frontier = frontier_after, .state = state, .seen = seen};
    run.context = (struct apply_context){.genesis = base->genesis->hash, .height = base->head->n + 1, .time_ms = plan->time_ms,
                                         .quota_day = day_in_utc(plan->time_ms), .policy = &base->params->policy,
                                         .iat_floor_ms = base->params->iat_floor_ms};
    for (size_t i = 0; i < count; i++) {
        results[i] = (struct statement_result){.refusal = refuse(CODE_OK, NULL)};
        if (plan->time_ms < base->head->time_ms) {
            results[i].refusal = refuse(CODE_TIME_BACKWARD, "time");
            continue;
        }
        enum err err = execute_one(&run, list[i], &results[i]);
        if (err != ERR_OK) {
            seen_drop_from(seen, out->first_entry);
            return err;
        }
    }
    if (out->accepted == 0) return ERR_OK;
    enum err err = make_header(&run, base, plan);
    if (err != ERR_OK) seen_drop_from(seen, out->first_entry);
    return err;
}
