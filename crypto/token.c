#include "crypto/token.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/private_file.h"
#include "crypto/sig.h"
#include "crypto/signer_inside.h"
#include "crypto/token_module.h"

#define PIN_MAX 256u

struct token_signer {
    struct signer base;
    struct token *token; /* what signing changes */
};
struct token {
    struct token_uri uri;
    struct token_module *module;
    const CK_FUNCTION_LIST *calls;
    struct verifier *verifier;
    pid_t pid;
    _Atomic int last; /* enum token_result of the last failure */

    pthread_mutex_t lock; /* the rest: one session, one call at a time */
    bool open;
    bool pin_refused; /* the file's PIN was wrong: never again */
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
    bool pin_each_time; /* CKA_ALWAYS_AUTHENTICATE */
};

/* ---- login ---- */

static enum token_result login_result(struct token *token, CK_RV rv) {
    switch (rv) {
    case CKR_OK:
    case CKR_USER_ALREADY_LOGGED_IN: return TOKEN_OK; /* by another signer: a login counts for the whole process */
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
        token->pin_refused = true;
        return TOKEN_PIN_WRONG;
    case CKR_PIN_LOCKED:
    case CKR_PIN_EXPIRED:
    case CKR_USER_PIN_NOT_INITIALIZED:
        token->pin_refused = true;
        return TOKEN_PIN_LOCKED;
    default: return TOKEN_FAULT;
    }
}

/* user: CKU_USER, or CKU_CONTEXT_SPECIFIC for the signature just begun. flags: the token's, asked just now. */
static enum token_result login(struct token *token, CK_USER_TYPE user, CK_FLAGS flags) {
    if (token->pin_refused) return TOKEN_PIN_WRONG;
    if (flags & CKF_USER_PIN_LOCKED) return TOKEN_PIN_LOCKED;
    if (flags & CKF_USER_PIN_FINAL_TRY) return TOKEN_PIN_LAST;
    if (token->uri.pin_source[0] == '\0') {
        if (!(flags & CKF_PROTECTED_AUTHENTICATION_PATH)) return TOKEN_PIN_UNNAMED;
        return login_result(token, token->calls->C_Login(token->session, user, NULL, 0)); /* the token has keys of its own to type on */
    }
    uint8_t pin[PIN_MAX];
    size_t len, line = 0;
    enum token_result result = TOKEN_PIN_FILE;
    if (private_file_read(pin, sizeof pin, &len, token->uri.pin_source) == KEYFILE_OK) {
        while (line < len && pin[line] != '\n' && pin[line] != '\r') line++;
        if (line > 0) result = login_result(token, token->calls->C_Login(token->session, user, pin, (CK_ULONG)line));
    }
    bytes_wipe(pin, sizeof pin);
    return result;
}

/* ---- the key ---- */

/* How many objects match: 0, 1, or 2 for more. False: the token failed. */
static bool objects_find(const struct token *token, CK_ATTRIBUTE *wanted, CK_ULONG wanted_count, CK_OBJECT_HANDLE *first, unsigned *found) {
    CK_OBJECT_HANDLE handles[2];
    CK_ULONG count = 0;
    *found = 0;
    if (token->calls->C_FindObjectsInit(token->session, wanted, wanted_count) != CKR_OK) return false;
    CK_RV rv = CKR_OK;
    do { /* a module may give fewer than it was asked for, and more at the next call */
        rv = token->calls->C_FindObjects(token->session, handles, 2 - *found, &count);
        if (rv != CKR_OK || count > 2 - *found) break;
        if (*found == 0 && count > 0) *first = handles[0];
        *found += (unsigned)count;
    } while (count > 0 && *found < 2);
    bool whole = rv == CKR_OK && count <= 2;
    return token->calls->C_FindObjectsFinal(token->session) == CKR_OK && whole;
}

/* False: not there, or longer than cap. */
static bool attribute_read(const struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *out, size_t cap, size_t *len) {
    CK_ATTRIBUTE asked = {type, out, (CK_ULONG)cap};
    if (token->calls->C_GetAttributeValue(token->session, object, &asked, 1) != CKR_OK) return false;
    if (asked.ulValueLen == CK_UNAVAILABLE_INFORMATION || asked.ulValueLen > cap) return false;
    *len = asked.ulValueLen;
    return true;
}

