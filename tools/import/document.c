#include "tools/import/document.h"

#include <sys/stat.h>

#include "tools/sealed/sealed.h"
#include "tools/sealed/words_read.h"

/* Beside the file, and nowhere else. */
static bool import_document_path_of(char path[PATH_MAX], const struct import_sender *sender, struct bytes name) {
    struct stat status;
    int len = snprintf(path, PATH_MAX, "%s/%.*s", sender->folder, (int)name.len, (const char *)name.data);
    const bool inside = name.data[0] != '/' && !memmem(name.data, name.len, "..", 2);
    if (!inside || len < 0 || len >= PATH_MAX || lstat(path, &status) != 0 || !S_ISREG(status.st_mode)) return false;
    char whole[PATH_MAX], folder[PATH_MAX]; /* nor through a folder that is a link */
    if (!realpath(path, whole) || !realpath(sender->folder, folder)) return false;
    const size_t folder_len = strlen(folder);
    return strncmp(whole, folder, folder_len) == 0 && (whole[folder_len] == '/' || strcmp(folder, "/") == 0);
}

static void refuse_document(struct import_line *line, enum code code) {
    line->end = LINE_REFUSED;
    line->row.code = code;
    line->row.field = bytes_text("WJ");
}

/* The licence names the seal where the ledger knows it. One that bears several, the first of them unknown, would name none while another may be its own:
 * `licet issue --seal` can say which. False: the import stops. */
static bool name_seal(struct import_sender *sender, struct import_line *line, struct import_document *document) {
    bool known;
    const struct registration *made = &document->registration;
    if (!made->seal_id[0]) return true;
    if (!import_seal_known(sender, made->seal_id, &known)) return false;
    document->seal_named = known;
    line->seal = known ? LINE_SEAL_NAMED : LINE_SEAL_UNKNOWN;
    if (!known && made->several_seals) refuse_document(line, CODE_SEAL_UNKNOWN);
    return true;
}

static void import_document_compare_words(struct import_line *line, const char *path, enum document_format format, const char *uscc) {
    struct words words;
    const struct words_asked asked = {line->row.number, line->row.holder_name, line->row.holder_code, line->row.holder_kind, uscc};
    words_read(&words, format, path);
    words_compare(&line->said, &words, &asked);
    words_free(&words);
}

bool import_document_look(struct import_sender *sender, struct import_line *line, struct import_document *document) {
    char path[PATH_MAX];
    struct report report;
    const struct step *why;
    *document = (struct import_document){.seal_named = false};
    if (line->row.document.len == 0) return true;
    if (!import_document_path_of(path, sender, line->row.document)) {
        refuse_document(line, CODE_ROW_DOCUMENT_GONE);
        return true;
    }
    bool ok = true;
    struct stat status;
    if (stat(path, &status) == 0 && status.st_size == 0) {
        refuse_document(line, CODE_ROW_DOCUMENT_EMPTY);
        return true;
    }
    if (sealed_look(&report, path, &sender->check) != EXIT_VALID) {
        refuse_document(line, CODE_ROW_DOCUMENT_GONE); /* a message said why; the row can be loaded again */
    } else if ((line->document = registration_of(&report, &why)) == REGISTRABLE_NOT) {
        refuse_document(line, CODE_ROW_DOCUMENT);
    } else if (!registration_add(&document->registration, &report, sender->lookup.genesis, NULL)) {
        refuse_document(line, CODE_ROW_SIGNATURES);
    } else {
        import_document_compare_words(line, path, report.format, sender->uscc);
        ok = name_seal(sender, line, document);
    }
    report_free(&report);
    return ok;
}
