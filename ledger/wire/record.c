#include "ledger/wire/record_part.h"

#define RECORD_VERSION 1
#define VERSION_MAX 999u
#define HOLDER_KIND_MAX 999u

/* The smallest item of each kind, in bytes: what a count must be backed by before memory is taken for it. */
#define ISSUE_ITEM_MIN 127u
#define STATUS_ITEM_MIN 39u
_Static_assert(sizeof(struct issue_item) * (STATEMENT_BYTES_MAX / ISSUE_ITEM_MIN) + 16 <= RECORD_ARENA_BYTES, "every issue fits the arena");
_Static_assert(sizeof(struct status_item) * ITEMS_MAX + 16 <= RECORD_ARENA_BYTES, "every change of state fits the arena");

const char *op_name(enum op op) {
    switch (op) {
    case OP_ISSUE: return "issue";
    case OP_RENEW: return "renew";
    case OP_SUSPEND: return "suspend";
    case OP_CANCEL: return "cancel";
    case OP_RESUME: return "resume";
    case OP_TRANSFER_IN: return "transfer-in";
    case OP_AMEND: return "amend";
    case OP_TRANSFER_CANCEL: return "transfer-cancel";
    case OP_TRANSFER_OUT: return "transfer-out";
    case OP_REVOKE: return "revoke";
    case OP_ANNUL: return "annul";
    case OP_CONFIRM: return "confirm";
    case OP_SEAL_REGISTER: return "seal-register";
    case OP_SEAL_STOP: return "seal-stop";
    case OP_SEAL_RESUME: return "seal-resume";
    case OP_SEAL_CANCEL: return "seal-cancel";
    case OP_SEAL_REMAKE: return "seal-remake";
    case OP_SEAL_TRANSFER: return "seal-transfer";
    }
    return NULL;
}

static const char *const KIND_NAMES[] = {[DOCUMENT_FILE] = "file", [DOCUMENT_OFD_SIGNATURE] = "ofd-signature", [DOCUMENT_PDF] = "pdf"};

const char *document_kind_name(enum document_kind kind) { return KIND_NAMES[kind]; }

bool document_kind_from_name(enum document_kind *out, struct bytes name) {
    for (int kind = DOCUMENT_FILE; kind <= DOCUMENT_PDF; kind++) {
        if (!bytes_equal(name, bytes_text(KIND_NAMES[kind]))) continue;
        *out = (enum document_kind)kind;
        return true;
    }
    return false;
}

static bool is_status_op(enum op op) {
    return op == OP_SUSPEND || op == OP_RESUME || op == OP_REVOKE || op == OP_ANNUL || op == OP_CANCEL;
}

static int32_t day_get(struct cbor_in *in) { return (int32_t)cbor_get_int(in, DAY_MIN, DAY_MAX); }
static int32_t day_or_none_get(struct cbor_in *in) { return cbor_try_null(in) ? DAY_NONE : day_get(in); }

static void day_or_none_put(struct cbor_out *out, int32_t day) {
    if (day == DAY_NONE) cbor_put_null(out);
    else cbor_put_int(out, day);
}

static void documents_get(struct cbor_in *in, struct issue_item *item) {
    cbor_field(in, "documents");
    item->document_count = (uint32_t)cbor_get_array(in, 0, DOCUMENTS_MAX);
    for (uint32_t i = 0; i < item->document_count; i++) {
        cbor_field(in, "document");
        cbor_get_array(in, 2, 2);
        cbor_field(in, "document.kind");
        item->documents[i].kind = (enum document_kind)cbor_get_uint(in, DOCUMENT_FILE, DOCUMENT_PDF);
        cbor_field(in, "document.key");
        item->documents[i].key32 = cbor_get_fixed(in, 32);
    }
}

static void seal_get(struct cbor_in *in, struct issue_item *item) {
    cbor_field(in, "seal");
    if (cbor_try_null(in)) return;
    cbor_get_array(in, 2, 2);
    cbor_field(in, "seal.id");
    item->seal_id = cbor_get_text(in, 1, SEAL_ID_MAX);
    cbor_field(in, "seal.digest");
    item->seal_digest = cbor_get_fixed(in, 32);
}

