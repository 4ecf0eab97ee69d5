#include "tools/client/licence_id.h"

#include "ledger/wire/text.h"
#include "tools/client/beside_key.h"

bool licence_id_parse(struct licence_id *out, const char *text) {
    size_t len;
    struct identifier parts;
    *out = (struct licence_id){.identifier = ""};
    if (strlen(text) == 64 && hex_decode(out->key, 32, text, 64)) {
        hex_encode(out->hex, out->key, 32);
        return true;
    }
    if (text_normal_code(out->identifier, IDENTIFIER_MAX, &len, bytes_text(text), NULL) != CODE_OK) return false;
    out->identifier[len] = '\0';
    return identifier_parse(&parts, bytes_of(out->identifier, len)) == CODE_OK;
}

void identifier_doubt(const char *identifier) {
    struct identifier parts;
    if (identifier_parse(&parts, bytes_text(identifier)) != CODE_OK || parts.rule != RULE_NONE) return;
    (void)cli_fail(0, SAY("%s: its last character, which checks the others, does not fit them: mistyped?", "%s：末位校验码与其余各位不符：是否输错？"), identifier);
}

int licence_id_read(struct licence_id *out, const struct cli *cli, const struct ledger_view *view, const char *text) {
    if (!licence_id_parse(out, text))
        return cli_fail(EXIT_USAGE, SAY("%s is neither a licence identifier (" IDENTIFIER_ROOT "...) nor a licence key of 64 hex digits",
                                        "%s 既不是证照标识（" IDENTIFIER_ROOT "……），也不是 64 位十六进制的证照键"), text);
    if (out->identifier[0] == '\0') return EXIT_VALID;
    struct identifier parts;
    struct lookup lookup;
    ASSERT(identifier_parse(&parts, bytes_text(out->identifier)) == CODE_OK);
    identifier_doubt(out->identifier);
    const json_t *type = ledger_type(view, parts.type);
    if (!type) return EXIT_ERROR;
    int done = ledger_lookup(&lookup, cli, view, type);
    if (done == EXIT_VALID) {
        tag_licence(out->key, &lookup, bytes_text(out->identifier));
        hex_encode(out->hex, out->key, 32);
    }
    bytes_wipe(&lookup, sizeof lookup);
    return done;
}

