/* Header: the block header, its hash, its seal, the head note and the receipt. Layer: ledger/wire. docs/FORMATS.md has byte tables. */
#ifndef LICET_WIRE_HEADER_H
#define LICET_WIRE_HEADER_H
#include "crypto/merkle.h"
#include "ledger/wire/cose.h"

struct header {
    uint8_t genesis[32];
    struct bytes chain_id;
    uint32_t term;
    uint64_t n;             /* 0: genesis */
    uint64_t engine_height; /* 0 under solo */
    int64_t time_ms;
    uint8_t previous[32];   /* header hash of n-1; zero for 0 */
    uint64_t log_size;
    uint8_t log_root[32];
    uint8_t state_root[32];
    uint64_t objects, links, licences; /* counts after this block */
};
#define HEADER_MAX 384
MUST_USE size_t header_encode(uint8_t out[HEADER_MAX], const struct header *header);
struct refusal header_decode(struct header *out, struct bytes in); /* chain_id is a view */
void header_hash(uint8_t out32[32], struct bytes header_bytes);    /* tagged hash: also the app_hash */

/* Block seal: COSE_Sign1, typ header, detached payload = header bytes. Head note: typ head, attached payload. */
#define SEAL_MAX 256
#define NOTE_MAX 384
struct head_note {
    uint8_t genesis[32];
    uint32_t term;
    uint64_t n;
    uint8_t header_hash[32];
    int64_t time_ms;
};
#define HEAD_NOTE_PAYLOAD_MAX 112
MUST_USE size_t head_note_payload(uint8_t out[HEAD_NOTE_PAYLOAD_MAX], const struct head_note *note);
/* Strict decode of the COSE_Sign1 and its payload; the signature is not checked here. */
struct refusal head_note_decode(struct cose_sign1 *cose, struct head_note *out, struct bytes in);

/* Receipt: RFC 9942, vds 1. The protected header is the same for a whole block (sub is the ledger's own name), so one stored signature
 * over the block's log root serves every entry, and a receipt never changes. */
#define RECEIPT_MAX 4096
#define LEDGER_NAME_MAX 96
size_t ledger_name(char out[LEDGER_NAME_MAX], struct bytes chain_id, const uint8_t genesis[32]); /* "urn:licet:ledger:<chain id>:<first 16 hex>" */
MUST_USE size_t receipt_protected(uint8_t out[COSE_PROTECTED_MAX], const uint8_t kid[32], struct bytes ledger_name, int64_t time_ms);
MUST_USE size_t receipt_encode(uint8_t out[RECEIPT_MAX], struct bytes protected_header, const uint8_t signature[64], uint64_t tree_size,
                               uint64_t index, const uint8_t (*path)[32], size_t path_count);
struct receipt {
    struct cose_sign1 cose;
    uint64_t tree_size, index;
    size_t path_count;
    uint8_t path[MERKLE_PATH_MAX][32];
};
struct refusal receipt_decode(struct receipt *out, struct bytes in);
/* The statement with its receipts in header 394 (RFC 9943 transparent statement). */
MUST_USE bool transparent_statement_encode(struct wire_out *out, const struct cose_sign1 *statement, struct bytes receipt);
#endif