static void issue_item_get(struct cbor_in *in, struct issue_item *item) {
    *item = (struct issue_item){0};
    cbor_field(in, "item");
    cbor_get_array(in, 12, 12);
    cbor_field(in, "licence_key");
    item->licence_key = cbor_get_fixed(in, 32);
    cbor_field(in, "licence_version");
    item->version = (uint32_t)cbor_get_uint(in, 1, VERSION_MAX);
    cbor_field(in, "number_tag");
    item->number_tag = cbor_get_fixed(in, TAG_LEN);
    cbor_field(in, "holder_kind");
    item->holder_kind = (uint32_t)cbor_get_uint(in, 1, HOLDER_KIND_MAX);
    cbor_field(in, "holder_tag");
    item->holder_tag = cbor_get_fixed(in, TAG_LEN);
    cbor_field(in, "name_tag");
    item->name_tag = cbor_get_fixed(in, TAG_LEN);
    cbor_field(in, "valid_from");
    item->valid_from = day_get(in);
    cbor_field(in, "valid_to");
    item->valid_to = day_or_none_get(in);
    documents_get(in, item);
    cbor_field(in, "fields_root");
    item->fields_root = cbor_get_fixed(in, 32);
    seal_get(in, item);
    cbor_field(in, "components");
    item->component_count = (uint32_t)cbor_get_array(in, 0, COMPONENTS_MAX);
    cbor_field(in, "component");
    for (uint32_t i = 0; i < item->component_count; i++) item->components[i] = cbor_get_fixed(in, 32);
}

void words_get(struct cbor_in *in, struct bytes *reason, struct bytes *basis, bool may_lack) {
    cbor_field(in, "reason");
    *reason = cbor_get_text(in, 0, REASON_MAX);
    if (reason->len == 0 && !may_lack) cbor_fail(in, CODE_REASON_MISSING);
    cbor_field(in, "basis");
    *basis = cbor_get_text(in, 0, BASIS_MAX);
    if (basis->len == 0 && !may_lack) cbor_fail(in, CODE_REASON_MISSING);
}

static void status_item_get(struct cbor_in *in, struct status_item *item, enum op op) {
    *item = (struct status_item){0};
    cbor_field(in, "item");
    cbor_get_array(in, 5, 5);
    cbor_field(in, "licence_key");
    item->licence_key = cbor_get_fixed(in, 32);
    cbor_field(in, "count");
    item->count = cbor_get_uint(in, 1, RECORD_COUNT_MAX);
    words_get(in, &item->reason, &item->basis, op == OP_RESUME);
    cbor_field(in, "until");
    item->until = day_or_none_get(in);
    if (item->until != DAY_NONE && op != OP_SUSPEND) cbor_fail(in, CODE_CBOR_TYPE); /* only a suspension announces an end */
}

/* Ascending, each once: so that one list has one form, and a mandatory element is found by walking two lists side by side. */
static void elements_get(struct cbor_in *in, struct record *record) {
    cbor_field(in, "elements");
    record->element_count = (uint32_t)cbor_get_array(in, 1, ELEMENTS_MAX);
    cbor_field(in, "element");
    for (uint32_t i = 0; i < record->element_count; i++) {
        struct bytes code = cbor_get_code(in, 1, ELEMENT_CODE_MAX);
        if (in->why != CODE_OK) return;
        if (i > 0) {
            struct bytes before = record->elements[i - 1];
            int order = memcmp(before.data, code.data, before.len < code.len ? before.len : code.len);
            if (order > 0 || (order == 0 && before.len >= code.len)) cbor_fail(in, CODE_ELEMENT_UNKNOWN);
        }
        record->elements[i] = code;
    }
}

static size_t item_min(enum op op) {
    if (op_on_seals(op)) return seal_item_min(op);
    return op == OP_ISSUE ? ISSUE_ITEM_MIN : STATUS_ITEM_MIN;
}

/* Returns the index of the item that was wrong, or REFUSAL_NO_ITEM. */
static uint32_t items_get(struct cbor_in *in, struct record *record, struct arena *arena) {
    cbor_field(in, "items");
    const bool on_seals = op_on_seals(record->op);
    size_t count = cbor_get_array(in, 1, on_seals ? seal_items_max(record->op) : ITEMS_MAX);
    if (count * item_min(record->op) > (size_t)(in->end - in->at)) cbor_fail(in, CODE_CBOR_TRUNCATED);
    if (in->why != CODE_OK) return REFUSAL_NO_ITEM;
    struct issue_item *issue = NULL;
    struct status_item *status = NULL;
    struct seal_item *seal = NULL;
    if (on_seals) record->seal = seal = (struct seal_item *)arena_alloc(arena, count * sizeof *seal);
    else if (record->op == OP_ISSUE) record->issue = issue = (struct issue_item *)arena_alloc(arena, count * sizeof *issue);
    else record->status = status = (struct status_item *)arena_alloc(arena, count * sizeof *status);
    ASSERT(issue || status || seal); /* the caller's arena has RECORD_ARENA_BYTES */
    record->item_count = (uint32_t)count;
    for (uint32_t i = 0; i < record->item_count; i++) {
        if (issue) issue_item_get(in, &issue[i]);
        else if (seal) seal_item_get(in, &seal[i], record->op);
        else status_item_get(in, &status[i], record->op);
        if (in->why != CODE_OK) return i;
    }
    return REFUSAL_NO_ITEM;
}

