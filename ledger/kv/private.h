/* Private: what the issuer keeps and the ledger must not hold: identifier, salt seed, fields, documents' names, by licence key. An LMDB of its own
 * (DIR/private), hashed into nothing, mode 0700. Written before the statement is signed; read by the node to
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
/* What became of a claim. SAME: held already with this very content. BESIDE: held with another content; this one is kept beside it until the ledger has
 * decided, and nothing is lost whichever it takes. */
enum private_claim { PRIVATE_NEW = 1, PRIVATE_SAME, PRIVATE_BESIDE };
/* One synced txn for the whole batch, which decides for all processes: a key has one seed, the first that came; who comes later finds it in his licence.
 * Nothing that is there is written over. keys: 32 bytes each. */
MUST_USE enum err private_claim(struct private_store *store, const uint8_t (*keys)[32], struct private_licence *licences, enum private_claim *claims, size_t count);
/* Views live in buffer (PRIVATE_MAX bytes). ERR_ABSENT. */
#define PRIVATE_MAX (272u << 10) /* ELEMENTS_MAX fields of FIELD_VALUE_MAX fit */
MUST_USE enum err private_get(struct private_store *store, const uint8_t key32[32], struct private_licence *out, uint8_t *buffer, size_t cap);
/* The identifier alone, and its length. ERR_ABSENT. Any thread. */
MUST_USE enum err private_identifier(struct private_store *store, const uint8_t key32[32], char out[IDENTIFIER_MAX + 1], size_t *len);
/* Of all that is held under the key what makes this fields root: *fits. Otherwise what is held (*fits false), or ERR_ABSENT. */
MUST_USE enum err private_get_for(struct private_store *store, const uint8_t key32[32], const uint8_t root32[32], struct private_licence *out, uint8_t *buffer,
                                  size_t cap, bool *fits);
MUST_USE enum err private_count(struct private_store *store, uint64_t *licences);
/* Of a licence that the ledger refused: takes back a claim that was PRIVATE_NEW with this seed, unless another writer has met it since: his statement may be
 * under way. ERR_ABSENT: it is not there. The page that held it is reused in time, not overwritten at once: to be sure, copy the store to a new folder. */
MUST_USE enum err private_release(struct private_store *store, const uint8_t key32[32], const uint8_t seed[SALT_SEED_LEN]);
#endif
