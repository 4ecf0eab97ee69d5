#include "tests/lib/http.h"

#include <arpa/inet.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int dial(uint16_t port) {
    const struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval limit = {30, 0};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ASSERT(connect(fd, (const struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

static void send_all(int fd, const void *data, size_t len) {
    for (size_t at = 0; at < len;) {
        const ssize_t n = send(fd, (const char *)data + at, len - at, MSG_NOSIGNAL);
        ASSERT(n > 0);
        at += (size_t)n;
    }
}

int http_send(uint16_t port, const char *method, const char *path, const char *headers, struct bytes body) {
    char head[4096];
    const int fd = dial(port);
    const int head_len = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%sContent-Length: %zu\r\n\r\n", method, path,
                                  (unsigned)port, headers, body.len);
    ASSERT(head_len > 0 && (size_t)head_len < sizeof head);
    send_all(fd, head, (size_t)head_len);
    send_all(fd, body.data, body.len);
    return fd;
}

void http_hear(struct http_reply *out, int fd) {
    size_t cap = 1u << 16, len = 0;
    uint8_t *all = malloc(cap + 1);
    ASSERT(all != NULL);
    for (ssize_t n; (n = recv(fd, all + len, cap - len, 0)) > 0;) {
        len += (size_t)n;
        if (len < cap) continue;
        cap *= 2;
        all = realloc(all, cap + 1);
        ASSERT(all != NULL);
    }
    close(fd);
    all[len] = '\0';
    char *end = strstr((char *)all, "\r\n\r\n");
    ASSERT(end != NULL);
    end[2] = '\0';
    *out = (struct http_reply){.status = atoi((char *)all + 9), .head = (char *)all, .all = all};
    out->body = bytes_of(end + 4, len - (size_t)(end + 4 - (char *)all));
}

void http_ask(struct http_reply *out, uint16_t port, const char *method, const char *path, const char *headers, struct bytes body) {
    http_hear(out, http_send(port, method, path, headers, body));
}

void http_reply_free(struct http_reply *reply) {
    free(reply->all);
    memset(reply, 0, sizeof *reply);
}

const char *http_reply_header(const struct http_reply *reply, const char *name) {
    static char value[512];
    const size_t name_len = strlen(name);
    for (const char *line = strstr(reply->head, "\r\n"); line != NULL && line[2] != '\0'; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, name_len) != 0 || line[2 + name_len] != ':') continue;
        snprintf(value, sizeof value, "%.*s", (int)strcspn(line + 4 + name_len, "\r"), line + 4 + name_len);
        return value;
    }
    return NULL;
}
