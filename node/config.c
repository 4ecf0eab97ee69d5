#include "node/config.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <ini.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/errno_text.h"
#include "crypto/token_uri.h"
#include "ledger/base/limits.h"
#include "node/base/log.h"
#include "node/plain.h"
#include "rpc/host.h"
#include "rpc/mismatches.h"

#define BODY_MIN 65536u
_Static_assert(BODY_MIN >= STATEMENT_BYTES_MAX, "every statement can be handed in, whatever is configured");
#define LINE_MAX_INIH 200 /* inih cuts longer lines in two, and would read the rest as another key */

struct loading {
    struct config *config;
    FILE *file;
    unsigned line;
    uint32_t seen; /* bit per setting */
    bool failed;
    char *message;
    size_t cap;
};

static void setting_fail(struct loading *loading, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void setting_fail(struct loading *loading, const char *format, ...) {
    if (loading->failed) return; /* the first one is the one to mend */
    loading->failed = true;
    int len = snprintf(loading->message, loading->cap, CONFIG_FILE ":%u: ", loading->line);
    if (len < 0 || (size_t)len >= loading->cap) return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(loading->message + len, loading->cap - (size_t)len, format, args);
    va_end(args);
}

/* ---- one reader per kind of value; false: not such a value ---- */

static bool number_read(const char *text, uint64_t min, uint64_t max, uint64_t *out) {
    if (!isdigit((unsigned char)text[0])) return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *end != '\0' || value < min || value > max) return false;
    *out = value;
    return true;
}

/* "127.0.0.1:8480", "[::1]:8480", "localhost:8480": numeric, since a name that resolves elsewhere tomorrow would move the listener. */
static bool listen_read(const char *text, char *host, size_t cap, uint16_t *port) {
    const char *colon = strrchr(text, ':');
    uint64_t number;
    if (!colon || !number_read(colon + 1, 0, 65535, &number)) return false;
    size_t len = (size_t)(colon - text);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    char name[64];
    if (len == 0 || len >= sizeof name || len >= cap) return false;
    memcpy(name, text, len);
    name[len] = '\0';
    if (strcmp(name, "localhost") == 0) (void)snprintf(name, sizeof name, "127.0.0.1");
    struct in6_addr address;
    if (inet_pton(AF_INET, name, &address) != 1 && inet_pton(AF_INET6, name, &address) != 1) return false;
    (void)snprintf(host, cap, "%s", name);
    *port = (uint16_t)number;
    return true;
}

static bool read_path(const struct config *config, const char *text, char out[PATH_CAP]) {
    int len = text[0] == '/' ? snprintf(out, PATH_CAP, "%s", text) : snprintf(out, PATH_CAP, "%s/%s", config->dir, text);
    return text[0] != '\0' && len > 0 && len < PATH_CAP;
}

/* ---- the settings ---- */

