#include "tools/cli/key.h"
#include "tools/client/answer.h"
#include "tools/client/beside_key.h"
#include "tools/client/proof_fetch.h"
#include "tools/client/statement.h"
#include "tools/document/text_print.h"
#include "tools/issue/commands.h"
#include "tools/issue/documents.h"
#include "tools/sealed/document_options.h"

static const struct option_spec specs[] = {
    {"type", OPTION_TEXT, "code of the licence type; `licet type list` shows them", "证照类型代码；可用 `licet type list` 查看"},
    {"number", OPTION_TEXT, "the licence's number", "证照编号"},
    {"holder-code", OPTION_TEXT, "the holder's credit code or identity number", "持证主体代码：统一社会信用代码或公民身份号码等"},
    {"holder-name", OPTION_TEXT, "the holder's name", "持证主体"},
    {"holder-type", OPTION_TEXT, "kind of the holder's code, GB/T 36903: 001, 111, ... (told by the code)", "持证主体代码类型，GB/T 36903：001、111 等（默认由代码判断）"},
    {"serial", OPTION_TEXT, "serial in the identifier, 0-9 A-Z (20 at random)", "证照标识中的流水号，0-9 A-Z（默认随机 20 位）"},
    {"version", OPTION_TEXT, "version in the identifier (001)", "证照标识中的版本号（默认为 001）"},
    {"issued", OPTION_TEXT, "day of issue (today)", "颁发日期（默认为今天）"},
    {"from", OPTION_TEXT, "first day (the day of issue)", "有效期起始日期（默认为颁发日期）"},
    {"to", OPTION_TEXT, "last day, or unlimited (whole years as the type allows, else one)", "有效期截止日期，或 unlimited（长期）（默认为类型允许的整年数，否则一年）"},
    {"doc", OPTION_FILE, "a document of the licence; a sealed OFD or PDF is checked first; only keys made from hashes are registered; up to 8", "证照文件；已签章的 OFD 或 PDF 先行检查；只登记由杂凑值得出的键；至多 8 个"},
    {"seal", OPTION_TEXT, "esID of the seal that the licence names (the first one the documents bear)", "证照所用印章的 esID（默认为文件上的第一枚）"},
    TRUST_OPTION_SPEC,
    ANCHOR_TRUST_SPEC,
    {"field", OPTION_TEXT, "CODE=VALUE: an element of the type; may be repeated", "代码=值：该类型的字段；可重复"},
    {"force", OPTION_TEXT, "REASON: old data that fail a check are issued all the same", "理由：旧数据未通过检查时照样签发"},
    {"out", OPTION_FILE, "write a proof of the licence, F.licet; -o for short", "同时写出证照的证明文件（.licet）；可简写为 -o"},
};

/* Identifier, seed and fields are safe before anything is signed: a licence on the ledger whose seed is lost could never be opened again. The seed is the
 * one that is kept there already where another attempt, at the same time or cut short before, came first. */
static int issue_keep(const struct cli *cli, struct issue *issue) {
    struct private_store *store;
    int done = private_beside_key(&store, cli, true);
    if (done != EXIT_VALID) return done;
    if (!store) return cli_fail(EXIT_USAGE, SAY("the private data of the licence have no folder to be kept in: name the key's folder with --key or --home",
                                                "没有目录保存该证照的私有数据：请用 --key 或 --home 指明"));
    enum err err = private_claim(store, (const uint8_t(*)[32])issue->key, &issue->kept, &issue->claim, 1);
    private_close(store);
    if (err != ERR_OK) return cli_fail(err_exit(err), SAY("the private data of the licence could not be kept (%s); nothing was issued: check the disk",
                                                          "该证照的私有数据无法保存（%s）；未签发任何证照，请检查磁盘"), cli_err_text(err));
    ASSERT(fields_root(issue->fields_root, issue->kept.seed, issue->kept.fields, issue->kept.field_count));
    return EXIT_VALID;
}

/* The ledger said no: what was kept for this licence is of no use. One that is there after all keeps its data, and so does one that somebody else tries. */
static void issue_forget(const struct cli *cli, const struct issue *issue, enum code why) {
    struct private_store *store;
    if (why == CODE_OK || why == CODE_LICENCE_EXISTS || code_http(why) >= 500) return; /* no answer, or a node in trouble: it may still be recorded */
    if (issue->claim != PRIVATE_NEW || private_beside_key(&store, cli, false) != EXIT_VALID || !store) return;
    enum err err = private_release(store, issue->key, issue->kept.seed);
    private_close(store);
    if (err != ERR_OK && err != ERR_ABSENT) (void)cli_fail(0, SAY("its private data could not be removed again: %s", "其私有数据无法清除：%s"), cli_err_text(err));
}

/* A licence that is there keeps its private data: they are never written over by a second attempt. */
static int check_free(const struct cli *cli, const struct issue *issue) {
    char hex[65], path[96];
    struct http_answer answer;
    hex_encode(hex, issue->key, 32);
    (void)snprintf(path, sizeof path, "/v1/licences/%s", hex);
    if (!http_call(&answer, cli, "GET", path, NULL, "application/json", bytes_of(NULL, 0))) return EXIT_ERROR;
    int done = EXIT_VALID;
    if (answer.status == 200) {
        json_t *json = json_loadb((const char *)answer.body, answer.len, 0, NULL);
        const char *word = json_string_value(json_object_get(json, "verdict"));
        if (word && strcmp(word, "unknown") != 0) {
            struct refusal refusal = refuse(CODE_LICENCE_EXISTS, NULL);
            done = cli_refused(&refusal);
            (void)cli_fail(0, SAY("choose another --serial, or leave it out", "请换一个 --serial，或不填"));
        }
        json_decref(json);
    } else if (answer.status != 404) {
        done = http_failed(cli, &answer);
    }
    http_answer_free(&answer);
    return done;
}

