/* HTTP: calls of a node. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_HTTP_H
#define LICET_TOOLS_CLIENT_HTTP_H
#include "tools/cli/cli.h"

struct http_answer { int status; char content_type[128]; uint8_t *body; size_t len; char location[256]; };
/* One request on a kept-alive connection to cli->node. False: no answer; a message was printed that says what to do. */
MUST_USE bool http_call(struct http_answer *out, const struct cli *cli, const char *method, const char *path, const char *content_type, const char *accept,
                        struct bytes body);
#define ASK_PATIENCE_S 8u /* who stands at a window does not wait a minute for a node that hangs */
/* Is that address this machine's own (127.0.0.0/8, ::1, localhost)? */
bool http_is_loopback(const char *node);
void http_answer_free(struct http_answer *answer);
#endif
