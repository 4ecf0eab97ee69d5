#include "tools/verify/verdict_print.h"

#include "tools/cli/language.h"
#include "tools/cli/moment.h"
#include "tools/client/verdict_answer.h"
#include "tools/document/text_print.h"
#include "tools/verify/verdict_words.h"

#define WORDS (VERDICT_INCOMPLETE + 1)

/* Ready to be printed: it may come from a server that lies, or from a file. */
static const char *verdict_print_text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text_shown(text) : NULL;
}

int verdict_word_exit(const json_t *verdict) {
    const int word = verdict_word_of(verdict);
    if (json_is_false(json_object_get(verdict, "integrity"))) return EXIT_INTEGRITY; /* anchor.h */
    if (json_is_true(json_object_get(verdict, "stale"))) return EXIT_STALE;
    return word < 0 ? EXIT_ERROR : verdict_exit((enum verdict_word)word);
}

static const struct { const char *en, *zh; } word_texts[WORDS] = {
    [VERDICT_VALID] = {"valid", "有效"},
    [VERDICT_NOT_ACTIVE] = {"not active yet", "未生效"},
    [VERDICT_SUSPENDED] = {"suspended", "暂扣"},
    [VERDICT_LAPSED] = {"lapsed: its validity has ended", "已过有效期"},
    [VERDICT_CANCELLED] = {"cancelled", "已注销"},
    [VERDICT_ANNULLED] = {"annulled", "已撤销"},
    [VERDICT_REVOKED] = {"revoked", "已吊销"},
    [VERDICT_SUPERSEDED] = {"superseded by a newer version", "已被新版本取代"},
    [VERDICT_TRANSFERRED] = {"transferred to another region", "已转出"},
    [VERDICT_UNKNOWN] = {"unknown: nothing like this was ever issued on this ledger; if it should have been, ask its issuer", "查无此证：本账本从未登记；如有疑问请联系发证部门"},
    [VERDICT_MISMATCH] = {"mismatch: what was given does not belong together; check each item against the licence", "信息不一致：所提供的信息不属于同一证照，请逐项核对"},
    [VERDICT_INCOMPLETE] = {"incomplete: too little was given, or is known here, to say", "信息不全，无法验证"},
};

static void print_document(const json_t *verdict, int word, bool with_file, bool zh) {
    const char *match = verdict_print_text_of(verdict, "document"), *copy = verdict_print_text_of(verdict, "copy"), *said;
    if (match && strcmp(match, "match") == 0) said = zh ? "与登记文件一致" : "matches the registered one";
    else if (match && copy && strcmp(copy, "repacked") == 0) said = zh ? "签章均为登记时的签章，文件经重新打包" : "the registered signatures in another container: packed anew";
    else if (match) said = zh ? "登记文件的加注件" : "a stamped copy of the registered one";
    else if (!with_file) said = zh ? "未比对" : "none compared";
    else if (word == VERDICT_UNKNOWN) said = zh ? "未登记，或已被改动" : "not registered, or changed since";
    else if (word == VERDICT_MISMATCH) said = zh ? "不一致" : "does not match";
    else said = zh ? "无法比对" : "cannot be compared";
    printf("%s%s\n", zh ? "文件: " : "document:  ", said);
}

static void print_issuer(const json_t *verdict, bool zh) {
    const json_t *issuer = json_object_get(verdict, "issuer");
    const char *name = verdict_print_text_of(issuer, "name"), *id = verdict_print_text_of(issuer, "id");
    bool authorised = json_is_true(json_object_get(issuer, "authorised"));
    printf("%s", zh ? "签发: " : "issuer:    ");
    if (name) printf(zh ? "%s（%s）%s%s\n" : "%s (%s)%s%s\n", name, id ? id : "", zh ? "，" : ", ", authorised ? zh ? "有权签发此类证照" : "entitled to issue this type"
                                                                             : zh ? "现已无权签发此类证照" : "no longer entitled to issue this type");
    else (void)puts("-");
}

static void print_status(const json_t *verdict, int word, bool zh) {
    const json_t *status = json_object_get(verdict, "status"), *licence = json_object_get(verdict, "licence");
    const char *reason = verdict_print_text_of(status, "reason"), *basis = verdict_print_text_of(status, "basis"), *from = verdict_print_text_of(licence, "valid_from"), *to = verdict_print_text_of(licence, "valid_to");
    const char *note = verdict_print_text_of(verdict, "note");
    char shown[FINDING_SHOWN];
    printf("%s%s", zh ? "状态: " : "status:    ", word < 0 ? verdict_print_text_of(verdict, "verdict") : zh ? word_texts[word].zh : word_texts[word].en);
    if (from) printf(zh ? "（有效期 %s 至 %s）" : " (validity %s to %s)", from, to ? to : zh ? "长期" : "no end");
    if (reason) printf("%s%s", zh ? "；原因：" : "; reason: ", reason);
    if (basis) printf("%s%s", zh ? "；依据：" : "; basis: ", basis);
    if (note) printf("%s%s", zh ? "；" : "; ", verdict_note_text(shown, note));
    (void)putchar('\n');
}