struct refusal record_decode(struct record *out, struct arena *arena, struct bytes payload) {
    *out = (struct record){0};
    if (payload.len > STATEMENT_BYTES_MAX) return refuse(CODE_STATEMENT_TOO_LARGE, NULL);
    struct cbor_in in = cbor_read(payload);
    cbor_field(&in, "record");
    cbor_get_versioned(&in, RECORD_VERSION, 3);
    cbor_field(&in, "op");
    out->op = (enum op)cbor_get_uint(&in, 0, UINT16_MAX);
    if (out->op != OP_ISSUE && !is_status_op(out->op) && !op_on_seals(out->op)) cbor_fail(&in, CODE_OP_UNKNOWN);
    cbor_field(&in, "body");
    size_t parts = out->op == OP_ISSUE ? 3 : 1;
    cbor_get_array(&in, parts, parts);
    if (out->op == OP_ISSUE) {
        cbor_field(&in, "type");
        out->type_code = cbor_get_code(&in, TYPE_CODE_LEN, TYPE_CODE_LEN);
        elements_get(&in, out);
    }
    uint32_t item = items_get(&in, out, arena);
    struct refusal refusal = cbor_done(&in);
    refusal.item = item;
    if (refusal.code != CODE_OK) *out = (struct record){0}; /* nobody goes on with half a record */
    return refusal;
}

static void issue_item_put(struct cbor_out *out, const struct issue_item *item) {
    cbor_put_array(out, 12);
    fixed_put(out, item->licence_key, 32);
    cbor_put_uint(out, item->version);
    fixed_put(out, item->number_tag, TAG_LEN);
    cbor_put_uint(out, item->holder_kind);
    fixed_put(out, item->holder_tag, TAG_LEN);
    fixed_put(out, item->name_tag, TAG_LEN);
    cbor_put_int(out, item->valid_from);
    day_or_none_put(out, item->valid_to);
    cbor_put_array(out, item->document_count);
    for (uint32_t i = 0; i < item->document_count; i++) {
        cbor_put_array(out, 2);
        cbor_put_uint(out, item->documents[i].kind);
        fixed_put(out, item->documents[i].key32, 32);
    }
    fixed_put(out, item->fields_root, 32);
    if (item->seal_id.len > 0) {
        cbor_put_array(out, 2);
        cbor_put_text(out, item->seal_id);
        fixed_put(out, item->seal_digest, 32);
    } else {
        cbor_put_null(out);
    }
    cbor_put_array(out, item->component_count);
    for (uint32_t i = 0; i < item->component_count; i++) fixed_put(out, item->components[i], 32);
}

static void status_item_put(struct cbor_out *out, const struct status_item *item) {
    cbor_put_array(out, 5);
    fixed_put(out, item->licence_key, 32);
    cbor_put_uint(out, item->count);
    cbor_put_text(out, item->reason);
    cbor_put_text(out, item->basis);
    day_or_none_put(out, item->until);
}

bool record_encode(struct cbor_out *out, const struct record *record) {
    bool issue = record->op == OP_ISSUE;
    cbor_put_array(out, 3);
    cbor_put_uint(out, RECORD_VERSION);
    cbor_put_uint(out, record->op);
    cbor_put_array(out, issue ? 3 : 1);
    if (issue) {
        cbor_put_text(out, record->type_code);
        cbor_put_array(out, record->element_count);
        for (uint32_t i = 0; i < record->element_count; i++) cbor_put_text(out, record->elements[i]);
    }
    cbor_put_array(out, record->item_count);
    for (uint32_t i = 0; i < record->item_count && !out->full; i++) {
        if (issue) issue_item_put(out, &record->issue[i]);
        else if (op_on_seals(record->op)) seal_item_put(out, &record->seal[i], record->op);
        else status_item_put(out, &record->status[i]);
    }
    return !out->full;
}
