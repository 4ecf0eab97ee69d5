/* OFD stamp: puts an e-seal on an OFD (GB/T 33190-2016, clause 18): Signature.xml with the digest of every file but the list of signatures, Seal.esl,
 * SignedValue.dat (GB/T 38540-2020). The list is left out, and OFD.xml names it from the first seal on, so that a further seal changes nothing that an
 * earlier one covers. Layer: tools/authority. */
#ifndef LICET_TOOLS_AUTHORITY_OFD_STAMP_H
#define LICET_TOOLS_AUTHORITY_OFD_STAMP_H
#include "tools/authority/bundle.h"
#include "tools/authority/seal_signer.h"

#define OFD_WHY_MAX 512u

enum ofd_place { PLACE_LAST_PAGE /* low on the right of the last page */, PLACE_EVERY_PAGE /* in the middle of the lower edge */ };
struct ofd_stamp {
    struct bytes seal;  /* DER of the SESeal; its picture is shown in its own size */
    enum ofd_place place;
    struct bytes cert;  /* the signer's certificate, DER */
    const struct seal_signer *signer;
    int64_t time_ms;
};
/* How many seals and signatures the document names; -1: it is no OFD that can be read. */
int ofd_stamp_count(const struct bundle *bundle);
/* False: a sentence in why says what is wrong, and the bundle is of no more use. Refused is what an earlier signature does not allow: one that covers the
 * list of signatures would no longer verify. */
MUST_USE bool ofd_stamp(struct bundle *bundle, const struct ofd_stamp *stamp, char why[OFD_WHY_MAX]);
#endif
