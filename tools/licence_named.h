/* Licence named: which licences a person means: by ID, by --fields as they stand on the licence, or by --doc, the document itself. Layer: tools. */
#ifndef LICET_TOOLS_LICENCE_NAMED_H
#define LICET_TOOLS_LICENCE_NAMED_H
#include "tools/document_options.h"
#include "tools/ledger.h"

#define LICENCE_NAMED_SPECS                                                                                    \
    {"fields", true, "instead of an ID: type=T number=Z [holder_code=C] [holder_name=X], as on the licence", "代替证照标识：type=类型代码 number=证照编号 [holder_code=…] [holder_name=…]，与证照所载一致"},  \
    {"doc", true, "instead of an ID: the licence's document; may be repeated", "代替证照标识：证照文件；可以多次"},                                \
    TRUST_OPTION_SPEC

struct licence_named { struct licence_id id; const char *typed; };
/* All that the line names, each once. What several licences match is refused, and both are listed. out: room for LICENCE_NAMED_MAX. EXIT_VALID and *count from
 * 1 on, or an exit code with a message. */
#define LICENCE_NAMED_MAX POSITIONAL_MAX
MUST_USE int licence_named_read(struct licence_named *out, size_t *count, const struct cli *cli, const struct ledger_view *view, const struct options *options);
#endif
