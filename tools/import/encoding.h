/* Encoding: a file of unknown age as a stream of UTF-8. Layer: tools/import.
 * UTF-8 (with or without a byte order mark), GB18030 (which takes in GBK and GB2312; by glibc's iconv) and UTF-16 behind its mark, as spreadsheets write
 * "Unicode text". Without a mark UTF-16 is recognised and not read: which byte comes first would be a guess. Never fails on bad bytes: each byte (UTF-16: unit) that is no text in the file's encoding comes out as TEXT_BAD_BYTE, which no UTF-8 holds, so that only the row it stands in is refused. */
#ifndef LICET_TOOLS_IMPORT_ENCODING_H
#define LICET_TOOLS_IMPORT_ENCODING_H
#include "crypto/bytes.h"

#define TEXT_BAD_BYTE 0xffu
#define TEXT_SAMPLE (256u << 10) /* bytes looked at to recognise the encoding */

enum text_encoding { ENCODING_UNKNOWN = 0, ENCODING_UTF8, ENCODING_GB18030, ENCODING_UTF16LE, ENCODING_UTF16BE };
MUST_USE bool text_encoding_from_name(enum text_encoding *out, const char *name); /* "utf-8", "gb18030", in any case; gbk and gb2312 are read as gb18030 */
const char *text_encoding_name(enum text_encoding encoding);                     /* "utf-8", "gb18030", "utf-16le", "utf-16be" */

/* What the first bytes of a file say. UTF-8 where all of them are (`whole` false: the last character may be cut), or where nearly all of
 * those beyond ASCII are: one damaged byte must not turn every name in the file into other characters. */
enum text_kind { TEXT_KIND_UTF8_BOM, TEXT_KIND_UTF8, TEXT_KIND_GB18030, TEXT_KIND_UTF16LE_BOM, TEXT_KIND_UTF16BE_BOM, TEXT_KIND_UTF16 /* without a mark */, TEXT_KIND_WORKBOOK /* .xlsx, .xls */ };
enum text_kind text_recognise(struct bytes sample, bool whole);

/* Bytes read; 0 at the end; <0 fault. */
typedef long (*text_read_fn)(void *context, void *data, size_t len);
struct text_source;
/* wanted: ENCODING_UNKNOWN: recognised from the first TEXT_SAMPLE bytes. NULL: no memory. */
MUST_USE struct text_source *text_source_new(text_read_fn read, void *context, enum text_encoding wanted);
void text_source_free(struct text_source *source);
/* Valid after the first read. kind: what the file looked like, whatever was wanted. */
enum text_encoding text_source_encoding(const struct text_source *source);
enum text_kind text_source_kind(const struct text_source *source);
/* Reads the sample without giving any of it. False: a read failed. */
MUST_USE bool text_source_look(struct text_source *source);
/* UTF-8 and TEXT_BAD_BYTE, without a byte order mark. A text_read_fn over a text_source. cap of at least 8. */
long text_source_read(void *source, void *data, size_t cap);
uint64_t text_source_consumed(const struct text_source *source); /* bytes of the file that were decoded */
#endif
