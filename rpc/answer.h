/* Answers: from a code or a fault to a status and a body, in one place. Layer: rpc.
 * Refusals are {"code","name","en","zh"} with item, entry and field where they are known; never a byte of what was sent. The SCRAPI calls
 * answer with concise problem details (RFC 9290: -1 title, -2 detail) unless the caller accepts JSON only. */
#ifndef LICET_RPC_ANSWER_H
#define LICET_RPC_ANSWER_H
#include "ledger/wire/emit.h"
#include "rpc/request.h"

void answer_refusal(struct request *request, const struct refusal *refusal);
void answer_code(struct request *request, enum code code);
void answer_scrapi(struct request *request, const struct refusal *refusal);
MUST_USE enum code answer_fault_code(enum err err); /* what a caller is told about a fault */
void answer_fault(struct request *request, enum err err);
/* 200, or a 500 where it did not fit (then it should have been bounded before). */
void answer_json(struct request *request, const struct emit *out);
/* Whether the Content-Type header is this media type, whatever its parameters; in any case, as RFC 9110 8.3.1 has it. */
MUST_USE bool answer_content_is(const struct request *request, const char *media);
/* Whether the Accept header names the media type. */
MUST_USE bool answer_accepts(const struct request *request, const char *media);
#endif
