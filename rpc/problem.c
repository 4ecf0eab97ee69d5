#include "rpc/problem.h"

#include "ledger/wire/emit.h"

size_t problem_json(char *out, size_t cap, const struct refusal *refusal) {
    struct emit json = emit_write(out, cap);
    emit_object(&json);
    emit_put_int(&json, "code", (int64_t)refusal->code);
    emit_put_string(&json, "name", code_name(refusal->code));
    emit_put_string(&json, "en", code_en(refusal->code));
    emit_put_string(&json, "zh", code_zh(refusal->code));
    if (refusal->item != REFUSAL_NO_ITEM) {
        emit_put_uint(&json, "item", refusal->item);
    }
    if (refusal->entry != REFUSAL_NO_ENTRY) {
        emit_put_uint(&json, "entry", refusal->entry);
    }
    if (refusal->field != NULL) {
        emit_put_string(&json, "field", refusal->field);
    }
    if (refusal->state != NULL) {
        emit_put_string(&json, "state", refusal->state);
    }
    if (refusal->measured) {
        emit_put_int(&json, "met", refusal->met);
        emit_put_int(&json, "limit", refusal->limit);
    }
    emit_object_end(&json);
    ASSERT(!json.full);
    return json.len;
}
