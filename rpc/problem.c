#include "rpc/problem.h"

#include "ledger/wire/json_out.h"

size_t problem_json(char *out, size_t cap, const struct refusal *refusal) {
    struct json_out json = json_write(out, cap);
    json_object(&json);
    json_put_int(&json, "code", (int64_t)refusal->code);
    json_put_string(&json, "name", code_name(refusal->code));
    json_put_string(&json, "en", code_en(refusal->code));
    json_put_string(&json, "zh", code_zh(refusal->code));
    if (refusal->item != REFUSAL_NO_ITEM) {
        json_put_uint(&json, "item", refusal->item);
    }
    if (refusal->entry != REFUSAL_NO_ENTRY) {
        json_put_uint(&json, "entry", refusal->entry);
    }
    if (refusal->field != NULL) {
        json_put_string(&json, "field", refusal->field);
    }
    if (refusal->state != NULL) {
        json_put_string(&json, "state", refusal->state);
    }
    if (refusal->measured) {
        json_put_int(&json, "met", refusal->met);
        json_put_int(&json, "limit", refusal->limit);
    }
    json_object_end(&json);
    ASSERT(!json.full);
    return json.len;
}
