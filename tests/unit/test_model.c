/* Model: the rules written a second time, naively (arrays, linear search, a copy of everything for all-or-nothing), and random streams of
 * statements against both. After each statement the answers are equal, after each block every object and the root are. SEED=n repeats a run. */
#include "tests/lib/rows.h"
#include "tests/lib/small_ledger.h"

#include <time.h>
#include <unistd.h>

#include "ledger/kv/kv_lmdb.h"

#define MODEL_MAX 4000
#define MODEL_QUOTA 120u
#define NAMES 60u /* few, so that things meet */

struct m_licence {
    uint32_t name, no, type, issuer, until_or_0, docs;
    enum licence_state state;
    uint64_t count, since, last_entry;
    uint32_t acted[ACTED_MAX + 1], acted_count;
    uint64_t acted_entry[ACTED_MAX + 1];
    uint8_t head[32];
    uint32_t link;
    uint32_t seal, making, before; /* seal: index + 1; 0: none */
    uint64_t sealed;
};
struct m_seal {
    char id[8];
    uint32_t no, owner, registrar, makings, acts, licences, last; /* last: licence number */
    enum seal_state state;
    uint8_t data[SEAL_MAKINGS_MAX];
    uint64_t suspect[SEAL_MAKINGS_MAX], made[SEAL_MAKINGS_MAX], count, since, last_entry;
    uint32_t act_key[SEAL_ACTS_MAX];
    uint8_t head[32];
    uint32_t link;
};
#define SEALS 24u /* names */
struct m_number { uint32_t type, name, no, licence; };
struct m_document { uint32_t name, half, no, licence; };
struct model {
    struct m_licence licences[MODEL_MAX];
    struct m_number numbers[MODEL_MAX];
    struct m_document documents[2 * MODEL_MAX];
    struct m_seal seals[SEALS];
    uint32_t licence_count, number_count, document_count, seal_count, objects, links;
    uint64_t issued[AT_ROLELESS + 1], used[AT_ROLELESS + 1];
    int32_t day[AT_ROLELESS + 1];
};
static struct model now, spare, committed;

static uint64_t rng_state;
static uint32_t rng(uint32_t below) {
    rng_state ^= rng_state << 13;
    rng_state ^= rng_state >> 7;
    rng_state ^= rng_state << 17;
    return (uint32_t)(rng_state >> 11) % below;
}

static uint32_t m_licence(uint32_t name) {
    for (uint32_t i = 0; i < now.licence_count; i++)
        if (now.licences[i].name == name) return i;
    return UINT32_MAX;
}
static bool m_final(const struct m_licence *l) {
    return l->state == LICENCE_REVOKED || l->state == LICENCE_ANNULLED || l->state == LICENCE_CANCELLED;
}

/* The head, from the format's words and nothing of ours: SHA-256 of length-prefixed tag and parts. */
static void m_head(uint8_t head[32], uint8_t state, const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t item) {
    uint8_t in[1 + 13 + 4 + 32 + 4 + 24];
    uint8_t *p = in;
    *p++ = 13;
    memcpy(p, "licet/link/v1", 13);
    be32_put(p + 13, 32);
    memcpy(p + 17, head, 32);
    be32_put(p + 49, 24);
    be64_put(p + 53, ledger->context.entry);
    be16_put(p + 61, (uint16_t)item);
    p[63] = (uint8_t)trial->record.op;
    p[64] = state;
    be32_put(p + 65, key);
    be64_put(p + 69, (uint64_t)ledger->context.time_ms);
    sha256(head, in, sizeof in);
}
static void m_link(struct m_licence *l, const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t item) {
    m_head(l->head, (uint8_t)l->state, ledger, trial, key, item);
    l->count++;
    l->link = now.links++;
}

static struct m_seal *m_seal(struct bytes id) {
    for (uint32_t i = 0; i < now.seal_count; i++)
        if (bytes_equal(bytes_text(now.seals[i].id), id)) return &now.seals[i];
    return NULL;
}

/* --- the rules again --- */

struct said { enum code code; uint32_t item; uint64_t entry; };
static struct said say(enum code code, uint32_t item, uint64_t entry) { return (struct said){code, item, entry}; }
static const struct said fine = {CODE_OK, REFUSAL_NO_ITEM, REFUSAL_NO_ENTRY};

