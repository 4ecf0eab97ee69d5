#include "tests/bench/bench.h"

void part_import(void) { figure_skip("import: rows, end to end", "not there yet"); }
