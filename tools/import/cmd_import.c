/* licet import: existing stock onto the ledger. Reading and checking happen here, in the order of the file; sending on several threads. */
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <sys/stat.h>

#include "ledger/wire/text.h"
#include "tools/cli/input_file.h"
#include "tools/cli/interrupt.h"
#include "tools/cli/key.h"
#include "tools/cli/moment.h"
#include "tools/cli/progress.h"
#include "tools/client/anchor.h"
#include "tools/client/beside_key.h"
#include "tools/document/ofd_xml.h"
#include "tools/import/batch.h"
#include "tools/import/commands.h"
#include "tools/import/heading.h"
#include "tools/import/seen.h"
#include "tools/import/stock.h"
#include "tools/import/table.h"
#include "tools/sealed/document_options.h"

#define WORKERS 8u
#define UNITS (WORKERS + 2u) /* one being filled, one waiting, the rest under way */

static const struct option_spec specs[] = {
    {"type", OPTION_TEXT, "code of the licence type; `licet type list` shows them", "证照类型代码；可用 `licet type list` 查看"},
    {"report", OPTION_FILE, "where the report goes (FILE.csv.report.json); refused rows go to R.refused.csv beside it", "报告写到何处（默认为 文件.csv.report.json）；被拒收的行写在其旁边的 .refused.csv"},
    {"force", OPTION_FLAG, "write over the report of an earlier run", "覆盖以前的报告"},
    {"encoding", OPTION_TEXT, "utf-8 or gb18030 (recognised; UTF-16 by its mark)", "utf-8 或 gb18030（默认自动识别；UTF-16 按其标记识别）"},
    TRUST_OPTION_SPEC,
    ANCHOR_TRUST_SPEC,
};

/* Units go round: filled here, sent by the workers, and reported here again in the same order. */
struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct import_unit units[UNITS];
    uint64_t filled, taken, reported; /* how many so far; the unit of n is units[n % UNITS] */
    bool closed;
    pthread_t threads[WORKERS];
    struct import_worker *workers[WORKERS];
    unsigned worker_count;
};
struct import {
    struct import_sender sender;
    struct import_report report;
    struct import_layout layout;
    struct import_seen seen;
    struct licence_type type;
    struct queue queue;
    int fd;
    uint64_t size, rows;
    struct text_source *source;
    struct csv *csv;
    struct csv_row row;
    _Alignas(16) uint8_t heading[LAYOUT_ARENA];
};

/* ---- workers ---- */

struct start { struct queue *queue; struct import_worker *worker; };

