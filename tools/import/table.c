#include "tools/import/table.h"

#include <inttypes.h>

#include "tools/document/text_print.h"

static void percent(char out[32], uint64_t part, uint64_t whole) {
    uint64_t tenths = whole ? part * 1000 / whole : 0;
    (void)snprintf(out, 32, "%" PRIu64 ".%" PRIu64 " %%", tenths / 10, tenths % 10);
}

static void put_count(const struct import_report *report, const char *label, uint64_t value) {
    char rate[32];
    percent(rate, value, report->rows);
    printf(SAY("%-12s %12" PRIu64 "  %8s\n", "%s %12" PRIu64 "  %8s\n"), label, value, rate);
}

static void put_codes(const struct import_report *report) {
    for (size_t code = 1; code < REASONS_MAX; code++) {
        if (!report->reasons[code]) continue;
        const char *text = cli_code_text((enum code)code);
        printf("  %-22s %8" PRIu64 "  %s%s\n", code_name((enum code)code), report->reasons[code], text,
               !import_is_warning(code) ? "" : SAY(" (a warning only)", "（仅提示，不拒收）"));
    }
}

static void put_changes(const struct import_tally *tally) {
    const struct { const char *name; uint64_t count; } kinds[] = {{SAY("spaces", "空格"), tally->spaces}, {SAY("width", "全半角"), tally->width},
        {SAY("case", "大小写"), tally->letter_case}, {SAY("normal form", "字形"), tally->nfc}, {SAY("form", "格式"), tally->form},
        {SAY("from day of issue", "取自颁发日期"), tally->taken_over}};
    const char *before = "  ";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!kinds[i].count) continue;
        printf("%s%s %" PRIu64, before, kinds[i].name, kinds[i].count);
        before = SAY(", ", "、");
    }
}

static void put_columns(const struct import_report *report) {
    (void)puts(SAY("columns             filled  normalised", "列                  有值率      规范化"));
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
    const char *before = SAY("columns kept out: ", "未采用的列：");
    bool any = false;
    for (uint32_t c = 0; c < report->layout->column_count; c++) {
        if (report->layout->field_of[c] != FIELD_NONE) continue;
        char heading[256];
        (void)snprintf(heading, sizeof heading, "%.*s", (int)report->layout->headings[c].len, (const char *)report->layout->headings[c].data);
        printf("%s%s", before, text_shown(heading));
        before = SAY(", ", "、");
        any = true;
    }
    if (any) putchar('\n');
}

static void put_documents(const struct import_report *report) {
    const uint64_t *of = report->documents;
    if (of[REGISTRABLE_PLAIN] + of[REGISTRABLE_PASSED] + of[REGISTRABLE_OPEN] + of[REGISTRABLE_UNSIGNED] == 0) return;
    printf(SAY("documents     sealed and checked %" PRIu64 ", not in full %" PRIu64 ", without signature %" PRIu64 ", other files %" PRIu64 "\n",
               "文件：已签章并检查 %" PRIu64 "，未能全部检查 %" PRIu64 "，无签章 %" PRIu64 "，其他文件 %" PRIu64 "\n"), of[REGISTRABLE_PASSED],
           of[REGISTRABLE_OPEN], of[REGISTRABLE_UNSIGNED], of[REGISTRABLE_PLAIN]);
    printf(SAY("seals         named %" PRIu64 ", not on the ledger %" PRIu64 "\n", "印章：已注明 %" PRIu64 "，未在账本备案 %" PRIu64 "\n"), report->seals_named, report->seals_unknown);
}

void import_report_print(const struct import_report *report) {
    uint64_t seconds = (uint64_t)report->elapsed_ms / 1000, tenth = (uint64_t)report->elapsed_ms % 1000 / 100;
    printf(SAY("%s (%s), type %s\n", "%s（%s），类型 %s\n"), text_shown(report->file), text_encoding_name(report->encoding), report->type_code);
    printf(SAY("%-12s %12" PRIu64 "  in %" PRIu64 ".%" PRIu64 " s", "%s %12" PRIu64 "  用时 %" PRIu64 ".%" PRIu64 " 秒"), SAY("rows", "行数    "), report->rows, seconds, tenth);
    if (report->elapsed_ms > 0) printf(SAY(", %" PRIu64 " a second", "，每秒 %" PRIu64), report->rows * 1000 / (uint64_t)report->elapsed_ms);
    putchar('\n');
    put_count(report, SAY("accepted", "已登记  "), report->accepted);
    put_count(report, SAY("duplicates", "重复    "), report->duplicates);
    put_count(report, SAY("refused", "拒收    "), report->refused);
    if (report->unsent) put_count(report, SAY("not sent", "未发送  "), report->unsent);
    put_codes(report);
    printf(SAY("identifiers   ISO 7064 %" PRIu64 ", Shandong rule %" PRIu64 ", neither %" PRIu64 ", made here %" PRIu64 "\n",
               "证照标识：符合 ISO 7064 %" PRIu64 "，符合山东规则 %" PRIu64 "，均不符合 %" PRIu64 "，在此生成 %" PRIu64 "\n"), report->rule_iso7064,
           report->rule_shandong, report->rule_none, report->generated);
    put_documents(report);
    put_columns(report);
    put_unknown(report);
    if (report->blank) printf(SAY("rows without any value, passed over: %" PRIu64 "\n", "空行，已跳过：%" PRIu64 "\n"), report->blank);
    if (report->layout->fields[report->layout->of_role[ROLE_TO]].column == COLUMN_NONE) (void)puts(SAY("no column ZZYXQJZRQ: every licence is unlimited", "没有 ZZYXQJZRQ 列：所有证照均为长期有效"));
    printf(SAY("report: %s\n", "报告：%s\n"), text_shown(report->path));
    if (report->refused_written) printf(SAY("refused rows, to be corrected and loaded again: %s\n", "被拒收的行，更正后重新导入：%s\n"), text_shown(report->refused_path));
    if (report->duplicates) printf(SAY("rows that were there already: %s\n", "已有的行：%s\n"), text_shown(report->repeated_path));
    if (!report->complete) (void)puts(SAY("NOT COMPLETE: run the same command again (with --report add --force), it adds only what is missing", "导入未完成：请再次运行同一命令（用了 --report 的须加 --force），只补充缺少的部分"));
}
