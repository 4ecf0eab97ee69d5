/* Bundle: the files of an OFD package in memory, while one is made or added to; read through package.h, written as ZIP by libzip. Names have no leading
 * '/', and are unique. Layer: tools/authority. */
#ifndef LICET_TOOLS_AUTHORITY_BUNDLE_H
#define LICET_TOOLS_AUTHORITY_BUNDLE_H
#include "tools/document/package.h"

#define BUNDLE_FILE_MAX (64u << 20)
#define BUNDLE_TOTAL_MAX (256u << 20) /* of a package that is to be stamped: it is held whole */

struct bundle_file { char *name; uint8_t *data; size_t len; }; /* data has a NUL behind it */
struct bundle {
    struct bundle_file *files; /* in the order of the package */
    size_t count, cap;
};
/* Adds a file, or puts other bytes in its place; both are copied. False: memory is out. */
MUST_USE bool bundle_put(struct bundle *bundle, const char *name, struct bytes data);
const struct bundle_file *bundle_find(const struct bundle *bundle, const char *name); /* NULL: not there; lives until the next bundle_put */
/* False with the reason, and a detail where there is one; *out is then empty. */
MUST_USE bool bundle_read(struct bundle *out, const char *path, enum step_reason *reason, char detail[STEP_DETAIL_MAX]);
/* ZIP, malloc'd; entries are dated time_ms. NULL: libzip failed or memory is out. */
MUST_USE uint8_t *bundle_write(const struct bundle *bundle, int64_t time_ms, size_t *len);
void bundle_free(struct bundle *bundle);
#endif
