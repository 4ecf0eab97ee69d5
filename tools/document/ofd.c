#include "tools/document/ofd.h"

#include "tools/document/ofd_inside.h"

/* ---- Signatures.xml ---- */

struct listing { struct ofd *ofd; struct package *package; const char *file; };

/* Where a name leads: to a file as the standard reads it, else from the package's root as some makers write it; else to nothing. */
static char *ofd_find(struct package *package, const char *from, const char *name) {
    char first[PACKAGE_PATH_MAX], path[PACKAGE_PATH_MAX];
    bool resolved = package_resolve(first, from, name);
    const char *file = resolved ? package_alike(package, first) : NULL;
    if (!file && package_resolve(path, "", name)) file = package_alike(package, path);
    if (file) return strdup(file);
    return resolved ? strdup(first) : NULL;
}

static bool list_begin(void *context, const struct xml_element *element) {
    struct listing *listing = context;
    struct ofd *ofd = listing->ofd;
    if (xml_depth(element) == 0) return xml_ours(element) && strcmp(xml_name(element), "Signatures") == 0;
    if (strcmp(xml_name(element), "Signature") != 0) return true;
    if (ofd->signature_count == OFD_SIGNATURES_MAX) return false;
    struct ofd_signature *signature = &ofd->signatures[ofd->signature_count];
    *signature = (struct ofd_signature){.seal_type = true};
    char *base = xml_attribute(element, "BaseLoc"), *type = xml_attribute(element, "Type");
    signature->id = xml_attribute(element, "ID");
    signature->seal_type = !type || strcmp(type, "Sign") != 0;
    signature->path = base ? ofd_find(listing->package, listing->file, base) : NULL;
    free(base);
    free(type);
    ofd->signature_count++;
    for (size_t i = 0; signature->path && i + 1 < ofd->signature_count; i++)
        if (strcmp(ofd->signatures[i].path, signature->path) == 0) return false; /* one signature, looked at 256 times */
    return signature->path != NULL;
}
static bool list_end(void *context, const struct xml_element *element) {
    (void)context, (void)element;
    return true;
}

/* ---- Signature.xml ---- */

struct reading { struct ofd_signature *signature; struct package *package; size_t reference_cap; bool in_references; };

/* False: there already. */
static bool set_once(char **out, const char *text) {
    if (*out || !text) return false;
    *out = strdup(text);
    return *out != NULL;
}

static bool add_reference(struct reading *reading, const struct xml_element *element) {
    struct ofd_signature *signature = reading->signature;
    if (signature->reference_count == OFD_REFERENCES_MAX) return false;
    if (signature->reference_count == reading->reference_cap) {
        size_t cap = reading->reference_cap ? 2 * reading->reference_cap : 64;
        struct ofd_reference *more = realloc(signature->references, cap * sizeof *more);
        if (!more) return false;
        signature->references = more;
        reading->reference_cap = cap;
    }
    struct ofd_reference *reference = &signature->references[signature->reference_count++];
    *reference = (struct ofd_reference){.written = xml_attribute(element, "FileRef")};
    if (!reference->written) return false;
    reference->file = ofd_find(reading->package, signature->path, reference->written);
    return true;
}

static bool signature_begin(void *context, const struct xml_element *element) {
    struct reading *reading = context;
    struct ofd_signature *signature = reading->signature;
    const char *name = xml_name(element);
    if (xml_depth(element) == 0) return xml_ours(element) && strcmp(name, "Signature") == 0;
    if (!xml_ours(element)) return true; /* unlike what is shown: only what the standard knows protects */
    if (strcmp(name, "References") == 0) {
        if (reading->in_references) return false;
        reading->in_references = true;
        signature->check_method = xml_attribute(element, "CheckMethod");
    } else if (strcmp(name, "Reference") == 0 && strcmp(xml_parent(element), "References") == 0) {
        return add_reference(reading, element);
    } else if (strcmp(name, "Provider") == 0 && !signature->provider) {
        signature->provider = xml_attribute(element, "ProviderName");
    } else if (strcmp(name, "StampAnnot") == 0) {
        signature->stamp_count++;
    }
    return true;
}

