#include "tools/authority/authority.h"

#include "tools/authority/ofd_page.h"
#include "tools/authority/png.h"
#include "tools/authority/seal_make.h"

#define DAY_MS INT64_C(86400000)
#define YEAR_MS (INT64_C(365) * DAY_MS)
#define SEAL_TYPE_SPECIAL 4u /* 专用章, as production systems number it */

static const struct { enum ca_kind kind; const char *cn; enum authority_role issuer; int years; } roles[ROLE_COUNT] = {
    [ROLE_ROOT] = {CA_ROOT, "Licet 测试根 CA", ROLE_ROOT, 20},
    [ROLE_SUB] = {CA_SUB, "Licet 测试签发 CA", ROLE_ROOT, 15},
    [ROLE_MAKER] = {CA_SIGNER, "Licet 测试制章者", ROLE_SUB, 10},
    [ROLE_HOLDER] = {CA_SIGNER, NULL, ROLE_SUB, 10},
};

struct bytes authority_cert(const struct authority *authority, enum authority_role role) { return bytes_of(authority->cert[role], authority->cert_len[role]); }

static bool make_certificate(struct authority *out, const struct authority_spec *spec, enum authority_role role) {
    char organisation[512] = "Licet 测试机构";
    if (role == ROLE_HOLDER) (void)snprintf(organisation, sizeof organisation, "%s%s", spec->owner, spec->name);
    out->key[role] = signer_generate(KEY_SM2);
    if (!out->key[role]) return false;
    out->signer[role] = seal_signer_key(out->key[role]);
    enum authority_role issuer = roles[role].issuer;
    struct ca_request request = {.kind = roles[role].kind, .cn = role == ROLE_HOLDER ? spec->es_id : roles[role].cn, .o = organisation,
                                 .from_ms = spec->now_ms - DAY_MS, .to_ms = spec->now_ms + roles[role].years * YEAR_MS};
    signer_pubkey(out->key[role], &request.key);
    struct bytes issuer_cert = role == ROLE_ROOT ? bytes_of(NULL, 0) : authority_cert(out, issuer);
    out->cert_len[role] = ca_certificate(out->cert[role], CA_DER_MAX, &request, issuer_cert, &out->signer[issuer]);
    return out->cert_len[role] > 0;
}

static bool make_lists(struct authority *out, const struct authority_spec *spec) {
    int64_t from_ms = spec->now_ms - DAY_MS, to_ms = spec->now_ms + AUTHORITY_LIST_MS;
    out->root_crl_len = ca_revocation_list(out->root_crl, CA_DER_MAX, authority_cert(out, ROLE_ROOT), &out->signer[ROLE_ROOT], 1, from_ms, to_ms, NULL, 0);
    out->sub_crl_len = ca_revocation_list(out->sub_crl, CA_DER_MAX, authority_cert(out, ROLE_SUB), &out->signer[ROLE_SUB], 1, from_ms, to_ms, NULL, 0);
    return out->root_crl_len > 0 && out->sub_crl_len > 0;
}

static bool make_seal(struct authority *out, const struct authority_spec *spec) {
    uint8_t picture[PNG_SEAL_MAX];
    size_t picture_len = png_test_seal(picture);
    char name[512];
    (void)snprintf(name, sizeof name, "%s电子证照测试章", spec->name);
    const struct test_seal what = {.id = spec->es_id, .name = name, .picture_type = "png", .picture = bytes_of(picture, picture_len), .width_mm = TEST_SEAL_MM,
                                   .height_mm = TEST_SEAL_MM, .from_ms = spec->now_ms - DAY_MS, .to_ms = spec->now_ms + 5 * YEAR_MS};
    out->seal_len = test_seal_make(out->seal, sizeof out->seal, &what, authority_cert(out, ROLE_HOLDER), authority_cert(out, ROLE_MAKER), &out->signer[ROLE_MAKER]);
    return out->seal_len > 0;
}

