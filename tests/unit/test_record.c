/* Record: bounds, every field damaged in turn, operations and versions that are not known, and that the arena always suffices. */
#include "crypto/hash.h"
#include "tests/lib/wire.h"

static uint8_t buf[2 * STATEMENT_BYTES_MAX];

static struct refusal decode(struct bytes payload) {
    static struct record record;
    struct arena arena = codec_arena();
    struct refusal refusal = record_decode(&record, &arena, payload);
    if (refusal.code != CODE_OK) assert_true(record.item_count == 0 && !record.issue && !record.status && !record.seal);
    return refusal;
}

static struct issue_item issue_item(void) {
    return (struct issue_item){.licence_key = fill(1), .version = 1, .number_tag = fill(2), .holder_kind = 1, .holder_tag = fill(3),
                               .name_tag = fill(4), .valid_from = 0, .valid_to = DAY_NONE, .fields_root = fill(5)};
}
static struct record issue(const struct issue_item *items, uint32_t count) {
    return (struct record){.op = OP_ISSUE, .type_code = bytes_text("11310118MB2F00000L001"), .element_count = 1, .elements = {bytes_text("ZZBS")},
                           .item_count = count, .issue = items};
}
static struct refusal through(const struct record *record) {
    struct wire_out out = wire_write(buf, sizeof buf);
    assert_true(record_encode(&out, record));
    return decode(bytes_of(buf, out.len));
}
static struct refusal issue_one(const struct issue_item *item) {
    struct record record = issue(item, 1);
    return through(&record);
}

#define EXPECT(refusal_, code_, field_)                                                                                       \
    do {                                                                                                                      \
        struct refusal r_ = (refusal_);                                                                                       \
        const char *f_ = (field_);                                                                                            \
        if (r_.code != (code_) || (f_ && (!r_.field || strcmp(r_.field, f_) != 0)))                                           \
            fail_msg("line %d: %s %s, not %s %s", __LINE__, code_name(r_.code), r_.field ? r_.field : "-", #code_, f_ ? f_ : "-"); \
    } while (0)

static void issue_bounds(void **state) {
    (void)state;
    struct issue_item item = issue_item();
    EXPECT(issue_one(&item), CODE_OK, NULL);
    item.version = 0;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "licence_version");
    item.version = 1000;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "licence_version");
    item = issue_item();
    item.holder_kind = 0;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "holder_kind");
    item.holder_kind = 1000;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "holder_kind");
    item = issue_item();
    item.valid_from = DAY_MIN - 1;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "valid_from");
    item.valid_from = DAY_MIN;
    item.valid_to = DAY_MAX;
    EXPECT(issue_one(&item), CODE_OK, NULL);
    item.valid_to = DAY_MAX + 1;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "valid_to");
    item = issue_item();
    item.document_count = DOCUMENTS_MAX;
    for (uint32_t i = 0; i < DOCUMENTS_MAX; i++) item.documents[i] = (struct document_ref){DOCUMENT_PDF, fill((uint8_t)i)};
    item.component_count = COMPONENTS_MAX;
    for (uint32_t i = 0; i < COMPONENTS_MAX; i++) item.components[i] = fill((uint8_t)i);
    EXPECT(issue_one(&item), CODE_OK, NULL);
    item.documents[0].kind = (enum document_kind)4;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "document.kind");
    item = issue_item();
    item.seal_digest = fill(9);
    item.seal_id = bytes_of("0123456789012345678901234567890123456789012345678901234567890123456789", SEAL_ID_MAX);
    EXPECT(issue_one(&item), CODE_OK, NULL);
    item.seal_id.len++;
    EXPECT(issue_one(&item), CODE_CBOR_RANGE, "seal.id");
}

