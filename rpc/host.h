/* Host: whether a request's Host header names this node. A web page can give its own name our address (DNS rebinding) and then have a browser read
 * what we answer; the browser still sends that name. Layer: rpc. Pure. */
#ifndef LICET_RPC_HOST_H
#define LICET_RPC_HOST_H
#include "crypto/bytes.h"

#define HOST_NAMES_MAX 512u
/* host: as the header has it. Ours are the address listened on, localhost, 127.0.0.1 and [::1], each with the port listened on; port 80 may be left out.
 * Ours are also the names that the operator gives, with commas or spaces between (NULL: none). Such a name without a port stands for every port,
 * because a proxy has its own. */
MUST_USE bool host_is_ours(const char *host, const char *listen, uint16_t port, const char *names);
/* Whether text is such a list: at least one name, at most HOST_NAMES_MAX - 1 bytes, each part a host or an address, with or without a port. */
MUST_USE bool host_names_valid(const char *text);
#endif
