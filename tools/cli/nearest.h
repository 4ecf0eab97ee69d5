/* Nearest: what was meant by a word that was mistyped, among those that there are. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_NEAREST_H
#define LICET_TOOLS_CLI_NEAREST_H
#include <stddef.h>

/* A word taken for one of those names: `best` is the nearest so far, NULL where none is near. Begin with {.typed = word}. */
struct nearest { const char *typed, *best; size_t edits; };
void nearest_try(struct nearest *nearest, const char *name);
#endif
