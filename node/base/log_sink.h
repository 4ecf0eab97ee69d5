/* Log sink: takes whole lines and never makes its caller wait. A thread of its own writes them; while that hangs (a pipe that nobody reads, a disk that is
 * full or gone) lines are kept as far as there is room, then dropped and counted, and the count is logged once writing works again. Any thread. Layer: node. */
#ifndef LICET_NODE_LOG_SINK_H
#define LICET_NODE_LOG_SINK_H
#include "crypto/bytes.h"

#define LOG_SINK_BYTES (256u << 10) /* of lines that wait */

/* Before the first line of a program that must not hang. Without it, or where no thread is to be had, lines are written at once by who logs. */
void log_sink_start(void);
/* Waits until all that was put is written, ms at most. Lines put later still go the same way. */
void log_sink_drain(unsigned ms);
/* Drains, and ends the thread unless it hangs in a write: then it is left to the end of the program. */
void log_sink_stop(unsigned ms);
void log_sink_put(int fd, const char *line, size_t len);
/* Lines that were not written since the start. */
uint64_t log_sink_dropped(void);
/* Who says that lines were dropped: makes the line. Set once, before the start. */
void log_sink_on_dropped(size_t (*line_of)(char *out, size_t cap, uint64_t dropped));
#endif
