#include "tools/document/beijing.h"
#include "tools/document/report.h"
#include "tools/document/text_print.h"

static const char *detail_text(const char *detail, bool zh) { return zh && strcmp(detail, "but OFD.xml") == 0 ? "OFD.xml 除外" : detail; }

/* Which file, what it is for a reader, and how many more there are. */
static void print_detail(const struct step *step, bool zh) {
    if (!step->detail[0]) return;
    (void)fputs(zh ? "：" : ": ", stdout);
    if (step->part != PART_NONE) printf(zh ? "%s " : "%s, ", zh ? part_zh(step->part) : part_en(step->part));
    text_print(detail_text(step->detail, zh));
    if (step->more) printf(zh ? "（另有 %u 项）" : " (and %u more)", step->more);
}

static const char *kind_text(const char *kind, bool zh) {
    static const struct { const char *kind, *zh; } rows[] = {{"seal", "电子印章"}, {"seal-v1", "电子签章第一版"}, {"seal-v4", "电子签章第四版"},
        {"seal-v5", "电子签章第五版"}, {"gbt35275", "GB/T 35275 数字签名"}, {"sm2", "SM2 数字签名"}, {"timestamp", "文档时间戳"}, {"cms", "CMS 数字签名"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows && zh; i++)
        if (strcmp(rows[i].kind, kind) == 0) return rows[i].zh;
    return kind;
}

static void print_step(const struct step *step, bool zh) {
    static const char *const en[] = {"ok", "FAILED", "not checked"}, *const chinese[] = {"通过", "未通过", "未检查"};
    printf("  %s: %s", zh ? chinese[step->result] : en[step->result], zh ? step_zh(step->id) : step_en(step->id));
    if (step->reason != REASON_NONE) printf("%s%s", zh ? "：" : ": ", zh ? reason_zh(step->reason) : reason_en(step->reason));
    print_detail(step, zh);
    (void)putchar('\n');
}

static void print_steps(const struct step_list *steps, bool zh) {
    for (uint32_t i = 0; i < steps->count; i++) print_step(&steps->steps[i], zh);
}

/* How it is written is no failure, and said in either case. */
static void print_notes(const struct report_signature *signature, bool zh) {
    const struct step_list *steps = &signature->steps;
    const struct step *coverage = step_find(steps, STEP_COVERAGE);
    if (signature->added[0] && coverage) {
        printf(zh ? "提示: %s：%s\n" : "note:   %s: %s\n", zh ? reason_zh(coverage->reason) : reason_en(coverage->reason), signature->added);
    } else if (signature->partial && coverage) {
        printf("%s%s", zh ? "提示: " : "note:   ", zh ? reason_zh(coverage->reason) : reason_en(coverage->reason));
        print_detail(coverage, zh);
        (void)fputs(zh ? "（签名 " : " (signature ", stdout);
        text_print(signature->covered_by);
        (void)puts(zh ? "）" : ")");
    }
    for (unsigned bit = 0; bit < ENCODING_COUNT; bit++) {
        const enum encoding_bit note = (enum encoding_bit)bit;
        if (steps->encoding >> bit & 1) printf("%s%s\n", zh ? "提示: 编码：" : "note:   encoding: ", zh ? encoding_zh(note) : encoding_en(note));
    }
}

/* The first that failed, else nothing; and how many were not checked. */
static void print_why(const struct step_list *steps, bool zh) {
    uint32_t skipped = 0;
    const struct step *failed = NULL;
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        if (step->result == STEP_FAILED && !failed) failed = step;
        if (step->id == STEP_SIGNATURE_VALUE && step->result == STEP_NOT_CHECKED && !failed) failed = step; /* nothing passes without it */
        skipped += step_left_open(step);
    }
    if (failed) printf("%s%s", zh ? "：" : ": ", zh ? reason_zh(failed->reason) : reason_en(failed->reason));
    if (failed) print_detail(failed, zh);
    if (failed) printf(zh ? "（检查项“%s”）" : " [%s]", zh ? step_zh(failed->id) : step_name(failed->id));
    if (skipped) printf(zh ? "（%u 项未检查，详见 --explain）" : " (not checked: %u; --explain says why)", skipped);
    (void)putchar('\n');
}