/* The lists that a struct has no room for: a count of one too many, written by hand. */
static void counts_over(void **state) {
    (void)state;
    static const struct {
        const char *field;
        uint32_t max;
        size_t position;
    } cases[] = {{"documents", DOCUMENTS_MAX, 8}, {"components", COMPONENTS_MAX, 11}};
    for (size_t i = 0; i < 2; i++) {
        struct issue_item item = issue_item();
        struct record record = issue(&item, 1);
        static uint8_t copy[4096];
        static struct places places;
        struct wire_out out = wire_write(buf, sizeof buf), many = wire_write(copy + 2048, 2048);
        assert_true(record_encode(&out, &record));
        places_of(&places, bytes_of(buf, out.len));
        size_t first = places.count - 12; /* the item's twelve are the last, as no list in it has any element */
        wire_put_array(&many, cases[i].max + 1);
        for (uint32_t k = 0; k <= cases[i].max; k++) wire_put_bytes(&many, bytes_of(fill(1), 32));
        struct bytes changed = place_replace(copy, bytes_of(buf, out.len), &places.at[first + cases[i].position], bytes_of(many.buf, many.len));
        EXPECT(decode(changed), CODE_CBOR_RANGE, cases[i].field);
    }
    EXPECT(decode(bytes_of("\x83\x01\x01\x83\x75" "11310118MB2F00000L001" "\x98\x41\x60", 28)), CODE_CBOR_RANGE, "elements");
    EXPECT(decode(bytes_of("\x83\x01\x03\x81\x99\x03\xe9\x80", 8)), CODE_CBOR_RANGE, "items");
    EXPECT(decode(bytes_of("\x83\x01\x03\x81\x80", 5)), CODE_FIELD_MISSING, "items");
    /* a count that the bytes cannot back takes no memory */
    EXPECT(decode(bytes_of("\x83\x01\x03\x81\x99\x03\xe8\x80", 8)), CODE_CBOR_TRUNCATED, "items");
}

static struct refusal with_elements(uint32_t count, const char *const *codes) {
    struct issue_item item = issue_item();
    struct record record = issue(&item, 1);
    record.element_count = count;
    for (uint32_t i = 0; i < count; i++) record.elements[i] = bytes_text(codes[i]);
    return through(&record);
}

static void elements(void **state) {
    (void)state;
    EXPECT(with_elements(3, (const char *const[]){"A", "AB", "B"}), CODE_OK, NULL);
    EXPECT(with_elements(2, (const char *const[]){"B", "A"}), CODE_ELEMENT_UNKNOWN, "element");
    EXPECT(with_elements(2, (const char *const[]){"A", "A"}), CODE_ELEMENT_UNKNOWN, "element");
    EXPECT(with_elements(2, (const char *const[]){"AB", "A"}), CODE_ELEMENT_UNKNOWN, "element");
    EXPECT(with_elements(0, NULL), CODE_FIELD_MISSING, "elements");
    EXPECT(with_elements(1, (const char *const[]){""}), CODE_FIELD_MISSING, "element");
    EXPECT(with_elements(1, (const char *const[]){"zzbs"}), CODE_TEXT_INVALID, "element");
    EXPECT(with_elements(1, (const char *const[]){"ZZ-BS"}), CODE_TEXT_INVALID, "element");
    EXPECT(with_elements(1, (const char *const[]){"A0123456789012345678901234567890123456789"}), CODE_CBOR_RANGE, "element");
    struct issue_item item = issue_item();
    struct record record = issue(&item, 1);
    record.type_code = bytes_text("11310118MB2F00000L00");
    EXPECT(through(&record), CODE_CBOR_RANGE, "type");
    record.type_code = bytes_text("11310118mb2f00000l001");
    EXPECT(through(&record), CODE_TEXT_INVALID, "type");
}

static struct refusal status(enum op op, const char *reason, const char *basis, uint64_t count, int32_t until) {
    struct status_item item[2] = {{fill(1), 1, bytes_text("x"), bytes_text("y"), DAY_NONE},
                                  {fill(2), count, bytes_text(reason), bytes_text(basis), until}};
    struct record record = {.op = op, .item_count = 2, .status = item};
    return through(&record);
}

