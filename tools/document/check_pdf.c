#include <errno.h>
#include <fcntl.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <time.h>

#include "crypto/seal/check_cert.h"
#include "crypto/seal/timestamp.h"
#include "tools/document/pdf_find.h"
#include "tools/document/pdf_revision.h"
#include "tools/document/pdf_table.h"
#include "tools/document/pdf_update.h"
#include "tools/document/report.h"

#define CHUNK 65536u
#define CERTS_MAX 32
#define SETTLED_MAX 16u /* signatures with something behind them: for each of them the rest of the file is read again */

static const struct bytes NOTHING = {NULL, 0};

/* Every signed byte, in order, to one place after the other. */
typedef bool (*take_fn)(void *context, const void *data, size_t len);
static bool signed_bytes(const struct file_view *file, const struct pdf_signature *found, take_fn take, void *context) {
    const uint64_t parts[2][2] = {{0, found->first_len}, {found->second_at, found->second_len}};
    uint8_t *chunk = malloc(CHUNK);
    bool good = chunk != NULL;
    for (int part = 0; part < 2; part++) {
        for (uint64_t at = 0; good && at < parts[part][1];) {
            uint64_t left = parts[part][1] - at;
            size_t len = left < CHUNK ? (size_t)left : CHUNK;
            good = file_view_read(file, parts[part][0] + at, chunk, len) && take(context, chunk, len);
            at += len;
        }
    }
    free(chunk);
    return good;
}
static bool take_hash(void *context, const void *data, size_t len) {
    hash_stream_add(context, data, len);
    return true;
}
struct room { uint8_t *data; size_t len; };
static bool take_copy(void *context, const void *data, size_t len) {
    struct room *room = context;
    memcpy(room->data + room->len, data, len);
    room->len += len;
    return true;
}
static bool take_bio(void *context, const void *data, size_t len) { return BIO_write(context, data, (int)len) == (int)len; }

static bool digest_signed(struct report_signature *out, const struct file_view *file, const struct pdf_signature *found) {
    uint8_t *const places[2] = {out->sha256, out->sm3};
    const enum hash_alg algs[2] = {HASH_SHA256, HASH_SM3};
    for (int i = 0; i < 2; i++) {
        struct hash_stream stream;
        if (!hash_stream_start(&stream, algs[i])) return false;
        if (!signed_bytes(file, found, take_hash, &stream)) {
            hash_stream_drop(&stream);
            return false;
        }
        hash_stream_final(&stream, places[i]);
    }
    return out->has_digest = true;
}

/* ---- CMS by OpenSSL ---- */

struct cms_parts {
    CMS_ContentInfo *cms;
    CMS_SignerInfo *info;   /* belongs to cms */
    STACK_OF(X509) *certs;
    X509 *signer;           /* belongs to certs */
    struct cert *cert;
    struct bytes der[CERTS_MAX]; /* of certs, to be freed */
    size_t der_count;
};

static void cms_free(struct cms_parts *parts) {
    for (size_t i = 0; i < parts->der_count; i++) OPENSSL_free((void *)(uintptr_t)parts->der[i].data);
    cert_free(parts->cert);
    sk_X509_pop_free(parts->certs, X509_free);
    CMS_ContentInfo_free(parts->cms);
}

/* The value in front of the zeros that fill up its room; empty where anything else follows it. */
static struct bytes check_pdf_value_in(struct bytes room) {
    const unsigned char *p = room.data;
    CMS_ContentInfo *any = d2i_CMS_ContentInfo(NULL, &p, (long)room.len); /* BER too, as old makers write */
    size_t len = any ? (size_t)(p - room.data) : 0;
    CMS_ContentInfo_free(any);
    for (size_t i = len; i < room.len; i++)
        if (room.data[i] != 0) return NOTHING;
    return bytes_of(room.data, len);
}

