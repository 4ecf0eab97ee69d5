/* Licence named: which licences a person means: by ID, by --fields as they stand on the licence, or by --doc, the document itself. Layer: tools. */
#ifndef LICET_TOOLS_LICENCE_NAMED_H
#define LICET_TOOLS_LICENCE_NAMED_H
#include "tools/document_options.h"
#include "tools/ledger.h"
#include "tools/query_fields.h"

/* ONE: of a command that takes one licence; else of one that takes several. */
#define LICENCE_FIELDS_SPEC {"fields", OPTION_TEXT, "instead of an ID: " FIELDS_HELP ", as on the licence; " FIELDS_NEEDED, "代替证照标识：" FIELDS_HELP_ZH "，与证照所载一致；" FIELDS_NEEDED_ZH}
#define LICENCE_NAMED_SPECS_ONE \
    LICENCE_FIELDS_SPEC, {"doc", OPTION_FILE, "instead of an ID: the licence's document", "代替证照标识：证照文件"}, TRUST_OPTION_SPEC
#define LICENCE_NAMED_SPECS \
    LICENCE_FIELDS_SPEC, {"doc", OPTION_FILE, "instead of an ID: the licence's document; may be repeated", "代替证照标识：证照文件；可重复"}, TRUST_OPTION_SPEC

struct licence_named { struct licence_id id; const char *typed; };
/* All that the line names, each once. What several licences match is refused, and both are listed. out: room for LICENCE_NAMED_MAX. EXIT_VALID and *count from
 * 1 on, or an exit code with a message. */
#define LICENCE_NAMED_MAX POSITIONAL_MAX
MUST_USE int licence_named_read(struct licence_named *out, size_t *count, const struct cli *cli, const struct ledger_view *view, const struct options *options);
#endif
