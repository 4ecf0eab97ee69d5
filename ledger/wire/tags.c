#include "ledger/wire/tags.h"

#include "ledger/wire/cbor.h"
#include "ledger/wire/text.h"

#define SALT_LEN 16u

/* The one place where keyed and public types differ: the same bytes, hashed with or without the secret. */
static void lookup_hash(uint8_t out32[32], const struct lookup *lookup, const char *tag, struct bytes first, struct bytes second) {
    const struct bytes parts[4] = {bytes_of(lookup->genesis, 32), lookup->type_code, first, second};
    const size_t count = second.data == NULL ? 3 : 4;
    if (lookup->keyed) {
        hmac_tagged(out32, bytes_of(lookup->secret, sizeof lookup->secret), tag, parts, count);
    } else {
        hash_tagged(out32, tag, parts, count);
    }
}

static void lookup_tag(uint8_t tag16[TAG_LEN], const struct lookup *lookup, const char *tag, struct bytes first, struct bytes second) {
    uint8_t full[32];
    lookup_hash(full, lookup, tag, first, second);
    memcpy(tag16, full, TAG_LEN);
}

static const struct bytes NOTHING = {NULL, 0};

void tag_licence(uint8_t key32[32], const struct lookup *lookup, struct bytes identifier) {
    lookup_hash(key32, lookup, "licet/licence/v1", identifier, NOTHING);
}

void tag_number(uint8_t tag16[TAG_LEN], const struct lookup *lookup, struct bytes number) {
    lookup_tag(tag16, lookup, "licet/number/v1", number, NOTHING);
}

void tag_holder(uint8_t tag16[TAG_LEN], const struct lookup *lookup, struct bytes holder_code) {
    lookup_tag(tag16, lookup, "licet/holder/v1", holder_code, NOTHING);
}

void tag_name(uint8_t tag16[TAG_LEN], const struct lookup *lookup, const uint8_t licence_key32[32], struct bytes name) {
    /* An empty name is still a fourth part: a tag must not depend on whether a view is NULL. */
    const struct bytes part = name.data == NULL ? bytes_of("", 0) : name;
    lookup_tag(tag16, lookup, "licet/name/v1", bytes_of(licence_key32, 32), part);
}

size_t tag_number_forms(uint8_t forms[2][TAG_LEN], const struct lookup *lookup, struct bytes number) {
    char folded[TEXT_FOLD_MAX];
    const struct bytes form = text_fold_number(folded, number);
    tag_number(forms[0], lookup, form);
    if (bytes_equal(form, number)) return 1;
    tag_number(forms[1], lookup, number);
    return 2;
}

bool tag_name_agrees(const uint8_t tag16[TAG_LEN], const struct lookup *lookup, const uint8_t licence_key32[32], struct bytes name) {
    uint8_t tag[TAG_LEN];
    char folded[TEXT_FOLD_MAX];
    tag_name(tag, lookup, licence_key32, text_fold_name(folded, name));
    const bool agrees = bytes_equal_ct(tag, tag16, TAG_LEN);
    tag_name(tag, lookup, licence_key32, name);
    return bytes_equal_ct(tag, tag16, TAG_LEN) | agrees;
}

static const char *digest_alg_name(enum digest_alg alg) {
    switch (alg) {
    case DIGEST_SHA256: return "sha-256";
    case DIGEST_SM3: return "sm3";
    }
    ASSERT(false);
    return "";
}

bool digest_alg_from_name(enum digest_alg *out, struct bytes name) {
    static const enum digest_alg all[] = {DIGEST_SHA256, DIGEST_SM3};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (!bytes_equal(name, bytes_text(digest_alg_name(all[i])))) continue;
        *out = all[i];
        return true;
    }
    return false;
}

void document_key(uint8_t key32[32], const uint8_t genesis[32], enum digest_alg alg, const uint8_t digest32[32]) {
    const struct bytes parts[3] = {bytes_of(genesis, 32), bytes_text(digest_alg_name(alg)), bytes_of(digest32, 32)};
    hash_tagged(key32, "licet/document/v1", parts, 3);
}

/* ---- elements ---- */

size_t disclosure_encode(uint8_t out[DISCLOSURE_MAX], const uint8_t seed[SALT_SEED_LEN], const struct field *field) {
    _Static_assert(1 + 1 + SALT_LEN + 3 + FIELD_VALUE_MAX + 2 + ELEMENT_CODE_MAX <= DISCLOSURE_MAX, "the longest fits");
    if (field->code.len < 1 || field->code.len > ELEMENT_CODE_MAX || field->value.len > FIELD_VALUE_MAX) return 0;
    uint8_t salt[32];
    hmac_tagged(salt, bytes_of(seed, SALT_SEED_LEN), "licet/salt/v1", &field->code, 1);
    struct wire_out cbor = wire_write(out, DISCLOSURE_MAX);
    wire_put_array(&cbor, 3);
    wire_put_bytes(&cbor, bytes_of(salt, SALT_LEN));
    wire_put_text(&cbor, field->value);
    wire_put_text(&cbor, field->code);
    bytes_wipe(salt, sizeof salt); /* who has it can test guesses at the value */
    return cbor.full ? 0 : cbor.len;
}

