/* Interrupt: Ctrl-C (SIGINT), SIGTERM and SIGHUP of a command that must not end in the middle: it is told to stop, finishes what is under way, and says what
 * was done. The second one ends it at once. A signal that is ignored (nohup) stays ignored. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_INTERRUPT_H
#define LICET_TOOLS_CLI_INTERRUPT_H
#include <stdatomic.h>
#include <stdbool.h>

/* From here on such a signal sets *stop, *exit_code to 128 and the signal's number (130 for Ctrl-C) unless something else stopped it before, and writes `said`, a
 * whole line, to stderr. All three must live until interrupt_end. One at a time in a process. */
void interrupt_begin(atomic_bool *stop, atomic_int *exit_code, const char *said);
/* The signals do again what they did before. Returns the signal's number, 0: none came. */
int interrupt_end(void);
#endif