/* One signer, and its certificate carried. False with the reason. */
static bool cms_read(struct cms_parts *parts, struct bytes der, enum step_reason *reason) {
    const unsigned char *p = der.data;
    *parts = (struct cms_parts){.cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.len)};
    *reason = REASON_FORMAT;
    if (!parts->cms || OBJ_obj2nid(CMS_get0_type(parts->cms)) != NID_pkcs7_signed) return false;
    STACK_OF(CMS_SignerInfo) *infos = CMS_get0_SignerInfos(parts->cms);
    if (sk_CMS_SignerInfo_num(infos) != 1 || !CMS_is_detached(parts->cms)) return false;
    parts->info = sk_CMS_SignerInfo_value(infos, 0);
    parts->certs = CMS_get1_certs(parts->cms);
    *reason = REASON_CERTIFICATE;
    for (int i = 0; i < sk_X509_num(parts->certs) && i < CERTS_MAX; i++) {
        X509 *one = sk_X509_value(parts->certs, i);
        unsigned char *data = NULL;
        int len = i2d_X509(one, &data);
        if (len <= 0) return false;
        parts->der[parts->der_count++] = bytes_of(data, (size_t)len);
        if (parts->signer || CMS_SignerInfo_cert_cmp(parts->info, one) != 0) continue;
        parts->signer = one;
        parts->cert = cert_read(bytes_of(data, (size_t)len));
    }
    if (!parts->cert) return false;
    CMS_SignerInfo_set1_signer_cert(parts->info, parts->signer);
    *reason = REASON_NONE;
    return true;
}

/* SHA-1 and MD5 are forged, and RSA under 2048 bits is within reach. */
static bool cms_is_strong(const struct cms_parts *parts) {
    EVP_PKEY *key = NULL;
    X509_ALGOR *digest = NULL;
    CMS_SignerInfo_get0_algs(parts->info, &key, NULL, &digest, NULL);
    const ASN1_OBJECT *name = NULL;
    X509_ALGOR_get0(&name, NULL, NULL, digest);
    int nid = OBJ_obj2nid(name);
    if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512) return false;
    return key && (!EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_get_bits(key) >= 2048);
}

static int64_t cms_claimed_ms(const struct cms_parts *parts) {
    struct tm tm;
    int at = CMS_signed_get_attr_by_NID(parts->info, NID_pkcs9_signingTime, -1);
    X509_ATTRIBUTE *attribute = at >= 0 ? CMS_signed_get_attr(parts->info, at) : NULL;
    ASN1_TYPE *value = attribute && X509_ATTRIBUTE_count(attribute) == 1 ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;
    if (!value || (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME) || ASN1_TIME_to_tm(value->value.asn1_string, &tm) != 1) return TIME_UNKNOWN;
    return (int64_t)timegm(&tm) * 1000;
}

static struct timestamp cms_timestamp(const struct cms_parts *parts, bool *there, const struct check_options *options) {
    struct timestamp stamp = {.reason = REASON_NO_TIMESTAMP, .detail = "", .time_ms = TIME_UNKNOWN};
    int at = CMS_unsigned_get_attr_by_NID(parts->info, NID_id_smime_aa_timeStampToken, -1);
    X509_ATTRIBUTE *attribute = at >= 0 ? CMS_unsigned_get_attr(parts->info, at) : NULL;
    ASN1_TYPE *value = attribute && X509_ATTRIBUTE_count(attribute) == 1 ? X509_ATTRIBUTE_get0_type(attribute, 0) : NULL;
    const ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature(parts->info);
    *there = value && value->type == V_ASN1_SEQUENCE;
    if (*there)
        timestamp_check(&stamp, bytes_of(value->value.sequence->data, (size_t)value->value.sequence->length),
                        bytes_of(ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature)), NOTHING, options->trust, options->now_ms);
    return stamp;
}

static struct use check_pdf_use_of(int64_t claimed_ms, int64_t stamp_ms, const struct check_options *options) {
    struct use use = {.at_ms = stamp_ms != TIME_UNKNOWN ? stamp_ms : claimed_ms, .proven_ms = time_earlier(stamp_ms, options->known_ms)};
    if (use.at_ms == TIME_UNKNOWN) return use;
    use.in_future = use.at_ms - CLOCK_SLACK_MS > options->now_ms ||
                    (stamp_ms == TIME_UNKNOWN && options->known_ms != TIME_UNKNOWN && use.at_ms - CLOCK_SLACK_MS > options->known_ms);
    return use;
}

/* Without signed attributes the signature is over the file's digest itself: both are right together. */
static void value_steps(struct report_signature *out, bool *hash_right, const struct cms_parts *parts, const struct file_view *file,
                        const struct pdf_signature *found) {
    BIO *sink = BIO_new(BIO_s_null()), *chain = sink ? CMS_dataInit(parts->cms, sink) : NULL;
    bool attributes = CMS_signed_get_attr_count(parts->info) >= 0;
    *hash_right = chain && signed_bytes(file, found, take_bio, chain) && CMS_SignerInfo_verify_content(parts->info, chain) == 1;
    bool right = attributes ? CMS_SignerInfo_verify(parts->info) == 1 : *hash_right;
    if (right) step_pass(&out->steps, STEP_SIGNATURE_VALUE);
    else step_fail(&out->steps, STEP_SIGNATURE_VALUE, REASON_SIGNATURE_WRONG);
    if (chain) BIO_free_all(chain);
    else BIO_free(sink);
}

