#include <fcntl.h>
#include <unistd.h>

#include "ledger/wire/ident.h"
#include "tools/cli/file.h"
#include "tools/cli/input_file.h"
#include "tools/cli/json_out.h"
#include "tools/cli/moment.h"
#include "tools/client/beside_key.h"
#include "tools/client/licence_id.h"
#include "tools/client/proof_fetch.h"
#include "tools/document/text_print.h"
#include "tools/sealed/document_options.h"
#include "tools/verify/commands.h"
#include "tools/verify/query_fields.h"
#include "tools/verify/verify_file.h"
#include "tools/verify/verify_offline.h"

static const struct option_spec specs[] = {
    {"id", OPTION_TEXT, "a licence identifier, or a licence key in hex", "证照标识，或十六进制的证照键"},
    {"fields", OPTION_TEXT, FIELDS_HELP ", as on the licence; " FIELDS_NEEDED, FIELDS_HELP_ZH "，与证照所载一致；" FIELDS_NEEDED_ZH},
    {"offline", OPTION_FILE, "a proof file P.licet, checked on this machine alone; a FILE shown with it is compared", "证明文件（.licet），只在本机核验；同时给出的文件与之比对"},
    ANCHOR_OPTION_SPECS,
    TRUST_OPTION_SPEC,
    {"explain", OPTION_FLAG, "a sealed document: every step that was checked", "用于已签章文件：显示检查的每一步"},
};

/* ---- asking a node ---- */

/* Where the look-up secret is here, the key is made here and the identifier does not leave; else the node makes it. */
static int add_id(json_t *query, const struct cli *cli, const char *text) {
    struct licence_id id;
    struct identifier parts;
    if (!licence_id_parse(&id, text)) return cli_fail(EXIT_USAGE, SAY("--id %s is neither a licence identifier (" IDENTIFIER_ROOT "...) nor a licence key of 64 hex digits",
                                                                      "--id %s 既不是证照标识（" IDENTIFIER_ROOT "……），也不是 64 位十六进制的证照键"), text);
    const bool identifier = id.identifier[0] && identifier_parse(&parts, bytes_text(id.identifier)) == CODE_OK;
    const bool here = identifier && ledger_holds_secret(cli, parts.type);
    if (identifier && !here) identifier_doubt(id.identifier); /* licence_id_read says it too */
    if (here) {
        struct ledger_view view;
        int done = ledger_view_load(&view, cli);
        if (done == EXIT_VALID) done = licence_id_read(&id, cli, &view, text);
        ledger_view_free(&view);
        if (done != EXIT_VALID) return done;
    }
    if (id.hex[0]) json_object_set_new(query, "key", json_string(id.hex));
    else json_object_set_new(query, "identifier", json_string(id.identifier));
    return EXIT_VALID;
}

/* What goes with every file: --id and --fields: all that is given must agree. */
static int make_base(json_t *base, const struct cli *cli, const struct options *options) {
    const char *id = option_get(options, "id");
    json_t *fields = NULL;
    int done = option_get(options, "fields") ? query_fields_read(&fields, options) : EXIT_VALID;
    if (done == EXIT_VALID && fields) json_object_set(base, "fields", fields);
    if (done == EXIT_VALID && id) done = add_id(base, cli, id);
    json_decref(fields);
    return done;
}

/* The identifier that the asker sent is theirs to see, also where only its key went to the node. */
static void show_identifier(json_t *verdict, const char *id) {
    struct licence_id parsed;
    json_t *licence = json_object_get(verdict, "licence");
    if (id && json_is_object(licence) && json_is_null(json_object_get(licence, "identifier")) && licence_id_parse(&parsed, id) && parsed.identifier[0])
        json_object_set_new(licence, "identifier", json_string(parsed.identifier));
}

/* The first that is not valid decides. */
static int verify_report(const struct cli *cli, const json_t *verdicts, const struct shown *shown, size_t count, bool explain) {
    int done = EXIT_VALID;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        if (!cli->json && count > 1) printf("%s%s\n", i ? "\n" : "", text_shown(shown[i].path));
        if (shown[i].missed) {
            if (done == EXIT_VALID) done = shown[i].missed;
            if (!cli->json) (void)puts(SAY("not looked at: the message says why", "未能检查：原因见提示"));
            json_array_append(list, shown[i].error);
            continue;
        }
        json_t *verdict = shown_verdict(&shown[i], verdicts);
        int one = shown_exit(&shown[i], verdict);
        if (done == EXIT_VALID) done = one;
        if (!cli->json) shown_print(&shown[i], verdict, explain);
        json_array_append_new(list, verdict);
    }
    if (cli->json) cli_print_json(json_incref(count == 1 ? json_array_get(list, 0) : list));
    json_decref(list);
    return done;
}

