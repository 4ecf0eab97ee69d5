#include "tools/client/answer.h"

#include <inttypes.h>

bool problem_read(struct refusal *out, const struct http_answer *answer) {
    static _Thread_local char field[64], state[32];
    json_t *json = json_loadb((const char *)answer->body, answer->len, 0, NULL);
    const json_t *code = json_object_get(json, "code"), *item = json_object_get(json, "item"), *entry = json_object_get(json, "entry");
    const json_t *met = json_object_get(json, "met"), *limit = json_object_get(json, "limit");
    const char *name = json_string_value(json_object_get(json, "field")), *present = json_string_value(json_object_get(json, "state"));
    bool ok = json_is_integer(code);
    if (ok) *out = refuse((enum code)json_integer_value(code), NULL);
    if (ok && json_is_integer(item)) out->item = (uint32_t)json_integer_value(item);
    if (ok && json_is_integer(entry)) out->entry = (uint64_t)json_integer_value(entry);
    if (ok && name) {
        (void)snprintf(field, sizeof field, "%s", name);
        out->field = field;
    }
    if (ok && present) {
        (void)snprintf(state, sizeof state, "%s", present);
        out->state = state;
    }
    if (ok && json_is_integer(met) && json_is_integer(limit)) *out = refusal_measured(*out, json_integer_value(met), json_integer_value(limit));
    json_decref(json);
    return ok;
}

int http_failed(const struct cli *cli, const struct http_answer *answer) {
    struct refusal refusal;
    if (problem_read(&refusal, answer)) return cli_refused(&refusal);
    return cli_fail(EXIT_ERROR, SAY("%s answered %d and not as a licet node does: check the address",
                                    "%s 应答 %d，不是 licet 节点的应答：请检查地址"), cli->node, answer->status);
}

json_t *http_json(const struct cli *cli, const char *method, const char *path, json_t *body, int *exit_code) {
    struct http_answer answer;
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    *exit_code = EXIT_ERROR;
    struct bytes sent = text ? bytes_text(text) : bytes_of(NULL, 0);
    bool answered = http_call(&answer, cli, method, path, text ? "application/json" : NULL, "application/json", sent);
    free(text);
    if (!answered) return NULL;
    json_error_t error;
    json_t *json = NULL;
    if (answer.status != 200) *exit_code = http_failed(cli, &answer);
    else if (!(json = json_loadb((const char *)answer.body, answer.len, 0, &error)))
        (void)cli_fail(0, SAY("%s answered something that is not JSON: check the address",
                              "%s 的应答不是 JSON：请检查地址"), cli->node);
    else *exit_code = EXIT_VALID;
    http_answer_free(&answer);
    return json;
}

/* As many pages as there are: each must go on behind the one before, so that a list ends, and a part that is missing is no end. */
json_t *ledger_list(const struct cli *cli, const char *path, const char *name, int *exit_code) {
    json_t *all = json_array();
    char next[512];
    json_int_t after = -1;
    (void)snprintf(next, sizeof next, "%s", path);
    for (bool more = true; more;) {
        json_t *json = http_json(cli, "GET", next, NULL, exit_code);
        const json_t *goes_on = json_object_get(json, "next");
        json_t *list = json_is_array(json) ? json : json_object_get(json, name);
        more = json_is_integer(goes_on);
        const bool whole = json_is_array(list) && (more ? json_integer_value(goes_on) > after : !goes_on || json_is_null(goes_on));
        if (json && !whole) *exit_code = cli_fail(EXIT_MISMATCH, SAY("%s answered a list that does not go on: is it a licet node, of this version?", "%s 给出的列表无法继续：请确认它是本版本的 licet 节点"), cli->node);
        if (whole) json_array_extend(all, list);
        after = json_integer_value(goes_on);
        json_decref(json);
        if (!whole) {
            json_decref(all);
            return NULL;
        }
        (void)snprintf(next, sizeof next, "%s?after=%" JSON_INTEGER_FORMAT, path, after);
    }
    return all;
}

