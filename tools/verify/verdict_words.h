/* Verdict words: a verdict's own English words in the reader's language. Layer: tools/verify. */
#ifndef LICET_TOOLS_VERIFY_VERDICT_WORDS_H
#define LICET_TOOLS_VERIFY_VERDICT_WORDS_H
#include "tools/cli/finding_words.h"

const char *verdict_note_text(char out[FINDING_SHOWN], const char *note); /* NULL for NULL */
const char *verdict_seal_step_text(const char *step);
const char *verdict_seal_why_text(const char *why);
#endif