/* A proof is named where a document was meant. */
static int no_proof(const char *path) {
    uint8_t head[2] = {0};
    size_t len = 0;
    const char *place = input_again(path);
    const int fd = place ? open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
    if (!place) return EXIT_ERROR;
    const bool could_be = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head && head[0] == 0x8b && head[1] == 0x01;
    if (fd >= 0) (void)close(fd);
    if (!could_be) return EXIT_VALID;
    struct proof *proof = malloc(sizeof *proof);
    uint8_t *bytes = file_read(path, PROOF_BYTES_MAX, &len);
    const bool is = proof && bytes && proof_decode(proof, bytes_of(bytes, len)).code == CODE_OK;
    free(proof);
    free(bytes);
    return is ? cli_fail(EXIT_USAGE, SAY("%s is a proof, and no document: licet verify --offline %s [FILE] --trust genesis.cbor",
                                         "%s 是证明而非证照文件：licet verify --offline %s [文件] --trust genesis.cbor"), path, path) : EXIT_VALID;
}

/* One of several that cannot be looked at is told in its place, and does not hide what is found of the others. */
static int verify_look(struct shown *shown, const char *path, const struct check_options *check, json_t *queries, const json_t *base, bool several) {
    int done = no_proof(path);
    if (done == EXIT_VALID) done = shown_ask(shown, path, check, queries, base);
    if (done == EXIT_VALID || !several) return done;
    shown->path = path;
    shown->missed = done;
    if (cli_error_on()) shown->error = cli_error_take(done);
    return EXIT_VALID;
}

static int ask_about(const struct cli *cli, const struct options *options, const char *const *files, size_t file_count, struct shown *shown) {
    json_t *queries = json_array(), *base = json_object(), *verdicts = json_array();
    struct check_options check;
    struct trust *trust;
    struct anchor anchor;
    int done = anchor_find(&anchor, cli, options), asked = EXIT_VALID;
    trust = NULL;
    if (done == EXIT_VALID) done = document_options(&check, &trust, options);
    if (done == EXIT_VALID) done = make_base(base, cli, options);
    if (done == EXIT_VALID && file_count == 0) {
        shown[0].count = 1;
        json_array_append(queries, base);
    }
    for (size_t i = 0; i < file_count && done == EXIT_VALID; i++) done = verify_look(&shown[i], files[i], &check, queries, base, file_count > 1);
    if (done == EXIT_VALID && json_array_size(queries) > 0) asked = queries_ask(verdicts, cli, &anchor, queries);
    if (file_count == 0 || asked == EXIT_USAGE) done = done == EXIT_VALID ? asked : done; /* nothing was found here that a silent node could hide */
    for (size_t i = 0; i < json_array_size(verdicts); i++) show_identifier(json_array_get(verdicts, i), option_get(options, "id"));
    for (size_t i = 0; i < file_count && done == EXIT_VALID && asked == EXIT_VALID; i++)
        if (!shown[i].missed) done = shown_known(&shown[i], cli, &anchor, &check, verdicts);
    if (done == EXIT_VALID) {
        done = verify_report(cli, verdicts, shown, file_count ? file_count : 1, option_get(options, "explain") != NULL);
        bool fails = false;
        for (size_t i = 0; i < file_count; i++) fails = fails || shown[i].missed || shown_fails(&shown[i]);
        if (asked != EXIT_VALID && !fails) done = asked; /* the node is what is wrong: a document of which nothing bad is known does not end as a mismatch */
    }
    trust_free(trust);
    anchor_free(&anchor);
    json_decref(queries);
    json_decref(base);
    json_decref(verdicts);
    return done;
}

static int ask_node(const struct cli *cli, const struct options *options) {
    static const char *files[POSITIONAL_MAX];
    size_t file_count = 0;
    for (size_t i = 0; i < options->positional_count; i++)
        if (!option_get(options, "fields") || !query_field_is(options->positional[i])) files[file_count++] = options->positional[i];
    if (file_count == 0 && !option_get(options, "id") && !option_get(options, "fields"))
        return cli_fail(EXIT_USAGE, SAY("nothing to verify: name a FILE, --id ID, --fields type=T number=Z, or --offline P.licet",
                                        "没有要核验的内容：请给出文件、--id 证照标识、--fields type=类型代码 number=证照编号，或 --offline 证明.licet"));
    if (file_count > QUERIES_MAX) return cli_fail(EXIT_USAGE, SAY("at most %u files at once", "一次至多 %u 个文件"), QUERIES_MAX);
    struct shown *shown = calloc(file_count + 1, sizeof *shown);
    if (!shown) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    int done = ask_about(cli, options, files, file_count, shown);
    for (size_t i = 0; i < file_count; i++) shown_free(&shown[i]);
    free(shown);
    return done;
}

