#include "ledger/chain/params.h"

#include "ledger/chain/store.h"
#include "ledger/state/slots.h"

static struct bytes copy_of(uint8_t **at, struct bytes value) {
    const struct bytes copy = bytes_of(*at, value.len);
    memcpy(*at, value.data, value.len);
    *at += value.len;
    return copy;
}

/* One piece of memory: the version, then both values. */
static enum err params_version_new(struct params **out, const struct params *before, uint64_t from, struct bytes policy, struct bytes finality) {
    struct params *made = malloc(sizeof *made + policy.len + finality.len);
    if (made == NULL) return ERR_MEMORY;
    uint8_t *at = (uint8_t *)(made + 1);
    *made = (struct params){.from = from, .version = before != NULL ? before->version + 1 : 0, .iat_floor_ms = INT64_MIN, .before = before};
    made->policy_value = copy_of(&at, policy);
    made->finality_value = copy_of(&at, finality);
    if (policy_decode(&made->policy, made->policy_value).code != CODE_OK || finality_decode(&made->finality, made->finality_value).code != CODE_OK) {
        free(made);
        return ERR_CORRUPT;
    }
    *out = made;
    return ERR_OK;
}

enum err params_genesis(const struct params **out, const struct genesis *genesis) {
    struct params *made;
    const enum err err = params_version_new(&made, NULL, 1, genesis->objects[POLICY_NO], genesis->objects[FINALITY_NO]);
    if (err == ERR_OK) *out = made;
    return err;
}

enum err params_next(const struct params **out, const struct params *before, uint64_t from, int64_t time_ms, struct bytes policy, struct bytes finality) {
    ASSERT(from > before->from);
    struct params *made;
    const enum err err = params_version_new(&made, before, from, policy.data != NULL ? policy : before->policy_value,
                                     finality.data != NULL ? finality : before->finality_value);
    if (err != ERR_OK) return err;
    const int64_t began_ms = time_ms - (int64_t)before->policy.iat_back_s * 1000;
    made->iat_floor_ms = began_ms > before->iat_floor_ms ? began_ms : before->iat_floor_ms;
    *out = made;
    return ERR_OK;
}

/* The chain made them with malloc; readers only see them const. */
void params_drop(const struct params *version) { free((void *)(uintptr_t)version); }

void params_free(const struct params *newest) {
    while (newest != NULL) {
        const struct params *before = newest->before;
        params_drop(newest);
        newest = before;
    }
}

const struct params *params_at(const struct params *newest, uint64_t n) {
    while (newest->from > n && newest->before != NULL) newest = newest->before;
    return newest;
}

int64_t params_seen_from_ms(const struct params *newest, int64_t time_ms) {
    uint32_t ahead_s = 0;
    for (const struct params *at = newest; at != NULL; at = at->before)
        if (at->policy.iat_ahead_s > ahead_s) ahead_s = at->policy.iat_ahead_s;
    const int64_t back_ms = time_ms - (int64_t)newest->policy.iat_back_s * 1000, first_ms = back_ms > newest->iat_floor_ms ? back_ms : newest->iat_floor_ms;
    return first_ms - (int64_t)ahead_s * 1000;
}

/* --- rows --- */

/* Value of KV_META, META_PARAMS + version: CBOR [from uint, policy bstr, finality bstr]. */
#define ROW_MAX (2 * (size_t)OBJECT_VALUE_MAX + 32)

enum err params_write(struct kv_txn *txn, const struct params *version) {
    uint8_t *row = malloc(ROW_MAX);
    if (row == NULL) return ERR_MEMORY;
    struct wire_out out = wire_write(row, ROW_MAX);
    wire_put_array(&out, 3);
    wire_put_uint(&out, version->from);
    wire_put_bytes(&out, version->policy_value);
    wire_put_bytes(&out, version->finality_value);
    ASSERT(!out.full);
    const enum err err = kv_put(txn, KV_META, META_PARAMS + version->version, bytes_of(row, out.len));
    free(row);
    return err;
}

static enum err params_row_read(const struct params **newest, struct kv_txn *txn, struct bytes row, uint64_t n) {
    struct wire_in in = wire_read(row);
    wire_get_array(&in, 3, 3);
    const uint64_t from = wire_get_uint(&in, (*newest)->from + 1, n + 1);
    const struct bytes policy = wire_get_bytes(&in, 1, OBJECT_VALUE_MAX), finality = wire_get_bytes(&in, 1, OBJECT_VALUE_MAX);
    struct stored_block block; /* whose statements made them */
    if (wire_done(&in).code != CODE_OK) return ERR_CORRUPT;
    const enum err err = store_block(txn, from - 1, &block);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    return params_next(newest, *newest, from, block.header.time_ms, policy, finality);
}

enum err params_agree(const struct params *newest, struct kv_txn *txn) {
    struct bytes policy, finality;
    enum err err = slots_get(txn, POLICY_NO, &policy);
    if (err == ERR_OK && !bytes_equal(policy, newest->policy_value)) err = ERR_CORRUPT;
    if (err == ERR_OK) err = slots_get(txn, FINALITY_NO, &finality);
    if (err == ERR_OK && !bytes_equal(finality, newest->finality_value)) err = ERR_CORRUPT;
    return err == ERR_ABSENT ? ERR_CORRUPT : err;
}

enum err params_load(const struct params **newest, struct kv_txn *txn, const struct genesis *genesis, uint64_t n) {
    *newest = NULL;
    enum err err = params_genesis(newest, genesis);
    while (err == ERR_OK) {
        struct bytes row;
        err = kv_get(txn, KV_META, META_PARAMS + (*newest)->version + 1, &row);
        if (err == ERR_OK) err = params_row_read(newest, txn, row, n);
    }
    if (err == ERR_ABSENT) return ERR_OK;
    params_free(*newest);
    *newest = NULL;
    return err;
}
