#include "tools/client/statement.h"

#include <inttypes.h>

#include "ledger/wire/proof.h"
#include "ledger/wire/statement.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"
#include "tools/client/answer.h"

enum statement_result statement_sign(struct wire_out *out, uint8_t work[STATEMENT_BYTES_MAX], const struct statement_signing *by, const struct record *record) {
    uint8_t protected_header[COSE_PROTECTED_MAX], thumb[32], signature[SIG_LEN];
    char iss[ISS_MAX];
    struct pubkey pub;
    struct cose_tbs tbs;
    struct wire_out body = wire_write(work, STATEMENT_BYTES_MAX);
    signer_pubkey(by->signer, &pub);
    pubkey_thumbprint(thumb, &pub);
    (void)snprintf(iss, sizeof iss, ISS_PREFIX "%s", by->uscc);
    const struct cose_header header = {key_alg_cose(pub.alg), thumb, TYP_RECORD, bytes_text(iss), bytes_text(by->sub), time_now_ms() / 1000, by->genesis32};
    if (!record_encode(&body, record)) return STATEMENT_TOO_LARGE;
    const struct bytes head = bytes_of(protected_header, cose_protected_encode(protected_header, &header)), payload = bytes_of(work, body.len);
    cose_tbs(&tbs, head, payload);
    if (!signer_sign(by->signer, signature, tbs.parts, COSE_TBS_PARTS)) return STATEMENT_UNSIGNED;
    cose_sign1_encode(out, head, bytes_of(NULL, 0), payload, signature);
    return out->full ? STATEMENT_TOO_LARGE : STATEMENT_SIGNED;
}

/* With a message where it is not signed. */
static bool statement_make(struct wire_out *out, const struct statement_signing *by, const struct record *record) {
    uint8_t *work = malloc(STATEMENT_BYTES_MAX);
    if (!work) return cli_fail(0, SAY("out of memory", "内存不足")), false;
    const enum statement_result result = statement_sign(out, work, by, record);
    free(work);
    switch (result) {
    case STATEMENT_SIGNED: return true;
    case STATEMENT_UNSIGNED: (void)cli_fail(0, SAY("nothing was signed: %s", "未签名：%s"), finding_said(signer_why(by->signer))); break;
    case STATEMENT_TOO_LARGE:
        (void)cli_fail(0, SAY("this is more than one statement takes (%u bytes): split it", "超出一次声明的上限（%u 字节）：请分次办理"), STATEMENT_BYTES_MAX);
    }
    return false;
}

/* "/entries/88.0", with or without an address before it. */
static bool entry_read(struct posted *out, const char *location) {
    const char *last = strrchr(location, '/');
    return last && sscanf(last, "/%" SCNu64 ".%" SCNu64, &out->block, &out->index) == 2;
}

/* A receipt is what the issuer can hold against the node later: one that does not check is none. */
static int check_receipt(const struct cli *cli, const struct ledger_view *view, const struct receipt *receipt, struct bytes statement) {
    if (!view->finality) return EXIT_VALID;
    const struct refusal refusal = receipt_check(receipt, statement, bytes_text(view->chain_id), view->genesis, view->finality);
    if (refusal.code == CODE_OK) return EXIT_VALID;
    return cli_fail(EXIT_INTEGRITY, SAY("%s answered with a receipt that is not to be trusted (%s): nothing proves that the statement is recorded; ask another node, or its operator",
                                        "%s 给出的回执不可信（%s）：无法证明声明已登记；请询问其他节点或该节点的运维人员"), cli->node, cli_code_text(refusal.code));
}

int ledger_receipt(struct receipt *out, const struct cli *cli, const struct ledger_view *view, const struct http_answer *answer, struct bytes statement) {
    if (receipt_decode(out, bytes_of(answer->body, answer->len)).code == CODE_OK) return check_receipt(cli, view, out, statement);
    return cli_fail(EXIT_ERROR, SAY("%s took the statement and answered no receipt: ask `licet verify` whether it is recorded",
                                    "%s 已收下声明但未给回执：请用 `licet verify` 查询是否已登记"), cli->node);
}

static int posted_read(struct posted *out, const struct cli *cli, const struct ledger_view *view, struct http_answer *answer, struct bytes statement, bool quiet) {
    struct receipt receipt;
    if (answer->status != 201 && answer->status != 200) {
        if (!problem_read(&out->refusal, answer)) return http_failed(cli, answer);
        return quiet ? refusal_exit(out->refusal.code) : cli_refused(&out->refusal);
    }
    const int done = ledger_receipt(&receipt, cli, view, answer, statement);
    if (done != EXIT_VALID) return done;
    if (!entry_read(out, answer->location))
        return cli_fail(EXIT_ERROR, SAY("%s does not say where the statement stands: is it a licet node, of this version?", "%s 未说明声明的位置：请确认它是本版本的 licet 节点"), cli->node);
    out->entry = receipt.index;
    out->repeated = answer->status == 200;
    out->receipt = answer->body;
    out->receipt_len = answer->len;
    answer->body = NULL; /* taken over */
    return EXIT_VALID;
}

int statement_post(struct posted *out, const struct cli *cli, const struct signer *signer, const struct ledger_view *view, const char *uscc,
                   const struct record *record, const char *sub, bool quiet) {
    *out = (struct posted){.refusal = refuse(CODE_OK, NULL)};
    uint8_t *bytes = malloc(STATEMENT_BYTES_MAX);
    if (!bytes) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    struct wire_out statement = wire_write(bytes, STATEMENT_BYTES_MAX);
    struct http_answer answer;
    int done = EXIT_ERROR;
    if (statement_make(&statement, &(struct statement_signing){signer, view->genesis, uscc, sub}, record) &&
        http_call(&answer, cli, "POST", "/entries", "application/cose", "application/cose, application/problem+json", bytes_of(bytes, statement.len))) {
        done = posted_read(out, cli, view, &answer, bytes_of(bytes, statement.len), quiet);
        http_answer_free(&answer);
    }
    free(bytes);
    return done;
}

void posted_free(struct posted *posted) {
    free(posted->receipt);
    posted->receipt = NULL;
}
