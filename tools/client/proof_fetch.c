#include "tools/client/proof_fetch.h"

#include "ledger/wire/proof.h"
#include "tools/client/anchor_verdict.h"
#include "tools/client/answer.h"
#include "tools/client/beside_key.h"

/* The node's proof; malloc'd, NULL with a message. */
static uint8_t *proof_fetch_ask(const struct cli *cli, const uint8_t key32[32], size_t *len, int *exit_code) {
    char hex[65];
    hex_encode(hex, key32, 32);
    json_t *answer = http_json(cli, "POST", "/v1/verify", json_pack("{s:[{s:s}], s:b}", "queries", "key", hex, "proof", true), exit_code);
    if (!answer) return NULL;
    const json_t *verdict = json_array_get(json_object_get(answer, "verdicts"), 0);
    const json_t *proof = json_object_get(verdict, "proof");
    uint8_t *bytes = json_is_string(proof) ? malloc(PROOF_BYTES_MAX) : NULL;
    if (bytes && !base64url_decode(bytes, PROOF_BYTES_MAX, len, json_string_value(proof), json_string_length(proof))) {
        free(bytes);
        bytes = NULL;
    }
    if (!bytes) *exit_code = cli_fail(EXIT_ERROR, SAY("%s answered without a proof: is it reading only, or an older version?",
                                                      "%s 的应答中没有证明：是否为只读节点或旧版本？"), cli->node);
    json_decref(answer);
    return bytes;
}



/* The licence object in the proof. */
static bool find_licence(struct licence *out, const struct proof *proof, const uint8_t key32[32]) {
    for (uint32_t i = 0; i < proof->object_count; i++) {
        const struct proof_object *object = &proof->objects[i];
        if (object->kind == OBJECT_LICENCE && object->value.data && licence_decode(out, object->value).code == CODE_OK && memcmp(out->key, key32, 32) == 0)
            return true;
    }
    return false;
}

struct opener {
    struct proof proof;
    struct private_licence held;
    struct licence licence;
    uint8_t buffer[PRIVATE_MAX];
    uint8_t opening[PROOF_OPENINGS_MAX][OPENING_MAX];
};

static int open_field(struct opener *opener, const char *code) {
    struct field field;
    for (uint32_t i = 0; i < opener->held.field_count; i++) {
        if (!bytes_equal(opener->held.fields[i].code, bytes_text(code))) continue;
        uint8_t *at = opener->opening[opener->proof.opening_count];
        size_t len;
        if (opener->proof.opening_count == PROOF_OPENINGS_MAX || !opening_make(at, &len, opener->held.seed, opener->held.fields, opener->held.field_count, i) ||
            opening_check(&field, bytes_of(at, len), opener->licence.fields_root).code != CODE_OK)
            return cli_fail(EXIT_ERROR, SAY("the private data of this licence are not those the ledger has: %s cannot be opened",
                                            "该证照的私有数据与账本不符：%s 无法打开"), code);
        opener->proof.openings[opener->proof.opening_count++] = bytes_of(at, len);
        return EXIT_VALID;
    }
    return cli_fail(EXIT_ERROR, SAY("this licence has no element %s to disclose", "该证照没有可披露的字段 %s"), code);
}

/* Opens what is asked for. *opened false: nothing is held here, so the proof stays as it came. */
static int open_fields(struct opener *opener, bool *opened, const struct cli *cli, const uint8_t key32[32], const char *const *fields, size_t count) {
    struct private_store *store;
    *opened = false;
    int done = private_beside_key(&store, cli, false);
    if (done != EXIT_VALID) return done;
    bool licence = find_licence(&opener->licence, &opener->proof, key32), fits;
    enum err err = store && licence ? private_get_for(store, key32, opener->licence.fields_root, &opener->held, opener->buffer, sizeof opener->buffer, &fits) : ERR_ABSENT;
    private_close(store);
    if (err == ERR_ABSENT && count == 0) return EXIT_VALID;
    if (err != ERR_OK)
        return cli_fail(err == ERR_ABSENT ? EXIT_ERROR : err_exit(err), SAY("the private data of this licence: %s; only its issuer can disclose elements: name the issuer's key "
                        "with --key",
                                                                            "该证照的私有数据：%s；只有颁发机构能够披露字段，请用 --key 指明颁发机构的密钥"), cli_err_text(err));
    done = open_field(opener, ELEMENT_IDENTIFIER);
    for (size_t i = 0; i < count && done == EXIT_VALID; i++)
        if (strcmp(fields[i], ELEMENT_IDENTIFIER) != 0) done = open_field(opener, fields[i]);
    *opened = done == EXIT_VALID;
    return done;
}

int proof_fetch(const struct cli *cli, struct anchor *anchor, const uint8_t key32[32], const char *const *fields, size_t field_count, const char *path, enum output_over over) {
    size_t len = 0;
    int done = output_check("--out", path, over);
    if (done != EXIT_VALID) return done;
    uint8_t *bytes = proof_fetch_ask(cli, key32, &len, &done);
    if (bytes && anchor && anchor_is(anchor) && (done = anchor_proof(anchor, key32, bytes_of(bytes, len))) != EXIT_VALID) {
        free(bytes);
        return done;
    }
    if (!bytes) return done;
    struct opener *opener = calloc(1, sizeof *opener);
    uint8_t *full = malloc(PROOF_BYTES_MAX);
    bool opened = false;
    if (!opener || !full) done = cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    else if (proof_decode(&opener->proof, bytes_of(bytes, len)).code != CODE_OK)
        done = cli_fail(EXIT_INTEGRITY, SAY("%s answered a proof that cannot be read: is it a newer version than this program?",
                                            "%s 应答的证明无法读取：其版本是否比本程序新？"), cli->node);
    else done = open_fields(opener, &opened, cli, key32, fields, field_count);
    if (done == EXIT_VALID && opened) {
        struct wire_out out = wire_write(full, PROOF_BYTES_MAX);
        if (!proof_encode(&out, &opener->proof)) done = cli_fail(EXIT_ERROR, SAY("with these elements the proof is too large: disclose fewer", "披露这些字段会使证明过大：请减少字段"));
        else done = output_write("--out", path, over, full, out.len);
    } else if (done == EXIT_VALID) {
        done = output_write("--out", path, over, bytes, len);
    }
    if (opener) bytes_wipe(opener, sizeof *opener);
    free(opener);
    free(full);
    free(bytes);
    return done;
}
