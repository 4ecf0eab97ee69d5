/* Authority: a whole test authority in memory: root and subordinate CA, a maker of seals, the holder of one seal, their certificates, revocation lists,
 * and the seal, all made at random. What it makes says that it is a test: the maker of the seal's software (Vid) is LICET-TEST, the seal's name ends in
 * 测试章, its picture reads TEST, and every CA is named as one for tests. Layer: tools/authority. */
#ifndef LICET_TOOLS_AUTHORITY_AUTHORITY_H
#define LICET_TOOLS_AUTHORITY_AUTHORITY_H
#include "crypto/seal/ses.h"
#include "tools/authority/ca.h"

#define TEST_VENDOR "LICET-TEST"
#define TEST_SEAL_MM 40u
#define AUTHORITY_NOTE_MAX 220u /* bytes of the note on a copy: in the name of its seal, which others cut at 255 */
#define AUTHORITY_SEAL_MAX 65536u
/* A seal made now may be judged for years: the lists of a test authority hold as long as the certificates. */
#define AUTHORITY_LIST_MS (INT64_C(10) * 365 * 86400000)

enum authority_role { ROLE_ROOT, ROLE_SUB, ROLE_MAKER, ROLE_HOLDER, ROLE_COUNT };
struct authority {
    struct signer *key[ROLE_COUNT];
    struct seal_signer signer[ROLE_COUNT];
    uint8_t cert[ROLE_COUNT][CA_DER_MAX];
    size_t cert_len[ROLE_COUNT];
    uint8_t root_crl[CA_DER_MAX], sub_crl[CA_DER_MAX];
    size_t root_crl_len, sub_crl_len;
    uint8_t seal[AUTHORITY_SEAL_MAX];
    size_t seal_len;
};
struct authority_spec {
    const char *owner; /* unified social credit code; with the name it is the subject's O, together at most 64 characters */
    const char *name;  /* of the organisation */
    const char *es_id; /* 14 digits: region, and number of the seal: the subject's CN */
    int64_t now_ms;    /* certificates and seal hold from a day before it on */
};
/* False: a name is too long, or the crypto library failed; *out is then empty. */
MUST_USE bool authority_make(struct authority *out, const struct authority_spec *spec);
void authority_free(struct authority *authority);
struct bytes authority_cert(const struct authority *authority, enum authority_role role);

/* A seal of this name and id with one signer's certificate in its list, signed by a maker. Returns the length, 0 where it did not go. */
struct test_seal {
    const char *id, *name, *picture_type;
    struct bytes picture;
    uint32_t width_mm, height_mm;
    int64_t from_ms, to_ms;
};
size_t test_seal_make(uint8_t *out, size_t cap, const struct test_seal *what, struct bytes holder_cert, struct bytes maker_cert, const struct seal_signer *maker);

/* The seal of a stamped copy (加注件): its picture is an OFD that reads the note, its name holds the note too, its id is a random one of the region. So what
 * the copy may be used for is signed twice, by the seal's maker and with the document, and nothing that the first seal covers has to change. */
#define NOTE_SEAL_WIDTH_MM 120u
size_t note_seal_make(uint8_t *out, size_t cap, const char *note, struct bytes like_seal, struct bytes holder_cert, struct bytes maker_cert,
                      const struct seal_signer *maker, int64_t now_ms);
#endif