static CK_ULONG name_wanted(CK_ATTRIBUTE *wanted, CK_ULONG count, CK_ATTRIBUTE_TYPE type, struct token_name *name) {
    if (name->len == 0) return count;
    wanted[count] = (CK_ATTRIBUTE){type, name->data, (CK_ULONG)name->len};
    return count + 1;
}

static enum token_result key_find(struct token *token) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE wanted[3] = {{CKA_CLASS, &class, sizeof class}};
    unsigned found;
    CK_ULONG count = name_wanted(wanted, 1, CKA_LABEL, &token->uri.object);
    count = name_wanted(wanted, count, CKA_ID, &token->uri.id);
    if (!objects_find(token, wanted, count, &token->key, &found)) return TOKEN_FAULT;
    if (found != 1) return found == 0 ? TOKEN_KEY_ABSENT : TOKEN_KEY_SEVERAL;
    CK_BBOOL each_time = CK_FALSE;
    size_t len;
    token->pin_each_time = attribute_read(token, token->key, CKA_ALWAYS_AUTHENTICATE, &each_time, sizeof each_time, &len) && len == sizeof each_time && each_time;
    return TOKEN_OK;
}

/* By CKA_ID, which is what ties the halves of a pair together; by the label where there is no id, or several under it. */
static bool public_find(const struct token *token, CK_OBJECT_HANDLE *out) {
    static const CK_ATTRIBUTE_TYPE ties[] = {CKA_ID, CKA_LABEL};
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    for (size_t i = 0; i < sizeof ties / sizeof *ties; i++) {
        struct token_name name = {.len = 0};
        unsigned found;
        if (!attribute_read(token, token->key, ties[i], name.data, sizeof name.data, &name.len) || name.len == 0) continue;
        CK_ATTRIBUTE wanted[2] = {{CKA_CLASS, &class, sizeof class}, {ties[i], name.data, (CK_ULONG)name.len}};
        if (objects_find(token, wanted, 2, out, &found) && found == 1) return true;
    }
    return false;
}

/* A point as PKCS#11 has it, an OCTET STRING around 04|x|y; some tokens leave the wrapping out. */
static bool point_read(struct pubkey *out, const struct token *token, CK_OBJECT_HANDLE object) {
    uint8_t text[67];
    size_t len, skip;
    if (!attribute_read(token, object, CKA_EC_POINT, text, sizeof text, &len)) return false;
    if (len == 67 && text[0] == 0x04 && text[1] == 65) skip = 2;
    else if (len == 65) skip = 0;
    else return false;
    if (text[skip] != 0x04) return false;
    memcpy(out->x, text + skip + 1, 32);
    memcpy(out->y, text + skip + 33, 32);
    return pubkey_check(out);
}

/* Named curves only: parameters spelt out could be a curve that looks like another. */
static enum token_result curve_read(enum key_alg *out, const struct token *token, CK_OBJECT_HANDLE object) {
    static const struct { enum key_alg alg; size_t len; uint8_t oid[10]; } curves[] = {
        {KEY_ES256, 10, {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}},
        {KEY_ES256K, 7, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a}},
        {KEY_SM2, 10, {0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d}},
    };
    CK_KEY_TYPE type;
    uint8_t params[64];
    size_t len;
    if (!attribute_read(token, object, CKA_KEY_TYPE, &type, sizeof type, &len) || len != sizeof type || type != CKK_EC) return TOKEN_KEY_KIND;
    if (!attribute_read(token, object, CKA_EC_PARAMS, params, sizeof params, &len)) return TOKEN_KEY_KIND;
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        if (!bytes_equal(bytes_of(params, len), bytes_of(curves[i].oid, curves[i].len))) continue;
        *out = curves[i].alg;
        return *out == KEY_SM2 ? TOKEN_KEY_SM2 : TOKEN_OK;
    }
    return TOKEN_KEY_KIND;
}

