/* Text print: what a file or a node says of itself, for a terminal: nothing that moves the cursor, turns the direction of writing, or is no character; such
 * things become '?'. Layer: tools/document. */
#ifndef LICET_DOCUMENT_TEXT_PRINT_H
#define LICET_DOCUMENT_TEXT_PRINT_H
#include "crypto/bytes.h"
#include <stdio.h>

void text_print_to(FILE *out, const char *text);
void text_print(const char *text); /* on stdout */
#endif
