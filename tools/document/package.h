/* Package: an OFD's ZIP container read by libzip, strictly and bounded: repeated names (also names that are equal but for case), names that leave the
 * package, links and encrypted entries are refused, and so is a package that two readers could read differently (layout.h) or that unpacks to more than
 * allowed; files are streamed, never held whole unless small. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PACKAGE_H
#define LICET_TOOLS_DOCUMENT_PACKAGE_H
#include "crypto/hash.h"
#include "crypto/seal/steps.h"

#define PACKAGE_FILES_MAX 20000u
#define PACKAGE_UNPACKED_MAX (2ull << 30) /* all files together */
#define PACKAGE_FILE_MAX (512ull << 20)   /* one of them */
#define PACKAGE_RATIO_MAX 1000u           /* unpacked over packed, for files over 1 MB */
#define PACKAGE_PATH_MAX 1024u

struct package;
/* NULL with the reason (NOT_ZIP, ZIP_ENTRY, ZIP_SIZE) and what it was about. Sizes are counted again while unpacking: headers lie. */
MUST_USE struct package *package_open(const char *path, enum step_reason *reason, char detail[STEP_DETAIL_MAX]);
MUST_USE struct package *package_open_fd(int fd, enum step_reason *reason, char detail[STEP_DETAIL_MAX]); /* fd stays the caller's and outlives it */
MUST_USE struct package *package_open_bytes(struct bytes zip, enum step_reason *reason, char detail[STEP_DETAIL_MAX]); /* zip outlives it */
void package_close(struct package *package);

/* A name as documents write it (absolute with '/', or relative to the folder of `from`) to the entry's name without a leading '/'. '\\' counts as '/' as
 * some makers write it. False: it leaves the package or does not fit. */
MUST_USE bool package_resolve(char out[PACKAGE_PATH_MAX], const char *from, const char *name);
/* Names are compared byte for byte. */
/* The file of this name, or else the one whose name differs in case or normal form alone: some readers open it. NULL: neither. Belongs to the package. */
const char *package_alike(const struct package *package, const char *name);
/* What programs may take these very bytes for besides an OFD, and show something else: "%PDF-" among the first 1,024, or the file by which an office
 * document or a book is known. NULL: nothing. */
const char *package_other_format(const struct package *package);
size_t package_count(const struct package *package);
const char *package_name(const struct package *package, size_t i); /* files only, no folders */
/* Its place in 0..package_count-1; SIZE_MAX: not there. */
size_t package_index(const struct package *package, const char *name);
/* malloc'd, with a NUL behind it; NULL with the reason: FILE_MISSING, ZIP_SIZE (more than max), NOT_ZIP (damaged: CRC). */
MUST_USE uint8_t *package_read(struct package *package, const char *name, size_t max, size_t *len, enum step_reason *reason);
/* A file in pieces. NULL with the reason, as above. read: -1 where it is damaged or longer than it said, 0 at its end, checked. */
struct package_stream;
MUST_USE struct package_stream *package_stream(struct package *package, const char *name, size_t max, enum step_reason *reason);
MUST_USE long package_stream_read(struct package_stream *stream, void *out, size_t len);
void package_stream_close(struct package_stream *stream);
MUST_USE bool package_digest(struct package *package, const char *name, enum hash_alg alg, uint8_t out32[32], enum step_reason *reason);
#endif
