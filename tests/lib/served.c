#include "tests/lib/served.h"

#include <stdatomic.h>
#include <unistd.h>

#include "ledger/wire/ident.h"
#include "ledger/wire/text.h"

#define STATEMENT_ITEMS 300u

static void one_block(struct served *s, struct made *made) {
    struct made *const list[] = {made};
    s->world.now_ms += 1000;
    const enum err err = world_block(&s->world, list, 1, NULL);
    ASSERT(err == ERR_OK);
}

static struct bytes normal(char out[64], const char *text, bool name) {
    size_t len = 0;
    const enum code code = (name ? text_normal_name : text_normal_code)(out, 64, &len, bytes_text(text), NULL);
    ASSERT(code == CODE_OK);
    return bytes_of(out, len);
}

static void issue_identified(struct served *s, struct made *made) {
    static uint8_t payload[4096];
    uint8_t number[TAG_LEN], holder[TAG_LEN], name[TAG_LEN], root[32], seed[SALT_SEED_LEN] = {1};
    char text[64], sub[65];
    struct lookup lookup = world_lookup(&s->world, WORLD_TYPE_KEYED);
    const size_t len = identifier_build(s->identifier, bytes_text(WORLD_TYPE_KEYED), bytes_text(WORLD_USCC), bytes_text(SERVED_IDENTIFIER_SERIAL), 1);
    ASSERT(len > 0);
    const struct field field = {bytes_text(ELEMENT_IDENTIFIER), bytes_of(s->identifier, len)};
    tag_licence(s->identifier_key, &lookup, field.value);
    tag_number(number, &lookup, normal(text, "沪A-1", false));
    tag_holder(holder, &lookup, normal(text, "H1", false));
    tag_name(name, &lookup, s->identifier_key, normal(text, "张三", true));
    const bool rooted = fields_root(root, seed, &field, 1);
    ASSERT(rooted);
    struct issue_item item = {.licence_key = s->identifier_key, .version = 1, .number_tag = number, .holder_kind = 1, .holder_tag = holder,
                              .name_tag = name, .valid_from = 20000, .valid_to = DAY_NONE, .fields_root = root};
    struct record record = {.op = OP_ISSUE, .type_code = bytes_text(WORLD_TYPE_KEYED), .element_count = 1, .item_count = 1, .issue = &item};
    record.elements[0] = bytes_text(ELEMENT_IDENTIFIER);
    struct wire_out out = wire_write(payload, sizeof payload);
    const bool encoded = record_encode(&out, &record);
    ASSERT(encoded);
    hex_encode(sub, s->identifier_key, 32);
    world_sign(made, &s->world, s->world.role[1], bytes_of(payload, out.len), sub);
}

void served_fill(struct served *s, uint32_t keyed) {
    memset(s, 0, sizeof *s);
    world_start(&s->world);
    s->has_secret = s->has_note = true;
    for (uint32_t at = 0; at < keyed; at += STATEMENT_ITEMS) {
        world_issue(&s->submitted, &s->world, WORLD_TYPE_KEYED, at, keyed - at < STATEMENT_ITEMS ? keyed - at : STATEMENT_ITEMS);
        one_block(s, &s->submitted);
    }
    world_issue(&s->submitted, &s->world, WORLD_TYPE_PUBLIC, 5000, 1);
    one_block(s, &s->submitted);
    issue_identified(s, &s->submitted);
    one_block(s, &s->submitted);
}

/* ---- hooks ---- */

static void hook_submit(void *context, struct bytes statement, submit_done_fn done, void *token) {
    struct served *s = context;
    ASSERT(statement.len <= sizeof s->submitted.bytes);
    memcpy(s->submitted.bytes, statement.data, statement.len);
    s->submitted.len = statement.len;
    done(token, &s->submit);
}

static bool hook_note(void *context, const struct snapshot *snapshot, struct note_view *out) {
    struct served *s = context;
    s->notes++;
    (void)usleep(1000 * atomic_exchange(&s->pause_ms, 0));
    out->n = snapshot->n;
    out->time_ms = s->world.now_ms;
    if (s->has_note) out->len = world_note(out->bytes, &s->world, out->time_ms);
    return s->has_note;
}

static int64_t hook_now_ms(void *context) {
    const struct served *s = context;
    return s->world.now_ms + 400 + s->later_ms;
}

static bool hook_lookup(void *context, struct bytes type_code, bool keyed, struct lookup *out) {
    const struct served *s = context;
    *out = (struct lookup){.genesis = chain_genesis(s->world.chain)->hash, .type_code = type_code, .keyed = keyed};
    memcpy(out->secret, s->world.secret, 32);
    return !keyed || s->has_secret;
}

static size_t hook_identifier(void *context, const uint8_t key32[32], char out[IDENTIFIER_MAX + 1]) {
    const struct served *s = context;
    if (memcmp(key32, s->identifier_key, 32) != 0) return 0;
    return strlen(strcpy(out, s->identifier));
}

static void hook_event(void *context, enum rpc_event event, uint64_t count) {
    struct served *s = context;
    s->events[event] += count;
}

static void hook_damage(void *context) {
    struct served *s = context;
    s->damages++;
}

void served_start(struct served *s) {
    const struct server_options options = {.host = "127.0.0.1", .threads = 1, .connections_max = 64, .body_max = 1u << 20, .headers_max = 16u << 10,
                                           .request_ms_max = 10000, .answer_ms_max = 30000, .idle_ms_max = 60000};
    const struct rpc_hooks hooks = {.context = s, .submit = hook_submit, .note = hook_note, .now_ms = hook_now_ms, .lookup = hook_lookup,
                                    .identifier = hook_identifier, .event = hook_event, .damage = hook_damage, .asker_header = "X-Asker"};
    char message[256] = "";
    reader_rest(s->world.reader);
    const enum err err = rpc_start(&s->rpc, &options, s->world.chain, &hooks, message, sizeof message);
    if (err != ERR_OK) fprintf(stderr, "%s\n", message);
    ASSERT(err == ERR_OK);
    s->port = rpc_port(s->rpc);
}

void served_stop(struct served *s) {
    rpc_stop(s->rpc, 0);
    world_stop(&s->world);
}

json_t *served_json(const struct served *s, int *status, const char *method, const char *path, const char *json) {
    struct http_reply reply;
    http_ask(&reply, s->port, method, path, "Content-Type: application/json\r\n", json != NULL ? bytes_text(json) : bytes_of(NULL, 0));
    json_t *answer = json_loadb((const char *)reply.body.data, reply.body.len, JSON_REJECT_DUPLICATES, NULL);
    *status = reply.status;
    http_reply_free(&reply);
    return answer;
}
