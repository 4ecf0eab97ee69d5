#include "ledger/kv/kv_bus.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/code.h"

_Thread_local volatile int kv_bus_depth;

_Noreturn void kv_bus_damaged(void) {
    static const char said[] = "licet: the stored data lead outside of their file, or the disk cannot read them: they are damaged. Look with `licet fsck` and put a sound copy back\n";
    if (write(STDERR_FILENO, said, sizeof said - 1) < 0) _exit(EXIT_INTEGRITY); /* nobody to tell */
    _exit(EXIT_INTEGRITY);
}

static void on_fault(int number) {
    if (number == SIGBUS || kv_bus_depth > 0) kv_bus_damaged();
    (void)signal(number, SIG_DFL); /* our own mistake: it happens again at once, and is seen as what it is */
}

void kv_bus_catch(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_fault;
    ASSERT(sigaction(SIGBUS, &action, NULL) == 0);
    ASSERT(sigaction(SIGSEGV, &action, NULL) == 0);
}
