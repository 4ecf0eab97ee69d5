/* What a document shows: every file that is named by what is shown, from OFD.xml on. Readers differ in how they take a relative name (from the folder of
 * the file that names it, as the standard has it, from the document's or the package's), and some look at neither case nor namespace. So each place
 * where one of them would find a file counts, and elements count by their local names wherever they stand: too much may be asked of a signature that way,
 * never too little. */
#include "tools/document/ofd_inside.h"

#define MISSING_MAX 1000u
#define NAMES_MAX 200000u /* told in all files together; a document of 20,000 files needs few more */

enum kind { KIND_LEAF, KIND_OFD, KIND_VERSION, KIND_DOCUMENT, KIND_PAGE, KIND_RESOURCES, KIND_ANNOTATIONS, KIND_LIST };
struct place { const char *name; enum kind kind; enum step_part part; /* NONE: that of the file which names it */ };

/* Elements whose text is a file's name. What FileLoc names is read on in the list of annotations alone. */
static const struct place in_text[] = {
    {"DocRoot", KIND_DOCUMENT, PART_ROOT}, {"PublicRes", KIND_RESOURCES, PART_RESOURCE}, {"DocumentRes", KIND_RESOURCES, PART_RESOURCE},
    {"PageRes", KIND_RESOURCES, PART_RESOURCE}, {"Annotations", KIND_ANNOTATIONS, PART_ANNOTATION}, {"Attachments", KIND_LIST, PART_ATTACHMENT},
    {"CustomTags", KIND_LIST, PART_CUSTOM}, {"Extensions", KIND_LIST, PART_CUSTOM}, {"FileLoc", KIND_LEAF, PART_NONE}, {"SchemaLoc", KIND_LEAF, PART_NONE},
    {"ExtendData", KIND_LEAF, PART_CUSTOM}, {"MediaFile", KIND_LEAF, PART_RESOURCE}, {"FontFile", KIND_LEAF, PART_RESOURCE}, {"Cover", KIND_LEAF, PART_RESOURCE},
    {"File", KIND_LEAF, PART_NONE},
};
/* Elements whose BaseLoc is one. */
static const struct place in_base_loc[] = {{"Page", KIND_PAGE, PART_PAGE}, {"TemplatePage", KIND_PAGE, PART_TEMPLATE}, {"Version", KIND_VERSION, PART_ROOT}};

struct item { const char *file, *document; enum kind kind; enum step_part part; }; /* both belong to shown */
struct collect {
    struct ofd *ofd;
    struct package *package;
    bool *seen, *followed; /* by the file's place in the package */
    struct item *queue;
    size_t queued;
    const char *missing[MISSING_MAX]; /* names of nothing in the package; they belong to shown */
    size_t missing_count, name_count;
    struct item now;       /* the file that is being walked */
    char *base;            /* BaseLoc of a list of resources */
};
bool ofd_append(char ***list, size_t *count, char *text) {
    if ((*count & (*count - 1)) == 0) { /* full at every power of two */
        char **more = realloc(*list, (*count ? 2 * *count : 1) * sizeof *more);
        if (more) *list = more;
        if (!more || !text) {
            free(text);
            return false;
        }
    }
    if (!text) return false;
    (*list)[(*count)++] = text;
    return true;
}

static bool ofd_shown_show(struct collect *collect, const char *file, enum step_part part) {
    struct ofd *ofd = collect->ofd;
    if ((ofd->shown_count & (ofd->shown_count - 1)) == 0) { /* full at every power of two, as the list */
        enum step_part *more = realloc(ofd->shown_parts, (ofd->shown_count ? 2 * ofd->shown_count : 1) * sizeof *more);
        if (!more) return false;
        ofd->shown_parts = more;
    }
    ofd->shown_parts[ofd->shown_count] = part;
    return ofd_append(&ofd->shown, &ofd->shown_count, strdup(file));
}

/* A file that is there: shown once, and walked once where it names others. */
static bool ofd_shown_add_file(struct collect *collect, const char *file, enum kind kind, enum step_part part) {
    size_t i = package_index(collect->package, file);
    ASSERT(i != SIZE_MAX);
    if (!collect->seen[i] && !ofd_shown_show(collect, file, part)) return false;
    collect->seen[i] = true;
    if (kind == KIND_LEAF || collect->followed[i]) return true;
    collect->followed[i] = true;
    const char *own = package_name(collect->package, i);
    collect->queue[collect->queued++] = (struct item){own, kind == KIND_DOCUMENT ? own : collect->now.document, kind, part};
    return true;
}

static bool add_missing(struct collect *collect, const char *name, enum step_part part) {
    for (size_t i = 0; i < collect->missing_count; i++)
        if (strcmp(collect->missing[i], name) == 0) return true;
    if (collect->missing_count == MISSING_MAX || !ofd_shown_show(collect, name, part)) return false;
    collect->missing[collect->missing_count++] = collect->ofd->shown[collect->ofd->shown_count - 1];
    return true;
}

