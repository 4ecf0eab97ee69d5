/* Tags: how identifiers, numbers, holders and documents become keys and tags that the ledger may hold, and how elements (照面 fields) are
 * committed to. DESIGN: the ledger alone neither reveals nor confirms a number or a holder of a keyed type. Inputs are in normal form
 * (text.h). Layer: ledger/wire. Exact inputs of every hash: docs/FORMATS.md, "Keys and tags". */
#ifndef LICET_WIRE_TAGS_H
#define LICET_WIRE_TAGS_H
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "ledger/wire/record.h"

/* How one type's tags are made: under its look-up secret (keyed), or under the genesis hash alone (public). */
struct lookup {
    const uint8_t *genesis; /* 32 */
    struct bytes type_code;
    bool keyed;
    uint8_t secret[32];
};
/* All are hmac_tagged(secret, ...) for keyed types and hash_tagged(...) for public ones, over (genesis, type code, ...). */
void tag_licence(uint8_t key32[32], const struct lookup *lookup, struct bytes identifier);        /* "licet/licence/v1": .., identifier */
void tag_number(uint8_t tag16[TAG_LEN], const struct lookup *lookup, struct bytes number);       /* "licet/number/v1": .., number */
void tag_holder(uint8_t tag16[TAG_LEN], const struct lookup *lookup, struct bytes holder_code);  /* "licet/holder/v1": .., holder code */
void tag_name(uint8_t tag16[TAG_LEN], const struct lookup *lookup, const uint8_t licence_key32[32], struct bytes name); /* "licet/name/v1": .., licence key, name */

/* The two spellings under which a number or a name may stand on the ledger: folded (text.h), or as it was typed, of before they were
 * folded. Who looks up tries both. forms[0] is the folded one; returns 1 where both are the same. */
size_t tag_number_forms(uint8_t forms[2][TAG_LEN], const struct lookup *lookup, struct bytes number);
/* Does name make this tag? Both forms are always made, so that right and wrong take the same time. */
bool tag_name_agrees(const uint8_t tag16[TAG_LEN], const struct lookup *lookup, const uint8_t licence_key32[32], struct bytes name);

/* Document key: hash_tagged("licet/document/v1", genesis, alg name, digest). alg name "sha-256" or "sm3". */
enum digest_alg { DIGEST_SHA256 = 1, DIGEST_SM3 = 2 };
MUST_USE bool digest_alg_from_name(enum digest_alg *out, struct bytes name);
void document_key(uint8_t key32[32], const uint8_t genesis[32], enum digest_alg alg, const uint8_t digest32[32]);

/* Elements. One leaf per element in ascending order of code, RFC 9162 tree over the disclosures:
 *   disclosure = CBOR [salt (16 bytes), value (text), code (text)]     salt = hmac_tagged(seed, "licet/salt/v1", code) cut to 16
 * The identifier is the element ZZBS, present in every licence: opening it ties a proof to an identifier. */
#define ELEMENT_IDENTIFIER "ZZBS"
#define SALT_SEED_LEN 32
#define DISCLOSURE_MAX (FIELD_VALUE_MAX + ELEMENT_CODE_MAX + 32)
struct field {
    struct bytes code, value;
};
size_t disclosure_encode(uint8_t out[DISCLOSURE_MAX], const uint8_t seed[SALT_SEED_LEN], const struct field *field);
struct refusal disclosure_decode(struct field *out, struct bytes disclosure);
/* fields: strictly ascending by code, 1..ELEMENTS_MAX. */
MUST_USE bool fields_root(uint8_t root32[32], const uint8_t seed[SALT_SEED_LEN], const struct field *fields, size_t count);
/* Opening of one element: CBOR [size, index, disclosure bstr, path bstr (32 bytes each)]. */
#define OPENING_MAX (DISCLOSURE_MAX + 7 * 32 + 32)
MUST_USE bool opening_make(uint8_t out[OPENING_MAX], size_t *len, const uint8_t seed[SALT_SEED_LEN], const struct field *fields, size_t count, size_t index);
/* Checks the opening against the root and gives the field (views into opening). */
struct refusal opening_check(struct field *out, struct bytes opening, const uint8_t root32[32]);
#endif
