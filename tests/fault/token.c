/* A PKCS#11 module that does wrong on demand: two keys in one or two tokens, made anew in each process; see token.h for what can be set. Only the
 * functions that a signer needs. Never instrumented itself. */
#include "tests/fault/token.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define SESSIONS 64

EXPORT struct false_token false_token;
EXPORT CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static EVP_PKEY *keys[2][2]; /* curve, which */
static bool running, logged_in;
static struct session {
    bool open, signing, authed;
    CK_OBJECT_HANDLE key;
    CK_ATTRIBUTE wanted[4];
    CK_ULONG wanted_count;
    unsigned char values[4][160];
    unsigned found_at;
    atomic_bool busy;
} sessions[SESSIONS];

static CK_RV initialize(void *args) {
    (void)args;
    if (false_token.init_rv) return false_token.init_rv;
    if (running) return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    running = true;
    false_token.started++;
    for (int i = 0; i < 2; i++) {
        if (!keys[0][i]) keys[0][i] = EVP_EC_gen("P-256");
        if (!keys[1][i]) keys[1][i] = EVP_EC_gen("secp256k1");
    }
    return CKR_OK;
}

static CK_RV finalize(void *reserved) {
    (void)reserved;
    if (!running) return CKR_CRYPTOKI_NOT_INITIALIZED;
    running = false;
    false_token.ended++;
    return CKR_OK;
}

static CK_RV slot_list(unsigned char present, CK_SLOT_ID *slots, unsigned long *count) {
    (void)present;
    if (slots && *count < false_token.tokens) return CKR_BUFFER_TOO_SMALL;
    for (unsigned long i = 0; slots && i < false_token.tokens; i++) slots[i] = 40 + i;
    *count = false_token.tokens;
    return CKR_OK;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
    if (slot < 40 || slot >= 40 + false_token.tokens) return CKR_TOKEN_NOT_PRESENT;
    memset(info, ' ', sizeof *info);
    memcpy(info->label, "licet", 5);
    memcpy(info->manufacturerID, "nobody", 6);
    memcpy(info->model, "false", 5);
    info->serialNumber[0] = (unsigned char)('1' + (slot - 40));
    info->flags = false_token.flags;
    if (false_token.wrong_pins > 0) info->flags |= CKF_USER_PIN_COUNT_LOW;
    if (false_token.wrong_pins == 2) info->flags |= CKF_USER_PIN_FINAL_TRY;
    if (false_token.wrong_pins >= 3) info->flags |= CKF_USER_PIN_LOCKED;
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *out) {
    (void)application, (void)notify;
    if (slot < 40 || slot >= 40 + false_token.tokens) return CKR_TOKEN_NOT_PRESENT;
    if (flags != CKF_SERIAL_SESSION) return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
    CK_RV rv = CKR_SESSION_COUNT;
    pthread_mutex_lock(&lock);
    for (CK_SESSION_HANDLE i = 0; i < SESSIONS && rv != CKR_OK; i++) {
        if (sessions[i].open) continue;
        memset(&sessions[i], 0, sizeof sessions[i]);
        sessions[i].open = true;
        *out = i + 1;
        false_token.sessions++;
        rv = CKR_OK;
    }
    pthread_mutex_unlock(&lock);
    return rv;
}

static struct session *session_of(CK_SESSION_HANDLE handle) {
    return handle >= 1 && handle <= SESSIONS && sessions[handle - 1].open ? &sessions[handle - 1] : NULL;
}

static CK_RV close_session(CK_SESSION_HANDLE handle) {
    pthread_mutex_lock(&lock);
    struct session *session = session_of(handle);
    bool any = false;
    if (session) session->open = false, false_token.sessions--;
    for (int i = 0; i < SESSIONS; i++) any |= sessions[i].open;
    if (!any) logged_in = false;
    pthread_mutex_unlock(&lock);
    return session ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
}

static CK_RV login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char *pin, unsigned long len) {
    struct session *session = session_of(handle);
    if (!session) return CKR_SESSION_HANDLE_INVALID;
    if (false_token.login_rv) return false_token.login_rv;
    if (user == CKU_USER && logged_in) return CKR_USER_ALREADY_LOGGED_IN;
    if (user == CKU_CONTEXT_SPECIFIC && !session->signing) return CKR_OPERATION_NOT_INITIALIZED;
    false_token.logins++;
    bool right = len == false_token.pin_len && (pin || (false_token.flags & CKF_PROTECTED_AUTHENTICATION_PATH));
    for (unsigned long i = 0; pin && right && i < len; i++) right = (pin[i] ^ FALSE_PIN_MASK) == false_token.pin_masked[i];
    if (!pin) right = (false_token.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    if (false_token.wrong_pins >= 3) return CKR_PIN_LOCKED;
    if (!right) return false_token.wrong_pins++, CKR_PIN_INCORRECT;
    false_token.wrong_pins = 0;
    if (user == CKU_USER) logged_in = true;
    session->authed = true;
    return CKR_OK;
}

/* ---- objects: 1, 2 private, 11, 12 public ---- */

static const unsigned char oids[][10] = {
    [FALSE_P256] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}, [FALSE_SECP256K1] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a},
    [FALSE_P384] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22},                   [FALSE_SM2] = {0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d},
    [FALSE_SPELT_OUT] = {0x30, 0x08, 0x02, 0x01, 0x01, 0x30, 0x03, 0x02, 0x01, 0x00}, [FALSE_RSA] = {0x05, 0x00}};

