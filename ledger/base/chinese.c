#include "ledger/base/chinese.h"

#include <string.h>

bool chinese_is_read(const char *const values[3]) {
    for (int i = 0; i < 3; i++)
        if (values[i] && values[i][0]) return strncmp(values[i], "zh", 2) == 0;
    return false;
}