static struct said m_issue_item(const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t member, uint32_t type, uint32_t i,
                                uint32_t first) {
    const struct issue_item *item = &trial->issue[i];
    const uint32_t name = be32_get(trial->licences[i]), number = be32_get(trial->numbers[i]);
    if (item->holder_kind != 1 && !(type == AT_PLAIN && item->holder_kind == 111)) return say(CODE_HOLDER_KIND, i, REFUSAL_NO_ENTRY);
    if (item->valid_to == DAY_NONE && type != AT_OPEN) return say(CODE_VALIDITY_RULE, i, REFUSAL_NO_ENTRY);
    if (item->valid_to < item->valid_from) return say(CODE_VALIDITY_ORDER, i, REFUSAL_NO_ENTRY);
    const uint32_t there = m_licence(name);
    if (there != UINT32_MAX) {
        if (there >= first) return say(CODE_ITEM_REPEATED, i, REFUSAL_NO_ENTRY);
        return say(CODE_LICENCE_EXISTS, i, now.licences[there].last_entry);
    }
    for (uint32_t c = 0; c < item->component_count; c++) {
        const uint32_t part = m_licence(be32_get(item->components[c]));
        if (part == UINT32_MAX) return say(CODE_COMPONENT_UNKNOWN, i, REFUSAL_NO_ENTRY);
        if (m_final(&now.licences[part])) return say(CODE_STATE_FORBIDS, i, now.licences[part].last_entry);
    }
    struct m_seal *seal = NULL;
    if (item->seal_id.len > 0) {
        seal = m_seal(item->seal_id);
        if (seal == NULL) return say(CODE_SEAL_UNKNOWN, i, REFUSAL_NO_ENTRY);
        const uint32_t making = seal->makings - 1;
        if (seal->owner != member) return say(CODE_SEAL_NOT_OWNED, i, REFUSAL_NO_ENTRY);
        if (seal->state != SEAL_VALID) return say(CODE_SEAL_STOPPED, i, seal->last_entry);
        if (item->seal_digest[0] != seal->data[making]) return say(CODE_SEAL_DIGEST, i, seal->made[making]);
        if (ledger->context.time_ms > START_MS + 100 * DAY_MS) return say(CODE_SEAL_PERIOD, i, seal->made[making]);
    }
    struct m_licence *l = &now.licences[now.licence_count];
    *l = (struct m_licence){.name = name, .no = now.objects++, .type = type, .issuer = member, .docs = item->document_count, .state = LICENCE_VALID,
                            .since = ledger->context.height, .last_entry = ledger->context.entry, .acted = {key}, .acted_count = 1,
                            .acted_entry = {ledger->context.entry}};
    if (seal) {
        l->seal = (uint32_t)(seal - now.seals) + 1;
        l->making = seal->makings - 1;
        l->sealed = ledger->context.entry;
        l->before = seal->last;
        seal->last = l->no;
        seal->licences++;
    }
    m_link(l, ledger, trial, key, i);
    const uint32_t licence = now.licence_count++;
    uint32_t n = 0;
    while (n < now.number_count && !(now.numbers[n].type == type && now.numbers[n].name == number)) n++;
    if (n == now.number_count) now.numbers[now.number_count++] = (struct m_number){type, number, now.objects++, licence};
    else if (m_final(&now.licences[now.numbers[n].licence])) now.numbers[n].licence = licence;
    else if (now.numbers[n].licence >= first) return say(CODE_ITEM_REPEATED, i, REFUSAL_NO_ENTRY);
    else return say(CODE_NUMBER_TAKEN, i, now.licences[now.numbers[n].licence].last_entry);
    for (uint32_t d = 0; d < item->document_count; d++) {
        const uint32_t document = be32_get(item->documents[d].key32), half = item->documents[d].key32[31];
        for (uint32_t k = 0; k < now.document_count; k++) {
            if (now.documents[k].name != document || now.documents[k].half != half) continue;
            if (now.documents[k].licence >= first) return say(CODE_ITEM_REPEATED, i, REFUSAL_NO_ENTRY);
            return say(CODE_DOCUMENT_TAKEN, i, now.licences[now.documents[k].licence].last_entry);
        }
        now.documents[now.document_count++] = (struct m_document){document, half, now.objects++, licence};
    }
    return fine;
}

