#include "tools/authority/seal_make.h"

#include "crypto/seal/cert.h"
#include "tools/authority/ca.h"

/* A key that does not go with its certificate makes signatures that nobody can check: better found here than at a window. */
static size_t seal_make_sign_checked(uint8_t der[SEAL_SIG_DER_MAX], struct bytes to_sign, struct bytes cert_der, const struct seal_signer *signer) {
    uint8_t oid[16];
    struct der_out out = der_write(oid, sizeof oid);
    der_put_oid(&out, SM2_SIGN_OID);
    struct cert *cert = cert_read(cert_der);
    size_t len = cert ? seal_sign(der, signer, &to_sign, 1) : 0;
    if (len > 0 && cert_signature(cert, bytes_of(oid + 2, out.len - 2), &to_sign, 1, bytes_of(der, len), NULL) != SIG_VALID) len = 0;
    cert_free(cert);
    return len;
}

size_t seal_make(uint8_t *out, size_t cap, const struct ses_seal *info, struct bytes maker_cert, const struct seal_signer *maker) {
    uint8_t *encoded = malloc(SEAL_MAKE_MAX), der[SEAL_SIG_DER_MAX];
    size_t written = 0, len = encoded ? ses_info_encode(encoded, SEAL_MAKE_MAX, info) : 0;
    struct bytes to_sign = bytes_of(encoded, len);
    size_t der_len = len > 0 ? seal_make_sign_checked(der, to_sign, maker_cert, maker) : 0;
    if (der_len > 0) written = ses_seal_encode(out, cap < SEAL_MAKE_MAX ? cap : SEAL_MAKE_MAX, to_sign, maker_cert, SM2_SIGN_OID, bytes_of(der, der_len));
    free(encoded);
    return written;
}

size_t seal_value_make(uint8_t *out, size_t cap, struct bytes seal, int64_t time_ms, const uint8_t sm3_32[32], const char *property, struct bytes signer_cert,
                       const struct seal_signer *signer) {
    uint8_t *encoded = malloc(SEAL_SIGNED_MAX), der[SEAL_SIG_DER_MAX];
    size_t written = 0;
    size_t len = encoded ? ses_to_sign_encode(encoded, SEAL_SIGNED_MAX, seal, time_ms, bytes_of(sm3_32, 32), bytes_text(property)) : 0;
    struct bytes to_sign = bytes_of(encoded, len);
    size_t der_len = len > 0 ? seal_make_sign_checked(der, to_sign, signer_cert, signer) : 0;
    if (der_len > 0) written = ses_signature_encode(out, cap, to_sign, signer_cert, SM2_SIGN_OID, bytes_of(der, der_len));
    free(encoded);
    return written;
}
