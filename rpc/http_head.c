#include "rpc/http_head.h"

#include <strings.h>

size_t http_head_end(const char *bytes, size_t len, size_t *scanned, enum code *code) {
    *code = CODE_OK;
    size_t at = *scanned;
    const char *newline;
    while (at < len && (newline = memchr(bytes + at, '\n', len - at)) != NULL) {
        const size_t end = (size_t)(newline - bytes) + 1;
        if (end < 2 || bytes[end - 2] != '\r') {
            *code = CODE_HTTP_FRAMING;
            return 0;
        }
        if (end >= 4 && bytes[end - 4] == '\r' && bytes[end - 3] == '\n') return end;
        at = end;
    }
    *scanned = len;
    return 0;
}

/* RFC 9110 5.6.2 */
static bool token_char(char c) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static size_t token_len(const char *text) {
    size_t len = 0;
    while (token_char(text[len])) len++;
    return len;
}

static int percent_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Percent-decodes in place. An encoded NUL would end the text early for us and not for others; in a path, HTTP_SLASH is ours. */
static bool percent_decode(char *text, bool in_path) {
    char *out = text;
    for (const char *in = text; *in != '\0'; in++) {
        if (*in == '+' && !in_path) {
            *out++ = ' ';
        } else if (*in != '%') {
            *out++ = *in;
        } else {
            const int high = percent_digit(in[1]);
            const int low = high < 0 ? -1 : percent_digit(in[2]);
            if (low < 0 || (high == 0 && low == 0)) return false;
            char c = (char)(high * 16 + low);
            if (in_path && c == HTTP_SLASH) return false;
            if (in_path && c == '/') c = HTTP_SLASH;
            *out++ = c;
            in += 2;
        }
    }
    *out = '\0';
    return true;
}

static enum code read_parameters(struct http_head *out) {
    char *rest = out->query;
    while (rest != NULL && *rest != '\0' && out->parameter_count < HTTP_PARAMETERS_MAX) {
        char *name = strsep(&rest, "&");
        if (*name == '\0') continue;
        char *value = name;
        (void)strsep(&value, "=");
        if (!percent_decode(name, false) || (value != NULL && !percent_decode(value, false))) return CODE_PARAMETER;
        out->parameters[out->parameter_count++] = (struct http_field){name, value != NULL ? value : ""};
    }
    return CODE_OK;
}

/* target: origin form, or absolute form, which a proxy may send and a server has to take (RFC 9112 3.2.2). */
static enum code read_target(struct http_head *out, char *target) {
    for (const char *p = target; *p != '\0'; p++) {
        if (*p <= 0x20 || *p == 0x7f || *p == '#') return CODE_HTTP_FRAMING; /* char is signed or not: bytes above 7f fail either way */
        if ((unsigned char)*p >= 0x80) return CODE_HTTP_FRAMING;
    }
    if (strncasecmp(target, "http://", 7) == 0 || strncasecmp(target, "https://", 8) == 0) {
        out->host = strchr(target, '/') + 2; /* behind the two that end the scheme */
        target = strchr(out->host, '/');
        if (target == NULL) return CODE_HTTP_FRAMING;
    }
    if (target[0] != '/') return CODE_HTTP_FRAMING;
    char *const path = target;
    (void)strsep(&target, "?");
    const size_t path_len = strlen(path), query_len = target != NULL ? strlen(target) : 0;
    if (path_len >= sizeof out->path || query_len >= sizeof out->query) return CODE_HEADERS_TOO_LARGE;
    memcpy(out->path, path, path_len + 1);
    *path = '\0'; /* ends the host in front of it, where there is one */
    if (query_len > 0) memcpy(out->query, target, query_len);
    out->query[query_len] = '\0';
    if (!percent_decode(out->path, true)) return CODE_PARAMETER;
    return read_parameters(out);
}

