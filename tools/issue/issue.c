#include "tools/issue/issue.h"

#include "ledger/wire/text.h"
#include "tools/cli/moment.h"
#include "tools/issue/checks.h"
#include "tools/issue/documents.h"

/* ---- what was typed ---- */

/* What import says of a row, said of an option: the same names and sentences. */
static int refuse_option(const char *option, enum code code) {
    return cli_fail(EXIT_USAGE, SAY("--%s: %s: %s", "--%s：%s：%s"), option, code_name(code), cli_code_text(code));
}

static int read_text(char *out, size_t cap, const struct options *options, const char *name, bool is_name) {
    const char *given = option_get(options, name);
    size_t len = 0;
    if (!given) return cli_fail(EXIT_USAGE, SAY("--%s is missing; `licet issue --help` says what it takes", "缺少 --%s；用法见 `licet issue --help`"), name);
    if (strstr(given, "\xef\xbf\xbd")) return refuse_option(name, CODE_ROW_ENCODING);
    struct bytes text = is_name ? bytes_text(given) : code_unwrap(bytes_text(given));
    enum code code = is_name ? text_normal_name(out, cap - 1, &len, text, NULL) : text_normal_code(out, cap - 1, &len, text, NULL);
    out[len] = '\0';
    if (code == CODE_CBOR_RANGE) code = CODE_ROW_TOO_LONG;
    if (code == CODE_OK && value_is_lost(bytes_text(out))) code = CODE_ROW_VALUE_LOST;
    if (code == CODE_OK && (len == 0 || is_no_value(bytes_text(out)))) code = CODE_ROW_FIELD_EMPTY;
    return code == CODE_OK ? EXIT_VALID : refuse_option(name, code);
}

static bool type_takes_kind(const json_t *type, uint32_t kind) {
    const json_t *kinds = json_object_get(type, "holder_kinds");
    for (size_t i = 0; i < json_array_size(kinds); i++) {
        const json_t *one = json_array_get(kinds, i);
        unsigned long have = json_is_string(one) ? strtoul(json_string_value(one), NULL, 10) : (unsigned long)json_integer_value(one);
        if (have == kind) return true;
    }
    return false;
}

/* The ledger holds tags and cannot check: this is the place, and the same is asked as of rows of stock. Old data that cannot be put right are issued with
 * --force REASON; a number whose digits are lost is not. */
static int issue_check_all(const struct issue *issue, const struct options *options) {
    const char *force = option_get(options, "force");
    if (number_is_ruined(bytes_text(issue->number)) || number_is_ruined(bytes_text(issue->holder_code)))
        return refuse_option(number_is_ruined(bytes_text(issue->number)) ? "number" : "holder-code", CODE_ROW_NUMBER_RUINED);
    if (force && force[0] == '\0') return cli_fail(EXIT_USAGE, SAY("--force: say the reason", "--force：请写明理由"));
    const struct { enum code code; const char *option; } checks[] = {
        {number_is_rounded(bytes_text(issue->number)) ? CODE_ROW_NUMBER_ROUNDED : CODE_OK, "number"},
        {number_is_rounded(bytes_text(issue->holder_code)) ? CODE_ROW_NUMBER_ROUNDED : CODE_OK, "holder-code"},
        {holder_code_check(issue->holder_kind, bytes_text(issue->holder_code)), "holder-code"},
        {days_check(issue->issued, issue->from, day_in_shanghai(time_now_ms())), "issued, --from"}};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (checks[i].code == CODE_OK) continue;
        if (!force)
            return cli_fail(EXIT_USAGE, SAY("--%s: %s: %s. Where the old data cannot be put right, --force REASON issues it all the same",
                                            "--%s：%s：%s。旧数据确实无法更正的，可用 --force 理由 照样签发"), checks[i].option, code_name(checks[i].code), cli_code_text(checks[i].code));
        (void)cli_fail(0, SAY("warning: --%s: %s; issued by force: %s", "警告：--%s：%s；强制签发，理由：%s"), checks[i].option, cli_code_text(checks[i].code), force);
    }
    if (issue->to != DAY_NONE && issue->to < issue->from) return refuse_option("to", CODE_VALIDITY_ORDER);
    return EXIT_VALID;
}

