/* The heading of a stock file: which column is what. Contract in row.h. */
#include "tools/import/layout.h"

#include "ledger/wire/text.h"
#include "tools/cli/language.h"

static const struct { const char *code, *label; enum field_role role; bool mandatory; } USUAL[] = {
    {"ZZBS", "证照标识", ROLE_IDENTIFIER, false},
    {"ZZBH", "证照编号", ROLE_NUMBER, true},
    {"CZZT", "持证主体", ROLE_HOLDER_NAME, true},
    {"CZZTDM", "持证主体代码", ROLE_HOLDER_CODE, true},
    {"CZZTDMLXDM", "持证主体代码类型代码", ROLE_HOLDER_KIND, true},
    {"ZZBFRQ", "证照颁发日期", ROLE_ISSUED, false},
    {"ZZYXQQSRQ", "证照有效期起始日期", ROLE_FROM, true},
    {"ZZYXQJZRQ", "证照有效期截止日期", ROLE_TO, false},
    {"ZZLXDM", "证照类型代码", ROLE_TYPE, false},
    {"WJ", "文件", ROLE_DOCUMENT, false},
    {HEADING_ROW, HEADING_ROW, ROLE_ROW_NUMBER, false},
    {HEADING_REASON, HEADING_REASON, ROLE_REASON, false},
};
/* What offices write instead, for the days on which everything depends. */
static const struct { const char *label; enum field_role role; } OTHERS[] = {
    {"有效期截止日期", ROLE_TO}, {"有效期截止", ROLE_TO}, {"有效期止", ROLE_TO}, {"有效期至", ROLE_TO}, {"证照有效期至", ROLE_TO}, {"证照有效期止", ROLE_TO}, {"有效期限至", ROLE_TO},
    {"证照有效期截至日期", ROLE_TO}, {"有效期截至日期", ROLE_TO}, {"有效期届满日", ROLE_TO}, {"有效期届满日期", ROLE_TO}, {"有效期结束日期", ROLE_TO}, {"有效期终止日期", ROLE_TO},
    {"截止日期", ROLE_TO}, {"到期日", ROLE_TO}, {"到期日期", ROLE_TO},
    {"有效期起始日期", ROLE_FROM}, {"有效期起", ROLE_FROM}, {"有效期自", ROLE_FROM}, {"有效期开始日期", ROLE_FROM}, {"起始日期", ROLE_FROM},
    {"颁发日期", ROLE_ISSUED}, {"发证日期", ROLE_ISSUED}, {"签发日期", ROLE_ISSUED}};
#define USUAL_COUNT (sizeof USUAL / sizeof *USUAL)
_Static_assert(USUAL_COUNT == ROLE_COUNT - 1, "a role each");

static int import_layout_field_order(const void *a, const void *b) {
    return bytes_order(((const struct import_field *)a)->code, ((const struct import_field *)b)->code);
}

static struct import_field *find_code(struct import_layout *layout, struct bytes code) {
    for (uint32_t i = 0; i < layout->field_count; i++)
        if (bytes_equal(layout->fields[i].code, code)) return &layout->fields[i];
    return NULL;
}

/* The usual columns, and the type's elements. What is always there, or follows from what is, need not be a column. */
static bool import_layout_make_fields(struct import_layout *layout, const struct licence_type *type) {
    uint32_t elements = 1; /* the identifier */
    for (size_t i = 0; i < USUAL_COUNT; i++)
        layout->fields[layout->field_count++] = (struct import_field){.code = bytes_text(USUAL[i].code), .label = bytes_text(USUAL[i].label),
            .role = USUAL[i].role, .element = USUAL[i].role == ROLE_IDENTIFIER, .mandatory = USUAL[i].mandatory, .column = COLUMN_NONE};
    for (uint32_t i = 0; i < type->element_count; i++) {
        const struct element *element = &type->elements[i];
        struct import_field *field = find_code(layout, element->code);
        if (!field) {
            field = &layout->fields[layout->field_count++];
            *field = (struct import_field){.code = element->code, .role = ROLE_ELEMENT, .column = COLUMN_NONE};
        }
        elements += !field->element;
        field->element = true;
        field->label = element->label;
        if (field->role != ROLE_IDENTIFIER && field->role != ROLE_TO) field->mandatory = field->mandatory || element->mandatory;
    }
    qsort(layout->fields, layout->field_count, sizeof *layout->fields, import_layout_field_order);
    for (size_t i = 0; i < ROLE_COUNT; i++) layout->of_role[i] = FIELD_NONE;
    for (uint32_t i = 0; i < layout->field_count; i++)
        if (layout->fields[i].role != ROLE_ELEMENT) layout->of_role[layout->fields[i].role] = i;
    return elements <= ELEMENTS_MAX;
}

