#include "node/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "node/base/log.h"

static bool signal_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN;
}

static int catch_set(const sigset_t *set) {
    ASSERT(sigprocmask(SIG_BLOCK, set, NULL) == 0); /* before there are threads, so that only the signalfd sees them */
    int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    ASSERT(fd >= 0);
    return fd;
}

void signals_catch(int *stop_fd, int *hangup_fd) {
    sigset_t stops, hangups;
    const bool terminal = isatty(STDIN_FILENO) || isatty(STDERR_FILENO);
    sigemptyset(&stops);
    sigemptyset(&hangups);
    sigaddset(&stops, SIGTERM);
    (void)signal(SIGTERM, SIG_DFL); /* it always works */
    if (!signal_ignored(SIGINT)) sigaddset(&stops, SIGINT);
    if (!signal_ignored(SIGHUP)) sigaddset(terminal ? &stops : &hangups, SIGHUP);
    *stop_fd = catch_set(&stops);
    *hangup_fd = catch_set(&hangups);
}

static const char *signal_word(uint32_t number) {
    switch (number) {
    case SIGTERM: return "SIGTERM";
    case SIGINT: return "SIGINT";
    case SIGHUP: return "SIGHUP";
    default: return "other";
    }
}

void signal_log(int stop_fd, const char *during) {
    struct signalfd_siginfo info;
    if (read(stop_fd, &info, sizeof info) != (ssize_t)sizeof info) return; /* another thread took and logged it */
    log_event(LOG_INFO, "stopping", log_uint("signal", info.ssi_signo), log_text("name", signal_word(info.ssi_signo)), log_text("while", during));
}

void signal_log_hangup(int hangup_fd) {
    struct signalfd_siginfo info;
    if (read(hangup_fd, &info, sizeof info) != (ssize_t)sizeof info) return;
    log_event(LOG_UNUSUAL, "hangup", log_uint("signal", info.ssi_signo), log_text("name", signal_word(info.ssi_signo)),
              log_text("meaning", "nothing is read again and nothing ends: restart licetd after a change of licet.conf, stop it by SIGTERM"));
}
