#include "ledger/state/verdict_json.h"

/* Every answer has these members in this order: their names are written together with what stands between them. */
static void put_issuer(struct json_out *out, const struct verdict *verdict) {
    if (!verdict->has_licence) {
        JSON_FIXED_VALUE(out, ",\"issuer\":null");
        return;
    }
    JSON_FIXED(out, ",\"issuer\":{\"id\":");
    json_string(out, verdict->issuer_id);
    JSON_FIXED(out, ",\"name\":");
    json_string(out, verdict->issuer_name);
    if (verdict->issuer_authorised) JSON_FIXED_VALUE(out, ",\"authorised\":true}");
    else JSON_FIXED_VALUE(out, ",\"authorised\":false}");
}

static void put_licence(struct json_out *out, const struct verdict *verdict, const struct verdict_frame *frame) {
    if (!verdict->has_licence) {
        JSON_FIXED_VALUE(out, ",\"licence\":null");
        return;
    }
    const struct licence *licence = &verdict->licence;
    JSON_FIXED(out, ",\"licence\":{\"key\":");
    json_hex(out, licence->key, sizeof licence->key);
    JSON_FIXED(out, ",\"identifier\":");
    if (frame->identifier.data != NULL) json_text(out, frame->identifier);
    else json_null(out);
    JSON_FIXED(out, ",\"type\":");
    json_string(out, verdict->type_code);
    JSON_FIXED(out, ",\"valid_from\":");
    json_day(out, licence->valid_from);
    JSON_FIXED(out, ",\"valid_to\":");
    json_day(out, licence->valid_to);
    if (frame->detail) {
        json_put_string(out, "type_name", verdict->type_name);
        json_put_uint(out, "version", licence->version);
        json_put_uint(out, "count", licence->history_count); /* what the next change has to name */
    }
    json_object_end(out);
}

static void put_status(struct json_out *out, const struct verdict *verdict) {
    if (!verdict->has_licence) {
        JSON_FIXED_VALUE(out, ",\"status\":null");
        return;
    }
    const struct licence *licence = &verdict->licence;
    JSON_FIXED(out, ",\"status\":{\"state\":");
    json_string(out, licence_state_name(licence->state));
    JSON_FIXED(out, ",\"since\":");
    json_uint(out, licence->since);
    if (licence->reason.len == 0 && licence->basis.len == 0) { /* as it was issued */
        JSON_FIXED(out, ",\"reason\":null,\"basis\":null,\"superseded_by\":");
    } else {
        json_put_text_or_null(out, "reason", licence->reason);
        json_put_text_or_null(out, "basis", licence->basis);
        JSON_FIXED(out, ",\"superseded_by\":");
    }
    if (verdict->has_superseded_by) json_hex(out, verdict->superseded_by, sizeof verdict->superseded_by);
    else json_null(out);
    json_object_end(out);
}

static void put_one_seal(struct json_out *out, const struct verdict_seal *seal) {
    json_object(out);
    json_put_string(out, "id", seal->id);
    json_put_text_or_null(out, "name", bytes_text(seal->name));
    json_put_text_or_null(out, "owner", bytes_text(seal->owner_id));
    json_put_text_or_null(out, "owner_name", bytes_text(seal->owner_name));
    json_put_text_or_null(out, "state", bytes_text(seal->known ? seal_state_name(seal->state) : ""));
    json_put_string(out, "result", seal_result_text(seal->result));
    json_key(out, "steps");
    json_array(out);
    for (int i = 0; i < SEAL_STEP_COUNT; i++) {
        json_object(out);
        json_put_string(out, "step", seal_step_text((enum seal_step)i));
        json_put_string(out, "result", seal_result_text(seal->steps[i].result));
        json_put_text_or_null(out, "reason", bytes_text(seal_why_text(seal->steps[i].why)));
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
}

/* What the ledger knows of the seal: whether the one in the document is good besides takes the document. */
static void put_seals(struct json_out *out, const struct verdict *verdict) {
    JSON_FIXED(out, ",\"seal\":");
    if (verdict->has_seal) put_one_seal(out, &verdict->seal);
    else json_null(out);
    if (verdict->shown_count == 0) return;
    json_key(out, "seals"); /* all that were shown, in their order */
    json_array(out);
    for (uint32_t i = 0; i < verdict->shown_count; i++) put_one_seal(out, &verdict->shown[i]);
    json_array_end(out);
}

void verdict_as_of(struct json_out *out, const struct verdict_frame *frame) {
    json_object(out);
    json_put_text(out, "chain", frame->chain);
    json_put_uint(out, "height", frame->height);
    json_put_time(out, "time", frame->time_ms);
    json_put_int(out, "age_ms", frame->now_ms - frame->time_ms); /* below nothing: from the future, as two clocks see it; never passed off as fresh */
    json_object_end(out);
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

bool verdict_json(struct json_out *out, const struct verdict *verdict, const struct verdict_frame *frame) {
    json_object(out);
    JSON_FIXED(out, "\"verdict\":");
    json_string(out, verdict_word_text(verdict->word));
    JSON_FIXED(out, ",\"code\":");
    json_int(out, verdict_code(verdict->word));
    JSON_FIXED(out, ",\"document\":");
    json_string(out, document_word(verdict->document));
    put_issuer(out, verdict);
    put_licence(out, verdict, frame);
    put_status(out, verdict);
    put_seals(out, verdict);
    JSON_FIXED(out, ",\"as_of\":");
    if (frame->as_of.data != NULL) json_raw(out, frame->as_of);
    else verdict_as_of(out, frame);
    JSON_FIXED(out, ",\"proof\":");
    if (frame->proof.data != NULL) json_base64url(out, frame->proof);
    else json_null(out);
    const char *note = note_of(verdict, frame);
    if (note != NULL) {
        json_put_string(out, "note", note);
    }
    json_object_end(out);
    return !out->full;
}