static void check_cms(struct report_signature *out, const struct cms_parts *parts, const struct file_view *file, const struct pdf_signature *found,
                      const struct check_options *options) {
    bool stamped, hash_right = false, strong = cms_is_strong(parts);
    struct timestamp stamp = cms_timestamp(parts, &stamped, options);
    cert_facts(&out->signer, parts->cert);
    out->has_signer = true;
    out->signed_ms = cms_claimed_ms(parts);
    out->timestamp_ms = stamp.reason == REASON_NONE ? stamp.time_ms : TIME_UNKNOWN;
    const struct use use = check_pdf_use_of(out->signed_ms, out->timestamp_ms, options);
    out->steps.encoding |= stamp.encoding;
    step_pass(&out->steps, STEP_SIGNATURE_FORMAT);
    if (strong) value_steps(out, &hash_right, parts, file, found);
    else step_skip(&out->steps, STEP_SIGNATURE_VALUE, REASON_ALGORITHM);
    role_check(&out->steps, &ROLE_SIGNER, parts->cert, &out->signer, parts->der, parts->der_count, &use, options);
    if (!stamped) step_skip(&out->steps, STEP_TIMESTAMP, REASON_NO_TIMESTAMP);
    else if (stamp.reason == REASON_NONE) step_pass(&out->steps, STEP_TIMESTAMP);
    else step_add(&out->steps, STEP_TIMESTAMP, timestamp_result(stamp.reason), stamp.reason, bytes_text(stamp.detail));
    if (!strong) step_skip(&out->steps, STEP_DATA_HASH, REASON_ALGORITHM);
    else if (hash_right) step_pass(&out->steps, STEP_DATA_HASH);
    else step_fail(&out->steps, STEP_DATA_HASH, REASON_HASH_DIFFERS);
}

/* ---- one signature ---- */

/* GB/T 35275, and SM2 in CMS: OpenSSL knows neither its content types nor its id. */
static void check_sm2(struct report_signature *out, struct bytes value, const struct check_options *options) {
    struct value_input input = {.value = value, .data_given = true};
    struct checked_value *checked = calloc(1, sizeof *checked);
    memcpy(input.sm3, out->sm3, sizeof input.sm3);
    memcpy(input.sha256, out->sha256, sizeof input.sha256);
    if (!checked) {
        step_fail(&out->steps, STEP_SIGNATURE_FORMAT, REASON_FORMAT);
        return;
    }
    value_check(&out->steps, checked, &input, options);
    signature_take_value(out, checked);
    free(checked);
}

static void check_contents(struct report_signature *out, const struct file_view *file, const struct pdf_signature *found, const struct check_options *options) {
    struct cms_parts parts;
    enum step_reason reason;
    struct bytes value = check_pdf_value_in(bytes_of(found->contents, found->contents_len));
    bool read = cms_read(&parts, value, &reason);
    if (read && !EVP_PKEY_is_a(X509_get0_pubkey(parts.signer), "SM2")) {
        check_cms(out, &parts, file, found, options);
    } else if (read || !parts.cms || OBJ_obj2nid(CMS_get0_type(parts.cms)) != NID_pkcs7_signed) {
        check_sm2(out, value, options);
    } else {
        step_fail(&out->steps, STEP_SIGNATURE_FORMAT, reason);
        step_skip(&out->steps, STEP_SIGNATURE_VALUE, REASON_EARLIER_FAILED);
    }
    cms_free(&parts);
    ERR_clear_error();
}

