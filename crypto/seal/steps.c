#include "crypto/seal/steps.h"

#include <unistr.h>

enum kind { CONTENT, TIME };

static const struct {
    const char *name, *en, *zh;
    enum kind kind;
} STEPS[STEP_COUNT] = {
#define X(name, text, kind, en, zh) [STEP_##name] = {text, en, zh, kind},
    STEP_LIST(X)
#undef X
};

const char *step_name(enum step_id id) {
    ASSERT(id < STEP_COUNT);
    return STEPS[id].name;
}

const char *step_en(enum step_id id) {
    ASSERT(id < STEP_COUNT);
    return STEPS[id].en;
}

const char *step_zh(enum step_id id) {
    ASSERT(id < STEP_COUNT);
    return STEPS[id].zh;
}

const char *step_result_name(enum step_result result) {
    switch (result) {
    case STEP_PASSED: return "passed";
    case STEP_FAILED: return "failed";
    case STEP_NOT_CHECKED: return "not_checked";
    }
    ASSERT(false); /* not a result */
    return "";
}

struct words {
    const char *name, *en, *zh;
};

static struct words reason_words(enum step_reason reason) {
    switch (reason) {
#define X(name, number, text, en, zh) \
    case REASON_##name: return (struct words){text, en, zh};
        REASON_LIST(X)
#undef X
    }
    ASSERT(false); /* not a reason */
    return (struct words){"", "", ""};
}

const char *reason_name(enum step_reason reason) { return reason_words(reason).name; }
const char *reason_en(enum step_reason reason) { return reason_words(reason).en; }
const char *reason_zh(enum step_reason reason) { return reason_words(reason).zh; }

static struct words part_words(enum step_part part) {
    switch (part) {
#define X(name, text, en, zh) \
    case PART_##name: return (struct words){text, en, zh};
        PART_LIST(X)
#undef X
    }
    ASSERT(false); /* not a part */
    return (struct words){"", "", ""};
}

const char *part_name(enum step_part part) { return part_words(part).name; }
const char *part_en(enum step_part part) { return part_words(part).en; }
const char *part_zh(enum step_part part) { return part_words(part).zh; }

/* What would break a line or a terminal, or makes text read in another order than it stands. */
static bool printable(ucs4_t c) {
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;                     /* controls */
    if (c == 0x061C || (c >= 0x200B && c <= 0x200F)) return false;             /* no width, direction marks */
    if ((c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F)) return false; /* separators, embeddings, overrides, isolates */
    return c != 0xFEFF && (c < 0xFDD0 || c > 0xFDEF) && (c & 0xFFFE) != 0xFFFE; /* byte order mark, noncharacters */
}

/* Whole characters only, so that a cut text is still UTF-8. */
static void detail_copy(char out[STEP_DETAIL_MAX], struct bytes detail) {
    size_t len = 0;
    for (size_t at = 0; at < detail.len;) {
        ucs4_t c = 0;
        const int read = u8_mbtoucr(&c, detail.data + at, detail.len - at);
        const bool fine = read > 0 && printable(c);
        const size_t width = read > 0 ? (size_t)read : 1, put = fine ? width : 1;
        if (len + put >= STEP_DETAIL_MAX) break;
        if (fine) memcpy(out + len, detail.data + at, width);
        else out[len] = '?';
        len += put;
        at += width;
    }
    out[len] = '\0';
}

void step_add(struct step_list *list, enum step_id id, enum step_result result, enum step_reason reason, struct bytes detail) {
    ASSERT(id < STEP_COUNT);
    ASSERT(!step_find(list, id)); /* so that there is always room: no step is there twice */
    ASSERT(list->count < STEP_COUNT);
    ASSERT(result == STEP_PASSED || reason != REASON_NONE); /* whatever did not pass says why */
    struct step *step = &list->steps[list->count++];
    step->id = id;
    step->result = result;
    step->reason = reason;
    step->part = PART_NONE;
    step->more = 0;
    detail_copy(step->detail, detail);
}

static struct step *there(struct step_list *list, enum step_id id) {
    uint32_t i = 0;
    while (i < list->count && list->steps[i].id != id) i++;
    ASSERT(i < list->count); /* not there */
    return &list->steps[i];
}

void step_settle(struct step_list *list, enum step_id id, enum step_result result, enum step_reason reason) {
    struct step *step = there(list, id);
    step->result = result;
    step->reason = reason;
}

void step_explain(struct step_list *list, enum step_id id, const char *detail) { detail_copy(there(list, id)->detail, bytes_text(detail)); }

bool step_left_open(const struct step *step) { return step->result == STEP_NOT_CHECKED && step->reason != REASON_NO_TIMESTAMP; }

const struct step *step_find(const struct step_list *list, enum step_id id) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->steps[i].id == id) return &list->steps[i];
    }
    return NULL;
}

bool step_of_time(enum step_id id) { return STEPS[id].kind == TIME; }

enum steps_outcome steps_outcome(const struct step_list *list) {
    enum steps_outcome outcome = STEPS_PASSED;
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->steps[i].result != STEP_FAILED) continue;
        if (!step_of_time(list->steps[i].id)) return STEPS_FAILED;
        outcome = STEPS_TIME;
    }
    return outcome;
}
