#include "tools/authority/seal_signer.h"

#include "crypto/seal/der.h"

static bool key_sign(void *context, const struct bytes *parts, size_t count, uint8_t sig64[SIG_LEN]) {
    const struct signer *key = context;
    return signer_sign(key, sig64, parts, count);
}

struct seal_signer seal_signer_key(struct signer *key) {
    struct pubkey pub;
    signer_pubkey(key, &pub);
    ASSERT(pub.alg == KEY_SM2);
    return (struct seal_signer){.sign = key_sign, .context = key};
}

/* A positive INTEGER: leading zeros gone, one put back where the number would read as negative. */
static void put_integer(struct der_out *out, const uint8_t v32[32]) {
    uint8_t value[33] = {0};
    memcpy(value + 1, v32, 32);
    size_t skip = 0;
    while (skip < 32 && value[skip] == 0 && value[skip + 1] < 0x80) skip++;
    der_put(out, DER_INTEGER, bytes_of(value + skip, sizeof value - skip));
}

size_t seal_sign(uint8_t der[SEAL_SIG_DER_MAX], const struct seal_signer *signer, const struct bytes *parts, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += parts[i].len;
    uint8_t sig64[SIG_LEN];
    if (count > SEAL_PARTS_MAX || total > SEAL_SIGNED_MAX || !signer->sign(signer->context, parts, count, sig64)) return 0;
    struct der_out out = der_write(der, SEAL_SIG_DER_MAX);
    size_t sequence = der_begin(&out, DER_SEQUENCE);
    put_integer(&out, sig64);
    put_integer(&out, sig64 + 32);
    der_end(&out, sequence);
    ASSERT(!out.full);
    return out.len;
}
