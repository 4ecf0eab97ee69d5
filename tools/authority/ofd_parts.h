/* OFD parts: of the first document of a package, what a new signature has to know: pages, list of signatures, numbers already given.
 * Layer: tools/authority, for ofd_stamp.c. */
#ifndef LICET_TOOLS_AUTHORITY_OFD_PARTS_H
#define LICET_TOOLS_AUTHORITY_OFD_PARTS_H
#include "tools/authority/bundle.h"
#include <libxml/tree.h>

#define OFD_PART_PAGES_MAX 2000u
#define OFD_ID_MAX 24u
struct ofd_parts {
    xmlDoc *root;                     /* OFD.xml */
    xmlNode *body;                    /* its first DocBody */
    char document[PACKAGE_PATH_MAX];  /* Document.xml */
    bool has_list;                    /* OFD.xml names a list of signatures */
    char list[PACKAGE_PATH_MAX];      /* it; where there is none yet, where it will stand */
    char folder[PACKAGE_PATH_MAX];    /* the folder of the list, with a '/' behind it */
    uint32_t width_mm, height_mm;     /* of a page */
    size_t page_count;
    char page_ids[OFD_PART_PAGES_MAX][OFD_ID_MAX];
};
/* XML without entities, DTDs or network; NULL where it is not well formed or not there. To be freed by xmlFreeDoc. */
MUST_USE xmlDoc *ofd_xml(const struct bundle *bundle, const char *name);
/* The next element with this name, from first on; NULL: none. Names are compared without their namespace, of which there are two. */
xmlNode *ofd_element(xmlNode *first, const char *name);
/* The text of an element or attribute, cut to cap; "" where there is none. */
void ofd_content(char *out, size_t cap, const xmlNode *element);
void ofd_attribute(char *out, size_t cap, const xmlNode *element, const char *name);

/* NULL: it is no OFD that can be read, or has more pages than fit. */
MUST_USE struct ofd_parts *ofd_parts_read(const struct bundle *bundle);
void ofd_parts_free(struct ofd_parts *parts);
#endif
