#include "ledger/wire/record_part.h"

#define RECORD_VERSION 1
#define VERSION_MAX 999u
#define HOLDER_KIND_MAX 999u

/* The smallest item of each kind, in bytes: what a count must be backed by before memory is taken for it. */
#define ISSUE_ITEM_MIN 127u
#define STATUS_ITEM_MIN 39u
#define SEAL_NEW_ITEM_MIN 130u
#define SEAL_REMAKE_ITEM_MIN 114u
_Static_assert(sizeof(struct issue_item) * (STATEMENT_BYTES_MAX / ISSUE_ITEM_MIN) + 16 <= RECORD_ARENA_BYTES, "every issue fits the arena");
_Static_assert(sizeof(struct status_item) * ITEMS_MAX + 16 <= RECORD_ARENA_BYTES, "every change of state fits the arena");
_Static_assert(sizeof(struct seal_item) * (STATEMENT_BYTES_MAX / SEAL_REMAKE_ITEM_MIN) + 16 <= RECORD_ARENA_BYTES, "every re-making fits the arena");

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

static int32_t day_get(struct wire_in *in) { return (int32_t)wire_get_int(in, DAY_MIN, DAY_MAX); }
static int32_t day_or_none_get(struct wire_in *in) { return wire_try_null(in) ? DAY_NONE : day_get(in); }

static void day_or_none_put(struct wire_out *out, int32_t day) {
    if (day == DAY_NONE) wire_put_null(out);
    else wire_put_int(out, day);
}

static void documents_get(struct wire_in *in, struct issue_item *item) {
    wire_field(in, "documents");
    item->document_count = (uint32_t)wire_get_array(in, 0, DOCUMENTS_MAX);
    for (uint32_t i = 0; i < item->document_count; i++) {
        wire_field(in, "document");
        wire_get_array(in, 2, 2);
        wire_field(in, "document.kind");
        item->documents[i].kind = (enum document_kind)wire_get_uint(in, DOCUMENT_FILE, DOCUMENT_PDF);
        wire_field(in, "document.key");
        item->documents[i].key32 = wire_get_fixed(in, 32);
    }
}

static void record_seal_get(struct wire_in *in, struct issue_item *item) {
    wire_field(in, "seal");
    if (wire_try_null(in)) return;
    wire_get_array(in, 2, 2);
    wire_field(in, "seal.id");
    item->seal_id = wire_get_text(in, 1, SEAL_ID_MAX);
    wire_field(in, "seal.digest");
    item->seal_digest = wire_get_fixed(in, 32);
}

static void issue_item_get(struct wire_in *in, struct issue_item *item) {
    *item = (struct issue_item){0};
    wire_field(in, "item");
    wire_get_array(in, 12, 12);
    wire_field(in, "licence_key");
    item->licence_key = wire_get_fixed(in, 32);
    wire_field(in, "licence_version");
    item->version = (uint32_t)wire_get_uint(in, 1, VERSION_MAX);
    wire_field(in, "number_tag");
    item->number_tag = wire_get_fixed(in, TAG_LEN);
    wire_field(in, "holder_kind");
    item->holder_kind = (uint32_t)wire_get_uint(in, 1, HOLDER_KIND_MAX);
    wire_field(in, "holder_tag");
    item->holder_tag = wire_get_fixed(in, TAG_LEN);
    wire_field(in, "name_tag");
    item->name_tag = wire_get_fixed(in, TAG_LEN);
    wire_field(in, "valid_from");
    item->valid_from = day_get(in);
    wire_field(in, "valid_to");
    item->valid_to = day_or_none_get(in);
    documents_get(in, item);
    wire_field(in, "fields_root");
    item->fields_root = wire_get_fixed(in, 32);
    record_seal_get(in, item);
    wire_field(in, "components");
    item->component_count = (uint32_t)wire_get_array(in, 0, COMPONENTS_MAX);
    wire_field(in, "component");
    for (uint32_t i = 0; i < item->component_count; i++) item->components[i] = wire_get_fixed(in, 32);
}

static void status_item_get(struct wire_in *in, struct status_item *item, const struct operation *operation) {
    *item = (struct status_item){0};
    wire_field(in, "item");
    wire_get_array(in, 5, 5);
    wire_field(in, "licence_key");
    item->licence_key = wire_get_fixed(in, 32);
    wire_field(in, "count");
    item->count = wire_get_uint(in, 1, WIRE_COUNT_MAX);
    words_get(in, &item->reason, &item->basis, operation);
    wire_field(in, "until");
    item->until = day_or_none_get(in);
    if (item->until != DAY_NONE && !operation_takes(operation, TAKES_UNTIL)) wire_fail(in, CODE_CBOR_TYPE);
}

