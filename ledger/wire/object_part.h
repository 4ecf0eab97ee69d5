/* Object parts: what the codecs of the objects share. Layer: ledger/wire, and only for object*.c. Each getter comes with the name
 * of the field, since state that does not read is a fault that somebody must find. */
#ifndef LICET_WIRE_OBJECT_PART_H
#define LICET_WIRE_OBJECT_PART_H
#include "ledger/wire/object.h"

#define COUNT_MAX INT64_MAX /* entries, blocks, counters: adding one never overflows */
#define VERSION_MAX 999u
#define HOLDER_KIND_MAX 999u

/* The array head and the kind. */
void part_start(struct wire_in *in, enum object_kind kind, size_t count);
void part_start_put(struct wire_out *out, enum object_kind kind, size_t count);

uint32_t part_u32(struct wire_in *in, const char *field, uint32_t min, uint32_t max);
uint64_t part_count(struct wire_in *in, const char *field);
uint32_t part_no(struct wire_in *in, const char *field); /* never NO_NONE */
uint32_t part_no_or_none(struct wire_in *in, const char *field);
int32_t part_day(struct wire_in *in, const char *field);
int32_t part_day_or_none(struct wire_in *in, const char *field);
void part_fixed(struct wire_in *in, const char *field, uint8_t *out, size_t len); /* leaves out alone after a fault */
struct bytes part_code(struct wire_in *in, const char *field, size_t min, size_t max);
struct bytes part_text(struct wire_in *in, const char *field, size_t min, size_t max);
void part_pubkey(struct wire_in *in, const char *field, struct pubkey *out); /* its form; not that the point is on its curve */

void part_no_or_none_put(struct wire_out *out, uint32_t no);
void part_day_or_none_put(struct wire_out *out, int32_t day);
void part_fixed_put(struct wire_out *out, const uint8_t *data, size_t len);
void part_pubkey_put(struct wire_out *out, const struct pubkey *key);
/* False where it is full or the value is longer than OBJECT_VALUE_MAX. */
MUST_USE bool part_fits(const struct wire_out *out, size_t start);
#endif