static void status_rules(void **state) {
    (void)state;
    static const enum op ops[] = {OP_SUSPEND, OP_RESUME, OP_REVOKE, OP_ANNUL, OP_CANCEL};
    static char longest[BASIS_MAX + 2];
    memset(longest, 'r', BASIS_MAX + 1);
    for (size_t i = 0; i < 5; i++) {
        bool resume = ops[i] == OP_RESUME;
        EXPECT(status(ops[i], "r", "b", 1, DAY_NONE), CODE_OK, NULL);
        EXPECT(status(ops[i], "", "b", 1, DAY_NONE), resume ? CODE_OK : CODE_REASON_MISSING, resume ? NULL : "reason");
        EXPECT(status(ops[i], "r", "", 1, DAY_NONE), resume ? CODE_OK : CODE_REASON_MISSING, resume ? NULL : "basis");
        EXPECT(status(ops[i], "r", "b", 1, 0), ops[i] == OP_SUSPEND ? CODE_OK : CODE_CBOR_TYPE, ops[i] == OP_SUSPEND ? NULL : "until");
        EXPECT(status(ops[i], "r", "b", 0, DAY_NONE), CODE_CBOR_RANGE, "count");
        EXPECT(status(ops[i], "r", "b", INT64_MAX, DAY_NONE), CODE_OK, NULL);
        EXPECT(status(ops[i], "r", "b", UINT64_C(1) << 63, DAY_NONE), CODE_CBOR_RANGE, "count");
        EXPECT(status(ops[i], "r", "b", UINT64_MAX, DAY_NONE), CODE_CBOR_RANGE, "count");
        EXPECT(status(ops[i], longest, "b", 1, DAY_NONE), CODE_CBOR_RANGE, "reason");
        EXPECT(status(ops[i], "r", longest, 1, DAY_NONE), CODE_CBOR_RANGE, "basis");
        EXPECT(status(ops[i], "a\nb", "b", 1, DAY_NONE), CODE_TEXT_INVALID, "reason");
        EXPECT(status(ops[i], "r", "\xe2\x80\xae" "b", 1, DAY_NONE), CODE_TEXT_INVALID, "basis");
    }
    assert_int_equal(status(OP_CANCEL, "", "b", 1, DAY_NONE).item, 1); /* the refusal names the item */
    assert_int_equal(status(OP_CANCEL, "r", "b", 1, DAY_NONE).item, REFUSAL_NO_ITEM);
}

/* ---- seals ---- */

static struct seal_item seal_item(enum op op) {
    struct seal_item item = {.seal_id = bytes_text("31011800000001"), .since = LOG_ENTRY_NONE};
    if (op == OP_SEAL_REGISTER) item.kind = SEAL_KIND_NAME, item.name = bytes_text("n");
    else item.count = 1, item.reason = bytes_text("r"), item.basis = bytes_text("b");
    if (op == OP_SEAL_REGISTER || op == OP_SEAL_TRANSFER) item.owner = bytes_text("11310118MB2F00000L");
    if (op != OP_SEAL_REGISTER && op != OP_SEAL_REMAKE) return item;
    item.digest32 = fill(1);
    item.maker32 = fill(2);
    item.cert_count = 1;
    for (uint8_t i = 0; i < SEAL_CERTS_MAX; i++) item.certs[i] = fill((uint8_t)(3 + i));
    return item;
}
static struct refusal seal_one(enum op op, const struct seal_item *item) {
    struct seal_item items[2] = {seal_item(op), *item}; /* the first long enough for the length of both never to be what is wrong */
    items[0].seal_id = bytes_text("a seal whose number is as long as the numbers of seals may be..");
    struct record record = {.op = op, .item_count = 2, .seal = items};
    return through(&record);
}

#define SEAL_TRY(op, bend, code, field)          \
    do {                                         \
        struct seal_item it = seal_item(op);     \
        bend;                                    \
        EXPECT(seal_one(op, &it), code, field);  \
    } while (0)