static enum code read_request_line(struct http_head *out, char *line) {
    const size_t method_len = token_len(line);
    if (method_len == 0 || line[method_len] != ' ') return CODE_HTTP_FRAMING;
    line[method_len] = '\0';
    out->method = METHOD_OTHER;
    if (strcmp(line, "GET") == 0) out->method = METHOD_GET;
    if (strcmp(line, "POST") == 0) out->method = METHOD_POST;
    if (strcmp(line, "HEAD") == 0) out->method = METHOD_HEAD;
    char *target = line + method_len + 1;
    char *version = strchr(target, ' ');
    if (version == NULL) return CODE_HTTP_FRAMING;
    *version++ = '\0';
    if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0) return CODE_HTTP_FRAMING;
    out->http_1_0 = version[7] == '0';
    out->keep_alive = !out->http_1_0;
    return read_target(out, target);
}

/* Whether a comma-separated list holds the word. */
static bool list_has(const char *list, const char *word) {
    const size_t len = strlen(word);
    for (const char *p = list; *p != '\0';) {
        p += strspn(p, ", \t");
        const size_t part = token_len(p);
        if (part == len && strncasecmp(p, word, len) == 0) return true;
        p += part > 0 ? part : (*p != '\0');
    }
    return false;
}

static bool read_length(struct http_head *out, const char *value) {
    const size_t digits = strspn(value, "0123456789");
    if (out->has_length || digits == 0 || digits > 18 || value[digits] != '\0') return false;
    out->has_length = true;
    out->length = strtoull(value, NULL, 10);
    return true;
}

/* What a header means for the framing and the life of the connection. */
static bool heed(struct http_head *out, const struct http_field *field, uint32_t *hosts) {
    if (strcasecmp(field->name, "Transfer-Encoding") == 0) return false;
    if (strcasecmp(field->name, "Content-Length") == 0) return read_length(out, field->value);
    if (strcasecmp(field->name, "Host") == 0) {
        if (out->host == NULL) out->host = field->value;
        (*hosts)++;
    }
    if (strcasecmp(field->name, "Connection") == 0) {
        if (list_has(field->value, "keep-alive")) out->keep_alive = true;
        if (list_has(field->value, "close")) out->keep_alive = false;
    }
    if (strcasecmp(field->name, "Expect") == 0) {
        if (strcasecmp(field->value, "100-continue") != 0) return false;
        out->expects_continue = !out->http_1_0;
    }
    return true;
}

/* One line without its CRLF, which has become a NUL. */
static enum code read_field(struct http_head *out, char *line, uint32_t *hosts) {
    const size_t name_len = token_len(line);
    if (name_len == 0 || line[name_len] != ':') return CODE_HTTP_FRAMING; /* folded lines begin with a space and end here */
    if (out->field_count == HTTP_FIELDS_MAX) return CODE_HEADERS_TOO_LARGE;
    line[name_len] = '\0';
    char *value = line + name_len + 1;
    value += strspn(value, " \t");
    size_t len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) len--;
    value[len] = '\0';
    struct http_field *field = &out->fields[out->field_count++];
    *field = (struct http_field){line, value};
    return heed(out, field, hosts) ? CODE_OK : CODE_HTTP_FRAMING;
}

static bool controls_in(const char *line, size_t len) {
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)line[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) return true;
    }
    return false;
}

enum code http_head_parse(struct http_head *out, char *bytes, size_t len) {
    /* the arrays are not cleared: their counts say what is in them */
    memset(out, 0, offsetof(struct http_head, fields));
    bool first = true;
    uint32_t hosts = 0;
    for (size_t at = 0; at < len;) {
        char *newline = memchr(bytes + at, '\n', len - at);
        if (newline == NULL || newline == bytes + at || newline[-1] != '\r') return CODE_HTTP_FRAMING;
        char *line = bytes + at;
        const size_t line_len = (size_t)(newline - line) - 1;
        at = (size_t)(newline - bytes) + 1;
        if (line_len == 0 && (at != len || first)) return CODE_HTTP_FRAMING;
        if (line_len == 0) return hosts == 1 || (hosts == 0 && out->http_1_0) ? CODE_OK : CODE_HOST_INVALID;
        if (controls_in(line, line_len)) return CODE_HTTP_FRAMING;
        line[line_len] = '\0';
        const enum code code = first ? read_request_line(out, line) : read_field(out, line, &hosts);
        if (code != CODE_OK) return code;
        first = false;
    }
    return CODE_HTTP_FRAMING;
}

const char *http_field_find(const struct http_field *fields, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++) {
        if (strcasecmp(fields[i].name, name) == 0) return fields[i].value;
    }
    return NULL;
}
