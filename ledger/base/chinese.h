/* Chinese: in which language a person reads, by what the environment says. Handed in, since no environment is asked down here. Both programs decide alike. */
#ifndef LICET_BASE_CHINESE_H
#define LICET_BASE_CHINESE_H
#include <stdbool.h>

/* The first of LC_ALL, LC_MESSAGES, LANG (in that order; NULL: not set) that is set and not empty decides: Chinese if it begins with "zh". */
bool chinese_is_read(const char *const values[3]);
#endif