static void seal_rules(void **state) {
    (void)state;
    static char longest[NAME_MAX_BYTES + 2];
    memset(longest, 'l', NAME_MAX_BYTES + 1);
    for (int op = OP_SEAL_REGISTER; op <= OP_SEAL_TRANSFER; op++) {
        const bool first = op == OP_SEAL_REGISTER, makes = first || op == OP_SEAL_REMAKE, resume = op == OP_SEAL_RESUME;
        SEAL_TRY((enum op)op, (void)it, CODE_OK, NULL);
        SEAL_TRY((enum op)op, it.seal_id.len = 0, CODE_FIELD_MISSING, "seal_id");
        SEAL_TRY((enum op)op, it.seal_id = bytes_of(longest, SEAL_ID_MAX), CODE_OK, NULL);
        SEAL_TRY((enum op)op, it.seal_id = bytes_of(longest, SEAL_ID_MAX + 1), CODE_CBOR_RANGE, "seal_id");
        if (!first) {
            SEAL_TRY((enum op)op, it.count = 0, CODE_CBOR_RANGE, "count");
            SEAL_TRY((enum op)op, it.reason.len = 0, resume ? CODE_OK : CODE_REASON_MISSING, resume ? NULL : "reason");
            SEAL_TRY((enum op)op, it.basis.len = 0, resume ? CODE_OK : CODE_REASON_MISSING, resume ? NULL : "basis");
            SEAL_TRY((enum op)op, it.reason = bytes_of(longest, REASON_MAX + 1), CODE_CBOR_RANGE, "reason");
        }
        if (op == OP_SEAL_STOP || op == OP_SEAL_CANCEL || op == OP_SEAL_REMAKE) {
            SEAL_TRY((enum op)op, it.since = 0, CODE_OK, NULL);
            SEAL_TRY((enum op)op, it.since = (uint64_t)INT64_MAX + 1, CODE_CBOR_RANGE, "since");
        }
        if (first || op == OP_SEAL_TRANSFER) {
            SEAL_TRY((enum op)op, it.owner.len--, CODE_CBOR_RANGE, "owner");
            SEAL_TRY((enum op)op, it.owner = bytes_text("11310118mb2f00000l"), CODE_TEXT_INVALID, "owner");
        }
        if (!makes) continue;
        SEAL_TRY((enum op)op, it.cert_count = 0, CODE_FIELD_MISSING, "certificates");
        SEAL_TRY((enum op)op, it.cert_count = SEAL_CERTS_MAX, CODE_OK, NULL);
        SEAL_TRY((enum op)op, it.from_ms = -1, CODE_CBOR_RANGE, "valid_from");
        SEAL_TRY((enum op)op, it.to_ms = TIME_MS_MAX + 1, CODE_CBOR_RANGE, "valid_to");
    }
    SEAL_TRY(OP_SEAL_REGISTER, it.kind = (enum seal_kind)0, CODE_CBOR_RANGE, "kind");
    SEAL_TRY(OP_SEAL_REGISTER, it.kind = (enum seal_kind)4, CODE_CBOR_RANGE, "kind");
    SEAL_TRY(OP_SEAL_REGISTER, it.name.len = 0, CODE_FIELD_MISSING, "name");
    SEAL_TRY(OP_SEAL_REGISTER, it.name = bytes_text(longest), CODE_CBOR_RANGE, "name");
}

/* As many as fit, of the smallest kind, in memory that the length alone allows; of changes, few. */
static void seal_counts(void **state) {
    (void)state;
    static struct seal_item items[ITEMS_MAX];
    static _Alignas(16) uint8_t memory[RECORD_ARENA_FOR(STATEMENT_BYTES_MAX)];
    for (int op = OP_SEAL_REGISTER; op <= OP_SEAL_TRANSFER; op++) {
        const bool makes = op == OP_SEAL_REGISTER || op == OP_SEAL_REMAKE;
        for (uint32_t i = 0; i < ITEMS_MAX; i++) {
            items[i] = seal_item((enum op)op);
            items[i].seal_id.len = 1;
        }
        struct record record = {.op = (enum op)op, .item_count = makes ? op == OP_SEAL_REGISTER ? 504 : 574 : SEAL_CHANGES_MAX, .seal = items}, out;
        struct wire_out written = wire_write(buf, sizeof buf);
        assert_true(record_encode(&written, &record));
        assert_true(written.len <= STATEMENT_BYTES_MAX);
        struct arena arena = arena_over(memory, RECORD_ARENA_FOR(written.len));
        EXPECT(record_decode(&out, &arena, bytes_of(buf, written.len)), CODE_OK, NULL);
        record.item_count++;
        if (makes) EXPECT(through(&record), CODE_STATEMENT_TOO_LARGE, NULL);
        else EXPECT(through(&record), CODE_CBOR_RANGE, "items");
    }
    /* Four bytes say a thousand makings: no memory is taken for a promise. */
    EXPECT(decode(bytes_of("\x83\x01\x14\x81\x99\x03\xe8\x80", 8)), CODE_CBOR_TRUNCATED, "items");
}

