/* Ident: the field's own identifiers and their check rules: credit code (GB 32100), citizen identity number (GB 11643), type code and
 * licence identifier (GB/T 36904, check ISO 7064 MOD 37,36), dates. Pure. Layer: ledger/wire. */
#ifndef LICET_WIRE_IDENT_H
#define LICET_WIRE_IDENT_H
#include "ledger/base/code.h"
#include "ledger/base/limits.h"

MUST_USE bool uscc_check(struct bytes code);                    /* 18 characters, alphabet, check character */
char uscc_check_char(const char code17[17]);                    /* '\0' where a character is not in the alphabet */
MUST_USE bool citizen_id_check(struct bytes id);                /* 18 characters, real date, check character (X upper case) */
char citizen_id_check_char(const char id17[17]);
MUST_USE bool type_code_check(struct bytes code);               /* 21: a credit code (its check not enforced) and 3 digits */

/* 1.2.156.3005.2.<type21>.<issuer>.<serial>.<version3>.<check1>. Views into the text. */
#define IDENTIFIER_ROOT "1.2.156.3005.2."
enum identifier_rule { RULE_NONE = 0, RULE_ISO7064 = 1, RULE_SHANDONG = 2 };
struct identifier {
    struct bytes type, issuer, serial, version_text;
    uint32_t version;          /* 1..999 */
    char check;
    enum identifier_rule rule; /* which rule the check character fits; NONE is reported, never a reason to reject on its own */
};
/* CODE_OK or CODE_IDENTIFIER_INVALID. Upper case only; issuer 6 or 18, serial 1..64 of [0-9A-Z]. */
enum code identifier_parse(struct identifier *out, struct bytes text);
/* Builds the whole identifier with its ISO 7064 check character; returns its length, 0 where it does not fit or a part is wrong. */
MUST_USE size_t identifier_build(char out[IDENTIFIER_MAX + 1], struct bytes type, struct bytes issuer, struct bytes serial, uint32_t version);

/* Calendar: days since 1970-01-01 (proleptic Gregorian). A licence valid to D is valid until D 24:00 Asia/Shanghai (UTC+8, no DST). */
MUST_USE bool day_from_ymd(int32_t *day, int year, int month, int dayofmonth); /* false: no such date, or outside DAY_MIN..DAY_MAX */
void day_to_text(char out[11], int32_t day);                    /* "2026-01-01" */
MUST_USE bool day_from_text(int32_t *day, struct bytes text);   /* exactly YYYY-MM-DD */
int32_t day_in_shanghai(int64_t time_ms);
int32_t day_in_utc(int64_t time_ms);
void time_to_text(char out[25], int64_t time_ms);               /* "2026-11-22T05:03:41.123Z" */
#endif