bool authority_make(struct authority *out, const struct authority_spec *spec) {
    memset(out, 0, sizeof *out);
    bool ok = true;
    for (enum authority_role role = ROLE_ROOT; ok && role < ROLE_COUNT; role++) ok = make_certificate(out, spec, role);
    ok = ok && make_lists(out, spec) && make_seal(out, spec);
    if (!ok) authority_free(out);
    return ok;
}

void authority_free(struct authority *authority) {
    for (size_t i = 0; i < ROLE_COUNT; i++) signer_free(authority->key[i]);
    memset(authority, 0, sizeof *authority);
}

size_t test_seal_make(uint8_t *out, size_t cap, const struct test_seal *what, struct bytes holder_cert, struct bytes maker_cert, const struct seal_signer *maker) {
    struct ses_seal info = {.version = SES_V4, .header_version = 4, .vendor = bytes_text(TEST_VENDOR), .id = bytes_text(what->id), .type = SEAL_TYPE_SPECIAL,
                            .name = bytes_text(what->name), .list_kind = SES_CERTS, .list_count = 1, .created_ms = what->from_ms, .from_ms = what->from_ms,
                            .to_ms = what->to_ms, .picture_type = bytes_text(what->picture_type), .picture = what->picture, .width_mm = what->width_mm,
                            .height_mm = what->height_mm};
    info.list[0] = holder_cert;
    return seal_make(out, cap, &info, maker_cert, maker);
}

/* The note as a small OFD: the only kind of picture that holds text without a font of ours. */
static uint8_t *note_picture(const char *note, int64_t now_ms, uint32_t *height_mm, size_t *len) {
    struct ofd_text text = {.width_mm = NOTE_SEAL_WIDTH_MM, .margin_mm = 2, .text_mm = 4, .lines = &note, .line_count = 1, .colour = "214 0 0", .time_ms = now_ms};
    if (!ofd_text_fits(note)) return NULL;
    *height_mm = text.height_mm = 2 + 8 * (uint32_t)ofd_text_rows(&text, note);
    struct bundle bundle;
    if (!ofd_page_make(&bundle, &text)) return NULL;
    uint8_t *picture = bundle_write(&bundle, now_ms, len);
    bundle_free(&bundle);
    return picture;
}

static void random_id(char out[15], struct bytes like_id) {
    uint8_t random[8];
    random_bytes(random, sizeof random);
    for (size_t i = 0; i < 14; i++) {
        bool region = i < 6;
        uint8_t digit = region && i < like_id.len ? like_id.data[i] : (uint8_t)('0' + (region ? 0 : random[i - 6] % 10));
        out[i] = (char)digit;
    }
    out[14] = '\0';
}

size_t note_seal_make(uint8_t *out, size_t cap, const char *note, struct bytes like_seal, struct bytes holder_cert, struct bytes maker_cert,
                      const struct seal_signer *maker, int64_t now_ms) {
    struct ses_seal *like = malloc(sizeof *like);
    const char *where;
    char name[AUTHORITY_NOTE_MAX + 64], id[15];
    size_t picture_len = 0, written = 0;
    if (like && strlen(note) <= AUTHORITY_NOTE_MAX && ses_seal_decode(like, like_seal, &where)) {
        uint32_t height_mm = 0;
        uint8_t *picture = note_picture(note, now_ms, &height_mm, &picture_len);
        (void)snprintf(name, sizeof name, "%s（加注测试章）", note);
        random_id(id, like->id);
        const struct test_seal what = {.id = id, .name = name, .picture_type = "ofd", .picture = bytes_of(picture, picture_len), .width_mm = NOTE_SEAL_WIDTH_MM,
                                       .height_mm = height_mm, .from_ms = now_ms, .to_ms = like->to_ms};
        if (picture) written = test_seal_make(out, cap, &what, holder_cert, maker_cert, maker);
        free(picture);
    }
    free(like);
    return written;
}
