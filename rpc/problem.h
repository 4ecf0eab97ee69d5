/* Problem: the JSON body of a refusal, for handlers and for the server's own refusals. Layer: rpc. */
#ifndef LICET_RPC_PROBLEM_H
#define LICET_RPC_PROBLEM_H
#include "ledger/base/code.h"

/* Its length. cap of 512 is always enough. */
size_t problem_json(char *out, size_t cap, const struct refusal *refusal);
#endif
