#include "tools/document/ofd_xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>
#include <strings.h>

#define SNIFF 512u

/* ---- the guard: bytes on their way to libxml2 ---- */

struct guard {
    struct package_stream *stream;
    uint8_t head[SNIFF];
    size_t head_len, head_at;
    enum { UNITS_8, UNITS_16_LE, UNITS_16_BE } units;
    uint8_t half;      /* the first byte of a unit of 16 bits */
    bool has_half;
    unsigned seen;     /* of "<!D" */
    bool equals;       /* an equals sign, and nothing but space since */
    size_t attributes; /* since the last '<' */
    bool bad;          /* the guard refused */
    bool damaged;      /* the package did */
};

static void guard_unit(struct guard *guard, unsigned unit) {
    if (unit == '<') {
        guard->seen = 1;
        guard->equals = false;
        guard->attributes = 0;
        return;
    }
    guard->seen = guard->seen == 1 && unit == '!' ? 2 : guard->seen == 2 && unit == 'D' ? 3 : 0;
    if (guard->seen == 3) guard->bad = true; /* <!DOCTYPE */
    if (unit == '=') {
        guard->equals = true;
    } else if (unit == '"' || unit == '\'') {
        if (guard->equals && ++guard->attributes > XML_ATTRIBUTES_MAX) guard->bad = true;
        guard->equals = false;
    } else if (unit != ' ' && unit != '\t' && unit != '\r' && unit != '\n') {
        guard->equals = false;
    }
}

static void guard_bytes(struct guard *guard, const uint8_t *data, size_t len) {
    for (size_t i = 0; i < len && !guard->bad; i++) {
        if (guard->units == UNITS_8) {
            guard_unit(guard, data[i]);
        } else if (guard->has_half) {
            guard_unit(guard, guard->units == UNITS_16_LE ? guard->half | (unsigned)data[i] << 8 : (unsigned)guard->half << 8 | data[i]);
            guard->has_half = false;
        } else {
            guard->half = data[i];
            guard->has_half = true;
        }
    }
}

/* Is the value after `encoding=` in the declaration one whose '<', '=' and quotes are those of ASCII, in units of this size? */
static bool known_encoding(const char *declaration, bool wide) {
    static const char *const narrow_names[] = {"UTF-8", "UTF8", "GB18030", "GBK", "GB2312", "US-ASCII", "ASCII", "ISO-8859-1", NULL};
    static const char *const wide_names[] = {"UTF-16", "UTF-16LE", "UTF-16BE", NULL};
    const char *value = strstr(declaration, "encoding");
    if (!value) return true;
    value += strlen("encoding");
    value += strspn(value, " \t\r\n=");
    if (*value != '"' && *value != '\'') return false;
    size_t len = strcspn(value + 1, "\"'");
    for (const char *const *name = wide ? wide_names : narrow_names; *name; name++)
        if (strlen(*name) == len && strncasecmp(*name, value + 1, len) == 0) return true;
    return false;
}

/* The declaration, in ASCII: what is not becomes '?'. A declaration longer than the sniffed bytes declares something else too. */
static bool known_declaration(const struct guard *guard, size_t at) {
    char text[SNIFF + 1];
    size_t len = 0, step = guard->units == UNITS_8 ? 1 : 2;
    for (; at + step <= guard->head_len; at += step) {
        const uint8_t *p = guard->head + at;
        unsigned unit = guard->units == UNITS_8 ? p[0] : guard->units == UNITS_16_LE ? p[0] | (unsigned)p[1] << 8 : (unsigned)p[0] << 8 | p[1];
        text[len++] = unit > 0 && unit < 128 ? (char)unit : '?';
    }
    text[len] = '\0';
    if (strncmp(text, "<?xml", 5) != 0) return text[0] == '<' || text[0] == ' ' || text[0] == '\t' || text[0] == '\r' || text[0] == '\n';
    char *end = strstr(text + 5, "?>");
    if (!end) return false;
    *end = '\0';
    return known_encoding(text, step == 2);
}

