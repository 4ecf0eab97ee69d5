/* A client for tests of the rpc: one request, one answer, over a socket on loopback. */
#ifndef LICET_TESTS_HTTP_H
#define LICET_TESTS_HTTP_H
#include "crypto/bytes.h"

struct http_reply {
    int status;
    char *head;         /* status line and headers */
    struct bytes body;
    uint8_t *all;       /* malloc'd */
};
/* headers: whole lines with CRLF, or "". body.data NULL: none. Aborts where there is no whole answer. */
void http_ask(struct http_reply *out, uint16_t port, const char *method, const char *path, const char *headers, struct bytes body);
/* The two halves of it, for requests that are to be there at the same time: send gives the socket, which hear closes. */
int http_send(uint16_t port, const char *method, const char *path, const char *headers, struct bytes body);
void http_hear(struct http_reply *out, int fd);
void http_reply_free(struct http_reply *reply);
/* The value of a header, or NULL; lives until the next call. */
const char *http_reply_header(const struct http_reply *reply, const char *name);
#endif
