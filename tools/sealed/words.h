/* Words: what a document says in text that can be read plainly, so that the number and the holder that somebody types can be compared with it. No judgement
 * of the document: nothing passes or fails by it. Layer: tools/sealed, for issue and import.
 *
 * OFD: the TextCode of everything that is shown, and the metadata of OFD.xml (CustomData, Title, Subject, Keywords). PDF: strings of Info and of other
 * dictionaries, XMP, and strings shown by content streams that are not compressed or Flate. A PDF font may give its codes any meaning: what is not plain
 * ASCII, or UTF-16 with its mark, is not taken for text. Where something could be text and was not read, `whole` is false and absence says nothing. */
#ifndef LICET_TOOLS_SEALED_WORDS_H
#define LICET_TOOLS_SEALED_WORDS_H
#include "ledger/base/code.h"
#include "tools/document/report.h"

#define WORDS_MAX (16u << 20)
#define WORDS_CODES_MAX 32u
struct words {
    char *text;      /* in the form of words_hold, without spaces, one piece behind the other */
    size_t len, room;
    bool whole;      /* everything that may be text was read */
    bool pictures;   /* there are pictures, which may show text too */
    bool wide;       /* there is text beyond ASCII */
    enum document_format format;
    char codes[WORDS_CODES_MAX][18]; /* what stood alone between spaces and has a code's length: the spaces are gone from text */
    size_t code_count;
};
void words_free(struct words *words); /* what words_read made */
/* value: in the normal form of text.h. Both sides in that form and folded as numbers are (text_fold.c), names as names before. */
MUST_USE bool words_hold(const struct words *words, struct bytes value);
/* Appends a piece of UTF-8 of the document. */
void words_add(struct words *words, struct bytes piece);

/* --- compared --- */
enum { SAID_NUMBER = 1, SAID_NAME = 2, SAID_CODE = 4 };
struct said { unsigned held, lacking; }; /* of all documents of one licence: zero at first; what is lacking and not held is to be warned of */
struct words_asked {
    struct bytes number, holder_name, holder_code; /* in normal form */
    uint32_t holder_kind;
    const char *issuer; /* its own credit code stands in many documents */
};
void words_compare(struct said *said, const struct words *words, const struct words_asked *asked);
/* The warnings of it: ROW_DOCUMENT_NUMBER, _NAME, _CODE. Returns how many. */
size_t said_warnings(const struct said *said, enum code out[3]);
#endif