/* By its first bytes: which units it is of. */
static bool guard_sniff(struct guard *guard) {
    const uint8_t *p = guard->head;
    size_t len = guard->head_len;
    if (len < 4) return false;
    bool mark_le = p[0] == 0xFF && p[1] == 0xFE, mark_be = p[0] == 0xFE && p[1] == 0xFF, mark_8 = p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF;
    guard->units = mark_le || (p[0] == '<' && p[1] == 0) ? UNITS_16_LE : mark_be || (p[0] == 0 && p[1] == '<') ? UNITS_16_BE : UNITS_8;
    return known_declaration(guard, mark_8 ? 3 : mark_le || mark_be ? 2 : 0); /* of 32 bits: its first characters are no '<' */
}

static int guard_read(void *context, char *out, int len) {
    struct guard *guard = context;
    long got = 0;
    if (len <= 0 || guard->bad || guard->damaged) return -1;
    if (guard->head_at < guard->head_len) {
        got = (long)(guard->head_len - guard->head_at);
        if (got > len) got = len;
        memcpy(out, guard->head + guard->head_at, (size_t)got);
        guard->head_at += (size_t)got;
    } else {
        got = package_stream_read(guard->stream, out, (size_t)len);
        if (got < 0) guard->damaged = true;
    }
    if (got > 0) guard_bytes(guard, (const uint8_t *)out, (size_t)got);
    return guard->bad || got < 0 ? -1 : (int)got;
}

static bool guard_start(struct guard *guard, struct package *package, const char *file, size_t max, enum step_reason *reason) {
    *guard = (struct guard){.stream = package_stream(package, file, max, reason)};
    if (!guard->stream) return false;
    long got = 1;
    while (got > 0 && guard->head_len < SNIFF) {
        got = package_stream_read(guard->stream, guard->head + guard->head_len, SNIFF - guard->head_len);
        if (got > 0) guard->head_len += (size_t)got;
    }
    *reason = got < 0 ? REASON_NOT_ZIP : REASON_XML_BAD;
    if (got >= 0 && guard_sniff(guard)) return true;
    package_stream_close(guard->stream);
    return false;
}

/* ---- the walk ---- */

struct xml_element {
    xmlTextReaderPtr reader;
    size_t depth;
    const char *names[XML_DEPTH_MAX]; /* of the open elements; the reader's dictionary keeps them */
    bool children[XML_DEPTH_MAX];     /* elements in it */
    unsigned pieces[XML_DEPTH_MAX];   /* of its own text that are not space alone */
    bool ours;
    bool *twice; /* an attribute that was asked for is there twice, under two prefixes: readers differ in which they take */
    bool too_long;
    size_t text_len;
    char text[XML_TEXT_MAX + 1];
};

const char *xml_name(const struct xml_element *element) { return element->names[element->depth]; }
const char *xml_parent(const struct xml_element *element) { return element->depth ? element->names[element->depth - 1] : ""; }
size_t xml_depth(const struct xml_element *element) { return element->depth; }
bool xml_ours(const struct xml_element *element) { return element->ours; }

char *xml_attribute(const struct xml_element *element, const char *name) {
    char *value = NULL;
    while (xmlTextReaderMoveToNextAttribute(element->reader) == 1) {
        const xmlChar *local = xmlTextReaderConstLocalName(element->reader), *text = xmlTextReaderConstValue(element->reader);
        if (!local || strcmp((const char *)local, name) != 0 || xmlTextReaderIsNamespaceDecl(element->reader) == 1) continue;
        if (value) *element->twice = true;
        else value = strdup(text ? (const char *)text : "");
    }
    (void)xmlTextReaderMoveToElement(element->reader);
    return value;
}

const char *xml_text(const struct xml_element *element) {
    unsigned pieces = element->pieces[element->depth];
    if (pieces == 0) return "";
    return pieces > 1 || element->children[element->depth] || element->too_long ? NULL : element->text;
}

static bool is_ours(const xmlChar *space) {
    return !space || strcmp((const char *)space, "http://www.ofdspec.org/2016") == 0 || strcmp((const char *)space, "http://www.ofdspec.org") == 0;
}

