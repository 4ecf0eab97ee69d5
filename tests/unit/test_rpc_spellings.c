/* Spellings: licences whose tags were made before numbers and names were folded stay where they are, beside those made since. Looked up as they were typed
 * then, they are found; those made since are found in every spelling. No root changes, and no version stands in the type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/served.h" /* jansson first: json_out.h renames what both have */

#include "ledger/wire/text.h"

static struct served served;

/* A licence of holder H whose tags are made of the normal form alone, as before, or folded, as since. */
static void issue(const char *serial, const char *number, const char *holder, bool folded) {
    static uint8_t payload[8192];
    static struct made made;
    struct made *const list[] = {&made};
    uint8_t key[32], number_tag[TAG_LEN], holder_tag[TAG_LEN], name_tag[TAG_LEN], root[32], seed[SALT_SEED_LEN] = {3};
    char sub[65], form[TEXT_FOLD_MAX];
    const struct lookup lookup = world_lookup(&served.world, WORLD_TYPE_KEYED);
    tag_licence(key, &lookup, bytes_text(serial));
    tag_number(number_tag, &lookup, folded ? text_fold_number(form, bytes_text(number)) : bytes_text(number));
    tag_holder(holder_tag, &lookup, bytes_text("H"));
    tag_name(name_tag, &lookup, key, folded ? text_fold_name(form, bytes_text(holder)) : bytes_text(holder));
    const struct field field = {bytes_text(ELEMENT_IDENTIFIER), bytes_text(serial)};
    assert_true(fields_root(root, seed, &field, 1));
    struct issue_item item = {.licence_key = key, .version = 1, .number_tag = number_tag, .holder_kind = 1, .holder_tag = holder_tag, .name_tag = name_tag,
                              .valid_from = 20000, .valid_to = DAY_NONE, .fields_root = root};
    struct record record = {.op = OP_ISSUE, .type_code = bytes_text(WORLD_TYPE_KEYED), .element_count = 1, .item_count = 1, .issue = &item};
    record.elements[0] = bytes_text(ELEMENT_IDENTIFIER);
    struct wire_out out = wire_write(payload, sizeof payload);
    assert_true(record_encode(&out, &record));
    hex_encode(sub, key, 32);
    world_sign(&made, &served.world, served.world.role[1], bytes_of(payload, out.len), sub);
    served.world.now_ms += 1000;
    assert_int_equal(world_block(&served.world, list, 1, NULL), ERR_OK);
}

static int start(void **state) {
    (void)state;
    served_fill(&served, 20);
    issue("OLD1", "沪〔2024〕7号", "张 三", false);
    issue("OLD2", "沪(2024)8号", "欧阳•娜", false);
    issue("OLD3", "PLAIN-1", "ACME CO", false);
    issue("NEW1", "沪〔2024〕9号", "张 三", true);
    served_start(&served);
    return 0;
}
static int stop(void **state) {
    (void)state;
    served_stop(&served);
    return 0;
}

static void expect(const char *number, const char *name, const char *word) {
    char body[1024];
    int status;
    (void)snprintf(body, sizeof body, "{\"queries\":[{\"fields\":{\"type\":\"" WORLD_TYPE_KEYED "\",\"number\":\"%s\",\"holder_code\":\"H\",\"holder_name\":\"%s\"}}]}", number, name);
    json_t *answer = served_json(&served, &status, "POST", "/v1/verify", body);
    assert_int_equal(status, 200);
    const char *got = json_string_value(json_object_get(json_array_get(json_object_get(answer, "verdicts"), 0), "verdict"));
    if (!got || strcmp(got, word) != 0) fail_msg("%s, %s: %s, not %s", number, name, got ? got : "nothing", word);
    json_decref(answer);
}

static void old_tags_are_found(void **state) {
    (void)state;
    expect("沪〔2024〕7号", "张 三", "valid");  /* as it was typed */
    expect("沪〔2024〕7号", "　张 三 ", "valid"); /* in its normal form */
    expect("沪(2024)8号", "欧阳•娜", "valid");
    expect("沪（2024）8号", "欧阳•娜", "valid");
    expect("沪〔2024〕8号", "欧阳•娜", "valid"); /* what it folds to is how it was typed then */
    expect("PLAIN-1", "ACME CO", "valid");
    expect("沪〔2024〕7号", "李四", "mismatch");
    expect("沪〔2024〕70号", "张 三", "unknown");
}

static void new_tags_are_found_in_every_spelling(void **state) {
    (void)state;
    static const char *const numbers[] = {"沪〔2024〕9号", "沪(2024)9号", "沪【2024】 9号", "沪［2024］9号"}, *const names[] = {"张 三", "张三", "张　三"};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) expect(numbers[i], names[k], "valid");
    expect("沪〔2024〕9号", "张四", "mismatch");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(old_tags_are_found), cmocka_unit_test(new_tags_are_found_in_every_spelling)};
    return cmocka_run_group_tests(tests, start, stop);
}
