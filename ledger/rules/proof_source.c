#include "ledger/rules/proof_source.h"

_Static_assert(TOUCHED_MAX == PROOF_OBJECTS_MAX, "what one verdict touches fits one proof");

static enum found find_by_id(void *context, enum object_kind kind, struct bytes id, struct bytes *value) {
    const struct proof_source *source = (const struct proof_source *)context;
    uint8_t key[32];
    object_key(key, source->genesis, kind, id);
    for (uint32_t i = 0; i < source->proof->object_count; i++) {
        const struct proof_object *object = &source->proof->objects[i];
        if (memcmp(source->key[i], key, 32) != 0) continue;
        *value = object->value;
        return object->value.data != NULL ? FOUND_YES : FOUND_ABSENT;
    }
    return FOUND_MISSING;
}

static enum found find_by_no(void *context, enum object_kind kind, uint32_t no, struct bytes *value) {
    const struct proof_source *source = (const struct proof_source *)context;
    for (uint32_t i = 0; i < source->proof->object_count && no != NO_NONE; i++) {
        if (source->no[i] != no || source->proof->objects[i].kind != kind) continue;
        *value = source->proof->objects[i].value;
        return FOUND_YES;
    }
    return FOUND_MISSING;
}

struct object_source proof_source_over(struct proof_source *source, const struct proof *proof, const uint8_t genesis32[32]) {
    source->proof = proof;
    memcpy(source->genesis, genesis32, 32);
    for (uint32_t i = 0; i < proof->object_count; i++) {
        const struct proof_object *object = &proof->objects[i];
        const bool present = object->value.data != NULL;
        source->no[i] = present ? object_no(object->kind, object->value) : NO_NONE;
        if (present) {
            ASSERT(object_key_of(source->key[i], genesis32, object->value)); /* proof_check has done the same */
        } else {
            object_key(source->key[i], genesis32, object->kind, object->id);
        }
    }
    return (struct object_source){source, source->genesis, find_by_id, find_by_no};
}

bool subject_query(struct verdict_query *out, char type_code[TYPE_CODE_LEN + 1], const struct subject *subject,
                   const struct object_source *source) {
    *out = (struct verdict_query){0};
    switch (subject->by) {
    case SUBJECT_LICENCE: out->licence_key = subject->key; return true;
    case SUBJECT_DOCUMENT: out->document_key = subject->key; return true;
    case SUBJECT_NUMBER: {
        struct bytes value;
        struct licence_type type;
        if (source->by_no(source->context, OBJECT_TYPE, subject->type_no, &value) != FOUND_YES) return false;
        if (licence_type_decode(&type, value).code != CODE_OK) return false;
        memcpy(type_code, type.code.data, TYPE_CODE_LEN);
        type_code[TYPE_CODE_LEN] = '\0';
        out->type_code = bytes_text(type_code);
        out->number_tag = subject->tag;
        return true;
    }
    }
    return false;
}