static void *work(void *context) {
    struct start start = *(struct start *)context;
    struct queue *queue = start.queue;
    free(context);
    (void)pthread_mutex_lock(&queue->lock);
    for (;;) {
        while (queue->taken == queue->filled && !queue->closed) (void)pthread_cond_wait(&queue->changed, &queue->lock);
        if (queue->taken == queue->filled) break;
        struct import_unit *unit = &queue->units[queue->taken++ % UNITS];
        (void)pthread_mutex_unlock(&queue->lock);
        import_send(start.worker, unit);
        (void)pthread_mutex_lock(&queue->lock);
        unit->done = true;
        (void)pthread_cond_broadcast(&queue->changed);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    return NULL;
}

static bool queue_start(struct import *import) {
    struct queue *queue = &import->queue;
    bool ok = true;
    for (unsigned i = 0; i < UNITS && ok; i++) ok = import_unit_init(&queue->units[i]);
    while (ok && queue->worker_count < WORKERS) {
        struct start *start = malloc(sizeof *start);
        struct import_worker *worker = import_worker_new(&import->sender);
        if (start && worker) *start = (struct start){queue, worker};
        ok = start && worker && pthread_create(&queue->threads[queue->worker_count], NULL, work, start) == 0;
        if (ok) queue->workers[queue->worker_count++] = worker;
        else import_worker_free(worker), free(start);
    }
    return ok || queue->worker_count > 0 || (cli_fail(0, SAY("out of memory", "内存不足")), false);
}

/* Rows that are done, of as many as the file may have, by what was read of it. */
static void show_progress(const struct import *import) {
    const uint64_t consumed = text_source_consumed(import->source), guess = consumed ? import->rows * import->size / consumed : 0;
    char note[64];
    cli_build(note, sizeof note, SAY("%llu refused", "拒收 %llu"), (unsigned long long)import->report.refused);
    progress_note(note);
    progress_show(NULL, "import", import->report.rows, guess > import->rows ? guess : import->rows);
}

/* Waits for the oldest unit and reports it. */
static void report_oldest(struct import *import) {
    struct queue *queue = &import->queue;
    struct import_unit *unit = &queue->units[queue->reported % UNITS];
    (void)pthread_mutex_lock(&queue->lock);
    while (!unit->done) (void)pthread_cond_wait(&queue->changed, &queue->lock);
    (void)pthread_mutex_unlock(&queue->lock);
    import_report_add(&import->report, unit);
    arena_reset(&unit->arena);
    unit->count = 0;
    unit->done = false;
    queue->reported++;
    show_progress(import);
}

static void queue_push(struct import *import) {
    struct queue *queue = &import->queue;
    (void)pthread_mutex_lock(&queue->lock);
    queue->filled++;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
    if (queue->filled - queue->reported == UNITS) report_oldest(import);
}

static void queue_finish(struct import *import) {
    struct queue *queue = &import->queue;
    (void)pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    (void)pthread_cond_broadcast(&queue->changed);
    (void)pthread_mutex_unlock(&queue->lock);
    while (queue->reported < queue->filled) report_oldest(import);
    for (unsigned i = 0; i < queue->worker_count; i++) {
        (void)pthread_join(queue->threads[i], NULL);
        import_worker_free(queue->workers[i]);
    }
    for (unsigned i = 0; i < UNITS; i++) import_unit_free(&queue->units[i]);
}

/* ---- rows ---- */

/* The row's cells as CSV, as wide as the heading: what is missing is empty, what is too much stands behind the reason. What was cut off ends
 * in a sign that no later load accepts. */
static struct bytes keep_text(struct arena *arena, const struct import_layout *layout, const struct csv_row *row) {
    char *line = arena_alloc(arena, LINE_ARENA);
    ASSERT(line); /* UNIT_ROOM */
    size_t len = 0;
    uint32_t have = row->filled < CSV_CELLS_MAX ? row->filled : CSV_CELLS_MAX, columns = have > layout->column_count ? have : layout->column_count;
    bool first = true;
    for (uint32_t i = 0; i < columns; i++) {
        uint32_t at = i < layout->column_count ? layout->field_of[i] : FIELD_NONE;
        if (at != FIELD_NONE && (layout->fields[at].role == ROLE_ROW_NUMBER || layout->fields[at].role == ROLE_REASON)) continue;
        if (!first) line[len++] = ',';
        first = false;
        if (i < have) len = csv_cell_show(line, len, row->cells[i].text);
        if (!row->cut || i + 1 != have) continue;
        memcpy(line + len, "\xef\xbf\xbd", 3);
        len += 3;
    }
    arena->used -= LINE_ARENA - len;
    return bytes_of(line, len);
}

static void mix(uint8_t hash32[32], struct bytes a, struct bytes b) {
    uint8_t length[4];
    be32_put(length, (uint32_t)a.len);
    const struct bytes parts[4] = {bytes_of(hash32, 32), bytes_of(length, 4), a, b};
    sha256_parts(hash32, parts, 4);
}

/* Of all that the row says of its licence. */
static uint64_t content_of(const struct import_row *row) {
    uint8_t hash[32] = {0}, numbers[16];
    be32_put(numbers, row->version);
    be32_put(numbers + 4, row->holder_kind);
    be32_put(numbers + 8, (uint32_t)row->valid_from);
    be32_put(numbers + 12, (uint32_t)row->valid_to);
    mix(hash, bytes_of(numbers, sizeof numbers), row->number);
    mix(hash, row->holder_code, row->holder_name);
    mix(hash, row->identifier, row->document);
    for (uint32_t i = 0; i < row->field_count; i++) mix(hash, row->fields[i].code, row->fields[i].value);
    return be64_get(hash);
}

static bool note_seen(struct import *import, char kind, struct bytes text, uint64_t row, uint64_t content) {
    return text.len == 0 || import_seen_add(&import->seen, kind, text, row, content) != SEEN_NO_MEMORY;
}

/* A licence that stands earlier in the file, if that one passed its checks: with the same content a duplicate, with another one nobody but its owner knows
 * which is right. Or a document that does: which of the two the ledger would take depends on which thread came first, so it is decided here. False: out
 * of memory. */
static bool check_seen(struct import *import, struct import_line *line) {
    struct import_row *row = &line->row;
    const uint64_t content = content_of(row);
    char folded[TEXT_FOLD_MAX];
    const struct bytes number = text_fold_number(folded, row->number);
    const struct seen_slot *before = import_seen_find(&import->seen, 'n', number);
    if (!before && row->identifier.len) before = import_seen_find(&import->seen, 'i', row->identifier);
    if (before) {
        bool same = before->content == content;
        line->end = same ? LINE_DUPLICATE : LINE_REFUSED;
        row->code = same ? CODE_ROW_DUPLICATE_FILE : CODE_ROW_CONFLICT_FILE;
        line->other_row = before->row;
        return true;
    }
    if (row->document.len && (before = import_seen_find(&import->seen, 'd', row->document)) != NULL) {
        line->end = LINE_REFUSED;
        row->code = CODE_DOCUMENT_TAKEN;
        row->field = import->layout.fields[import->layout.of_role[ROLE_DOCUMENT]].code;
        line->other_row = before->row;
        return true;
    }
    return note_seen(import, 'n', number, line->number, content) && note_seen(import, 'i', row->identifier, line->number, content) &&
           note_seen(import, 'd', row->document, line->number, content);
}

/* A file of refused rows, corrected and loaded again: its cells as they were before they were written for a spreadsheet. */
static void unshow_row(const struct import_layout *layout, struct csv_row *row) {
    for (size_t role = ROLE_ROW_NUMBER; role <= ROLE_REASON; role++)
        if (layout->fields[layout->of_role[role]].column == COLUMN_NONE) return;
    for (uint32_t i = 0; i < row->cell_count && i < CSV_CELLS_MAX; i++) row->cells[i].text = csv_cell_shown(row->cells[i].text);
}

static bool import_take_row(struct import *import, struct import_unit *unit) {
    struct import_line *line = &unit->lines[unit->count++];
    unshow_row(&import->layout, &import->row);
    *line = (struct import_line){.number = ++import->rows};
    line->text = keep_text(&unit->arena, &import->layout, &import->row);
    import_row_check(&line->row, import->report.tallies, &unit->arena, &import->layout, &import->row);
    if (line->row.code != CODE_OK) {
        line->end = LINE_REFUSED;
        return true;
    }
    return check_seen(import, line) || (cli_fail(0, SAY("out of memory: split the file", "内存不足：请拆分文件")), false);
}

/* What errno says of the last reading. */
static int cannot_read(const char *file) {
    input_failed(file, errno);
    return EXIT_ERROR;
}

static bool has_room(const struct import_unit *unit) { return unit->count < UNIT_ROWS && unit->arena.size - unit->arena.used >= UNIT_ROOM; }

/* To the end of the file, or until nothing more can be sent. Returns whether it was the end. */
static bool read_rows(struct import *import) {
    struct queue *queue = &import->queue;
    int got = 1;
    show_progress(import); /* its time begins */
    while (got > 0 && !atomic_load(&import->sender.stop)) {
        struct import_unit *unit = &queue->units[queue->filled % UNITS];
        while (has_room(unit) && !atomic_load(&import->sender.stop) && (got = csv_next(import->csv, &import->row)) > 0)
            if (!import_take_row(import, unit)) import_stop(&import->sender, EXIT_ERROR);
        if (got == -1) import_stop(&import->sender, cannot_read(import->report.file));
        queue_push(import);
    }
    return got == 0;
}

/* ---- the file ---- */

static long import_read_file(void *context, void *data, size_t len) { return input_read(*(int *)context, data, len); }

static int import_open_file(struct import *import, const char *file, const char *encoding) {
    enum text_encoding wanted = ENCODING_UNKNOWN;
    struct stat status;
    if (encoding && !text_encoding_from_name(&wanted, encoding)) return cli_fail(EXIT_USAGE, SAY("--encoding %s: must be utf-8 or gb18030",
                                                                                                 "--encoding %s：应为 utf-8 或 gb18030"), encoding);
    import->fd = input_open(file);
    if (import->fd < 0) return EXIT_ERROR;
    if (fstat(import->fd, &status) != 0) return cannot_read(file);
    import->size = status.st_size > 0 ? (uint64_t)status.st_size : 0;
    import->source = text_source_new(import_read_file, &import->fd, wanted);
    import->csv = import->source ? csv_new(text_source_read, import->source) : NULL;
    if (!import->csv) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    if (!text_source_look(import->source)) return cannot_read(file);
    enum text_kind kind = text_source_kind(import->source);
    if (kind == TEXT_KIND_WORKBOOK) return cli_fail(EXIT_ERROR, SAY("%s is a workbook, not CSV: in Excel choose Save As, \"CSV UTF-8 (comma delimited)\"",
                                                                    "%s 是工作簿而非 CSV：请在 Excel 中另存为“CSV UTF-8（逗号分隔）”"), file);
    if (kind == TEXT_KIND_UTF16) return cli_fail(EXIT_ERROR, SAY("%s is in UTF-16 without a mark that says so: in Excel choose Save As, \"CSV UTF-8 (comma delimited)\"",
                                                                 "%s 为 UTF-16 编码但无字节顺序标记：请在 Excel 中另存为“CSV UTF-8（逗号分隔）”"), file);
    const bool marked = kind == TEXT_KIND_UTF16LE_BOM || kind == TEXT_KIND_UTF16BE_BOM;
    if (marked && wanted) return cli_fail(EXIT_ERROR, SAY("%s is in UTF-16, as its mark says: leave --encoding out", "%s 的字节顺序标记表明其为 UTF-16 编码：请去掉 --encoding"), file);
    import->report.encoding = text_source_encoding(import->source);
    import->report.encoding_by = wanted ? "option" : marked || kind == TEXT_KIND_UTF8_BOM ? "mark" : "content";
    return EXIT_VALID;
}

static int read_heading(struct import *import) {
    struct import_heading heading;
    char why[1024];
    int got = import_heading_read(&heading, &import->layout, import->heading, &import->type, import->csv, &import->row, why, sizeof why);
    if (got < 0) return cannot_read(import->report.file);
    if (got == 0) return cli_fail(EXIT_ERROR, SAY("%s: %s", "%s：%s"), import->report.file, why);
    import->layout.today = day_in_shanghai(time_now_ms());
    import->report.title_rows = heading.title_rows;
    import->report.separator = heading.separator;
    return EXIT_VALID;
}

/* ---- the command ---- */

static int prepare(struct import *import, const struct options *options, const struct cli *cli, const struct ledger_view *view, struct ledger_member *member) {
    struct import_sender *sender = &import->sender;
    const json_t *type = ledger_type(view, bytes_text(option_get(options, "type")));
    const char *file = options->positional[0];
    uint8_t job[8];
    char hex[17], folder[PATH_MAX];
    if (!type) return EXIT_ERROR;
    if (!stock_type_from_json(&import->type, type)) return cli_fail(EXIT_ERROR, SAY("%s describes the type in a way this program does not know: upgrade it",
                                                                                    "%s 的证照类型描述无法识别，请升级本程序"), cli->node);
    if (!import_report_init(&import->report, file, option_get(options, "report"), output_over(options))) return EXIT_ERROR;
    int done = import_open_file(import, file, option_get(options, "encoding"));
    if (done == EXIT_VALID) done = read_heading(import);
    if (done == EXIT_VALID) done = ledger_member_of(member, cli, sender->signer);
    if (done == EXIT_VALID) done = ledger_lookup(&sender->lookup, cli, view, type);
    if (done == EXIT_VALID) done = private_beside_key(&sender->store, cli, true);
    if (done != EXIT_VALID) return done;
    random_bytes(job, sizeof job);
    hex_encode(hex, job, sizeof job);
    (void)snprintf(sender->job, sizeof sender->job, "import-%s", hex);
    (void)snprintf(folder, sizeof folder, "%s", file);
    (void)snprintf(sender->folder, sizeof sender->folder, "%s", dirname(folder));
    sender->cli = cli;
    sender->view = view;
    sender->uscc = member->uscc;
    sender->layout = import->report.layout = &import->layout;
    import->report.type_code = json_string_value(json_object_get(type, "code"));
    import->report.job = sender->job;
    return EXIT_VALID;
}

static int import_run(struct import *import, const struct cli *cli) {
    struct import_report *report = &import->report;
    int64_t start = time_now_ms();
    if (!queue_start(import)) return EXIT_ERROR;
    interrupt_begin(&import->sender.stop, &import->sender.exit_code,
                    SAY("\nlicet: stopping; what is under way is finished first. Once more ends at once, without a report\n", "\nlicet: 正在停止，先完成已发出的部分。再按一次则立即结束，不写报告\n"));
    bool whole = read_rows(import);
    queue_finish(import);
    progress_end();
    report->complete = whole && report->unsent == 0;
    report->blank = csv_blank(import->csv);
    report->statements = atomic_load(&import->sender.statements);
    report->elapsed_ms = time_now_ms() - start;
    bool written = import_report_write(report);
    const int interrupted = interrupt_end(); /* once the report is written */
    if (cli->json) cli_print_json(import_report_json(report));
    else import_report_print(report);
    int exit_code = atomic_load(&import->sender.exit_code);
    if (interrupted)
        (void)cli_fail(0, SAY("stopped by a signal (%s): %s of this run on the ledger; the same command adds what is missing", "被信号 %s 停止：本次登记 %s；再次运行同一命令只补充缺少的部分"), interrupted == SIGINT ? "SIGINT" : interrupted == SIGTERM ? "SIGTERM" : "SIGHUP",
                       cli_count(report->accepted, "row", "rows", "行"));
    if (exit_code == EXIT_VALID && (!report->complete || !written)) exit_code = EXIT_ERROR;
    if (exit_code == EXIT_VALID && report->refused)
        exit_code = cli_fail(EXIT_ERROR, SAY("%s refused, not on the ledger: correct in %s, and load that file", "%s被拒收，未登记；请在 %s 中更正后重新导入"),
                             cli_count(report->refused, "row", "rows", "行"), report->refused_path);
    return exit_code;
}

static void import_free(struct import *import) {
    import_report_free(&import->report);
    import_seen_free(&import->seen);
    csv_free(import->csv);
    text_source_free(import->source);
    import_seals_free(&import->sender.seals);
    private_close(import->sender.store);
    bytes_wipe(&import->sender.lookup, sizeof import->sender.lookup);
    input_close(import->fd);
    free(import);
}

int cmd_import(struct cli *cli) {
    static struct options options;
    struct ledger_view view = {.types = NULL};
    struct ledger_member member;
    struct signer *signer = NULL;
    struct trust *trust = NULL;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count != 1) return cli_fail(EXIT_USAGE, SAY("one file is to be named: licet import --type T FILE.csv",
                                                                       "请指明一个文件：licet import --type 类型代码 文件.csv"));
    if (!option_get(&options, "type")) return cli_fail(EXIT_USAGE, SAY("--type is missing; `licet type list` shows the types",
                                                                       "缺少 --type；可用 `licet type list` 查看证照类型"));
    struct import *import = calloc(1, sizeof *import);
    if (!import) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    import->fd = -1;
    ASSERT(pthread_mutex_init(&import->queue.lock, NULL) == 0);
    ASSERT(pthread_mutex_init(&import->sender.trouble, NULL) == 0);
    ASSERT(pthread_cond_init(&import->queue.changed, NULL) == 0);
    ASSERT(import_seals_init(&import->sender.seals));
    ofd_xml_setup();
    int done = document_options(&import->sender.check, &trust, &options);
    if (done == EXIT_VALID) done = cli_signer(&signer, cli);
    if (done == EXIT_VALID) done = anchor_ledger_found(&view, cli, &options);
    import->sender.signer = signer;
    if (done == EXIT_VALID) done = prepare(import, &options, cli, &view, &member);
    if (done == EXIT_VALID) done = import_run(import, cli);
    import_free(import);
    trust_free(trust);
    ledger_view_free(&view);
    signer_free(signer);
    return done;
}
