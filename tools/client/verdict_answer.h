/* Node answer: is what a node says of one query a whole verdict (DESIGN section 9), and about what was asked? A verdict of which a part is missing or of another kind is
 * never passed on: who reads it could take half an answer for a good one. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_NODE_ANSWER_H
#define LICET_TOOLS_CLIENT_NODE_ANSWER_H
#include "ledger/rules/verdict.h"
#include <jansson.h>

/* NULL: it is whole. Else the name of the first part that is missing, of a wrong kind, or about another licence than the query names: static text. */
const char *node_answer_lacks(const json_t *verdict, const json_t *query);
/* The word of a verdict; -1: it is none. */
int verdict_word_of(const json_t *verdict);
/* A verdict that says `incomplete` and why, in the shape of a node's. New reference. */
json_t *verdict_incomplete(const char *note);
#endif