static enum token_result pubkey_read(struct pubkey *out, const struct token *token) {
    CK_OBJECT_HANDLE half;
    enum key_alg other;
    *out = (struct pubkey){.alg = KEY_ES256};
    enum token_result result = curve_read(&out->alg, token, token->key);
    if (result != TOKEN_OK || point_read(out, token, token->key)) return result;
    if (!public_find(token, &half)) return TOKEN_KEY_PUBLIC;
    return curve_read(&other, token, half) == TOKEN_OK && other == out->alg && point_read(out, token, half) ? TOKEN_OK : TOKEN_KEY_PUBLIC;
}

/* ---- the session; under the lock ---- */

static void session_close(struct token *token) {
    if (token->open) (void)token->calls->C_CloseSession(token->session);
    token->open = false;
}

static enum token_result session_open(struct token *token, struct pubkey *pub) {
    CK_SLOT_ID slot;
    CK_FLAGS flags;
    enum token_result result = token_slot_find(&slot, &flags, token->module, &token->uri);
    if (result != TOKEN_OK) return result;
    if (token->calls->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &token->session) != CKR_OK) return TOKEN_FAULT;
    token->open = true;
    if (flags & CKF_LOGIN_REQUIRED) result = login(token, CKU_USER, flags);
    if (result == TOKEN_OK) result = key_find(token);
    if (result == TOKEN_OK) result = pubkey_read(pub, token);
    if (result != TOKEN_OK) session_close(token);
    return result;
}

/* ---- signing; under the lock ---- */

/* What a new session may mend. */
static bool session_lost(CK_RV rv) {
    return rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_CLOSED || rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR || rv == CKR_TOKEN_NOT_PRESENT ||
           rv == CKR_TOKEN_NOT_RECOGNIZED || rv == CKR_USER_NOT_LOGGED_IN || rv == CKR_KEY_HANDLE_INVALID || rv == CKR_OBJECT_HANDLE_INVALID;
}

static enum token_result sign_result(CK_RV rv) {
    if (session_lost(rv)) return TOKEN_GONE;
    switch (rv) {
    case CKR_OK: return TOKEN_OK;
    case CKR_KEY_FUNCTION_NOT_PERMITTED:
    case CKR_KEY_TYPE_INCONSISTENT:
    case CKR_MECHANISM_INVALID: return TOKEN_KEY_USE;
    default: return TOKEN_FAULT;
    }
}

static enum token_result login_for_signature(struct token *token) {
    CK_SLOT_ID slot;
    CK_FLAGS flags;
    enum token_result result = token_slot_find(&slot, &flags, token->module, &token->uri);
    return result == TOKEN_OK ? login(token, CKU_CONTEXT_SPECIFIC, flags) : result;
}

static enum token_result sign_once(struct token *token, uint8_t sig64[SIG_LEN], uint8_t digest[32]) {
    CK_MECHANISM ecdsa = {CKM_ECDSA, NULL, 0};
    uint8_t out[2 * SIG_LEN];
    CK_ULONG len = sizeof out;
    enum token_result result = sign_result(token->calls->C_SignInit(token->session, &ecdsa, token->key));
    if (result == TOKEN_OK && token->pin_each_time) result = login_for_signature(token);
    if (result != TOKEN_OK) return result;
    result = sign_result(token->calls->C_Sign(token->session, digest, 32, out, &len));
    if (result == TOKEN_OK && len != SIG_LEN) result = TOKEN_WRONG;
    if (result == TOKEN_OK) memcpy(sig64, out, SIG_LEN);
    return result;
}

static enum token_result sign_with_session(struct token *token, const struct pubkey *pub, uint8_t sig64[SIG_LEN], uint8_t digest[32]) {
    enum token_result result = TOKEN_GONE;
    for (unsigned attempt = 0; attempt < 2 && result == TOKEN_GONE; attempt++) {
        struct pubkey now = *pub;
        result = token->open ? TOKEN_OK : session_open(token, &now);
        if (result == TOKEN_OK && (now.alg != pub->alg || memcmp(now.x, pub->x, 32) != 0 || memcmp(now.y, pub->y, 32) != 0)) result = TOKEN_KEY_CHANGED;
        if (result == TOKEN_OK) result = sign_once(token, sig64, digest);
        if (result != TOKEN_OK) session_close(token); /* a signature that was begun would stand in the way of the next */
    }
    return result;
}