/* As headings are compared: without spaces, line breaks, width, case and what shows nothing; brackets are one kind. In out, or empty. */
static struct bytes heading_form(char out[TEXT_FOLD_MAX], struct bytes text) {
    char flat[NAME_MAX_BYTES], normal[NAME_MAX_BYTES];
    size_t flat_len = 0, len;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\t') continue;
        if (flat_len == sizeof flat) return bytes_of("", 0);
        flat[flat_len++] = (char)text.data[i];
    }
    if (text_normal_code(normal, sizeof normal, &len, bytes_of(flat, flat_len), NULL) != CODE_OK) return bytes_of("", 0);
    struct bytes folded = text_fold_number(out, bytes_of(normal, len));
    memmove(out, folded.data, folded.len); /* what is plain is given back where it stands */
    return bytes_of(out, folded.len);
}
_Static_assert(NAME_MAX_BYTES <= TEXT_FOLD_MAX, "a name has room");

static bool same_name(struct bytes name, struct bytes label) {
    char form[TEXT_FOLD_MAX];
    const struct bytes other = heading_form(form, label);
    return other.len > 0 && bytes_equal(name, other);
}

/* What a form's heading says besides its name: that the column must be filled. In the form above. */
static struct bytes without_marks(struct bytes name) {
    static const char *const marks[] = {"*", "★", "☆", "※", "●", "(必填)", "(选填)", "(必填项)", "(选填项)", "(必录)", ":"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks;) {
        const size_t len = strlen(marks[i++]);
        if (name.len <= len) continue;
        if (memcmp(name.data, marks[i - 1], len) == 0) name = bytes_of(name.data + len, name.len - len);
        else if (memcmp(name.data + name.len - len, marks[i - 1], len) == 0) name.len -= len;
        else continue;
        i = 0; /* from the start: there may be several */
    }
    return name;
}

/* By code, then by the type's label, then by the usual Chinese name. */
static uint32_t import_layout_find_name(const struct import_layout *layout, struct bytes heading) {
    char form[TEXT_FOLD_MAX];
    const struct bytes name = without_marks(heading_form(form, heading));
    if (name.len == 0) return FIELD_NONE;
    for (uint32_t i = 0; i < layout->field_count; i++)
        if (same_name(name, layout->fields[i].code)) return i;
    for (uint32_t i = 0; i < layout->field_count; i++)
        if (same_name(name, layout->fields[i].label)) return i;
    for (size_t i = 0; i < USUAL_COUNT; i++)
        if (same_name(name, bytes_text(USUAL[i].label))) return layout->of_role[USUAL[i].role];
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (same_name(name, bytes_text(OTHERS[i].label))) return layout->of_role[OTHERS[i].role];
    return FIELD_NONE;
}

/* What of the file's form would make every row a refused one is said once. */
static bool is_table(const struct csv_row *heading, char *why, size_t cap) {
    const char *problem = NULL;
    if (heading->code == CODE_ROW_ENCODING) problem = SAY("the heading holds bytes that are not text in the file's encoding; try --encoding", "列名含有不符合文件编码的字节；请试用 --encoding");
    else if (heading->code != CODE_OK) problem = cli_code_text(heading->code);
    else if (heading->filled > CSV_CELLS_MAX) problem = SAY("more columns than this program takes (256)", "列数超过本程序的上限（256）");
    if (problem) cli_build(why, cap, SAY("line %llu, the heading: %s", "第 %llu 行，列名：%s"), (unsigned long long)heading->line, problem);
    return problem == NULL;
}

