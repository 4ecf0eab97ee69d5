/* History: the links of one object's history as a page of JSON: a licence's, a seal's. Layer: rpc. */
#ifndef LICET_RPC_HISTORY_H
#define LICET_RPC_HISTORY_H
#include "rpc/handler.h"

/* Whose: id_name "key" or "id" in the answer; what its leaf commits to. Views live as long as the call. */
struct history_of {
    const char *id_name;
    struct bytes id;
    uint32_t no, last_link;
    uint64_t count;
    const uint8_t *head32;
};
/* {ID_NAME, "height", "count", "head", "history": [...], "next"}: all links are checked against the head; ?after= ?limit= page them, ?statements=1 adds
 * the statements' bytes. */
void history_answer(struct rpc *rpc, struct request *request, const struct snapshot *snapshot, const struct history_of *of);
#endif
