/* licet: everything but the node: client, auditor, key tool. */
#include <signal.h>

#include "crypto/process.h"
#include "crypto/selftest.h"
#include "ledger/kv/kv_bus.h"
#include "tools/cli/json_out.h"
#include "tools/cli/progress.h"
#include "tools/commands.h"
#include "tools/document/report.h"

int main(int argc, char **argv) {
    process_descriptors();
    if (!process_keep_memory()) (void)cli_fail(0, SAY("core files cannot be forbidden here: if this program crashes, one may hold the key that it used",
                                                      "此处无法禁止内存转储文件：程序崩溃时其中可能含有所用密钥"));
    (void)signal(SIGPIPE, SIG_IGN); /* a node that hangs up is an answer that is missing, not the end of this program */
    kv_bus_catch();
    document_reading = progress_reading;
    cli_error_begin(argc, argv);
    const char *failed = crypto_start();
    if (!failed) return licet_run(argc, argv);
    (void)cli_fail(EXIT_ERROR, SAY("the self-test of %s failed under %s: this library is not to be relied on; install the newest libssl3 of your Debian",
                                                "%s 自检在 %s 下失败：该密码库不可信赖，请安装所用 Debian 的最新 libssl3"), failed,
                   crypto_library());
    cli_error_end(EXIT_ERROR);
    return EXIT_ERROR;
}
