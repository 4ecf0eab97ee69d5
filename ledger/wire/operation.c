#include "ledger/wire/operation.h"

#include "ledger/wire/object.h"

/* By number; a number without an operation has no name. */
#define ROW(NAME, NUMBER, TEXT, ZH, SUBJECT, SHAPE, USE, FROM, TO, TAKES) \
    [NUMBER] = {OP_##NAME, TEXT, ZH, SUBJECT_OF_##SUBJECT, SHAPE_##SHAPE, USE, FROM, TO, TAKES},
static const struct operation ROWS[] = {OPERATIONS(ROW)};
#undef ROW
#define ROW_COUNT (sizeof ROWS / sizeof *ROWS)
_Static_assert(ROW_COUNT <= UINT8_MAX + 1, "a link of a history has one byte for the number");

const struct operation *operation_of(enum op op) {
    const size_t number = (size_t)op;
    return number < ROW_COUNT && ROWS[number].name != NULL ? &ROWS[number] : NULL;
}

const struct operation *operation_at(size_t i) {
    for (size_t number = 0; number < ROW_COUNT; number++)
        if (ROWS[number].name != NULL && i-- == 0) return &ROWS[number];
    return NULL;
}

const struct operation *operation_named(const char *name) {
    for (size_t number = 0; number < ROW_COUNT; number++)
        if (ROWS[number].name != NULL && strcmp(ROWS[number].name, name) == 0) return &ROWS[number];
    return NULL;
}

const char *op_name(enum op op) {
    const struct operation *operation = operation_of(op);
    return operation != NULL ? operation->name : NULL;
}