/* ---- with a proof, and no node ---- */

static int verify_look_at(struct shown *shown, const struct options *options) {
    struct check_options check;
    struct trust *trust;
    if (!shown->path) return EXIT_VALID;
    int done = document_options(&check, &trust, options);
    if (done == EXIT_VALID) done = sealed_look(&shown->report, shown->path, &check);
    trust_free(trust);
    return done;
}

/* A proof that is too old for what it says ends 21, unless the document by itself is worse. */
static int report_proof(const struct cli *cli, struct shown *shown, const json_t *said, bool explain) {
    const char *code;
    json_t *value;
    shown->count = json_array_size(said);
    json_t *verdict = shown_verdict(shown, said);
    const int done = shown_exit(shown, verdict);
    if (cli->json) cli_print_json(json_incref(verdict));
    else shown_print(shown, verdict, explain);
    if (!cli->json)
        json_object_foreach(json_object_get(verdict, "disclosed"), code, value) printf("%s: %s\n", text_shown(code), text_shown(json_string_value(value)));
    json_decref(verdict);
    return done;
}

static int ask_proof(const struct cli *cli, const struct options *options) {
    const char *age = option_get(options, "max-age");
    struct offline asked = {.proof = option_get(options, "offline"), .trust_by = "--trust", .trust = option_get(options, "trust"), .pin = option_get(options, "pin"),
                            .id = option_get(options, "id"), .max_age_ms = -1, .now_ms = time_now_ms()};
    if (!asked.trust && getenv("LICET_TRUST")) {
        asked.trust = getenv("LICET_TRUST");
        asked.trust_by = "$LICET_TRUST";
    }
    if (!asked.trust)
        return cli_fail(EXIT_TRUST_OPTION, SAY("--offline needs --trust genesis.cbor (or $LICET_TRUST): the genesis document of the ledger, got from somebody you trust and not from the holder of the proof",
                                        "--offline 需要 --trust genesis.cbor（或 $LICET_TRUST）：账本的创世文件，应取自可信的一方，而非出示证明的人"));
    if (option_get(options, "fields")) return cli_fail(EXIT_USAGE, SAY("--fields needs a node; with --offline, give the FILE or --id",
                                                                       "--fields 需要查询节点；与 --offline 同用时请给出文件或 --id"));
    if (options->positional_count > 1) return cli_fail(EXIT_USAGE, SAY("--offline takes one FILE at most",
                                                                       "--offline 至多对应一个文件"));
    if (age && !age_parse(&asked.max_age_ms, age)) return cli_fail(EXIT_TRUST_OPTION, SAY("--max-age %s: must be a number with s, m, h or d, such as 24h",
                                                                                   "--max-age %s：应为数字加 s、m、h 或 d，例如 24h"), age);
    enum document_format format = FORMAT_OTHER;
    const char *place = input_again(asked.proof);
    if (!place) return EXIT_ERROR;
    if (document_format(&format, place) && format != FORMAT_OTHER)
        return cli_fail(EXIT_USAGE, SAY("%s is a document, and no proof: licet verify --offline P.licet %s --trust genesis.cbor",
                                        "%s 是证照文件而非证明：licet verify --offline 证明.licet %s --trust genesis.cbor"), asked.proof, asked.proof);
    if (option_get(options, "trust-dir") && options->positional_count == 0)
        return cli_fail(EXIT_TRUST_OPTION, SAY("--trust-dir is about the seals in a document, and none is shown: name the FILE, or leave --trust-dir out",
                                        "--trust-dir 用于检查文件中的印章，但没有给出文件：请给出文件，或去掉 --trust-dir"));
    struct shown shown = {.path = options->positional_count ? options->positional[0] : NULL};
    int done = verify_look_at(&shown, options);
    if (shown.path) asked.report = &shown.report;
    json_t *said = json_array();
    if (done == EXIT_VALID) done = verify_offline(said, &asked);
    if (done == EXIT_VALID) done = report_proof(cli, &shown, said, option_get(options, "explain") != NULL);
    json_decref(said);
    shown_free(&shown);
    return done;
}


int cmd_verify(struct cli *cli) {
    static struct options options;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (option_get(&options, "offline")) return ask_proof(cli, &options);
    return ask_node(cli, &options);
}