static EVP_PKEY *key_of(CK_OBJECT_HANDLE object) {
    unsigned which = (unsigned)((object - 1) % 10);
    if (false_token.swapped) which ^= 1;
    return keys[false_token.curve == FALSE_SECP256K1][which & 1];
}

static size_t point_of(CK_OBJECT_HANDLE object, unsigned char out[67]) {
    size_t len = 0;
    out[0] = 0x04;
    out[1] = 65;
    if (EVP_PKEY_get_octet_string_param(key_of(object), OSSL_PKEY_PARAM_PUB_KEY, out + 2, 65, &len) != 1 || len != 65) return 0;
    switch (false_token.point) {
    case FALSE_WRAPPED: return 67;
    case FALSE_RAW: memmove(out, out + 2, 65); return 65;
    case FALSE_CUT: return 66;
    case FALSE_OFF_CURVE: out[40] ^= 1; return 67;
    case FALSE_COMPRESSED: out[1] = 33, out[2] = (unsigned char)(2 + (out[66] & 1)); return 35;
    }
    return 0;
}

/* The length, or (size_t)-1 where the object has no such attribute. */
static size_t attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, unsigned char out[160]) {
    const bool private = object < 10;
    CK_ULONG number = 0;
    switch (type) {
    case CKA_CLASS: number = private ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY; break;
    case CKA_KEY_TYPE: number = false_token.curve == FALSE_RSA ? CKK_RSA : CKK_EC; break;
    case CKA_LABEL: {
        const char *label = !private && false_token.public_other_label ? "the public half" : "issue";
        memcpy(out, label, strlen(label));
        return strlen(label);
    }
    case CKA_ID: out[0] = (unsigned char)(false_token.same_id ? 1 : object % 10); return false_token.no_id ? 0 : 1;
    case CKA_EC_PARAMS: {
        const unsigned char *oid = oids[false_token.curve];
        memcpy(out, oid, (size_t)oid[1] + 2);
        return (size_t)oid[1] + 2;
    }
    case CKA_EC_POINT: return private && !false_token.point_on_private ? (size_t)-1 : point_of(object, out);
    case CKA_ALWAYS_AUTHENTICATE: out[0] = false_token.pin_each_time; return private ? 1 : (size_t)-1;
    default: return (size_t)-1;
    }
    memcpy(out, &number, sizeof number);
    return sizeof number;
}

