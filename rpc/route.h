/* Route: leads each request to the row of the handlers that answers it. Layer: rpc. */
#ifndef LICET_RPC_ROUTE_H
#define LICET_RPC_ROUTE_H
#include "rpc/server.h"

/* A server_handler_fn. context: the rpc. Where no row has the path, or none of those takes the method or the body, the request is refused here. */
void route_request(void *context, struct request *request);
#endif
