#include "crypto/seal/encoding.h"

#include "crypto/seal/date.h"
#include "crypto/seal/der.h"

#define INTEGER_MAX 33u /* 32 bytes and one 00 before them */
#define WRITTEN_MAX (2 + 2 * (2 + INTEGER_MAX))
#define BEIJING_MINUTES 480
#define YEAR_FIRST 1950u
#define YEAR_LAST 2049u

static const struct {
    const char *name, *en, *zh;
} NOTES[ENCODING_COUNT] = {
#define X(NAME, text, en, zh) {text, en, zh},
    ENCODING_LIST(X)
#undef X
};

const char *encoding_name(enum encoding_bit bit) {
    ASSERT(bit < ENCODING_COUNT);
    return NOTES[bit].name;
}

const char *encoding_en(enum encoding_bit bit) {
    ASSERT(bit < ENCODING_COUNT);
    return NOTES[bit].en;
}

const char *encoding_zh(enum encoding_bit bit) {
    ASSERT(bit < ENCODING_COUNT);
    return NOTES[bit].zh;
}

/* --- bits --- */

bool encoding_bits(uint8_t *out, size_t len, struct bytes bits, uint8_t unused, uint32_t *seen) {
    if (bits.len > len || unused > 7 || (unused > 0 && bits.len == 0)) return false;
    memset(out, 0, len);
    if (bits.len > 0) memcpy(out, bits.data, bits.len);
    if (unused > 0) out[bits.len - 1] = (uint8_t)(out[bits.len - 1] & (0xFFu << unused));
    if (unused > 0 || bits.len < len) *seen |= ENCODING_BITS;
    return true;
}

/* --- SM2 signatures --- */

/* One INTEGER, read as unsigned. *at is moved behind it. */
static bool unsigned_read(uint8_t out32[32], const uint8_t *der, size_t len, size_t *at, uint32_t *seen) {
    if (len - *at < 2 || der[*at] != DER_INTEGER) return false;
    size_t count = der[*at + 1];
    const uint8_t *p = der + *at + 2;
    if (count == 0 || count > INTEGER_MAX || count > len - *at - 2) return false;
    *at += 2 + count;
    if (p[0] & 0x80 || (count > 1 && p[0] == 0 && !(p[1] & 0x80))) *seen |= ENCODING_INTEGER;
    if (count == INTEGER_MAX && p[0] != 0) return false;
    if (count == INTEGER_MAX) p++, count--;
    memset(out32, 0, 32);
    memcpy(out32 + 32 - count, p, count);
    return true;
}

static bool sequence_read(uint8_t sig64[SIG_LEN], const struct written_signature *written, uint32_t *seen) {
    uint8_t der[WRITTEN_MAX];
    const struct bytes bytes = written->bytes;
    size_t at = 2;
    uint32_t notes = 0;
    if (bytes.len < 2 || bytes.data[0] != DER_SEQUENCE || bytes.data[1] > WRITTEN_MAX - 2) return false;
    const size_t len = 2u + bytes.data[1]; /* what the signature itself states */
    if (bytes.len < len && !written->in_bits) return false;
    if (!encoding_bits(der, len, bytes, written->unused, &notes)) return false;
    if (!unsigned_read(sig64, der, len, &at, &notes) || !unsigned_read(sig64 + 32, der, len, &at, &notes) || at != len) return false;
    if (!curve_sig_in_range(KEY_SM2, sig64)) return false;
    *seen |= notes;
    return true;
}

bool encoding_sm2(uint8_t sig64[SIG_LEN], const struct written_signature *written, uint32_t *seen) {
    uint32_t notes = 0;
    if (sequence_read(sig64, written, seen)) return true;
    if (written->bytes.len != SIG_LEN || !encoding_bits(sig64, SIG_LEN, written->bytes, written->unused, &notes)) return false;
    if (!curve_sig_in_range(KEY_SM2, sig64)) return false;
    *seen |= notes;
    return true;
}

/* --- text and time --- */

