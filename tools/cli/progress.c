#include "tools/cli/progress.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tools/cli/language.h"
#include "tools/document/text_print.h"


#define BAR_WIDTH 24u
#define RATE_MIN_MS 200 /* less says nothing */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char what[32], note[64];
    bool shown;
    int64_t begun_ms, last_ms; /* of this piece of work, by a clock that nobody sets; 0: none */
    uint64_t first;            /* what was done when it began */
} work;

static int64_t clock_ms(void) {
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

static bool on_terminal(void) {
    static int known = -1;
    if (known < 0) known = isatty(STDERR_FILENO) == 1;
    return known == 1;
}

static bool is_main_thread(void) { return gettid() == getpid(); }

static void clear(void) {
    if (work.shown) (void)fputs("\r\033[K", stderr);
    work.shown = false;
}

/* In whole units; of bytes, MB. */
static void progress_put_line(uint64_t done, uint64_t total, bool bytes, int64_t elapsed) {
    const uint64_t unit = bytes ? 1000000 : 1, fresh = done > work.first ? done - work.first : 0;
    const char *name = bytes ? " MB" : "";
    (void)fprintf(stderr, "\r%s", cli_progress_text(work.what));
    if (total > 0) {
        char cells[BAR_WIDTH + 1];
        if (done > total) done = total;
        const double part = (double)done / (double)total;
        for (unsigned i = 0; i < BAR_WIDTH; i++) cells[i] = i < (unsigned)(part * BAR_WIDTH) ? '#' : '.';
        cells[BAR_WIDTH] = '\0';
        (void)fprintf(stderr, " [%s] %3u%%  %" PRIu64 " / %" PRIu64 "%s", cells, (unsigned)(part * 100), done / unit, total / unit, name);
    } else {
        (void)fprintf(stderr, ": %" PRIu64 "%s", done / unit, name);
    }
    if (elapsed >= RATE_MIN_MS && fresh > 0) {
        const double rate = (double)fresh * 1000 / (double)elapsed;
        (void)fprintf(stderr, SAY("  %" PRIu64 "%s a second", "  每秒 %" PRIu64 "%s"), (uint64_t)(rate / (double)unit), name);
        if (total > done) (void)fprintf(stderr, SAY(", %" PRIu64 " s left", "，约剩 %" PRIu64 " 秒"), (uint64_t)((double)(total - done) / rate) + 1);
    }
    if (work.note[0]) (void)fprintf(stderr, "  %s", work.note);
    (void)fputs("\033[K", stderr);
    (void)fflush(stderr);
    work.shown = true;
}

static void progress_line(const char *what, uint64_t done, uint64_t total, bool bytes) {
    if (!is_main_thread() || !on_terminal()) return;
    (void)pthread_mutex_lock(&lock);
    const int64_t now = clock_ms();
    if (work.begun_ms == 0 || strncmp(work.what, what, sizeof work.what - 1) != 0) {
        work.begun_ms = now;
        work.last_ms = 0;
        work.first = done;
        (void)snprintf(work.what, sizeof work.what, "%s", what);
    }
    if (now - work.begun_ms >= PROGRESS_FIRST_MS && now - work.last_ms >= PROGRESS_STEP_MS) {
        progress_put_line(done, total, bytes, now - work.begun_ms);
        work.last_ms = now;
    }
    (void)pthread_mutex_unlock(&lock);
}

void progress_show(void *context, const char *what, uint64_t done, uint64_t total) {
    (void)context;
    progress_line(what, done, total, false);
}

void progress_reading(uint64_t done, uint64_t total) { progress_line("read", done, total, true); }

void progress_note(const char *note) {
    (void)pthread_mutex_lock(&lock);
    (void)snprintf(work.note, sizeof work.note, "%s", text_shown(note));
    (void)pthread_mutex_unlock(&lock);
}

void progress_pause(void) {
    (void)pthread_mutex_lock(&lock);
    clear();
    (void)pthread_mutex_unlock(&lock);
}

void progress_end(void) {
    if (!is_main_thread()) return;
    (void)pthread_mutex_lock(&lock);
    clear();
    work.begun_ms = 0;
    work.note[0] = '\0';
    (void)pthread_mutex_unlock(&lock);
}
