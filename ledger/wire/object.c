#include "ledger/wire/object.h"

#include "crypto/hash.h"
#include "ledger/wire/object_part.h"

void object_key(uint8_t out32[32], const uint8_t genesis[32], enum object_kind kind, struct bytes id) {
    uint8_t k = (uint8_t)kind;
    struct bytes parts[] = {bytes_of(genesis, 32), bytes_of(&k, 1), id};
    hash_tagged(out32, "licet/object/v1", parts, 3);
}

void object_value_hash(uint8_t out32[32], struct bytes value) { sha256(out32, value.data, value.len); }

/* --- the rows of OBJECTS as data --- */

#define DECODE(KIND, NUMBER, STRUCT, DECODER, ...) \
    static enum code decode_##STRUCT(void *out, struct bytes value) { return DECODER((struct STRUCT *)out, value).code; }
OBJECTS(DECODE)
#undef DECODE

#define FORM(KIND, NUMBER, STRUCT, DECODER, ID, KEPT, NO_AT) [NUMBER] = {#STRUCT, ID, KEPT, sizeof(struct STRUCT), decode_##STRUCT, NO_AT},
static const struct object_form FORMS[OBJECT_KIND_MAX + 1] = {OBJECTS(FORM)};
#undef FORM

const struct object_form *object_form(enum object_kind kind) {
    ASSERT(kind > 0 && (uint32_t)kind <= OBJECT_KIND_MAX);
    return &FORMS[kind];
}

uint32_t object_no(enum object_kind kind, struct bytes value) {
#define ROOM(KIND, NUMBER, STRUCT, ...) struct STRUCT STRUCT;
    union { OBJECTS(ROOM) } decoded;
#undef ROOM
    const struct object_form *form = object_form(kind);
    uint32_t no;
    if (form->decode == NULL || form->no_at == NO_FIXED || form->decode(&decoded, value) != CODE_OK) return NO_NONE;
    memcpy(&no, (const uint8_t *)&decoded + form->no_at, sizeof no);
    return no;
}

/* --- what every object begins with --- */

static enum object_kind kind_get(struct wire_in *in) {
    wire_field(in, "object");
    wire_get_array(in, 2, SIZE_MAX);
    wire_field(in, "kind");
    return (enum object_kind)wire_get_uint(in, 1, OBJECT_KIND_MAX);
}

bool object_kind_of(enum object_kind *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = kind_get(&in);
    return in.why == CODE_OK;
}

#define NUMBER_ID_LEN (4 + TAG_LEN)

/* The id stands right after the kind. Only the number's is put together from two fields, in `number`. */
static bool id_of(enum object_kind *kind, struct bytes *id, uint8_t number[NUMBER_ID_LEN], struct bytes value) {
    struct wire_in in = wire_read(value);
    *kind = kind_get(&in);
    *id = (struct bytes){0};
    if (in.why != CODE_OK) return false;
    switch (object_form(*kind)->id) {
    case ID_NONE: break;
    case ID_USCC: *id = wire_get_code(&in, USCC_LEN, USCC_LEN); break;
    case ID_TYPE_CODE: *id = wire_get_code(&in, TYPE_CODE_LEN, TYPE_CODE_LEN); break;
    case ID_HASH: *id = wire_get_bytes(&in, 32, 32); break;
    case ID_NUMBER:
        be32_put(number, part_no(&in, "type_no"));
        part_fixed(&in, "tag", number + 4, TAG_LEN);
        *id = bytes_of(number, NUMBER_ID_LEN);
        break;
    case ID_SEAL: *id = wire_get_text(&in, 1, SEAL_ID_MAX); break;
    case ID_UNKNOWN: return false; /* its form is not fixed yet */
    }
    return in.why == CODE_OK;
}

bool object_key_of(uint8_t out32[32], const uint8_t genesis[32], struct bytes value) {
    uint8_t number[NUMBER_ID_LEN] = {0};
    enum object_kind kind;
    struct bytes id;
    if (!id_of(&kind, &id, number, value)) return false;
    object_key(out32, genesis, kind, id);
    return true;
}

bool object_is(struct bytes value, enum object_kind kind, struct bytes id) {
    uint8_t number[NUMBER_ID_LEN] = {0};
    enum object_kind stored_kind;
    struct bytes stored_id;
    return id_of(&stored_kind, &stored_id, number, value) && stored_kind == kind && bytes_equal(stored_id, id);
}
