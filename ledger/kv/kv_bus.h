/* KV bus: LMDB follows the page numbers in its file without looking; one flipped bit in a number can lead behind the end of the file, and the only report is
 * SIGBUS, also where the disk cannot read a page. A program that opens a ledger says so and ends with EXIT_INTEGRITY instead of dying without a word.
 * Layer: ledger/kv. */
#ifndef LICET_KV_BUS_H
#define LICET_KV_BUS_H
/* Once, before threads start. What was acknowledged is not in danger: it is in the file, or the file is damaged already. */
void kv_bus_catch(void);
#endif
