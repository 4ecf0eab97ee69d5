#include "tools/authority/ofd_stamp.h"

#include <stdarg.h>
#include <time.h>

#include "crypto/hash.h"
#include "tools/authority/ca.h"
#include "tools/authority/ofd_page.h"
#include "tools/authority/ofd_parts.h"
#include "tools/authority/seal_make.h"

#define EMPTY_LIST "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Signatures xmlns:ofd=\"" OFD_NAMESPACE "\"><ofd:MaxSignId>s000</ofd:MaxSignId></ofd:Signatures>"

/* Everything about the new signature before it is written. */
struct making {
    struct bundle *bundle;
    const struct ofd_stamp *stamp;
    struct ofd_parts *parts;
    uint32_t width_mm, height_mm;  /* of the picture on the page */
    xmlDoc *list;                  /* Signatures.xml */
    char id_prefix[OFD_ID_MAX];    /* numbers are "s001" with us, "1" with others: the way of the document is kept */
    int id_digits;
    uint32_t id_last;
    char signature_path[PACKAGE_PATH_MAX], seal_path[PACKAGE_PATH_MAX], value_path[PACKAGE_PATH_MAX];
    char *why;
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct making *making, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(making->why, OFD_WHY_MAX, format, args);
    va_end(args);
    return false;
}

int ofd_stamp_count(const struct bundle *bundle) {
    struct ofd_parts *parts = ofd_parts_read(bundle);
    if (!parts) return -1;
    xmlDoc *list = parts->has_list ? ofd_xml(bundle, parts->list) : NULL;
    int count = 0;
    xmlNode *first = list ? xmlDocGetRootElement(list)->children : NULL;
    for (xmlNode *entry = ofd_element(first, "Signature"); entry; entry = ofd_element(entry->next, "Signature")) count++;
    xmlFreeDoc(list);
    ofd_parts_free(parts);
    return count;
}

/* --- what is there --- */

static void note_id(struct making *making, const char *id) {
    size_t prefix = strcspn(id, "0123456789");
    char *end;
    unsigned long number = strtoul(id + prefix, &end, 10);
    if (*end || end == id + prefix || number > 1000000 || prefix >= OFD_ID_MAX) return; /* not of a kind that could collide with ours */
    if (number < making->id_last) return;
    making->id_last = (uint32_t)number;
    making->id_digits = (int)(end - id - (ptrdiff_t)prefix);
    (void)snprintf(making->id_prefix, sizeof making->id_prefix, "%.*s", (int)prefix, id);
}

/* Does a signature that is there cover the list? Then its digest of it would be wrong as soon as one is added. */
static bool covers_list(const struct making *making, const char *signature_path, bool *covers) {
    xmlDoc *doc = ofd_xml(making->bundle, signature_path);
    if (!doc) return false;
    xmlNode *info = ofd_element(xmlDocGetRootElement(doc)->children, "SignedInfo"), *references = info ? ofd_element(info->children, "References") : NULL;
    for (xmlNode *one = references ? ofd_element(references->children, "Reference") : NULL; one; one = ofd_element(one->next, "Reference")) {
        char name[PACKAGE_PATH_MAX], path[PACKAGE_PATH_MAX];
        ofd_attribute(name, sizeof name, one, "FileRef");
        if (package_resolve(path, signature_path, name) && strcmp(path, making->parts->list) == 0) *covers = true;
    }
    xmlFreeDoc(doc);
    return true;
}

static bool look_at_earlier(struct making *making) {
    xmlNode *children = xmlDocGetRootElement(making->list)->children;
    char text[PACKAGE_PATH_MAX], path[PACKAGE_PATH_MAX];
    ofd_content(text, OFD_ID_MAX, ofd_element(children, "MaxSignId"));
    note_id(making, text);
    for (xmlNode *entry = ofd_element(children, "Signature"); entry; entry = ofd_element(entry->next, "Signature")) {
        bool covers = false;
        ofd_attribute(text, OFD_ID_MAX, entry, "ID");
        note_id(making, text);
        ofd_attribute(text, sizeof text, entry, "BaseLoc");
        if (!package_resolve(path, making->parts->list, text) || !covers_list(making, path, &covers))
            return refuse(making, "the signature %s that the document names cannot be read", text);
        if (covers) return refuse(making, "the signature %s covers the list of signatures: it would no longer verify with another beside it", text);
    }
    return true;
}

