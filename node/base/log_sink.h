/* Log sink: takes whole lines and never makes its caller wait. A thread of its own writes them. While that thread hangs
 * (a pipe that nobody reads, a disk that is full or gone), lines are kept as far as there is room, then dropped and
 * counted. Once writing works again, the count is logged. Any thread. Layer: node. */
#ifndef LICET_NODE_LOG_SINK_H
#define LICET_NODE_LOG_SINK_H
#include "crypto/bytes.h"

#define LOG_SINK_BYTES (256u << 10) /* of lines that wait */

/* Starts the thread: call it before the first line of a program that must not hang. Without the thread, log_sink_put
 * writes each line itself, at once. */
void log_sink_start(void);
/* Waits until all lines are written, ms at most. Lines put later go the same way. */
void log_sink_drain(unsigned ms);
/* Drains, then ends the thread. A thread that hangs in a write is left to the end of the program. */
void log_sink_stop(unsigned ms);
void log_sink_put(int fd, const char *line, size_t len);
/* Lines that were not written since the start. */
uint64_t log_sink_dropped(void);
/* line_of makes the line that says how many were dropped. Set once, before the start. */
void log_sink_on_dropped(size_t (*line_of)(char *out, size_t cap, uint64_t dropped));
#endif