static void versions_and_ops(void **state) {
    (void)state;
    struct vector v = vector_load("statement", "record_resume");
    EXPECT(decode(bytes_of("\x83\x02\x01\x80", 4)), CODE_VERSION_UNKNOWN, "version");
    EXPECT(decode(bytes_of("\x81\x18\x63", 3)), CODE_VERSION_UNKNOWN, "version");
    EXPECT(decode(bytes_of("\x83\x00\x01\x80", 4)), CODE_CBOR_RANGE, "version");
    EXPECT(decode(bytes_of("\x83\xf6\x01\x80", 4)), CODE_FIELD_MISSING, "version");
    EXPECT(decode(bytes_of("\x82\x01\x01", 3)), CODE_FIELD_MISSING, "record");
    EXPECT(decode(bytes_of("\xa0", 1)), CODE_CBOR_TYPE, "record");
    EXPECT(decode((struct bytes){0}), CODE_CBOR_TRUNCATED, "record");
    unsigned known = 0, named = 0;
    for (unsigned op = 0; op < 24; op++) {
        v.data[2] = (uint8_t)op;
        enum code code = decode(vector_bytes(&v)).code;
        known += code != CODE_OP_UNKNOWN;
        named += op_name((enum op)op) != NULL;
    }
    assert_int_equal(known, 10); /* issue, the five changes of state, four on seals */
    assert_int_equal(named, 16);
    EXPECT(decode(bytes_of("\x83\x01\x18\x18\x80", 5)), CODE_FIELD_MISSING, "body"); /* two more have a longer number */
    EXPECT(decode(bytes_of("\x83\x01\x18\x19\x80", 5)), CODE_FIELD_MISSING, "body");
    EXPECT(decode(bytes_of("\x83\x01\x18\x1a\x80", 5)), CODE_OP_UNKNOWN, "op");
    EXPECT(decode(bytes_of("\x83\x01\x19\xff\xff\x80", 6)), CODE_OP_UNKNOWN, "op");
    EXPECT(decode(bytes_of("\x83\x01\x1a\x00\x01\x00\x01\x80", 8)), CODE_CBOR_RANGE, "op");
}

/* The most items that fit a statement, of the smallest kind, and one more than all limits allow. */
static void fullest(void **state) {
    (void)state;
    static struct issue_item items[600];
    static struct status_item statuses[ITEMS_MAX];
    uint32_t most = 0;
    for (uint32_t i = 0; i < 600; i++) items[i] = issue_item();
    for (uint32_t i = 0; i < ITEMS_MAX; i++) statuses[i] = (struct status_item){fill(1), 1, {0}, {0}, DAY_NONE};
    for (uint32_t count = 500; count < 600; count++) {
        struct record record = issue(items, count);
        struct wire_out out = wire_write(buf, sizeof buf);
        assert_true(record_encode(&out, &record));
        enum code code = decode(bytes_of(buf, out.len)).code;
        assert_int_equal(code, out.len <= STATEMENT_BYTES_MAX ? CODE_OK : CODE_STATEMENT_TOO_LARGE);
        if (code == CODE_OK) most = count;
    }
    assert_int_equal(most, 515);
    struct record record = {.op = OP_RESUME, .item_count = ITEMS_MAX, .status = statuses};
    EXPECT(through(&record), CODE_OK, NULL);
    uint8_t small[100];
    struct wire_out out = wire_write(small, sizeof small);
    assert_false(record_encode(&out, &record));
}

static void damaged(void **state) {
    (void)state;
    /* valid_to, and an issue's seal, may be null; so may a suspension's until. Lists may be shorter by what is left of them. */
    static const struct {
        const char *name;
        unsigned null_ok, absent_ok;
    } cases[] = {{"record_issue", 2, 3 + 2 + 2 + 1}, {"record_suspend", 1, 2}, {"record_cancel", 0, 0},
                 {"record_resume", 0, 0}, {"record_revoke", 0, 0}, {"record_annul", 0, 0}, {"record_seal_register", 0, 2 + 4},
                 {"record_seal_stop", 1, 2}, {"record_seal_resume", 0, 2}, {"record_seal_cancel", 0, 0}, {"record_seal_remake", 1, 2 + 4},
                 {"record_seal_transfer", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vector v = vector_load("statement", cases[i].name);
        law_damaged(codec_record, vector_bytes(&v));
        struct damage taken = law_items(codec_record, vector_bytes(&v));
        if (taken.null_taken != cases[i].null_ok || taken.absent_taken != cases[i].absent_ok)
            fail_msg("%s: %u null, %u absent", cases[i].name, taken.null_taken, taken.absent_taken);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issue_bounds), cmocka_unit_test(counts_over), cmocka_unit_test(elements), cmocka_unit_test(status_rules),
        cmocka_unit_test(seal_rules), cmocka_unit_test(seal_counts), cmocka_unit_test(versions_and_ops), cmocka_unit_test(fullest), cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
