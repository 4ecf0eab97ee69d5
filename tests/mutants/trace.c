/* Trace: which places of a program were run, for tests/mutate.py. Linked into programs that are compiled with -fsanitize-coverage=trace-pc: the compiler
 * calls it at each place where the code branches. The file that LICET_TRACE names has a byte for each byte of code; it is written through shared memory, so
 * that a program that is killed has told too. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern char __executable_start, etext;
static volatile uint8_t *ran;

void __sanitizer_cov_trace_pc(void);

__attribute__((constructor(101))) static void begin(void) {
    const char *path = getenv("LICET_TRACE");
    const size_t size = (size_t)(&etext - &__executable_start);
    const int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0) return;
    if (ftruncate(fd, (off_t)size) == 0) {
        void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map != MAP_FAILED) ran = map;
    }
    (void)close(fd);
}

void __sanitizer_cov_trace_pc(void) {
    if (ran) ran[(const char *)__builtin_return_address(0) - &__executable_start - 1] = 1;
}
