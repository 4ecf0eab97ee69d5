#include "tools/authority/ofd_parts.h"

#include <libxml/parser.h>

xmlDoc *ofd_xml(const struct bundle *bundle, const char *name) {
    const struct bundle_file *file = bundle_find(bundle, name);
    if (!file || file->len > BUNDLE_FILE_MAX) return NULL;
    xmlDoc *doc = xmlReadMemory((const char *)file->data, (int)file->len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!doc || (!doc->intSubset && xmlDocGetRootElement(doc))) return doc;
    xmlFreeDoc(doc);
    return NULL;
}

xmlNode *ofd_element(xmlNode *first, const char *name) {
    for (xmlNode *node = first; node; node = node->next)
        if (node->type == XML_ELEMENT_NODE && xmlStrEqual(node->name, (const xmlChar *)name)) return node;
    return NULL;
}

static void ofd_parts_take(char *out, size_t cap, xmlChar *text) {
    const char *from = text ? (const char *)text : "";
    from += strspn(from, " \t\r\n");
    size_t len = strlen(from);
    while (len > 0 && strchr(" \t\r\n", from[len - 1])) len--;
    (void)snprintf(out, cap, "%.*s", (int)(len < cap ? len : cap), from);
    xmlFree(text);
}

void ofd_content(char *out, size_t cap, const xmlNode *element) { ofd_parts_take(out, cap, element ? xmlNodeGetContent(element) : NULL); }

void ofd_attribute(char *out, size_t cap, const xmlNode *element, const char *name) {
    ofd_parts_take(out, cap, element ? xmlGetNoNsProp(element, (const xmlChar *)name) : NULL);
}

/* "0 0 210 297", in mm and perhaps with fractions, which do not matter here. */
static bool read_box(struct ofd_parts *parts, const char *text) {
    double x, y, w, h;
    if (sscanf(text, "%lf %lf %lf %lf", &x, &y, &w, &h) != 4 || !(w >= 10 && w <= 10000 && h >= 10 && h <= 10000)) return false;
    parts->width_mm = (uint32_t)w;
    parts->height_mm = (uint32_t)h;
    return true;
}

static bool ofd_parts_read_document(struct ofd_parts *parts, xmlDoc *doc) {
    xmlNode *common = ofd_element(xmlDocGetRootElement(doc)->children, "CommonData"), *pages = ofd_element(xmlDocGetRootElement(doc)->children, "Pages");
    xmlNode *area = common ? ofd_element(common->children, "PageArea") : NULL;
    char box[128];
    ofd_content(box, sizeof box, area ? ofd_element(area->children, "PhysicalBox") : NULL);
    if (!pages || !read_box(parts, box)) return false;
    for (xmlNode *page = ofd_element(pages->children, "Page"); page; page = ofd_element(page->next, "Page")) {
        if (parts->page_count == OFD_PART_PAGES_MAX) return false;
        ofd_attribute(parts->page_ids[parts->page_count], OFD_ID_MAX, page, "ID");
        if (!parts->page_ids[parts->page_count++][0]) return false;
    }
    return parts->page_count > 0;
}

static bool read_root(struct ofd_parts *parts) {
    char name[PACKAGE_PATH_MAX];
    parts->body = ofd_element(xmlDocGetRootElement(parts->root)->children, "DocBody");
    xmlNode *root = parts->body ? ofd_element(parts->body->children, "DocRoot") : NULL, *list = parts->body ? ofd_element(parts->body->children, "Signatures") : NULL;
    ofd_content(name, sizeof name, root);
    if (!name[0] || !package_resolve(parts->document, "OFD.xml", name)) return false;
    ofd_content(name, sizeof name, list);
    parts->has_list = name[0] != '\0';
    if (!package_resolve(parts->list, parts->has_list ? "OFD.xml" : parts->document, parts->has_list ? name : "Signs/Signatures.xml")) return false;
    const char *slash = strrchr(parts->list, '/');
    (void)snprintf(parts->folder, sizeof parts->folder, "%.*s", slash ? (int)(slash + 1 - parts->list) : 0, parts->list);
    return true;
}

struct ofd_parts *ofd_parts_read(const struct bundle *bundle) {
    struct ofd_parts *parts = calloc(1, sizeof *parts);
    if (!parts) return NULL;
    parts->root = ofd_xml(bundle, "OFD.xml");
    bool ok = parts->root && read_root(parts);
    xmlDoc *document = ok ? ofd_xml(bundle, parts->document) : NULL;
    ok = document && ofd_parts_read_document(parts, document);
    xmlFreeDoc(document);
    if (ok) return parts;
    ofd_parts_free(parts);
    return NULL;
}

void ofd_parts_free(struct ofd_parts *parts) {
    if (!parts) return;
    xmlFreeDoc(parts->root);
    free(parts);
}
