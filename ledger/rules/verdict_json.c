#include "ledger/rules/verdict_json.h"

/* Every answer has these members in this order: their names are written together with what stands between them. */
static void put_issuer(struct emit *out, const struct verdict *verdict) {
    if (!verdict->has_licence) {
        EMIT_FIXED_VALUE(out, ",\"issuer\":null");
        return;
    }
    EMIT_FIXED(out, ",\"issuer\":{\"id\":");
    emit_string(out, verdict->issuer_id);
    EMIT_FIXED(out, ",\"name\":");
    emit_string(out, verdict->issuer_name);
    if (verdict->issuer_authorised) EMIT_FIXED_VALUE(out, ",\"authorised\":true}");
    else EMIT_FIXED_VALUE(out, ",\"authorised\":false}");
}

static void put_licence(struct emit *out, const struct verdict *verdict, const struct verdict_frame *frame) {
    if (!verdict->has_licence) {
        EMIT_FIXED_VALUE(out, ",\"licence\":null");
        return;
    }
    const struct licence *licence = &verdict->licence;
    EMIT_FIXED(out, ",\"licence\":{\"key\":");
    emit_hex(out, licence->key, sizeof licence->key);
    EMIT_FIXED(out, ",\"identifier\":");
    if (frame->identifier.data != NULL) emit_text(out, frame->identifier);
    else emit_null(out);
    EMIT_FIXED(out, ",\"type\":");
    emit_string(out, verdict->type_code);
    EMIT_FIXED(out, ",\"valid_from\":");
    emit_day(out, licence->valid_from);
    EMIT_FIXED(out, ",\"valid_to\":");
    emit_day(out, licence->valid_to);
    if (frame->detail) {
        emit_put_string(out, "type_name", verdict->type_name);
        emit_put_uint(out, "version", licence->version);
        emit_put_uint(out, "count", licence->history_count); /* what the next change has to name */
    }
    emit_object_end(out);
}

static void put_status(struct emit *out, const struct verdict *verdict) {
    if (!verdict->has_licence) {
        EMIT_FIXED_VALUE(out, ",\"status\":null");
        return;
    }
    const struct licence *licence = &verdict->licence;
    EMIT_FIXED(out, ",\"status\":{\"state\":");
    emit_string(out, licence_state_name(licence->state));
    EMIT_FIXED(out, ",\"since\":");
    emit_uint(out, licence->since);
    if (licence->reason.len == 0 && licence->basis.len == 0) { /* as it was issued */
        EMIT_FIXED(out, ",\"reason\":null,\"basis\":null,\"superseded_by\":");
    } else {
        emit_put_text_or_null(out, "reason", licence->reason);
        emit_put_text_or_null(out, "basis", licence->basis);
        EMIT_FIXED(out, ",\"superseded_by\":");
    }
    if (verdict->has_superseded_by) emit_hex(out, verdict->superseded_by, sizeof verdict->superseded_by);
    else emit_null(out);
    emit_object_end(out);
}

static void put_one_seal(struct emit *out, const struct verdict_seal *seal) {
    emit_object(out);
    emit_put_string(out, "id", seal->id);
    emit_put_text_or_null(out, "name", bytes_text(seal->name));
    emit_put_text_or_null(out, "owner", bytes_text(seal->owner_id));
    emit_put_text_or_null(out, "owner_name", bytes_text(seal->owner_name));
    emit_put_text_or_null(out, "state", bytes_text(seal->known ? seal_state_name(seal->state) : ""));
    emit_put_string(out, "result", seal_result_text(seal->result));
    emit_key(out, "steps");
    emit_array(out);
    for (int i = 0; i < SEAL_STEP_COUNT; i++) {
        emit_object(out);
        emit_put_string(out, "step", seal_step_text((enum seal_step)i));
        emit_put_string(out, "result", seal_result_text(seal->steps[i].result));
        emit_put_text_or_null(out, "reason", bytes_text(seal_why_text(seal->steps[i].why)));
        emit_object_end(out);
    }
    emit_array_end(out);
    emit_object_end(out);
}