static struct said m_issue(const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t member, uint32_t type) {
    if (type == AT_RETIRED || (type == AT_OTHER && member != AT_B)) return say(CODE_TYPE_NOT_ALLOWED, REFUSAL_NO_ITEM, REFUSAL_NO_ENTRY);
    const uint32_t first = now.licence_count, objects = now.objects;
    const uint64_t used = now.day[member] == ledger->context.quota_day ? now.used[member] : 0;
    for (uint32_t i = 0; i < trial->record.item_count; i++) {
        const struct said said = m_issue_item(ledger, trial, key, member, type, i, first);
        if (said.code != CODE_OK) return said;
        if (used + now.objects - objects > MODEL_QUOTA) return say(CODE_QUOTA, i, REFUSAL_NO_ENTRY);
    }
    now.issued[member] += trial->record.item_count;
    now.day[member] = ledger->context.quota_day;
    now.used[member] = used + now.objects - objects;
    return fine;
}

static struct said m_status(const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t member) {
    const uint64_t used = now.day[member] == ledger->context.quota_day ? now.used[member] : 0;
    for (uint32_t i = 0; i < trial->record.item_count; i++) {
        const struct status_item *item = &trial->status[i];
        const enum op op = trial->record.op;
        if (op != OP_RESUME && (item->reason.len == 0 || item->basis.len == 0)) return say(CODE_REASON_MISSING, i, REFUSAL_NO_ENTRY);
        const uint32_t at = m_licence(be32_get(item->licence_key));
        if (at == UINT32_MAX) return say(CODE_LICENCE_UNKNOWN, i, REFUSAL_NO_ENTRY);
        struct m_licence *l = &now.licences[at];
        if (l->last_entry == ledger->context.entry) return say(CODE_ITEM_REPEATED, i, REFUSAL_NO_ENTRY);
        if (l->issuer != member && !(l->type == AT_OPEN && member == AT_SUPER)) return say(CODE_NOT_THE_ISSUER, i, REFUSAL_NO_ENTRY);
        const enum licence_state to = op == OP_SUSPEND ? LICENCE_SUSPENDED : op == OP_RESUME ? LICENCE_VALID : op == OP_REVOKE ? LICENCE_REVOKED
                                      : op == OP_ANNUL ? LICENCE_ANNULLED : LICENCE_CANCELLED;
        if (l->state == to) return say(CODE_ALREADY_SO, i, l->last_entry);
        if (l->count != item->count) return say(CODE_COUNT_STALE, i, l->last_entry);
        if (m_final(l)) return say(CODE_STATE_FORBIDS, i, l->last_entry);
        uint32_t a = 0;
        while (a < l->acted_count && l->acted[a] != key) a++;
        if (a == l->acted_count) l->acted[l->acted_count++] = key;
        l->acted_entry[a] = l->last_entry = ledger->context.entry;
        l->state = to;
        l->since = ledger->context.height;
        m_link(l, ledger, trial, key, i);
        if (op == OP_RESUME && used + i + 1 > MODEL_QUOTA) return say(CODE_QUOTA, i, REFUSAL_NO_ENTRY);
    }
    if (trial->record.op == OP_RESUME) {
        now.day[member] = ledger->context.quota_day;
        now.used[member] = used + trial->record.item_count;
    }
    return fine;
}

static uint32_t m_member(struct bytes uscc) {
    for (uint32_t m = AT_A; m <= AT_ROLELESS; m++)
        if (bytes_equal(at_uscc(m), uscc)) return m;
    return NO_NONE;
}
static void m_seal_act(struct m_seal *s, const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t item) {
    s->act_key[s->acts++] = key;
    s->last_entry = ledger->context.entry;
    s->since = ledger->context.height;
    m_head(s->head, (uint8_t)s->state, ledger, trial, key, item);
    s->count++;
    s->link = now.links++;
}
static struct said m_owner(struct bytes uscc, uint32_t *owner, uint32_t i) {
    *owner = m_member(uscc);
    if (*owner == NO_NONE) return say(CODE_MEMBER_UNKNOWN, i, REFUSAL_NO_ENTRY);
    return *owner == AT_PAUSED ? say(CODE_MEMBER_NOT_ACTIVE, i, REFUSAL_NO_ENTRY) : fine;
}

