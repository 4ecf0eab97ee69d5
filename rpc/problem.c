#include "rpc/problem.h"

#include "ledger/wire/json_out.h"

size_t problem_json(char *out, size_t cap, const struct refusal *refusal) {
    struct json_out json = json_write(out, cap);
    json_object(&json);
    json_key(&json, "code");
    json_int(&json, (int64_t)refusal->code);
    json_key(&json, "name");
    json_string(&json, code_name(refusal->code));
    json_key(&json, "en");
    json_string(&json, code_en(refusal->code));
    json_key(&json, "zh");
    json_string(&json, code_zh(refusal->code));
    if (refusal->item != REFUSAL_NO_ITEM) {
        json_key(&json, "item");
        json_uint(&json, refusal->item);
    }
    if (refusal->entry != REFUSAL_NO_ENTRY) {
        json_key(&json, "entry");
        json_uint(&json, refusal->entry);
    }
    if (refusal->field != NULL) {
        json_key(&json, "field");
        json_string(&json, refusal->field);
    }
    json_object_end(&json);
    ASSERT(!json.full);
    return json.len;
}