/* Base64 as XML may write it, broken into lines. Strict otherwise. */
static bool read_check(struct ofd_reference *reference, const char *text) {
    char digits[BASE64URL_LEN(sizeof reference->check) + 1];
    size_t len = 0;
    for (; text && *text && *text != '='; text++) {
        if (strchr(" \t\r\n", *text)) continue;
        if (*text == '-' || *text == '_' || len == sizeof digits - 1) return false;
        digits[len++] = *text == '+' ? '-' : *text == '/' ? '_' : *text;
    }
    if (!text || reference->check_len > 0 || text[strspn(text, "= \t\r\n")] != '\0') return false;
    return base64url_decode(reference->check, sizeof reference->check, &reference->check_len, digits, len);
}

static bool signature_end(void *context, const struct xml_element *element) {
    struct reading *reading = context;
    struct ofd_signature *signature = reading->signature;
    const char *name = xml_name(element), *parent = xml_parent(element);
    if (!xml_ours(element)) return true;
    if (strcmp(name, "CheckValue") == 0 && strcmp(parent, "Reference") == 0 && signature->reference_count > 0)
        return read_check(&signature->references[signature->reference_count - 1], xml_text(element));
    if (strcmp(name, "SignatureMethod") == 0) return set_once(&signature->method, xml_text(element));
    if (strcmp(name, "SignatureDateTime") == 0) return set_once(&signature->time, xml_text(element));
    if (strcmp(name, "ProviderName") == 0 && !signature->provider) return set_once(&signature->provider, xml_text(element));
    bool value = strcmp(name, "SignedValue") == 0 && xml_depth(element) == 1, seal = strcmp(name, "BaseLoc") == 0 && strcmp(parent, "Seal") == 0;
    if (!value && !seal) return true;
    const char *text = xml_text(element);
    char **path = value ? &signature->value_path : &signature->seal_path;
    if (*path || !text || !text[0]) return false;
    *path = ofd_find(reading->package, signature->path, text);
    return *path != NULL;
}

static void ofd_read_signature(struct ofd_signature *signature, struct package *package) {
    struct reading reading = {.signature = signature, .package = package};
    const struct xml_handler handler = {&reading, signature_begin, signature_end};
    (void)snprintf(signature->detail, STEP_DETAIL_MAX, "%s", signature->path);
    if (!xml_walk(package, signature->path, OFD_SIGNATURE_XML_MAX, &handler, &signature->reason)) return;
    for (size_t i = 0; i < signature->reference_count; i++)
        if (signature->references[i].check_len == 0) signature->reason = REASON_OFD_SHAPE;
    if (!signature->value_path) signature->reason = REASON_OFD_SHAPE;
    if (signature->reason == REASON_NONE) signature->detail[0] = '\0';
}

/* ---- the whole ---- */

bool ofd_read(struct ofd *out, struct package *package, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    *out = (struct ofd){.signatures = calloc(OFD_SIGNATURES_MAX, sizeof *out->signatures)};
    *reason = REASON_OFD_SHAPE;
    detail[0] = '\0';
    bool good = out->signatures && ofd_collect(out, package, reason, detail);
    for (size_t i = 0; i < out->signature_list_count && good; i++) {
        struct listing listing = {out, package, out->signature_lists[i]};
        const struct xml_handler handler = {&listing, list_begin, list_end};
        good = xml_walk(package, listing.file, OFD_SIGNATURE_XML_MAX, &handler, reason);
        if (!good) (void)snprintf(detail, STEP_DETAIL_MAX, "%s", listing.file);
    }
    for (size_t i = 0; i < out->signature_count && good; i++) ofd_read_signature(&out->signatures[i], package);
    if (good) {
        *reason = REASON_NONE;
        detail[0] = '\0';
        return true;
    }
    ofd_free(out);
    return false;
}

static void free_list(char **list, size_t count) {
    for (size_t i = 0; i < count; i++) free(list[i]);
    free(list);
}

void ofd_free(struct ofd *ofd) {
    for (size_t i = 0; i < ofd->signature_count; i++) {
        struct ofd_signature *s = &ofd->signatures[i];
        for (size_t k = 0; k < s->reference_count; k++) {
            free(s->references[k].file);
            free(s->references[k].written);
        }
        free(s->references);
        char *const texts[] = {s->id, s->path, s->method, s->time, s->check_method, s->provider, s->value_path, s->seal_path};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) free(texts[k]);
    }
    free(ofd->signatures);
    free_list(ofd->signature_lists, ofd->signature_list_count);
    free_list(ofd->shown, ofd->shown_count);
    free(ofd->shown_parts);
    *ofd = (struct ofd){.signatures = NULL};
}