/* 18 characters as a credit code or a citizen's number has them: only the check is wrong. */
static bool almost_code(const char *code) { return strlen(code) == USCC_LEN && uscc_check_char(code) != '\0' && !uscc_check(bytes_text(code)) && !citizen_id_check(bytes_text(code)); }

static int wrong_end(const char *code) {
    if (strspn(code, "0123456789") >= 17)
        return cli_fail(EXIT_USAGE, SAY("--holder-code: its last character, which checks the others, fits neither a citizen identity number nor a credit code (it would be %c or %c): mistyped? "
                                        "A code of another kind needs --holder-type",
                                        "--holder-code：末位校验码既不符合公民身份号码也不符合统一社会信用代码（应为 %c 或 %c）：是否录入有误？其他种类的代码须用 --holder-type 指明"),
                        citizen_id_check_char(code), uscc_check_char(code));
    return cli_fail(EXIT_USAGE, SAY("--holder-code: its last character, which checks the others, does not fit a credit code (it would be %c): mistyped? A code of another kind needs --holder-type",
                                    "--holder-code：末位校验码不符合统一社会信用代码（应为 %c）：是否录入有误？其他种类的代码须用 --holder-type 指明"), uscc_check_char(code));
}

/* Left out, the kind is told by the code's own check rule: a credit code or a citizen's number. */
static int issue_read_kind(struct issue *out, const struct options *options, const json_t *type) {
    const char *given = option_get(options, "holder-type");
    struct bytes code = bytes_text(out->holder_code);
    char *end = NULL;
    if (given) {
        unsigned long kind = given[0] >= '0' && given[0] <= '9' ? strtoul(given, &end, 10) : 0;
        if (kind < 1 || kind > 999 || *end) return cli_fail(EXIT_USAGE, SAY("--holder-type %s: must be a code of GB/T 36903, such as 001 or 111",
                                                                            "--holder-type %s：应为 GB/T 36903 的代码，例如 001 或 111"), given);
        out->holder_kind = (uint32_t)kind;
    } else if (uscc_check(code) != citizen_id_check(code)) {
        out->holder_kind = uscc_check(code) ? 1 : 111;
    } else if (almost_code(out->holder_code)) {
        return wrong_end(out->holder_code);
    } else {
        return cli_fail(EXIT_USAGE, SAY("--holder-type is missing, and --holder-code does not tell it: 001 credit code, 111 citizen identity number, 414 passport, ...",
                                        "缺少 --holder-type，且无法由 --holder-code 判断：001 统一社会信用代码，111 公民身份号码，414 普通护照……"));
    }
    if (type_takes_kind(type, out->holder_kind)) return EXIT_VALID;
    return cli_fail(EXIT_USAGE, SAY("--holder-type: HOLDER_KIND: holders of kind %03u may not have this licence type; `licet type show %s` lists the kinds",
                                    "--holder-type：HOLDER_KIND：代码类型为 %03u 的持证主体不适用此类证照；可用 `licet type show %s` 查看适用的类型"), out->holder_kind,
                    json_string_value(json_object_get(type, "code")));
}

/* In any width, as in a file. */
static bool day_given(int32_t *out, const char *given) {
    char normal[64];
    size_t len;
    return text_normal_code(normal, sizeof normal, &len, code_unwrap(bytes_text(given)), NULL) == CODE_OK && stock_day_parse(out, bytes_of(normal, len));
}

static int issue_read_day(int32_t *out, const struct options *options, const char *name, int32_t otherwise) {
    const char *given = option_get(options, name);
    *out = otherwise;
    if (!given || day_given(out, given)) return EXIT_VALID;
    return cli_fail(EXIT_USAGE, SAY("--%s %s: ROW_DATE: %s", "--%s %s：ROW_DATE：%s"), name, given, cli_code_text(CODE_ROW_DATE));
}

