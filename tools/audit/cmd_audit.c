/* replay, export, fsck: thin over ledger/chain, on a node's data or an archive, beside a running node or without any. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "ledger/chain/fsck.h"
#include "ledger/chain/replay.h"
#include "ledger/kv/kv_lmdb.h"
#include "ledger/wire/archive.h"
#include "tools/audit/commands.h"
#include "tools/audit/fsck_private.h"
#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/input_file.h"
#include "tools/cli/output_file.h"
#include "tools/cli/progress.h"
#include "tools/document/text_print.h"

static bool is_dir(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* DIR is a node's folder, or its data folder itself. */
static int open_data(struct kv **kv, const char *dir) {
    char data[PATH_MAX];
    int len = snprintf(data, sizeof data, "%s/data", dir);
    if (len < 0 || (size_t)len >= sizeof data) return cli_fail(EXIT_USAGE, SAY("%s: the name is too long", "%s：名称过长"), dir);
    const char *path = is_dir(data) ? data : dir;
    struct kv_lmdb_options options = {.read_only = true};
    long owner = 0;
    enum err err = kv_lmdb_open(kv, path, &options, &owner);
    if (err == ERR_OK) return EXIT_VALID;
    if (err == ERR_ABSENT) return cli_fail(EXIT_ERROR, SAY("%s holds no ledger: name a node's folder; one that never ran (`licetd DIR`) has no data yet",
                                                           "%s 中没有账本：请指明节点目录；从未启动（`licetd 目录`）的节点尚无数据"), dir);
    if (err == ERR_CORRUPT)
        return cli_fail(EXIT_INTEGRITY, SAY("%s/data.mdb is damaged or cut short, so that it cannot be followed from page to page: keep it, and put a sound copy into another folder",
                                            "%s/data.mdb 已损坏或被截断，无法逐页读取：请保留它，并将完好的副本放到另一目录"), path);
    return cli_fail(err_exit(err), SAY("%s: %s", "%s：%s"), path, cli_err_text(err));
}

static bool audit_read_number(const char *text, uint64_t max, uint64_t *out) {
    char *end;
    if (text[0] < '0' || text[0] > '9') return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *out <= max;
}

/* ---- replay ---- */

static const struct option_spec replay_specs[] = {
    {"trust", OPTION_FILE, "the genesis.cbor to compare with, got from somebody you trust", "用于比对的 genesis.cbor，应取自可信的一方"},
    {"jobs", OPTION_TEXT, "threads that check signatures (as many as processors)", "验签线程数（默认与处理器数相同）"},
    {"until", OPTION_TEXT, "the last block to replay", "重放到哪一区块为止"},
};

static int read_replay(struct replay_options *out, uint8_t genesis32[32], const struct options *options) {
    const char *jobs = option_get(options, "jobs"), *until = option_get(options, "until"), *trust = option_get(options, "trust");
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t number = processors > 0 && processors <= 256 ? (uint64_t)processors : 1;
    *out = (struct replay_options){.until = UINT64_MAX, .progress = progress_show};
    if (jobs && (!audit_read_number(jobs, 256, &number) || number == 0)) return cli_fail(EXIT_USAGE, SAY("--jobs %s: must be 1 to 256",
                                                                                                   "--jobs %s：应为 1 至 256"), jobs);
    out->jobs = (unsigned)number;
    if (until && !audit_read_number(until, UINT64_MAX - 1, &out->until)) return cli_fail(EXIT_USAGE, SAY("--until %s: must be the number of a block",
                                                                                                   "--until %s：应为区块号"), until);
    if (!trust) return EXIT_VALID;
    size_t len;
    int done = EXIT_VALID;
    uint8_t *bytes = option_file_read("--trust", trust, GENESIS_BYTES_MAX, &len, &done);
    struct genesis *genesis = bytes ? malloc(sizeof *genesis) : NULL;
    if (bytes && !genesis) done = cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    if (genesis && genesis_decode(genesis, bytes_of(bytes, len)).code != CODE_OK)
        done = cli_fail(EXIT_TRUST_OPTION, SAY("--trust %s: is no genesis document: name the ledger's genesis.cbor, got from somebody you trust",
                                        "--trust %s：不是创世文件：应为取自可信方的账本 genesis.cbor"), trust);
    if (bytes) sha256(genesis32, bytes, len);
    free(genesis);
    free(bytes);
    if (done != EXIT_VALID) return done;
    out->trust_genesis = genesis32;
    return EXIT_VALID;
}

