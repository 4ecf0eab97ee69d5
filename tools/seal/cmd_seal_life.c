/* seal add, stop, resume, cancel, remake, transfer: what happens to an e-seal, put on the ledger. */
#include <inttypes.h>

#include "ledger/wire/text.h"
#include "tools/cli/file.h"
#include "tools/cli/key.h"
#include "tools/client/anchor.h"
#include "tools/client/change.h"
#include "tools/client/seal_id.h"
#include "tools/client/statement.h"
#include "tools/document/text_print.h"
#include "tools/seal/cmd_seal.h"
#include "tools/sealed/document_options.h"

struct life {
    enum op op;
    struct seal_item item;
    char id[SEAL_ID_MAX + 1], owner[USCC_LEN + 1], name[NAME_MAX_BYTES + 1], reason[REASON_MAX + 1], basis[BASIS_MAX + 1];
    uint8_t digest[32], maker[32], certs[SEAL_CERTS_MAX][32];
    char certified[USCC_LEN + 1]; /* the credit code that a listed certificate's O begins with; "" */
};

/* ---- the seal's own data ---- */

/* Production certificates write the owner's credit code before its name: O=11320500014150050B苏州市民政局. */
static void take_owner(struct life *life, struct bytes der) {
    struct cert_facts facts;
    struct cert *cert = life->certified[0] ? NULL : cert_read(der);
    if (!cert) return;
    cert_facts(&facts, cert);
    cert_free(cert);
    if (strlen(facts.subject_o) >= USCC_LEN && uscc_check(bytes_of(facts.subject_o, USCC_LEN))) (void)snprintf(life->certified, sizeof life->certified, "%.18s", facts.subject_o);
}

/* The digests of the signer certificates that the seal lists; a list of digests is not of SHA-256, so the certificates are asked for. */
static int take_certs(struct life *life, const struct ses_seal *seal, const struct options *options) {
    struct cert *cert;
    uint32_t count = 0;
    for (uint32_t i = 0; seal->list_kind == SES_CERTS && i < seal->list_count; i++) {
        if (count == SEAL_CERTS_MAX) return cli_fail(EXIT_USAGE, SAY("the seal lists more than %u certificates, which is more than the ledger takes",
                                                                     "印章列出的证书多于 %u 个，账本不能接受"), SEAL_CERTS_MAX);
        sha256(life->certs[count++], seal->list[i].data, seal->list[i].len);
        take_owner(life, seal->list[i]);
    }
    for (size_t i = 0; i < options->count; i++) {
        size_t len;
        if (strcmp(options->given[i].name, "cert") != 0) continue;
        if (count == SEAL_CERTS_MAX) return cli_fail(EXIT_USAGE, SAY("--cert: at most %u certificates in all",
                                                                     "--cert：证书总数至多 %u 个"), SEAL_CERTS_MAX);
        uint8_t *bytes = file_read(options->given[i].value, 65536, &len);
        if (!bytes) return EXIT_ERROR;
        cert = cert_read(bytes_of(bytes, len));
        if (cert) sha256(life->certs[count++], bytes, len);
        if (cert) take_owner(life, bytes_of(bytes, len));
        cert_free(cert);
        free(bytes);
        if (!cert) return cli_fail(EXIT_USAGE, SAY("--cert %s: is not a certificate in DER", "--cert %s：不是 DER 格式的证书"), options->given[i].value);
    }
    if (count == 0) return cli_fail(EXIT_USAGE, SAY("the seal lists digests instead of certificates: name its signer certificates with --cert FILE.der",
                                                    "印章列出的是证书杂凑值而非证书：请用 --cert 文件.der 指明签章者证书"));
    life->item.cert_count = count;
    for (uint32_t i = 0; i < count; i++) life->item.certs[i] = life->certs[i];
    return EXIT_VALID;
}

