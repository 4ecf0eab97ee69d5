/* Endwatch: ends the program from a thread of its own, in two cases. Layer: node. While something long only reads (a
 * start builds the map anew), being told to stop ends the program at once: nothing is being written, so nothing is
 * lost. While the program stops, a stop that hangs (a disk or a token that does not come back) ends after its time: a
 * crash loses nothing that was acknowledged, so neither does that. */
#ifndef LICET_NODE_ENDWATCH_H
#define LICET_NODE_ENDWATCH_H
#include <pthread.h>

#include "crypto/bytes.h"

struct endwatch {
    int stop_fd, over_fd, exit_code, limit_ms; /* limit_ms -1: none */
    pthread_t thread;
    bool on;
};
/* stop_fd: readable once the program is told to stop; it is not read. -1, or no thread: nobody watches, and the stop
 * comes after the long work. */
void endwatch_start(struct endwatch *watch, int stop_fd, int exit_code);
/* From here on the program ends by itself after limit_ms, with exit_code. */
void endwatch_limit(struct endwatch *watch, int limit_ms, int exit_code);
void endwatch_over(struct endwatch *watch); /* from here on a stop is the caller's again */
#endif
