/* The codecs of COSE messages and records, for several targets: decode, then encode from the struct alone. */
#ifndef LICET_TESTS_FUZZ_WIRE_H
#define LICET_TESTS_FUZZ_WIRE_H
#include "tests/fuzz/fuzz.h"

#include "ledger/wire/header.h"
#include "ledger/wire/record.h"
#include "ledger/wire/statement.h"

static inline size_t wire_protected(uint8_t out[COSE_PROTECTED_MAX], const struct cose_sign1 *cose) {
    const struct cose_header header = {cose->alg, cose->kid, cose->typ, cose->iss, cose->sub, cose->iat, cose->genesis};
    return cose_protected_encode(out, &header);
}

static inline struct refusal wire_record(struct wire_out *out, struct bytes in) {
    static _Alignas(16) uint8_t memory[RECORD_ARENA_BYTES + 64];
    static struct record record;
    struct arena arena = arena_over(memory, in.len <= STATEMENT_BYTES_MAX ? RECORD_ARENA_FOR(in.len) : sizeof memory);
    ASSERT(arena.size <= sizeof memory || in.len > STATEMENT_BYTES_MAX);
    const struct refusal refusal = record_decode(&record, &arena, in);
    if (refusal.code == CODE_OK) ASSERT(record_encode(out, &record));
    return refusal;
}

/* The signed bytes in four parts are those of the whole Sig_structure. */
static inline void wire_tbs(const struct cose_sign1 *cose) {
    struct cose_tbs tbs;
    cose_tbs(&tbs, cose->protected_header, cose->payload);
    size_t len = 0;
    for (int i = 0; i < COSE_TBS_PARTS; i++) len += tbs.parts[i].len;
    uint8_t *whole = malloc(len);
    ASSERT(whole != NULL);
    size_t at = 0;
    for (int i = 0; i < COSE_TBS_PARTS; i++) {
        if (tbs.parts[i].len > 0) memcpy(whole + at, tbs.parts[i].data, tbs.parts[i].len);
        at += tbs.parts[i].len;
    }
    struct wire_in in = wire_read(bytes_of(whole, len));
    ASSERT(wire_get_array(&in, 4, 4) == 4);
    ASSERT(bytes_equal(wire_get_text(&in, 0, 64), bytes_text("Signature1")));
    ASSERT(bytes_equal(wire_get_bytes(&in, 0, len), cose->protected_header));
    ASSERT(wire_get_bytes(&in, 0, len).len == 0);
    ASSERT(bytes_equal(wire_get_bytes(&in, 0, len), cose->payload));
    ASSERT(wire_done(&in).code == CODE_OK);
    free(whole);
}
#endif