struct bytes encoding_text(struct bytes text, uint32_t *seen) {
    size_t len = text.len;
    while (len > 0 && (text.data[len - 1] == '\0' || text.data[len - 1] == '\n' || text.data[len - 1] == '\r')) len--;
    if (len < text.len) *seen |= ENCODING_PADDING;
    return bytes_of(text.data, len);
}

static bool encoding_number(struct bytes text, size_t *at, size_t count, unsigned *value) {
    if (text.len - *at < count) return false;
    *value = 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t c = text.data[(*at)++];
        if (c < '0' || c > '9') return false;
        *value = *value * 10 + (c - '0');
    }
    return true;
}

static size_t digits_at(struct bytes text, size_t at) {
    size_t count = 0;
    while (at + count < text.len && text.data[at + count] >= '0' && text.data[at + count] <= '9') count++;
    return count;
}

/* The digits in front, as a year of that many digits and pairs, seconds with them or not. False: no real date and time. */
static bool encoding_plain(int64_t *ms, struct bytes text, size_t year_digits, size_t run) {
    unsigned field[6] = {0};
    size_t at = 0;
    if (!encoding_number(text, &at, year_digits, &field[0])) return false;
    if (year_digits == 2) field[0] += field[0] < 50 ? 2000 : 1900;
    for (unsigned i = 1; at < run; i++) {
        if (!encoding_number(text, &at, 2, &field[i])) return false;
    }
    return date_ms(ms, field);
}

/* Either reading of twelve digits, if it is the only one. */
static bool twelve(int64_t *ms, struct bytes text) {
    unsigned year = 0;
    size_t at = 0;
    int64_t with_seconds, without;
    const bool two = encoding_plain(&with_seconds, text, 2, 12);
    const bool four = encoding_number(text, &at, 4, &year) && year >= YEAR_FIRST && year <= YEAR_LAST && encoding_plain(&without, text, 4, 12);
    if (two == four) return false;
    *ms = two ? with_seconds : without;
    return true;
}

/* ".123456": 1 to 9 digits, cut to milliseconds. */
static bool encoding_fraction(struct bytes text, size_t *at, int64_t *ms) {
    const size_t count = digits_at(text, ++*at);
    int64_t scale = 100;
    for (size_t i = 0; i < count; i++, scale /= 10) *ms += (text.data[*at + i] - '0') * scale;
    *at += count;
    return count >= 1 && count <= 9;
}

/* Nothing but the zone is left. */
static bool encoding_zone(struct bytes text, size_t at, int *minutes) {
    unsigned hour = 0, minute = 0;
    *minutes = BEIJING_MINUTES;
    if (at == text.len) return true;
    const uint8_t sign = text.data[at++];
    *minutes = 0;
    if (sign == 'Z') return at == text.len;
    if ((sign != '+' && sign != '-') || !encoding_number(text, &at, 2, &hour)) return false;
    if (at < text.len && text.data[at] == ':' && text.len - at == 3) at++;
    if (at < text.len && !encoding_number(text, &at, 2, &minute)) return false;
    *minutes = (int)(hour * 60 + minute) * (sign == '+' ? 1 : -1);
    return at == text.len && hour <= 14 && minute <= 59;
}

bool encoding_time(int64_t *ms, struct bytes text, bool general) {
    const size_t run = digits_at(text, 0);
    size_t at = run;
    int minutes;
    bool read = false, seconds = true;
    if (run == 14) read = encoding_plain(ms, text, 4, run);
    else if (run == 12 && !general) read = encoding_plain(ms, text, 2, run);
    else if (run == 12) read = twelve(ms, text), seconds = false;                 /* a fraction would be one of seconds or of minutes */
    else if (run == 10 && !general) read = encoding_plain(ms, text, 2, run), seconds = false; /* ten digits in a GeneralizedTime could be two things */
    if (!read) return false;
    if (seconds && at < text.len && text.data[at] == '.' && !encoding_fraction(text, &at, ms)) return false;
    if (!encoding_zone(text, at, &minutes)) return false;
    *ms -= INT64_C(60000) * minutes;
    return *ms >= DER_TIME_FIRST_MS && *ms <= DER_TIME_LAST_MS;
}
