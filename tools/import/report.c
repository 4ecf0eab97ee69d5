#include "tools/import/report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/private_file.h"
#include "tools/document/text_print.h"

/* ---- where it goes ---- */

static bool same_file(const char *a, const char *b) {
    char left[PATH_MAX], right[PATH_MAX];
    return realpath(a, left) && realpath(b, right) && strcmp(left, right) == 0;
}

static bool name_files(struct import_report *report, const char *file, const char *path, unsigned number) {
    static const char end[] = ".json";
    char nth[16] = "";
    if (number > 1) (void)snprintf(nth, sizeof nth, "-%u", number);
    int len = path ? snprintf(report->path, sizeof report->path, "%s", path) : snprintf(report->path, sizeof report->path, "%s.report%s.json", file, nth);
    if (len < 0 || (size_t)len + 32 >= sizeof report->path) return cli_fail(0, SAY("%s: the name is too long", "%s：名称过长"), file), false;
    size_t stem = (size_t)len;
    if (stem > sizeof end - 1 && strcmp(report->path + stem - (sizeof end - 1), end) == 0) stem -= sizeof end - 1;
    (void)snprintf(report->refused_path, sizeof report->refused_path, "%.*s.refused.csv", (int)stem, report->path);
    (void)snprintf(report->repeated_path, sizeof report->repeated_path, "%.*s.duplicates.csv", (int)stem, report->path);
    (void)snprintf(report->repeated_part, sizeof report->repeated_part, "%.*s.duplicates.csv.part", (int)stem, report->path);
    (void)snprintf(report->refused_part, sizeof report->refused_part, "%.*s.refused.csv.part", (int)stem, report->path);
    return true;
}

static bool is_taken(const struct import_report *report) {
    struct stat st;
    return lstat(report->path, &st) == 0 || lstat(report->refused_path, &st) == 0 || lstat(report->repeated_path, &st) == 0;
}

#define RUNS_MAX 1000u

bool import_report_init(struct import_report *report, const char *file, const char *path, enum output_over over) {
    memset(report, 0, sizeof *report);
    report->file = file;
    report->over = over;
    if (!name_files(report, file, path, 1)) return false;
    for (unsigned i = 2; !path && over != OUTPUT_OVER && is_taken(report) && i < RUNS_MAX; i++)
        if (!name_files(report, file, path, i)) return false;
    if (same_file(file, report->path) || same_file(file, report->refused_path) || same_file(file, report->repeated_path))
        return cli_fail(0, SAY("the report would be written over %s, which is being loaded: name another with --report R.json",
                           "报告会覆盖正在导入的 %s：请用 --report 报告.json 另行指定"), file), false;
    return output_check("--report", report->path, over) == EXIT_VALID && output_check("--report", report->refused_path, over) == EXIT_VALID &&
           output_check("--report", report->repeated_path, over) == EXIT_VALID;
}

/* Persons' data, for their owner's eyes, as the private store is. A new file: no link is followed. */
static FILE *open_private(const char *path) {
    (void)unlink(path); /* what a cut run left */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
    if (!out && fd >= 0) (void)close(fd);
    return out;
}

void import_report_free(struct import_report *report) {
    if (report->refused_file) {
        (void)fclose(report->refused_file);
        (void)unlink(report->refused_part);
    }
    report->refused_file = NULL;
    if (report->repeated_file) {
        (void)fclose(report->repeated_file);
        (void)unlink(report->repeated_part);
    }
    report->repeated_file = NULL;
    json_decref(report->warned);
    report->warned = NULL;
}

/* ---- refused rows ---- */

static bool is_own_column(const struct import_layout *layout, uint32_t column) {
    uint32_t at = layout->field_of[column];
    return at != FIELD_NONE && (layout->fields[at].role == ROLE_ROW_NUMBER || layout->fields[at].role == ROLE_REASON);
}

static bool import_report_put_heading(const struct import_report *report, FILE *out) {
    const struct import_layout *layout = report->layout;
    char *line = malloc(CSV_CELL_OUT(CSV_ROW_MAX) + 4 * CSV_CELLS_MAX);
    if (!line) return false;
    size_t len = 0;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        if (is_own_column(layout, i)) continue;
        len = csv_cell_show(line, len, layout->headings[i]);
        line[len++] = ',';
    }
    bool ok = fprintf(out, "\xef\xbb\xbf%.*s%s,%s\r\n", (int)len, line, HEADING_ROW, HEADING_REASON) > 0;
    free(line);
    return ok;
}