/* Ascending, each once: so that one list has one form, and a mandatory element is found by walking two lists side by side. */
static void record_elements_get(struct wire_in *in, struct record *record) {
    wire_field(in, "elements");
    record->element_count = (uint32_t)wire_get_array(in, 1, ELEMENTS_MAX);
    wire_field(in, "element");
    for (uint32_t i = 0; i < record->element_count; i++) {
        struct bytes code = wire_get_code(in, 1, ELEMENT_CODE_MAX);
        if (in->why != CODE_OK) return;
        if (i > 0 && bytes_order(record->elements[i - 1], code) >= 0) wire_fail(in, CODE_ELEMENT_UNKNOWN);
        record->elements[i] = code;
    }
}

static void issue_item_put(struct wire_out *out, const struct issue_item *item) {
    wire_put_array(out, 12);
    fixed_put(out, item->licence_key, 32);
    wire_put_uint(out, item->version);
    fixed_put(out, item->number_tag, TAG_LEN);
    wire_put_uint(out, item->holder_kind);
    fixed_put(out, item->holder_tag, TAG_LEN);
    fixed_put(out, item->name_tag, TAG_LEN);
    wire_put_int(out, item->valid_from);
    day_or_none_put(out, item->valid_to);
    wire_put_array(out, item->document_count);
    for (uint32_t i = 0; i < item->document_count; i++) {
        wire_put_array(out, 2);
        wire_put_uint(out, item->documents[i].kind);
        fixed_put(out, item->documents[i].key32, 32);
    }
    fixed_put(out, item->fields_root, 32);
    if (item->seal_id.len > 0) {
        wire_put_array(out, 2);
        wire_put_text(out, item->seal_id);
        fixed_put(out, item->seal_digest, 32);
    } else {
        wire_put_null(out);
    }
    wire_put_array(out, item->component_count);
    for (uint32_t i = 0; i < item->component_count; i++) fixed_put(out, item->components[i], 32);
}

static void status_item_put(struct wire_out *out, const struct status_item *item) {
    wire_put_array(out, 5);
    fixed_put(out, item->licence_key, 32);
    wire_put_uint(out, item->count);
    wire_put_text(out, item->reason);
    wire_put_text(out, item->basis);
    day_or_none_put(out, item->until);
}

/* --- items, by shape --- */

struct item_form { size_t min, most, size; }; /* bytes of the smallest item on the wire; how many may stand in a statement; bytes of one decoded */

static struct item_form record_form_of(enum op_shape shape) {
    switch (shape) {
    case SHAPE_ISSUE: return (struct item_form){ISSUE_ITEM_MIN, ITEMS_MAX, sizeof(struct issue_item)};
    case SHAPE_STATUS: return (struct item_form){STATUS_ITEM_MIN, ITEMS_MAX, sizeof(struct status_item)};
    case SHAPE_SEAL_NEW: return (struct item_form){SEAL_NEW_ITEM_MIN, ITEMS_MAX, sizeof(struct seal_item)};
    case SHAPE_SEAL_REMAKE: return (struct item_form){SEAL_REMAKE_ITEM_MIN, ITEMS_MAX, sizeof(struct seal_item)};
    case SHAPE_SEAL_STATE:
    case SHAPE_SEAL_OWNER: return (struct item_form){1, SEAL_CHANGES_MAX, sizeof(struct seal_item)};
    case SHAPE_RESERVED: break;
    }
    return (struct item_form){1, 0, 1};
}

/* One of an array that is being filled: items is the record's own, not const yet. */
static void item_get(struct wire_in *in, const struct operation *operation, void *items, uint32_t i) {
    switch (operation->shape) {
    case SHAPE_ISSUE: issue_item_get(in, (struct issue_item *)items + i); break;
    case SHAPE_STATUS: status_item_get(in, (struct status_item *)items + i, operation); break;
    case SHAPE_SEAL_NEW:
    case SHAPE_SEAL_STATE:
    case SHAPE_SEAL_REMAKE:
    case SHAPE_SEAL_OWNER: seal_item_get(in, (struct seal_item *)items + i, operation); break;
    case SHAPE_RESERVED: break;
    }
}