enum kind { KIND_NUMBER, KIND_NUMBER64, KIND_LISTEN, KIND_OPS, KIND_PATH, KIND_KEY, KIND_LEVEL, KIND_ENGINE, KIND_TLS, KIND_HEADER, KIND_NAMES };
static const struct setting {
    const char *section, *name;
    enum kind kind;
    size_t offset;
    uint64_t min, max;
} settings[] = {
    {"rpc", "listen", KIND_LISTEN, 0, 0, 0},
    {"rpc", "threads", KIND_NUMBER, offsetof(struct config, rpc_threads), 1, 64},
    {"rpc", "connections_max", KIND_NUMBER, offsetof(struct config, connections_max), 1, 1000000},
    {"rpc", "body_max", KIND_NUMBER, offsetof(struct config, body_max), BODY_MIN, 64u << 20},
    {"rpc", "headers_max", KIND_NUMBER, offsetof(struct config, headers_max), 1024, 1u << 20},
    {"rpc", "request_ms_max", KIND_NUMBER, offsetof(struct config, request_ms_max), 100, 3600000},
    {"rpc", "answer_ms_max", KIND_NUMBER, offsetof(struct config, answer_ms_max), 100, 3600000},
    {"rpc", "idle_ms_max", KIND_NUMBER, offsetof(struct config, idle_ms_max), 100, 3600000},
    {"rpc", "names", KIND_NAMES, 0, 0, 0},
    {"rpc", "mismatches_max", KIND_NUMBER, offsetof(struct config, mismatches_max), 1, 1000},
    {"rpc", "mismatches_hours", KIND_NUMBER, offsetof(struct config, mismatches_hours), 1, 168},
    {"rpc", "asker_header", KIND_HEADER, 0, 0, 0},
    {"rpc", "tls_certificate", KIND_TLS, 0, 0, 0},
    {"rpc", "tls_key", KIND_TLS, 0, 0, 0},
    {"ops", "listen", KIND_OPS, 0, 0, 0},
    {"engine", "kind", KIND_ENGINE, 0, 0, 0},
    {"engine", "pool", KIND_NUMBER, offsetof(struct config, engine.pool_threads), 0, SIGPOOL_THREADS_MAX},
    {"engine", "queue_max", KIND_NUMBER, offsetof(struct config, engine.queue_max), 1, 1000000},
    {"engine", "queue_mib", KIND_NUMBER, offsetof(struct config, engine.queue_mib), 1, 4096},
    {"keys", "seal", KIND_KEY, offsetof(struct config, seal_key), 0, 0},
    {"keys", "note", KIND_KEY, offsetof(struct config, note_key), 0, 0},
    {"keys", "checkpoint", KIND_KEY, offsetof(struct config, checkpoint_key), 0, 0},
    {"keys", "module", KIND_PATH, offsetof(struct config, key_module), 0, 0},
    {"storage", "mark", KIND_PATH, offsetof(struct config, mark_path), 0, 0},
    {"storage", "room_min_mib", KIND_NUMBER64, offsetof(struct config, room_min_mib), 1, 1u << 20},
    {"log", "level", KIND_LEVEL, 0, 0, 0},
};
#define SETTINGS (sizeof settings / sizeof *settings)
_Static_assert(SETTINGS <= 32, "seen has a bit for each");
_Static_assert(sizeof(unsigned) == sizeof(uint32_t), "both kinds of counts are read as one");

void config_defaults(struct config *out) {
    *out = (struct config){.listen_host = "127.0.0.1", .listen_port = 8480, .ops_host = "127.0.0.1", .ops_port = 8481, .ops_on = true,
                           .rpc_threads = 2, .connections_max = 1024, .body_max = 1u << 20, .headers_max = 16u << 10, .request_ms_max = 10000,
                           .answer_ms_max = 30000, .idle_ms_max = 60000, .mismatches_max = MISMATCHES_MAX, .mismatches_hours = MISMATCHES_HOURS, .engine = {.queue_max = 8192, .queue_mib = 64},
                           .mark_path = "node/mark", .seal_key = "node/seal.pem", .note_key = "node/note.pem", .checkpoint_key = "node/checkpoint.pem", .room_min_mib = 64, .log_level = "info"};
}

static void set_number(struct loading *loading, const struct setting *setting, const char *value) {
    uint64_t number;
    uint8_t *at = (uint8_t *)loading->config + setting->offset;
    if (!number_read(value, setting->min, setting->max, &number)) {
        setting_fail(loading, "[%s] %s = %s: must be a number from %" PRIu64 " to %" PRIu64, setting->section, setting->name, value, setting->min, setting->max);
    } else if (setting->kind == KIND_NUMBER64) {
        memcpy(at, &number, sizeof number);
    } else {
        uint32_t narrow = (uint32_t)number;
        memcpy(at, &narrow, sizeof narrow);
    }
}

