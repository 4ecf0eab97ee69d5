/* Init keys: the keys of a new ledger, their place in the genesis document, their files. Layer: tools/setup, for cmd_init.c. */
#ifndef LICET_TOOLS_SETUP_KEYS_H
#define LICET_TOOLS_SETUP_KEYS_H
#include "crypto/keyfile.h"
#include "ledger/base/limits.h"
#include <jansson.h>

extern const unsigned char sample_types[]; /* genesis/types.json */
extern const size_t sample_types_len;

/* The roles' keys, then the node's. */
enum init_key {
    INIT_GOVERN, INIT_ISSUE, INIT_SEAL, INIT_VERIFY, INIT_AUDIT, INIT_OPERATE,
    INIT_NODE_SEAL, INIT_NODE_NOTE, INIT_NODE_CHECKPOINT, INIT_KEYS
};
struct init_keys { struct signer *signer[INIT_KEYS]; };

/* False: a message was printed. */
MUST_USE bool init_keys_make(struct init_keys *out);
void init_keys_free(struct init_keys *keys);
const char *init_key_path(enum init_key key); /* "keys/issue.pem" */
const char *init_key_use(enum init_key key);  /* "issue" */
/* {"alg","x","y"}: the public key. */
MUST_USE json_t *signer_json(const struct signer *signer);
/* The same with "use", but for a node's keys. */
MUST_USE json_t *init_key_json(const struct init_keys *keys, enum init_key key);
/* Writes all of them and a look-up secret for each keyed type. False: a message was printed. */
MUST_USE bool init_keys_save(const struct init_keys *keys, const char *dir, const json_t *types);

/* A made-up credit code: 11 (机构编制, 机关), the region, a random organisation code, right check characters (GB 11714, GB 32100). */
void uscc_invent(char out[USCC_LEN + 1], const char *region6);
#endif
