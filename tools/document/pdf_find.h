/* PDF find: the signatures of a PDF by their /ByteRange as it stands in the file. This is no PDF parser, and that means:
 * - a signature dictionary is found where its keys are written plainly (no #-escapes, no references for /ByteRange, /Contents and /SubFilter), as every
 *   maker writes them, since the ranges have to be patched in place; one that hides is not found, and a document without any reads as not signed;
 * - text that merely looks like one is taken for one, and then fails: nothing passes by it;
 * - what a document shows is not looked at: a signature covers it where it covers every byte of the file but the string of its own /Contents. What follows
 *   behind (incremental updates) is judged by pdf_update.h.
 * Bounded: PDF_SIGNATURES_MAX signatures, dictionaries of PDF_DICTIONARY_MAX bytes on either side of /Contents. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_FIND_H
#define LICET_TOOLS_DOCUMENT_PDF_FIND_H
#include "crypto/seal/steps.h"
#include "tools/document/layout.h"

#define PDF_SIGNATURES_MAX 64u
#define PDF_DICTIONARY_MAX 16384u
#define PDF_CONTENTS_MAX (4u << 20) /* hexadecimal digits of one signature */

struct pdf_signature {
    bool read;                   /* false: a /ByteRange with anything but a signature dictionary around it; the rest is not set */
    uint64_t key_at;             /* of /ByteRange itself */
    uint64_t first_len, second_at, second_len; /* what is signed: [0, first_len) and [second_at, second_at + second_len) */
    bool covers;                 /* all of the file but /Contents (white space behind the end aside) */
    char sub_filter[48];         /* "adbe.pkcs7.detached"; "" where it is not stated, or twice */
    uint8_t *contents; size_t contents_len; /* decoded, with the zeros that fill up its room */
};
struct pdf_signatures { size_t count; bool too_many; struct pdf_signature found[PDF_SIGNATURES_MAX]; };
/* False: the file cannot be read, or memory is out. */
MUST_USE bool pdf_find(struct pdf_signatures *out, const struct file_view *file);
void pdf_signatures_free(struct pdf_signatures *signatures);
#endif
