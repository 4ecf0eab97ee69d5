/* The rows of OBJECTS as data. */
#include "ledger/wire/object.h"

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
