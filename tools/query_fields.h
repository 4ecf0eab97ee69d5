/* Query fields: --fields type=T number=Z ..., as `verify` and the commands that act on a licence take it. Layer: tools. */
#ifndef LICET_TOOLS_QUERY_FIELDS_H
#define LICET_TOOLS_QUERY_FIELDS_H
#include "tools/cli.h"

/* "number=123": one of the four fields? With --fields such an argument is no file and no ID. */
MUST_USE bool query_field_is(const char *text);
/* The member `fields` of a query, out of --fields and what stands beside it: new reference. EXIT_VALID, or EXIT_USAGE with a message. */
MUST_USE int query_fields_read(json_t **out, const struct options *options);
#endif
