/* PDF value: reads the values of a PDF (ISO 32000-1 7.3) as spans of the file, strictly: what two readers could take differently (comments inside a value, '#'
 * in a key, a key twice) is refused. Nothing is decoded, resolved or kept: a value is a view of the file's bytes. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_VALUE_H
#define LICET_TOOLS_DOCUMENT_PDF_VALUE_H
#include "crypto/bytes.h"

#define PDF_DEPTH_MAX 32
#define PDF_KEYS_MAX 64u /* of a dictionary that is looked into */

enum pdf_kind { PDF_NULL, PDF_BOOLEAN, PDF_NUMBER, PDF_NAME, PDF_STRING, PDF_ARRAY, PDF_DICT, PDF_REF };
struct pdf_value {
    enum pdf_kind kind;
    struct bytes text;  /* all of it: "<< /A 1 >>", "7 0 R" */
    uint32_t number;    /* PDF_REF: of the object; its generation is 0 */
};
struct pdf_pair { struct bytes key; struct pdf_value value; }; /* key without its '/' */
struct pdf_dict { size_t count; struct pdf_pair pairs[PDF_KEYS_MAX]; };

bool pdf_is_space(uint8_t c);
bool pdf_ends_name(uint8_t c);
void pdf_skip_space(struct bytes *rest);
MUST_USE bool pdf_word(struct bytes *rest, const char *word); /* space, then the word, which ends there; else *rest stays */
MUST_USE bool pdf_number(uint64_t *out, struct bytes *rest);  /* space, then 1 to 15 digits that end there; else *rest stays */
/* Space, then one value. False: none, or not one that is read here. */
MUST_USE bool pdf_value_read(struct pdf_value *out, struct bytes *rest);
/* False: no dictionary, too many keys, or one of them twice or written with '#'. */
MUST_USE bool pdf_dict_read(struct pdf_dict *out, const struct pdf_value *value);
const struct pdf_value *pdf_dict_get(const struct pdf_dict *dict, const char *key); /* NULL: not there */
bool pdf_key_is(const struct pdf_pair *pair, const char *key);
bool pdf_name_is(const struct pdf_value *value, const char *name); /* false where value is NULL */
/* An array's values, one after another: *rest begins as the array's text. False: at its end. */
MUST_USE bool pdf_array_start(struct bytes *rest, const struct pdf_value *array);
MUST_USE bool pdf_array_next(struct pdf_value *out, struct bytes *rest);
/* The same but for how it is written: space, escapes in strings, zeros of a number. Dictionaries have to have their keys in the same order. */
bool pdf_value_same(const struct pdf_value *a, const struct pdf_value *b);
#endif
