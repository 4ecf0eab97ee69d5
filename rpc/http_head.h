/* HTTP head: the request line and headers of one HTTP/1.x request, strictly. Layer: rpc. Pure: no sockets, no heap, no clock.
 * Two readers that see different ends of one request are how requests are smuggled, so whatever can be read in two ways is refused: a
 * Transfer-Encoding of any form, more than one Content-Length or one that is not plain digits, lines that do not end in CRLF, folded lines,
 * names that are empty or have a space before the colon, control characters. */
#ifndef LICET_RPC_HTTP_HEAD_H
#define LICET_RPC_HTTP_HEAD_H
#include "ledger/base/code.h"

enum method { METHOD_GET, METHOD_POST, METHOD_HEAD, METHOD_OTHER };

#define HTTP_FIELDS_MAX 64u
#define HTTP_PARAMETERS_MAX 16u /* more are ignored, as unknown ones are */
#define HTTP_TARGET_MAX 1024u

#define HTTP_SLASH '\x01' /* belongs to its part of the path, as RFC 3986 2.2 has it, and divides none */

struct http_field { const char *name, *value; };
struct http_head {
    enum method method;
    bool http_1_0, keep_alive, expects_continue, has_length;
    const char *host; /* whom it is for: the Host header, or what an absolute target says instead; NULL: HTTP/1.0 without one */
    uint64_t length; /* Content-Length; 0 where there is none */
    uint32_t field_count, parameter_count;
    struct http_field fields[HTTP_FIELDS_MAX];
    struct http_field parameters[HTTP_PARAMETERS_MAX];
    char path[HTTP_TARGET_MAX], query[HTTP_TARGET_MAX]; /* decoded, an encoded slash as HTTP_SLASH; parameters point into query */
};

/* Looks for the end of a head in what has come so far. *scanned: where to go on; 0 at first. Returns the head's length with its empty line; 0: it has not
 * all come. *code: CODE_OK, or CODE_HTTP_FRAMING as soon as a line ends in anything but CRLF. */
MUST_USE size_t http_head_end(const char *bytes, size_t len, size_t *scanned, enum code *code);
/* Reads a whole head. Writes NULs into bytes; names and values point there and live as long. CODE_OK, HTTP_FRAMING, HOST_INVALID, HEADERS_TOO_LARGE or
 * PARAMETER. */
MUST_USE enum code http_head_parse(struct http_head *out, char *bytes, size_t len);
const char *http_field_find(const struct http_field *fields, uint32_t count, const char *name); /* NULL: absent; any case */
#endif
