/* KV bus: what is left of damage that appears while a program runs (a start looks at every page, kv_pages.h): LMDB follows what its file says, and the
 * only report is SIGBUS (behind the file's end, or a page that the disk cannot read) or SIGSEGV. A program that opens a ledger says so and ends with
 * EXIT_INTEGRITY instead of dying without a word. Threads must leave both signals unblocked: one that is blocked kills at once. Layer: ledger/kv. */
#ifndef LICET_KV_KV_BUS_H
#define LICET_KV_KV_BUS_H
/* Once, before threads start. What was acknowledged is not in danger: it is in the file, or the file is damaged already. */
void kv_bus_catch(void);

/* Around each call of LMDB: a SIGSEGV within is the file's fault, any other is ours and kills as ever. */
extern _Thread_local volatile int kv_bus_depth;
static inline void kv_bus_enter(void) { kv_bus_depth = kv_bus_depth + 1; }
static inline void kv_bus_leave(void) { kv_bus_depth = kv_bus_depth - 1; }
_Noreturn void kv_bus_damaged(void); /* says the same and ends: where LMDB itself finds that its file cannot be right */
#endif