static struct said m_register(const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t member) {
    const uint32_t first = now.seal_count, objects = now.objects;
    const uint64_t used = now.day[member] == ledger->context.quota_day ? now.used[member] : 0;
    for (uint32_t i = 0; i < trial->record.item_count; i++) {
        const struct seal_item *item = &trial->seal[i];
        uint32_t owner;
        struct m_seal *s = m_seal(item->seal_id);
        if (s) return s >= &now.seals[first] ? say(CODE_ITEM_REPEATED, i, REFUSAL_NO_ENTRY) : say(CODE_SEAL_EXISTS, i, s->last_entry);
        const struct said said = m_owner(item->owner, &owner, i);
        if (said.code != CODE_OK) return said;
        s = &now.seals[now.seal_count++];
        *s = (struct m_seal){.no = now.objects++, .owner = owner, .registrar = member, .makings = 1, .last = NO_NONE, .state = SEAL_VALID,
                             .data = {item->digest32[0]}, .suspect = {LOG_ENTRY_NONE}, .made = {ledger->context.entry}};
        memcpy(s->id, item->seal_id.data, item->seal_id.len);
        m_seal_act(s, ledger, trial, key, i);
        if (used + now.objects - objects > MODEL_QUOTA) return say(CODE_QUOTA, i, REFUSAL_NO_ENTRY);
    }
    now.day[member] = ledger->context.quota_day;
    now.used[member] = used + now.objects - objects;
    return fine;
}

static struct said m_seal_change(const struct ledger *ledger, const struct trial *trial, uint32_t key, uint32_t member) {
    const enum op op = trial->record.op;
    const uint64_t entry = ledger->context.entry;
    for (uint32_t i = 0; i < trial->record.item_count; i++) {
        const struct seal_item *item = &trial->seal[i];
        struct m_seal *s = m_seal(item->seal_id);
        if (op != OP_SEAL_RESUME && (item->reason.len == 0 || item->basis.len == 0)) return say(CODE_REASON_MISSING, i, REFUSAL_NO_ENTRY);
        if (!s) return say(CODE_SEAL_UNKNOWN, i, REFUSAL_NO_ENTRY);
        if (s->last_entry == entry) return say(CODE_ITEM_REPEATED, i, REFUSAL_NO_ENTRY);
        if (s->registrar != member && s->owner != member) return say(CODE_NOT_THE_REGISTRAR, i, REFUSAL_NO_ENTRY);
        if (s->state == (op == OP_SEAL_STOP ? SEAL_STOPPED : op == OP_SEAL_RESUME ? SEAL_VALID : op == OP_SEAL_CANCEL ? SEAL_CANCELLED : 0)) return say(CODE_ALREADY_SO, i, s->last_entry);
        if (s->count != item->count) return say(CODE_COUNT_STALE, i, s->last_entry);
        if (s->state == SEAL_CANCELLED) return say(CODE_STATE_FORBIDS, i, s->last_entry);
        const bool stops = op == OP_SEAL_STOP || op == OP_SEAL_CANCEL;
        if (!stops && s->acts >= 62) return say(CODE_MAKINGS_FULL, i, s->last_entry);
        if (item->since != LOG_ENTRY_NONE && item->since > entry) return say(CODE_ENTRY_AHEAD, i, REFUSAL_NO_ENTRY);
        uint64_t *suspect = &s->suspect[s->makings - 1];
        if (stops) {
            const uint64_t from = item->since == LOG_ENTRY_NONE ? entry : item->since;
            for (uint32_t m = 0; m < s->makings; m++)
                if ((m + 1 == s->makings || from < s->made[m + 1]) && from < s->suspect[m]) s->suspect[m] = from;
            s->state = op == OP_SEAL_STOP ? SEAL_STOPPED : SEAL_CANCELLED;
        } else if (op == OP_SEAL_RESUME) {
            *suspect = LOG_ENTRY_NONE;
            s->state = SEAL_VALID;
        } else if (op == OP_SEAL_REMAKE) {
            for (uint32_t m = 0; m < s->makings; m++)
                if (s->data[m] == item->digest32[0]) return say(CODE_MAKING_KNOWN, i, s->made[m]);
            if (s->makings == 16) return say(CODE_MAKINGS_FULL, i, s->last_entry);
            for (uint32_t m = 0; m < s->makings; m++)
                if ((m + 1 == s->makings || item->since < s->made[m + 1]) && item->since < s->suspect[m]) s->suspect[m] = item->since;
            s->data[s->makings] = item->digest32[0];
            s->made[s->makings] = entry;
            s->suspect[s->makings++] = LOG_ENTRY_NONE;
            s->state = SEAL_VALID;
        } else {
            uint32_t owner;
            const struct said said = m_owner(item->owner, &owner, i);
            if (said.code != CODE_OK) return said;
            if (owner == s->owner) return say(CODE_ALREADY_SO, i, s->last_entry);
            s->owner = owner;
        }
        m_seal_act(s, ledger, trial, key, i);
    }
    return fine;
}

