/* Asker: whose questions count together: the peer's address; of IPv6 the first half, because one household or office has all of the other. All of this
 * machine are one asker: it has sixteen million addresses. Layer: rpc. Pure. */
#ifndef LICET_RPC_ASKER_H
#define LICET_RPC_ASKER_H
#include <sys/socket.h>

#include "rpc/http_head.h"

#define ASKER_LEN 16u /* bytes; all zero: this machine, or an address of another family */
void asker_of_peer(uint8_t out[ASKER_LEN], const struct sockaddr *peer);
/* What a proxy says of its client: the last address in the last header of that name. Where there is none that can be read, out stays as it is. */
void asker_named(uint8_t out[ASKER_LEN], const struct http_head *head, const char *header);
#endif
