/* `licet verify --offline` for very many proofs in one process: for each line `PROOF FILE PIN NOW-MS` of stdin (`-`: none), one line `EXIT WORD`.
 * Driven by tests/system/test_second_verifier.py. argv[1]: the genesis document. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/sig.h"
#include "tools/sealed/sealed.h"
#include "tools/verify/verify_file.h"
#include "tools/verify/verify_offline.h"

static int judge(json_t **verdict, struct offline *asked, const char *file) {
    struct shown shown = {.path = file};
    const struct check_options check = {.now_ms = asked->now_ms, .known_ms = TIME_UNKNOWN};
    json_t *said = json_array();
    asked->report = file ? &shown.report : NULL;
    int done = file ? sealed_look(&shown.report, file, &check) : EXIT_VALID;
    if (done == EXIT_VALID) done = verify_offline(said, asked);
    shown.count = json_array_size(said);
    if (done == EXIT_VALID) {
        *verdict = shown_verdict(&shown, said);
        done = shown_exit(&shown, *verdict);
    }
    json_decref(said);
    shown_free(&shown);
    return done;
}

int main(int argc, char **argv) {
    char proof[512], file[512], pin[512];
    long long now;
    if (argc != 2 || !hash_setup() || !sig_setup()) return EXIT_USAGE;
    /* What it says is for people, and says it thousands of times. */
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0 || dup2(nowhere, STDERR_FILENO) < 0) return EXIT_ERROR;
    while (scanf("%511s %511s %511s %lld", proof, file, pin, &now) == 4) {
        json_t *verdict = NULL;
        struct offline asked = {.proof = proof, .trust_by = "--trust", .trust = argv[1], .pin = strcmp(pin, "-") ? pin : NULL, .max_age_ms = -1, .now_ms = now};
        int done = judge(&verdict, &asked, strcmp(file, "-") ? file : NULL);
        const char *word = json_string_value(json_object_get(verdict, "verdict"));
        printf("%d %s\n", done, word ? word : "-");
        if (fflush(stdout) != 0) return EXIT_ERROR;
        json_decref(verdict);
    }
    return 0;
}