/* As many whole years as the type allows, one where it sets no limit; a type of less than a year: all it allows. */
static int32_t usual_end(int32_t from, json_int_t days_max) {
    char text[11];
    int32_t day = from;
    day_to_text(text, from);
    int year = (int)strtol(text, NULL, 10), month = (int)strtol(text + 5, NULL, 10), date = (int)strtol(text + 8, NULL, 10);
    if (month == 2 && date == 29) date = 28;
    for (int years = days_max > 0 ? (int)(days_max / 365) : 1; years > 0; years--)
        if (day_from_ymd(&day, year + years, month, date) && (days_max == 0 || day - from <= days_max)) return day;
    return days_max > 0 ? from + (int32_t)days_max : from;
}

static int read_dates(struct issue *out, const struct options *options, const json_t *type) {
    int32_t today = day_in_shanghai(time_now_ms());
    const char *to = option_get(options, "to");
    int done = issue_read_day(&out->issued, options, "issued", today);
    if (done == EXIT_VALID) done = issue_read_day(&out->from, options, "from", out->issued);
    if (done != EXIT_VALID) return done;
    char word[64];
    size_t len;
    if (to && text_normal_code(word, sizeof word, &len, bytes_text(to), NULL) == CODE_OK && is_no_end(bytes_of(word, len))) {
        out->to = DAY_NONE;
        return EXIT_VALID;
    }
    if (to && !day_given(&out->to, to)) return cli_fail(EXIT_USAGE, SAY("--to %s: ROW_DATE: %s, or unlimited", "--to %s：ROW_DATE：%s，或填 长期"), to, cli_code_text(CODE_ROW_DATE));
    if (!to) out->to = usual_end(out->from, json_integer_value(json_object_get(type, "days_max")));
    return EXIT_VALID;
}

static void random_serial(char out[21]) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (size_t i = 0; i < 20;) {
        uint8_t byte;
        random_bytes(&byte, 1);
        if (byte < 252) out[i++] = digits[byte % 36]; /* 252 = 7 * 36: every character equally likely */
    }
    out[20] = '\0';
}

int issue_read(struct issue *out, const struct options *options, const json_t *type) {
    *out = (struct issue){.version = 1};
    const char *version = option_get(options, "version");
    int done = read_text(out->number, sizeof out->number, options, "number", false);
    if (done == EXIT_VALID) done = read_text(out->holder_code, sizeof out->holder_code, options, "holder-code", false);
    if (done == EXIT_VALID) done = read_text(out->holder_name, sizeof out->holder_name, options, "holder-name", true);
    if (done == EXIT_VALID) done = issue_read_kind(out, options, type);
    if (done == EXIT_VALID) done = read_dates(out, options, type);
    if (done == EXIT_VALID) done = issue_check_all(out, options);
    if (done == EXIT_VALID && option_get(options, "serial")) done = read_text(out->serial, sizeof out->serial, options, "serial", false);
    else if (done == EXIT_VALID) random_serial(out->serial);
    if (done == EXIT_VALID && version) {
        char *end = NULL;
        unsigned long number = version[0] >= '0' && version[0] <= '9' ? strtoul(version, &end, 10) : 0;
        if (number < 1 || number > 999 || *end) return cli_fail(EXIT_USAGE, SAY("--version %s: must be 001 to 999",
                                                                                "--version %s：应为 001 至 999"), version);
        out->version = (uint32_t)number;
    }
    return done;
}

/* ---- fields ---- */

static bool type_has_element(const json_t *type, struct bytes code) {
    const json_t *elements = json_object_get(type, "elements");
    for (size_t i = 0; i < json_array_size(elements); i++) {
        const json_t *have = json_object_get(json_array_get(elements, i), "code");
        if (bytes_equal(bytes_of(json_string_value(have), json_string_length(have)), code)) return true;
    }
    return bytes_equal(code, bytes_text(ELEMENT_IDENTIFIER));
}

