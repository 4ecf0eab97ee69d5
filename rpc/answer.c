#include "rpc/answer.h"

#include <strings.h>

#include "ledger/wire/cbor.h"
#include "rpc/problem.h"

#define PROBLEM_MAX 1024u

static void answer_problem(struct request *request, int status, const struct refusal *refusal) {
    char text[PROBLEM_MAX];
    const size_t len = problem_json(text, sizeof text, refusal);
    request_answer(request, status, MEDIA_PROBLEM_JSON, bytes_of(text, len), NULL, false);
}

void answer_refusal(struct request *request, const struct refusal *refusal) {
    answer_problem(request, code_http(refusal->code), refusal);
}

void answer_code(struct request *request, enum code code) {
    const struct refusal refusal = refuse(code, NULL);
    answer_refusal(request, &refusal);
}

/* Titles of SCRAPI where it has one for the case; its word for everything else that a policy refuses is "Rejected". */
static const char *scrapi_title(enum code code) {
    switch ((int)code) {
    case CODE_ALG_NOT_ALLOWED:
    case CODE_ALG_KEY_MISMATCH: return "Bad Signature Algorithm";
    case CODE_PAYLOAD_MISSING: return "Payload Missing";
    case CODE_KID_UNKNOWN: return "No such key";
    case CODE_NOT_FOUND:
    case CODE_ENTRY_UNKNOWN: return "Not Found";
    case CODE_QUOTA: return "Too Many Requests";
    default: break;
    }
    const int status = code_http(code);
    if (status == 503 || status == 507) return "Service Unavailable";
    return status == 500 ? "Internal Server Error" : "Rejected";
}

void answer_scrapi(struct request *request, const struct refusal *refusal) {
    const int status = code_http(refusal->code);
    if (answer_accepts(request, "application/json") || answer_accepts(request, "application/problem+json")) {
        answer_problem(request, status, refusal);
        return;
    }
    char detail[PROBLEM_MAX];
    int len = snprintf(detail, sizeof detail, "%s (%d): %s / %s", code_name(refusal->code), (int)refusal->code, code_en(refusal->code),
                       code_zh(refusal->code));
    if (refusal->field != NULL) len += snprintf(detail + len, sizeof detail - (size_t)len, "; field %s", refusal->field);
    if (refusal->item != REFUSAL_NO_ITEM) len += snprintf(detail + len, sizeof detail - (size_t)len, "; item %u", refusal->item);
    if (refusal->entry != REFUSAL_NO_ENTRY) {
        len += snprintf(detail + len, sizeof detail - (size_t)len, "; entry %llu", (unsigned long long)refusal->entry);
    }
    if (refusal->state != NULL) len += snprintf(detail + len, sizeof detail - (size_t)len, "; state %s", refusal->state);
    if (refusal->measured) {
        len += snprintf(detail + len, sizeof detail - (size_t)len, "; met %lld, limit %lld", (long long)refusal->met, (long long)refusal->limit);
    }
    ASSERT(len > 0 && (size_t)len < sizeof detail);
    uint8_t body[PROBLEM_MAX + 64];
    struct wire_out out = wire_write(body, sizeof body);
    wire_put_map(&out, 2);
    wire_put_int(&out, -1);
    wire_put_text(&out, bytes_text(scrapi_title(refusal->code)));
    wire_put_int(&out, -2);
    wire_put_text(&out, bytes_of(detail, (size_t)len));
    ASSERT(!out.full);
    request_answer(request, status, MEDIA_PROBLEM_CBOR, bytes_of(body, out.len), NULL, false);
}

enum code answer_fault_code(enum err err) {
    switch (err) {
    case ERR_CORRUPT: return CODE_CORRUPT;
    case ERR_IO: return CODE_STORAGE;
    case ERR_NO_ROOM: return CODE_NO_ROOM;
    case ERR_LATCHED: return CODE_READ_ONLY;
    case ERR_MEMORY: return CODE_QUEUE_FULL;
    case ERR_OK:
    case ERR_ABSENT:
    case ERR_ROLLBACK:
    case ERR_LOCKED:
    case ERR_CONFIG:
    case ERR_DENIED:
    case ERR_PLACE:
    case ERR_VERSION: return CODE_INTERNAL;
    }
    return CODE_INTERNAL;
}

void answer_fault(struct request *request, enum err err) { answer_code(request, answer_fault_code(err)); }

void answer_json(struct request *request, const struct emit *out) {
    if (out->full) answer_code(request, CODE_INTERNAL);
    else request_answer(request, 200, MEDIA_JSON, emit_bytes(out), NULL, false);
}

bool answer_content_is(const struct request *request, const char *media) {
    const char *type = request_header(request, "Content-Type");
    const size_t len = strlen(media);
    if (type == NULL || strncasecmp(type, media, len) != 0) return false;
    type += len;
    type += strspn(type, " \t");
    return *type == '\0' || *type == ';';
}

bool answer_accepts(const struct request *request, const char *media) {
    const char *accept = request_header(request, "Accept");
    const size_t len = strlen(media);
    for (; accept != NULL && *accept != '\0'; accept++)
        if (strncasecmp(accept, media, len) == 0) return true;
    return false;
}
