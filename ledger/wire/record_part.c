#include "ledger/wire/record_part.h"

void words_get(struct cbor_in *in, struct bytes *reason, struct bytes *basis, const struct operation *operation) {
    const bool may_lack = !operation_takes(operation, TAKES_WORDS);
    cbor_field(in, "reason");
    *reason = cbor_get_text(in, 0, REASON_MAX);
    if (reason->len == 0 && !may_lack) cbor_fail(in, CODE_REASON_MISSING);
    cbor_field(in, "basis");
    *basis = cbor_get_text(in, 0, BASIS_MAX);
    if (basis->len == 0 && !may_lack) cbor_fail(in, CODE_REASON_MISSING);
}
