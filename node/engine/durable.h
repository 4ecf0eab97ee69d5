/* Durable: a file with one short text that is always whole, also after a power cut. Mark and lease are such files.
 * The file has two lines of 4096 bytes, padded with blanks. Each holds a whole text with a check sum, and they are
 * written in turns. So a write that is cut short leaves the text before it, and a write costs one sync; replacing a
 * file would cost two and the journal. Which of two good lines is newer is for the owner to say: something in its text
 * grows. A new file is made under another name, renamed, and its folder synced. Layer: node. */
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
/* Is the open file still the one that its path names, and the only name of it? For an owner whose text would be lost in
 * any other file: asked before each write. ERR_IO, from then on: it was removed, moved, linked or replaced. */
MUST_USE enum err durable_hold(struct durable *durable);
/* The text is on stable storage when this returns ERR_OK. After a fault nothing is written any more: ERR_LATCHED. */
MUST_USE enum err durable_write(struct durable *durable, const char *text);
void durable_close(struct durable *durable);
#endif