/* A document timestamp (ISO 32000-2 12.8.5): a token over all that a signature would cover. */
static void check_timestamp(struct report_signature *out, const struct file_view *file, const struct pdf_signature *found, const struct check_options *options) {
    struct timestamp stamp = {.reason = REASON_FORMAT, .detail = "", .time_ms = TIME_UNKNOWN};
    const uint64_t len = found->first_len + found->second_len;
    struct room room = {.data = len <= PDF_UPDATE_FILE_MAX ? malloc((size_t)len + 1) : NULL};
    const struct bytes token = check_pdf_value_in(bytes_of(found->contents, found->contents_len));
    out->timestamp_alone = true;
    (void)snprintf(out->kind, sizeof out->kind, "timestamp");
    if (room.data && token.len > 0 && signed_bytes(file, found, take_copy, &room))
        timestamp_check(&stamp, token, bytes_of(room.data, room.len), NOTHING, options->trust, options->now_ms);
    free(room.data);
    const bool right = stamp.reason == REASON_NONE || stamp.reason == REASON_NO_ANCHOR;
    const enum step_result result = timestamp_result(stamp.reason);
    out->steps.encoding |= stamp.encoding;
    out->timestamp_ms = stamp.reason == REASON_NONE ? stamp.time_ms : TIME_UNKNOWN;
    step_add(&out->steps, STEP_SIGNATURE_VALUE, right ? STEP_PASSED : result, right ? REASON_NONE : stamp.reason, NOTHING);
    step_add(&out->steps, STEP_TIMESTAMP, result, stamp.reason, bytes_text(stamp.detail));
}

static void check_pdf_check_signature(struct report_signature *out, size_t number, const struct file_view *file, const struct pdf_signature *found,
                            const struct check_options *options) {
    (void)snprintf(out->id, sizeof out->id, "%zu", number);
    (void)snprintf(out->kind, sizeof out->kind, "cms");
    out->signed_ms = out->timestamp_ms = TIME_UNKNOWN;
    if (!found->read) {
        step_add(&out->steps, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT, bytes_text("ByteRange"));
        return;
    }
    if (found->covers) step_pass(&out->steps, STEP_COVERAGE);
    else step_fail(&out->steps, STEP_COVERAGE, REASON_FILE_UNSIGNED);
    bool known = strcmp(found->sub_filter, "adbe.pkcs7.detached") == 0 || strcmp(found->sub_filter, "ETSI.CAdES.detached") == 0;
    if (strcmp(found->sub_filter, "ETSI.RFC3161") == 0) {
        check_timestamp(out, file, found, options);
    } else if (!known) {
        step_add(&out->steps, STEP_SIGNATURE_FORMAT, STEP_NOT_CHECKED, REASON_ALGORITHM, bytes_text(found->sub_filter));
        step_skip(&out->steps, STEP_SIGNATURE_VALUE, REASON_ALGORITHM);
    } else if (!digest_signed(out, file, found)) {
        step_fail(&out->steps, STEP_SIGNATURE_FORMAT, REASON_FORMAT);
    } else {
        check_contents(out, file, found, options);
    }
}

/* ---- what was added later ---- */

static uint64_t end_of(const struct pdf_signature *found) { return found->second_at + found->second_len; }

/* The one signature that stands there. */
static size_t signature_at(const struct pdf_signatures *all, const struct pdf_added *place) {
    size_t which = SIZE_MAX;
    for (size_t i = 0; i < all->count; i++) {
        if (!all->found[i].read || all->found[i].key_at < place->at || all->found[i].key_at >= place->end) continue;
        if (which != SIZE_MAX) return SIZE_MAX;
        which = i;
    }
    return which;
}

static void check_pdf_append(char *out, size_t cap, const char *text) {
    const size_t len = strlen(out);
    (void)snprintf(out + len, cap - len, "%s%s", len ? ", " : "", text);
}

/* Does what was added count as harmless for this one? Names it. */
static bool added_harmless(struct report *out, size_t which, const struct pdf_signatures *all, const struct pdf_update *update) {
    struct report_signature *earlier = &out->signatures[which];
    for (size_t i = 0; i < update->added_count; i++) {
        const size_t at = signature_at(all, &update->added[i]);
        if (at == SIZE_MAX || at == which) return false;
        const struct report_signature *later = &out->signatures[at];
        if (update->added[i].visible && !signature_answers(later, earlier)) return false;
        if (update->added[i].visible) (void)snprintf(earlier->covered_by, sizeof earlier->covered_by, "%s", later->id);
        check_pdf_append(earlier->added, sizeof earlier->added, later->id);
    }
    if (update->validation) check_pdf_append(earlier->added, sizeof earlier->added, "/DSS");
    earlier->partial = earlier->covered_by[0] != '\0';
    return true;
}

/* "12 0 obj: /Filter", in PDF's own words, which are the same in every language. */
static void leave_unread(struct step_list *steps, const struct pdf_unread *unread) {
    char text[64];
    const char *what = unread->what ? unread->what : "";
    step_settle(steps, STEP_COVERAGE, STEP_FAILED, REASON_UPDATE_UNREAD);
    if (unread->object) (void)snprintf(text, sizeof text, "%u 0 obj: %s", unread->object, what);
    else if (unread->at) (void)snprintf(text, sizeof text, "@%llu: %s", (unsigned long long)unread->at, what);
    else (void)snprintf(text, sizeof text, "%s", what);
    step_explain(steps, STEP_COVERAGE, text);
}

