#include "node/engine/signing.h"

#include "ledger/wire/cose.h"

bool signing_start(struct signing *out, const struct signer *signer) {
    out->signer = signer;
    signer_pubkey(signer, &out->key);
    pubkey_thumbprint(out->kid, &out->key);
    out->verifier = verifier_new(&out->key);
    return out->verifier != NULL;
}

void signing_end(struct signing *signing) {
    verifier_free(signing->verifier);
    signing->verifier = NULL;
}

enum err signing_sign(const struct signing *signing, uint8_t sig64[SIG_LEN], struct bytes protected_header, struct bytes payload) {
    struct cose_tbs tbs;
    cose_tbs(&tbs, protected_header, payload);
    if (!signer_sign(signing->signer, sig64, tbs.parts, COSE_TBS_PARTS)) return ERR_IO;
    return verifier_check(signing->verifier, sig64, tbs.parts, COSE_TBS_PARTS) ? ERR_OK : ERR_CORRUPT;
}
