/* Query fields: --fields type=T number=Z ..., as `verify` and the commands that act on a licence take it. Layer: tools/verify. */
#ifndef LICET_TOOLS_VERIFY_QUERY_FIELDS_H
#define LICET_TOOLS_VERIFY_QUERY_FIELDS_H
#include "tools/cli/cli.h"

/* For help: what is written, and what of it a type needs (API, Verify). */
#define FIELDS_HELP "type=T number=Z [holder_code=C] [holder_name=X]"
#define FIELDS_HELP_ZH "type=类型代码 number=证照编号 [holder_code=持证主体代码] [holder_name=持证主体]"
#define FIELDS_NEEDED "a keyed type (`licet type show T` says so) needs all four"
#define FIELDS_NEEDED_ZH "凭查询密钥查询的类型（见 `licet type show 类型代码`）四项都须给出"

/* "number=123": one of the four fields? With --fields such an argument is no file and no ID. */
MUST_USE bool query_field_is(const char *text);
/* The member `fields` of a query, out of --fields and what stands beside it: new reference. EXIT_VALID, or EXIT_USAGE with a message. */
MUST_USE int query_fields_read(json_t **out, const struct options *options);
#endif
