#include "tools/issue/documents.h"

#include "tools/cli/input_file.h"
#include "tools/client/answer.h"
#include "tools/client/seal_id.h"
#include "tools/sealed/document_options.h"
#include "tools/sealed/sealed.h"
#include "tools/sealed/words_read.h"

/* A file on which a step failed is not issued; one that could not be looked at in full is, with a word. */
static int issue_documents_judge(const char *path, const struct report *report) {
    const struct step *why;
    switch (registration_of(report, &why)) {
    case REGISTRABLE_NOT:
        return cli_fail(EXIT_MISMATCH, SAY("%s is not issued: %s: %s%s%s. `licet ofd --explain` shows every step",
                                            "%s 未签发：%s：%s%s%s。可用 `licet ofd --explain` 查看每一步"), path, cli_step_text(why->id), cli_reason_text(why->reason), why->detail[0] ? ": " : "", why->detail);
    case REGISTRABLE_UNSIGNED: (void)cli_fail(0, SAY("warning: %s has no signature; it is registered as a plain file",
                                                     "警告：%s 没有签章，按普通文件登记"), path); break;
    case REGISTRABLE_OPEN:
        (void)cli_fail(0, SAY("warning: %s: not everything could be checked: %s: %s", "警告：%s：未能全部检查：%s：%s"), path, cli_step_text(why->id), cli_reason_text(why->reason));
        break;
    case REGISTRABLE_PLAIN:
    case REGISTRABLE_PASSED: break;
    }
    return EXIT_VALID;
}

static void issue_documents_compare_words(struct issue *issue, const char *path, enum document_format format, const char *uscc) {
    struct words words;
    const struct words_asked asked = {bytes_text(issue->number), bytes_text(issue->holder_name), bytes_text(issue->holder_code), issue->holder_kind, uscc};
    words_read(&words, format, path);
    words_compare(&issue->said, &words, &asked);
    words_free(&words);
}

static void warn_of_words(const struct issue *issue) {
    enum code codes[3];
    const size_t count = said_warnings(&issue->said, codes);
    for (size_t i = 0; i < count; i++) {
        const char *typed = codes[i] == CODE_ROW_DOCUMENT_NUMBER ? issue->number : codes[i] == CODE_ROW_DOCUMENT_NAME ? issue->holder_name : issue->holder_code;
        (void)cli_fail(0, SAY("warning: %s: %s: %s", "警告：%s：%s：%s"), code_name(codes[i]), cli_code_text(codes[i]), typed);
    }
}

int issue_documents(struct issue *issue, const struct options *options, const uint8_t genesis[32], const char *uscc) {
    const char *seal = option_get(options, "seal");
    struct registration *made = &issue->registration;
    struct check_options check;
    struct trust *trust;
    int done = document_options(&check, &trust, options);
    for (size_t i = 0; i < options->count && done == EXIT_VALID; i++) {
        struct report report;
        if (strcmp(options->given[i].name, "doc") != 0) continue;
        done = sealed_look(&report, options->given[i].value, &check);
        if (done == EXIT_VALID) done = issue_documents_judge(options->given[i].value, &report);
        if (done == EXIT_VALID && !registration_add(made, &report, genesis, seal))
            done = cli_fail(EXIT_USAGE, SAY("--doc: one licence may have %u documents, the signatures inside of OFD files among them", "--doc：一份证照至多 %u 个文件，OFD 内的签章也计算在内"), DOCUMENTS_MAX);
        if (done == EXIT_VALID) issue_documents_compare_words(issue, input_again(options->given[i].value), report.format, uscc); /* sealed_look has found a name for it */
        report_free(&report);
    }
    if (done == EXIT_VALID) warn_of_words(issue);
    trust_free(trust);
    registration_documents(&issue->item, made);
    if (done == EXIT_VALID && seal && strcmp(seal, made->seal_id) != 0) return cli_fail(EXIT_USAGE, SAY("--seal %s: none of the documents bears this seal",
                                                                                                        "--seal %s：所给文件均未加盖此印章"), seal);
    return done;
}

/* A seal that this ledger has never seen cannot be named; whether that is right, whoever issues must know. */
int issue_seal(struct issue *issue, const struct cli *cli) {
    const struct registration *made = &issue->registration;
    char path[SEAL_PATH_MAX];
    struct http_answer answer;
    struct refusal refusal;
    if (!made->seal_id[0]) return EXIT_VALID;
    ASSERT(seal_path(path, made->seal_id, ""));
    if (!http_call(&answer, cli, "GET", path, NULL, "application/json", bytes_of(NULL, 0))) return EXIT_ERROR;
    int done = EXIT_VALID;
    if (answer.status == 200) {
        registration_seal(&issue->item, made);
    } else if (problem_read(&refusal, &answer) && refusal.code == CODE_SEAL_UNKNOWN && made->several_seals) { /* their order is anybody's to change */
        done = cli_fail(EXIT_USAGE, SAY("the documents bear several seals, and the first, %s, is not registered on this ledger: say with --seal which is the licence's own",
                                        "文件上有多枚印章，其中第一枚 %s 未在本账本备案：请用 --seal 指明证照所用的印章"), made->seal_id);
    } else if (problem_read(&refusal, &answer) && refusal.code == CODE_SEAL_UNKNOWN) {
        (void)cli_fail(0, SAY("warning: the seal %s is not registered on this ledger, so the licence names none; `licet seal add` registers it",
                              "警告：印章 %s 未在本账本备案，证照不注明印章；可用 `licet seal add` 备案"), made->seal_id);
    } else {
        done = http_failed(cli, &answer);
    }
    http_answer_free(&answer);
    return done;
}
