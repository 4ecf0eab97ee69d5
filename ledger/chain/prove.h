/* Prove: proofs and receipts out of one snapshot. Layer: ledger/chain. */
#ifndef LICET_CHAIN_PROVE_H
#define LICET_CHAIN_PROVE_H
#include "ledger/chain/chain.h"
#include "ledger/wire/proof.h"

struct proof_request {
    struct subject subject;
    const struct subject *number;    /* a number that was asked for besides: its objects go in too; NULL: none */
    const struct bytes *notes;       /* head notes over the snapshot's header */
    uint32_t note_count;
    const struct bytes *openings;    /* optional */
    uint32_t opening_count;
    bool with_statement;             /* adds the statement of the licence's last entry and its inclusion */
};
/* Judges the subject at at_ms and packs every object the verdict touched, and where the subject is a licence the objects of its documents. Writes a .licet into out. ERR_NO_ROOM: does not fit cap. */
MUST_USE enum err prove_verdict(uint8_t *out, size_t cap, size_t *len, struct verdict *verdict, const struct snapshot *snapshot,
                                const struct proof_request *request, int64_t at_ms);
/* The receipt of a log entry, always the same bytes. ERR_ABSENT: no such entry, or its block has no receipt signature (genesis). */
MUST_USE enum err prove_receipt(uint8_t out[RECEIPT_MAX], size_t *len, const struct snapshot *snapshot, struct tile_reader *tiles, uint64_t entry);
/* The same out of any txn that shows the entry, be it newer than what is published; *block: the entry's, alive as long as the txn. */
MUST_USE enum err prove_receipt_stored(uint8_t out[RECEIPT_MAX], size_t *len, struct stored_block *block, struct kv_txn *txn, struct tile_reader *tiles,
                                       uint64_t entry);
#endif
