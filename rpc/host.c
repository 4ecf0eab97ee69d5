#include "rpc/host.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATORS ", \t"

struct authority {
    const char *name; /* without the brackets of an IPv6 address */
    size_t len;
    bool has_port;
    unsigned long port;
};

/* The first len bytes of text. */
static bool read_authority(struct authority *out, const char *text, size_t len) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._", hex[] = "0123456789abcdefABCDEF:.";
    const bool bracket = len > 0 && text[0] == '[';
    const char *name = bracket ? text + 1 : text, *end = text + len;
    size_t name_len = strspn(name, bracket ? hex : letters);
    if (name_len > (size_t)(end - name)) name_len = (size_t)(end - name);
    const char *rest = name + name_len;
    *out = (struct authority){.name = name, .len = name_len};
    if (name_len == 0 || (bracket && (rest == end || *rest++ != ']'))) return false;
    if (rest == end) return true;
    const size_t digits = (size_t)(end - rest) - 1;
    if (*rest++ != ':' || digits == 0 || digits > 5 || strspn(rest, "0123456789") < digits) return false;
    out->has_port = true;
    out->port = strtoul(rest, NULL, 10); /* whatever separates it from the next ends it */
    return out->port <= 65535;
}

static bool is_name(const struct authority *authority, const char *name, size_t len) {
    return authority->len == len && strncasecmp(authority->name, name, len) == 0;
}

static bool is_default(const struct authority *host, const char *listen) {
    static const char *const own[] = {"localhost", "127.0.0.1", "::1"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (is_name(host, own[i], strlen(own[i]))) return true;
    return is_name(host, listen, strlen(listen));
}

bool host_is_ours(const char *host, const char *listen, uint16_t port, const char *names) {
    struct authority asked, named;
    if (!read_authority(&asked, host, strlen(host))) return false;
    if ((asked.has_port ? asked.port : 80) == port && is_default(&asked, listen)) return true;
    for (const char *at = names != NULL ? names : ""; *(at += strspn(at, SEPARATORS)) != '\0';) {
        const size_t len = strcspn(at, SEPARATORS);
        if (read_authority(&named, at, len) && is_name(&asked, named.name, named.len) &&
            (!named.has_port || (asked.has_port && asked.port == named.port)))
            return true;
        at += len;
    }
    return false;
}

bool host_names_valid(const char *text) {
    struct authority named;
    size_t count = 0;
    if (strlen(text) >= HOST_NAMES_MAX) return false;
    for (const char *at = text; *(at += strspn(at, SEPARATORS)) != '\0'; count++) {
        const size_t len = strcspn(at, SEPARATORS);
        if (!read_authority(&named, at, len)) return false;
        at += len;
    }
    return count > 0;
}
