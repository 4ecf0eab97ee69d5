#include "tools/sealed/words_read.h"

#include "tools/cli/input_file.h"
#include "tools/document/ofd.h"
#include "tools/sealed/words_pdf.h"

#define PDF_BYTES_MAX (256u << 20)

static bool words_read_begin(void *context, const struct xml_element *element) {
    struct words *words = context;
    words->pictures = words->pictures || strcmp(xml_name(element), "ImageObject") == 0;
    return true;
}

static bool words_read_end(void *context, const struct xml_element *element) {
    static const char *const names[] = {"TextCode", "CustomData", "Title", "Subject", "Keyword", "Abstract"};
    struct words *words = context;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(xml_name(element), names[i]) != 0) continue;
        const char *text = xml_text(element);
        if (text) words_add(words, bytes_text(text));
        else words->whole = false;
    }
    return true;
}

static bool is_xml(const char *name) {
    const size_t len = strlen(name);
    return len > 4 && strcasecmp(name + len - 4, ".xml") == 0;
}

static void words_of_ofd(struct words *out, const char *path) {
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX];
    struct ofd ofd;
    const struct xml_handler handler = {out, words_read_begin, words_read_end};
    struct package *package = package_open(path, &reason, detail);
    bool read = package && ofd_read(&ofd, package, &reason, detail);
    for (size_t i = 0; read && i < ofd.shown_count; i++)
        if (is_xml(ofd.shown[i]) && package_index(package, ofd.shown[i]) != SIZE_MAX && !xml_walk(package, ofd.shown[i], OFD_XML_MAX, &handler, &reason)) out->whole = false;
    if (!read) out->whole = false;
    if (read) ofd_free(&ofd);
    package_close(package);
}

/* ---- any ---- */

void words_read(struct words *out, enum document_format format, const char *path) {
    *out = (struct words){.whole = format != FORMAT_OTHER, .format = format};
    if (format == FORMAT_OFD) words_of_ofd(out, path);
    if (format != FORMAT_PDF) return;
    FILE *file = input_stream(path);
    uint8_t *data = NULL;
    long size = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    bool read = size > 0 && size <= (long)PDF_BYTES_MAX && fseek(file, 0, SEEK_SET) == 0 && (data = malloc((size_t)size)) != NULL && fread(data, 1, (size_t)size, file) == (size_t)size;
    if (read) words_of_pdf(out, bytes_of(data, (size_t)size));
    else out->whole = false;
    free(data);
    if (file) (void)fclose(file);
}
