#include "tools/cli/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "crypto/bytes.h"

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
#define NUMBERS (sizeof numbers / sizeof *numbers)

static struct {
    atomic_bool *stop;
    atomic_int *exit_code;
    const char *said;
    size_t said_len;
    atomic_int number;
    struct sigaction before[NUMBERS];
    bool caught[NUMBERS];
} now;

/* Nothing but what a handler may do. */
static void on_signal(int number) {
    const int kept = errno;
    int none = 0;
    if (atomic_compare_exchange_strong(&now.number, &none, number)) {
        int valid = 0;
        (void)atomic_compare_exchange_strong(now.exit_code, &valid, 128 + number);
        atomic_store(now.stop, true);
        if (write(STDERR_FILENO, now.said, now.said_len) < 0) errno = 0; /* it stops all the same */
    }
    errno = kept;
}

void interrupt_begin(atomic_bool *stop, atomic_int *exit_code, const char *said) {
    now.stop = stop;
    now.exit_code = exit_code;
    now.said = said;
    now.said_len = strlen(said);
    atomic_store(&now.number, 0);
    for (size_t i = 0; i < NUMBERS; i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | (int)SA_RESETHAND}; /* reset: the next one ends the program */
        (void)sigemptyset(&action.sa_mask);
        (void)sigaction(numbers[i], NULL, &now.before[i]);
        now.caught[i] = now.before[i].sa_handler != SIG_IGN && sigaction(numbers[i], &action, NULL) == 0;
    }
}

int interrupt_end(void) {
    for (size_t i = 0; i < NUMBERS; i++)
        if (now.caught[i]) (void)sigaction(numbers[i], &now.before[i], NULL);
    return atomic_load(&now.number);
}