static const char *outcome_text(enum steps_outcome outcome, bool zh) {
    switch (outcome) {
    case STEPS_PASSED: return zh ? "通过" : "passed";
    case STEPS_TIME: return zh ? "签章有效，但时间不符" : "signature is right, but not its time";
    case STEPS_FAILED: break;
    }
    return zh ? "未通过" : "FAILED";
}

static void print_period(int64_t from_ms, int64_t to_ms, bool zh) {
    char from[BEIJING_TEXT], to[BEIJING_TEXT];
    beijing_day(from, from_ms);
    beijing_day(to, to_ms);
    printf(zh ? "（有效期 %s 至 %s）" : " (valid %s to %s)", from, to);
}

static void print_cert(const struct cert_facts *facts, bool zh) {
    text_print(facts->subject_cn);
    if (facts->subject_o[0]) (void)fputs(", ", stdout);
    text_print(facts->subject_o);
    (void)fputs(zh ? "，证书颁发者 " : ", certified by ", stdout);
    text_print(facts->issuer_cn);
    print_period(facts->from_ms, facts->to_ms, zh);
}

static void print_time(const struct report_signature *signature, bool zh) {
    char time[BEIJING_TEXT];
    printf("\n%s", zh ? "时间: " : "time:   ");
    if (signature->timestamp_ms != TIME_UNKNOWN) {
        beijing_text(time, signature->timestamp_ms);
        printf(zh ? "%s（时间戳证明）" : "%s (by a timestamp)", time);
    } else if (signature->signed_ms != TIME_UNKNOWN) {
        beijing_text(time, signature->signed_ms);
        printf(zh ? "%s（自称，无时间戳）" : "%s (claimed)", time);
    } else {
        (void)putchar('-');
    }
}

void signature_print(const struct report_signature *signature, enum steps_outcome outcome, bool explain, bool zh) {
    printf("%s", zh ? "印章: " : "seal:   ");
    if (signature->has_seal) {
        text_print(signature->seal_name);
        (void)fputs(" [", stdout);
        text_print(signature->seal_id);
        (void)putchar(']');
        print_period(signature->seal_from_ms, signature->seal_to_ms, zh);
    } else {
        (void)fputs(zh ? "无" : "none", stdout);
    }
    bool alone = signature->has_seal && !signature->has_signer && signature->has_maker; /* a seal, not yet on anything */
    if (alone) {
        printf("\n%s", zh ? "制章: " : "maker:  ");
        print_cert(&signature->maker, zh);
    } else {
        printf("\n%s", zh ? "签章: " : "signer: ");
        if (signature->has_signer) print_cert(&signature->signer, zh);
        else (void)putchar('-');
        print_time(signature, zh);
    }
    const bool in_part = outcome == STEPS_PASSED && signature->partial;
    printf("\n%s%s", zh ? "结果: " : "result: ", in_part ? zh ? "部分覆盖，通过" : "passed, for a part of the document" : outcome_text(outcome, zh));
    print_why(&signature->steps, zh);
    print_notes(signature, zh);
    if (explain) print_steps(&signature->steps, zh);
}

void report_print(const struct report *report, bool explain, bool zh) {
    if (report->signature_count == 0 || report_unsigned(report)) {
        printf("%s%s", zh ? "结果: " : "result: ", report_unsigned(report) ? zh ? "没有签章" : "not signed" : outcome_text(STEPS_FAILED, zh));
        if (report_unsigned(report)) (void)putchar('\n');
        else print_why(&report->steps, zh);
    }
    if (explain) print_steps(&report->steps, zh);
    for (size_t i = 0; i < report->signature_count; i++) {
        const struct report_signature *signature = &report->signatures[i];
        if (i > 0) (void)putchar('\n');
        printf(zh ? "签名 " : "signature ");
        text_print(signature->id);
        printf(zh ? "（%s）\n" : " (%s)\n", kind_text(signature->kind, zh));
        signature_print(signature, signature_outcome(signature), explain, zh);
    }
}
