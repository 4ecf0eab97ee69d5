/* OFD XML: one XML file of a package, element by element, never held whole. libxml2 reads it; a guard in front of it refuses what costs more than it is
 * worth before libxml2 sees it: any DOCTYPE (so no entity of its own, no network), elements with hundreds of attributes, encodings other than UTF-8,
 * UTF-16 and GB18030 with its parts. Depth at most 256, a text at most 10 MB (libxml2's own limits). Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_OFD_XML_H
#define LICET_TOOLS_DOCUMENT_OFD_XML_H
#include "tools/document/package.h"

#define OFD_XML_MAX (64u << 20)
#define XML_ATTRIBUTES_MAX 500u
#define XML_DEPTH_MAX 260u
#define XML_TEXT_MAX 4096u /* of an element's own text, as handed on */

/* Before several threads read documents; any number of times. */
void ofd_xml_setup(void);

struct xml_element;
/* Local names. ours: in one of OFD's namespaces, or in none. parent: "" for the root. depth: 0 for the root. */
const char *xml_name(const struct xml_element *element);
const char *xml_parent(const struct xml_element *element);
size_t xml_depth(const struct xml_element *element);
bool xml_ours(const struct xml_element *element);
/* At its beginning: the attribute's value, malloc'd; NULL: not there. With or without a prefix; where it is there with both, the walk ends. */
char *xml_attribute(const struct xml_element *element, const char *name);
/* At its end: its own text without the spaces around it, "" where it has none; NULL where readers could take different texts for it: there are elements
 * or comments in between, or it is longer than XML_TEXT_MAX. Lives until the call ends. */
const char *xml_text(const struct xml_element *element);

struct xml_handler {
    void *context;
    bool (*begin)(void *context, const struct xml_element *element); /* false ends the walk with OFD_SHAPE */
    bool (*end)(void *context, const struct xml_element *element);
};
/* False with the reason: XML_BAD, FILE_MISSING, ZIP_SIZE, NOT_ZIP, OFD_SHAPE. */
MUST_USE bool xml_walk(struct package *package, const char *file, size_t max, const struct xml_handler *handler, enum step_reason *reason);
#endif
