#include "node/endwatch.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "node/log.h"

static void *watch_thread(void *context) {
    const struct endwatch *watch = context;
    struct pollfd waits[2] = {{.fd = watch->stop_fd, .events = POLLIN}, {.fd = watch->over_fd, .events = POLLIN}};
    while (poll(waits, 2, -1) < 0) ASSERT(errno == EINTR);
    if (waits[1].revents) return NULL;
    log_event(LOG_INFO, "stopping", log_text("while", "opening"));
    log_event(LOG_INFO, "stopped", log_int("exit", watch->exit_code));
    _exit(watch->exit_code); /* not exit: other threads are reading what that would take away */
}

void endwatch_start(struct endwatch *watch, int stop_fd, int exit_code) {
    *watch = (struct endwatch){.stop_fd = stop_fd, .over_fd = -1, .exit_code = exit_code};
    if (stop_fd < 0) return;
    watch->over_fd = eventfd(0, EFD_CLOEXEC);
    watch->on = watch->over_fd >= 0 && pthread_create(&watch->thread, NULL, watch_thread, watch) == 0;
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
