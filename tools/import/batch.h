/* Import batch: rows that passed their checks become licences on the ledger. Layer: tools/import.
 *
 * A unit is a run of rows as they stand in the file. A worker thread takes it whole: tags are made, the node is asked which licences it has
 * already, what the ledger must not hold is kept in DIR/private (one synced write), then statements are signed and posted. So several are
 * under way at once, each thread on a connection of its own, and still every row's end is told in the order of the file.
 *
 * Loading a file again adds nothing: an identifier that is not given is made from the number alone (under the type's secret), so a licence has
 * the same key each time. A statement that may or may not have arrived is sent again as the identical bytes, which the ledger takes once. */
#ifndef LICET_TOOLS_IMPORT_BATCH_H
#define LICET_TOOLS_IMPORT_BATCH_H
#include "tools/import/sender.h"
#include "tools/import/unit.h"

/* One worker's own memory. */
struct import_worker;
MUST_USE struct import_worker *import_worker_new(struct import_sender *sender);
void import_worker_free(struct import_worker *worker);
/* Sends what is LINE_OPEN; afterwards nothing is. Never fails: what could not be sent is LINE_UNSENT and sender->stop is set. */
void import_send(struct import_worker *worker, struct import_unit *unit);
#endif