/* What the ledger knows of the seal: whether the one in the document is good besides takes the document. */
static void put_seals(struct emit *out, const struct verdict *verdict) {
    EMIT_FIXED(out, ",\"seal\":");
    if (verdict->has_seal) put_one_seal(out, &verdict->seal);
    else emit_null(out);
    if (verdict->shown_count == 0) return;
    emit_key(out, "seals"); /* all that were shown, in their order */
    emit_array(out);
    for (uint32_t i = 0; i < verdict->shown_count; i++) put_one_seal(out, &verdict->shown[i]);
    emit_array_end(out);
}

void verdict_as_of(struct emit *out, const struct verdict_frame *frame) {
    emit_object(out);
    emit_put_text(out, "chain", frame->chain);
    emit_put_uint(out, "height", frame->height);
    emit_put_time(out, "time", frame->time_ms);
    emit_put_int(out, "age_ms", frame->now_ms - frame->time_ms); /* below nothing: from the future, as two clocks see it; never passed off as fresh */
    emit_object_end(out);
}

static const char *document_word(enum document_match match) {
    switch (match) {
    case DOCUMENT_NONE: return NULL;
    case DOCUMENT_MATCH: return "match";
    case DOCUMENT_COPY: return "copy";
    }
    return NULL;
}

static const char *note_of(const struct verdict *verdict, const struct verdict_frame *frame) {
    if (frame->note != NULL) return frame->note;
    if (verdict->word == VERDICT_INCOMPLETE) return verdict->missing;
    if (verdict->by_compromise) return "a key that acted on this licence was declared compromised; the issuer has to confirm it";
    if (verdict->by_seal) return "the seal had become suspect before this licence was entered; see the seal's steps";
    if (verdict->word == VERDICT_MISMATCH && verdict->other_kind)
        return "these bytes are what a signature in a registered document signed, and not the document: ask for the whole file";
    if (verdict->word == VERDICT_MISMATCH && verdict->without_seal) return "the licence was registered under a seal, and this document bears none";
    if (verdict->word == VERDICT_MISMATCH && verdict->has_seal && verdict->seal.steps[SEAL_STEP_NAMED].result == SEAL_FAILED)
        return seal_why_en(verdict->seal.steps[SEAL_STEP_NAMED].why);
    if (verdict->word == VERDICT_MISMATCH && verdict->has_seal && verdict->seal.steps[SEAL_STEP_CERTIFICATE].result == SEAL_FAILED)
        return seal_why_en(verdict->seal.steps[SEAL_STEP_CERTIFICATE].why);
    if (verdict->component_fails) return "a component of this licence is not valid";
    return NULL;
}

bool verdict_json(struct emit *out, const struct verdict *verdict, const struct verdict_frame *frame) {
    emit_object(out);
    EMIT_FIXED(out, "\"verdict\":");
    emit_string(out, verdict_word_text(verdict->word));
    EMIT_FIXED(out, ",\"code\":");
    emit_int(out, verdict_code(verdict->word));
    EMIT_FIXED(out, ",\"document\":");
    emit_string(out, document_word(verdict->document));
    put_issuer(out, verdict);
    put_licence(out, verdict, frame);
    put_status(out, verdict);
    put_seals(out, verdict);
    EMIT_FIXED(out, ",\"as_of\":");
    if (frame->as_of.data != NULL) emit_raw(out, frame->as_of);
    else verdict_as_of(out, frame);
    EMIT_FIXED(out, ",\"proof\":");
    if (frame->proof.data != NULL) emit_base64url(out, frame->proof);
    else emit_null(out);
    const char *note = note_of(verdict, frame);
    if (note != NULL) {
        emit_put_string(out, "note", note);
    }
    emit_object_end(out);
    return !out->full;
}
