#include "ledger/state/slots.h"

#define OFFSET_LEN 2u
#define ALONE_MAX (OFFSET_LEN + OBJECT_VALUE_MAX) /* bytes of a row with one object */
_Static_assert(ALONE_MAX <= UINT16_MAX, "offsets are u16");
_Static_assert(SLOTS_ROW_BYTES <= ALONE_MAX, "the longest row is one object's");

/* --- reading --- */

static uint32_t offset_of(struct bytes all, uint32_t at) { return be16_get(all.data + (size_t)at * OFFSET_LEN); }

bool slots_row_decode(struct slots_row *out, uint64_t first, struct bytes all) {
    if (all.len <= OFFSET_LEN || all.len > ALONE_MAX) return false;
    const uint32_t begin = offset_of(all, 0), count = begin / OFFSET_LEN;
    if (begin == 0 || begin % OFFSET_LEN != 0 || begin >= all.len) return false;
    if (count > 1 && all.len > SLOTS_ROW_BYTES) return false;
    uint32_t before = begin;
    for (uint32_t at = 1; at < count; at++) {
        const uint32_t offset = offset_of(all, at);
        if (offset <= before || offset >= all.len) return false;
        before = offset;
    }
    *out = (struct slots_row){first, count, all};
    return true;
}

struct bytes slots_row_value(const struct slots_row *row, uint32_t at) {
    ASSERT(at < row->count);
    const size_t from = offset_of(row->all, at), to = at + 1 < row->count ? offset_of(row->all, at + 1) : row->all.len;
    return bytes_of(row->all.data + from, to - from);
}

static bool row_has(const struct slots_row *row, uint64_t no) { return no >= row->first && no - row->first < row->count; }

static enum err row_of(struct slots_row *row, struct kv_txn *txn, uint64_t no) {
    struct bytes all;
    uint64_t first;
    const enum err err = kv_floor(txn, KV_SLOTS, no, &first, &all);
    if (err != ERR_OK) return err;
    if (!slots_row_decode(row, first, all)) return ERR_CORRUPT;
    return row_has(row, no) ? ERR_OK : ERR_ABSENT;
}

enum err slots_next(struct slots_row *row, struct kv_txn *txn, uint64_t no, struct bytes *value) {
    if (!row_has(row, no)) {
        row->count = 0; /* what a fault leaves is no row */
        struct slots_row found;
        const enum err err = row_of(&found, txn, no);
        if (err != ERR_OK) return err;
        *row = found;
    }
    *value = slots_row_value(row, (uint32_t)(no - row->first));
    return ERR_OK;
}

/* One value, by its own two offsets. */
enum err slots_get(struct kv_txn *txn, uint64_t no, struct bytes *value) {
    struct bytes all;
    uint64_t first;
    const enum err err = kv_floor(txn, KV_SLOTS, no, &first, &all);
    if (err != ERR_OK) return err;
    if (all.len <= OFFSET_LEN || all.len > ALONE_MAX) return ERR_CORRUPT;
    const uint32_t begin = offset_of(all, 0), count = begin / OFFSET_LEN;
    if (begin == 0 || begin % OFFSET_LEN != 0 || begin >= all.len) return ERR_CORRUPT;
    if (no - first >= count) return ERR_ABSENT;
    const uint32_t at = (uint32_t)(no - first), from = offset_of(all, at), to = at + 1 < count ? offset_of(all, at + 1) : (uint32_t)all.len;
    if (from < begin || to <= from || to > all.len) return ERR_CORRUPT;
    *value = bytes_of(all.data + from, to - from);
    return ERR_OK;
}

/* --- writing --- */

struct slots_writer {
    struct kv_txn *txn;
    uint64_t objects; /* at the beginning */
    uint64_t next;    /* no number below it comes any more */
    /* the row that is open: */
    uint64_t first;
    uint32_t count; /* 0: none is */
    size_t bytes;   /* as it would be put */
    bool last, changed;
    struct bytes values[SLOTS_ROW_COUNT]; /* into old, or the caller's */
    uint8_t old[ALONE_MAX], made[ALONE_MAX];
};
_Static_assert(SLOTS_ROW_BYTES / (OFFSET_LEN + 1) == SLOTS_ROW_COUNT, "so many values of one byte");

struct slots_writer *slots_writer_new(void) { return (struct slots_writer *)calloc(1, sizeof(struct slots_writer)); }
void slots_writer_free(struct slots_writer *writer) { free(writer); }

