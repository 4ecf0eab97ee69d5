#include "tools/import/batch.h"

#include "ledger/wire/header.h"
#include "ledger/wire/statement.h"
#include "ledger/wire/text.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"
#include "tools/client/answer.h"
#include "tools/client/statement.h"
#include "tools/import/document.h"
#include "tools/import/presence.h"

/* Upper bounds of what is encoded: a document, a seal, and everything around the items but the list of elements. */
#define DOCUMENT_BYTES 38u
#define SEAL_BYTES (2u + SEAL_ID_MAX + 34u)
#define AROUND_BYTES (COSE_PROTECTED_MAX + SIG_LEN + 64u)
#define ELEMENT_HEAD 2u

/* What is made of one row, beside the row. */
struct made {
    uint8_t key[32], fields_root[32];
    uint8_t number_tag[TAG_LEN], holder_tag[TAG_LEN], name_tag[TAG_LEN];
    struct import_document document;
    uint8_t seed[SALT_SEED_LEN];
    enum private_claim claim;
    char identifier[IDENTIFIER_MAX + 1];
};
struct import_worker {
    struct import_sender *sender;
    struct import_unit *unit;
    uint32_t open[UNIT_ROWS], open_count; /* lines of the unit still to be sent */
    struct made made[UNIT_ROWS];
    struct private_licence kept[UNIT_ROWS];
    uint8_t keys[UNIT_ROWS][32];         /* those of `kept` */
    enum private_claim claims[UNIT_ROWS]; /* and what became of them */
    struct import_ask asks[UNIT_ROWS];
    enum presence presence[UNIT_ROWS];
    struct issue_item items[UNIT_ROWS];
    uint8_t scratch[PRIVATE_MAX];
    uint8_t payload[STATEMENT_BYTES_MAX], statement[STATEMENT_BYTES_MAX];
};

struct import_worker *import_worker_new(struct import_sender *sender) {
    struct import_worker *worker = malloc(sizeof *worker);
    if (worker) worker->sender = sender;
    return worker;
}

void import_worker_free(struct import_worker *worker) {
    if (worker) bytes_wipe(worker, sizeof *worker);
    free(worker);
}

/* ---- ends of rows ---- */

static void end_line(struct import_line *line, enum line_end end, enum code code) {
    line->end = end;
    if (code != CODE_OK) line->row.code = code;
}

/* Takes out of list what is no longer open; keeps the order. */
static uint32_t still_open(const struct import_unit *unit, uint32_t *list, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (unit->lines[list[i]].end == LINE_OPEN) list[kept++] = list[i];
    return kept;
}

/* ---- tags ---- */

/* 20 of [0-9A-Z] that depend on the number, and for keyed types on the secret, so that they do not give the number away. */
static void make_serial(char out[21], const struct lookup *lookup, struct bytes number) {
    uint8_t hash[32];
    const struct bytes parts[3] = {bytes_of(lookup->genesis, 32), lookup->type_code, number};
    if (lookup->keyed) hmac_tagged(hash, bytes_of(lookup->secret, sizeof lookup->secret), "licet/serial/v1", parts, 3);
    else hash_tagged(hash, "licet/serial/v1", parts, 3);
    for (int half = 0; half < 2; half++) {
        uint64_t value = be64_get(hash + 8 * half);
        for (int i = 0; i < 10; i++, value /= 36) out[10 * half + i] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % 36];
    }
    out[20] = '\0';
}

static void make_tags(struct import_worker *worker, uint32_t at) {
    const struct import_sender *sender = worker->sender;
    struct import_line *line = &worker->unit->lines[at];
    struct import_row *row = &line->row;
    struct made *made = &worker->made[at];
    if (row->identifier.len == 0) {
        char serial[21];
        make_serial(serial, &sender->lookup, row->number);
        size_t len = identifier_build(made->identifier, sender->lookup.type_code, bytes_text(sender->uscc), bytes_text(serial), 1);
        ASSERT(len > 0);
        row->fields[row->identifier_at].value = bytes_of(made->identifier, len);
    }
    tag_licence(made->key, &sender->lookup, row->fields[row->identifier_at].value);
    char folded[TEXT_FOLD_MAX];
    tag_number(made->number_tag, &sender->lookup, text_fold_number(folded, row->number));
}

