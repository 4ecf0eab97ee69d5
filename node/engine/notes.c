#include "node/engine/notes.h"

#include <pthread.h>

#include "ledger/base/limits.h"
#include "node/base/clock.h"
#include "node/base/log.h"

struct notes {
    const struct signing *note;
    uint8_t protected_header[COSE_PROTECTED_MAX];
    size_t protected_len;
    pthread_mutex_t making; /* one maker at a time: the others find its note. Taken before `lock`; the lease is the maker's */
    struct lease *lease;
    pthread_mutex_t lock;   /* short: what follows */
    uint64_t newest_n;      /* the newest header, as far as the writer has told */
    int64_t newest_ms;
    unsigned open;          /* blocks on top of it that are being made or are on their way to the disk, */
    int64_t open_ms[NOTES_OPEN_MAX]; /* with these times, the next one first */
    int64_t note_ms;        /* the latest time in any note, or leased for one before the start: no header to come may be earlier */
    bool trusted;           /* the clock was found plausible when it said wall, `boot` ms after the machine started */
    int64_t wall_ms, boot_ms;
    struct note_view cached;
    bool cached_is;
    int64_t cached_at_ms;   /* monotonic */
};

static int64_t later_ms(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t earlier_ms(int64_t a, int64_t b) { return a < b ? a : b; }

/* The latest time of any header: the next one's is not earlier. */
static int64_t signed_ms(const struct notes *notes) { return notes->open > 0 ? notes->open_ms[notes->open - 1] : notes->newest_ms; }

static int64_t behind_ms(const struct notes *notes, int64_t now_ms) {
    return later_ms(signed_ms(notes), notes->note_ms) - CLOCK_BACK_MAX_MS - now_ms;
}

/* Far ahead is judged from the last header, or from the last time the clock was plausible plus the time that has passed since on a clock that
 * nobody can set: else a ledger at rest over a long holiday would lock its own node out. */
static int64_t base_ms(const struct notes *notes, int64_t boot_ms) {
    return notes->trusted ? later_ms(notes->newest_ms, notes->wall_ms + (boot_ms - notes->boot_ms)) : notes->newest_ms;
}

static bool clock_plausible(struct notes *notes, int64_t now_ms) {
    int64_t boot_ms = clock_boot_ms();
    if (behind_ms(notes, now_ms) > 0 || now_ms > base_ms(notes, boot_ms) + CLOCK_AHEAD_MAX_MS || now_ms > TIME_MS_MAX) return false;
    notes->trusted = true;
    notes->wall_ms = now_ms;
    notes->boot_ms = boot_ms;
    return true;
}

struct notes *notes_new(const struct signing *note, struct lease *lease, const struct header *head, bool confirmed, int64_t now_ms) {
    struct notes *notes = calloc(1, sizeof *notes);
    if (!notes) return NULL;
    notes->note = note;
    notes->lease = lease;
    notes->note_ms = lease_time_ms(lease);
    const struct cose_header header = {.alg = key_alg_cose(note->key.alg), .kid = note->kid, .typ = TYP_HEAD};
    notes->protected_len = cose_protected_encode(notes->protected_header, &header);
    notes->newest_n = head->n;
    notes->newest_ms = head->time_ms;
    notes->trusted = confirmed;
    notes->wall_ms = now_ms;
    notes->boot_ms = clock_boot_ms();
    ASSERT(pthread_mutex_init(&notes->lock, NULL) == 0);
    ASSERT(pthread_mutex_init(&notes->making, NULL) == 0);
    (void)clock_plausible(notes, now_ms);
    return notes;
}

enum err notes_settle(struct notes *notes) {
    return notes->note_ms < lease_time_ms(notes->lease) ? lease_write(notes->lease, notes->note_ms) : ERR_OK;
}

void notes_free(struct notes *notes) {
    if (!notes) return;
    pthread_mutex_destroy(&notes->making);
    pthread_mutex_destroy(&notes->lock);
    free(notes);
}

bool notes_block_begin(struct notes *notes, int64_t now_ms, int64_t *time_ms) {
    pthread_mutex_lock(&notes->lock);
    ASSERT(notes->open < NOTES_OPEN_MAX);
    bool ok = clock_plausible(notes, now_ms);
    if (ok) {
        *time_ms = later_ms(now_ms, later_ms(signed_ms(notes), notes->note_ms));
        notes->open_ms[notes->open++] = *time_ms;
    }
    pthread_mutex_unlock(&notes->lock);
    return ok;
}

void notes_block_dropped(struct notes *notes) {
    pthread_mutex_lock(&notes->lock);
    ASSERT(notes->open > 0);
    notes->open--;
    pthread_mutex_unlock(&notes->lock);
}

void notes_block_published(struct notes *notes, const struct header *header) {
    pthread_mutex_lock(&notes->lock);
    ASSERT(notes->open > 0);
    ASSERT(header->n == notes->newest_n + 1);
    ASSERT(header->time_ms == notes->open_ms[0]);
    notes->newest_n = header->n;
    notes->newest_ms = header->time_ms;
    notes->open--;
    memmove(notes->open_ms, notes->open_ms + 1, notes->open * sizeof notes->open_ms[0]);
    pthread_mutex_unlock(&notes->lock);
}

enum clock_state notes_clock(struct notes *notes, int64_t now_ms, int64_t *limit_ms) {
    enum clock_state state = CLOCK_RIGHT;
    int64_t limit = 0;
    pthread_mutex_lock(&notes->lock);
    if (!clock_plausible(notes, now_ms)) {
        int64_t behind = behind_ms(notes, now_ms);
        state = behind > 0 ? CLOCK_BEHIND : CLOCK_AHEAD;
        limit = behind > 0 ? now_ms + behind : earlier_ms(base_ms(notes, clock_boot_ms()) + CLOCK_AHEAD_MAX_MS, TIME_MS_MAX);
    }
    pthread_mutex_unlock(&notes->lock);
    if (limit_ms) *limit_ms = limit;
    return state;
}

int64_t notes_clock_behind_ms(struct notes *notes, int64_t now_ms) {
    pthread_mutex_lock(&notes->lock);
    int64_t behind = behind_ms(notes, now_ms);
    pthread_mutex_unlock(&notes->lock);
    return behind;
}

static bool cached_note(const struct notes *notes, uint64_t n, struct note_view *out) {
    if (!notes->cached_is || notes->cached.n != n || clock_monotonic_ms() - notes->cached_at_ms >= NOTE_AGE_MAX_MS) return false;
    *out = notes->cached;
    return true;
}

/* The latest time at which block n was certainly the newest, and not before its own. A reader's block may be older than the newest. */
static bool note_time(struct notes *notes, const struct header *header, int64_t now_ms, int64_t *time_ms) {
    if (!clock_plausible(notes, now_ms)) return false;
    int64_t at = later_ms(now_ms, notes->note_ms);
    if (header->n == notes->newest_n && notes->open > 0) at = earlier_ms(at, notes->open_ms[0]);
    if (header->n < notes->newest_n) at = header->n + 1 == notes->newest_n ? earlier_ms(now_ms, notes->newest_ms) : header->time_ms;
    at = later_ms(at, header->time_ms);
    notes->note_ms = later_ms(notes->note_ms, at);
    *time_ms = at;
    return true;
}

static bool note_make(const struct notes *notes, const struct snapshot *snapshot, struct note_view *out) {
    struct head_note note = {.term = snapshot->header.term, .n = snapshot->n, .time_ms = out->time_ms};
    memcpy(note.genesis, snapshot->header.genesis, 32);
    memcpy(note.header_hash, snapshot->hash, 32);
    uint8_t payload[HEAD_NOTE_PAYLOAD_MAX], sig[SIG_LEN];
    struct bytes body = bytes_of(payload, head_note_payload(payload, &note));
    struct bytes protected_header = bytes_of(notes->protected_header, notes->protected_len);
    if (signing_sign(notes->note, sig, protected_header, body) != ERR_OK) {
        log_event(LOG_BROKEN, "note_not_signed", log_uint("height", note.n), log_text("reason", signer_why(notes->note->signer)));
        return false;
    }
    struct wire_out w = wire_write(out->bytes, sizeof out->bytes);
    cose_sign1_encode(&w, protected_header, (struct bytes){NULL, 0}, body, sig);
    ASSERT(!w.full);
    out->len = w.len;
    return true;
}

/* Blocks are bound by note_ms already: while the disk works, none becomes earlier than the note that waits for it. Beyond now, not beyond the
 * note: kills in a row must not carry the lease away from the clock. */
static enum err lease_cover(const struct notes *notes, int64_t time_ms, int64_t now_ms) {
    if (time_ms <= lease_time_ms(notes->lease)) return ERR_OK;
    return lease_write(notes->lease, earlier_ms(later_ms(now_ms + LEASE_AHEAD_MS, time_ms), TIME_MS_MAX));
}

bool notes_get(struct notes *notes, const struct snapshot *snapshot, int64_t now_ms, struct note_view *out, enum err *fault) {
    *fault = ERR_OK;
    pthread_mutex_lock(&notes->lock);
    bool found = cached_note(notes, snapshot->n, out);
    pthread_mutex_unlock(&notes->lock);
    if (found) return true;

    pthread_mutex_lock(&notes->making);
    pthread_mutex_lock(&notes->lock);
    found = cached_note(notes, snapshot->n, out); /* made while we waited */
    bool may = !found && note_time(notes, &snapshot->header, now_ms, &out->time_ms);
    pthread_mutex_unlock(&notes->lock);
    if (may) *fault = lease_cover(notes, out->time_ms, now_ms);
    if (may && *fault == ERR_OK) {
        out->n = snapshot->n;
        found = note_make(notes, snapshot, out);
    }
    if (may && found) {
        pthread_mutex_lock(&notes->lock);
        if (!notes->cached_is || out->n >= notes->cached.n) { /* a slow reader must not push out the newest block's note */
            notes->cached = *out;
            notes->cached_is = true;
            notes->cached_at_ms = clock_monotonic_ms();
        }
        pthread_mutex_unlock(&notes->lock);
    }
    pthread_mutex_unlock(&notes->making);
    return found;
}