static FILE *open_refused(const struct import_report *report) {
    FILE *out = open_private(report->refused_part);
    if (out && import_report_put_heading(report, out)) return out;
    if (out) (void)fclose(out);
    return NULL;
}

static int put_reason(char *out, size_t cap, const struct import_line *line) {
    const struct import_row *row = &line->row;
    char other[96] = "";
    if (line->other_row)
        (void)snprintf(other, sizeof other, "；第 %" PRIu64 " 行与第 %" PRIu64 " 行 / rows %" PRIu64 " and %" PRIu64, line->other_row, line->number, line->other_row, line->number);
    if (row->code == CODE_ROW_CONFLICT_LEDGER && row->field_count > 0)
        (void)snprintf(other, sizeof other, "；%.*s", (int)row->fields[row->identifier_at].value.len, (const char *)row->fields[row->identifier_at].value.data);
    return snprintf(out, cap, "%s%s%.*s%s: %s / %s%s", code_name(row->code), row->field.len ? " [" : "", (int)row->field.len,
                    row->field.len ? (const char *)row->field.data : "", row->field.len ? "]" : "", code_zh(row->code), code_en(row->code), other);
}

/* A row that repeats another, or the ledger: its number in the file and which; nothing of its content, since there is nothing to correct. */
static bool put_repeated(struct import_report *report, const struct import_line *line) {
    char reason[512], cell[1100];
    if (!report->repeated_file) {
        report->repeated_file = open_private(report->repeated_part);
        if (!report->repeated_file || fprintf(report->repeated_file, "\xef\xbb\xbf%s,%s\r\n", HEADING_ROW, HEADING_REASON) < 0) return false;
    }
    int len = put_reason(reason, sizeof reason, line);
    if (len < 0 || (size_t)len >= sizeof reason) return false;
    size_t cell_len = csv_cell_put(cell, 0, bytes_of(reason, (size_t)len));
    return fprintf(report->repeated_file, "%" PRIu64 ",%.*s\r\n", line->number, (int)cell_len, cell) > 0;
}

static bool put_refused(struct import_report *report, const struct import_line *line) {
    if (!report->refused_file && !(report->refused_file = open_refused(report))) return false;
    char reason[512], cell[1100];
    int len = put_reason(reason, sizeof reason, line);
    if (len < 0 || (size_t)len >= sizeof reason) return false;
    size_t cell_len = csv_cell_put(cell, 0, bytes_of(reason, (size_t)len));
    report->refused_written++;
    return fprintf(report->refused_file, "%.*s", (int)line->text.len, (const char *)line->text.data) >= 0 &&
           fprintf(report->refused_file, "%s%" PRIu64 ",%.*s\r\n", line->text.len ? "," : "", line->number, (int)cell_len, cell) > 0;
}

/* ---- counting ---- */

static void count_checked(struct import_report *report, const struct import_line *line) {
    if (line->row.field_count == 0) return; /* did not pass its checks */
    report->reasons[CODE_ROW_IDENTIFIER_CHECK] += line->row.check_fits_no_rule;
    if (line->row.identifier.len == 0) report->generated++;
    else if (line->row.rule == RULE_ISO7064) report->rule_iso7064++;
    else if (line->row.rule == RULE_SHANDONG) report->rule_shandong++;
    else report->rule_none++;
}

static void count_said(struct import_report *report, const struct import_line *line) {
    enum code codes[3];
    const size_t count = said_warnings(&line->said, codes);
    for (size_t i = 0; i < count; i++) {
        report->reasons[codes[i]]++;
        if (!report->warned) report->warned = json_array();
        const size_t listed = json_array_size(report->warned);
        if (listed < WARNED_SHOWN)
            (void)cli_fail(0, SAY("warning: %s: row %" PRIu64 ", %.*s: %s", "警告：%s：第 %" PRIu64 " 行，%.*s：%s"), code_name(codes[i]), line->number, (int)line->row.document.len, (const char *)line->row.document.data,
                           cli_code_text(codes[i]));
        if (listed == WARNED_SHOWN) (void)cli_fail(0, SAY("warning: there are more such rows; the report lists them (`warned`)", "警告：此类行还有更多，报告的 `warned` 中逐一列出"));
        if (listed < WARNED_MAX) (void)json_array_append_new(report->warned, json_pack("{s:I, s:s}", "row", (json_int_t)line->number, "warning", code_name(codes[i])));
    }
}

