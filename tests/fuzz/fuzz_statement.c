/* statement: a signed statement with its record, and a record alone. */
#include "tests/fuzz/wire.h"

static struct refusal statement(struct wire_out *out, struct bytes in) {
    static uint8_t payload[STATEMENT_BYTES_MAX];
    struct statement statement;
    uint8_t header[COSE_PROTECTED_MAX];
    struct refusal refusal = statement_decode(&statement, in);
    if (refusal.code != CODE_OK) return refusal;
    wire_tbs(&statement.cose);
    struct wire_out inner = wire_write(payload, sizeof payload);
    refusal = wire_record(&inner, statement.cose.payload);
    if (refusal.code != CODE_OK) return refusal;
    const size_t len = wire_protected(header, &statement.cose);
    cose_sign1_encode(out, bytes_of(header, len), (struct bytes){0}, bytes_of(payload, inner.len), statement.cose.signature);
    return refusal;
}

int fuzz_one(const uint8_t *data, size_t size) {
    const struct bytes in = bytes_of(data, size);
    const bool whole = fuzz_law(statement, in);
    const bool record = fuzz_law(wire_record, in);
    ASSERT(!(whole && record));
    return 0;
}