static void take_text(struct xml_element *element, const char *text) {
    static const char space[] = " \t\r\n";
    text += strspn(text, space);
    size_t len = strlen(text);
    while (len > 0 && strchr(space, text[len - 1])) len--;
    if (len == 0) return;
    element->pieces[element->depth]++;
    element->too_long = len > XML_TEXT_MAX;
    element->text_len = element->too_long ? 0 : len;
    memcpy(element->text, text, element->text_len);
    element->text[element->text_len] = '\0';
}

/* One node of the reader. False: the walk ends. */
static bool take_node(struct xml_element *element, const struct xml_handler *handler, bool *open, enum step_reason *reason) {
    xmlTextReaderPtr reader = element->reader;
    int type = xmlTextReaderNodeType(reader), depth = xmlTextReaderDepth(reader);
    *reason = REASON_XML_BAD;
    if (depth < 0 || (size_t)depth >= XML_DEPTH_MAX) return false;
    switch (type) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return false;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE: {
        const xmlChar *value = xmlTextReaderConstValue(reader);
        element->depth = depth > 0 ? (size_t)depth - 1 : 0;
        if (value) take_text(element, (const char *)value);
        return true;
    }
    case XML_READER_TYPE_ELEMENT: {
        const char *name = (const char *)xmlTextReaderConstLocalName(reader);
        if (!name) return false;
        if (depth > 0) element->children[depth - 1] = true;
        element->depth = (size_t)depth;
        element->names[depth] = name;
        element->children[depth] = false;
        element->pieces[depth] = 0;
        element->too_long = false;
        element->ours = is_ours(xmlTextReaderConstNamespaceUri(reader));
        *open = true;
        bool empty = xmlTextReaderIsEmptyElement(reader) == 1;
        *reason = REASON_OFD_SHAPE;
        return handler->begin(handler->context, element) && !*element->twice && (!empty || handler->end(handler->context, element));
    }
    case XML_READER_TYPE_END_ELEMENT:
        element->depth = (size_t)depth;
        element->ours = is_ours(xmlTextReaderConstNamespaceUri(reader));
        *reason = REASON_OFD_SHAPE;
        return handler->end(handler->context, element);
    default: /* comments, instructions, space */
        return true;
    }
}

/* libxml2 prints what its input layer finds wrong, whatever the reader was told. */
#if LIBXML_VERSION >= 21200
static void ofd_xml_silent(void *context, const xmlError *error) { (void)context, (void)error; }
#else
static void ofd_xml_silent(void *context, xmlErrorPtr error) { (void)context, (void)error; }
#endif

void ofd_xml_setup(void) { xmlInitParser(); }

bool xml_walk(struct package *package, const char *file, size_t max, const struct xml_handler *handler, enum step_reason *reason) {
    struct guard guard;
    if (!guard_start(&guard, package, file, max, reason)) return false;
    struct xml_element *element = calloc(1, sizeof *element);
    if (element) element->reader = xmlReaderForIO(guard_read, NULL, &guard, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    bool good = element && element->reader, open = false, twice = false;
    if (element) element->twice = &twice;
    int result = 1;
    xmlSetStructuredErrorFunc(NULL, ofd_xml_silent);
    *reason = REASON_XML_BAD;
    while (good && (result = xmlTextReaderRead(element->reader)) == 1) good = take_node(element, handler, &open, reason);
    if (good && (result != 0 || !open || guard.bad || guard.damaged)) {
        good = false;
        *reason = guard.damaged ? REASON_NOT_ZIP : REASON_XML_BAD;
    }
    if (element && element->reader) xmlFreeTextReader(element->reader);
    xmlSetStructuredErrorFunc(NULL, NULL);
    free(element);
    uint8_t rest;
    if (good && package_stream_read(guard.stream, &rest, 1) != 0) { /* all of it was read: only then is its sum right */
        good = false;
        *reason = REASON_XML_BAD;
    }
    package_stream_close(guard.stream);
    if (good) *reason = REASON_NONE;
    return good;
}
