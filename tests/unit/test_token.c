/* Signers in a token, against a PKCS#11 module that does wrong on demand (tests/fault/token.c): every refusal, lost sessions, wrong PINs, signatures
 * that must not leave. Real SoftHSM: tests/system/test_token.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <openssl/err.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/selftest.h"
#include "crypto/sig.h"
#include "crypto/token.h"
#include "tests/fault/token.h"

#define PIN_LEN 24u

static char module_path[PATH_MAX], pin_path[64], other_path[80], folder[48], uri[2 * PATH_MAX];
static struct false_token *token; /* in the module */
static uint8_t pin_masked[PIN_LEN];

/* The PIN stands in clear only for as long as it takes to write it: a search of memory looks for what the signer left behind. */
static void pin_write(const char *path, const char *after, mode_t mode) {
    uint8_t clear[PIN_LEN];
    for (size_t i = 0; i < PIN_LEN; i++) clear[i] = pin_masked[i] ^ FALSE_PIN_MASK;
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(write(fd, clear, PIN_LEN), PIN_LEN);
    assert_int_equal(write(fd, after, strlen(after)), strlen(after));
    assert_int_equal(close(fd), 0);
    bytes_wipe(clear, sizeof clear);
}

static void text_write(const char *path, const char *text) {
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static int group_setup(void **state) {
    (void)state;
    char exe[PATH_MAX - 64];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (len <= 0 || crypto_start() != NULL) return 1;
    exe[len] = '\0';
    (void)snprintf(module_path, sizeof module_path, "%s/../fault/token.so", dirname(exe));
    void *handle = dlopen(module_path, RTLD_NOW | RTLD_LOCAL);
    if (!handle || !(token = dlsym(handle, "false_token"))) return 1;
    (void)snprintf(folder, sizeof folder, "/tmp/licet-token-XXXXXX");
    if (!mkdtemp(folder)) return 1;
    (void)snprintf(pin_path, sizeof pin_path, "%s/pin", folder);
    (void)snprintf(other_path, sizeof other_path, "%s/other", folder);
    random_bytes(pin_masked, PIN_LEN);
    for (size_t i = 0; i < PIN_LEN; i++) pin_masked[i] = (uint8_t)(('0' + pin_masked[i] % 10) ^ FALSE_PIN_MASK);
    return 0;
}

static int group_teardown(void **state) {
    (void)state;
    (void)unlink(pin_path);
    (void)unlink(other_path);
    return rmdir(folder);
}

/* A token as it should be, and its address. */
static int setup(void **state) {
    (void)state;
    memset(token, 0, sizeof *token);
    token->tokens = token->privates = token->publics = 1;
    token->flags = CKF_LOGIN_REQUIRED;
    memcpy(token->pin_masked, pin_masked, PIN_LEN);
    token->pin_len = PIN_LEN;
    pin_write(pin_path, "\n", 0600);
    (void)snprintf(uri, sizeof uri, "pkcs11:token=licet;object=issue?module-path=%s&pin-source=%s", module_path, pin_path);
    return 0;
}

/* Whatever a test did: nothing stays open, and OpenSSL's errors are not left to others. */
static int teardown(void **state) {
    (void)state;
    assert_int_equal(token->sessions, 0);
    assert_int_equal(ERR_peek_error(), 0);
    return 0;
}

static enum token_result result_of(const char *address) {
    struct signer *signer = NULL;
    enum token_result result = signer_open_token(&signer, address, NULL);
    assert_int_equal(result == TOKEN_OK, signer != NULL);
    signer_free(signer);
    assert_int_equal(token->started, token->ended);
    assert_int_equal(token->sessions, 0);
    return result;
}

static struct signer *opened(void) {
    struct signer *signer = NULL;
    assert_int_equal(signer_open_token(&signer, uri, NULL), TOKEN_OK);
    return signer;
}

static bool low_s(const struct signer *signer, const uint8_t sig[SIG_LEN]) {
    static const char *const half[] = {"7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8", "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"};
    struct pubkey pub;
    uint8_t limit[32];
    signer_pubkey(signer, &pub);
    assert_true(hex_decode(limit, 32, half[pub.alg == KEY_ES256K], 64));
    return memcmp(sig + 32, limit, 32) <= 0;
}

static void signs(const struct signer *signer) {
    struct pubkey pub;
    uint8_t sig[SIG_LEN];
    const struct bytes parts[] = {bytes_text("a "), bytes_text("record")}, whole = bytes_text("a record"), other = bytes_text("a records");
    signer_pubkey(signer, &pub);
    struct verifier *verifier = verifier_new(&pub);
    assert_non_null(verifier);
    assert_true(signer_sign(signer, sig, parts, 2));
    assert_true(verifier_check(verifier, sig, &whole, 1));
    assert_false(verifier_check(verifier, sig, &other, 1));
    assert_true(low_s(signer, sig));
    verifier_free(verifier);
}

static void fails(const struct signer *signer, enum token_result why) {
    static const uint8_t zero[SIG_LEN];
    uint8_t sig[SIG_LEN];
    const struct bytes message = bytes_text("a record");
    memset(sig, 0x5a, sizeof sig);
    assert_false(signer_sign(signer, sig, &message, 1));
    assert_memory_equal(sig, zero, SIG_LEN); /* nothing of it is given out */
    assert_string_equal(signer_why(signer), token_result_text(why));
}

/* ---- both curves, and how tokens differ ---- */

static void both_curves(void **state) {
    (void)state;
    for (enum false_curve curve = FALSE_P256; curve <= FALSE_SECP256K1; curve = (enum false_curve)(curve + 1)) {
        struct pubkey pub;
        token->curve = curve;
        for (enum false_sign how = FALSE_RIGHT; how <= FALSE_HIGH_S; how = (enum false_sign)(how + 1)) {
            token->sign = how;
            struct signer *signer = opened();
            signer_pubkey(signer, &pub);
            assert_int_equal(pub.alg, curve == FALSE_P256 ? KEY_ES256 : KEY_ES256K);
            for (int i = 0; i < 20; i++) signs(signer);
            signer_free(signer);
        }
    }
}

static void tokens_differ(void **state) {
    (void)state;
    token->point = FALSE_RAW;
    assert_int_equal(result_of(uri), TOKEN_OK);
    token->point = FALSE_WRAPPED;
    token->publics = 0;
    token->point_on_private = true;
    assert_int_equal(result_of(uri), TOKEN_OK);
    setup(NULL);
    token->public_other_label = true; /* found by its id */
    assert_int_equal(result_of(uri), TOKEN_OK);
    token->public_other_label = false;
    token->no_id = true; /* found by its label */
    assert_int_equal(result_of(uri), TOKEN_OK);
    setup(NULL);
    token->flags = 0; /* wants no PIN: none is read, none sent */
    (void)unlink(pin_path);
    assert_int_equal(result_of(uri), TOKEN_OK);
    assert_int_equal(token->logins, 0);
    token->flags = CKF_LOGIN_REQUIRED | CKF_PROTECTED_AUTHENTICATION_PATH;
    (void)snprintf(uri, sizeof uri, "pkcs11:token=licet;object=issue?module-path=%s", module_path);
    assert_int_equal(result_of(uri), TOKEN_OK); /* typed on the token itself */
    assert_int_equal(token->logins, 1);
    setup(NULL);
    token->pin_each_time = true;
    struct signer *signer = opened();
    unsigned before = token->logins;
    signs(signer);
    signs(signer);
    assert_int_equal(token->logins, before + 2);
    signer_free(signer);
    setup(NULL);
    pin_write(pin_path, "\r\nnot the pin\n", 0600);
    assert_int_equal(result_of(uri), TOKEN_OK);
    pin_write(pin_path, "", 0400);
    assert_int_equal(result_of(uri), TOKEN_OK);
    token->privates = token->publics = 2;
    (void)snprintf(uri, sizeof uri, "pkcs11:serial=1;model=false;manufacturer=nobody;object=issue;id=%%02;type=private?module-path=%s&pin-source=file:%s", module_path, pin_path);
    assert_int_equal(result_of(uri), TOKEN_OK);
}

/* ---- every refusal ---- */

static void modules(void **state) {
    (void)state;
    struct signer *signer = NULL;
    char address[2 * PATH_MAX];
    (void)snprintf(address, sizeof address, "pkcs11:token=licet;object=issue?pin-source=%s", pin_path);
    assert_int_equal(result_of(address), TOKEN_MODULE_UNNAMED);
    assert_int_equal(signer_open_token(&signer, address, ""), TOKEN_MODULE_UNNAMED);
    assert_int_equal(signer_open_token(&signer, address, "token.so"), TOKEN_MODULE);
    assert_int_equal(signer_open_token(&signer, address, "/nowhere/token.so"), TOKEN_MODULE);
    assert_int_equal(signer_open_token(&signer, address, pin_path), TOKEN_MODULE); /* no library */
    assert_null(signer);
    assert_int_equal(signer_open_token(&signer, address, module_path), TOKEN_OK);
    signer_free(signer);
    assert_int_equal(result_of("pkcs11:token=licet;object=issue?module-path=/nowhere.so"), TOKEN_MODULE);
    assert_int_equal(result_of("pkcs11:token=licet;object=issue;pin-value=1"), TOKEN_URI_PIN);
    assert_int_equal(result_of("pkcs11:token=licet"), TOKEN_URI_VAGUE);
    assert_int_equal(result_of("/a/key.pem"), TOKEN_URI);
    token->init_rv = CKR_GENERAL_ERROR;
    assert_int_equal(result_of(uri), TOKEN_MODULE_START);
    token->init_rv = CKR_CANT_LOCK; /* no use to threads */
    assert_int_equal(result_of(uri), TOKEN_MODULE_START);
}

static void tokens(void **state) {
    (void)state;
    token->tokens = 0;
    assert_int_equal(result_of(uri), TOKEN_ABSENT);
    token->tokens = 2;
    assert_int_equal(result_of(uri), TOKEN_SEVERAL);
    token->tokens = 1000; /* more than there is room for */
    assert_int_equal(result_of(uri), TOKEN_FAULT);
    token->tokens = 2;
    (void)snprintf(uri, sizeof uri, "pkcs11:token=licet;serial=2;object=issue?module-path=%s&pin-source=%s", module_path, pin_path);
    assert_int_equal(result_of(uri), TOKEN_OK);
    static const char *const others[] = {"token=lice", "token=licet%20", "token=licet2", "token=licet;serial=3", "token=licet;model=x", "token=licet;manufacturer=x"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        (void)snprintf(uri, sizeof uri, "pkcs11:%s;object=issue?module-path=%s&pin-source=%s", others[i], module_path, pin_path);
        assert_int_equal(result_of(uri), TOKEN_ABSENT);
    }
    assert_int_equal(token->logins, 1); /* no PIN was sent to another token */
}

static void pins(void **state) {
    (void)state;
    char without[2 * PATH_MAX];
    (void)snprintf(without, sizeof without, "pkcs11:token=licet;object=issue?module-path=%s", module_path);
    assert_int_equal(result_of(without), TOKEN_PIN_UNNAMED);
    (void)unlink(pin_path);
    assert_int_equal(result_of(uri), TOKEN_PIN_FILE);
    assert_int_equal(symlink("/nowhere", pin_path), 0);
    assert_int_equal(result_of(uri), TOKEN_PIN_FILE);
    static const char *const bad[] = {"", "\n", "\r\n", "\n123456\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        text_write(pin_path, bad[i]);
        assert_int_equal(result_of(uri), TOKEN_PIN_FILE);
    }
    char longer[300];
    memset(longer, '1', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    text_write(pin_path, longer);
    assert_int_equal(result_of(uri), TOKEN_PIN_FILE);
    pin_write(pin_path, "\n", 0640);
    assert_int_equal(result_of(uri), TOKEN_PIN_FILE);
    assert_int_equal(token->logins, 0); /* nothing was sent so far */

    text_write(pin_path, "000\n");
    assert_int_equal(result_of(uri), TOKEN_PIN_WRONG);
    assert_int_equal(token->logins, 1);
    assert_int_equal(result_of(uri), TOKEN_PIN_WRONG);
    assert_int_equal(result_of(uri), TOKEN_PIN_LAST);
    assert_int_equal(result_of(uri), TOKEN_PIN_LAST); /* however often it is started: the token is not locked by us */
    assert_int_equal(token->logins, 2);
    assert_int_equal(token->wrong_pins, 2);
    token->wrong_pins = 3;
    assert_int_equal(result_of(uri), TOKEN_PIN_LOCKED);
    assert_int_equal(token->logins, 2);
    token->wrong_pins = 0;
    static const struct { CK_RV rv; enum token_result result; } answers[] = {
        {CKR_PIN_INCORRECT, TOKEN_PIN_WRONG}, {CKR_PIN_INVALID, TOKEN_PIN_WRONG}, {CKR_PIN_LEN_RANGE, TOKEN_PIN_WRONG}, {CKR_PIN_LOCKED, TOKEN_PIN_LOCKED},
        {CKR_PIN_EXPIRED, TOKEN_PIN_LOCKED},  {CKR_USER_PIN_NOT_INITIALIZED, TOKEN_PIN_LOCKED}, {CKR_FUNCTION_FAILED, TOKEN_FAULT},
    };
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        token->login_rv = answers[i].rv;
        assert_int_equal(result_of(uri), answers[i].result);
    }
}

static void keys(void **state) {
    (void)state;
    token->privates = 0;
    assert_int_equal(result_of(uri), TOKEN_KEY_ABSENT);
    token->privates = token->publics = 2;
    assert_int_equal(result_of(uri), TOKEN_KEY_SEVERAL);
    setup(NULL);
    static const struct { enum false_curve curve; enum token_result result; } curves[] = {
        {FALSE_P384, TOKEN_KEY_KIND}, {FALSE_RSA, TOKEN_KEY_KIND}, {FALSE_SPELT_OUT, TOKEN_KEY_KIND}, {FALSE_SM2, TOKEN_KEY_SM2}};
    for (size_t i = 0; i < sizeof curves / sizeof *curves; i++) {
        token->curve = curves[i].curve;
        assert_int_equal(result_of(uri), curves[i].result);
    }
    setup(NULL);
    token->publics = 0;
    assert_int_equal(result_of(uri), TOKEN_KEY_PUBLIC);
    token->publics = 2; /* under one id and one label */
    token->same_id = true;
    assert_int_equal(result_of(uri), TOKEN_KEY_PUBLIC);
    setup(NULL);
    for (enum false_point point = FALSE_CUT; point <= FALSE_COMPRESSED; point = (enum false_point)(point + 1)) {
        token->point = point;
        assert_int_equal(result_of(uri), TOKEN_KEY_PUBLIC);
    }
    setup(NULL);
    token->sign = FALSE_OTHER_KEY; /* the halves do not belong together */
    assert_int_equal(result_of(uri), TOKEN_WRONG);
    token->sign = FALSE_RIGHT;
    static const struct { CK_RV rv; enum token_result result; } answers[] = {
        {CKR_KEY_FUNCTION_NOT_PERMITTED, TOKEN_KEY_USE}, {CKR_MECHANISM_INVALID, TOKEN_KEY_USE}, {CKR_KEY_TYPE_INCONSISTENT, TOKEN_KEY_USE}, {CKR_HOST_MEMORY, TOKEN_FAULT}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        token->sign_init_rv = answers[i].rv;
        assert_int_equal(result_of(uri), answers[i].result);
    }
}

/* ---- what happens later ---- */

static void garbage_never_leaves(void **state) {
    (void)state;
    struct signer *signer = opened();
    for (enum false_sign how = FALSE_GARBAGE; how <= FALSE_OTHER_KEY; how = (enum false_sign)(how + 1)) {
        token->sign = how;
        fails(signer, TOKEN_WRONG);
    }
    token->sign = FALSE_RIGHT;
    signs(signer);
    signer_free(signer);
}

static void a_lost_session_is_opened_again_once(void **state) {
    (void)state;
    static const CK_RV losses[] = {CKR_SESSION_HANDLE_INVALID, CKR_DEVICE_REMOVED, CKR_USER_NOT_LOGGED_IN, CKR_SESSION_CLOSED, CKR_TOKEN_NOT_PRESENT, CKR_DEVICE_ERROR,
                                   CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_TOKEN_NOT_RECOGNIZED};
    struct signer *signer = opened();
    for (size_t i = 0; i < 2 * (sizeof losses / sizeof *losses); i++) {
        token->lose_rv = losses[i / 2];
        token->lose_in_init = i % 2 == 1;
        const unsigned logins = token->logins;
        token->lose = 1;
        signs(signer);
        assert_int_equal(token->logins, logins + 1);
        token->lose = 2;
        fails(signer, TOKEN_GONE);
        assert_int_equal(token->logins, logins + 2);
        assert_int_equal(token->lose, 0);
        signs(signer); /* it is back */
        assert_int_equal(token->logins, logins + 3);
    }
    token->sign_init_rv = CKR_FUNCTION_FAILED; /* nothing a login would mend */
    const unsigned logins = token->logins;
    fails(signer, TOKEN_FAULT);
    assert_int_equal(token->logins, logins);
    token->sign_init_rv = 0;
    signs(signer);
    signer_free(signer);
}

static void taken_out_and_put_back(void **state) {
    (void)state;
    struct signer *signer = opened();
    token->lose = 1;
    token->lose_rv = CKR_DEVICE_REMOVED;
    token->tokens = 0;
    fails(signer, TOKEN_ABSENT);
    fails(signer, TOKEN_ABSENT);
    token->tokens = 1;
    signs(signer);
    token->lose = 1;
    token->swapped = true; /* another token of the same name */
    fails(signer, TOKEN_KEY_CHANGED);
    fails(signer, TOKEN_KEY_CHANGED);
    token->swapped = false;
    signs(signer);
    token->lose = 1;
    token->privates = 0;
    fails(signer, TOKEN_KEY_ABSENT);
    token->privates = 1;
    signs(signer);
    signer_free(signer);
}

static void a_refused_pin_is_never_sent_again(void **state) {
    (void)state;
    struct signer *signer = opened();
    text_write(pin_path, "000\n"); /* changed in the file, or in the token, while we run */
    token->lose_rv = CKR_SESSION_HANDLE_INVALID;
    token->lose = 1;
    const unsigned logins = token->logins;
    for (int i = 0; i < 5; i++) fails(signer, TOKEN_PIN_WRONG);
    assert_int_equal(token->logins, logins + 1);
    assert_int_equal(token->wrong_pins, 1);
    pin_write(pin_path, "\n", 0600); /* only a new start tries it */
    fails(signer, TOKEN_PIN_WRONG);
    assert_int_equal(token->logins, logins + 1);
    signer_free(signer);
    signer = opened();
    token->lose = 1;
    (void)unlink(pin_path); /* nothing was refused yet: the file may come back */
    fails(signer, TOKEN_PIN_FILE);
    pin_write(pin_path, "\n", 0600);
    signs(signer);
    signer_free(signer);
    setup(NULL);
    token->pin_each_time = true;
    signer = opened();
    const unsigned before = token->logins;
    text_write(pin_path, "000\n");
    for (int i = 0; i < 3; i++) fails(signer, TOKEN_PIN_WRONG);
    assert_int_equal(token->logins, before + 1);
    signer_free(signer);
}

static void a_module_is_started_once(void **state) {
    (void)state;
    struct signer *one = opened(), *two = opened();
    assert_int_equal(token->started, 1);
    assert_int_equal(token->logins, 1); /* counts for the process */
    assert_int_equal(token->sessions, 2);
    signer_free(one);
    assert_int_equal(token->ended, 0);
    signs(two);
    signer_free(two);
    assert_int_equal(token->ended, 1);
    one = opened();
    assert_int_equal(token->started, 2);
    signer_free(one);
    /* started by others: not ended by us */
    CK_C_GetFunctionList get;
    CK_FUNCTION_LIST *calls;
    void *handle = dlopen(module_path, RTLD_NOW), *symbol = dlsym(handle, "C_GetFunctionList");
    memcpy(&get, &symbol, sizeof get);
    assert_int_equal(get(&calls), CKR_OK);
    assert_int_equal(calls->C_Initialize(NULL), CKR_OK);
    const unsigned ended = token->ended;
    one = opened();
    signer_free(one);
    assert_int_equal(token->ended, ended);
    assert_int_equal(calls->C_Finalize(NULL), CKR_OK);
    (void)dlclose(handle);
}

static void *sign_often(void *signer) {
    for (int i = 0; i < 40; i++) {
        uint8_t sig[SIG_LEN];
        const struct bytes message = bytes_of(&i, sizeof i);
        if (!signer_sign(signer, sig, &message, 1)) return signer;
    }
    return NULL;
}

static void threads_share_a_signer(void **state) {
    (void)state;
    pthread_t threads[6];
    struct signer *one = opened(), *two = opened();
    const unsigned before = token->signatures;
    for (int t = 0; t < 6; t++) assert_int_equal(pthread_create(&threads[t], NULL, sign_often, t % 2 ? one : two), 0);
    for (int t = 0; t < 6; t++) {
        void *failed;
        assert_int_equal(pthread_join(threads[t], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(token->signatures, before + 240);
    assert_false(token->two_at_once);
    signer_free(one);
    signer_free(two);
}

static void a_child_does_not_sign(void **state) {
    (void)state;
    struct signer *signer = opened();
    pid_t child = fork();
    if (child == 0) {
        uint8_t sig[SIG_LEN];
        const struct bytes message = bytes_text("x");
        _exit(signer_sign(signer, sig, &message, 1) ? 1 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    signs(signer);
    signer_free(signer);
}

/* ---- what is left in memory ---- */

static size_t needle_count(const uint8_t *text, size_t len, const uint8_t masked[PIN_LEN]) {
    size_t found = 0;
    for (size_t at = 0; at + PIN_LEN <= len; at++) {
        size_t same = 0;
        while (same < PIN_LEN && (text[at + same] ^ FALSE_PIN_MASK) == masked[same]) same++;
        found += same == PIN_LEN;
    }
    return found;
}

/* Through the kernel, so that sanitizers see no reading; their own huge maps are passed over. */
static size_t in_memory(const uint8_t masked[PIN_LEN]) {
    static uint8_t chunk[1 << 16];
    char line[512];
    size_t found = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    assert_non_null(maps);
    assert_true(memory >= 0);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char rights[5];
        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3 || strncmp(rights, "rw", 2) != 0 || to - from > (1ul << 28)) continue;
        for (unsigned long at = from; at < to; at += sizeof chunk - PIN_LEN) {
            size_t want = to - at < sizeof chunk ? to - at : sizeof chunk;
            ssize_t got = pread(memory, chunk, want, (off_t)at);
            if (got > 0) found += needle_count(chunk, (size_t)got, masked);
            bytes_wipe(chunk, sizeof chunk);
        }
    }
    (void)fclose(maps);
    (void)close(memory);
    return found;
}

/* A login that fails is the last thing this thread does, so its stack keeps what was not wiped. */
static void *open_in_vain(void *unused) {
    struct signer *signer = NULL;
    (void)unused;
    return signer_open_token(&signer, uri, NULL) == TOKEN_FAULT ? token : NULL;
}

static void no_pin_stays_on_a_stack(void **state) {
    (void)state;
    static _Alignas(4096) uint8_t stack[1 << 18];
    pthread_attr_t attributes;
    pthread_t thread;
    void *as_meant = NULL;
    token->login_rv = CKR_FUNCTION_FAILED;
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, stack, sizeof stack), 0);
    assert_int_equal(pthread_create(&thread, &attributes, open_in_vain, NULL), 0);
    assert_int_equal(pthread_join(thread, &as_meant), 0);
    assert_ptr_equal(as_meant, token);
    assert_int_equal(pthread_attr_destroy(&attributes), 0);
    assert_int_equal(in_memory(pin_masked), 0);
}

static void no_pin_stays_in_memory(void **state) {
    (void)state;
    static uint8_t planted[PIN_LEN];
    for (size_t i = 0; i < PIN_LEN; i++) planted[i] = pin_masked[i] ^ FALSE_PIN_MASK;
    assert_true(in_memory(pin_masked) > 0); /* the search finds what is there */
    bytes_wipe(planted, sizeof planted);
    struct signer *signer = opened();
    token->lose = 1;
    token->lose_rv = CKR_DEVICE_REMOVED;
    signs(signer);
    assert_int_equal(token->logins, 2);
    assert_int_equal(in_memory(pin_masked), 0);
    signer_free(signer);
    assert_int_equal(in_memory(pin_masked), 0);
}

/* ---- either place ---- */

static void files_and_tokens_open_alike(void **state) {
    (void)state;
    const char *why = NULL;
    struct signer *made = signer_generate(KEY_ES256K);
    assert_non_null(made);
    (void)unlink(other_path);
    assert_int_equal(signer_save(made, other_path, NULL), KEYFILE_OK);
    signer_free(made);
    struct signer *signer = signer_open(other_path, NULL, &why);
    assert_non_null(signer);
    signs(signer);
    signer_free(signer);
    signer = signer_open(uri, NULL, &why);
    assert_non_null(signer);
    signs(signer);
    signer_free(signer);
    assert_null(signer_open("/nowhere/key.pem", NULL, &why));
    assert_string_equal(why, keyfile_result_text(KEYFILE_ABSENT));
    token->privates = 0;
    assert_null(signer_open(uri, NULL, &why));
    assert_string_equal(why, token_result_text(TOKEN_KEY_ABSENT));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(both_curves), TEST(tokens_differ), TEST(modules), TEST(tokens), TEST(pins), TEST(keys), TEST(garbage_never_leaves),
        TEST(a_lost_session_is_opened_again_once), TEST(taken_out_and_put_back), TEST(a_refused_pin_is_never_sent_again), TEST(a_module_is_started_once),
        TEST(threads_share_a_signer), TEST(a_child_does_not_sign), TEST(no_pin_stays_on_a_stack), TEST(no_pin_stays_in_memory), TEST(files_and_tokens_open_alike),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