static int issue_field_order(const void *a, const void *b) { return bytes_order(((const struct field *)a)->code, ((const struct field *)b)->code); }

/* Puts a field, or another value for one that is there. */
static bool set_field(struct private_licence *kept, struct bytes code, struct bytes value) {
    for (uint32_t i = 0; i < kept->field_count; i++) {
        if (!bytes_equal(kept->fields[i].code, code)) continue;
        kept->fields[i].value = value;
        return true;
    }
    if (kept->field_count == ELEMENTS_MAX) return false;
    kept->fields[kept->field_count++] = (struct field){code, value};
    return true;
}

static const char *day_or_none(char out[16], int32_t day) {
    if (day == DAY_NONE) (void)snprintf(out, 16, "长期");
    else day_to_text(out, day);
    return out;
}

static void usual_fields(struct issue *issue, const json_t *type) {
    (void)snprintf(issue->kind, sizeof issue->kind, "%03u", issue->holder_kind % 1000);
    const struct { const char *code, *value; } usual[] = {
        {ELEMENT_IDENTIFIER, issue->identifier}, {"ZZBH", issue->number}, {"CZZT", issue->holder_name}, {"CZZTDM", issue->holder_code},
        {"CZZTDMLXDM", issue->kind}, {"ZZBFRQ", day_or_none(issue->dates[0], issue->issued)},
        {"ZZYXQQSRQ", day_or_none(issue->dates[1], issue->from)}, {"ZZYXQJZRQ", day_or_none(issue->dates[2], issue->to)}};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (type_has_element(type, bytes_text(usual[i].code))) (void)set_field(&issue->kept, bytes_text(usual[i].code), bytes_text(usual[i].value));
}

/* One --field CODE=VALUE. The normal forms are written at *at, which moves on. */
static int given_field(struct issue *issue, const char *given, const json_t *type, char **at) {
    const char *equals = strchr(given, '='), *type_code = json_string_value(json_object_get(type, "code"));
    size_t code_len, value_len;
    char *code = *at, *value = *at + ELEMENT_CODE_MAX;
    if (!equals || equals == given) return cli_fail(EXIT_USAGE, SAY("--field %s: must be CODE=VALUE",
                                                                    "--field %s：应为 字段代码=值"), given);
    if (text_normal_code(code, ELEMENT_CODE_MAX, &code_len, bytes_of(given, (size_t)(equals - given)), NULL) != CODE_OK || code_len == 0 ||
        !type_has_element(type, bytes_of(code, code_len)))
        return cli_fail(EXIT_USAGE, SAY("--field %.*s: is not an element of this type; `licet type show %s` lists them",
                                        "--field %.*s：不是此类证照的字段；可用 `licet type show %s` 查看"), (int)(equals - given), given, type_code);
    if (bytes_equal(bytes_of(code, code_len), bytes_text(ELEMENT_IDENTIFIER)))
        return cli_fail(EXIT_USAGE, SAY("--field " ELEMENT_IDENTIFIER ": the identifier is built from the type, the issuer, --serial and --version",
                                        "--field " ELEMENT_IDENTIFIER "：证照标识由类型、颁发机构、--serial 和 --version 组成"));
    if (text_normal_name(value, FIELD_VALUE_MAX, &value_len, bytes_text(equals + 1), NULL) != CODE_OK || value_len == 0)
        return cli_fail(EXIT_USAGE, SAY("--field %.*s: its value is empty, too long or not clean text",
                                        "--field %.*s：其值为空、过长或含有不可用的字符"), (int)code_len, code);
    *at += ELEMENT_CODE_MAX + FIELD_VALUE_MAX;
    if (set_field(&issue->kept, bytes_of(code, code_len), bytes_of(value, value_len))) return EXIT_VALID;
    return cli_fail(EXIT_USAGE, SAY("--field: more than %u fields", "--field：多于 %u 个字段"), ELEMENTS_MAX);
}