static bool take_headings(struct import_layout *layout, struct arena *arena, const struct csv_row *heading, char *why, size_t cap) {
    for (uint32_t i = 0; i < heading->filled; i++) {
        struct bytes text = heading->cells[i].text;
        const uint8_t *kept = arena_copy(arena, text.data, text.len);
        if (!kept) return cli_build(why, cap, SAY("the heading is longer than this program takes", "列名行超过本程序的上限")), false;
        layout->headings[layout->column_count++] = bytes_of(kept, text.len);
        uint32_t at = layout->field_of[i] = import_layout_find_name(layout, text);
        if (at == FIELD_NONE) continue;
        struct import_field *field = &layout->fields[at];
        if (field->column != COLUMN_NONE) {
            cli_build(why, cap, SAY("columns %u and %u are both %.*s: keep one of them", "第 %u 列与第 %u 列都是 %.*s：请只保留一列"), field->column + 1, i + 1, (int)field->code.len, (const char *)field->code.data);
            return false;
        }
        field->column = i;
    }
    return true;
}

/* A column that could be the end of validity and is not known as such: taken as none, licences that have lapsed would read valid for ever. */
static bool hides_an_end(const struct import_layout *layout, const struct csv_row *heading, char *why, size_t cap) {
    static const char *const signs[] = {"有效期", "期限", "截止", "截至", "届满", "到期", "失效", "终止", "止日"};
    if (layout->fields[layout->of_role[ROLE_TO]].column != COLUMN_NONE) return false;
    for (uint32_t i = 0; i < heading->filled; i++) {
        const struct bytes text = heading->cells[i].text;
        for (size_t k = 0; k < sizeof signs / sizeof *signs && layout->field_of[i] == FIELD_NONE; k++) {
            if (!memmem(text.data, text.len, signs[k], strlen(signs[k]))) continue;
            cli_build(why, cap, SAY("the column %.*s looks like the end of validity and is not known as such, and there is no other: name it 证照有效期截止日期 (ZZYXQJZRQ), one day a cell; a column of another meaning needs another name",
                                         "“%.*s”列像是有效期截止日期，但未被识别，且没有其他截止日期列：请改名为“证照有效期截止日期”（ZZYXQJZRQ），每格一个日期；若另有含义，请改用其他列名"), (int)text.len, (const char *)text.data);
            return true;
        }
    }
    return false;
}

bool import_layout_make(struct import_layout *out, struct arena *arena, const struct licence_type *type, const struct csv_row *heading, char *why, size_t cap) {
    *out = (struct import_layout){.type = type};
    if (!is_table(heading, why, cap)) return false;
    if (!import_layout_make_fields(out, type)) return cli_build(why, cap, SAY("the type has more elements than one licence can hold beside its identifier", "该类型的字段数超过一份证照的上限")), false;
    if (!take_headings(out, arena, heading, why, cap)) return false;
    if (hides_an_end(out, heading, why, cap)) return false;
    char before[1024];
    bool missing = false;
    for (uint32_t i = 0; i < out->field_count; i++) {
        const struct import_field *field = &out->fields[i];
        bool needed = field->mandatory || (field->role == ROLE_TO && !type->unlimited_allowed);
        if (field->role == ROLE_FROM && out->fields[out->of_role[ROLE_ISSUED]].column != COLUMN_NONE) needed = false;
        if (!needed || field->column != COLUMN_NONE) continue;
        if (missing) cli_build(before, sizeof before, SAY("%s, ", "%s、"), why);
        else cli_build(before, sizeof before, "%s", SAY("columns are missing: ", "缺少列："));
        cli_build(why, cap, "%s%.*s %.*s", before, (int)field->code.len, (const char *)field->code.data, (int)field->label.len, (const char *)field->label.data);
        missing = true;
    }
    return !missing;
}