struct refusal disclosure_decode(struct field *out, struct bytes disclosure) {
    struct wire_in in = wire_read(disclosure);
    wire_field(&in, "disclosure");
    (void)wire_get_array(&in, 3, 3);
    (void)wire_get_fixed(&in, SALT_LEN);
    wire_field(&in, "element value");
    const struct bytes value = wire_get_text(&in, 0, FIELD_VALUE_MAX);
    wire_field(&in, "element code");
    const struct bytes code = wire_get_text(&in, 1, ELEMENT_CODE_MAX);
    *out = (struct field){code, value};
    return wire_done(&in);
}

/* The hashes of all leaves; false where the fields are not what the header asks for. */
static bool field_leaves(uint8_t leaves[ELEMENTS_MAX][32], const uint8_t seed[SALT_SEED_LEN], const struct field *fields, size_t count) {
    if (count < 1 || count > ELEMENTS_MAX) return false;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].code.len == 0 || (i > 0 && bytes_order(fields[i - 1].code, fields[i].code) >= 0)) return false;
        uint8_t disclosure[DISCLOSURE_MAX];
        const size_t len = disclosure_encode(disclosure, seed, &fields[i]);
        if (len == 0) return false;
        merkle_leaf(leaves[i], disclosure, len);
    }
    return true;
}

bool fields_root(uint8_t root32[32], const uint8_t seed[SALT_SEED_LEN], const struct field *fields, size_t count) {
    uint8_t leaves[ELEMENTS_MAX][32];
    if (!field_leaves(leaves, seed, fields, count)) return false;
    struct merkle_frontier frontier = {0};
    for (size_t i = 0; i < count; i++) merkle_append(&frontier, leaves[i], NULL, NULL);
    merkle_root(root32, &frontier);
    return true;
}

/* A tree this small is hashed anew for each subtree asked for. */
struct leaf_set {
    uint8_t leaf[ELEMENTS_MAX][32];
    size_t count;
};

static bool leaf_fetch(void *context, unsigned level, uint64_t index, uint8_t out32[32]) {
    const struct leaf_set *set = (const struct leaf_set *)context;
    const uint64_t size = (uint64_t)1 << level, start = index << level;
    if (level > 6 || start + size > set->count) return false;
    struct merkle_frontier frontier = {0};
    for (uint64_t i = 0; i < size; i++) merkle_append(&frontier, set->leaf[start + i], NULL, NULL);
    merkle_root(out32, &frontier);
    return true;
}

bool opening_make(uint8_t out[OPENING_MAX], size_t *len, const uint8_t seed[SALT_SEED_LEN], const struct field *fields, size_t count,
                  size_t index) {
    struct leaf_set set = {.count = count};
    uint8_t path[MERKLE_PATH_MAX][32], disclosure[DISCLOSURE_MAX];
    size_t path_count;
    if (index >= count || !field_leaves(set.leaf, seed, fields, count)) return false;
    if (!merkle_inclusion_make(path, &path_count, index, count, leaf_fetch, &set)) return false;
    const size_t disclosure_len = disclosure_encode(disclosure, seed, &fields[index]);
    struct wire_out cbor = wire_write(out, OPENING_MAX);
    wire_put_array(&cbor, 4);
    wire_put_uint(&cbor, count);
    wire_put_uint(&cbor, index);
    wire_put_bytes(&cbor, bytes_of(disclosure, disclosure_len));
    wire_put_bytes(&cbor, bytes_of(path, path_count * 32));
    *len = cbor.len;
    return !cbor.full;
}

struct refusal opening_check(struct field *out, struct bytes opening, const uint8_t root32[32]) {
    struct wire_in in = wire_read(opening);
    wire_field(&in, "opening");
    (void)wire_get_array(&in, 4, 4);
    const uint64_t size = wire_get_uint(&in, 1, ELEMENTS_MAX);
    const uint64_t index = wire_get_uint(&in, 0, ELEMENTS_MAX - 1);
    const struct bytes disclosure = wire_get_bytes(&in, 1, DISCLOSURE_MAX);
    const struct bytes path = wire_get_bytes(&in, 0, 6 * 32);
    const struct refusal read = wire_done(&in);
    if (read.code != CODE_OK) return read;
    if (index >= size || path.len % 32 != 0) return refuse(CODE_CBOR_RANGE, "opening");

    uint8_t leaf[32], root[32], hashes[6][32] = {{0}};
    if (path.len > 0) memcpy(hashes, path.data, path.len);
    merkle_leaf(leaf, disclosure.data, disclosure.len);
    if (!merkle_inclusion_root(root, leaf, index, size, (const uint8_t (*)[32])hashes, path.len / 32) || memcmp(root, root32, 32) != 0) {
        return refuse(CODE_PROOF_MISMATCH, "opening");
    }
    return disclosure_decode(out, disclosure);
}