void import_report_add(struct import_report *report, const struct import_unit *unit) {
    for (uint32_t i = 0; i < unit->count; i++) {
        const struct import_line *line = &unit->lines[i];
        report->rows++;
        count_checked(report, line);
        switch (line->end) {
        case LINE_ACCEPTED:
            report->accepted++;
            count_said(report, line);
            report->documents[line->document]++;
            report->seals_named += line->seal == LINE_SEAL_NAMED;
            report->seals_unknown += line->seal == LINE_SEAL_UNKNOWN;
            continue;
        case LINE_DUPLICATE:
            report->duplicates++;
            if (!report->repeated_failed && !put_repeated(report, line)) {
                report->repeated_failed = true;
                (void)cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), report->repeated_path, cli_errno_text(errno));
            }
            break;
        case LINE_REFUSED:
            report->refused++;
            if (!report->refused_failed && !put_refused(report, line)) {
                report->refused_failed = true;
                (void)cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), report->refused_part, cli_errno_text(errno));
            }
            break;
        case LINE_OPEN:
        case LINE_UNSENT: report->unsent++; continue;
        }
        ASSERT(line->row.code > 0 && line->row.code < REASONS_MAX);
        report->reasons[line->row.code]++;
    }
}

/* ---- JSON ---- */

/* Four digits are enough for a rate, and print as such. */
static json_t *rate(uint64_t part, uint64_t whole) { return json_real(whole ? (double)(part * 10000 / whole) / 10000 : 0); }

bool import_is_warning(size_t code) { return code == CODE_ROW_IDENTIFIER_CHECK || (code >= CODE_ROW_DOCUMENT_NUMBER && code <= CODE_ROW_DOCUMENT_CODE); }

static json_t *codes_json(const struct import_report *report, bool warnings) {
    json_t *out = json_object();
    for (size_t code = 1; code < REASONS_MAX; code++)
        if (report->reasons[code] && import_is_warning(code) == warnings)
            (void)json_object_set_new(out, code_name((enum code)code), json_integer((json_int_t)report->reasons[code]));
    return out;
}

static bool is_counted(const struct import_field *field) {
    return field->column != COLUMN_NONE && field->role != ROLE_ROW_NUMBER && field->role != ROLE_REASON;
}

static json_t *columns_json(const struct import_report *report) {
    json_t *out = json_object();
    for (uint32_t c = 0; c < report->layout->column_count; c++) {
        uint32_t i = report->layout->field_of[c];
        if (i == FIELD_NONE || !is_counted(&report->layout->fields[i])) continue;
        const struct import_field *field = &report->layout->fields[i];
        const struct import_tally *tally = &report->tallies[i];
        json_t *one = json_pack("{s:o, s:I, s:o, s:I, s:o, s:{s:I, s:I, s:I, s:I, s:I}, s:I}", "heading",
            json_stringn((const char *)report->layout->headings[c].data, report->layout->headings[c].len), "filled", (json_int_t)tally->filled, "filled_rate",
            rate(tally->filled, report->rows), "normalised", (json_int_t)tally->normalised, "normalised_rate", rate(tally->normalised, report->rows), "changes",
            "spaces", (json_int_t)tally->spaces, "width", (json_int_t)tally->width, "case", (json_int_t)tally->letter_case, "nfc", (json_int_t)tally->nfc,
            "form", (json_int_t)tally->form, "taken_over", (json_int_t)tally->taken_over);
        char code[ELEMENT_CODE_MAX + 1];
        (void)snprintf(code, sizeof code, "%.*s", (int)field->code.len, (const char *)field->code.data);
        (void)json_object_set_new(out, code, one);
    }
    return out;
}

static json_t *unknown_json(const struct import_report *report) {
    json_t *out = json_array();
    for (uint32_t c = 0; c < report->layout->column_count; c++)
        if (report->layout->field_of[c] == FIELD_NONE)
            (void)json_array_append_new(out, json_stringn((const char *)report->layout->headings[c].data, report->layout->headings[c].len));
    return out;
}

