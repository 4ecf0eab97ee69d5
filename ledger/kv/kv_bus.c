#include "ledger/kv/kv_bus.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/code.h"

static void on_bus(int number) {
    static const char said[] = "licet: the stored data lead outside of their file, or the disk cannot read them: they are damaged. Look with `licet fsck` and put a sound copy back\n";
    (void)number;
    if (write(STDERR_FILENO, said, sizeof said - 1) < 0) _exit(EXIT_INTEGRITY); /* nobody to tell */
    _exit(EXIT_INTEGRITY);
}

void kv_bus_catch(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_bus;
    ASSERT(sigaction(SIGBUS, &action, NULL) == 0);
}
