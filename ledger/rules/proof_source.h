/* Proof source: the objects of a proof as a source for verdict_judge, so that a verifier without a node judges by the same function.
 * Layer: ledger/rules. No heap. */
#ifndef LICET_RULES_PROOF_SOURCE_H
#define LICET_RULES_PROOF_SOURCE_H
#include "ledger/rules/verdict.h"
#include "ledger/wire/proof.h"

struct proof_source {
    const struct proof *proof;
    uint8_t genesis[32];
    uint8_t key[PROOF_OBJECTS_MAX][32]; /* map key of each object, hashed again from its id */
    uint32_t no[PROOF_OBJECTS_MAX];     /* object number of each present object; NO_NONE where it has none */
};
/* The proof must have passed proof_check under this genesis. It and *source must outlive what is returned. What the proof does not hold is
 * FOUND_MISSING, never FOUND_ABSENT: absence needs a proof of absence. */
struct object_source proof_source_over(struct proof_source *source, const struct proof *proof, const uint8_t genesis32[32]);

/* The query that asks for the proof's own subject; type_code keeps the bytes that the query points to. False: the subject is a number and
 * the proof lacks its type (nothing can be judged: `incomplete`). */
MUST_USE bool subject_query(struct verdict_query *out, char type_code[TYPE_CODE_LEN + 1], const struct subject *subject,
                            const struct object_source *source);
#endif
