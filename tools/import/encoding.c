#include "tools/import/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <strings.h>
#include <unistr.h>

struct text_source {
    text_read_fn read;
    void *context;
    enum text_encoding wanted, encoding;
    enum text_kind kind;
    bool looked, ended, faulty;
    iconv_t convert;
    size_t at, len; /* what of raw is not decoded yet */
    uint64_t consumed;
    uint8_t raw[TEXT_SAMPLE];
};

bool text_encoding_from_name(enum text_encoding *out, const char *name) {
    static const struct { const char *name; enum text_encoding encoding; } names[] = {
        {"utf-8", ENCODING_UTF8}, {"utf8", ENCODING_UTF8}, {"gb18030", ENCODING_GB18030}, {"gbk", ENCODING_GB18030}, {"gb2312", ENCODING_GB18030}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i].name, name) == 0) return *out = names[i].encoding, true;
    return false;
}

const char *text_encoding_name(enum text_encoding encoding) {
    switch (encoding) {
    case ENCODING_UTF8: return "utf-8";
    case ENCODING_GB18030: return "gb18030";
    case ENCODING_UTF16LE: return "utf-16le";
    case ENCODING_UTF16BE: return "utf-16be";
    case ENCODING_UNKNOWN: break;
    }
    return "unknown";
}

/* ---- recognition ---- */

/* Bytes of the character cut off by the end of the sample: 0..3. */
static size_t cut_tail(const uint8_t *data, size_t len) {
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        uint8_t c = data[len - back];
        if ((c & 0xc0) == 0x80) continue;
        size_t needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        return needed > back ? back : 0;
    }
    return 0;
}

static bool begins(struct bytes text, const void *with, size_t len) { return text.len >= len && memcmp(text.data, with, len) == 0; }

/* Chinese is three bytes a character in UTF-8, each pattern of which GB18030 text makes only by chance. */
#define UTF8_PER_FLAW 10u

static bool nearly_utf8(struct bytes sample) {
    size_t flaws = 0, wide = 0;
    for (size_t i = 0; i < sample.len;) {
        uint8_t c = sample.data[i];
        if (c < 0x80) {
            i++;
            continue;
        }
        int len = u8_mblen(sample.data + i, sample.len - i);
        if (len < 1) flaws++;
        else if (len >= 3) wide++;
        i += len < 1 ? 1 : (size_t)len;
        while (len < 1 && i < sample.len && (sample.data[i] & 0xc0) == 0x80) i++; /* one damaged place, not several */
    }
    return wide >= UTF8_PER_FLAW * flaws;
}

/* Two bytes a character, and no mark says so: digits and commas have a zero in every second place. */
static bool has_zeros_between(struct bytes sample) {
    size_t zeros[2] = {0, 0};
    for (size_t i = 0; i < sample.len; i++) zeros[i % 2] += sample.data[i] == 0;
    const size_t most = zeros[0] > zeros[1] ? zeros[0] : zeros[1], least = zeros[0] + zeros[1] - most;
    return most > sample.len / 8 && least < most / 8;
}

enum text_kind text_recognise(struct bytes sample, bool whole) {
    if (begins(sample, "\xef\xbb\xbf", 3)) return TEXT_KIND_UTF8_BOM;
    if (begins(sample, "\xff\xfe\0\0", 4)) return TEXT_KIND_UTF16; /* four bytes a character: nobody writes that, and nobody reads it here */
    if (begins(sample, "\xff\xfe", 2)) return TEXT_KIND_UTF16LE_BOM;
    if (begins(sample, "\xfe\xff", 2)) return TEXT_KIND_UTF16BE_BOM;
    if (begins(sample, "PK\x03\x04", 4) || begins(sample, "\xd0\xcf\x11\xe0", 4)) return TEXT_KIND_WORKBOOK;
    if (has_zeros_between(sample)) return TEXT_KIND_UTF16;
    size_t len = sample.len - (whole ? 0 : cut_tail(sample.data, sample.len));
    return nearly_utf8(bytes_of(sample.data, len)) ? TEXT_KIND_UTF8 : TEXT_KIND_GB18030;
}

/* ---- the stream ---- */

struct text_source *text_source_new(text_read_fn read, void *context, enum text_encoding wanted) {
    struct text_source *source = malloc(sizeof *source);
    if (!source) return NULL;
    source->read = read;
    source->context = context;
    source->wanted = wanted;
    source->encoding = ENCODING_UNKNOWN;
    source->kind = TEXT_KIND_UTF8;
    source->looked = source->ended = source->faulty = false;
    source->convert = iconv_open("UTF-8", "GB18030");
    source->at = source->len = 0;
    source->consumed = 0;
    if (source->convert != (iconv_t)-1) return source;
    free(source);
    return NULL;
}

void text_source_free(struct text_source *source) {
    if (!source) return;
    iconv_close(source->convert);
    free(source);
}

enum text_encoding text_source_encoding(const struct text_source *source) { return source->encoding; }
enum text_kind text_source_kind(const struct text_source *source) { return source->kind; }
uint64_t text_source_consumed(const struct text_source *source) { return source->consumed; }

/* Fills raw behind what is left of it. */
static bool encoding_fill(struct text_source *source) {
    memmove(source->raw, source->raw + source->at, source->len - source->at);
    source->len -= source->at;
    source->at = 0;
    while (!source->ended && !source->faulty && source->len < sizeof source->raw) {
        long got = source->read(source->context, source->raw + source->len, sizeof source->raw - source->len);
        if (got < 0) source->faulty = true;
        else if (got == 0) source->ended = true;
        else source->len += (size_t)got;
    }
    return !source->faulty;
}

