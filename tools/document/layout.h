/* Layout: the bytes of a ZIP package looked at once, before libzip reads files out of it. Readers of ZIP differ: some follow the central directory, some
 * go from local header to local header, some search for names without regard to case. A package in which they could see different files is refused, so
 * that what was checked is what is shown. Layer: tools/document; used by package.c alone.
 *
 * Refused: bytes before the first file or between files, a second directory in the comment, a local header that means other than the directory, encryption,
 * links and devices, methods other than stored and deflated, a second name in an extra field, names that leave the package, that a file system takes for
 * others, or that are equal but for case or normal form. */
#ifndef LICET_TOOLS_DOCUMENT_LAYOUT_H
#define LICET_TOOLS_DOCUMENT_LAYOUT_H
#include "tools/document/package.h"

struct file_view { int fd; struct bytes bytes; uint64_t size; }; /* fd >= 0: read from it; else bytes */
MUST_USE bool file_view_read(const struct file_view *file, uint64_t offset, void *out, size_t len); /* false: not all of them are there */

struct layout_entry {
    char *name;      /* as documents name it: UTF-8 where it can be, '/' between folders */
    char *folded;    /* by which equal names are found: without case, normal form */
    char *raw;       /* as in the package */
    uint64_t offset, packed, unpacked;
    uint32_t index, crc; /* index: its place in the directory, which is libzip's too */
    uint16_t method, flags;
    bool folder;
};
struct layout {
    struct layout_entry *entries; /* in the order of folded names */
    size_t count;
};
MUST_USE bool layout_read(struct layout *out, const struct file_view *file, enum step_reason *reason, char detail[STEP_DETAIL_MAX]);
void layout_free(struct layout *layout);

/* --- names (names.c) --- */
/* malloc'd; NULL: out of memory, or a name that no package may have. raw holds no NUL. */
MUST_USE char *name_canonical(const char *raw);
/* What a reader that takes every name for GBK makes of one that is UTF-8 too, malloc'd; NULL: nothing else. */
MUST_USE char *name_other(const char *raw);
MUST_USE char *name_folded(const char *name); /* malloc'd; NULL: out of memory */
#endif
