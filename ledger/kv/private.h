/* Private: what the issuer keeps and the ledger must not hold: identifier, salt seed, fields, documents' names, by licence key. An LMDB of its own
 * (DIR/private), hashed into nothing, deletable licence by licence, mode 0700. Written before the statement is signed; read by the node to
 * show an identifier, by `licet proof` to open elements. Several processes may have it open. Layer: ledger/kv. */
#ifndef LICET_KV_PRIVATE_H
#define LICET_KV_PRIVATE_H
#include "ledger/wire/tags.h"

struct private_store;
struct private_licence {
    struct bytes type_code, identifier;
    uint8_t seed[SALT_SEED_LEN];
    uint32_t field_count;
    struct field fields[ELEMENTS_MAX]; /* ascending by code, ZZBS included */
};
MUST_USE enum err private_open(struct private_store **out, const char *dir, bool create);
void private_close(struct private_store *store);
/* One synced txn for the whole batch. keys: 32 bytes each. */
MUST_USE enum err private_put(struct private_store *store, const uint8_t (*keys)[32], const struct private_licence *licences, size_t count);
/* Views live in buffer (PRIVATE_MAX bytes). ERR_ABSENT. */
#define PRIVATE_MAX (272u << 10) /* ELEMENTS_MAX fields of FIELD_VALUE_MAX fit */
MUST_USE enum err private_get(struct private_store *store, const uint8_t key32[32], struct private_licence *out, uint8_t *buffer, size_t cap);
/* The identifier alone, and its length. ERR_ABSENT. Any thread. */
MUST_USE enum err private_identifier(struct private_store *store, const uint8_t key32[32], char out[IDENTIFIER_MAX + 1], size_t *len);
/* ERR_ABSENT. The page that held it is reused in time, not overwritten at once: to be sure, copy the store to a new folder afterwards. */
MUST_USE enum err private_delete(struct private_store *store, const uint8_t key32[32]);
#endif
