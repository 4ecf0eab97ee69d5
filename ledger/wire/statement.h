/* Statement: a SCITT signed statement (RFC 9943) whose payload is a record: the only thing that changes a ledger. Layer: ledger/wire. */
#ifndef LICET_WIRE_STATEMENT_H
#define LICET_WIRE_STATEMENT_H
#include "ledger/wire/cose.h"

struct statement {
    struct cose_sign1 cose; /* typ record: iss, sub, iat, genesis and content type are all there */
    uint8_t id[32];         /* tagged hash of (protected, payload): the same record under another signature has the same id */
    uint8_t leaf[32];       /* RFC 9162 leaf hash of all bytes (leaf rule B) */
};
#define ISS_PREFIX "urn:licet:member:" /* followed by the member's credit code */

/* Size, shape, header: everything that can be said without a ledger. The signature is not checked here. */
struct refusal statement_decode(struct statement *out, struct bytes in);
void statement_id(uint8_t out32[32], struct bytes protected_header, struct bytes payload);
#endif
