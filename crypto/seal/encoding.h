/* Encoding: what makers really write where the standards have it otherwise. Each form taken here has exactly one reading; bytes are hashed as they stand, and
 * what was met is noted, so that a report can say it. A note is no failure. What we make ourselves is never written so. Layer: crypto/seal. */
#ifndef LICET_SEAL_ENCODING_H
#define LICET_SEAL_ENCODING_H
#include "crypto/curve.h"

/* X(NAME, text, English, Chinese): text is part of the interface (`--json`) and never changes its meaning. */
#define ENCODING_LIST(X)                                                                                                                    \
    X(TIME, "time", "a time is not written as the standard has it (one without a zone is Beijing time)", "时间写法不合标准（无时区的按北京时间）") \
    X(BITS, "bit_string", "a bit string came without its trailing zero bits", "位串缺少末尾的零比特")                                       \
    X(INTEGER, "integer", "a number in a signature has too many or too few leading zero bytes", "签名值中整数的前导零字节不合规范")          \
    X(PADDING, "padding", "a text ends in line ends or NUL bytes", "文本末尾有换行或空字符填充")                                            \
    X(BER, "ber", "BER where the standard has DER", "采用 BER 编码而非标准的 DER 编码")

enum encoding_bit {
#define X(NAME, text, en, zh) ENCODING_BIT_##NAME,
    ENCODING_LIST(X)
#undef X
    ENCODING_COUNT
};
enum encoding {
    ENCODING_NONE = 0,
#define X(NAME, text, en, zh) ENCODING_##NAME = 1u << ENCODING_BIT_##NAME,
    ENCODING_LIST(X)
#undef X
};
const char *encoding_name(enum encoding_bit bit); /* "bit_string" */
const char *encoding_en(enum encoding_bit bit);
const char *encoding_zh(enum encoding_bit bit);

/* A signature as it stands in a file. */
struct written_signature {
    struct bytes bytes;
    uint8_t unused;    /* bits of the last byte that do not count: 0..7 */
    bool in_bits;      /* in a BIT STRING, so whole zero bytes at its end may be missing; what is stated inside says how many */
};
/* r|s of an SM2 signature: SEQUENCE of two INTEGERs of 1 to 33 bytes, read as unsigned, each in 1..n-1; or 64 raw bytes. Lengths in short form, nothing left
 * over. What differs from DER is added to *seen. False: neither. */
MUST_USE bool encoding_sm2(uint8_t sig64[SIG_LEN], const struct written_signature *written, uint32_t *seen);
/* A value of which the length is known: bits that do not count are taken as 0, missing bytes are 00. False: it is longer. */
MUST_USE bool encoding_bits(uint8_t *out, size_t len, struct bytes bits, uint8_t unused, uint32_t *seen);
/* The text without the line ends and NUL bytes that it ends in. */
struct bytes encoding_text(struct bytes text, uint32_t *seen);
/* The content of a UTCTime or (general) a GeneralizedTime: a year of 2 or 4 digits, seconds left out with a year of which the digits are plain, a fraction,
 * `Z`, +hhmm, +hh:mm, +hh or (no zone) Beijing time. Twelve digits in a GeneralizedTime are a year of 2 digits or missing seconds: taken only where one of
 * the two is a time between 1950 and 2049. ms since 1970. */
MUST_USE bool encoding_time(int64_t *ms, struct bytes text, bool general);
#endif
