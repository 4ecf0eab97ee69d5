#include "crypto/seal/crl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/seal/der.h"
#include "crypto/seal/x509.h"

struct crl {
    X509_CRL *x509;
    int64_t from_ms, to_ms; /* to_ms: from_ms where the list names no next one */
    bool usable;            /* its absences say something: no delta, not indirect, not of some reasons only, no critical extension we do not know */
    ISSUING_DIST_POINT *point; /* NULL: for everything that its issuer issues */
    struct bytes to_sign;   /* in der */
    uint8_t der[];
};

static void crl_free(struct crl *crl) {
    if (!crl) return;
    X509_CRL_free(crl->x509);
    ISSUING_DIST_POINT_free(crl->point);
    free(crl);
}

void crl_list_free(struct crl_list *list) {
    for (size_t i = 0; i < list->count; i++) crl_free(list->items[i]);
    free(list->items);
    *list = (struct crl_list){0};
}

static bool extensions_known(const X509_CRL *x509) {
    for (int i = 0; i < X509_CRL_get_ext_count(x509); i++) {
        X509_EXTENSION *extension = X509_CRL_get_ext(x509, i);
        int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
        if (nid == NID_delta_crl || (X509_EXTENSION_get_critical(extension) && nid != NID_issuing_distribution_point)) return false;
    }
    return true;
}

/* The part of the list that its issuer signs, as it was encoded. */
static bool signed_part(struct bytes *out, struct bytes der) {
    struct der outer = der_over(der), list;
    return der_enter(&outer, DER_SEQUENCE, &list, NULL) && der_done(&outer) && der_take(&list, DER_SEQUENCE, &(struct bytes){NULL, 0}, out);
}

static struct crl *crl_read(struct bytes der) {
    struct crl *crl = calloc(1, sizeof *crl + der.len);
    if (!crl) return NULL;
    memcpy(crl->der, der.data, der.len);
    const uint8_t *p = crl->der;
    crl->x509 = d2i_X509_CRL(NULL, &p, (long)der.len);
    bool ok = crl->x509 && p == crl->der + der.len && signed_part(&crl->to_sign, bytes_of(crl->der, der.len));
    if (ok) {
        const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl->x509);
        crl->from_ms = x509_time_ms(X509_CRL_get0_lastUpdate(crl->x509));
        crl->to_ms = next ? x509_time_ms(next) : crl->from_ms;
        ok = crl->from_ms != TIME_UNKNOWN && crl->to_ms != TIME_UNKNOWN;
    }
    if (!ok) {
        crl_free(crl);
        return NULL;
    }
    int critical = 0;
    crl->point = X509_CRL_get_ext_d2i(crl->x509, NID_issuing_distribution_point, &critical, NULL);
    crl->usable = extensions_known(crl->x509) && (crl->point || critical == -1); /* -1: there is none */
    if (crl->point && (crl->point->indirectCRL > 0 || crl->point->onlyattr > 0 || crl->point->onlysomereasons)) crl->usable = false;
    return crl;
}

bool crl_add(struct crl_list *list, struct bytes der) {
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 16;
        struct crl **larger = realloc(list->items, cap * sizeof *larger);
        if (!larger) return false;
        list->items = larger;
        list->cap = cap;
    }
    ERR_set_mark();
    struct crl *crl = crl_read(der);
    ERR_pop_to_mark();
    if (crl) list->items[list->count++] = crl;
    return crl != NULL;
}

/* --- one certificate --- */

static bool crl_signed_by(const struct crl *crl, X509 *issuer) {
    const ASN1_BIT_STRING *signature;
    const X509_ALGOR *alg;
    const ASN1_OBJECT *oid;
    if (X509_NAME_cmp(X509_CRL_get_issuer(crl->x509), X509_get_subject_name(issuer)) != 0) return false;
    if (!(X509_get_key_usage(issuer) & KU_CRL_SIGN)) return false; /* all are set where there is no such extension */
    X509_CRL_get0_signature(crl->x509, &signature, &alg);
    X509_ALGOR_get0(&oid, NULL, NULL, alg);
    struct bytes value = bytes_of(ASN1_STRING_get0_data(signature), (size_t)ASN1_STRING_length(signature));
    return x509_signature(issuer, bytes_of(OBJ_get0_data(oid), OBJ_length(oid)), &crl->to_sign, 1, value, NULL) == SIG_VALID;
}