/* The rest, for rows that the ledger does not have. */
static void make_rest(struct import_worker *worker, uint32_t at, const uint8_t seed[SALT_SEED_LEN]) {
    const struct import_row *row = &worker->unit->lines[at].row;
    struct made *made = &worker->made[at];
    tag_holder(made->holder_tag, &worker->sender->lookup, row->holder_code);
    char folded[TEXT_FOLD_MAX];
    tag_name(made->name_tag, &worker->sender->lookup, made->key, text_fold_name(folded, row->holder_name));
    ASSERT(fields_root(made->fields_root, seed, row->fields, row->field_count));
}

/* ---- asking first: a licence that is there keeps its private data ---- */

/* The ledger has it: is it what the row says? What is kept here tells; where nothing is kept nobody can say, and it counts as the same. */
static bool is_other_content(struct import_worker *worker, uint32_t at) {
    const struct import_row *row = &worker->unit->lines[at].row;
    const uint8_t *key = worker->made[at].key;
    struct private_licence held;
    uint8_t root[32];
    bool fits;
    if (private_get(worker->sender->store, key, &held, worker->scratch, sizeof worker->scratch) != ERR_OK) return false;
    ASSERT(fields_root(root, held.seed, row->fields, row->field_count));
    return private_get_for(worker->sender->store, key, root, &held, worker->scratch, sizeof worker->scratch, &fits) == ERR_OK && !fits;
}

static bool drop_known_keys(struct import_worker *worker, uint32_t *list, uint32_t *count) {
    for (uint32_t i = 0; i < *count; i++) worker->asks[i] = (struct import_ask){.key32 = worker->made[list[i]].key};
    if (!import_ask(worker->sender, worker->presence, worker->asks, *count)) return false;
    for (uint32_t i = 0; i < *count; i++) {
        if (worker->presence[i] == PRESENCE_NONE) continue;
        if (is_other_content(worker, list[i])) end_line(&worker->unit->lines[list[i]], LINE_REFUSED, CODE_ROW_CONFLICT_LEDGER);
        else end_line(&worker->unit->lines[list[i]], LINE_DUPLICATE, CODE_ROW_DUPLICATE_LEDGER);
    }
    *count = still_open(worker->unit, list, *count);
    return true;
}

/* Only after a number was found taken under another identifier: what a row says of its holder is not told to the node without need. */
static bool drop_known_numbers(struct import_worker *worker, uint32_t *list, uint32_t *count) {
    if (!atomic_load(&worker->sender->numbers_clash)) return true;
    for (uint32_t i = 0; i < *count; i++) worker->asks[i] = (struct import_ask){.fields = &worker->unit->lines[list[i]].row};
    if (!import_ask(worker->sender, worker->presence, worker->asks, *count)) return false;
    for (uint32_t i = 0; i < *count; i++)
        if (worker->presence[i] == PRESENCE_HELD) end_line(&worker->unit->lines[list[i]], LINE_DUPLICATE, CODE_ROW_DUPLICATE_LEDGER);
    *count = still_open(worker->unit, list, *count);
    return true;
}

/* ---- documents, of rows that the ledger does not have ---- */

static bool look_at_documents(struct import_worker *worker) {
    struct import_sender *sender = worker->sender;
    for (uint32_t i = 0; i < worker->open_count; i++) {
        const uint32_t at = worker->open[i];
        if (atomic_load(&sender->stop) || !import_document_look(sender, &worker->unit->lines[at], &worker->made[at].document)) return false;
    }
    worker->open_count = still_open(worker->unit, worker->open, worker->open_count);
    return true;
}

/* ---- what the ledger must not hold ---- */

static int key_order(const void *a, const void *b, void *made) {
    return memcmp(((const struct made *)made)[*(const uint32_t *)a].key, ((const struct made *)made)[*(const uint32_t *)b].key, 32);
}