static int replay_report(const struct cli *cli, const struct replay_result *result, const struct replay_options *options) {
    char head[65], genesis[65], shown[FINDING_SHOWN];
    hex_encode(head, result->head, 32);
    hex_encode(genesis, result->genesis, 32);
    if (cli->json) {
        json_t *json = json_pack("{s:I, s:s, s:I, s:b, s:s}", "height", (json_int_t)result->height, "head", head, "entries", (json_int_t)result->entries, "ok",
                                 result->ok, "genesis", genesis);
        if (!result->ok) {
            json_object_set_new(json, "failed_at", json_integer((json_int_t)result->failed_at));
            json_object_set_new(json, "reason", cli_json_text(result->reason));
        }
        cli_print_json(json);
    } else {
        printf(SAY("height: %" PRIu64 "\nhead: %s\nentries: %" PRIu64 "\ngenesis: %s (%s)\nok: %s\n", "高度: %" PRIu64 "\n最新区块: %s\n条目数: %" PRIu64 "\n创世杂凑值: %s（%s）\n无误: %s\n"),
               result->height, head, result->entries, genesis,
               options->trust_genesis ? SAY("compared", "已比对") : SAY("not compared with anything; give --trust", "未比对；请给出 --trust"), result->ok ? SAY("yes", "是") : SAY("no", "否"));
        if (!result->ok) printf(SAY("failed_at: %" PRIu64 "\nreason: %s\n", "出错区块: %" PRIu64 "\n原因: %s\n"), result->failed_at, text_shown(finding_text(shown, result->reason)));
    }
    if (result->ok) return EXIT_VALID;
    return cli_fail(EXIT_INTEGRITY, SAY("the first difference is at block %" PRIu64 ": %s", "第一处差异在区块 %" PRIu64 "：%s"), result->failed_at, finding_text(shown, result->reason));
}

static int replay_source(const struct cli *cli, struct replay_source *source, const struct replay_options *options) {
    struct replay_result result = {.ok = false};
    enum err err = replay_run(&result, source, options);
    progress_end();
    replay_source_close(source);
    if (err == ERR_OK) return replay_report(cli, &result, options);
    return cli_fail(err_exit(err), SAY("the replay was stopped after block %" PRIu64 ": %s; this says nothing about the ledger",
                                       "重放在区块 %" PRIu64 " 之后中止：%s；这不说明账本有误"), result.height, cli_err_text(err));
}

static int replay_dir(const struct cli *cli, const char *dir, const struct replay_options *options) {
    struct kv *kv;
    struct replay_source source;
    int done = open_data(&kv, dir);
    if (done != EXIT_VALID) return done;
    enum err err = replay_from_kv(&source, kv);
    done = err == ERR_OK ? replay_source(cli, &source, options) : cli_fail(err_exit(err), SAY("%s: %s", "%s：%s"), dir, cli_err_text(err));
    kv_close(kv);
    return done;
}

/* Of a plain file the beginning tells; what comes through a pipe is told by the reader. */
static bool could_be_archive(FILE *file) {
    uint8_t head[4] = {0};
    struct stat info;
    const int fd = fileno(file); /* a pipe's stream has none */
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return true;
    const bool is = fread(head, 1, sizeof head, file) == sizeof head && memcmp(head, ARCHIVE_MAGIC, sizeof head) == 0;
    rewind(file);
    return is;
}

