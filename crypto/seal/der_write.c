#include "crypto/seal/der.h"

#include "crypto/seal/date.h"

struct der_out der_write(uint8_t *data, size_t cap) { return (struct der_out){.data = data, .len = 0, .cap = cap, .full = false}; }

/* Room for len more bytes; NULL where there is none, and then nothing is ever written again. */
static uint8_t *der_write_room(struct der_out *out, size_t len) {
    if (out->full || len > out->cap - out->len) {
        out->full = true;
        return NULL;
    }
    uint8_t *p = out->data + out->len;
    out->len += len;
    return p;
}

static size_t length_size(size_t len) { return len < 0x80 ? 1 : len < 0x100 ? 2 : len < 0x10000 ? 3 : len < 0x1000000 ? 4 : 5; }

static void length_put(uint8_t *p, size_t len) {
    const size_t size = length_size(len);
    if (size == 1) {
        p[0] = (uint8_t)len;
        return;
    }
    p[0] = (uint8_t)(0x80 | (size - 1));
    for (size_t i = 1; i < size; i++) p[i] = (uint8_t)(len >> 8 * (size - 1 - i));
}

/* The mark is where the content begins: the tag and one byte of length are before it, and der_end makes room where the length needs more. */
size_t der_begin(struct der_out *out, uint8_t tag) {
    uint8_t *p = der_write_room(out, 2);
    if (p) p[0] = tag;
    return out->len;
}

void der_end(struct der_out *out, size_t mark) {
    if (out->full) return;
    ASSERT(mark >= 2);
    ASSERT(mark <= out->len);
    const size_t len = out->len - mark, more = length_size(len) - 1;
    if (len > UINT32_MAX || (more > 0 && !der_write_room(out, more))) {
        out->full = true;
        return;
    }
    if (more > 0) memmove(out->data + mark + more, out->data + mark, len);
    length_put(out->data + mark - 1, len);
}

void der_put_raw(struct der_out *out, struct bytes whole) {
    uint8_t *p = der_write_room(out, whole.len);
    if (p && whole.len > 0) memcpy(p, whole.data, whole.len);
}

void der_put(struct der_out *out, uint8_t tag, struct bytes content) {
    const size_t mark = der_begin(out, tag);
    der_put_raw(out, content);
    der_end(out, mark);
}

void der_put_uint(struct der_out *out, uint32_t value) {
    uint8_t big[5] = {0};
    size_t first = 0;
    be32_put(big + 1, value);
    while (first < 4 && big[first] == 0 && !(big[first + 1] & 0x80)) first++; /* the first bit is the sign */
    der_put(out, DER_INTEGER, bytes_of(big + first, sizeof big - first));
}

void der_put_bits(struct der_out *out, struct bytes value) {
    static const uint8_t unused[1] = {0};
    const size_t mark = der_begin(out, DER_BIT_STRING);
    der_put_raw(out, bytes_of(unused, 1));
    der_put_raw(out, value);
    der_end(out, mark);
}

static void put_arc(struct der_out *out, uint32_t arc) {
    uint8_t bytes[5];
    size_t at = sizeof bytes - 1;
    bytes[at] = (uint8_t)(arc & 0x7F);
    while ((arc >>= 7) != 0) bytes[--at] = (uint8_t)(0x80 | (arc & 0x7F));
    der_put_raw(out, bytes_of(bytes + at, sizeof bytes - at));
}

/* A decimal number without leading zeros, up to 2^32-1. */
static bool arc_read(const char **p, uint32_t *arc) {
    uint64_t value = 0;
    const char *start = *p;
    for (; **p >= '0' && **p <= '9'; ++*p) {
        value = value * 10 + (uint64_t)(**p - '0');
        if (value > UINT32_MAX) return false;
    }
    *arc = (uint32_t)value;
    return *p > start && (*start != '0' || *p == start + 1);
}

void der_put_oid(struct der_out *out, const char *dotted) {
    const size_t mark = der_begin(out, DER_OID);
    uint32_t root = 0, second = 0, arc = 0;
    bool ok = arc_read(&dotted, &root) && *dotted++ == '.' && arc_read(&dotted, &second) && root <= 2 && (root == 2 || second < 40) && second <= UINT32_MAX - 80;
    if (ok) put_arc(out, 40 * root + second);
    while (ok && *dotted != '\0') {
        ok = *dotted++ == '.' && arc_read(&dotted, &arc);
        if (ok) put_arc(out, arc);
    }
    der_end(out, mark);
    out->full |= !ok;
}