/* A seed is proposed; one that is there already stays: it may be of a statement whose answer never came, or of another import under way. */
static void propose(struct import_worker *worker, uint32_t at, struct private_licence *kept) {
    const struct import_row *row = &worker->unit->lines[at].row;
    *kept = (struct private_licence){.type_code = worker->sender->lookup.type_code, .identifier = row->fields[row->identifier_at].value, .field_count = row->field_count};
    memcpy(kept->fields, row->fields, row->field_count * sizeof *row->fields);
    random_bytes(kept->seed, SALT_SEED_LEN);
}

/* In the order of their keys, so that the store goes through its pages once. */
static bool keep_private(struct import_worker *worker) {
    struct import_sender *sender = worker->sender;
    uint32_t sorted[UNIT_ROWS];
    memcpy(sorted, worker->open, worker->open_count * sizeof *sorted);
    qsort_r(sorted, worker->open_count, sizeof *sorted, key_order, worker->made);
    for (uint32_t i = 0; i < worker->open_count; i++) {
        propose(worker, sorted[i], &worker->kept[i]);
        memcpy(worker->keys[i], worker->made[sorted[i]].key, 32);
    }
    enum err err = private_claim(sender->store, (const uint8_t(*)[32])worker->keys, worker->kept, worker->claims, worker->open_count);
    for (uint32_t i = 0; i < worker->open_count && err == ERR_OK; i++) {
        struct made *made = &worker->made[sorted[i]];
        memcpy(made->seed, worker->kept[i].seed, SALT_SEED_LEN);
        made->claim = worker->claims[i];
        make_rest(worker, sorted[i], made->seed);
    }
    if (err == ERR_OK) return true;
    if (!atomic_load(&sender->stop))
        (void)cli_fail(0, SAY("the private data of a batch could not be kept (%s); nothing of it was sent: check the disk",
                              "一批私有数据无法保存（%s）；该批未发送，请检查磁盘"), cli_err_text(err));
    import_stop(sender, err_exit(err));
    return false;
}

/* A licence that did not come to be leaves nothing behind. */
static void import_batch_forget(struct import_worker *worker, uint32_t at) {
    const struct made *made = &worker->made[at];
    if (made->claim != PRIVATE_NEW) return;
    enum err err = private_release(worker->sender->store, made->key, made->seed);
    if (err != ERR_OK && err != ERR_ABSENT) (void)cli_fail(0, SAY("private data of a refused row stay behind (%s)",
                                                                  "被拒收行的私有数据未能清除（%s）"), cli_err_text(err));
}

/* ---- statements ---- */

static struct issue_item make_item(const struct import_worker *worker, uint32_t at) {
    const struct import_row *row = &worker->unit->lines[at].row;
    const struct made *made = &worker->made[at];
    struct issue_item item = {.licence_key = made->key, .version = row->version, .number_tag = made->number_tag, .holder_kind = row->holder_kind,
        .holder_tag = made->holder_tag, .name_tag = made->name_tag, .valid_from = row->valid_from, .valid_to = row->valid_to, .fields_root = made->fields_root};
    registration_documents(&item, &made->document.registration);
    if (made->document.seal_named) registration_seal(&item, &made->document.registration);
    return item;
}

/* The length of the signed statement over these lines, in worker->statement; 0: it could not be signed. */
static size_t make_statement(struct import_worker *worker, const uint32_t *list, uint32_t count) {
    const struct import_sender *sender = worker->sender;
    const struct import_row *first = &worker->unit->lines[list[0]].row;
    struct record record = {.op = OP_ISSUE, .type_code = sender->lookup.type_code, .element_count = first->field_count, .item_count = count, .issue = worker->items};
    for (uint32_t i = 0; i < first->field_count; i++) record.elements[i] = first->fields[i].code;
    for (uint32_t i = 0; i < count; i++) worker->items[i] = make_item(worker, list[i]);
    struct wire_out out = wire_write(worker->statement, sizeof worker->statement);
    const struct statement_signing by = {sender->signer, sender->view->genesis, sender->uscc, sender->job};
    const enum statement_result result = statement_sign(&out, worker->payload, &by, &record);
    ASSERT(result != STATEMENT_TOO_LARGE); /* item_bytes and around_bytes are upper bounds */
    if (result != STATEMENT_SIGNED) return 0;
    return out.len;
}

