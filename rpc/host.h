/* Host: whether a request's Host header names this node. A web page can give its own name our address (DNS rebinding) and then have a browser read
 * what we answer; the browser still sends that name. Layer: rpc. Pure. */
#ifndef LICET_RPC_HOST_H
#define LICET_RPC_HOST_H
#include <stdbool.h>
#include <stdint.h>

#define HOST_NAMES_MAX 512u
/* host: as the header has it. Ours: the address listened on, localhost, 127.0.0.1 and [::1], each with the port listened on (80 may be left out); and
 * what the operator names, with commas or spaces between, of any port unless one stands there: a proxy has its own. NULL: none. */
bool host_is_ours(const char *host, const char *listen, uint16_t port, const char *names);
/* Whether text is such a list: no empty one, no more than HOST_NAMES_MAX - 1 bytes, every part a host or an address with or without a port. */
bool host_names_valid(const char *text);
#endif
