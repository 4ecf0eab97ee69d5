/* http_head: the head of a request. Its end is the same however the bytes come in; what is taken has no control in it, and reads the same again when it is
 * said with what was read. */
#include "tests/fuzz/fuzz.h"

#include <strings.h>

#include "rpc/http_head.h"

#define AGAIN_MAX (1u << 18)

/* As far as it has come each time: in steps of so many bytes. */
static size_t end_of(const uint8_t *data, size_t size, size_t step, enum code *code) {
    size_t scanned = 0, end = 0;
    *code = CODE_OK;
    for (size_t have = 0; have < size && end == 0 && *code == CODE_OK;) {
        have = size - have < step ? size : have + step;
        end = http_head_end((const char *)data, have, &scanned, code);
        ASSERT(end <= have && (end == 0 || *code == CODE_OK));
    }
    return end;
}

static void no_controls(const char *text) {
    for (; *text != '\0'; text++) ASSERT(*text == '\t' || ((unsigned char)*text >= 0x20 && *text != 0x7f));
}

static void look(const struct http_head *head) {
    ASSERT(head->field_count <= HTTP_FIELDS_MAX);
    ASSERT(head->parameter_count <= HTTP_PARAMETERS_MAX);
    ASSERT(head->path[0] == '/' && strlen(head->path) < HTTP_TARGET_MAX);
    ASSERT(head->host != NULL || head->http_1_0);
    ASSERT(!head->expects_continue || !head->http_1_0);
    ASSERT(head->has_length || head->length == 0);
    ASSERT(http_field_find(head->fields, head->field_count, "transfer-encoding") == NULL);
    uint32_t lengths = 0;
    for (uint32_t i = 0; i < head->field_count; i++) {
        const struct http_field *field = &head->fields[i];
        const size_t len = strlen(field->value);
        ASSERT(field->name[0] != '\0' && strpbrk(field->name, " \t:,;\"") == NULL);
        ASSERT(len == 0 || (strchr(" \t", field->value[0]) == NULL && strchr(" \t", field->value[len - 1]) == NULL));
        no_controls(field->name);
        no_controls(field->value);
        lengths += strcasecmp(field->name, "Content-Length") == 0;
    }
    ASSERT(lengths == (head->has_length ? 1 : 0));
}

struct said { char *text; size_t len; };
static void say(struct said *out, const char *text) {
    const size_t len = strlen(text);
    ASSERT(out->len + len < AGAIN_MAX);
    memcpy(out->text + out->len, text, len + 1);
    out->len += len;
}

static void say_encoded(struct said *out, const char *text) {
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)(*text == HTTP_SLASH ? '/' : *text);
        char one[4] = {(char)c, '\0'};
        if (*text == HTTP_SLASH || c <= 0x20 || c >= 0x7f || strchr("%?#&=+", c) != NULL) (void)snprintf(one, sizeof one, "%%%02X", (unsigned)c);
        say(out, one);
    }
}

/* A head of the same meaning. False: said so, the path or the query is too long. */
static bool say_head(struct said *out, const struct http_head *head) {
    static const char *const methods[] = {"GET", "POST", "HEAD", "PUT"};
    const char *host = http_field_find(head->fields, head->field_count, "Host");
    say(out, methods[head->method]);
    say(out, " ");
    if (head->host != host) { /* of an absolute target */
        say(out, "http://");
        say(out, head->host);
    }
    const size_t path = out->len;
    say_encoded(out, head->path);
    if (out->len - path >= HTTP_TARGET_MAX) return false;
    const size_t query = out->len + 1;
    for (uint32_t i = 0; i < head->parameter_count; i++) {
        say(out, i == 0 ? "?" : "&");
        say_encoded(out, head->parameters[i].name);
        say(out, "=");
        for (const char *value = head->parameters[i].value; *value != '\0'; value++) {
            char one[4];
            (void)snprintf(one, sizeof one, "%%%02x", (unsigned)(unsigned char)*value);
            say(out, one);
        }
    }
    if (out->len > query && out->len - query >= HTTP_TARGET_MAX) return false;
    say(out, head->http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (uint32_t i = 0; i < head->field_count; i++) {
        say(out, head->fields[i].name);
        say(out, ":");
        say(out, head->fields[i].value);
        say(out, "\r\n");
    }
    say(out, "\r\n");
    return true;
}

static void same_fields(const struct http_field *a, const struct http_field *b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(strcmp(a[i].name, b[i].name) == 0);
        ASSERT(strcmp(a[i].value, b[i].value) == 0);
    }
}

static void again(const struct http_head *head) {
    static char text[AGAIN_MAX];
    static struct http_head other;
    struct said said = {text, 0};
    if (!say_head(&said, head)) return;
    enum code code;
    ASSERT(end_of((const uint8_t *)text, said.len, SIZE_MAX, &code) == said.len);
    ASSERT(http_head_parse(&other, text, said.len) == CODE_OK);
    ASSERT(other.method == head->method && other.http_1_0 == head->http_1_0 && other.keep_alive == head->keep_alive);
    ASSERT(other.expects_continue == head->expects_continue && other.has_length == head->has_length && other.length == head->length);
    ASSERT((other.host == NULL) == (head->host == NULL) && (head->host == NULL || strcmp(other.host, head->host) == 0));
    ASSERT(strcmp(other.path, head->path) == 0);
    ASSERT(other.field_count == head->field_count && other.parameter_count == head->parameter_count);
    same_fields(other.fields, head->fields, head->field_count);
    same_fields(other.parameters, head->parameters, head->parameter_count);
}

int fuzz_one(const uint8_t *data, size_t size) {
    static struct http_head head;
    enum code at_once, in_steps;
    const size_t end = end_of(data, size, SIZE_MAX, &at_once), stepped = end_of(data, size, 1 + size % 7, &in_steps);
    ASSERT(end == stepped && at_once == in_steps);
    const size_t len = end > 0 ? end : size; /* a head that has not ended is refused by the reader too */
    char *bytes = malloc(len > 0 ? len : 1);
    ASSERT(bytes != NULL);
    if (len > 0) memcpy(bytes, data, len);
    const enum code code = http_head_parse(&head, bytes, len);
    fuzz_refusal(refuse(code, NULL));
    ASSERT(code != CODE_OK || end > 0);
    if (code == CODE_OK) {
        look(&head);
        again(&head);
    }
    free(bytes);
    return 0;
}
