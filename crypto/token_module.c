#include "crypto/token_module.h"

#include <dlfcn.h>
#include <pthread.h>

#define SLOTS_MAX 256u /* an HSM shows a slot a partition */

struct token_module {
    struct token_module *next;
    void *handle; /* dlopen's: the same for the same file under any name */
    CK_FUNCTION_LIST *calls;
    unsigned users;
    bool started; /* by us, so ended by us */
};
static pthread_mutex_t modules_lock = PTHREAD_MUTEX_INITIALIZER;
static struct token_module *modules;

static CK_FUNCTION_LIST *calls_of(void *handle) {
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST *calls = NULL;
    void *symbol = dlsym(handle, "C_GetFunctionList");
    if (!symbol) return NULL;
    _Static_assert(sizeof symbol == sizeof get, "POSIX lets dlsym give functions");
    memcpy(&get, &symbol, sizeof get);
    return get(&calls) == CKR_OK ? calls : NULL;
}

/* Under the lock. */
static struct token_module *module_known(void *handle) {
    for (struct token_module *m = modules; m; m = m->next)
        if (m->handle == handle) return m;
    return NULL;
}

static enum token_result module_start(struct token_module *module) {
    CK_C_INITIALIZE_ARGS threads = {.flags = CKF_OS_LOCKING_OK}; /* two signers may call at once */
    CK_RV rv = module->calls->C_Initialize(&threads);
    module->started = rv == CKR_OK;
    return rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? TOKEN_OK : TOKEN_MODULE_START;
}

/* Under the lock. Takes the handle over, also when it fails. */
static enum token_result module_add(struct token_module **out, void *handle) {
    struct token_module *module = calloc(1, sizeof *module);
    enum token_result result = module ? TOKEN_OK : TOKEN_FAULT;
    if (module) {
        *module = (struct token_module){.next = modules, .handle = handle, .calls = calls_of(handle), .users = 1};
        result = module->calls ? module_start(module) : TOKEN_MODULE;
    }
    if (result == TOKEN_OK) {
        *out = modules = module;
        return TOKEN_OK;
    }
    free(module);
    (void)dlclose(handle);
    return result;
}

enum token_result token_module_open(struct token_module **out, const char *path) {
    enum token_result result = TOKEN_OK;
    *out = NULL;
    /* Kept mapped after dlclose: modules leave threads and exit handlers behind that would run in memory that is gone. */
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!handle) return TOKEN_MODULE;
    ASSERT(pthread_mutex_lock(&modules_lock) == 0);
    struct token_module *module = module_known(handle);
    if (module) {
        module->users++;
        (void)dlclose(handle); /* the one of module_add stays */
        *out = module;
    } else {
        result = module_add(out, handle);
    }
    ASSERT(pthread_mutex_unlock(&modules_lock) == 0);
    return result;
}

void token_module_close(struct token_module *module) {
    if (!module) return;
    ASSERT(pthread_mutex_lock(&modules_lock) == 0);
    ASSERT(module->users > 0);
    if (--module->users == 0) {
        struct token_module **at = &modules;
        while (*at != module) at = &(*at)->next;
        *at = module->next;
        if (module->started) (void)module->calls->C_Finalize(NULL);
        (void)dlclose(module->handle);
        free(module);
    }
    ASSERT(pthread_mutex_unlock(&modules_lock) == 0);
}

const CK_FUNCTION_LIST *token_module_calls(const struct token_module *module) { return module->calls; }

/* ---- tokens ---- */

/* The module's texts are filled up with blanks. A name that is not in the URI matches all. */
static bool name_matches(const struct token_name *name, const unsigned char *padded, size_t size) {
    while (size > 0 && padded[size - 1] == ' ') size--;
    return name->len == 0 || bytes_equal(bytes_of(name->data, name->len), bytes_of(padded, size));
}

static bool token_matches(const CK_TOKEN_INFO *info, const struct token_uri *uri) {
    return name_matches(&uri->token, info->label, sizeof info->label) && name_matches(&uri->serial, info->serialNumber, sizeof info->serialNumber) &&
           name_matches(&uri->model, info->model, sizeof info->model) &&
           name_matches(&uri->manufacturer, info->manufacturerID, sizeof info->manufacturerID);
}

enum token_result token_slot_find(CK_SLOT_ID *slot, CK_FLAGS *flags, const struct token_module *module, const struct token_uri *uri) {
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = 0;
    unsigned found = 0;
    /* Asked without a list first: only then does a module look again at what is plugged in (PKCS#11 2.40, C_GetSlotList). */
    if (module->calls->C_GetSlotList(CK_TRUE, NULL, &count) != CKR_OK) return TOKEN_FAULT;
    count = SLOTS_MAX;
    if (module->calls->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK || count > SLOTS_MAX) return TOKEN_FAULT;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        memset(&info, ' ', sizeof info);
        if (module->calls->C_GetTokenInfo(slots[i], &info) != CKR_OK || !token_matches(&info, uri)) continue; /* taken out just now: not there */
        *slot = slots[i];
        *flags = info.flags;
        found++;
    }
    return found == 1 ? TOKEN_OK : found == 0 ? TOKEN_ABSENT : TOKEN_SEVERAL;
}
