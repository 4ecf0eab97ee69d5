/* OFD page: a plain OFD (GB/T 33190-2016) from lines of text: what a seal is put on. Reader's own fonts; long lines are broken, full pages are followed
 * by others. Layer: tools/authority. */
#ifndef LICET_TOOLS_AUTHORITY_OFD_PAGE_H
#define LICET_TOOLS_AUTHORITY_OFD_PAGE_H
#include "tools/authority/bundle.h"

#define OFD_PAGES_MAX 50u
#define OFD_NAMESPACE "http://www.ofdspec.org/2016"

struct ofd_text {
    uint32_t width_mm, height_mm, margin_mm;
    uint32_t title_mm, text_mm;  /* height of the characters */
    uint32_t free_mm;            /* left free above the lower margin, for the seal */
    const char *title;           /* in the middle of the first line; NULL: none */
    const char *const *lines;
    size_t line_count;
    const char *colour;          /* "0 0 0": red, green, blue */
    int64_t time_ms;
};
/* The sheet of a licence (A4) with these; title and lines live as long as the result. */
struct ofd_text ofd_licence_text(const char *title, const char *const *lines, size_t line_count, int64_t time_ms);
/* Printable UTF-8, nothing that XML cannot hold. */
MUST_USE bool ofd_text_fits(const char *text);
/* How many rows a line takes. */
size_t ofd_text_rows(const struct ofd_text *text, const char *line);
/* False: a text that does not fit (ofd_text_fits), more than OFD_PAGES_MAX pages, or memory is out. The document's root is Doc_0/Document.xml. */
MUST_USE bool ofd_page_make(struct bundle *out, const struct ofd_text *text);

struct tm;
struct tm utc_of(int64_t ms);
/* What XML holds of a text: & < > " written as entities. */
void xml_put(FILE *out, const char *text);
#endif
