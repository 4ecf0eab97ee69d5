/* Licence named: which licences a person means: by ID, by --fields as they stand on the licence, or by --doc, the document itself. Layer: tools/licence. */
#ifndef LICET_TOOLS_LICENCE_LICENCE_NAMED_H
#define LICET_TOOLS_LICENCE_LICENCE_NAMED_H
#include "tools/cli/cli.h"
#include "tools/client/anchor.h"
#include "tools/client/ledger.h"
#include "tools/client/licence_id.h"
#include "tools/sealed/document_options.h"
#include "tools/verify/query_fields.h"

/* ONE: of a command that takes one licence; else of one that takes several. */
#define LICENCE_FIELDS_SPEC {"fields", OPTION_TEXT, "instead of an ID: " FIELDS_HELP ", as on the licence; " FIELDS_NEEDED, "代替证照标识：" FIELDS_HELP_ZH "，与证照所载一致；" FIELDS_NEEDED_ZH}
#define LICENCE_NAMED_SPECS_ONE \
    LICENCE_FIELDS_SPEC, {"doc", OPTION_FILE, "instead of an ID: the licence's document", "代替证照标识：证照文件"}, TRUST_OPTION_SPEC
#define LICENCE_NAMED_SPECS \
    LICENCE_FIELDS_SPEC, {"doc", OPTION_FILE, "instead of an ID: the licence's document; may be repeated", "代替证照标识：证照文件；可重复"}, TRUST_OPTION_SPEC

struct licence_named {
    struct licence_id id;
    const char *typed;
    bool by_node; /* which licence is meant is the word of this machine's node alone, and proved by nothing; false where an ID was typed */
};
/* All that the line names, each once. What several licences match is refused, and both are listed. What --fields and --doc lead to is proved under the anchor; without one
 * the node of this machine is believed, and no other (anchor.h). out: room for LICENCE_NAMED_MAX. EXIT_VALID and *count from 1 on, or an exit code with a message. */
#define LICENCE_NAMED_MAX POSITIONAL_MAX
struct anchor;
MUST_USE int licence_named_read(struct licence_named *out, size_t *count, const struct cli *cli, const struct ledger_view *view, struct anchor *anchor, const struct options *options);
/* The same where everything that the line names has to lead to one licence. EXIT_MISMATCH and a message where it does not. */
MUST_USE int licence_named_one(struct licence_named *out, const struct cli *cli, const struct ledger_view *view, struct anchor *anchor, const struct options *options);
/* Before anything is sent: may the node be asked which licence is meant? Where the line has IDs alone nobody is. EXIT_VALID, or EXIT_USAGE with a message (anchor_allows). */
MUST_USE int licence_named_allowed(const struct cli *cli, const struct anchor *anchor, const struct options *options);
/* Says on stderr where the identity of a licence rests on the node's word alone, and how to have it proved. */
void licence_named_tell(const struct licence_named *named, size_t count, const struct cli *cli);
#endif