static int replay_archive(const struct cli *cli, const char *path, const struct replay_options *options) {
    struct replay_source source;
    FILE *file = input_stream(path);
    if (!file) return EXIT_ERROR;
    if (!could_be_archive(file)) {
        (void)fclose(file);
        return cli_fail(EXIT_USAGE, SAY("%s is neither a node's folder nor an archive of one: name the folder that `licet init` made, or what `licet export DIR -o A.larc` wrote",
                                        "%s 既不是节点目录，也不是账本归档：应为 `licet init` 建立的目录，或 `licet export 目录 -o 归档.larc` 写成的文件"), path);
    }
    enum err err = replay_from_archive(&source, file);
    int done = err == ERR_OK ? replay_source(cli, &source, options) : cli_fail(err_exit(err), SAY("%s: %s", "%s：%s"), path, cli_err_text(err));
    (void)fclose(file);
    return done;
}

int cmd_replay(struct cli *cli) {
    static struct options options;
    struct replay_options asked;
    uint8_t genesis[32];
    if (!cli_options(&options, cli, replay_specs, sizeof replay_specs / sizeof *replay_specs)) return EXIT_USAGE;
    if (options.positional_count != 1) return cli_fail(EXIT_USAGE, SAY("name what to replay: licet replay DIR (a node's folder) or ARCHIVE (.larc)",
                                                                       "请指明要重放的内容：licet replay 节点目录 或 归档文件（.larc）"));
    int done = read_replay(&asked, genesis, &options);
    if (done != EXIT_VALID) return done;
    const char *what = options.positional[0];
    if (strncmp(what, "http://", 7) == 0) return cli_fail(EXIT_USAGE, SAY("%s: replay reads a folder or an archive: have the node's operator make one with `licet export DIR -o A.larc`",
                                                                          "%s：只能重放节点目录或归档文件，请节点运维人员用 `licet export 目录 -o 归档.larc` 导出"), what);
    return is_dir(what) ? replay_dir(cli, what, &asked) : replay_archive(cli, what, &asked);
}

/* ---- export ---- */

static const struct option_spec export_specs[] = {{"out", OPTION_FILE, "the archive to write, usually NAME.larc; -o for short", "要写入的归档文件，通常为 名称.larc；可简写为 -o"}, FORCE_OPTION_SPEC};

static int export_file(struct kv *kv, struct output_file *out) {
    enum err err = export_archive(kv, out->file, progress_show, NULL);
    progress_end();
    if (err == ERR_OK) return output_finish(out);
    const bool io = ferror(out->file) != 0;
    output_drop(out);
    if (io) return cli_fail(EXIT_ERROR, SAY("%s cannot be written: is the disk full?", "%s 无法写入：磁盘是否已满？"), out->path);
    return cli_fail(err_exit(err), SAY("the ledger cannot be exported: %s%s", "账本无法导出：%s%s"), cli_err_text(err), err == ERR_CORRUPT ? SAY("; run `licet fsck`", "；请运行 `licet fsck`") : "");
}

int cmd_export(struct cli *cli) {
    static struct options options;
    struct kv *kv;
    if (!cli_options(&options, cli, export_specs, sizeof export_specs / sizeof *export_specs)) return EXIT_USAGE;
    const char *out = option_get(&options, "out");
    if (options.positional_count != 1 || !out) return cli_fail(EXIT_USAGE, SAY("licet export DIR -o A.larc: a node's folder, and the archive to write", "用法：licet export 节点目录 -o 归档.larc"));
    struct output_file file;
    int done = output_check("--out", out, output_over(&options));
    if (done == EXIT_VALID) done = open_data(&kv, options.positional[0]);
    if (done != EXIT_VALID) return done;
    done = output_open(&file, "--out", out, output_over(&options));
    if (done == EXIT_VALID) done = export_file(kv, &file);
    kv_close(kv);
    if (done != EXIT_VALID) return done;
    if (cli->json) cli_print_json(json_pack("{s:o}", "archive", cli_json_text(out)));
    else printf(SAY("archive: %s\n", "归档: %s\n"), text_shown(out));
    return EXIT_VALID;
}

/* ---- fsck ---- */

