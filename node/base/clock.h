/* Clock: the only place that asks the machine for the time. Below node, time is an argument. Block time and note time
 * are wall time. Time-outs, and the rule that says whether the clock is plausible, use clocks that nobody can set.
 * Layer: node. */
#ifndef LICET_NODE_CLOCK_H
#define LICET_NODE_CLOCK_H
#include "crypto/bytes.h"

/* Wall time in ms since 1970-01-01 UTC. Has the shape of a hook; context is not used. */
int64_t clock_now_ms(void *context);
/* For time-outs and ages: never set, stands still while the machine sleeps. */
int64_t clock_monotonic_ms(void);
/* Never set, and goes on while the machine sleeps: how much wall time should have passed. */
int64_t clock_boot_ms(void);
/* Returns once ms have passed (monotonic), somebody sets the wall clock, or stop_fd is readable (-1: none). It may
 * return earlier. */
void clock_wait(int64_t ms, int stop_fd);

#define CLOCK_TEXT_LEN 24 /* "2026-11-22T05:36:05.123Z" */
/* UTC, RFC 3339, milliseconds. Years outside 1970..9999 are cut to that range. */
void clock_text(char out[CLOCK_TEXT_LEN + 1], int64_t time_ms);
#endif
