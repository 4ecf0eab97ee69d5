/* token_uri: addresses of keys in tokens. Refused, or taken: then every part is within its bounds, and what was taken, written again in full
 * percent-coding, means the same. Nothing with a PIN in it is taken or shown. */
#include "tests/fuzz/fuzz.h"

#include "crypto/token_uri.h"

static size_t put_name(char *out, size_t at, size_t cap, const char *between, const char *name, const uint8_t *data, size_t len) {
    if (len == 0) return at;
    at += (size_t)snprintf(out + at, cap - at, "%s%s=", between, name);
    for (size_t i = 0; i < len; i++) at += (size_t)snprintf(out + at, cap - at, "%%%02x", data[i]);
    ASSERT(at < cap);
    return at;
}

static void same_again(const struct token_uri *uri) {
    static char text[8 * TOKEN_URI_MAX];
    static struct token_uri again;
    const struct { const char *name; const struct token_name *value; } names[] = {
        {"id", &uri->id}, {"object", &uri->object}, {"serial", &uri->serial}, {"model", &uri->model}, {"manufacturer", &uri->manufacturer}, {"token", &uri->token}};
    size_t at = (size_t)snprintf(text, sizeof text, "pkcs11:type=private");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) at = put_name(text, at, sizeof text, ";", names[i].name, names[i].value->data, names[i].value->len);
    const size_t path_len = at;
    at = put_name(text, at, sizeof text, "?", "module-path", (const uint8_t *)uri->module_path, strlen(uri->module_path));
    at = put_name(text, at, sizeof text, at > path_len ? "&" : "?", "pin-source", (const uint8_t *)uri->pin_source, strlen(uri->pin_source));
    if (at > TOKEN_URI_MAX) return; /* percent-coding is three times as long */
    ASSERT(token_uri_parse(&again, text) == TOKEN_OK);
    ASSERT(memcmp(&again, uri, sizeof again) == 0);
}

int fuzz_one(const uint8_t *data, size_t size) {
    static struct token_uri uri;
    char shown[256], *text = malloc(size + 1);
    ASSERT(text != NULL);
    if (size > 0) memcpy(text, data, size);
    text[size] = '\0';
    const enum token_result result = token_uri_parse(&uri, text);
    ASSERT(result == TOKEN_OK || result == TOKEN_URI || result == TOKEN_URI_PIN || result == TOKEN_URI_VAGUE);
    key_where_shown(shown, sizeof shown, text);
    if (key_in_token(text)) ASSERT(strstr(shown, "pin-") == NULL);
    if (result == TOKEN_OK) {
        ASSERT(key_in_token(text));
        ASSERT(strstr(text, "pin-value=") == NULL);
        ASSERT(uri.token.len <= 32 && uri.manufacturer.len <= 32 && uri.model.len <= 16 && uri.serial.len <= 16);
        ASSERT(uri.object.len <= sizeof uri.object.data && uri.id.len <= sizeof uri.id.data);
        ASSERT(uri.token.len > 0 || uri.serial.len > 0);
        ASSERT(uri.object.len > 0 || uri.id.len > 0);
        ASSERT(uri.module_path[0] == '\0' || uri.module_path[0] == '/');
        ASSERT(uri.pin_source[0] == '\0' || uri.pin_source[0] == '/');
        same_again(&uri);
    }
    free(text);
    return 0;
}
