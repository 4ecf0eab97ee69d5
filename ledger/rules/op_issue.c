#include "ledger/rules/op_issue.h"

#include "ledger/rules/op_seal.h"
#include "ledger/wire/tags.h"

#define SMALL_VALUE_MAX 128u /* a number's or a document's object */

/* Bytewise, as the lists are sorted. */
/* The committed list against the type's, both ascending: everything mandatory is there, nothing is there that the type does not have.
 * The identifier belongs to every type, named there or not: opening it is what ties a proof to a licence. */
static enum err elements_check(struct op_run *run, const struct licence_type *type) {
    const struct record *record = run->record;
    const struct bytes identifier = bytes_text(ELEMENT_IDENTIFIER);
    bool identified = false;
    uint32_t at = 0; /* of the type's */
    for (uint32_t i = 0; i < record->element_count; i++) {
        const struct bytes code = record->elements[i];
        for (; at < type->element_count && bytes_order(type->elements[at].code, code) < 0; at++)
            if (type->elements[at].mandatory) return op_refuse(run, CODE_ELEMENT_MISSING, "elements", REFUSAL_NO_ENTRY);
        const bool named = at < type->element_count && bytes_equal(type->elements[at].code, code);
        if (named) at++;
        if (bytes_equal(code, identifier)) identified = true;
        else if (!named) return op_refuse(run, CODE_ELEMENT_UNKNOWN, "elements", REFUSAL_NO_ENTRY);
    }
    for (; at < type->element_count; at++)
        if (type->elements[at].mandatory) return op_refuse(run, CODE_ELEMENT_MISSING, "elements", REFUSAL_NO_ENTRY);
    return identified ? ERR_OK : op_refuse(run, CODE_ELEMENT_MISSING, "elements", REFUSAL_NO_ENTRY);
}

/* The type, where it is there and this member may issue it now. */
static enum err type_check(struct op_run *run, const struct licence_type **type) {
    uint32_t no;
    enum err err = state_find(run->state, OBJECT_TYPE, run->record->type_code, &no);
    if (err != ERR_OK) return err;
    if (no == NO_NONE) return op_refuse(run, CODE_TYPE_UNKNOWN, "type", REFUSAL_NO_ENTRY);
    err = state_type(run->state, no, type);
    if (err != ERR_OK) return err;
    const struct member *member = run->signer->member;
    bool listed = false;
    for (uint32_t i = 0; i < member->type_count && !listed; i++) listed = member->types[i] == no;
    if (!listed || (*type)->state != TYPE_ACTIVE) return op_refuse(run, CODE_TYPE_NOT_ALLOWED, "type", REFUSAL_NO_ENTRY);
    return elements_check(run, *type);
}

/* What can be said of an item by the type alone. days_max is the distance of the two dates: five years from 1 January end on 1 January. */
static enum err op_issue_item_check(struct op_run *run, const struct licence_type *type, const struct issue_item *item) {
    bool kind = false;
    for (uint32_t i = 0; i < type->holder_kind_count && !kind; i++) kind = type->holder_kinds[i] == item->holder_kind;
    if (!kind) return op_refuse_number(run, CODE_HOLDER_KIND, "holder_kind", REFUSAL_NO_ENTRY, item->holder_kind, 0);
    if (item->valid_to == DAY_NONE) {
        if (!type->unlimited_allowed) return op_refuse(run, CODE_VALIDITY_RULE, "valid_to", REFUSAL_NO_ENTRY);
    } else {
        if (item->valid_to < item->valid_from) return op_refuse(run, CODE_VALIDITY_ORDER, "valid_to", REFUSAL_NO_ENTRY);
        if (type->days_max != 0 && (int64_t)item->valid_to - item->valid_from > type->days_max)
            return op_refuse_number(run, CODE_VALIDITY_RULE, "valid_to", REFUSAL_NO_ENTRY, (int64_t)item->valid_to - item->valid_from, type->days_max);
    }
    return ERR_OK;
}

/* Something of this item belongs to licence `owner` already. */
static enum err refuse_taken(struct op_run *run, uint32_t owner, enum code code, const char *field) {
    if (owner >= run->first_no) return op_refuse(run, CODE_ITEM_REPEATED, field, REFUSAL_NO_ENTRY);
    struct licence licence;
    const enum err err = op_licence(run, owner, &licence);
    return err != ERR_OK ? err : op_refuse(run, code, field, op_last_entry(&licence));
}

