/* Served: a world behind an rpc, for tests over HTTP. The ledger is filled before the rpc starts: kv_mem takes no writer beside readers. */
#ifndef LICET_TESTS_SERVED_H
#define LICET_TESTS_SERVED_H
#include <jansson.h>

#include "rpc/rpc.h"
#include "tests/lib/http.h"
#include "tests/lib/world.h"

#define SERVED_IDENTIFIER_SERIAL "A1"
struct served {
    struct world world;
    struct rpc *rpc;
    uint16_t port;
    bool has_secret, has_note;                /* what the hooks say */
    uint64_t notes;                           /* how often the hook was asked for one */
    _Atomic unsigned pause_ms;                /* the next time it is, it takes so long, and all that is sent meanwhile is read at once */
    int64_t later_ms;                         /* how far the node's clock is ahead of the world's */
    char identifier[IDENTIFIER_MAX + 1];      /* of one keyed licence that has a real one, number "沪A-1", holder code "H1", name "张三" */
    uint8_t identifier_key[32];
    uint64_t events[4];
    unsigned damages;                         /* how often damage was told */
    struct submit_answer submit;              /* what the next submit answers */
    struct made submitted;
};
/* keyed: licences with serials 0.. of the keyed type, in statements of at most 300; then `identifier`'s; all in blocks of their own. */
void served_fill(struct served *served, uint32_t keyed);
void served_start(struct served *served); /* believes the header X-Asker */
void served_stop(struct served *served); /* both */
/* Asks; the JSON of the answer (NULL: none); status in *status. json: the body, or NULL. */
json_t *served_json(const struct served *served, int *status, const char *method, const char *path, const char *json);
#endif
