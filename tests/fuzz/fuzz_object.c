/* object: every decoder of a state record over the same bytes: at most one takes them, and it is the one that their kind says. */
#include "tests/fuzz/fuzz.h"

#include "ledger/wire/object.h"

#define CODEC(name, type)                                                          \
    static struct refusal codec_##name(struct wire_out *out, struct bytes in) {    \
        static struct type object;                                                 \
        const struct refusal refusal = name##_decode(&object, in);                 \
        if (refusal.code == CODE_OK) ASSERT(name##_encode(out, &object));          \
        return refusal;                                                            \
    }
CODEC(policy, policy)
CODEC(finality, finality)
CODEC(member, member)
CODEC(key_object, key_object)
CODEC(licence_type, licence_type)
CODEC(licence, licence)
CODEC(number, number_object)
CODEC(document, document_object)
CODEC(seal, seal)

int fuzz_one(const uint8_t *data, size_t size) {
    static const struct {
        enum object_kind kind;
        fuzz_codec codec;
    } codecs[] = {{OBJECT_POLICY, codec_policy}, {OBJECT_FINALITY, codec_finality}, {OBJECT_MEMBER, codec_member},
                  {OBJECT_KEY, codec_key_object}, {OBJECT_TYPE, codec_licence_type}, {OBJECT_LICENCE, codec_licence},
                  {OBJECT_NUMBER, codec_number}, {OBJECT_DOCUMENT, codec_document}, {OBJECT_SEAL, codec_seal}};
    const struct bytes in = bytes_of(data, size);
    static const uint8_t genesis[32] = {0x10};
    uint8_t key[32], value_hash[32];
    enum object_kind kind = OBJECT_POLICY;
    const bool has_key = object_key_of(key, genesis, in);
    const bool has_kind = object_kind_of(&kind, in);
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        if (!fuzz_law(codecs[i].codec, in)) continue;
        ASSERT(has_key);
        ASSERT(has_kind);
        ASSERT(kind == codecs[i].kind);
    }
    object_value_hash(value_hash, in);
    if (size == LINK_LEN) {
        struct history_link link;
        uint8_t again[LINK_LEN], head[32];
        if (link_decode(&link, data)) {
            link_encode(again, &link);
            ASSERT(memcmp(again, data, LINK_LEN) == 0);
            link_head(head, genesis, &link);
        }
    }
    return 0;
}
