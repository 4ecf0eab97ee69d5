/* Documents of rows during an import: looked at as `licet issue` does, a row at a time, and the seals that they bear. Contract in import_batch.h. */
#include <sys/stat.h>

#include "tools/import_batch.h"
#include "tools/seal_id.h"
#include "tools/sealed.h"

/* ---- seals ---- */

bool import_seals_init(struct import_seals *seals) {
    seals->list = NULL;
    seals->count = seals->room = 0;
    return pthread_mutex_init(&seals->lock, NULL) == 0;
}

void import_seals_free(struct import_seals *seals) {
    free(seals->list);
    (void)pthread_mutex_destroy(&seals->lock);
}

/* Asks the node. A seal that it does not know is said once, since no row that bears it can name it. */
static bool fetch_seal(struct import_sender *sender, const char *id, bool *known) {
    char path[SEAL_PATH_MAX];
    struct http_answer answer;
    struct refusal refusal;
    ASSERT(seal_path(path, id, ""));
    if (!import_call(sender, "GET", path, NULL, "application/json", bytes_of(NULL, 0), &answer)) return false;
    bool absent = answer.status != 200 && problem_read(&refusal, &answer) && refusal.code == CODE_SEAL_UNKNOWN;
    bool told = answer.status == 200 || absent;
    if (!told) import_stop(sender, http_failed(sender->cli, &answer));
    http_answer_free(&answer);
    *known = !absent;
    if (absent) (void)cli_fail(0, SAY("warning: the seal %s is not registered on this ledger, so licences name it not; `licet seal add` registers it",
                                      "警告：印章 %s 未在本账本备案，证照不注明印章；可用 `licet seal add` 备案"), id);
    return told;
}

static struct import_seal *seal_at(struct import_seals *seals, const char *id) {
    for (size_t i = 0; i < seals->count; i++)
        if (strcmp(seals->list[i].id, id) == 0) return &seals->list[i];
    if (seals->count == seals->room) {
        size_t room = seals->room ? seals->room * 2 : 8;
        struct import_seal *grown = realloc(seals->list, room * sizeof *grown);
        if (!grown) return NULL;
        seals->list = grown;
        seals->room = room;
    }
    struct import_seal *seal = &seals->list[seals->count++];
    *seal = (struct import_seal){.known = SEAL_NOT_ASKED};
    (void)snprintf(seal->id, sizeof seal->id, "%s", id);
    return seal;
}

/* Once for each seal, and the others wait meanwhile: a stock bears a handful. False: the import stops. */
static bool seal_known(struct import_sender *sender, const char *id, bool *known) {
    struct import_seals *seals = &sender->seals;
    (void)pthread_mutex_lock(&seals->lock);
    struct import_seal *seal = seal_at(seals, id);
    bool ok = seal != NULL;
    if (!ok) import_stop(sender, cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足")));
    if (ok && seal->known == SEAL_NOT_ASKED) {
        ok = fetch_seal(sender, id, known);
        if (ok) seal->known = *known ? SEAL_KNOWN : SEAL_ABSENT;
    }
    *known = ok && seal->known == SEAL_KNOWN;
    (void)pthread_mutex_unlock(&seals->lock);
    return ok;
}

/* ---- documents ---- */

/* Beside the file, and nowhere else. */
static bool path_of(char path[PATH_MAX], const struct import_sender *sender, struct bytes name) {
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
    if (!seal_known(sender, made->seal_id, &known)) return false;
    document->seal_named = known;
    line->seal = known ? LINE_SEAL_NAMED : LINE_SEAL_UNKNOWN;
    if (!known && made->several_seals) refuse_document(line, CODE_SEAL_UNKNOWN);
    return true;
}

static void compare_words(struct import_line *line, const char *path, enum document_format format, const char *uscc) {
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
    if (!path_of(path, sender, line->row.document)) {
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
    } else if ((line->document = registration_judge(&report, &why)) == REGISTRABLE_NOT) {
        refuse_document(line, CODE_ROW_DOCUMENT);
    } else if (!registration_add(&document->registration, &report, sender->lookup.genesis, NULL)) {
        refuse_document(line, CODE_ROW_SIGNATURES);
    } else {
        compare_words(line, path, report.format, sender->uscc);
        ok = name_seal(sender, line, document);
    }
    report_free(&report);
    return ok;
}
