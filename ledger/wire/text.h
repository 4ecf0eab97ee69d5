/* Text: one documented normal form for what people type, so that two spellings never yield two licences. Layer: ledger/wire.
 * NFC by libunistring. Never used inside block_execute: there, text is checked, not changed. */
#ifndef LICET_WIRE_TEXT_H
#define LICET_WIRE_TEXT_H
#include "ledger/base/code.h"

/* What normalising changed: counted in import reports. */
enum text_change { TEXT_SPACES = 1, TEXT_WIDTH = 2, TEXT_CASE = 4, TEXT_NFC = 8 };

/* Codes (numbers, identifiers, credit codes, element codes): NFC, full-width ASCII to ASCII, ideographic and other spaces trimmed at both
 * ends, a-z to A-Z. Names and values: NFC, trimmed, full-width ASCII letters, digits and punctuation U+FF01..FF5E to ASCII.
 * Writes at most cap bytes (no NUL), sets *len and ORs into *changes (may be NULL).
 * CODE_OK, CODE_TEXT_INVALID (text_check fails), CODE_CBOR_RANGE (longer than cap). */
enum code text_normal_code(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes);
enum code text_normal_name(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes);
/* As it was typed, so that a seal is called on the ledger what it is called in itself: NFC and trimmed, no width changed. */
enum code text_as_typed(char *out, size_t cap, size_t *len, struct bytes in);
/* What the tags of numbers and names are made of (FORMATS, "Keys and tags"): what people write differently and mean as one. Input: in the normal form above.
 * Plain ASCII is given back as it is. text_fold.c. */
#define TEXT_FOLD_MAX 1024u
struct bytes text_fold_number(char out[TEXT_FOLD_MAX], struct bytes normal);
struct bytes text_fold_name(char out[TEXT_FOLD_MAX], struct bytes normal);
MUST_USE bool text_is_nfc(struct bytes text);
#endif