static CK_RV get_attributes(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *wanted, unsigned long count) {
    if (!session_of(handle)) return CKR_SESSION_HANDLE_INVALID;
    CK_RV rv = CKR_OK;
    for (unsigned long i = 0; i < count; i++) {
        unsigned char value[160];
        size_t len = attribute(object, wanted[i].type, value);
        if (len != (size_t)-1 && len <= wanted[i].ulValueLen) {
            memcpy(wanted[i].pValue, value, len);
            wanted[i].ulValueLen = len;
            continue;
        }
        rv = len == (size_t)-1 ? CKR_ATTRIBUTE_TYPE_INVALID : CKR_BUFFER_TOO_SMALL;
        wanted[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
    }
    return rv;
}

static CK_RV find_init(CK_SESSION_HANDLE handle, CK_ATTRIBUTE *wanted, unsigned long count) {
    struct session *session = session_of(handle);
    if (!session) return CKR_SESSION_HANDLE_INVALID;
    if (count > 4) return CKR_ARGUMENTS_BAD;
    session->wanted_count = count;
    session->found_at = 0;
    for (unsigned long i = 0; i < count; i++) {
        if (wanted[i].ulValueLen > sizeof session->values[i]) return CKR_ARGUMENTS_BAD;
        memcpy(session->values[i], wanted[i].pValue, wanted[i].ulValueLen);
        session->wanted[i] = (CK_ATTRIBUTE){wanted[i].type, session->values[i], wanted[i].ulValueLen};
    }
    return CKR_OK;
}

static bool matches(const struct session *session, CK_OBJECT_HANDLE object) {
    for (CK_ULONG i = 0; i < session->wanted_count; i++) {
        unsigned char value[160];
        size_t len = attribute(object, session->wanted[i].type, value);
        if (len != session->wanted[i].ulValueLen || memcmp(value, session->wanted[i].pValue, len) != 0) return false;
    }
    return true;
}

/* One at a time, as a module may. Private ones only after the login. */
static CK_RV find(CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE *out, unsigned long max, unsigned long *count) {
    struct session *session = session_of(handle);
    if (!session) return CKR_SESSION_HANDLE_INVALID;
    *count = 0;
    while (*count == 0 && max > 0 && session->found_at < 4) {
        const unsigned at = session->found_at++;
        const CK_OBJECT_HANDLE object = at < 2 ? at + 1 : at + 9;
        const bool there = at < 2 ? at < false_token.privates && (logged_in || !(false_token.flags & CKF_LOGIN_REQUIRED)) : at - 2 < false_token.publics;
        if (there && matches(session, object)) out[(*count)++] = object;
    }
    return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE handle) { return session_of(handle) ? CKR_OK : CKR_SESSION_HANDLE_INVALID; }

/* ---- signatures ---- */

static bool lost(void) {
    pthread_mutex_lock(&lock);
    bool now = false_token.lose > 0;
    if (now) {
        false_token.lose--;
        for (int i = 0; i < SESSIONS; i++) sessions[i].open = false;
        false_token.sessions = 0;
        logged_in = false;
    }
    pthread_mutex_unlock(&lock);
    return now;
}

static CK_RV sign_init(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    struct session *session = session_of(handle);
    if (!session) return CKR_SESSION_HANDLE_INVALID;
    if (false_token.lose_in_init && lost()) return false_token.lose_rv;
    if (false_token.sign_init_rv) return false_token.sign_init_rv;
    if (mechanism->mechanism != CKM_ECDSA) return CKR_MECHANISM_INVALID;
    if (session->signing) return CKR_OPERATION_ACTIVE;
    session->signing = true;
    session->authed = false;
    session->key = key;
    return CKR_OK;
}

static bool sign_digest(EVP_PKEY *key, const unsigned char digest[32], unsigned char out[64]) {
    unsigned char der[80];
    size_t len = sizeof der;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool ok = context && EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, der, &len, digest, 32) == 1;
    EVP_PKEY_CTX_free(context);
    const unsigned char *p = der;
    ECDSA_SIG *sig = ok ? d2i_ECDSA_SIG(NULL, &p, (long)len) : NULL;
    BIGNUM *order = NULL, *other = BN_new();
    ok = sig && other && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_ORDER, &order) == 1 && BN_sub(other, order, ECDSA_SIG_get0_s(sig)) == 1;
    const BIGNUM *s = ok ? ECDSA_SIG_get0_s(sig) : NULL;
    if (ok && false_token.sign == FALSE_HIGH_S && BN_cmp(other, s) > 0) s = other;
    ok = ok && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 && BN_bn2binpad(s, out + 32, 32) == 32;
    ECDSA_SIG_free(sig);
    BN_free(order);
    BN_free(other);
    return ok;
}

static CK_RV sign(CK_SESSION_HANDLE handle, unsigned char *data, unsigned long len, unsigned char *out, unsigned long *out_len) {
    struct session *session = session_of(handle);
    if (!session) return CKR_SESSION_HANDLE_INVALID;
    if (!false_token.lose_in_init && lost()) return false_token.lose_rv;
    if (!session->signing) return CKR_OPERATION_NOT_INITIALIZED;
    if (len != 32 || *out_len < 64) return CKR_DATA_LEN_RANGE;
    if (false_token.pin_each_time && !session->authed) return CKR_USER_NOT_LOGGED_IN;
    if (atomic_exchange(&session->busy, true)) false_token.two_at_once = true;
    CK_OBJECT_HANDLE key = session->key;
    if (false_token.sign == FALSE_OTHER_KEY) key = key == 1 ? 2 : 1;
    bool ok = sign_digest(key_of(key), data, out);
    *out_len = false_token.sign == FALSE_SHORT ? 63 : 64;
    if (false_token.sign == FALSE_GARBAGE) out[17] ^= 0x20;
    if (false_token.sign == FALSE_ZERO) memset(out, 0, 64);
    session->signing = false;
    __atomic_fetch_add(&false_token.signatures, 1, __ATOMIC_SEQ_CST);
    atomic_store(&session->busy, false);
    return ok ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out) {
    static CK_FUNCTION_LIST list = {.version = {2, 40}, .C_Initialize = initialize, .C_Finalize = finalize, .C_GetSlotList = slot_list, .C_GetTokenInfo = token_info,
                                    .C_OpenSession = open_session, .C_CloseSession = close_session, .C_Login = login, .C_GetAttributeValue = get_attributes,
                                    .C_FindObjectsInit = find_init, .C_FindObjects = find, .C_FindObjectsFinal = find_final, .C_SignInit = sign_init, .C_Sign = sign};
    *out = &list;
    return CKR_OK;
}
