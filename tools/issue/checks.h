/* Checks: what is asked of a licence before it is put on the ledger, the same by `licet issue` and by `licet import`. The ledger holds tags and cannot
 * check. Layer: tools/issue. No I/O, no clock. */
#ifndef LICET_TOOLS_ISSUE_CHECKS_H
#define LICET_TOOLS_ISSUE_CHECKS_H
#include "ledger/base/code.h"
#include "ledger/wire/ident.h"

/* 1.31012E+13, 1.31012E13: what a spreadsheet leaves of a long number. */
MUST_USE bool number_is_ruined(struct bytes number);
/* 440301202100001000: nothing but zeros behind the 15th digit, which is as far as a spreadsheet counts. WHOLE: it has other digits there; SHORT: no digits alone,
 * up to 15 of them, or a zero in front, which a spreadsheet would have taken away. */
enum number_tail { TAIL_SHORT, TAIL_WHOLE, TAIL_ZEROS };
enum number_tail number_tail(struct bytes number);
/* TAIL_ZEROS with 18 digits or more: true by chance once in a thousand, so there is a way to say so. */
MUST_USE bool number_is_rounded(struct bytes number);
/* #####, #REF!, #N/A: what a spreadsheet shows in place of a value; or only question marks, which stand where a program had no character. */
MUST_USE bool value_is_lost(struct bytes text);
/* "--", "/", 无, 待补, N/A: written so that the cell is not empty. In normal form. */
MUST_USE bool is_no_value(struct bytes text);
/* ="00123" and '00123, as spreadsheets are told that a number is text: the text. Anything else as it is. For codes alone: a name may begin so. */
struct bytes code_unwrap(struct bytes text);
/* CODE_OK, CODE_USCC_INVALID, CODE_ROW_ID_NUMBER. */
MUST_USE enum code holder_code_check(uint32_t holder_kind, struct bytes code);
/* CODE_OK, CODE_ROW_DATE_FAR. issued may be DAY_NONE; today 0: nothing is compared with it. */
MUST_USE enum code days_check(int32_t issued, int32_t from, int32_t today);
/* Words for "no end", in normal form: 长期, 长期有效, 永久, 终身, 至今, ... and what is_no_value takes, since an empty cell means the same. */
MUST_USE bool is_no_end(struct bytes text);
/* 2026-01-01, 2026/1/1, 2026.1.1, 20260101, 2026年1月1日; with a time of zero behind it or without; zeros in front may be missing, spaces
 * may stand between the parts. Not 44260: a spreadsheet's day number, which means one of two days. */
MUST_USE bool stock_day_parse(int32_t *day, struct bytes text);
#endif
