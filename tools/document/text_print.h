/* Text print: what a file, a node or a user says, for a terminal: nothing that moves the cursor, turns the direction of writing, or is no character; such
 * things become '?'. Every text from outside goes through here before it is printed. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_TEXT_PRINT_H
#define LICET_TOOLS_DOCUMENT_TEXT_PRINT_H
#include "crypto/bytes.h"
#include <stdio.h>

void text_print(const char *text); /* on stdout */
/* The same as a string, for a format's %s. It stays until TEXT_SHOWN_KEPT later calls of the same thread. NULL gives "". */
#define TEXT_SHOWN_KEPT 32u
const char *text_shown(const char *text);
/* JSON text into equal JSON text: what a terminal must not meet raw becomes \uXXXX. Valid UTF-8 is expected. malloc'd; NULL: out of memory. */
MUST_USE char *text_json(const char *json);
#endif
