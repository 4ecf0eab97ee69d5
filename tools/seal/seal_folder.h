/* Seal folder: a test authority on disk, as `licet seal make-test` leaves it and `licet seal stamp` takes it: keys with mode 0600, certificates, seal,
 * trust/ with what a verifier trusts and, in trust/makers, who may make seals. Layer: tools/seal. */
#ifndef LICET_TOOLS_SEAL_SEAL_FOLDER_H
#define LICET_TOOLS_SEAL_SEAL_FOLDER_H
#include "tools/authority/authority.h"
#include "tools/cli/cli.h"

/* Everything but the licence. Nothing is overwritten. False: a message was printed. */
MUST_USE bool seal_folder_save(const struct authority *authority, const char *dir);

/* What stamping needs. */
struct seal_folder {
    struct signer *holder_key, *maker_key; /* maker_key NULL: only loaded where asked for */
    uint8_t holder_cert[CA_DER_MAX], maker_cert[CA_DER_MAX];
    size_t holder_cert_len, maker_cert_len;
    uint8_t *seal;
    size_t seal_len;
};
/* The holder's key is DIR/signer.pem or, where that is not there, the one that --key names: so a key that never leaves its token can seal. False: a
 * message was printed, and *out is empty. */
MUST_USE bool seal_folder_load(struct seal_folder *out, const char *dir, const struct cli *cli, bool with_maker);
/* Puts the certificate of the seal's holder or of its maker on the list of the subordinate CA, as revoked at at_ms; who is on it stays. Returns the new
 * list's number; 0: a message was printed. */
MUST_USE uint32_t seal_folder_revoke(const char *dir, enum authority_role role, int64_t at_ms, int64_t now_ms);
void seal_folder_free(struct seal_folder *folder);
#endif