/* --- random statements --- */

static const char *seal_name(uint32_t n) {
    static char names[SEALS + 2][8];
    snprintf(names[n], sizeof names[n], "S%u", n);
    return names[n];
}
static uint8_t data_of(const struct m_seal *s) { return s->data[s->makings - 1]; }

static void draw_seal(struct trial *trial, const struct ledger *ledger, uint32_t member) {
    static const enum op ops[] = {OP_SEAL_REGISTER, OP_SEAL_STOP, OP_SEAL_RESUME, OP_SEAL_RESUME, OP_SEAL_REMAKE, OP_SEAL_TRANSFER, OP_SEAL_CANCEL};
    static const uint32_t owners[] = {AT_A, AT_A, AT_B, AT_B, AT_SUPER, AT_PAUSED};
    const enum op op = now.seal_count == 0 ? OP_SEAL_REGISTER : ops[rng(rng(12) ? 6 : 7)];
    trial->record.item_count = rng(3) ? 1 : 1 + rng(3);
    for (uint32_t i = 0; i < trial->record.item_count; i++) {
        struct m_seal *s = now.seal_count ? &now.seals[rng(now.seal_count)] : NULL;
        for (int tries = 0; tries < 10 && s && s->registrar != member; tries++) s = &now.seals[rng(now.seal_count)];
        const bool fresh = op == OP_SEAL_REGISTER || s == NULL || rng(40) == 0;
        trial_seal(trial, i, op, fresh ? seal_name(rng(SEALS)) : s->id, s && !fresh ? s->count - (rng(12) == 0) : 1, (uint8_t)(1 + rng(rng(3) ? 200 : 4)));
        trial->seal[i].owner = rng(40) ? at_uscc(owners[rng(6)]) : bytes_text("913100009999999999");
        if (rng(4) == 0) trial->seal[i].since = rng(20) ? rng((uint32_t)ledger->context.entry + 1) : ledger->context.entry + 1;
        if (rng(40) == 0) trial->seal[i].reason.len = 0;
    }
}

/* --- random statements on licences --- */

struct drawn { uint32_t key, member, type; };
static struct drawn draw(struct trial *trial, const struct ledger *ledger) {
    static const uint32_t keys[] = {AT_KEY_A, AT_KEY_A, AT_KEY_A2, AT_KEY_B, AT_KEY_B, AT_KEY_SUPER};
    static const uint32_t types[] = {AT_PLAIN, AT_PLAIN, AT_PLAIN, AT_OPEN, AT_OPEN, AT_OPEN, AT_PLAIN, AT_OPEN, AT_OTHER, AT_RETIRED};
    static const enum op ops[] = {OP_SUSPEND, OP_RESUME, OP_REVOKE, OP_ANNUL, OP_CANCEL};
    if (rng(6) == 0) {
        struct drawn on_seal = {.key = rng(2) ? AT_KEY_SEAL_A : rng(2) ? AT_KEY_SEAL_A2 : AT_KEY_SEAL_B};
        on_seal.member = at_key(on_seal.key).member_no;
        trial_start(trial, ledger);
        trial_signer(trial, on_seal.key);
        draw_seal(trial, ledger, on_seal.member);
        return on_seal;
    }
    struct drawn drawn = {.key = keys[rng(6)], .type = types[rng(10)]};
    drawn.member = at_key(drawn.key).member_no;
    trial_start(trial, ledger);
    trial_signer(trial, drawn.key);
    trial->record.item_count = rng(3) ? 1 : 1 + rng(8);
    if (rng(100) < 50) {
        trial->record.type_code = at_type(drawn.type);
        if (drawn.type != AT_PLAIN) trial->record.element_count = 1, trial->record.elements[0] = bytes_text("ZZBS");
        if (drawn.type == AT_OTHER) trial->record.element_count = 2, trial->record.elements[1] = bytes_text("ZZ_Z");
        for (uint32_t i = 0; i < trial->record.item_count; i++) {
            trial_item(trial, i, rng(rng(9) ? 1000000 : NAMES), rng(rng(7) ? 100000 : NAMES / 4), rng(rng(9) ? 1000000 : NAMES));
            trial->issue[i].document_count = rng(3);
            if (rng(30) == 0) trial->issue[i].holder_kind = rng(2) ? 111 : 5;
            if (rng(30) == 0) trial->issue[i].valid_to = rng(2) ? DAY_NONE : 19999;
            if (rng(4) == 0 && now.seal_count > 0) {
                const struct m_seal *s = &now.seals[rng(now.seal_count)];
                for (int tries = 0; tries < 20 && (s->owner != drawn.member || s->state != SEAL_VALID); tries++) s = &now.seals[rng(now.seal_count)];
                trial_sealed(trial, i, rng(60) ? seal_name((uint32_t)atoi(s->id + 1)) : "S99", rng(30) ? data_of(s) : 250); /* not the model's own copy */
            }
            if (rng(15) == 0 && now.licence_count > 0) {
                static uint8_t part[32];
                be32_put(part, rng(20) ? now.licences[rng(now.licence_count)].name : 7777777);
                trial->issue[i].component_count = 1;
                trial->issue[i].components[0] = part;
            }
        }
        return drawn;
    }
    trial->record.op = ops[rng(rng(3) ? 2 : 5)];
    trial->record.item_count = rng(4) ? 1 : 1 + rng(4);
    for (uint32_t i = 0; i < trial->record.item_count; i++) {
        uint32_t at = 0; /* mostly one that it may act on */
        for (uint32_t tries = 0; tries < 20 && now.licence_count > 0; tries++) {
            at = rng(now.licence_count);
            if (now.licences[at].issuer == drawn.member && !m_final(&now.licences[at])) break;
        }
        const bool any = now.licence_count > 0 && rng(40) != 0;
        trial_status(trial, i, any ? now.licences[at].name : 8888888, any ? now.licences[at].count - (rng(10) == 0) : 1);
        if (trial->record.op == OP_SUSPEND) trial->status[i].until = DAY_NONE;
        if (rng(40) == 0) trial->status[i].basis.len = 0;
    }
    return drawn;
}

