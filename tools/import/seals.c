#include "tools/import/seals.h"

#include "tools/client/answer.h"
#include "tools/client/seal_id.h"
#include "tools/import/sender.h"

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

bool import_seal_known(struct import_sender *sender, const char *id, bool *known) {
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
