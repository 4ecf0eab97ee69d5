/* The report as a table for people. Contract in import_report.h. */
#include <inttypes.h>

#include "tools/import_report.h"

static void percent(char out[32], uint64_t part, uint64_t whole) {
    uint64_t tenths = whole ? part * 1000 / whole : 0;
    (void)snprintf(out, 32, "%" PRIu64 ".%" PRIu64 " %%", tenths / 10, tenths % 10);
}

static void put_count(const struct import_report *report, const char *label, uint64_t value) {
    char rate[32];
    percent(rate, value, report->rows);
    printf("%-12s %12" PRIu64 "  %8s\n", label, value, rate);
}

static void put_codes(const struct import_report *report) {
    bool zh = cli_chinese();
    for (size_t code = 1; code < REASONS_MAX; code++) {
        if (!report->reasons[code]) continue;
        const char *text = zh ? code_zh((enum code)code) : code_en((enum code)code);
        printf("  %-22s %8" PRIu64 "  %s%s\n", code_name((enum code)code), report->reasons[code], text,
               !import_is_warning(code) ? "" : zh ? "（仅提示，不拒收）" : " (a warning only)");
    }
}

static void put_changes(const struct import_tally *tally) {
    const struct { const char *name; uint64_t count; } kinds[] = {{"spaces", tally->spaces}, {"width", tally->width}, {"case", tally->letter_case},
        {"normal form", tally->nfc}, {"form", tally->form}, {"from day of issue", tally->taken_over}};
    const char *before = "  ";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i].count) continue;
        printf("%s%s %" PRIu64, before, kinds[i].name, kinds[i].count);
        before = ", ";
    }
}

static void put_columns(const struct import_report *report) {
    printf("columns             filled  normalised\n");
    for (uint32_t c = 0; c < report->layout->column_count; c++) {
        uint32_t i = report->layout->field_of[c];
        if (i == FIELD_NONE || report->layout->fields[i].role == ROLE_ROW_NUMBER || report->layout->fields[i].role == ROLE_REASON) continue;
        const struct import_field *field = &report->layout->fields[i];
        const struct import_tally *tally = &report->tallies[i];
        char filled[32], changed[32];
        percent(filled, tally->filled, report->rows);
        percent(changed, tally->normalised, report->rows);
        printf("  %-14.*s %9s  %10s", (int)field->code.len, (const char *)field->code.data, filled, changed);
        put_changes(tally);
        putchar('\n');
    }
}

static void put_unknown(const struct import_report *report) {
    const char *before = "columns kept out: ";
    for (uint32_t c = 0; c < report->layout->column_count; c++) {
        if (report->layout->field_of[c] != FIELD_NONE) continue;
        printf("%s%.*s", before, (int)report->layout->headings[c].len, (const char *)report->layout->headings[c].data);
        before = ", ";
    }
    if (before[0] == ',') putchar('\n');
}

static void put_documents(const struct import_report *report) {
    const uint64_t *of = report->documents;
    if (of[REGISTRABLE_PLAIN] + of[REGISTRABLE_PASSED] + of[REGISTRABLE_OPEN] + of[REGISTRABLE_UNSIGNED] == 0) return;
    printf("documents     sealed and checked %" PRIu64 ", not in full %" PRIu64 ", without signature %" PRIu64 ", other files %" PRIu64 "\n", of[REGISTRABLE_PASSED],
           of[REGISTRABLE_OPEN], of[REGISTRABLE_UNSIGNED], of[REGISTRABLE_PLAIN]);
    printf("seals         named %" PRIu64 ", not on the ledger %" PRIu64 "\n", report->seals_named, report->seals_unknown);
}

void import_report_print(const struct import_report *report) {
    uint64_t seconds = (uint64_t)report->elapsed_ms / 1000, tenth = (uint64_t)report->elapsed_ms % 1000 / 100;
    printf("%s (%s), type %s\n", report->file, text_encoding_name(report->encoding), report->type_code);
    printf("%-12s %12" PRIu64 "  in %" PRIu64 ".%" PRIu64 " s", "rows", report->rows, seconds, tenth);
    if (report->elapsed_ms > 0) printf(", %" PRIu64 " a second", report->rows * 1000 / (uint64_t)report->elapsed_ms);
    putchar('\n');
    put_count(report, "accepted", report->accepted);
    put_count(report, "duplicates", report->duplicates);
    put_count(report, "refused", report->refused);
    if (report->unsent) put_count(report, "not sent", report->unsent);
    put_codes(report);
    printf("identifiers   ISO 7064 %" PRIu64 ", Shandong rule %" PRIu64 ", neither %" PRIu64 ", made here %" PRIu64 "\n", report->rule_iso7064,
           report->rule_shandong, report->rule_none, report->generated);
    put_documents(report);
    put_columns(report);
    put_unknown(report);
    if (report->blank) printf("rows without any value, passed over: %" PRIu64 "\n", report->blank);
    if (report->layout->fields[report->layout->of_role[ROLE_TO]].column == COLUMN_NONE) printf("no column ZZYXQJZRQ: every licence is unlimited (长期)\n");
    printf("report: %s\n", report->path);
    if (report->refused_written) printf("refused rows, to be corrected and loaded again: %s\n", report->refused_path);
    if (report->duplicates) printf("rows that were there already: %s\n", report->repeated_path);
    if (!report->complete) printf("NOT COMPLETE: run the same command again, it adds only what is missing\n");
}
