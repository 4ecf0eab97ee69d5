#include "node/engine/mark.h"

#include <inttypes.h>

#include "node/engine/durable.h"

#define WORD "licet-mark 1 "

struct mark { struct durable *durable; };

static void mark_text_of(char out[DURABLE_TEXT_MAX], const struct mark_value *value) {
    char hash[65];
    hex_encode(hash, value->hash, 32);
    int len = snprintf(out, DURABLE_TEXT_MAX, WORD "term %" PRIu32 " height %" PRIu64 " hash %s", value->term, value->height, hash);
    ASSERT(len > 0 && len < DURABLE_TEXT_MAX);
}

/* Strict: what it takes must be exactly what mark_text_of makes of it. */
static bool mark_value_of(struct mark_value *out, const char *text) {
    char hash[65], again[DURABLE_TEXT_MAX];
    if (sscanf(text, WORD "term %" SCNu32 " height %" SCNu64 " hash %64[0-9a-f]", &out->term, &out->height, hash) != 3) return false;
    if (!hex_decode(out->hash, 32, hash, strlen(hash))) return false;
    mark_text_of(again, out);
    return strcmp(again, text) == 0;
}

static bool higher(const struct mark_value *a, const struct mark_value *b) {
    return a->term != b->term ? a->term > b->term : a->height > b->height;
}

/* *newest: the line that counts. */
static enum err mark_newest_of(struct mark_value *out, unsigned *newest, const struct durable_lines *lines) {
    struct mark_value value[2];
    bool good[2];
    for (size_t i = 0; i < 2; i++) good[i] = lines->good[i] && mark_value_of(&value[i], lines->text[i]);
    if (!good[0] && !good[1]) return ERR_CORRUPT;
    *newest = !good[0] || (good[1] && higher(&value[1], &value[0])) ? 1 : 0;
    *out = value[*newest];
    return ERR_OK;
}

enum err mark_read(struct mark_value *out, const char *path) {
    struct durable_lines lines;
    unsigned newest;
    enum err err = durable_read(&lines, path);
    return err == ERR_OK ? mark_newest_of(out, &newest, &lines) : err;
}

enum err mark_open(struct mark **out, const char *path) {
    *out = NULL;
    struct mark *mark = calloc(1, sizeof *mark);
    if (!mark) return ERR_MEMORY;
    struct durable_lines lines;
    struct mark_value value;
    unsigned newest = 0;
    bool there;
    enum err err = durable_open(&mark->durable, &lines, path, &there);
    if (err == ERR_OK && there) err = mark_newest_of(&value, &newest, &lines);
    if (err != ERR_OK) {
        mark_close(mark);
        return err;
    }
    durable_keep(mark->durable, newest);
    *out = mark;
    return ERR_OK;
}

void mark_close(struct mark *mark) {
    if (!mark) return;
    durable_close(mark->durable);
    free(mark);
}

enum err mark_write(struct mark *mark, const struct mark_value *value) {
    char text[DURABLE_TEXT_MAX];
    enum err err = durable_hold(mark->durable); /* a mark that the next start does not find protects nothing */
    if (err != ERR_OK) return err;
    mark_text_of(text, value);
    return durable_write(mark->durable, text);
}

#define WAY_OUT "Put the newer data back; without them nothing may be signed here"

enum err mark_judge(const struct mark_value *mark, bool have, const struct mark_value *data,
                    bool (*hash_at)(void *context, uint64_t height, uint8_t out32[32]), void *context, char *message, size_t cap) {
    if (!have && (!data || data->height == 0)) return ERR_OK;
    if (!have) {
        (void)snprintf(message, cap, "The data have block %" PRIu64 ", but the mark of what was last signed is missing: these data may be a "
                       "restored copy. Put the mark back; without it nothing may be signed here", data->height);
        return ERR_ROLLBACK;
    }
    if (!data) {
        (void)snprintf(message, cap, "There are no data, but block %" PRIu64 " was signed here. " WAY_OUT, mark->height);
        return ERR_ROLLBACK;
    }
    if (mark->height > data->height) {
        (void)snprintf(message, cap, "The data end at block %" PRIu64 ", but block %" PRIu64 " was signed here: these data are older than what was "
                       "last signed. " WAY_OUT, data->height, mark->height);
        return ERR_ROLLBACK;
    }
    uint8_t hash[32];
    if (!hash_at(context, mark->height, hash)) return ERR_CORRUPT;
    if (memcmp(hash, mark->hash, 32) == 0) return ERR_OK; /* equal, or behind: the caller advances it. The hash covers the term */
    (void)snprintf(message, cap, "Block %" PRIu64 " of the data (which end at block %" PRIu64 ") is not the block %" PRIu64 " that was signed here "
                   "(term %" PRIu32 "): these data are of another history. " WAY_OUT, mark->height, data->height, mark->height, mark->term);
    return ERR_ROLLBACK;
}