static enum token_result token_sign_checked(struct token *token, const struct pubkey *pub, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    uint8_t digest[32];
    if (token->pid != getpid()) return TOKEN_FAULT; /* a child of a fork shares neither session nor module */
    sha256_parts(digest, parts, count);
    ASSERT(pthread_mutex_lock(&token->lock) == 0);
    enum token_result result = sign_with_session(token, pub, sig64, digest);
    ASSERT(pthread_mutex_unlock(&token->lock) == 0);
    if (result != TOKEN_OK) return result;
    curve_sig_low_s(pub->alg, sig64);
    return verifier_check(token->verifier, sig64, parts, count) ? TOKEN_OK : TOKEN_WRONG;
}

static bool token_sign(const struct signer *base, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    struct token *token = ((const struct token_signer *)base)->token;
    ERR_set_mark(); /* a module may use this process's OpenSSL, and leave its errors in our queue */
    enum token_result result = token_sign_checked(token, &base->pub, sig64, parts, count);
    ERR_pop_to_mark();
    if (result == TOKEN_OK) return true;
    bytes_wipe(sig64, SIG_LEN);
    atomic_store(&token->last, (int)result);
    return false;
}

/* ---- a signer ---- */

static const char *token_why(const struct signer *base) {
    const int last = atomic_load(&((const struct token_signer *)base)->token->last);
    return token_result_text(last == TOKEN_OK ? TOKEN_FAULT : (enum token_result)last);
}

static void token_end(struct signer *base) {
    struct token_signer *signer = (struct token_signer *)base;
    struct token *token = signer->token;
    if (token) {
        session_close(token);
        token_module_close(token->module);
        verifier_free(token->verifier);
        ASSERT(pthread_mutex_destroy(&token->lock) == 0);
        bytes_wipe(token, sizeof *token);
        free(token);
    }
    free(signer);
}

static const struct signer_back token_back = {.sign = token_sign, .why = token_why, .end = token_end};

static struct token_signer *signer_empty(const struct token_uri *uri) {
    struct token_signer *signer = calloc(1, sizeof *signer);
    struct token *token = calloc(1, sizeof *token);
    if (!signer || !token) {
        free(signer);
        free(token);
        return NULL;
    }
    token->uri = *uri;
    token->pid = getpid();
    ASSERT(pthread_mutex_init(&token->lock, NULL) == 0);
    *signer = (struct token_signer){{&token_back, {.alg = KEY_ES256}}, token};
    return signer;
}

/* Proves that private and public half belong together, that the key may sign, and that the module does it right. No record or note begins so. */
static enum token_result signer_try(struct token_signer *signer) {
    const struct bytes words = bytes_text("licet: does this key sign?");
    uint8_t sig[SIG_LEN];
    signer->token->verifier = verifier_new(&signer->base.pub);
    return signer->token->verifier ? token_sign_checked(signer->token, &signer->base.pub, sig, &words, 1) : TOKEN_FAULT;
}

enum token_result signer_open_token(struct signer **out, const char *text, const char *module) {
    struct token_uri uri;
    *out = NULL;
    enum token_result result = token_uri_parse(&uri, text);
    if (result != TOKEN_OK) return result;
    const char *path = uri.module_path[0] != '\0' ? uri.module_path : module;
    if (!path || path[0] == '\0') return TOKEN_MODULE_UNNAMED;
    if (path[0] != '/') return TOKEN_MODULE; /* not along the linker's path: another file tomorrow */
    struct token_signer *signer = signer_empty(&uri);
    if (!signer) return TOKEN_FAULT;
    struct token *token = signer->token;
    ERR_set_mark();
    result = token_module_open(&token->module, path);
    if (result == TOKEN_OK) {
        token->calls = token_module_calls(token->module);
        result = session_open(token, &signer->base.pub);
    }
    if (result == TOKEN_OK) result = signer_try(signer);
    if (result == TOKEN_OK) *out = &signer->base;
    else token_end(&signer->base);
    ERR_pop_to_mark();
    return result;
}

struct signer *signer_open(const char *where, const char *module, const char **why) {
    struct signer *signer = NULL;
    if (key_in_token(where)) {
        enum token_result result = signer_open_token(&signer, where, module);
        *why = token_result_text(result);
    } else {
        enum keyfile_result result = signer_load(&signer, where, NULL);
        *why = keyfile_result_text(result);
    }
    return signer;
}