static void item_put(struct wire_out *out, const struct operation *operation, const struct record *record, uint32_t i) {
    switch (operation->shape) {
    case SHAPE_ISSUE: issue_item_put(out, &record->issue[i]); break;
    case SHAPE_STATUS: status_item_put(out, &record->status[i]); break;
    case SHAPE_SEAL_NEW:
    case SHAPE_SEAL_STATE:
    case SHAPE_SEAL_REMAKE:
    case SHAPE_SEAL_OWNER: seal_item_put(out, &record->seal[i], operation); break;
    case SHAPE_RESERVED: break;
    }
}

static void items_keep(struct record *record, enum op_shape shape, const void *items) {
    switch (shape) {
    case SHAPE_ISSUE: record->issue = items; break;
    case SHAPE_STATUS: record->status = items; break;
    case SHAPE_SEAL_NEW:
    case SHAPE_SEAL_STATE:
    case SHAPE_SEAL_REMAKE:
    case SHAPE_SEAL_OWNER: record->seal = items; break;
    case SHAPE_RESERVED: break;
    }
}

/* Returns the index of the item that was wrong, or REFUSAL_NO_ITEM. */
static uint32_t items_get(struct wire_in *in, struct record *record, const struct operation *operation, struct arena *arena) {
    wire_field(in, "items");
    if (in->why != CODE_OK) return REFUSAL_NO_ITEM;
    const struct item_form form = record_form_of(operation->shape);
    const size_t count = wire_get_array(in, 1, form.most);
    if (count * form.min > (size_t)(in->end - in->at)) wire_fail(in, CODE_CBOR_TRUNCATED);
    if (in->why != CODE_OK) return REFUSAL_NO_ITEM;
    void *items = arena_alloc(arena, count * form.size);
    ASSERT(items != NULL); /* the caller's arena has RECORD_ARENA_BYTES */
    items_keep(record, operation->shape, items);
    record->item_count = (uint32_t)count;
    for (uint32_t i = 0; i < record->item_count; i++) {
        item_get(in, operation, items, i);
        if (in->why != CODE_OK) return i;
    }
    return REFUSAL_NO_ITEM;
}

struct refusal record_decode(struct record *out, struct arena *arena, struct bytes payload) {
    *out = (struct record){0};
    if (payload.len > STATEMENT_BYTES_MAX) return refuse(CODE_STATEMENT_TOO_LARGE, NULL);
    struct wire_in in = wire_read(payload);
    wire_field(&in, "record");
    wire_get_versioned(&in, RECORD_VERSION, 3);
    wire_field(&in, "op");
    out->op = (enum op)wire_get_uint(&in, 0, UINT16_MAX);
    const struct operation *operation = operation_of(out->op);
    if (operation == NULL || operation->shape == SHAPE_RESERVED) wire_fail(&in, CODE_OP_UNKNOWN);
    wire_field(&in, "body");
    const bool issue = operation != NULL && operation->shape == SHAPE_ISSUE;
    wire_get_array(&in, issue ? 3 : 1, issue ? 3 : 1);
    if (issue) {
        wire_field(&in, "type");
        out->type_code = wire_get_code(&in, TYPE_CODE_LEN, TYPE_CODE_LEN);
        record_elements_get(&in, out);
    }
    uint32_t item = items_get(&in, out, operation, arena);
    struct refusal refusal = wire_done(&in);
    refusal.item = item;
    if (refusal.code != CODE_OK) *out = (struct record){0}; /* nobody goes on with half a record */
    return refusal;
}

bool record_encode(struct wire_out *out, const struct record *record) {
    const struct operation *operation = operation_of(record->op);
    ASSERT(operation != NULL && operation->shape != SHAPE_RESERVED);
    const bool issue = operation->shape == SHAPE_ISSUE;
    wire_put_array(out, 3);
    wire_put_uint(out, RECORD_VERSION);
    wire_put_uint(out, record->op);
    wire_put_array(out, issue ? 3 : 1);
    if (issue) {
        wire_put_text(out, record->type_code);
        wire_put_array(out, record->element_count);
        for (uint32_t i = 0; i < record->element_count; i++) wire_put_text(out, record->elements[i]);
    }
    wire_put_array(out, record->item_count);
    for (uint32_t i = 0; i < record->item_count && !out->full; i++) {
        item_put(out, operation, record, i);
    }
    return !out->full;
}