/* The number is held under another identifier: by the same holder, or by somebody else? */
static bool is_of_another(struct import_worker *worker, uint32_t at) {
    enum presence presence = PRESENCE_UNKNOWN;
    const struct import_ask ask = {.fields = &worker->unit->lines[at].row};
    return import_ask(worker->sender, &presence, &ask, 1) && presence != PRESENCE_HELD;
}

/* What the ledger refused about one item. False: it is not about the item, and nothing more can be sent. */
static bool refuse_item(struct import_worker *worker, uint32_t at, enum code code) {
    struct import_line *line = &worker->unit->lines[at];
    const bool about_item = (code >= 300 && code < 400) || (code >= 100 && code < 120);
    if (!about_item) return false;
    if (code == CODE_NUMBER_TAKEN) atomic_store(&worker->sender->numbers_clash, true);
    if (code == CODE_NUMBER_TAKEN && is_of_another(worker, at)) end_line(line, LINE_REFUSED, CODE_ROW_CONFLICT_LEDGER);
    else if (code == CODE_LICENCE_EXISTS && worker->made[at].claim == PRIVATE_BESIDE) end_line(line, LINE_REFUSED, CODE_ROW_CONFLICT_LEDGER);
    else if (code == CODE_LICENCE_EXISTS || code == CODE_NUMBER_TAKEN) end_line(line, LINE_DUPLICATE, CODE_ROW_DUPLICATE_LEDGER);
    else if (code == CODE_ITEM_REPEATED) end_line(line, LINE_REFUSED, CODE_DOCUMENT_TAKEN); /* the same file under two names: no matter in which batches */
    else end_line(line, LINE_REFUSED, code);
    if (code != CODE_LICENCE_EXISTS) import_batch_forget(worker, at);
    return true;
}

static void stop_for(struct import_sender *sender, const struct http_answer *answer) {
    static pthread_mutex_t once = PTHREAD_MUTEX_INITIALIZER;
    (void)pthread_mutex_lock(&once);
    if (!atomic_load(&sender->stop)) {
        int exit_code = http_failed(sender->cli, answer);
        (void)cli_fail(0, SAY("the import stops here. What was accepted is on the ledger; the same command adds only what is missing",
                              "导入到此中止。已接受的均已登记；再次运行同一命令只补充缺少的部分"));
        import_stop(sender, exit_code == EXIT_VALID ? EXIT_ERROR : exit_code);
    }
    (void)pthread_mutex_unlock(&once);
}

/* One statement; without what the ledger refuses, again, until it is taken or nothing is left. */
static void send_statement(struct import_worker *worker, uint32_t *list, uint32_t count) {
    struct import_sender *sender = worker->sender;
    bool asked = false;
    while (count > 0 && !atomic_load(&sender->stop)) {
        struct http_answer answer;
        struct refusal refusal;
        size_t len = make_statement(worker, list, count);
        if (len == 0) {
            import_stop(sender, cli_fail(EXIT_ERROR, SAY("nothing more was signed: %s", "未再签名：%s"), finding_said(signer_why(sender->signer))));
            return;
        }
        if (!import_call(sender, "POST", "/entries", "application/cose", "application/cose, application/problem+json", bytes_of(worker->statement, len), &answer)) return;
        bool taken = answer.status == 201 || answer.status == 200;
        bool item = !taken && problem_read(&refusal, &answer) && refusal.item < count && refuse_item(worker, list[refusal.item], refusal.code);
        if (!taken && !item) stop_for(sender, &answer);
        struct receipt receipt;
        const int shown = taken ? ledger_receipt(&receipt, sender->cli, sender->view, &answer, bytes_of(worker->statement, len)) : EXIT_VALID;
        http_answer_free(&answer);
        if (shown != EXIT_VALID) { /* nothing shows that these rows are recorded */
            import_stop(sender, shown);
            return;
        }
        if (taken) {
            for (uint32_t i = 0; i < count; i++) end_line(&worker->unit->lines[list[i]], LINE_ACCEPTED, CODE_OK);
            (void)atomic_fetch_add(&sender->statements, 1);
            return;
        }
        if (!item) return;
        count = still_open(worker->unit, list, count);
        if (asked) continue;
        asked = true; /* where one is there, more may be: not one refusal for each of them */
        if (!drop_known_keys(worker, list, &count) || !drop_known_numbers(worker, list, &count)) return;
    }
}