static void encoding_skip(struct text_source *source, size_t len) {
    source->at += len;
    source->consumed += len;
}

static enum text_encoding encoding_of(enum text_kind kind) {
    switch (kind) {
    case TEXT_KIND_GB18030: return ENCODING_GB18030;
    case TEXT_KIND_UTF16LE_BOM: return ENCODING_UTF16LE;
    case TEXT_KIND_UTF16BE_BOM: return ENCODING_UTF16BE;
    case TEXT_KIND_UTF8_BOM:
    case TEXT_KIND_UTF8:
    case TEXT_KIND_UTF16:
    case TEXT_KIND_WORKBOOK: break;
    }
    return ENCODING_UTF8;
}

bool text_source_look(struct text_source *source) {
    if (source->looked) return !source->faulty;
    if (!encoding_fill(source)) return false;
    source->looked = true;
    source->kind = text_recognise(bytes_of(source->raw, source->len), source->ended);
    source->encoding = source->wanted;
    if (source->encoding == ENCODING_UNKNOWN) source->encoding = encoding_of(source->kind);
    if (source->encoding == ENCODING_UTF8 && source->kind == TEXT_KIND_UTF8_BOM) encoding_skip(source, 3);
    if (source->encoding == ENCODING_GB18030 && begins(bytes_of(source->raw, source->len), "\x84\x31\x95\x33", 4)) encoding_skip(source, 4); /* its mark */
    if (source->encoding == ENCODING_UTF16LE && source->kind == TEXT_KIND_UTF16LE_BOM) encoding_skip(source, 2);
    if (source->encoding == ENCODING_UTF16BE && source->kind == TEXT_KIND_UTF16BE_BOM) encoding_skip(source, 2);
    return true;
}

/* All decoders: bytes written. They stop where out is full, or where raw ends inside a character. */
static size_t from_utf8(struct text_source *source, uint8_t *out, size_t cap) {
    size_t made = 0;
    while (made < cap && source->at < source->len) {
        size_t left = source->len - source->at, room = cap - made;
        const uint8_t *from = source->raw + source->at, *bad = u8_check(from, left < room ? left : room);
        size_t good = bad ? (size_t)(bad - from) : left < room ? left : room;
        memcpy(out + made, from, good);
        made += good;
        encoding_skip(source, good);
        if (!bad) continue;
        left -= good;
        bool cut_by_out = made + 4 > cap, cut_by_raw = left < 4 && !source->ended;
        if (cut_by_out || (cut_by_raw && cut_tail(source->raw + source->at, left) == left)) break;
        out[made++] = TEXT_BAD_BYTE;
        encoding_skip(source, 1);
    }
    return made;
}

static size_t encoding_from_gb18030(struct text_source *source, uint8_t *out, size_t cap) {
    size_t made = 0;
    while (source->at < source->len) {
        char *in = (char *)source->raw + source->at, *to = (char *)out + made;
        size_t left = source->len - source->at, room = cap - made, before = left;
        size_t result = iconv(source->convert, &in, &left, &to, &room);
        int why = result == (size_t)-1 ? errno : 0;
        made = cap - room;
        encoding_skip(source, before - left);
        if (why == E2BIG || made == cap) break;
        if (why == EINVAL && !source->ended) break; /* the rest of the character is not here yet */
        if (why == 0) break;
        out[made++] = TEXT_BAD_BYTE;
        encoding_skip(source, 1);
    }
    return made;
}

static ucs4_t unit_at(const struct text_source *source, size_t at) {
    const uint8_t *p = source->raw + at;
    return source->encoding == ENCODING_UTF16LE ? (ucs4_t)(p[0] | p[1] << 8) : (ucs4_t)(p[0] << 8 | p[1]);
}

/* A character above U+FFFF is two units, the first D800.., the second DC00..; either of them alone is none. */
static size_t from_utf16(struct text_source *source, uint8_t *out, size_t cap) {
    size_t made = 0;
    while (made + 4 <= cap && source->at < source->len) {
        const size_t left = source->len - source->at;
        if (left == 1 && !source->ended) break;
        ucs4_t one = left == 1 ? 0xd800 : unit_at(source, source->at);
        size_t used = left == 1 ? 1 : 2;
        if (used == 2 && one >= 0xd800 && one < 0xdc00) {
            if (left < 4 && !source->ended) break;
            const ucs4_t other = left < 4 ? 0 : unit_at(source, source->at + 2);
            if (other >= 0xdc00 && other < 0xe000) one = 0x10000 + ((one - 0xd800) << 10) + (other - 0xdc00), used = 4;
        }
        const int len = u8_uctomb(out + made, one, (ptrdiff_t)(cap - made));
        if (len < 1) out[made] = TEXT_BAD_BYTE;
        made += len < 1 ? 1 : (size_t)len;
        encoding_skip(source, used);
    }
    return made;
}

static size_t decode(struct text_source *source, uint8_t *out, size_t cap) {
    switch (source->encoding) {
    case ENCODING_GB18030: return encoding_from_gb18030(source, out, cap);
    case ENCODING_UTF16LE:
    case ENCODING_UTF16BE: return from_utf16(source, out, cap);
    case ENCODING_UTF8:
    case ENCODING_UNKNOWN: break;
    }
    return from_utf8(source, out, cap);
}

long text_source_read(void *context, void *data, size_t cap) {
    struct text_source *source = context;
    ASSERT(cap >= 8); /* the longest character, and room to make progress */
    if (!text_source_look(source)) return -1;
    for (;;) {
        size_t made = decode(source, data, cap);
        if (made > 0) return (long)made;
        if (source->ended && source->at == source->len) return 0;
        if (!encoding_fill(source)) return -1;
    }
}