static enum err components_find(struct op_run *run, const struct issue_item *item, struct licence *licence) {
    licence->component_count = item->component_count;
    for (uint32_t i = 0; i < item->component_count; i++) {
        struct licence component;
        const enum err err = op_licence_find(run, item->components[i], &licence->components[i], &component);
        if (err != ERR_OK) return err;
        if (licence->components[i] == NO_NONE) return op_refuse(run, CODE_COMPONENT_UNKNOWN, "components", REFUSAL_NO_ENTRY);
        if (licence_state_final(component.state)) return op_refuse_state(run, CODE_STATE_FORBIDS, "components", op_last_entry(&component), licence_state_name(component.state));
    }
    return ERR_OK;
}

static enum err licence_make(struct op_run *run, uint32_t type_no, const struct issue_item *item, uint32_t *no) {
    uint32_t owner;
    enum err err = state_find(run->state, OBJECT_LICENCE, bytes_of(item->licence_key, 32), &owner);
    if (err != ERR_OK) return err;
    if (owner != NO_NONE) return refuse_taken(run, owner, CODE_LICENCE_EXISTS, "licence_key");
    struct licence licence = {
        .no = state_next_no(run->state), .version = item->version, .state = LICENCE_VALID,
        .issuer_no = run->signer->member_no, .type_no = type_no, .valid_from = item->valid_from, .valid_to = item->valid_to,
        .holder_kind = item->holder_kind, .document_count = item->document_count, .seal = {.no = NO_NONE, .previous = NO_NONE}, .previous_no = NO_NONE,
        .next_no = NO_NONE, .acted_count = 1, .acted = {{run->signer->key_no, run->context->entry}}, .since = run->context->height,
        .until = DAY_NONE, .last_link = NO_NONE,
    };
    memcpy(licence.key, item->licence_key, 32);
    memcpy(licence.holder_tag, item->holder_tag, TAG_LEN);
    memcpy(licence.name_tag, item->name_tag, TAG_LEN);
    memcpy(licence.fields_root, item->fields_root, 32);
    err = components_find(run, item, &licence);
    if (err == ERR_OK && !op_refused(run) && item->seal_id.len > 0) err = op_seal_use(run, item, licence.no, &licence.seal);
    if (err != ERR_OK || op_refused(run)) return err;
    err = op_licence_link(run, &licence);
    *no = licence.no;
    return err == ERR_OK ? op_licence_write(run, &licence) : err;
}

static void number_id(uint8_t id[4 + TAG_LEN], uint32_t type_no, const struct issue_item *item) {
    be32_put(id, type_no);
    memcpy(id + 4, item->number_tag, TAG_LEN);
}

/* A number is free, or its licence has ended: then its object goes over to the new licence. */
static enum err number_make(struct op_run *run, uint32_t type_no, const struct issue_item *item, uint32_t licence_no) {
    uint8_t id[4 + TAG_LEN], buffer[SMALL_VALUE_MAX];
    number_id(id, type_no, item);
    uint32_t no;
    enum err err = state_find(run->state, OBJECT_NUMBER, bytes_of(id, sizeof id), &no);
    if (err != ERR_OK) return err;
    if (no != NO_NONE) {
        struct bytes value;
        struct number_object held;
        struct licence holder;
        err = state_get(run->state, no, &value);
        if (err == ERR_OK && number_decode(&held, value).code != CODE_OK) err = ERR_CORRUPT;
        if (err == ERR_OK) err = op_licence(run, held.licence_no, &holder);
        if (err != ERR_OK) return err;
        if (!licence_state_final(holder.state)) return refuse_taken(run, held.licence_no, CODE_NUMBER_TAKEN, "number_tag");
    }
    struct number_object number = {.no = no != NO_NONE ? no : state_next_no(run->state), .type_no = type_no, .licence_no = licence_no};
    memcpy(number.tag, item->number_tag, TAG_LEN);
    struct wire_out out = wire_write(buffer, sizeof buffer);
    ASSERT(number_encode(&out, &number));
    const struct bytes value = bytes_of(buffer, out.len);
    if (no != NO_NONE) return state_put(run->state, no, value);
    return state_add(run->state, OBJECT_NUMBER, bytes_of(id, sizeof id), value, &no);
}

