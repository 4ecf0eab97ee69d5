/* The head of an answer: status line and headers, the same safe ones on every answer. */
#include "rpc/inside.h"

static const char *reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Answer";
    }
}

static const char *media_text(enum media media) {
    switch (media) {
    case MEDIA_JSON: return "application/json";
    case MEDIA_CBOR: return "application/cbor";
    case MEDIA_COSE: return "application/cose";
    case MEDIA_PROBLEM_CBOR: return "application/concise-problem-details+cbor";
    case MEDIA_PROBLEM_JSON: return "application/problem+json";
    case MEDIA_TEXT: return "text/plain; charset=utf-8";
    case MEDIA_HTML: return "text/html; charset=utf-8";
    case MEDIA_OCTETS: return "application/octet-stream";
    case MEDIA_CSS: return "text/css; charset=utf-8";
    case MEDIA_JS: return "text/javascript; charset=utf-8";
    case MEDIA_LICET: return "application/vnd.licet.proof";
    }
    return "application/octet-stream";
}

struct text_out {
    char *at, *end;
};

static void head_put(struct text_out *out, const char *text, size_t len) {
    ASSERT(len <= (size_t)(out->end - out->at)); /* all of it is ours and bounded */
    memcpy(out->at, text, len);
    out->at += len;
}

static void head_put_text(struct text_out *out, const char *text) { head_put(out, text, strlen(text)); }

static void head_put_number(struct text_out *out, size_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    head_put(out, digits + at, sizeof digits - at);
}

size_t answer_head(char out[ANSWER_HEAD_MAX], const struct answer *answer, const char *date, enum fate fate) {
    struct text_out text = {out, out + ANSWER_HEAD_MAX};
    head_put_text(&text, "HTTP/1.1 ");
    head_put_number(&text, (size_t)answer->status);
    head_put_text(&text, " ");
    head_put_text(&text, reason(answer->status));
    head_put_text(&text, "\r\nDate: ");
    head_put_text(&text, date);
    head_put_text(&text, "\r\nContent-Type: ");
    head_put_text(&text, media_text(answer->media));
    head_put_text(&text, "\r\nContent-Length: ");
    head_put_number(&text, answer->body.len);
    head_put_text(&text, "\r\nX-Content-Type-Options: nosniff\r\nCache-Control: ");
    head_put_text(&text, answer->immutable ? "public, max-age=31536000, immutable\r\n" : "no-store\r\n");
    if (answer->media == MEDIA_HTML) {
        /* what is dropped on the page must not be able to leave it */
        head_put_text(&text, "Content-Security-Policy: default-src 'self'; frame-ancestors 'none'\r\nReferrer-Policy: no-referrer\r\n");
    }
    if (answer->location != NULL) {
        head_put_text(&text, "Location: ");
        head_put_text(&text, answer->location);
        head_put_text(&text, "\r\n");
    }
    head_put(&text, answer->extra, answer->extra_len);
    if (fate == FATE_KEEP_SAY) head_put_text(&text, "Connection: keep-alive\r\n");
    if (fate == FATE_CLOSE) head_put_text(&text, "Connection: close\r\n");
    head_put_text(&text, "\r\n");
    return (size_t)(text.at - out);
}
