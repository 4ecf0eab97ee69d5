/* Request: what a handler sees of one HTTP request, and the one way to answer it. Layer: rpc. Free of sockets. */
#ifndef LICET_RPC_REQUEST_H
#define LICET_RPC_REQUEST_H
#include "rpc/asker.h"
#include "rpc/server.h"

enum media {
    MEDIA_JSON, MEDIA_CBOR, MEDIA_COSE, MEDIA_PROBLEM_CBOR, MEDIA_PROBLEM_JSON, MEDIA_TEXT, MEDIA_HTML, MEDIA_OCTETS, MEDIA_CSS, MEDIA_JS,
    MEDIA_LICET
};

enum method request_method(const struct request *request);
const char *request_path(const struct request *request);                       /* decoded, no query */
const char *request_parameter(const struct request *request, const char *name); /* NULL: absent */
const char *request_header(const struct request *request, const char *name);
/* Who asks. header: NULL or empty, or the one in which a proxy on this machine names its client: it is believed of nobody else. */
void request_asker(const struct request *request, const char *header, uint8_t out[ASKER_LEN]);
struct bytes request_body(const struct request *request);                      /* lives until answered */
struct reader *request_reader(const struct request *request);                  /* the loop thread's own; NULL once the connection is gone */
struct tile_reader *request_tiles(const struct request *request);
uint8_t *request_scratch(const struct request *request, size_t *cap);          /* the loop thread's buffer, PROOF_BYTES_MAX bytes */

/* Adds a header to the answer to come. Name and value never come from outside: neither may hold the end of a line. */
void request_add_header(struct request *request, const char *name, const char *value);
/* Answers; the request is gone afterwards. Copies body. location: NULL, or the Location header. immutable: may be kept for ever. On the request's own loop
 * thread only. */
void request_answer(struct request *request, int status, enum media media, struct bytes body, const char *location, bool immutable);
/* Puts the request off until all else that has come in at this moment is read. Then fn gets it on the loop's thread, together with the others that were
 * put off for the same fn and context, in the order in which they came, at most REQUESTS_TOGETHER_MAX at a time. fn answers each before it returns.
 * The handler calls this last. */
#define REQUESTS_TOGETHER_MAX 16u
typedef void (*requests_fn)(void *context, struct request *const *requests, size_t count);
void request_gather(struct request *request, requests_fn fn, void *context);
/* The way back for answers that come late: soon runs fn(context) on the request's loop thread. From any thread; not again before fn has run. Where the
 * server has stopped meanwhile, fn runs at once on the caller's thread, and request_answer only frees the request. */
void request_post(struct request *request, void (*fn)(void *context), void *context);
#endif
