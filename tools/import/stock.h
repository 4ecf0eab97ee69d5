/* Stock: made-up stock of licences as a CSV file, for trying out and measuring `licet import`. Nobody in it exists: identity numbers and
 * credit codes stand under 310198 and the like, county codes that were given to no place. The same options give the same bytes.
 * Layer: tools/import.
 *
 * Columns: [ZZBS,] ZZBH, CZZT, CZZTDM, CZZTDMLXDM, ZZBFRQ, ZZYXQQSRQ, ZZYXQJZRQ (GB/T 36903), then the type's other mandatory elements.
 * RFC 4180: CRLF, quotes where needed; about one row in eight holds commas and quotes, or a line end inside a quoted field.
 * Answers: "row,expected" and a line for each row: its number (the first after the heading is 1), and OK or the name of the refusal. */
#ifndef LICET_TOOLS_IMPORT_STOCK_H
#define LICET_TOOLS_IMPORT_STOCK_H
#include "ledger/wire/object.h"
#include <jansson.h>
#include <stdio.h>

enum stock_encoding { STOCK_UTF8 = 0, STOCK_UTF8_BOM, STOCK_GB18030 };
struct stock_options {
    const struct licence_type *type;
    const char *issuer;   /* credit code in the identifiers; NULL: no column ZZBS, identifiers are made at import */
    uint64_t rows, seed;
    unsigned dirty;       /* percent of rows with something wrong or unusual: 0..100 */
    int32_t today;        /* licences begin in the five years before this day; an argument, so that a seed means one file for ever */
    enum stock_encoding encoding;
};
#define STOCK_TODAY 20454 /* 2026-01-01: the usual value of `today` */

/* "utf-8", "utf-8-bom", "gb18030". */
MUST_USE bool stock_encoding_from_name(enum stock_encoding *out, const char *name);
/* `answers` may be NULL. 0; -1: a write failed (errno), or the options cannot be met (EINVAL: a type code or issuer that makes no identifier). */
MUST_USE int stock_make(const struct stock_options *options, FILE *csv, FILE *answers);

/* A type as written in genesis/types.json or answered by GET /v1/types (members that are not needed here are passed over): the views in *out
 * live as long as `json`. False: not such an object. */
struct json_t;
MUST_USE bool stock_type_from_json(struct licence_type *out, const struct json_t *json);
#endif
