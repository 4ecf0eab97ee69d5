#include "node/endwatch.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "node/base/log.h"
#include "node/signals.h"

static void *watch_thread(void *context) {
    const struct endwatch *watch = context;
    struct pollfd waits[2] = {{.fd = watch->stop_fd, .events = POLLIN}, {.fd = watch->over_fd, .events = POLLIN}};
    int found;
    while ((found = poll(waits, 2, watch->limit_ms)) < 0) ASSERT(errno == EINTR);
    if (waits[1].revents) return NULL;
    if (found == 0) log_event(LOG_BROKEN, "stop_forced", log_int("ms", watch->limit_ms), log_text("meaning", "a disk or a token does not answer; what was acknowledged is safe"));
    else signal_log(watch->stop_fd, "opening");
    log_event(found == 0 ? LOG_BROKEN : LOG_INFO, "stopped", log_int("exit", watch->exit_code));
    log_drain();
    _exit(watch->exit_code); /* not exit: other threads are reading what that would take away */
}

static void watch_start(struct endwatch *watch) {
    watch->over_fd = eventfd(0, EFD_CLOEXEC);
    watch->on = watch->over_fd >= 0 && pthread_create(&watch->thread, NULL, watch_thread, watch) == 0;
}

void endwatch_start(struct endwatch *watch, int stop_fd, int exit_code) {
    *watch = (struct endwatch){.stop_fd = stop_fd, .over_fd = -1, .exit_code = exit_code, .limit_ms = -1};
    if (stop_fd >= 0) watch_start(watch);
}

void endwatch_limit(struct endwatch *watch, int limit_ms, int exit_code) {
    *watch = (struct endwatch){.stop_fd = -1, .over_fd = -1, .exit_code = exit_code, .limit_ms = limit_ms};
    watch_start(watch);
}

void endwatch_over(struct endwatch *watch) {
    const uint64_t one = 1;
    if (watch->on) {
        ASSERT(write(watch->over_fd, &one, sizeof one) == (ssize_t)sizeof one);
        (void)pthread_join(watch->thread, NULL);
    }
    if (watch->over_fd >= 0) (void)close(watch->over_fd);
    watch->on = false;
    watch->over_fd = -1;
}