static bool add_name(struct collect *collect, const char *name, enum kind kind, enum step_part named) {
    char bases[4][PACKAGE_PATH_MAX] = {"", "", "", ""}, path[PACKAGE_PATH_MAX], standard[PACKAGE_PATH_MAX] = "";
    const enum step_part part = named == PART_NONE ? collect->now.part : named;
    size_t count = 0;
    bool found = false;
    const bool whole = kind == KIND_DOCUMENT || kind == KIND_VERSION; /* OFD.xml need not be signed: another reader may make a file of such a name */
    if (collect->name_count++ == NAMES_MAX) return false;
    if (collect->base && package_resolve(path, collect->now.file, collect->base) && strlen(path) + 3 < PACKAGE_PATH_MAX)
        (void)snprintf(bases[count++], PACKAGE_PATH_MAX, "%s/x", path); /* a name in that folder */
    (void)snprintf(bases[count++], PACKAGE_PATH_MAX, "%s", collect->now.file);
    if (collect->now.document) (void)snprintf(bases[count++], PACKAGE_PATH_MAX, "%s", collect->now.document);
    count++; /* the package itself */
    for (size_t i = 0; i < count; i++) {
        if (!package_resolve(path, bases[i], name)) continue;
        if (!standard[0]) memcpy(standard, path, sizeof standard);
        const char *file = package_alike(collect->package, path);
        if (file && !ofd_shown_add_file(collect, file, kind, part)) return false;
        found = found || file;
    }
    if (found) return true;
    const bool leaves = !standard[0] && strstr(name, ".."); /* some readers bring such a name back into the package */
    return !whole && !leaves && add_missing(collect, standard[0] ? standard : name, part);
}

static bool add_signature_list(struct collect *collect, const char *name) {
    char path[PACKAGE_PATH_MAX];
    if (!package_resolve(path, collect->now.file, name)) return false;
    const char *file = package_alike(collect->package, path);
    struct ofd *ofd = collect->ofd;
    for (size_t i = 0; i < ofd->signature_list_count; i++)
        if (file && strcmp(ofd->signature_lists[i], file) == 0) return true;
    return file && ofd_append(&ofd->signature_lists, &ofd->signature_list_count, strdup(file));
}

/* A document that is not there, or another root than the file should have, is no OFD. */
static bool ofd_shown_fits(const struct collect *collect, const struct xml_element *element) {
    if (xml_depth(element) > 0) return true;
    if (collect->now.kind == KIND_OFD) return xml_ours(element) && strcmp(xml_name(element), "OFD") == 0;
    if (collect->now.kind == KIND_DOCUMENT) return xml_ours(element) && strcmp(xml_name(element), "Document") == 0;
    return true;
}

static bool ofd_shown_begin(void *context, const struct xml_element *element) {
    struct collect *collect = context;
    const char *name = xml_name(element);
    bool good = ofd_shown_fits(collect, element);
    for (size_t i = 0; i < sizeof in_base_loc / sizeof *in_base_loc && good; i++) {
        if (strcmp(name, in_base_loc[i].name) != 0) continue;
        char *value = xml_attribute(element, "BaseLoc");
        if (value && value[0]) {
            good = add_name(collect, value, in_base_loc[i].kind, in_base_loc[i].part);
            collect->ofd->page_count += collect->now.kind == KIND_DOCUMENT && strcmp(name, "Page") == 0;
        }
        free(value);
    }
    if (good && strcmp(name, "ColorSpace") == 0) {
        char *value = xml_attribute(element, "Profile");
        if (value && value[0]) good = add_name(collect, value, KIND_LEAF, PART_RESOURCE);
        free(value);
    }
    if (good && strcmp(name, "Res") == 0 && xml_depth(element) == 0) {
        free(collect->base);
        collect->base = xml_attribute(element, "BaseLoc");
    }
    return good;
}

static bool ofd_shown_end(void *context, const struct xml_element *element) {
    struct collect *collect = context;
    const char *name = xml_name(element);
    for (size_t i = 0; i < sizeof in_text / sizeof *in_text; i++) {
        if (strcmp(name, in_text[i].name) != 0) continue;
        const char *text = xml_text(element);
        bool annotation = collect->now.kind == KIND_ANNOTATIONS && strcmp(name, "FileLoc") == 0;
        if (!text) return false; /* readers could take different names out of it */
        return text[0] == '\0' || add_name(collect, text, annotation ? KIND_PAGE : in_text[i].kind, in_text[i].part);
    }
    if (collect->now.kind == KIND_OFD && strcmp(name, "Signatures") == 0) {
        const char *text = xml_text(element);
        return text && (text[0] == '\0' || add_signature_list(collect, text));
    }
    return true;
}

static bool has_document(const struct collect *collect) {
    for (size_t i = 0; i < collect->queued; i++)
        if (collect->queue[i].kind == KIND_DOCUMENT) return true;
    return false;
}

bool ofd_collect(struct ofd *out, struct package *package, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    struct collect collect = {.ofd = out, .package = package};
    const struct xml_handler handler = {&collect, ofd_shown_begin, ofd_shown_end};
    const size_t count = package_count(package) + 1;
    const char *root = package_alike(package, "OFD.xml");
    collect.seen = calloc(count, sizeof *collect.seen);
    collect.followed = calloc(count, sizeof *collect.followed);
    collect.queue = calloc(count, sizeof *collect.queue);
    bool good = root && collect.seen && collect.followed && collect.queue && ofd_shown_add_file(&collect, root, KIND_OFD, PART_ROOT);
    *reason = REASON_OFD_SHAPE;
    (void)snprintf(detail, STEP_DETAIL_MAX, "OFD.xml");
    for (size_t i = 0; i < collect.queued && good; i++) { /* each file at most once, however they name each other */
        collect.now = collect.queue[i];
        free(collect.base);
        collect.base = NULL;
        good = xml_walk(package, collect.now.file, OFD_XML_MAX, &handler, reason);
        if (!good) (void)snprintf(detail, STEP_DETAIL_MAX, "%s", collect.now.file);
    }
    if (good && !has_document(&collect)) {
        good = false;
        *reason = REASON_OFD_SHAPE;
        (void)snprintf(detail, STEP_DETAIL_MAX, "DocRoot");
    }
    free(collect.base);
    free(collect.seen);
    free(collect.followed);
    free(collect.queue);
    return good;
}
