/* JSON read: typed members of a JSON object with refusals that name the place ("types[3].days_max: must be a whole number from 0 to 73000").
 * The first refusal stays. Layer: genesis. jansson holds the tree; the views into it live as long as it does. */
#ifndef LICET_GENESIS_JSON_READ_H
#define LICET_GENESIS_JSON_READ_H
#include <jansson.h>

#include "crypto/key.h"
#include "ledger/base/code.h"

struct genesis_reader {
    enum code code; /* CODE_OK until something is wrong */
    char *message;  /* of cap bytes, at least 1 */
    size_t cap;
};
#define JSON_PATH_MAX 64

/* Notes a refusal and returns false. `path` may be empty, `name` NULL: the place itself is meant. */
bool genesis_read_refuse(struct genesis_reader *reader, enum code code, const char *path, const char *name, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* An object, with no members but the `count` known ones. */
MUST_USE bool genesis_read_known(struct genesis_reader *reader, const char *path, const json_t *object, const char *const *names, size_t count);
/* The array `name`: at most max items; *out NULL where it is left out and not required. */
MUST_USE bool genesis_read_list(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, bool required, size_t max, const json_t **out);
/* Text of 1..max bytes that may stand on the ledger: no controls, NFC, no spaces at its ends. Empty where left out and not required. */
MUST_USE bool genesis_read_text(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, bool required, size_t max, struct bytes *out);
MUST_USE bool genesis_read_text_value(struct genesis_reader *reader, const char *path, const char *name, const json_t *value, size_t max, struct bytes *out);
/* A whole number; *out keeps what it holds where the member is left out. */
MUST_USE bool genesis_read_number(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, uint64_t min, uint64_t max, uint64_t *out);
MUST_USE bool genesis_read_flag(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, bool *out);
/* A code of decimal digits, written as text ("001", "310118") or as a number; *out keeps what it holds where `value` is NULL. */
MUST_USE bool genesis_read_digits(struct genesis_reader *reader, const char *path, const char *name, const json_t *value, uint32_t min, uint32_t max, uint32_t *out);
/* A credit code, its check character too. */
MUST_USE bool genesis_read_uscc(struct genesis_reader *reader, const char *path, const char *name, const json_t *value, struct bytes *out);
/* {"alg","x","y"} in hex; y is left out (or zero) for EdDSA. `alg` may be left out where `only` says which one it must be (0: any). */
MUST_USE bool genesis_read_pubkey(struct genesis_reader *reader, const char *path, const json_t *object, int only, struct pubkey *out);
/* "2026-01-01T00:00:00Z", with or without ".123"; *out keeps what it holds where the member is left out. */
MUST_USE bool genesis_read_time(struct genesis_reader *reader, const char *path, const json_t *object, const char *name, int64_t *out_ms);
#endif