/* The value is never part of the complaint: a PIN may stand in it. */
static void set_key(struct loading *loading, const struct setting *setting, const char *value) {
    struct config *config = loading->config;
    char *out = (char *)config + setting->offset;
    struct token_uri uri;
    if (!key_in_token(value)) {
        if (!read_path(config, value, out)) setting_fail(loading, "[%s] %s: must be a path or a pkcs11: address", setting->section, setting->name);
        return;
    }
    enum token_result result = token_uri_parse(&uri, value);
    if (result != TOKEN_OK) setting_fail(loading, "[%s] %s: %s", setting->section, setting->name, token_result_text(result));
    else (void)snprintf(out, PATH_CAP, "%s", value);
}

static void setting_set(struct loading *loading, const struct setting *setting, const char *value) {
    struct config *config = loading->config;
    enum log_level level;
    char why[128];
    switch (setting->kind) {
    case KIND_NUMBER:
    case KIND_NUMBER64:
        set_number(loading, setting, value);
        return;
    case KIND_LISTEN:
        if (!listen_read(value, config->listen_host, sizeof config->listen_host, &config->listen_port))
            setting_fail(loading, "[rpc] listen = %s: must be a numeric address and a port, such as 127.0.0.1:8480", value);
        return;
    case KIND_OPS:
        config->ops_on = strcmp(value, "off") != 0;
        if (config->ops_on && !listen_read(value, config->ops_host, sizeof config->ops_host, &config->ops_port))
            setting_fail(loading, "[ops] listen = %s: must be a numeric address and a port, such as 127.0.0.1:8481, or off", value);
        return;
    case KIND_PATH:
        if (!read_path(config, value, (char *)config + setting->offset)) setting_fail(loading, "[%s] %s: must be a path", setting->section, setting->name);
        return;
    case KIND_KEY:
        set_key(loading, setting, value);
        return;
    case KIND_LEVEL:
        if (!log_level_from_name(&level, value)) setting_fail(loading, "[log] level = %s: must be info, unusual or broken", value);
        else (void)snprintf(config->log_level, sizeof config->log_level, "%s", value);
        return;
    case KIND_ENGINE:
        if (!engine_named(value, why, sizeof why)) setting_fail(loading, "[engine] kind = %s: %s", value, why);
        else (void)snprintf(config->engine.kind, sizeof config->engine.kind, "%s", value);
        return;
    case KIND_NAMES:
        if (!host_names_valid(value)) setting_fail(loading, "[rpc] names = %s: must be host names, each with or without a port, such as ledger.example.cn", value);
        else (void)snprintf(config->names, sizeof config->names, "%s", value);
        return;
    case KIND_HEADER:
        if (value[0] == '\0' || strlen(value) >= sizeof config->asker_header || strspn(value, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != strlen(value))
            setting_fail(loading, "[rpc] asker_header = %s: must be the name of a header, such as X-Forwarded-For", value);
        else (void)snprintf(config->asker_header, sizeof config->asker_header, "%s", value);
        return;
    case KIND_TLS:
        setting_fail(loading, "[rpc] %s: this version does not serve TLS itself; remove the line, listen on 127.0.0.1 and put a TLS proxy in front", setting->name);
        return;
    }
}

static int on_setting(void *context, const char *section, const char *name, const char *value) {
    struct loading *loading = context;
    bool section_known = false;
    for (size_t i = 0; i < SETTINGS; i++) {
        if (strcmp(section, settings[i].section) != 0) continue;
        section_known = true;
        if (strcmp(name, settings[i].name) != 0) continue;
        if (loading->seen & (UINT32_C(1) << i)) setting_fail(loading, "[%s] %s is set twice", section, name);
        loading->seen |= UINT32_C(1) << i;
        setting_set(loading, &settings[i], value);
        return !loading->failed;
    }
    if (section[0] == '\0') setting_fail(loading, "`%s` stands before any [section]", name);
    else if (!section_known) setting_fail(loading, "unknown section [%s]", section);
    else setting_fail(loading, "unknown key `%s` in [%s]", name, section);
    return 0;
}

/* Reads for inih and counts, so that every complaint can name its line. After the first complaint there is nothing more to read. */
static char *next_line(char *out, int cap, void *context) {
    struct loading *loading = context;
    if (loading->failed || !fgets(out, cap, loading->file)) return NULL;
    loading->line++;
    size_t len = strlen(out);
    if (len + 1 >= LINE_MAX_INIH - 1 && out[len - 1] != '\n') {
        setting_fail(loading, "the line is longer than %d bytes", LINE_MAX_INIH - 3);
        return NULL;
    }
    /* Indented keys are keys, not inih's continuation of the value before. */
    size_t blanks = strspn(out, " \t");
    memmove(out, out + blanks, len - blanks + 1);
    return out;
}

/* Something was signed or stored here. */
bool ledger_lives(const char *dir) {
    static const char *const names[] = {"node/mark", "data/data.mdb"};
    char path[PATH_CAP + 32];
    struct stat info;
    bool lives = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        lives |= stat(path, &info) == 0;
    }
    return lives;
}