/* --- both compared --- */

static void compare_licence(struct ledger *ledger, const struct m_licence *l) {
    struct licence licence;
    assert_true(ledger_licence(ledger, l->name, &licence));
    assert_int_equal(licence.no, l->no);
    assert_int_equal(licence.state, l->state);
    assert_int_equal(licence.type_no, l->type);
    assert_int_equal(licence.issuer_no, l->issuer);
    assert_int_equal(licence.document_count, l->docs);
    assert_int_equal(licence.history_count, l->count);
    assert_memory_equal(licence.history_head, l->head, 32);
    assert_int_equal(licence.last_link, l->link);
    assert_int_equal(licence.since, l->since);
    assert_int_equal(licence.acted_count, l->acted_count);
    for (uint32_t i = 0; i < l->acted_count; i++) {
        assert_int_equal(licence.acted[i].key_no, l->acted[i]);
        assert_int_equal(licence.acted[i].last_entry, l->acted_entry[i]);
    }
    assert_int_equal(licence.seal.no, l->seal ? now.seals[l->seal - 1].no : NO_NONE);
    if (l->seal) assert_true(licence.seal.making == l->making && licence.seal.entry == l->sealed && licence.seal.previous == l->before);
}

static void compare_seal(struct ledger *ledger, const struct m_seal *s) {
    struct seal seal;
    assert_true(ledger_seal(ledger, s->id, &seal));
    assert_int_equal(seal.no, s->no);
    assert_int_equal(seal.owner_no, s->owner);
    assert_int_equal(seal.registrar_no, s->registrar);
    assert_int_equal(seal.state, s->state);
    assert_int_equal(seal.since, s->since);
    assert_int_equal(seal.licence_count, s->licences);
    assert_int_equal(seal.last_licence, s->last);
    assert_int_equal(seal.history_count, s->count);
    assert_memory_equal(seal.history_head, s->head, 32);
    assert_int_equal(seal.last_link, s->link);
    assert_int_equal(seal.making_count, s->makings);
    for (uint32_t i = 0; i < s->makings; i++)
        assert_true(seal.makings[i].digest[31] == s->data[i] && seal.makings[i].entry == s->made[i] && seal.makings[i].suspect_since == s->suspect[i]);
    assert_int_equal(seal.act_count, s->acts);
    for (uint32_t i = 0; i < s->acts; i++) assert_int_equal(seal.acts[i].key_no, s->act_key[i]);
    assert_int_equal(seal.acts[s->acts - 1].entry, s->last_entry);
}