/* The ledger would say so too, but only that one is missing, not which. */
static int check_mandatory(const struct issue *issue, const json_t *type) {
    const json_t *elements = json_object_get(type, "elements");
    for (size_t i = 0; i < json_array_size(elements); i++) {
        const json_t *element = json_array_get(elements, i), *code = json_object_get(element, "code");
        bool there = !json_is_true(json_object_get(element, "mandatory"));
        for (uint32_t k = 0; k < issue->kept.field_count && !there; k++)
            there = bytes_equal(issue->kept.fields[k].code, bytes_of(json_string_value(code), json_string_length(code)));
        if (!there)
            return cli_fail(EXIT_USAGE, SAY("this type demands %s (%s): give it with --field %s=...",
                                            "此类证照必须有 %s（%s）：请用 --field %s=…… 给出"), json_string_value(code),
                            json_string_value(json_object_get(element, "label")), json_string_value(code));
    }
    return EXIT_VALID;
}

static int issue_make_fields(struct issue *issue, const struct options *options, const json_t *type) {
    issue->values = malloc(OPTIONS_MAX * (size_t)(ELEMENT_CODE_MAX + FIELD_VALUE_MAX));
    if (!issue->values) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    char *at = issue->values;
    usual_fields(issue, type);
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->given[i].name, "field") != 0) continue;
        int done = given_field(issue, options->given[i].value, type, &at);
        if (done != EXIT_VALID) return done;
    }
    int done = check_mandatory(issue, type);
    if (done != EXIT_VALID) return done;
    qsort(issue->kept.fields, issue->kept.field_count, sizeof *issue->kept.fields, issue_field_order);
    random_bytes(issue->kept.seed, sizeof issue->kept.seed);
    ASSERT(fields_root(issue->fields_root, issue->kept.seed, issue->kept.fields, issue->kept.field_count));
    return EXIT_VALID;
}

int issue_build(struct issue *issue, const struct options *options, const json_t *type, const struct lookup *lookup, const char *uscc) {
    size_t len = identifier_build(issue->identifier, lookup->type_code, bytes_text(uscc), bytes_text(issue->serial), issue->version);
    if (len == 0) return cli_fail(EXIT_USAGE, SAY("--serial %s: must be 1 to 64 of 0-9 and A-Z, so that the identifier has at most %u bytes",
                                                  "--serial %s：应为 1 至 64 个 0-9 或 A-Z，证照标识至多 %u 字节"), issue->serial, IDENTIFIER_MAX);
    tag_licence(issue->key, lookup, bytes_text(issue->identifier));
    char folded[TEXT_FOLD_MAX];
    tag_number(issue->number_tag, lookup, text_fold_number(folded, bytes_text(issue->number)));
    tag_holder(issue->holder_tag, lookup, bytes_text(issue->holder_code));
    tag_name(issue->name_tag, lookup, issue->key, text_fold_name(folded, bytes_text(issue->holder_name)));
    issue->kept = (struct private_licence){.type_code = lookup->type_code, .identifier = bytes_of(issue->identifier, len)};
    int done = issue_make_fields(issue, options, type);
    if (done == EXIT_VALID) done = issue_documents(issue, options, lookup->genesis, uscc);
    struct issue_item *item = &issue->item;
    item->licence_key = issue->key;
    item->version = issue->version;
    item->number_tag = issue->number_tag;
    item->holder_kind = issue->holder_kind;
    item->holder_tag = issue->holder_tag;
    item->name_tag = issue->name_tag;
    item->valid_from = issue->from;
    item->valid_to = issue->to;
    item->fields_root = issue->fields_root;
    return done;
}

void issue_free(struct issue *issue) {
    free(issue->values);
    bytes_wipe(issue->kept.seed, sizeof issue->kept.seed);
    issue->values = NULL;
}
