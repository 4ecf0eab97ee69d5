/* OFD inside: what ofd.c and ofd_shown.c share. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_OFD_INSIDE_H
#define LICET_TOOLS_DOCUMENT_OFD_INSIDE_H
#include "tools/document/ofd.h"

/* Fills shown, page_count and signature_lists, from OFD.xml on (ofd_shown.c). */
MUST_USE bool ofd_collect(struct ofd *out, struct package *package, enum step_reason *reason, char detail[STEP_DETAIL_MAX]);
/* Appends text, taken over; false: out of memory or NULL, and text is freed. */
MUST_USE bool ofd_append(char ***list, size_t *count, char *text);
#endif