void slots_begin(struct slots_writer *writer, struct kv_txn *txn, uint64_t objects) {
    writer->txn = txn;
    writer->objects = objects;
    writer->next = 0;
    writer->count = 0;
}

static size_t need(struct bytes value) { return OFFSET_LEN + value.len; }

/* The open row's values from .. from + count as a row of their own. */
static enum err row_put(struct slots_writer *writer, uint32_t from, uint32_t count) {
    size_t at = (size_t)count * OFFSET_LEN;
    for (uint32_t i = 0; i < count; i++) {
        const struct bytes value = writer->values[from + i];
        ASSERT(at + value.len <= sizeof writer->made);
        be16_put(writer->made + (size_t)i * OFFSET_LEN, (uint16_t)at);
        memcpy(writer->made + at, value.data, value.len);
        at += value.len;
    }
    return kv_put(writer->txn, KV_SLOTS, writer->first + from, bytes_of(writer->made, at));
}

/* Puts the open row. One that has become too long is cut: the last row where it is full, as what comes next goes on from there; another in the middle, so that
 * both parts have room to grow. */
static enum err row_close(struct slots_writer *writer) {
    size_t room = SLOTS_ROW_BYTES;
    if (!writer->last && writer->bytes > room && writer->bytes / 2 < room) room = writer->bytes / 2;
    for (uint32_t from = 0, count; writer->changed && from < writer->count; from += count) {
        size_t used = need(writer->values[from]);
        for (count = 1; from + count < writer->count && used + need(writer->values[from + count]) <= room; count++) used += need(writer->values[from + count]);
        const enum err err = row_put(writer, from, count);
        if (err != ERR_OK) return err;
        room = SLOTS_ROW_BYTES;
    }
    writer->count = 0;
    return ERR_OK;
}

/* Opens the row that holds no. */
static enum err row_open(struct slots_writer *writer, uint64_t no) {
    struct slots_row row;
    const enum err err = row_of(&row, writer->txn, no);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    if (row.first + row.count > writer->objects) return ERR_CORRUPT;
    memcpy(writer->old, row.all.data, row.all.len); /* views die with the next put */
    row.all.data = writer->old;
    for (uint32_t at = 0; at < row.count; at++) writer->values[at] = slots_row_value(&row, at);
    writer->first = row.first;
    writer->count = row.count;
    writer->bytes = row.all.len;
    writer->last = row.first + row.count == writer->objects;
    writer->changed = false;
    return ERR_OK;
}

static enum err slots_replace(struct slots_writer *writer, uint64_t no, struct bytes value) {
    if (writer->count == 0 || no - writer->first >= writer->count) {
        enum err err = row_close(writer);
        if (err == ERR_OK) err = row_open(writer, no);
        if (err != ERR_OK) return err;
    }
    struct bytes *place = &writer->values[no - writer->first];
    writer->bytes = writer->bytes - place->len + value.len;
    *place = value;
    writer->changed = true;
    return ERR_OK;
}

static enum err slots_append(struct slots_writer *writer, uint64_t no, struct bytes value) {
    enum err err = ERR_OK;
    if (no == writer->objects && no > 0 && (writer->count == 0 || !writer->last)) { /* the first new one: perhaps the last row has room */
        err = row_close(writer);
        if (err == ERR_OK) err = row_open(writer, no - 1);
    }
    if (err == ERR_OK && writer->count > 0 && writer->bytes + need(value) > SLOTS_ROW_BYTES) err = row_close(writer);
    if (err != ERR_OK) return err;
    if (writer->count == 0) {
        writer->first = no;
        writer->bytes = 0;
        writer->last = true;
    }
    ASSERT(writer->first + writer->count == no);
    ASSERT(writer->count < SLOTS_ROW_COUNT);
    writer->values[writer->count++] = value;
    writer->bytes += need(value);
    writer->changed = true;
    return ERR_OK;
}

enum err slots_put(struct slots_writer *writer, uint64_t no, struct bytes value) {
    ASSERT(value.len >= 1);
    ASSERT(value.len <= OBJECT_VALUE_MAX);
    ASSERT(no >= writer->next);
    ASSERT(no <= writer->objects || no == writer->next);
    writer->next = no + 1;
    return no < writer->objects ? slots_replace(writer, no, value) : slots_append(writer, no, value);
}

enum err slots_end(struct slots_writer *writer) { return row_close(writer); }