static bool loopback(const char *host) { return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0; }

enum err config_load(struct config *out, const char *dir, char *message, size_t cap) {
    config_defaults(out);
    char path[PATH_CAP + sizeof CONFIG_FILE + 1];
    (void)snprintf(path, sizeof path, "%s/" CONFIG_FILE, dir);
    if (strlen(dir) >= PATH_CAP - 64) {
        (void)snprintf(message, cap, "The folder's name is too long");
        return ERR_CONFIG;
    }
    (void)snprintf(out->dir, sizeof out->dir, "%s", dir);
    ASSERT(read_path(out, "node/mark", out->mark_path));
    ASSERT(read_path(out, "node/seal.pem", out->seal_key));
    ASSERT(read_path(out, "node/note.pem", out->note_key));
    ASSERT(read_path(out, "node/checkpoint.pem", out->checkpoint_key));
    int fd;
    const enum err err = plain_open(&fd, path);
    FILE *file = err == ERR_OK ? fdopen(fd, "r") : NULL;
    if (err == ERR_OK && !file) {
        (void)close(fd);
        return ERR_MEMORY;
    }
    if (!file) {
        const bool absent = err == ERR_ABSENT;
        if (err == ERR_DENIED || err == ERR_PLACE) (void)snprintf(message, cap, "%s: %s", path, err_text(err));
        else (void)snprintf(message, cap, "%s cannot be read: %s%s", path, errno_en(errno), !absent ? "" : ledger_lives(dir)
                       ? "; put it back from your copies, or take the one that `licet init` makes in an empty folder: this ledger lives, begin nothing anew in it" : "; `licet init DIR` makes one");
        return err;
    }
    struct loading loading = {.config = out, .file = file, .message = message, .cap = cap};
    int wrong = ini_parse_stream(next_line, &loading, on_setting, &loading);
    if (ferror(file)) setting_fail(&loading, "cannot be read");
    if (wrong != 0) {
        if (wrong > 0) loading.line = (unsigned)wrong;
        setting_fail(&loading, "not a [section], a `key = value` or a ; comment");
    }
    (void)fclose(file);
    if (!loading.failed && !loopback(out->listen_host)) {
        loading.failed = true;
        (void)snprintf(message, cap, CONFIG_FILE ": [rpc] listen = %s: listening beyond this machine without TLS is refused; listen on 127.0.0.1 and put a "
                       "TLS proxy in front", out->listen_host);
    }
    if (!loading.failed && out->ops_on && !loopback(out->ops_host)) {
        loading.failed = true;
        (void)snprintf(message, cap, CONFIG_FILE ": [ops] listen = %s: the operator's listener stays on this machine", out->ops_host);
    }
    return loading.failed ? ERR_CONFIG : ERR_OK;
}
