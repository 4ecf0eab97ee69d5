#include "tools/import/unit.h"

bool import_unit_init(struct import_unit *unit) {
    void *memory = aligned_alloc(16, UNIT_ARENA);
    *unit = (struct import_unit){.arena = arena_over(memory, UNIT_ARENA), .lines = calloc(UNIT_ROWS, sizeof *unit->lines)};
    return memory && unit->lines;
}

void import_unit_free(struct import_unit *unit) {
    if (unit->arena.base) bytes_wipe(unit->arena.base, unit->arena.size); /* persons' data */
    free(unit->arena.base);
    free(unit->lines);
}