static enum err document_make(struct op_run *run, const struct document_ref *ref, uint32_t version, uint32_t licence_no) {
    uint8_t buffer[SMALL_VALUE_MAX];
    uint32_t no;
    enum err err = state_find(run->state, OBJECT_DOCUMENT, bytes_of(ref->key32, 32), &no);
    if (err != ERR_OK) return err;
    if (no != NO_NONE) {
        struct bytes value;
        struct document_object held;
        err = state_get(run->state, no, &value);
        if (err != ERR_OK) return err;
        if (document_decode(&held, value).code != CODE_OK) return ERR_CORRUPT;
        return refuse_taken(run, held.licence_no, CODE_DOCUMENT_TAKEN, "documents");
    }
    struct document_object document = {.no = state_next_no(run->state), .licence_no = licence_no, .version = version, .kind = ref->kind};
    memcpy(document.key, ref->key32, 32);
    struct wire_out out = wire_write(buffer, sizeof buffer);
    ASSERT(document_encode(&out, &document));
    return state_add(run->state, OBJECT_DOCUMENT, bytes_of(ref->key32, 32), bytes_of(buffer, out.len), &no);
}

static enum err item_issue(struct op_run *run, const struct licence_type *type, const struct issue_item *item) {
    uint32_t licence_no = NO_NONE;
    enum err err = op_issue_item_check(run, type, item);
    if (err == ERR_OK && !op_refused(run)) err = licence_make(run, type->no, item, &licence_no);
    if (err == ERR_OK && !op_refused(run)) err = number_make(run, type->no, item, licence_no);
    for (uint32_t i = 0; i < item->document_count && err == ERR_OK && !op_refused(run); i++)
        err = document_make(run, &item->documents[i], item->version, licence_no);
    return err;
}

/* Every so many items, the ids that the next ones will ask for: a licence, a number and a first document each. */
#define EXPECTED_ITEMS 5u
_Static_assert(3 * EXPECTED_ITEMS <= STATE_EXPECT_MAX, "three ids an item");

static void items_expect(struct op_run *run, uint32_t type_no) {
    struct state_id ids[3 * EXPECTED_ITEMS];
    uint8_t numbers[EXPECTED_ITEMS][4 + TAG_LEN];
    size_t count = 0;
    for (uint32_t i = 0; i < EXPECTED_ITEMS && run->item + i < run->record->item_count; i++) {
        const struct issue_item *item = &run->record->issue[run->item + i];
        number_id(numbers[i], type_no, item);
        ids[count++] = (struct state_id){OBJECT_LICENCE, bytes_of(item->licence_key, 32)};
        ids[count++] = (struct state_id){OBJECT_NUMBER, bytes_of(numbers[i], sizeof numbers[i])};
        if (item->document_count > 0) ids[count++] = (struct state_id){OBJECT_DOCUMENT, bytes_of(item->documents[0].key32, 32)};
    }
    state_expect(run->state, ids, count);
}

enum err op_issue(struct op_run *run) {
    const struct licence_type *type = NULL;
    struct op_seal seal;
    enum err err = op_role_check(run);
    if (err == ERR_OK && !op_refused(run)) err = type_check(run, &type);
    if (err != ERR_OK || op_refused(run)) return err;
    const struct op_quota quota = op_quota(run);
    seal.held = false;
    run->seal = &seal;
    for (run->item = 0; run->item < run->record->item_count; run->item++) {
        if (run->item % EXPECTED_ITEMS == 0) items_expect(run, type->no);
        err = item_issue(run, type, &run->record->issue[run->item]);
        if (err == ERR_OK && !op_refused(run)) op_quota_check(run, &quota);
        if (err != ERR_OK || op_refused(run)) return err;
    }
    run->item = REFUSAL_NO_ITEM;
    err = op_seal_put(run);
    run->seal = NULL;
    return err == ERR_OK ? op_quota_use(run, &quota, run->record->item_count) : err;
}