/* What the ledger says of the seal; whether the one in a document is genuine is said by the document's own lines. */
static void verdict_print_print_seal(const json_t *verdict, bool zh) {
    const json_t *seal = json_object_get(verdict, "seal"), *step;
    const char *id = verdict_print_text_of(seal, "id"), *name = verdict_print_text_of(seal, "name"), *state = verdict_print_text_of(seal, "state"), *owner = verdict_print_text_of(seal, "owner_name");
    size_t i;
    if (!id) return;
    (void)fputs(zh ? "备案印章: " : "on ledger: seal ", stdout); /* "seal" alone is the one in the document, report_print.c */
    text_print(name ? name : "-"); /* a seal that the ledger does not know is told in the file's own words */
    (void)fputs(" [", stdout);
    text_print(id);
    (void)putchar(']');
    if (state) printf(zh ? "，所有者 %s，状态：%s" : " of %s, %s", owner ? owner : "-", cli_state_text(state));
    json_array_foreach(json_object_get(seal, "steps"), i, step) {
        const char *result = verdict_print_text_of(step, "result"), *name_of_step = verdict_print_text_of(step, "step"), *reason = verdict_print_text_of(step, "reason");
        if (result && strcmp(result, "failed") == 0) printf(zh ? "；%s：%s" : "; %s: %s", name_of_step ? verdict_seal_step_text(name_of_step) : "-", reason ? verdict_seal_why_text(reason) : "-");
    }
    (void)putchar('\n');
}

static void age_text(char out[48], int64_t ms, bool zh) {
    static const struct { int64_t ms; const char *en, *zh; } units[] = {
        {86400000, "days", "天"}, {3600000, "hours", "小时"}, {60000, "minutes", "分钟"}, {1000, "s", "秒"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        bool last = i == sizeof units / sizeof *units - 1;
        if (ms < 2 * units[i].ms && !last) continue;
        if (last && ms < 10000) (void)snprintf(out, 48, "%lld.%lld %s", (long long)(ms / 1000), (long long)(ms % 1000 / 100), zh ? units[i].zh : units[i].en);
        else (void)snprintf(out, 48, "%lld %s", (long long)(ms / units[i].ms), zh ? units[i].zh : units[i].en);
        return;
    }
}

/* On whose word: a proof's, or a node's. */
static void print_trust(const json_t *verdict, bool zh) {
    static const struct { const char *by, *en, *zh; } rows[] = {
        {"proof", "proved under the genesis document that you trust", "已用您信任的创世文件核实证明"},
        {"node", "the word of the node alone, without a proof", "仅凭节点所述，没有证明"},
        {"none", "nothing that can be believed", "没有可信的依据"}};
    const char *by = verdict_print_text_of(verdict, "trust");
    for (size_t i = 0; by && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].by, by) == 0) printf("%s%s\n", zh ? "依据: " : "trust:     ", zh ? rows[i].zh : rows[i].en);
}

static void print_freshness(const json_t *verdict, bool zh) {
    const json_t *as_of = json_object_get(verdict, "as_of");
    if (!json_is_object(as_of)) return;
    const char *chain = verdict_print_text_of(as_of, "chain"), *time = verdict_print_text_of(as_of, "time");
    char age[48], moment[MOMENT_SHOWN];
    time = cli_moment(moment, time);
    const int64_t age_ms = json_integer_value(json_object_get(as_of, "age_ms"));
    const bool ahead = age_ms < 0;
    age_text(age, ahead ? -(age_ms + 1) + 1 : age_ms, zh);
    long long height = json_integer_value(json_object_get(as_of, "height"));
    const char *side = ahead ? SAY(" ahead of the clock it was checked by: look at the clocks", "，晚于核验时的时钟，请核对时钟") : SAY(" ago", "前");
    printf(SAY("freshness: as of %s (%s%s), block %lld of %s\n", "时效: 截至 %s（%s%s），第 %lld 块，账本 %s\n"), time ? time : "-", age, side, height, chain ? chain : "-");
}

/* Which licence: its type's name, and its identifier where the asker or the node has it, else its key. */
static void print_licence(const json_t *verdict, bool zh) {
    const json_t *licence = json_object_get(verdict, "licence");
    const char *type = verdict_print_text_of(licence, "type_name"), *identifier = verdict_print_text_of(licence, "identifier"), *key = verdict_print_text_of(licence, "key");
    if (!json_is_object(licence)) return;
    if (!type) type = verdict_print_text_of(licence, "type");
    (void)fputs(zh ? "证照: " : "licence:   ", stdout);
    text_print(type ? type : "-");
    (void)putchar(' ');
    text_print(identifier ? identifier : key ? key : "-");
    (void)putchar('\n');
}

void verdict_print(const json_t *verdict, bool with_file) {
    bool zh = cli_chinese();
    int word = verdict_word_of(verdict);
    print_document(verdict, word, with_file, zh);
    print_licence(verdict, zh);
    print_issuer(verdict, zh);
    print_status(verdict, word, zh);
    verdict_print_print_seal(verdict, zh);
    print_freshness(verdict, zh);
    print_trust(verdict, zh);
}