static void compare_all(struct ledger *ledger) {
    uint32_t no;
    struct bytes value;
    assert_int_equal(state_next_no(ledger->state), now.objects);
    for (uint32_t i = 0; i < now.licence_count; i++) compare_licence(ledger, &now.licences[i]);
    for (uint32_t i = 0; i < now.seal_count; i++) compare_seal(ledger, &now.seals[i]);
    for (uint32_t i = 0; i < now.number_count; i++) {
        uint8_t id[4 + TAG_LEN] = {0};
        struct number_object number;
        be32_put(id, now.numbers[i].type);
        be32_put(id + 4, now.numbers[i].name);
        assert_int_equal(state_find(ledger->state, OBJECT_NUMBER, bytes_of(id, sizeof id), &no), ERR_OK);
        assert_int_equal(no, now.numbers[i].no);
        assert_int_equal(state_get(ledger->state, no, &value), ERR_OK);
        assert_int_equal(number_decode(&number, value).code, CODE_OK);
        assert_int_equal(number.licence_no, now.licences[now.numbers[i].licence].no);
    }
    for (uint32_t i = 0; i < now.document_count; i++) {
        uint8_t id[32] = {0};
        struct document_object document;
        be32_put(id, now.documents[i].name);
        id[31] = (uint8_t)now.documents[i].half;
        assert_int_equal(state_find(ledger->state, OBJECT_DOCUMENT, bytes_of(id, 32), &no), ERR_OK);
        assert_int_equal(no, now.documents[i].no);
        assert_int_equal(state_get(ledger->state, no, &value), ERR_OK);
        assert_int_equal(document_decode(&document, value).code, CODE_OK);
        assert_int_equal(document.licence_no, now.licences[now.documents[i].licence].no);
    }
    for (uint32_t m = AT_A; m <= AT_ROLELESS; m++) {
        const struct member *member;
        assert_int_equal(state_member(ledger->state, m, &member), ERR_OK);
        assert_int_equal(member->issued, now.issued[m]);
        assert_int_equal(member->quota_used, now.used[m]);
        assert_int_equal(member->quota_day, now.day[m]);
    }
}

/* The root by its definition, over what storage holds. */
struct pair { uint8_t key[32], hash[32]; };
static int pair_order(const void *a, const void *b) { return memcmp(a, b, 32); }
static void naive_root(uint8_t out[32], const struct pair *pairs, size_t count) {
    if (count == 1) {
        map_leaf(out, pairs->key, pairs->hash);
        return;
    }
    unsigned bit = 0;
    while (map_bit(pairs[0].key, bit) == map_bit(pairs[count - 1].key, bit)) bit++;
    size_t split = 0;
    while (map_bit(pairs[split].key, bit) == 0) split++;
    uint8_t left[32], right[32];
    naive_root(left, pairs, split);
    naive_root(right, pairs + split, count - split);
    map_inner(out, (uint16_t)bit, left, right);
}
static void compare_root(struct ledger *ledger) {
    static struct pair pairs[5 * MODEL_MAX];
    struct kv_txn *r;
    assert_int_equal(kv_begin(ledger->kv, false, &r), ERR_OK);
    for (uint32_t no = 0; no < now.objects; no++) {
        struct bytes value;
        assert_int_equal(slots_get(r, no, &value), ERR_OK);
        assert_true(object_key_of(pairs[no].key, ledger->genesis, value));
        object_value_hash(pairs[no].hash, value);
    }
    kv_abort(r);
    qsort(pairs, now.objects, sizeof pairs[0], pair_order);
    uint8_t root[32];
    naive_root(root, pairs, now.objects);
    assert_memory_equal(root, ledger->root, 32);
    assert_int_equal(ledger->counts.objects, now.objects);
    assert_int_equal(ledger->counts.links, now.links);
    assert_int_equal(ledger->counts.licences, now.licence_count);
}