static int seal_life_take_seal(struct life *life, const struct ses_seal *seal, struct bytes der, const struct options *options) {
    const char *name = option_get(options, "name");
    size_t len = 0;
    if (seal->id.len == 0 || seal->id.len > SEAL_ID_MAX) return cli_fail(EXIT_USAGE, SAY("the seal's number (esID) is empty or longer than %u bytes",
                                                                                         "印章标识（esID）为空或超过 %u 字节"), SEAL_ID_MAX);
    memcpy(life->id, seal->id.data, seal->id.len);
    const enum code code = text_as_typed(life->name, NAME_MAX_BYTES, &len, name ? bytes_text(name) : seal->name);
    if (code != CODE_OK || len == 0) return cli_fail(EXIT_USAGE, SAY("the seal's name is no text that the ledger takes (%s): give one with --name",
                                                                     "印章名称不是账本可接受的文本（%s）：请用 --name 指定"), cli_code_text(code));
    life->name[len] = '\0';
    sha256(life->digest, der.data, der.len);
    sha256(life->maker, seal->maker_cert.data, seal->maker_cert.len);
    life->item.name = bytes_text(life->name);
    life->item.digest32 = life->digest;
    life->item.maker32 = life->maker;
    life->item.from_ms = seal->from_ms;
    life->item.to_ms = seal->to_ms;
    return take_certs(life, seal, options);
}

/* What fails a step is not registered; a period that has ended is said and left to whoever registers. */
static int seal_life_judge(const char *path, const struct step_list *steps) {
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        if (step->result == STEP_PASSED) continue;
        if (step->result == STEP_FAILED && !step_of_time(step->id))
            return cli_fail(EXIT_MISMATCH, SAY("%s is not registered: %s: %s", "%s 未备案：%s：%s"), path, cli_step_text(step->id), cli_reason_text(step->reason));
        (void)cli_fail(0, SAY("warning: %s: %s: %s", "警告：%s：%s：%s"), path, cli_step_text(step->id), cli_reason_text(step->reason));
    }
    return EXIT_VALID;
}

static int seal_life_read_seal(struct life *life, const char *path, const struct options *options) {
    struct step_list steps = {.count = 0};
    struct check_options check;
    struct trust *trust;
    struct ses_seal seal;
    size_t len;
    uint8_t *bytes = file_read(path, SES_SEAL_MAX, &len);
    if (!bytes) return EXIT_ERROR;
    int done = document_options(&check, &trust, options);
    if (done == EXIT_VALID) {
        seal_check(&steps, &seal, bytes_of(bytes, len), &check);
        done = seal_life_judge(path, &steps);
    }
    if (done == EXIT_VALID) done = seal_life_take_seal(life, &seal, bytes_of(bytes, len), options);
    trust_free(trust);
    free(bytes);
    return done;
}

/* ---- what was typed ---- */

static int seal_life_read_owner(struct life *life, const struct options *options, const char *otherwise) {
    const char *given = option_get(options, "owner");
    if (!given) given = otherwise;
    if (!given) return cli_fail(EXIT_USAGE, SAY("--owner is missing: the credit code of the department that gets the seal",
                                                "缺少 --owner：接收印章部门的统一社会信用代码"));
    if (!uscc_check(bytes_text(given))) return cli_fail(EXIT_USAGE, SAY("--owner %s: is not a unified social credit code",
                                                                        "--owner %s：不是统一社会信用代码"), given);
    (void)snprintf(life->owner, sizeof life->owner, "%s", given);
    life->item.owner = bytes_text(life->owner);
    return EXIT_VALID;
}

static int seal_life_read_kind(struct life *life, const struct options *options) {
    const char *given = option_get(options, "kind");
    if (given && (strlen(given) != 1 || given[0] < '1' || given[0] > '3'))
        return cli_fail(EXIT_USAGE, SAY("--kind %s: must be 1 (seal of the legal name), 2 (for a special purpose) or 3 (of a person)",
                                        "--kind %s：应为 1（法定名称章）、2（专用章）或 3（个人名章）"), given);
    life->item.kind = given ? (enum seal_kind)(given[0] - '0') : SEAL_KIND_SPECIAL;
    return EXIT_VALID;
}

static int seal_life_read_since(struct life *life, const struct options *options) {
    const char *given = option_get(options, "since");
    char *end = NULL;
    life->item.since = LOG_ENTRY_NONE;
    if (!given) return EXIT_VALID;
    if (given[0] >= '0' && given[0] <= '9' && strlen(given) <= 18) life->item.since = strtoull(given, &end, 10);
    if (end && *end == '\0') return EXIT_VALID;
    return cli_fail(EXIT_USAGE, SAY("--since %s: must be the number of a log entry, as `licet seal impact` shows them",
                                    "--since %s：应为日志条目号，见 `licet seal impact`"), given);
}

