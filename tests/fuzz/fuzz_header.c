/* header: block headers, head notes, receipts and stored blocks. */
#include "tests/fuzz/wire.h"

#include "ledger/chain/store.h"

static struct refusal header(struct wire_out *out, struct bytes in) {
    struct header header;
    uint8_t again[HEADER_MAX];
    const struct refusal refusal = header_decode(&header, in);
    if (refusal.code == CODE_OK) wire_put_raw(out, bytes_of(again, header_encode(again, &header)));
    return refusal;
}

static struct refusal head_note(struct wire_out *out, struct bytes in) {
    struct cose_sign1 cose;
    struct head_note note;
    uint8_t payload[HEAD_NOTE_PAYLOAD_MAX], header[COSE_PROTECTED_MAX];
    const struct refusal refusal = head_note_decode(&cose, &note, in);
    if (refusal.code != CODE_OK) return refusal;
    const size_t len = wire_protected(header, &cose);
    cose_sign1_encode(out, bytes_of(header, len), (struct bytes){0}, bytes_of(payload, head_note_payload(payload, &note)), cose.signature);
    return refusal;
}

static struct refusal receipt(struct wire_out *out, struct bytes in) {
    static struct receipt receipt;
    uint8_t again[RECEIPT_MAX], header[COSE_PROTECTED_MAX], root[32];
    const struct refusal refusal = receipt_decode(&receipt, in);
    if (refusal.code != CODE_OK) return refusal;
    const size_t header_len = wire_protected(header, &receipt.cose);
    const size_t len = receipt_encode(again, bytes_of(header, header_len), receipt.cose.signature, receipt.tree_size, receipt.index,
                                      (const uint8_t(*)[32])receipt.path, receipt.path_count);
    wire_put_raw(out, bytes_of(again, len));
    static const uint8_t leaf[32];
    const bool led = merkle_inclusion_root(root, leaf, receipt.index, receipt.tree_size, (const uint8_t(*)[32])receipt.path, receipt.path_count);
    if (led) ASSERT(receipt.index < receipt.tree_size);
    return refusal;
}

static struct refusal stored_block(struct wire_out *out, struct bytes in) {
    struct stored_block block;
    uint8_t again[STORED_BLOCK_MAX];
    const struct refusal refusal = stored_block_decode(&block, in);
    if (refusal.code != CODE_OK) return refusal;
    const size_t len = store_block_encode(again, block.header_bytes, block.seal, block.receipt_signature, block.receipt_kid);
    wire_put_raw(out, bytes_of(again, len));
    return refusal;
}

int fuzz_one(const uint8_t *data, size_t size) {
    const struct bytes in = bytes_of(data, size);
    const int taken = fuzz_law(header, in) + fuzz_law(head_note, in) + fuzz_law(receipt, in) + fuzz_law(stored_block, in);
    ASSERT(taken <= 1);
    return 0;
}