/* The civil date of a day since 1970: eras of 400 years, in years that begin in March. */
static void der_write_date_of(int64_t days, unsigned *year, unsigned *month, unsigned *day) {
    days += 719468; /* from 0000-03-01, never negative here: the year is at least 1 */
    const int64_t era = days / 146097, of_era = days % 146097;
    const int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * years + years / 4 - years / 100), m = (5 * of_year + 2) / 153;
    *day = (unsigned)(of_year - (153 * m + 2) / 5 + 1);
    *month = (unsigned)(m < 10 ? m + 3 : m - 9);
    *year = (unsigned)(years + era * 400 + (*month <= 2));
}

void der_put_time(struct der_out *out, int64_t ms) {
    unsigned year, month, day;
    char text[80];
    if (ms < DER_TIME_FIRST_MS || ms > DER_TIME_LAST_MS) {
        out->full = true;
        return;
    }
    const int64_t since = ms - DER_TIME_FIRST_MS, first = DER_TIME_FIRST_MS / MS_PER_DAY;
    const unsigned second = (unsigned)(since % MS_PER_DAY / 1000);
    der_write_date_of(since / MS_PER_DAY + first, &year, &month, &day);
    snprintf(text, sizeof text, "%04u%02u%02u%02u%02u%02uZ", year, month, day, second / 3600, second / 60 % 60, second % 60);
    der_put(out, DER_GENERALIZED_TIME, bytes_text(text));
}

/* --- BER written again as DER --- */

struct level {
    const uint8_t *end;
    size_t mark;
    bool open; /* two zero bytes before `end` end it */
};

/* Strings made of others: SET and SEQUENCE (0x30, 0x31) are the only constructed universal elements that are none. */
static bool made_of_others(uint8_t tag) { return (tag & 0xE0u) == 0x20u && tag != DER_SEQUENCE && tag != DER_SET; }

/* Tag and length at *p, in whatever form. *len: SIZE_MAX where it is not stated. */
static bool head_read(const uint8_t **p, const uint8_t *end, uint8_t *tag, size_t *len) {
    if (end - *p < 2) return false;
    *tag = *(*p)++;
    const uint8_t first = *(*p)++;
    *len = first;
    if (*tag == 0 || (*tag & 0x1Fu) == 0x1Fu || made_of_others(*tag)) return false;
    if (first == 0x80) {
        *len = SIZE_MAX;
        return (*tag & 0x20u) != 0;
    }
    if (first > 0x80) {
        const unsigned count = first & 0x7Fu;
        if (count > 4 || (size_t)(end - *p) < count) return false;
        size_t value = 0;
        for (unsigned i = 0; i < count; i++) value = value << 8 | *(*p)++;
        *len = value;
    }
    return *len <= (size_t)(end - *p);
}

bool der_put_again(struct der_out *out, struct bytes ber) {
    struct level stack[DER_DEPTH_MAX];
    const uint8_t *p = ber.data, *last = p + ber.len;
    unsigned depth = 0;
    do {
        struct level *in = depth > 0 ? &stack[depth - 1] : NULL;
        const uint8_t *end = in ? in->end : last;
        const bool ends = in && (in->open ? end - p >= 2 && p[0] == 0 && p[1] == 0 : p == end);
        uint8_t tag;
        size_t len;
        if (ends) {
            if (in->open) p += 2;
            der_end(out, in->mark);
            depth--;
        } else if (!head_read(&p, end, &tag, &len)) {
            return false;
        } else if (!(tag & 0x20u)) {
            der_put(out, tag, bytes_of(p, len));
            p += len;
        } else {
            if (depth == DER_DEPTH_MAX) return false;
            const bool open = len == SIZE_MAX;
            stack[depth++] = (struct level){.end = open ? end : p + len, .mark = der_begin(out, tag), .open = open};
        }
    } while (depth > 0);
    return p == last && !out->full;
}