static bool open_list(struct making *making) {
    struct ofd_parts *parts = making->parts;
    if (!bundle_find(making->bundle, parts->list)) {
        if (!bundle_put(making->bundle, parts->list, bytes_text(EMPTY_LIST))) return refuse(making, "out of memory");
    }
    making->list = ofd_xml(making->bundle, parts->list);
    if (!making->list) return refuse(making, "its list of signatures, %s, cannot be read", parts->list);
    if (!look_at_earlier(making)) return false;
    if (parts->has_list) return true;
    /* The last of DocBody's elements; OFD.xml is under the signature, so this comes first. */
    char absolute[PACKAGE_PATH_MAX + 1];
    (void)snprintf(absolute, sizeof absolute, "/%s", parts->list);
    xmlChar *data = NULL;
    int len = 0;
    if (xmlNewTextChild(parts->body, parts->body->ns, (const xmlChar *)"Signatures", (const xmlChar *)absolute)) xmlDocDumpMemoryEnc(parts->root, &data, &len, "UTF-8");
    bool ok = data && len > 0 && bundle_put(making->bundle, "OFD.xml", bytes_of(data, (size_t)len));
    xmlFree(data);
    return ok || refuse(making, "out of memory");
}

/* --- what is added --- */

static bool choose_folder(struct making *making) {
    for (uint32_t n = 0; n < 10000; n++) {
        static const char *const names[] = {"Signature.xml", "Seal.esl", "SignedValue.dat"};
        char *const paths[] = {making->signature_path, making->seal_path, making->value_path};
        bool taken = false;
        for (size_t i = 0; i < 3; i++) {
            int len = snprintf(paths[i], PACKAGE_PATH_MAX, "%sSign_%u/%s", making->parts->folder, n, names[i]);
            if (len <= 0 || (size_t)len >= PACKAGE_PATH_MAX) return refuse(making, "the path of its list of signatures is too long");
            taken = taken || bundle_find(making->bundle, paths[i]);
        }
        if (!taken) return true;
    }
    return refuse(making, "it has too many signatures");
}

static void next_id(struct making *making, char out[2 * OFD_ID_MAX]) {
    (void)snprintf(out, 2 * OFD_ID_MAX, "%s%0*u", making->id_prefix, making->id_digits, ++making->id_last);
}

static bool put_references(const struct making *making, FILE *out) {
    (void)fputs("<ofd:References CheckMethod=\"1.2.156.10197.1.401\">", out);
    for (size_t i = 0; i < making->bundle->count; i++) {
        const struct bundle_file *file = &making->bundle->files[i];
        if (strcmp(file->name, making->parts->list) == 0) continue;
        uint8_t digest[32];
        char text[48];
        sm3(digest, file->data, file->len);
        base64_encode(text, digest, sizeof digest);
        (void)fputs("<ofd:Reference FileRef=\"/", out);
        xml_put(out, file->name);
        (void)fprintf(out, "\"><ofd:CheckValue>%s</ofd:CheckValue></ofd:Reference>", text);
    }
    return fputs("</ofd:References>", out) >= 0;
}

static uint32_t less(uint32_t a, uint32_t b) { return a > b ? a - b : 0; }

static void put_stamps(struct making *making, FILE *out) {
    const struct ofd_parts *parts = making->parts;
    bool every = making->stamp->place == PLACE_EVERY_PAGE;
    uint32_t x = every ? less(parts->width_mm, making->width_mm) / 2 : less(parts->width_mm, making->width_mm + 30);
    uint32_t y = less(parts->height_mm, making->height_mm + (every ? 15 : 30));
    for (size_t i = every ? 0 : parts->page_count - 1; i < parts->page_count; i++) {
        char id[2 * OFD_ID_MAX];
        next_id(making, id);
        (void)fprintf(out, "<ofd:StampAnnot ID=\"%s\" PageRef=\"", id);
        xml_put(out, parts->page_ids[i]);
        (void)fprintf(out, "\" Boundary=\"%u %u %u %u\"/>", x, y, making->width_mm, making->height_mm);
    }
}

static bool put_signature_xml(struct making *making) {
    char *data = NULL, when[32];
    size_t len = 0;
    struct tm tm = utc_of(making->stamp->time_ms);
    (void)strftime(when, sizeof when, "%Y%m%d%H%M%SZ", &tm);
    FILE *out = open_memstream(&data, &len);
    if (!out) return false;
    (void)fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Signature xmlns:ofd=\"" OFD_NAMESPACE "\"><ofd:SignedInfo><ofd:Provider ProviderName=\"Licet\" "
                       "Version=\"1.0\" Company=\"Licet\"/><ofd:SignatureMethod>" SM2_SIGN_OID "</ofd:SignatureMethod><ofd:SignatureDateTime>%s</ofd:SignatureDateTime>", when);
    (void)put_references(making, out);
    put_stamps(making, out);
    (void)fputs("<ofd:Seal><ofd:BaseLoc>/", out);
    xml_put(out, making->seal_path);
    (void)fputs("</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo><ofd:SignedValue>/", out);
    xml_put(out, making->value_path);
    (void)fputs("</ofd:SignedValue></ofd:Signature>", out);
    bool ok = fclose(out) == 0 && bundle_put(making->bundle, making->signature_path, bytes_of(data, len));
    free(data);
    return ok;
}

