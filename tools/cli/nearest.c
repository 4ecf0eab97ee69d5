#include "tools/cli/nearest.h"

#include <stdint.h>
#include <string.h>

#define TYPED_MAX 24u

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Edits (insert, delete, replace, two neighbours exchanged) from a to b, b at most TYPED_MAX long. */
static size_t edits(const char *a, const char *b) {
    size_t before[TYPED_MAX + 1] = {0}, last[TYPED_MAX + 1], row[TYPED_MAX + 1], len = strlen(b);
    for (size_t k = 0; k <= len; k++) row[k] = k;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        memcpy(before, i == 1 ? row : last, sizeof row);
        memcpy(last, row, sizeof row);
        row[0] = i;
        for (size_t k = 1; k <= len; k++) {
            row[k] = smaller(smaller(last[k], row[k - 1]) + 1, last[k - 1] + (a[i - 1] != b[k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) row[k] = smaller(row[k], before[k - 2] + 1);
        }
    }
    return row[len];
}

void nearest_try(struct nearest *nearest, const char *name) {
    const size_t len = strlen(nearest->typed), most = len > 4 ? 2 : 1; /* one more is no longer a slip of the finger */
    if (len > TYPED_MAX) return;
    const size_t n = edits(name, nearest->typed);
    if (n > most || (nearest->best && n >= nearest->edits)) return;
    nearest->edits = n;
    nearest->best = name;
}
