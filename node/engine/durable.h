/* Durable: one short text that is always whole, also after a power cut: the mark and the lease are such files. Layer: node.
 * A text file of two lines of 4096 bytes (padded with blanks), each a whole text with a check sum, written in turns. So a write that is cut
 * short leaves the text before it, and a write costs one sync, not the two and the journal of a replaced file. Which of two good lines is the
 * newer one is for the owner to say: its text has something that grows. The file is made under another name, and its folder is synced. */
#ifndef LICET_NODE_DURABLE_H
#define LICET_NODE_DURABLE_H
#include "ledger/base/code.h"

#define DURABLE_TEXT_MAX 256
struct durable_lines { char text[2][DURABLE_TEXT_MAX]; bool good[2]; };
struct durable;
/* ERR_ABSENT: no such file. ERR_CORRUPT: its length is wrong. Lines that are not whole are not good. */
MUST_USE enum err durable_read(struct durable_lines *out, const char *path);
/* For writing. No file: ERR_OK, *there false; the first durable_write makes it. */
MUST_USE enum err durable_open(struct durable **out, struct durable_lines *lines, const char *path, bool *there);
/* Says which line the next write must leave alone. */
void durable_keep(struct durable *durable, unsigned line);
/* On stable storage when it returns ERR_OK. After a fault nothing is written any more: ERR_LATCHED. */
/* Asked before a write by whom a file that is made anew does not help: the file that is open is still the one of its name, its only one. ERR_IO, for
 * good: it was removed, moved, linked or replaced. */
MUST_USE enum err durable_hold(struct durable *durable);
MUST_USE enum err durable_write(struct durable *durable, const char *text);
void durable_close(struct durable *durable);
#endif
