/* Genesis: the document a ledger begins with; SHA-256 of its bytes is the ledger's identity (`sha256sum genesis.cbor` shows it).
 * CBOR [1, "licet-genesis", chain id, region, time ms, [policy value, finality value, object value ...]] : the values of the first objects
 * in the order of their numbers (crypto, wire formats in docs/FORMATS.md). Log leaf 0 = the genesis bytes, leaf 1 = the policy value.
 * Layer: ledger/wire. */
#ifndef LICET_WIRE_GENESIS_H
#define LICET_WIRE_GENESIS_H
#include "ledger/wire/header.h"
#include "ledger/wire/object.h"

#define GENESIS_OBJECTS_MAX 2048u
#define POLICY_NO 0u /* numbers of the two objects that every ledger begins with, for ever */
#define FINALITY_NO 1u
struct genesis {
    struct bytes all;
    uint8_t hash[32];
    struct bytes chain_id; /* [a-z0-9-]{1,CHAIN_ID_MAX} */
    uint32_t region;
    int64_t time_ms;
    uint32_t object_count; /* >= 2: POLICY_NO and FINALITY_NO */
    struct bytes objects[GENESIS_OBJECTS_MAX];
};
/* Strict decode and every check of consistency: each object decodes and has the number of its place, ids are unique, references exist,
 * credit codes check, keys are on their curves and match their thumbprints, each key has one use (so nobody who holds a key
 * holds two roles; a member is an organisation and may have several), somebody can govern, issuers' types exist, finality's nodes are
 * members and its keys are registered for their use.
 * Views into `in`. The struct is large (32 KiB): static or heap. */
struct refusal genesis_decode(struct genesis *out, struct bytes in);
void genesis_finality(struct finality *out, const struct genesis *genesis); /* decoded object 1 */
void genesis_policy(struct policy *out, const struct genesis *genesis);
#endif
