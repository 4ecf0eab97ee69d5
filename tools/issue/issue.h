/* Issue: one licence from what a clerk types to the item that is signed. Layer: tools/issue, for cmd_issue.c. */
#ifndef LICET_TOOLS_ISSUE_ISSUE_H
#define LICET_TOOLS_ISSUE_ISSUE_H
#include "ledger/kv/private.h"
#include "ledger/wire/record.h"
#include "ledger/wire/tags.h"
#include "tools/cli/cli.h"
#include "tools/sealed/registration.h"
#include "tools/sealed/words.h"

struct issue {
    /* asked */
    char serial[65], number[NUMBER_MAX + 1], holder_code[NUMBER_MAX + 1], holder_name[HOLDER_NAME_MAX + 1];
    uint32_t version, holder_kind;
    int32_t issued, from, to; /* to: DAY_NONE: no end */
    /* made */
    char identifier[IDENTIFIER_MAX + 1];
    uint8_t key[32], number_tag[TAG_LEN], holder_tag[TAG_LEN], name_tag[TAG_LEN], fields_root[32];
    char dates[3][16], kind[8];
    char *values;                     /* what --field gave, in normal form; freed by issue_free */
    struct registration registration; /* of its documents */
    struct said said;                 /* by their text, of what was typed */
    struct issue_item item;
    struct private_licence kept;      /* type, identifier, seed, fields */
    enum private_claim claim;         /* of the private data, once they are kept */
};
/* Reads the options and fills in what is left out. EXIT_VALID, or an exit code with a message. */
MUST_USE int issue_read(struct issue *out, const struct options *options, const json_t *type);
/* Identifier, keys, tags, fields, document digests. */
MUST_USE int issue_build(struct issue *issue, const struct options *options, const json_t *type, const struct lookup *lookup, const char *uscc);
void issue_free(struct issue *issue);
#endif
