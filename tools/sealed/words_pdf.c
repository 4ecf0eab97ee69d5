/* Words of a PDF: no parser, as pdf_find.h says of signatures. Streams are found by their keyword, strings by their brackets. Contract in words.h. */
#include "tools/sealed/words_pdf.h"

#include <zlib.h>

#define STREAM_MAX (16u << 20)   /* of one, inflated */
#define STREAMS_MAX (128u << 20) /* of all together */
#define DICTIONARY_MAX 4096u
#define STRING_MAX 4096u

static bool has(struct bytes text, const char *word) { return text.len > 0 && memmem(text.data, text.len, word, strlen(word)) != NULL; }

/* "/Subtype/Image", "/Subtype /Image". */
static bool has_name(struct bytes dictionary, const char *key, const char *name) {
    char joined[64], spaced[64];
    (void)snprintf(joined, sizeof joined, "%s%s", key, name);
    (void)snprintf(spaced, sizeof spaced, "%s %s", key, name);
    return has(dictionary, joined) || has(dictionary, spaced);
}

/* ---- strings ---- */

static size_t utf8_put(uint8_t *out, uint32_t c) {
    if (c < 0x80) return out[0] = (uint8_t)c, 1;
    if (c < 0x800) return out[0] = (uint8_t)(0xc0 | c >> 6), out[1] = (uint8_t)(0x80 | (c & 63)), 2;
    if (c < 0x10000) return out[0] = (uint8_t)(0xe0 | c >> 12), out[1] = (uint8_t)(0x80 | (c >> 6 & 63)), out[2] = (uint8_t)(0x80 | (c & 63)), 3;
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (c & 63));
    return 4;
}

static void add_utf16(struct words *out, struct bytes text) {
    uint8_t made[2 * STRING_MAX];
    size_t len = 0;
    for (size_t i = 2; i + 1 < text.len; i += 2) {
        uint32_t c = (uint32_t)text.data[i] << 8 | text.data[i + 1];
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < text.len) {
            const uint32_t low = (uint32_t)text.data[i + 2] << 8 | text.data[i + 3];
            c = 0x10000 + ((c - 0xd800) << 10) + ((low - 0xdc00) & 0x3ff);
            i += 2;
        }
        len += utf8_put(made + len, c);
    }
    words_add(out, bytes_of(made, len));
}

/* shown: by a content stream, where a font decides what the codes mean. */
static void add_string(struct words *out, struct bytes text, bool shown) {
    if (text.len >= 2 && text.data[0] == 0xfe && text.data[1] == 0xff && !shown) {
        add_utf16(out, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0x20 && text.data[i] < 0x7f) continue;
        if (shown) out->whole = false;
        return;
    }
    words_add(out, text);
}

/* Behind '('. Returns the place behind ')'. */
static size_t words_pdf_literal(struct words *out, struct bytes in, size_t at, bool shown) {
    static const char letters[] = "nrtbf", means[] = "\n\r\t\b\f";
    uint8_t text[STRING_MAX];
    size_t len = 0;
    for (unsigned depth = 1; at < in.len; at++) {
        uint8_t c = in.data[at];
        if (c == '(') depth++;
        if (c == ')' && --depth == 0) break;
        if (c == '\\' && at + 1 < in.len) {
            c = in.data[++at];
            const char *letter = c ? strchr(letters, c) : NULL;
            if (c == '\r' || c == '\n') continue; /* goes on in the next line */
            if (letter) c = (uint8_t)means[letter - letters];
            if (c >= '0' && c <= '7') {
                unsigned value = c - '0';
                for (int more = 0; more < 2 && at + 1 < in.len && in.data[at + 1] >= '0' && in.data[at + 1] <= '7'; more++) value = value * 8 + (in.data[++at] - '0');
                c = (uint8_t)value;
            }
        }
        if (len < sizeof text) text[len++] = c;
        else out->whole = false;
    }
    add_string(out, bytes_of(text, len), shown);
    return at + 1;
}

/* Behind '<'. What a signature holds is one too, and no text. */
static size_t hexadecimal(struct words *out, struct bytes in, size_t at, bool shown) {
    uint8_t text[STRING_MAX];
    size_t digits = 0;
    bool all = true;
    for (; at < in.len && in.data[at] != '>'; at++) {
        const int digit = hex_digit(in.data[at]);
        if (digit < 0) continue;
        if (digits < 2 * sizeof text) text[digits / 2] = (uint8_t)(digits % 2 ? text[digits / 2] | digit : digit << 4);
        all = ++digits <= 2 * sizeof text;
    }
    if (shown && digits > 0) out->whole = false;
    if (!shown && all && digits >= 4 && text[0] == 0xfe && text[1] == 0xff) add_string(out, bytes_of(text, digits / 2), false);
    return at + 1;
}

