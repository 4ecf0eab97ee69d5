#include "ledger/wire/record_part.h"

void words_get(struct wire_in *in, struct bytes *reason, struct bytes *basis, const struct operation *operation) {
    const bool may_lack = !operation_takes(operation, TAKES_WORDS);
    wire_field(in, "reason");
    *reason = wire_get_text(in, 0, REASON_MAX);
    if (reason->len == 0 && !may_lack) wire_fail(in, CODE_REASON_MISSING);
    wire_field(in, "basis");
    *basis = wire_get_text(in, 0, BASIS_MAX);
    if (basis->len == 0 && !may_lack) wire_fail(in, CODE_REASON_MISSING);
}