/* The present history count: what the change acts on, so that it cannot be played again. */
static int read_count(struct life *life, const struct cli *cli) {
    int done;
    json_t *json = seal_fetch(cli, life->id, "", &done);
    if (!json) return done;
    const json_t *count = json_object_get(json, "count");
    const bool there = json_is_integer(count);
    life->item.count = (uint64_t)json_integer_value(count);
    json_decref(json);
    return there ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("%s does not answer as a licet node does: check the address",
                                                         "%s 的应答不是 licet 节点的应答：请检查地址"), cli->node);
}

static int seal_life_read_change(struct life *life, const struct cli *cli, const struct options *options) {
    const struct operation *operation = operation_of(life->op);
    const bool again = operation->shape == SHAPE_SEAL_REMAKE;
    char old[SEAL_ID_MAX + 1];
    if (options->positional_count != (again ? 2u : 1u))
        return cli_fail(EXIT_USAGE, again ? SAY("name the seal and its new data: licet seal remake ESID NEW.esl", "请指明印章及其新数据：licet seal remake 印章标识 新印章.esl")
                                                    : SAY("name the seal: its esID", "请指明印章标识（esID）"));
    if (strlen(options->positional[0]) > SEAL_ID_MAX) return cli_fail(EXIT_USAGE, SAY("an esID has 1 to %u bytes",
                                                                                      "esID 应为 1 至 %u 字节"), SEAL_ID_MAX);
    (void)snprintf(old, sizeof old, "%s", options->positional[0]);
    int done = change_words(life->reason, REASON_MAX, options, "reason", operation_takes(operation, TAKES_WORDS));
    if (done == EXIT_VALID) done = change_words(life->basis, BASIS_MAX, options, "basis", operation_takes(operation, TAKES_WORDS));
    if (done == EXIT_VALID) done = seal_life_read_since(life, options);
    if (done == EXIT_VALID && operation->shape == SHAPE_SEAL_OWNER) done = seal_life_read_owner(life, options, NULL);
    if (done == EXIT_VALID && again) done = seal_life_read_seal(life, options->positional[1], options);
    if (done == EXIT_VALID && again && strcmp(life->id, old) != 0)
        return cli_fail(EXIT_USAGE, SAY("%s is of another seal (%s): a seal with a new number is registered with `licet seal add`",
                                        "%s 是另一枚印章（%s）：标识不同的印章请用 `licet seal add` 备案"), options->positional[1], life->id);
    (void)snprintf(life->id, sizeof life->id, "%s", old);
    if (done == EXIT_VALID) done = read_count(life, cli);
    life->item.reason = bytes_text(life->reason);
    life->item.basis = bytes_text(life->basis);
    return done;
}

static int read_new(struct life *life, const struct options *options, const char *own_uscc) {
    if (options->positional_count != 1) return cli_fail(EXIT_USAGE, SAY("name the seal's data: licet seal add SEAL.esl",
                                                                        "请指明印章数据：licet seal add 印章.esl"));
    int done = seal_life_read_kind(life, options);
    if (done == EXIT_VALID) done = seal_life_read_seal(life, options->positional[0], options);
    if (done == EXIT_VALID) done = seal_life_read_owner(life, options, life->certified[0] ? life->certified : own_uscc);
    if (done == EXIT_VALID && life->certified[0] && strcmp(life->certified, life->owner) != 0)
        (void)cli_fail(0, SAY("warning: the seal's own certificate names another owner (%s)", "警告：印章证书中的所有者不同（%s）"), life->certified);
    return done;
}

/* ---- on the ledger ---- */

static void seal_life_report(const struct cli *cli, const struct life *life, const struct posted *posted) {
    char id[48];
    (void)snprintf(id, sizeof id, "%" PRIu64 ".%" PRIu64, posted->block, posted->index);
    if (cli->json)
        cli_print_json(json_pack("{s:s, s:o, s:s, s:I}", "operation", op_name(life->op), "seal", cli_json_text(life->id), "entry", id, "index",
                                 (json_int_t)posted->entry));
    else
        printf(SAY("operation: %s\nseal: %s\nentry: %s (log entry %" PRIu64 ")\n", "操作: %s\n印章: %s\n条目: %s（日志条目 %" PRIu64 "）\n"), cli_operation_text(op_name(life->op)), text_shown(life->id), id, posted->entry);
}