static void strings(struct words *out, struct bytes in, bool shown) {
    for (size_t at = 0; at < in.len;) {
        const uint8_t c = in.data[at++];
        if (c == '(') at = words_pdf_literal(out, in, at, shown);
        else if (c == '<' && at < in.len && in.data[at] == '<') at++;
        else if (c == '<') at = hexadecimal(out, in, at, shown);
    }
}

/* XMP: what stands between its tags. */
static void markup(struct words *out, struct bytes in) {
    for (size_t at = 0; at < in.len;) {
        const uint8_t *open = memchr(in.data + at, '<', in.len - at);
        const size_t till = open ? (size_t)(open - in.data) : in.len;
        words_add(out, bytes_of(in.data + at, till - at));
        const uint8_t *close = till < in.len ? memchr(in.data + till, '>', in.len - till) : NULL;
        if (!close) return;
        at = (size_t)(close - in.data) + 1;
    }
}

/* ---- streams ---- */

/* malloc'd; NULL: damaged, too much, or no memory. */
static uint8_t *inflated(struct bytes in, size_t *len) {
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.data, .avail_in = (uInt)in.len};
    size_t room = in.len * 4 + 4096;
    uint8_t *out = NULL;
    if (room > STREAM_MAX) room = STREAM_MAX;
    if (in.len > STREAM_MAX || inflateInit(&z) != Z_OK) return NULL;
    int done = Z_OK;
    for (*len = 0; done == Z_OK; room *= 2) {
        uint8_t *grown = room <= STREAM_MAX ? realloc(out, room) : NULL;
        if (!grown) break;
        out = grown;
        z.next_out = out + *len;
        z.avail_out = (uInt)(room - *len);
        done = inflate(&z, Z_NO_FLUSH);
        *len = room - z.avail_out;
        if (done == Z_BUF_ERROR && z.avail_out == 0) done = Z_OK;
    }
    (void)inflateEnd(&z);
    if (done == Z_STREAM_END) return out;
    free(out);
    return NULL;
}

static void content(struct words *out, struct bytes dictionary, struct bytes text) {
    if (has_name(dictionary, "/Type", "/ObjStm")) strings(out, text, false);
    else if (has_name(dictionary, "/Type", "/Metadata")) markup(out, text);
    else if (has(text, "Tj") || has(text, "TJ")) strings(out, text, true);
}

/* Tables, fonts and pictures hold no text of the document. */
static bool is_other(struct bytes dictionary) {
    return has_name(dictionary, "/Type", "/XRef") || has(dictionary, "/Length1") || has_name(dictionary, "/Subtype", "/Type1C") || has_name(dictionary, "/Subtype", "/CIDFontType0C") ||
           has_name(dictionary, "/Subtype", "/OpenType") || has(dictionary, "/FunctionType") || has(dictionary, "/ShadingType");
}

static void stream(struct words *out, struct bytes dictionary, struct bytes data, size_t *total) {
    if (has_name(dictionary, "/Subtype", "/Image")) {
        out->pictures = true;
        return;
    }
    if (is_other(dictionary)) return;
    if (!has(dictionary, "/Filter")) {
        content(out, dictionary, data);
        return;
    }
    size_t len = 0;
    const bool flate = has(dictionary, "/FlateDecode") && !has(dictionary, "/ASCII85Decode") && !has(dictionary, "/ASCIIHexDecode") && !has(dictionary, "/LZWDecode");
    uint8_t *text = flate && *total < STREAMS_MAX ? inflated(data, &len) : NULL;
    *total += len;
    if (text) content(out, dictionary, bytes_of(text, len));
    else out->whole = false;
    free(text);
}

void words_of_pdf(struct words *out, struct bytes file) {
    size_t at = 0, total = 0;
    if (has(file, "/Encrypt")) {
        out->whole = false;
        return;
    }
    while (at < file.len) {
        const uint8_t *found = memmem(file.data + at, file.len - at, "stream", 6);
        const size_t till = found ? (size_t)(found - file.data) : file.len;
        size_t begin = till > DICTIONARY_MAX + at ? till - DICTIONARY_MAX : at;
        for (const uint8_t *object; (object = memmem(file.data + begin, till - begin, " obj", 4)) != NULL;) begin = (size_t)(object - file.data) + 4;
        strings(out, bytes_of(file.data + at, till - at), false);
        if (!found) return;
        size_t from = till + 6;
        if (from < file.len && file.data[from] == '\r') from++;
        if (from < file.len && file.data[from] == '\n') from++;
        const uint8_t *end = memmem(file.data + from, file.len - from, "endstream", 9);
        if (!end) {
            out->whole = false;
            return;
        }
        const size_t behind = (size_t)(end - file.data);
        stream(out, bytes_of(file.data + begin, till - begin), bytes_of(file.data + from, behind - from), &total);
        at = behind + 9;
    }
}