bool crl_is_of(const struct crl_list *list, size_t at, X509 *issuer) {
    ERR_set_mark();
    const bool is = crl_signed_by(list->items[at], issuer);
    ERR_pop_to_mark();
    return is;
}

static bool names_meet(const GENERAL_NAMES *a, const GENERAL_NAMES *b) {
    for (int i = 0; i < sk_GENERAL_NAME_num(a); i++)
        for (int j = 0; j < sk_GENERAL_NAME_num(b); j++)
            if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(a, i), sk_GENERAL_NAME_value(b, j)) == 0) return true;
    return false;
}

/* A CA that parts its list names in each certificate the part that would hold it. Only full names are compared (type 0): nobody writes relative ones. */
static bool point_named(const DIST_POINT_NAME *point, X509 *x509) {
    CRL_DIST_POINTS *points = X509_get_ext_d2i(x509, NID_crl_distribution_points, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT *one = sk_DIST_POINT_value(points, i);
        found = one->distpoint && one->distpoint->type == 0 && point->type == 0 && !one->reasons &&
                names_meet(one->distpoint->name.fullname, point->name.fullname);
    }
    CRL_DIST_POINTS_free(points);
    return found;
}

/* Whether this certificate would be on the list if it were revoked. */
static bool covers(const struct crl *crl, X509 *x509) {
    if (!crl->usable || crl->from_ms > x509_time_ms(X509_get0_notAfter(x509))) return false;
    if (!crl->point) return true;
    bool ca = X509_check_ca(x509) > 0;
    if (ca ? crl->point->onlyuser > 0 : crl->point->onlyCA > 0) return false;
    return !crl->point->distpoint || point_named(crl->point->distpoint, x509);
}

static int reason_of(const X509_REVOKED *entry) {
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
    long value = reason ? ASN1_ENUMERATED_get(reason) : -1;
    ASN1_ENUMERATED_free(reason);
    return value >= 0 && value <= 10 ? (int)value : -1;
}

/* The entry of this certificate; NULL: not on the list. */
static const X509_REVOKED *entry_of(const struct crl *crl, X509 *x509) {
    X509_REVOKED *entry = NULL;
    return X509_CRL_get0_by_cert(crl->x509, &entry, x509) == 1 ? entry : NULL;
}

static void note_entry(struct crl_verdict *out, const X509_REVOKED *entry, int reason) {
    int64_t at_ms = x509_time_ms(X509_REVOKED_get0_revocationDate(entry));
    if (out->revocation == REVOCATION_REVOKED && out->revoked_ms <= at_ms) return;
    out->revocation = REVOCATION_REVOKED;
    out->revoked_ms = at_ms; /* TIME_UNKNOWN lies before everything, as it should */
    out->reason = reason;
}

void crl_look(struct crl_verdict *out, const struct crl_list *list, X509 *x509, X509 *issuer, int64_t list_ms) {
    *out = (struct crl_verdict){.revocation = REVOCATION_NO_LIST, .revoked_ms = TIME_UNKNOWN, .reason = -1, .list_to_ms = TIME_UNKNOWN};
    const X509_REVOKED *held = NULL;
    int64_t held_from = TIME_UNKNOWN, clear_from = TIME_UNKNOWN, clear_to = TIME_UNKNOWN;
    ERR_set_mark();
    for (size_t i = 0; i < list->count; i++) {
        const struct crl *crl = list->items[i];
        if (!crl_signed_by(crl, issuer)) continue;
        const X509_REVOKED *entry = entry_of(crl, x509);
        int reason = entry ? reason_of(entry) : -1;
        if (entry && reason != CRL_REASON_CERTIFICATE_HOLD) {
            note_entry(out, entry, reason);
        } else if (entry && crl->from_ms > held_from) {
            held = entry;
            held_from = crl->from_ms;
        } else if (!entry && crl->from_ms > clear_from && covers(crl, x509)) {
            clear_from = crl->from_ms;
            clear_to = crl->to_ms;
        }
    }
    /* A hold may be lifted: the newest list has the word. */
    if (held && held_from >= clear_from) note_entry(out, held, CRL_REASON_CERTIFICATE_HOLD);
    if (out->revocation == REVOCATION_NO_LIST && clear_from != TIME_UNKNOWN && clear_to >= list_ms) {
        out->revocation = REVOCATION_GOOD;
        out->list_to_ms = clear_to;
    }
    ERR_pop_to_mark();
}
