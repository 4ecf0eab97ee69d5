/* One main for every fuzz target. With clang's libFuzzer (tests/fuzz/fuzz.sh): its entry points. Else: a program that runs the target over
 * each file it is given, so that any compiler replays the corpora. */
#include "tests/fuzz/fuzz.h"

#include "crypto/hash.h"

#ifdef LICET_LIBFUZZER
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    ASSERT(hash_setup());
    return 0;
}
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_one(data, size); }
#else
static bool replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    uint8_t *data = NULL;
    long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    bool good = size >= 0 && fseek(file, 0, SEEK_SET) == 0;
    if (good) data = malloc(size > 0 ? (size_t)size : 1);
    good = good && data != NULL && fread(data, 1, (size_t)size, file) == (size_t)size;
    (void)fclose(file);
    if (good) {
        fprintf(stderr, "%s\n", path); /* so that the last line names the file that ended it */
        (void)fuzz_one(data, (size_t)size);
    }
    free(data);
    return good;
}

int main(int argc, char **argv) {
    ASSERT(hash_setup());
    int bad = 0;
    for (int i = 1; i < argc; i++) {
        if (replay(argv[i])) continue;
        fprintf(stderr, "%s: cannot be read\n", argv[i]);
        bad++;
    }
    printf("%d files, %d not read\n", argc - 1, bad);
    return bad > 0 || argc < 2 ? 1 : 0;
}
#endif