static uint64_t per_second(const struct import_report *report) {
    return report->elapsed_ms > 0 ? report->rows * 1000 / (uint64_t)report->elapsed_ms : 0;
}

static json_t *import_report_number(uint64_t value) { return json_integer((json_int_t)value); }

json_t *import_report_json(const struct import_report *report) {
    json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "rows", import_report_number(report->rows), "accepted", import_report_number(report->accepted), "refused",
                            import_report_number(report->refused), "duplicates", import_report_number(report->duplicates), "reasons", codes_json(report, false), "warnings",
                            codes_json(report, true));
    json_t *rates = json_pack("{s:o, s:o, s:o}", "accepted", rate(report->accepted, report->rows), "refused", rate(report->refused, report->rows), "duplicates",
                              rate(report->duplicates, report->rows));
    json_t *rules = json_pack("{s:o, s:o, s:o, s:o}", "iso7064", import_report_number(report->rule_iso7064), "shandong", import_report_number(report->rule_shandong), "none",
                              import_report_number(report->rule_none), "generated", import_report_number(report->generated));
    json_t *documents = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "plain", import_report_number(report->documents[REGISTRABLE_PLAIN]), "passed",
                                  import_report_number(report->documents[REGISTRABLE_PASSED]), "not_fully_checked", import_report_number(report->documents[REGISTRABLE_OPEN]), "unsigned",
                                  import_report_number(report->documents[REGISTRABLE_UNSIGNED]), "seals_named", import_report_number(report->seals_named), "seals_unknown",
                                  import_report_number(report->seals_unknown));
    json_t *rest = json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:b, s:o, s:o, s:o, s:o, s:o, s:i, s:s}", "rates", rates, "columns",
                             columns_json(report), "unknown_columns", unknown_json(report), "identifier_rules", rules, "documents", documents, "encoding",
                             text_encoding_name(report->encoding), "encoding_by", report->encoding_by, "file", text_shown(report->file), "type", report->type_code, "job",
                             report->job, "refused_file", report->refused_written ? text_shown(report->refused_path) : NULL, "duplicates_file",
                             report->duplicates ? text_shown(report->repeated_path) : NULL, "complete", report->complete, "unsent",
                             import_report_number(report->unsent), "blank", import_report_number(report->blank), "statements", import_report_number(report->statements), "milliseconds",
                             import_report_number((uint64_t)report->elapsed_ms), "rows_per_second", import_report_number(per_second(report)), "title_rows", (int)report->title_rows, "separator", report->separator);
    if (out) (void)json_object_set_new(out, "warned", report->warned ? json_incref(report->warned) : json_array());
    if (out && rest) (void)json_object_update(out, rest);
    json_decref(rest);
    return out;
}

/* ---- writing ---- */

static bool finish_refused(struct import_report *report) {
    if (report->refused_failed) return false;
    if (!report->refused_file) return unlink(report->refused_path) == 0 || errno == ENOENT || errno == ENOTDIR;
    FILE *out = report->refused_file;
    report->refused_file = NULL;
    bool ok = fflush(out) == 0 && fsync(fileno(out)) == 0;
    ok = fclose(out) == 0 && ok && rename(report->refused_part, report->refused_path) == 0 && file_name_sync(report->refused_path);
    if (!ok) (void)cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), report->refused_path, cli_errno_text(errno));
    return ok;
}

static bool finish_repeated(struct import_report *report) {
    if (report->repeated_failed) return false;
    if (!report->repeated_file) return unlink(report->repeated_path) == 0 || errno == ENOENT || errno == ENOTDIR;
    bool ok = fclose(report->repeated_file) == 0;
    report->repeated_file = NULL;
    ok = ok && rename(report->repeated_part, report->repeated_path) == 0;
    return ok || (cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), report->repeated_path, cli_errno_text(errno)), false);
}

bool import_report_write(struct import_report *report) {
    bool ok = finish_refused(report);
    ok = finish_repeated(report) && ok;
    json_t *json = import_report_json(report);
    char *text = json ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) : NULL;
    ok = text && output_write("--report", report->path, report->over, text, strlen(text)) == EXIT_VALID && ok;
    free(text);
    json_decref(json);
    return ok;
}
