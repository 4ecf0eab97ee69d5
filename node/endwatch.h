/* Endwatch: while something long goes on that only reads (the map is rebuilt at a start), being told to stop ends the program at once: nothing is
 * being written, so nothing is lost. Layer: node. */
#ifndef LICET_NODE_ENDWATCH_H
#define LICET_NODE_ENDWATCH_H
#include <pthread.h>

#include "crypto/bytes.h"

struct endwatch {
    int stop_fd, over_fd, exit_code;
    pthread_t thread;
    bool on;
};
/* stop_fd: readable once the program is told to stop; it is not read. -1, or no thread: nobody watches, and the stop comes after the long work. */
void endwatch_start(struct endwatch *watch, int stop_fd, int exit_code);
void endwatch_over(struct endwatch *watch); /* from here on a stop is the caller's again */
#endif