static void fsck_print(const struct cli *cli, const struct fsck_report *report, const struct private_check *private, bool ok) {
    const char *first = report->first[0] ? report->first : private->first;
    if (cli->json) {
        json_t *json = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}", "ok", ok, "blocks", (json_int_t)report->blocks, "entries", (json_int_t)report->entries,
                                 "objects", (json_int_t)report->objects, "links", (json_int_t)report->links, "tiles", (json_int_t)report->tiles, "faults",
                                 (json_int_t)report->faults, "replayed", 0, "first", ok ? json_null() : cli_json_text(first));
        if (private->looked)
            json_object_set_new(json, "private", json_pack("{s:I, s:I, s:I}", "held", (json_int_t)private->held, "opened", (json_int_t)private->opened, "unopened",
                                                           (json_int_t)private->unopened));
        cli_print_json(json);
        return;
    }
    printf(SAY("blocks: %" PRIu64 "\nentries: %" PRIu64 "\nobjects: %" PRIu64 "\nlinks: %" PRIu64 "\ntiles: %" PRIu64 "\nfaults: %" PRIu64 "\n",
               "区块: %" PRIu64 "\n条目: %" PRIu64 "\n对象: %" PRIu64 "\n链接: %" PRIu64 "\n日志块: %" PRIu64 "\n错误: %" PRIu64 "\n"), report->blocks,
           report->entries, report->objects, report->links, report->tiles, report->faults);
    if (private->looked)
        printf(SAY("private: %" PRIu64 " held, %" PRIu64 " open licences of the ledger, %" PRIu64 " do not\n",
                   "私有数据: 共 %" PRIu64 "，可打开账本证照的 %" PRIu64 "，不能打开的 %" PRIu64 "\n"), private->held, private->opened, private->unopened);
    (void)puts(SAY("not checked: that the state follows from the statements; `licet replay` does that", "未检查: 状态是否由各项声明得出；请用 `licet replay` 检查"));
}

int cmd_fsck(struct cli *cli) {
    static struct options options;
    struct fsck_report report = {.faults = 0};
    struct private_check private = {.looked = false};
    char shown[FINDING_SHOWN];
    struct kv *kv;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
    if (options.positional_count != 1) return cli_fail(EXIT_USAGE, SAY("name a node's folder: licet fsck DIR",
                                                                       "请指明节点目录：licet fsck 目录"));
    const char *dir = options.positional[0];
    int done = open_data(&kv, dir);
    if (done != EXIT_VALID) return done;
    enum err err = fsck_run(&report, kv, progress_show, NULL), kept = ERR_OK;
    if (err == ERR_OK || err == ERR_CORRUPT) kept = private_check_run(&private, kv, dir);
    progress_end();
    kv_close(kv);
    if (err != ERR_OK && err != ERR_CORRUPT) return cli_fail(err_exit(err), SAY("%s: %s", "%s：%s"), dir, cli_err_text(err));
    bool sound = err == ERR_OK && report.faults == 0;
    fsck_print(cli, &report, &private, sound && kept == ERR_OK && private.unopened == 0);
    if (!sound) return cli_fail(EXIT_INTEGRITY, SAY("%s: %s; " DAMAGE_WAY_OUT, "%s：%s；" DAMAGE_WAY_OUT_ZH), dir, report.first[0] ? finding_text(shown, report.first) : cli_err_text(err));
    if (kept != ERR_OK) return cli_fail(err_exit(kept), SAY("%s/private: %s; the ledger itself is sound: put a backup of private/ in its place",
                                                            "%s/private：%s；账本本身完好，请用 private/ 的备份替换"), dir, cli_err_text(kept));
    if (private.unopened == 0) return EXIT_VALID;
    return cli_fail(EXIT_INTEGRITY, SAY("%s/private: %s that cannot be opened, so no element of theirs can be disclosed: %s; the ledger itself is sound: put a backup "
                    "of private/ in its place",
                                        "%s/private：有 %s无法打开，其字段不能披露：%s；账本本身完好，请用 private/ 的备份替换"), dir, cli_count(private.unopened, "licence", "licences", "份证照"), finding_text(shown, private.first));
}
