/* Workers: a few threads that share out one piece of work while the caller waits and helps. For work whose result does not depend on who did
 * which part: hashes. Layer: ledger/base. */
#ifndef LICET_BASE_WORKERS_H
#define LICET_BASE_WORKERS_H
#include "crypto/bytes.h"

struct workers;
/* part: 0..parts-1, each once, in any order, on any of the threads. */
typedef void (*work_fn)(void *context, uint32_t part, uint32_t parts);

/* threads: the caller included; fewer where threads cannot be had. NULL: no memory. */
MUST_USE struct workers *workers_new(unsigned threads);
void workers_free(struct workers *workers);             /* NULL is no harm */
unsigned workers_count(const struct workers *workers);  /* threads, the caller included; 1 for NULL */
/* Returns when all parts are done. One caller at a time. NULL, or one thread: all on the caller's. */
void workers_run(struct workers *workers, work_fn work, void *context, uint32_t parts);
#endif
