/* licet: everything but the node: client, auditor, key tool. */
#include <signal.h>

#include "crypto/selftest.h"
#include "ledger/kv/kv_bus.h"
#include "tools/commands.h"

int main(int argc, char **argv) {
    (void)signal(SIGPIPE, SIG_IGN); /* a node that hangs up is an answer that is missing, not the end of this program */
    kv_bus_catch();
    const char *failed = crypto_start();
    if (failed) return cli_fail(EXIT_ERROR, "the self-test of %s failed: the crypto library on this machine is not to be relied on", failed);
    return licet_run(argc, argv);
}