static bool same_set(const struct import_row *a, const struct import_row *b) { return a->set[0] == b->set[0] && a->set[1] == b->set[1]; }

/* At most what record_encode makes of it. */
static size_t item_bytes(const struct import_row *row, const struct import_document *document) {
    size_t fixed = 1 + 34 + 3 * (1 + TAG_LEN) + 2 * 5 + 1 + 34 + 1 + 1; /* head, key, tags, days, documents, root, seal, components */
    return fixed + (row->version < 24 ? 1 : 3) + (row->holder_kind < 24 ? 1 : 3) + document->registration.count * DOCUMENT_BYTES +
           (document->seal_named ? SEAL_BYTES : 0);
}

static size_t around_bytes(const struct import_row *row) {
    size_t bytes = AROUND_BYTES;
    for (uint32_t i = 0; i < row->field_count; i++) bytes += ELEMENT_HEAD + row->fields[i].code.len;
    return bytes;
}

/* The next statement's lines: of the first open line's element set, in the order of the file. Those of one set are shared out evenly over as few
 * statements as hold them. */
static uint32_t choose(struct import_worker *worker, uint32_t *list) {
    const struct import_row *first = NULL;
    uint32_t count = 0, kept = 0;
    size_t bytes = 0, room = STATEMENT_BYTES_MAX, share = 0;
    for (uint32_t i = 0; i < worker->open_count; i++) {
        const struct import_line *line = &worker->unit->lines[worker->open[i]];
        if (line->end != LINE_OPEN || (first && !same_set(first, &line->row))) continue;
        if (!first) room -= around_bytes(&line->row);
        first = first ? first : &line->row;
        bytes += item_bytes(&line->row, &worker->made[worker->open[i]].document);
        list[count++] = worker->open[i];
    }
    share = count ? bytes / ((bytes + room - 1) / room) : 0;
    for (bytes = 0; kept < count && kept < ITEMS_MAX; kept++) {
        size_t one = item_bytes(&worker->unit->lines[list[kept]].row, &worker->made[list[kept]].document);
        if (bytes + one > room || bytes >= share) break;
        bytes += one;
    }
    return kept;
}

void import_send(struct import_worker *worker, struct import_unit *unit) {
    uint32_t list[UNIT_ROWS], count;
    worker->unit = unit;
    worker->open_count = 0;
    for (uint32_t i = 0; i < unit->count && !atomic_load(&worker->sender->stop); i++) {
        if (unit->lines[i].end == LINE_OPEN) make_tags(worker, i);
        if (unit->lines[i].end == LINE_OPEN) worker->open[worker->open_count++] = i;
    }
    bool ready = worker->open_count > 0 && drop_known_keys(worker, worker->open, &worker->open_count) &&
                 drop_known_numbers(worker, worker->open, &worker->open_count) && look_at_documents(worker) && worker->open_count > 0 &&
                 keep_private(worker);
    while (ready && !atomic_load(&worker->sender->stop) && (count = choose(worker, list)) > 0) send_statement(worker, list, count);
    for (uint32_t i = 0; i < unit->count; i++)
        if (unit->lines[i].end == LINE_OPEN) end_line(&unit->lines[i], LINE_UNSENT, CODE_OK);
}
