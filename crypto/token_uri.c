#include "crypto/token_uri.h"

#define SCHEME "pkcs11:"
#define SCHEME_LEN (sizeof SCHEME - 1)

bool key_in_token(const char *where) { return strncmp(where, SCHEME, SCHEME_LEN) == 0; }

/* A PIN that somebody put into the URI all the same stands in the query, or after its own name. */
void key_where_shown(char *out, size_t cap, const char *where) {
    size_t len = strlen(where);
    if (key_in_token(where)) {
        const char *pin = strstr(where, "pin-");
        len = strcspn(where, "?");
        if (pin && (size_t)(pin - where) < len) len = (size_t)(pin - where);
    }
    (void)snprintf(out, cap, "%.*s", len > TOKEN_URI_MAX ? (int)TOKEN_URI_MAX : (int)len, where);
}

/* ---- attributes ---- */

enum kind { KIND_NAME, KIND_ID, KIND_TYPE, KIND_PATH, KIND_PIN_SOURCE };
static const struct attribute {
    const char *name;
    bool query;
    enum kind kind;
    size_t offset, max;
} attributes[] = {
    {"token", false, KIND_NAME, offsetof(struct token_uri, token), 32},
    {"manufacturer", false, KIND_NAME, offsetof(struct token_uri, manufacturer), 32},
    {"model", false, KIND_NAME, offsetof(struct token_uri, model), 16},
    {"serial", false, KIND_NAME, offsetof(struct token_uri, serial), 16},
    {"object", false, KIND_NAME, offsetof(struct token_uri, object), 128},
    {"id", false, KIND_ID, offsetof(struct token_uri, id), 128},
    {"type", false, KIND_TYPE, 0, 16},
    {"module-path", true, KIND_PATH, offsetof(struct token_uri, module_path), TOKEN_PATH_MAX - 1},
    {"pin-source", true, KIND_PIN_SOURCE, offsetof(struct token_uri, pin_source), TOKEN_PATH_MAX - 1},
};
#define ATTRIBUTES (sizeof attributes / sizeof *attributes)

static const struct attribute *attribute_find(const char *name, size_t len, bool query) {
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (attributes[i].query == query && strlen(attributes[i].name) == len && memcmp(attributes[i].name, name, len) == 0) return &attributes[i];
    return NULL;
}

/* RFC 7512, 2.3: what stands for itself in a value; the rest is written %XX. */
static bool token_uri_plain(char c, bool query) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c != '\0' && strchr(query ? "-._~:[]@!$'()*+,=/?|" : "-._~:[]@!$'()*+,=&", c);
}

static bool token_uri_value_decode(uint8_t *out, size_t cap, size_t *out_len, const char *text, size_t len, bool query) {
    size_t n = 0;
    for (size_t i = 0; i < len; n++) {
        if (n == cap) return false;
        if (text[i] == '%') {
            if (len - i < 3 || !hex_decode(out + n, 1, text + i + 1, 2)) return false;
            i += 3;
        } else {
            if (!token_uri_plain(text[i], query)) return false;
            out[n] = (uint8_t)text[i++];
        }
    }
    *out_len = n;
    return n > 0;
}

static bool name_set(struct token_name *name, const struct attribute *attribute, const uint8_t *value, size_t len) {
    if (attribute->kind == KIND_NAME && memchr(value, '\0', len)) return false;
    memcpy(name->data, value, len);
    name->len = len;
    return true;
}

/* Relative ones would mean another file in another folder; a bare module name would be looked for along the linker's path; "|program" is the RFC's
 * other form of a pin-source. */
static bool path_set(char *path, const uint8_t *value, size_t len) {
    if (len == 0 || value[0] != '/' || memchr(value, '\0', len)) return false;
    memcpy(path, value, len);
    path[len] = '\0';
    return true;
}

static enum token_result attribute_set(struct token_uri *out, const struct attribute *attribute, const char *text, size_t text_len) {
    static const char scheme[] = "file:";
    uint8_t value[TOKEN_PATH_MAX];
    size_t len, skip = 0;
    bool ok = token_uri_value_decode(value, attribute->max, &len, text, text_len, attribute->query);
    uint8_t *field = (uint8_t *)out + attribute->offset;
    if (!ok) return TOKEN_URI;
    switch (attribute->kind) {
    case KIND_NAME:
    case KIND_ID: return name_set((struct token_name *)(void *)field, attribute, value, len) ? TOKEN_OK : TOKEN_URI;
    case KIND_TYPE: return len == 7 && memcmp(value, "private", 7) == 0 ? TOKEN_OK : TOKEN_URI;
    case KIND_PIN_SOURCE:
        if (len > sizeof scheme && memcmp(value, scheme, sizeof scheme - 1) == 0) skip = sizeof scheme - 1;
        if (skip && value[skip] == '/' && value[skip + 1] == '/') skip += 2; /* file:///path; a host before the path leaves no / in front, and is refused */
        return path_set((char *)field, value + skip, len - skip) ? TOKEN_OK : TOKEN_URI;
    case KIND_PATH: return path_set((char *)field, value, len) ? TOKEN_OK : TOKEN_URI;
    }
    ASSERT(false); /* not a kind */
    return TOKEN_URI;
}

/* A list of NAME=VALUE up to `end`, each attribute at most once. Not a zero-terminated text. */
static enum token_result list_read(struct token_uri *out, unsigned *seen, const char *at, const char *end, char between, bool query) {
    for (bool more = true; more;) {
        const char *stop = memchr(at, between, (size_t)(end - at));
        more = stop != NULL;
        if (!stop) stop = end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        if (!equals) return TOKEN_URI;
        const struct attribute *attribute = attribute_find(at, (size_t)(equals - at), query);
        if (!attribute) return TOKEN_URI;
        const unsigned bit = 1u << (attribute - attributes);
        if (*seen & bit) return TOKEN_URI;
        *seen |= bit;
        enum token_result result = attribute_set(out, attribute, equals + 1, (size_t)(stop - equals - 1));
        if (result != TOKEN_OK) return result;
        at = stop + 1;
    }
    return TOKEN_OK;
}
_Static_assert(ATTRIBUTES <= 8 * sizeof(unsigned), "seen has a bit for each");

enum token_result token_uri_parse(struct token_uri *out, const char *uri) {
    memset(out, 0, sizeof *out);
    const size_t len = strnlen(uri, TOKEN_URI_MAX + 1);
    if (len > TOKEN_URI_MAX || !key_in_token(uri)) return TOKEN_URI;
    const char *end = uri + len, *path = uri + SCHEME_LEN, *question = memchr(path, '?', (size_t)(end - path));
    unsigned seen = 0;
    /* A PIN is pointed out before anything else is: it has been shown to everybody already. */
    enum token_result result = strstr(uri, "pin-value=") ? TOKEN_URI_PIN : list_read(out, &seen, path, question ? question : end, ';', false);
    if (result == TOKEN_OK && question) result = list_read(out, &seen, question + 1, end, '&', true);
    if (result == TOKEN_OK && ((out->token.len == 0 && out->serial.len == 0) || (out->object.len == 0 && out->id.len == 0))) result = TOKEN_URI_VAGUE;
    if (result != TOKEN_OK) memset(out, 0, sizeof *out);
    return result;
}
