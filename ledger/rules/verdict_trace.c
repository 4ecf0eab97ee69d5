#include "ledger/rules/verdict.h"

static void note(struct object_trace *trace, const struct touched *touched) {
    for (uint32_t i = 0; i < trace->count; i++) {
        if (memcmp(trace->touched[i].map_key, touched->map_key, 32) == 0) return;
    }
    if (trace->count == TOUCHED_MAX) {
        trace->overflow = true;
        return;
    }
    trace->touched[trace->count++] = *touched;
}

static void note_present(struct object_trace *trace, enum object_kind kind, struct bytes value) {
    struct touched touched = {.kind = kind, .present = true};
    ASSERT(object_key_of(touched.map_key, trace->inner->genesis, value)); /* a source gives objects only */
    note(trace, &touched);
}

static enum found trace_by_id(void *context, enum object_kind kind, struct bytes id, struct bytes *value) {
    struct object_trace *trace = (struct object_trace *)context;
    const enum found found = trace->inner->by_id(trace->inner->context, kind, id, value);
    if (found == FOUND_YES) note_present(trace, kind, *value);
    if (found == FOUND_ABSENT) {
        struct touched touched = {.kind = kind, .present = false, .id_len = id.len};
        ASSERT(id.len <= sizeof touched.id);
        if (id.len > 0) memcpy(touched.id, id.data, id.len);
        object_key(touched.map_key, trace->inner->genesis, kind, id);
        note(trace, &touched);
    }
    return found;
}

static enum found trace_by_no(void *context, enum object_kind kind, uint32_t no, struct bytes *value) {
    struct object_trace *trace = (struct object_trace *)context;
    const enum found found = trace->inner->by_no(trace->inner->context, kind, no, value);
    if (found == FOUND_YES) note_present(trace, kind, *value);
    return found;
}

struct object_source object_trace_over(struct object_trace *trace, const struct object_source *inner) {
    trace->inner = inner;
    trace->count = 0;
    trace->overflow = false;
    return (struct object_source){trace, inner->genesis, trace_by_id, trace_by_no};
}