static void run(struct kv *kv, bool faults, int blocks) {
    static struct trial trial;
    struct ledger ledger;
    ledger_open(&ledger, kv);
    const struct policy policy = {86400, 300, 2, MODEL_QUOTA, 100, 86400, 1u << KEY_ES256K};
    uint8_t buffer[256];
    struct wire_out out = wire_write(buffer, sizeof buffer);
    assert_true(policy_encode(&out, &policy));
    ledger_begin(&ledger);
    assert_int_equal(state_put(ledger.state, AT_POLICY, bytes_of(buffer, out.len)), ERR_OK);
    assert_int_equal(ledger_commit(&ledger), ERR_OK);
    memset(&now, 0, sizeof now);
    now.objects = AT_END;
    committed = now;
    unsigned taken = 0, refused[1000] = {0}, codes = 0;
    for (int block = 0; block < blocks && now.licence_count < MODEL_MAX - 100; block++) {
        ledger_begin(&ledger);
        ledger.context.time_ms += rng(8) * 3600 * 1000;
        ledger.context.quota_day = day_in_utc(ledger.context.time_ms);
        const uint64_t entry = ledger.context.entry;
        for (uint32_t n = 1 + rng(6); n > 0; n--) {
            spare = now;
            const struct drawn drawn = draw(&trial, &ledger);
            const bool issue = trial.record.op == OP_ISSUE;
            const struct said said = issue ? m_issue(&ledger, &trial, drawn.key, drawn.member, drawn.type)
                                     : trial.record.op == OP_SEAL_REGISTER ? m_register(&ledger, &trial, drawn.key, drawn.member)
                                     : (operation_of(trial.record.op)->subject == SUBJECT_OF_SEAL) ? m_seal_change(&ledger, &trial, drawn.key, drawn.member)
                                                                    : m_status(&ledger, &trial, drawn.key, drawn.member);
            if (said.code != CODE_OK) now = spare;
            const struct refusal refusal = trial_apply(&trial, &ledger);
            if (refusal.code != said.code || refusal.item != said.item || refusal.entry != said.entry)
                fail_msg("block %d: state says %s item %u entry %llu, model %s item %u entry %llu", block, code_name(refusal.code), refusal.item,
                         (unsigned long long)refusal.entry, code_name(said.code), said.item, (unsigned long long)said.entry);
            if (said.code == CODE_OK) taken++;
            else if (refused[said.code]++ == 0) codes++;
            for (uint32_t i = 0; i < now.seal_count; i++) compare_seal(&ledger, &now.seals[i]);
            for (uint32_t i = 0; i < trial.record.item_count && !(operation_of(trial.record.op)->subject == SUBJECT_OF_SEAL); i++) {
                const uint32_t at = m_licence(be32_get(trial.licences[i]));
                if (at != UINT32_MAX) compare_licence(&ledger, &now.licences[at]);
            }
        }
        bool lost = rng(8) == 0;
        if (lost) ledger_drop(&ledger);
        else {
            if (faults && rng(8) == 0) lost = true, kv_mem_fail(ledger.kv, 1, rng(2) ? ERR_NO_ROOM : ERR_IO, false);
            assert_int_equal(ledger_commit(&ledger) != ERR_OK, lost);
            if (lost) kv_mem_fail(ledger.kv, 0, ERR_OK, false);
        }
        if (lost) now = committed, ledger.context.entry = entry;
        else committed = now;
        ledger_begin(&ledger);
        compare_all(&ledger);
        ledger_drop(&ledger);
        compare_root(&ledger);
    }
    print_message("%u taken, %u kinds of refusal, %u licences, %u seals, %u objects\n", taken, codes, now.licence_count, now.seal_count, now.objects);
    assert_true(statemap_verify(ledger.map, statemap_acquire(ledger.map)));
    const struct map_snapshot *snapshot = statemap_acquire(ledger.map);
    statemap_release(ledger.map, snapshot);
    statemap_release(ledger.map, snapshot);
    ledger_close(&ledger);
}

static void seed_rng(void) {
    const char *text = getenv("SEED");
    rng_state = text ? strtoull(text, NULL, 10) : (uint64_t)time(NULL) * 1000003u + (uint64_t)getpid();
    if (rng_state == 0) rng_state = 1;
    print_message("SEED=%llu\n", (unsigned long long)rng_state);
}

static void in_memory(void **state) {
    (void)state;
    seed_rng();
    for (int i = 0; i < 5; i++) run(kv_mem_new(0), true, 100);
}

static void on_disk(void **state) {
    (void)state;
    char dir[] = "/tmp/licet-model-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    const struct kv_lmdb_options options = {.create = true, .room_min = 1};
    struct kv *kv = NULL;
    long pid;
    assert_int_equal(kv_lmdb_open(&kv, dir, &options, &pid), ERR_OK);
    seed_rng();
    run(kv, false, 100);
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(dir), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(in_memory), cmocka_unit_test(on_disk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