/* The document's own prefix for its namespace is kept; the new entry stands last. */
static bool ofd_stamp_put_list(struct making *making, const char *id) {
    xmlNode *root = xmlDocGetRootElement(making->list), *max = ofd_element(root->children, "MaxSignId");
    char absolute[PACKAGE_PATH_MAX + 1], last[2 * OFD_ID_MAX];
    (void)snprintf(absolute, sizeof absolute, "/%s", making->signature_path);
    (void)snprintf(last, sizeof last, "%s%0*u", making->id_prefix, making->id_digits, making->id_last);
    if (max) xmlNodeSetContent(max, (const xmlChar *)last);
    xmlNode *entry = xmlNewTextChild(root, root->ns, (const xmlChar *)"Signature", NULL);
    bool ok = entry && xmlNewProp(entry, (const xmlChar *)"ID", (const xmlChar *)id) && xmlNewProp(entry, (const xmlChar *)"Type", (const xmlChar *)"Seal") &&
              xmlNewProp(entry, (const xmlChar *)"BaseLoc", (const xmlChar *)absolute);
    xmlChar *data = NULL;
    int len = 0;
    if (ok) xmlDocDumpMemoryEnc(making->list, &data, &len, "UTF-8");
    ok = data && len > 0 && bundle_put(making->bundle, making->parts->list, bytes_of(data, (size_t)len));
    xmlFree(data);
    return ok;
}

static bool put_value(struct making *making) {
    const struct bundle_file *signed_file = bundle_find(making->bundle, making->signature_path);
    const struct ofd_stamp *stamp = making->stamp;
    uint8_t digest[32], *value = malloc(SEAL_VALUE_MAX);
    char property[PACKAGE_PATH_MAX + 1];
    (void)snprintf(property, sizeof property, "/%s", making->signature_path);
    sm3(digest, signed_file->data, signed_file->len);
    size_t len = value ? seal_value_make(value, SEAL_VALUE_MAX, stamp->seal, stamp->time_ms, digest, property, stamp->cert, stamp->signer) : 0;
    bool ok = len > 0 && bundle_put(making->bundle, making->value_path, bytes_of(value, len));
    free(value);
    return ok || refuse(making, "the signer's key did not sign, or does not go with its certificate, or the seal is too large");
}

static uint32_t ofd_stamp_within(uint32_t size, uint32_t page) { return size == 0 ? 1 : size < page ? size : page; }

/* GM/T 0031-2014 6.2.2: who signs is compared with the seal's list before anything is signed; a renewed certificate needs a seal made again. */
static bool is_listed(const struct ses_seal *seal, struct bytes cert) {
    bool found = seal->list_kind != SES_CERTS;
    for (uint32_t i = 0; i < seal->list_count && !found; i++) found = bytes_equal(seal->list[i], cert);
    return found;
}

static bool ofd_stamp_read_seal(struct making *making) {
    struct ses_seal *seal = malloc(sizeof *seal);
    const char *where = "";
    bool decoded = seal && ses_seal_decode(seal, making->stamp->seal, &where), listed = decoded && is_listed(seal, making->stamp->cert);
    if (decoded) {
        making->width_mm = ofd_stamp_within(seal->width_mm, making->parts->width_mm);
        making->height_mm = ofd_stamp_within(seal->height_mm, making->parts->height_mm);
    }
    free(seal);
    if (!decoded) return refuse(making, "the seal cannot be read: %s", where);
    return listed || refuse(making, "the signer's certificate is not among those that the seal names: it needs a seal made for it");
}

static bool make(struct making *making) {
    char id[2 * OFD_ID_MAX];
    if (!ofd_stamp_read_seal(making) || !open_list(making) || !choose_folder(making)) return false;
    if (!bundle_put(making->bundle, making->seal_path, making->stamp->seal)) return refuse(making, "out of memory");
    next_id(making, id);
    if (!put_signature_xml(making) || !ofd_stamp_put_list(making, id)) return refuse(making, "out of memory");
    return put_value(making);
}

bool ofd_stamp(struct bundle *bundle, const struct ofd_stamp *stamp, char why[OFD_WHY_MAX]) {
    struct making making = {.bundle = bundle, .stamp = stamp, .id_prefix = "s", .id_digits = 3, .why = why};
    why[0] = '\0';
    making.parts = ofd_parts_read(bundle);
    bool ok = making.parts ? make(&making) : refuse(&making, "it is no OFD with pages that can be read");
    xmlFreeDoc(making.list);
    ofd_parts_free(making.parts);
    return ok;
}
