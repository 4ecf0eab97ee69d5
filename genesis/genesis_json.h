/* Genesis from JSON: the readable document (genesis.json) to canonical CBOR, and back for people to compare. jansson only here and in rpc,
 * tools. Shape: genesis/consortium.json is the worked example; unknown members are refused by name. */
#ifndef LICET_GENESIS_GENESIS_JSON_H
#define LICET_GENESIS_GENESIS_JSON_H
#include "ledger/wire/genesis.h"

/* *out is malloc'd, the caller frees. On refusal `message` says where and what (English), and *out is NULL.
 * JSON: {"chain_id","region","time" (ISO, optional: now_ms),"policy":{...all optional...},"engine":"solo","threshold":1,
 *  "types":[{"code","name","keyed","holder_kinds":[..],"elements":[{"code","label","mandatory","sensitivity"}],"days_max","unlimited","definer":uscc,
 *            "supervisor":uscc|null,"scope":[uscc..]}],
 *  "members":[{"uscc","name","region","roles":["govern",..],"types":[code..] or "all","keys":[{"use","alg","x","y"}],
 *              "node":{"seal":{..},"note":{..},"checkpoint":{..}}}]}   (hex coordinates; node: its keys are registered and join finality) */
struct refusal genesis_from_json(uint8_t **out, size_t *len, char *message, size_t message_cap, const char *json, size_t json_len, int64_t now_ms);
/* The readable form of a decoded genesis; malloc'd text ending in a newline; NULL: no memory. */
MUST_USE char *genesis_to_json(const struct genesis *genesis);
#endif