static int seal_life_post(struct life *life, const struct cli *cli, const struct signer *signer, const struct ledger_view *view, const char *uscc) {
    const struct record record = {.op = life->op, .item_count = 1, .seal = &life->item};
    struct posted posted;
    char sub[JOB_ID_LEN + 1];
    change_job(sub);
    life->item.seal_id = bytes_text(life->id);
    const int done = statement_post(&posted, cli, signer, view, uscc, &record, sub, false);
    if (done == EXIT_VALID) seal_life_report(cli, life, &posted);
    posted_free(&posted);
    return done;
}

static int live(struct cli *cli, enum op op, const struct option_spec *specs, size_t spec_count) {
    static struct options options;
    static struct life life;
    struct ledger_view view = {.types = NULL};
    struct signer *signer = NULL;
    struct ledger_member member;
    if (!cli_options(&options, cli, specs, spec_count)) return EXIT_USAGE;
    life = (struct life){.op = op, .item = {.since = LOG_ENTRY_NONE}};
    int done = cli_signer(&signer, cli);
    if (done == EXIT_VALID) done = anchor_ledger_found(&view, cli, &options);
    if (done == EXIT_VALID) done = ledger_member_of(&member, cli, signer);
    if (done == EXIT_VALID) done = op == OP_SEAL_REGISTER ? read_new(&life, &options, member.uscc) : seal_life_read_change(&life, cli, &options);
    if (done == EXIT_VALID) done = seal_life_post(&life, cli, signer, &view, member.uscc);
    ledger_view_free(&view);
    signer_free(signer);
    return done;
}

#define WHY {"reason", OPTION_TEXT, "why; public text, no personal data in it", "原因；公开文字，不得含个人信息"}, {"basis", OPTION_TEXT, "the legal basis; public text", "法律依据；公开文字"}, ANCHOR_TRUST_SPEC
#define SINCE {"since", OPTION_TEXT, "the log entry from which on what was sealed is suspect (this one)", "自哪一日志条目起加盖的视为存疑（默认为本条目）"}
#define DATA {"cert", OPTION_FILE, "a signer certificate (DER) that the seal does not list itself; may be repeated", "印章自身未列出的签章者证书（DER）；可重复"}, \
             {"name", OPTION_TEXT, "its name on the ledger (the one in the seal)", "在账本上的名称（默认为印章中的名称）"}, TRUST_OPTION_SPEC
#define COUNT(specs) (sizeof specs / sizeof *specs)

int cmd_seal_add(struct cli *cli) {
    static const struct option_spec specs[] = {{"owner", OPTION_TEXT, "credit code of the department that the seal belongs to (as its certificate says, else your own)", "印章所属部门的统一社会信用代码（默认以印章证书为准，否则为本部门）"},
                                               {"kind", OPTION_TEXT, "1 seal of the legal name, 2 for a special purpose (usual), 3 of a person", "1 法定名称章，2 专用章（默认），3 个人名章"}, ANCHOR_TRUST_SPEC, DATA};
    return live(cli, OP_SEAL_REGISTER, specs, COUNT(specs));
}

int cmd_seal_stop(struct cli *cli) {
    static const struct option_spec specs[] = {WHY, SINCE};
    return live(cli, OP_SEAL_STOP, specs, COUNT(specs));
}

int cmd_seal_resume(struct cli *cli) {
    static const struct option_spec specs[] = {WHY};
    return live(cli, OP_SEAL_RESUME, specs, COUNT(specs));
}

int cmd_seal_cancel(struct cli *cli) {
    static const struct option_spec specs[] = {WHY, SINCE};
    return live(cli, OP_SEAL_CANCEL, specs, COUNT(specs));
}

int cmd_seal_remake(struct cli *cli) {
    static const struct option_spec specs[] = {WHY, {"since", OPTION_TEXT, "the log entry from which on what was sealed before is suspect (nothing is)", "自哪一日志条目起，此前加盖的视为存疑（默认没有）"}, DATA};
    return live(cli, OP_SEAL_REMAKE, specs, COUNT(specs));
}

int cmd_seal_transfer(struct cli *cli) {
    static const struct option_spec specs[] = {WHY, {"owner", OPTION_TEXT, "credit code of the department that gets the seal", "接收印章部门的统一社会信用代码"}};
    return live(cli, OP_SEAL_TRANSFER, specs, COUNT(specs));
}
