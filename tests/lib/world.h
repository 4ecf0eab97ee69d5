/* World: a small ledger for tests: one member with every role, two types (one keyed, one public), a chain over kv_mem, and statements made and
 * signed as `licet` makes them. Everything is deterministic but the keys. */
#ifndef LICET_TESTS_WORLD_H
#define LICET_TESTS_WORLD_H
#include "crypto/keyfile.h"
#include "crypto/selftest.h"
#include "ledger/chain/chain.h"
#include "ledger/wire/tags.h"

#define WORLD_USCC "11310118MB2F304922"
#define WORLD_TYPE_KEYED "11100000000013338W011"
#define WORLD_TYPE_PUBLIC "11100000000013338W012"
#define WORLD_TIME_MS 1790000000000LL /* 2026-09-21 */

struct world {
    uint8_t *genesis;
    size_t genesis_len;
    struct signer *role[6];    /* govern issue seal verify audit operate */
    struct signer *seal, *note, *checkpoint;
    struct kv *kv;
    struct chain *chain;
    struct reader *reader;
    uint8_t secret[32];
    int64_t now_ms;
};
void world_start(struct world *world);
void world_stop(struct world *world);

struct made { /* one statement */
    uint8_t bytes[STATEMENT_BYTES_MAX + 1];
    size_t len;
};
struct lookup world_lookup(const struct world *world, const char *type_code);
/* The licence key and document key of licence number `serial` of a type. */
void world_licence_key(uint8_t out32[32], const struct world *world, const char *type_code, uint32_t serial);
void world_document_key(uint8_t out32[32], const struct world *world, uint32_t serial);
/* One statement that issues `count` licences with serials first.., one document each. */
void world_issue(struct made *out, const struct world *world, const char *type_code, uint32_t first, uint32_t count);
/* The same under this seal; digest32: of its making. */
void world_issue_sealed(struct made *out, const struct world *world, const char *type_code, uint32_t first, uint32_t count, const char *seal, const uint8_t *digest32);
/* A registration by the seal key of esID `seal`, owned by the member, made with data of 32 bytes `making`, certificate making + 1; or a change of it. */
void world_seal(struct made *out, const struct world *world, enum op op, const char *seal, uint64_t count, uint8_t making, uint64_t since);
const uint8_t *world_making(uint8_t making); /* 32 bytes, as long as the program */
void world_change(struct made *out, const struct world *world, enum op op, const uint8_t licence_key32[32], uint64_t count);
/* Signs any payload as the given role's key; sub as given. */
void world_sign(struct made *out, const struct world *world, const struct signer *signer, struct bytes payload, const char *sub);
/* Executes, seals, commits and publishes one block of these statements; results may be NULL. */
enum err world_block(struct world *world, struct made *const *made, size_t count, struct statement_result *results);
/* A block seal over this header, by the key that seals here or, foreign, by one that may not. */
size_t world_header_seal(uint8_t out[SEAL_MAX], const struct world *world, struct bytes header, bool foreign);
/* A head note over the newest block at time_ms. */
size_t world_note(uint8_t out[NOTE_MAX], const struct world *world, int64_t time_ms);
#endif