static bool settle_one(struct report *out, size_t which, const struct pdf_signatures *all, struct bytes file) {
    struct step_list *steps = &out->signatures[which].steps;
    struct pdf_update update;
    uint64_t start;
    char object[32];
    const uint64_t end = end_of(&all->found[which]);
    if (!pdf_revision_ends(bytes_of(file.data, (size_t)end), &start)) return true; /* it leaves out what belonged to its own revision */
    if (!pdf_update_read(&update, file, end)) return false;
    if (update.verdict == PDF_UNREAD) {
        leave_unread(steps, &update.unread);
    } else if (update.verdict == PDF_HARMLESS && added_harmless(out, which, all, &update)) {
        step_settle(steps, STEP_COVERAGE, STEP_PASSED, REASON_ADDED_LATER);
        step_explain(steps, STEP_COVERAGE, out->signatures[which].added);
    } else {
        out->signatures[which].added[0] = out->signatures[which].covered_by[0] = '\0';
        step_settle(steps, STEP_COVERAGE, STEP_FAILED, REASON_CHANGED_LATER);
        (void)snprintf(object, sizeof object, "%u 0 obj", update.object);
        if (update.object) step_explain(steps, STEP_COVERAGE, object);
    }
    return true;
}

/* The last ones first, since what they answer for depends on what came after them. */
static bool check_pdf_settle_coverage(struct report *out, const struct pdf_signatures *all, const struct file_view *view) {
    bool done[PDF_SIGNATURES_MAX] = {false}, good = true;
    uint8_t *data = NULL;
    struct bytes file = view->bytes;
    for (size_t looked = 0;; looked++) {
        size_t last = SIZE_MAX;
        for (size_t i = 0; i < all->count; i++)
            if (!done[i] && all->found[i].read && !all->found[i].covers && (last == SIZE_MAX || end_of(&all->found[i]) > end_of(&all->found[last]))) last = i;
        if (last == SIZE_MAX || !good) break;
        done[last] = true;
        if (view->size > PDF_UPDATE_FILE_MAX || looked >= SETTLED_MAX) {
            leave_unread(&out->signatures[last].steps, &(struct pdf_unread){"size", 0, 0});
            continue;
        }
        if (view->fd >= 0 && !data) {
            data = malloc((size_t)view->size);
            good = data && file_view_read(view, 0, data, (size_t)view->size);
            file = bytes_of(data, (size_t)view->size);
        }
        good = good && settle_one(out, last, all, file);
    }
    free(data);
    return good;
}

static bool check_view(struct report *out, const struct file_view *file, const struct check_options *options) {
    struct pdf_signatures *all = calloc(1, sizeof *all);
    bool good = all && pdf_find(all, file);
    if (good) {
        out->signatures = calloc(all->count + 1, sizeof *out->signatures);
        good = out->signatures != NULL;
    }
    if (good && all->too_many) step_fail(&out->steps, STEP_PACKAGE, REASON_FORMAT);
    else if (good) step_pass(&out->steps, STEP_PACKAGE);
    if (good && all->count == 0) step_skip(&out->steps, STEP_SIGNATURE_FORMAT, REASON_NOT_SIGNED);
    for (size_t i = 0; good && i < all->count; i++) check_pdf_check_signature(&out->signatures[out->signature_count++], i + 1, file, &all->found[i], options);
    if (good) good = check_pdf_settle_coverage(out, all, file);
    if (all) pdf_signatures_free(all);
    free(all);
    return good;
}

bool check_pdf_bytes(struct report *out, struct bytes file, const struct check_options *options) {
    const struct file_view view = {.fd = -1, .bytes = file, .size = file.len};
    *out = (struct report){.format = FORMAT_PDF, .size = file.len};
    sha256(out->sha256, file.data, file.len);
    sm3(out->sm3, file.data, file.len);
    bool good = check_view(out, &view, options);
    if (!good) report_free(out);
    return good;
}

bool check_pdf(struct report *out, const char *path, const struct check_options *options) {
    struct stat before;
    int fd = document_open(out, path, &before);
    if (fd < 0) return false;
    out->format = FORMAT_PDF;
    const struct file_view view = {.fd = fd, .size = out->size};
    bool good = check_view(out, &view, options);
    if (!good) report_free(out);
    return document_close(fd, &before, good ? out : NULL);
}