static int issue_post(struct posted *posted, const struct cli *cli, const struct issue *issue, const struct signer *signer, const struct ledger_view *view,
                const char *uscc) {
    struct record record = {.op = OP_ISSUE, .type_code = issue->kept.type_code, .element_count = issue->kept.field_count, .item_count = 1, .issue = &issue->item};
    char sub[65];
    for (uint32_t i = 0; i < issue->kept.field_count; i++) record.elements[i] = issue->kept.fields[i].code;
    hex_encode(sub, issue->key, 32);
    return statement_post(posted, cli, signer, view, uscc, &record, sub, false);
}

static json_t *warnings_json(const struct issue *issue) {
    enum code codes[3];
    json_t *list = json_array();
    const size_t count = said_warnings(&issue->said, codes);
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(list, json_string(code_name(codes[i])));
    return list;
}

static void issue_report(const struct cli *cli, const struct issue *issue, const struct posted *posted, const char *proof) {
    char hex[65], entry[48];
    hex_encode(hex, issue->key, 32);
    (void)snprintf(entry, sizeof entry, "%llu.%llu", (unsigned long long)posted->block, (unsigned long long)posted->index);
    if (cli->json)
        cli_print_json(json_pack("{s:s, s:s, s:s, s:o, s:o}", "identifier", issue->identifier, "key", hex, "entry", entry, "proof",
                                 proof ? cli_json_text(proof) : json_null(), "warnings", warnings_json(issue)));
    else
        printf(SAY("identifier: %s\nkey: %s\nentry: %s\n%s%s%s", "证照标识: %s\n证照键: %s\n条目: %s\n%s%s%s"), issue->identifier, hex, entry, proof ? SAY("proof: ", "证明: ") : "", proof ? text_shown(proof) : "", proof ? "\n" : "");
}

static int issue_run(const struct cli *cli, const struct options *options, struct issue *issue, const struct signer *signer, const struct ledger_view *view) {
    const char *type_code = option_get(options, "type"), *out = option_get(options, "out");
    struct ledger_member member;
    struct lookup lookup;
    const json_t *type = ledger_type(view, bytes_text(type_code));
    if (!type) return EXIT_ERROR;
    int done = issue_read(issue, options, type);
    if (done == EXIT_VALID) done = ledger_member_of(&member, cli, signer);
    if (done != EXIT_VALID) return done;
    done = ledger_lookup(&lookup, cli, view, type);
    if (done == EXIT_VALID) done = issue_build(issue, options, type, &lookup, member.uscc);
    bytes_wipe(lookup.secret, sizeof lookup.secret);
    if (done == EXIT_VALID) done = issue_seal(issue, cli);
    if (done == EXIT_VALID && option_get(options, "serial")) done = check_free(cli, issue);
    if (done == EXIT_VALID) done = issue_keep(cli, issue);
    if (done != EXIT_VALID) return done;
    struct posted posted;
    done = issue_post(&posted, cli, issue, signer, view, member.uscc);
    if (done != EXIT_VALID) issue_forget(cli, issue, posted.refusal.code);
    if (done != EXIT_VALID) return done;
    int proved = out ? proof_fetch(cli, NULL, issue->key, NULL, 0, out, OUTPUT_NEW) : EXIT_VALID;
    issue_report(cli, issue, &posted, proved == EXIT_VALID ? out : NULL);
    posted_free(&posted);
    if (proved != EXIT_VALID) (void)cli_fail(0, SAY("the licence IS issued; fetch its proof later with `licet proof %s -o %s`",
                                                    "证照已经签发；请稍后用 `licet proof %s -o %s` 取得证明"), issue->identifier, out);
    return proved;
}

int cmd_issue(struct cli *cli) {
    static struct options options;
    static struct issue issue;
    struct ledger_view view = {.types = NULL};
    struct signer *signer = NULL;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count) return cli_fail(EXIT_USAGE, SAY("`%s` is not expected; `licet issue --help` says what it takes",
                                                                  "不应有 `%s`；用法见 `licet issue --help`"), options.positional[0]);
    if (!option_get(&options, "type")) return cli_fail(EXIT_USAGE, SAY("--type is missing; `licet type list` shows the types",
                                                                       "缺少 --type；可用 `licet type list` 查看证照类型"));
    const char *out = option_get(&options, "out");
    int done = out ? output_check("--out", out, OUTPUT_NEW) : EXIT_VALID; /* before anything is signed */
    if (done == EXIT_VALID) done = cli_signer(&signer, cli);
    if (done == EXIT_VALID) done = anchor_ledger_found(&view, cli, &options);
    if (done == EXIT_VALID) done = issue_run(cli, &options, &issue, signer, &view);
    issue_free(&issue);
    ledger_view_free(&view);
    signer_free(signer);
    return done;
}
