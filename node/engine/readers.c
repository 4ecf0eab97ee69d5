#include "node/engine/readers.h"

#include "node/base/log.h"

bool readers_stuck(const struct readers *readers) { return atomic_load(&readers->behind) >= READERS_BEHIND_MAX; }

/* None of this is a reason to stop. */
void readers_look(struct readers *readers, struct kv *kv) {
    struct kv_readers seen;
    if (kv_readers_look(kv, &seen) != ERR_OK) return; /* the next block meets what is wrong */
    const bool was = readers_stuck(readers);
    atomic_store(&readers->behind, seen.behind);
    const bool is = readers_stuck(readers);
    if (seen.dead > 0) log_event(LOG_UNUSUAL, "dead_readers_cleared", log_uint("readers", seen.dead));
    if (is && !was)
        log_event(LOG_UNUSUAL, "reader_stuck", log_int("pid", seen.pid), log_uint("commits_behind", seen.behind),
                  log_text("meaning", "this process reads data/ and stands still: the file grows with every block until it goes on or ends"));
    if (was && !is) log_event(LOG_INFO, "reader_goes_on", log_uint("commits_behind", seen.behind));
}
