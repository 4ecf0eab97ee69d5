/* Registration: what of a document that was looked at goes on the ledger with its licence: a key for the file itself, one for what each of its signatures
 * signed, so that a stamped copy (加注件) resolves, and the seal that it bears. Never the file. Layer: tools/sealed, for issue and import. */
#ifndef LICET_TOOLS_SEALED_REGISTRATION_H
#define LICET_TOOLS_SEALED_REGISTRATION_H
#include "ledger/wire/record.h"
#include "tools/document/report.h"

enum registrable {
    REGISTRABLE_PLAIN = 1, /* neither OFD nor PDF: a file like any other */
    REGISTRABLE_PASSED,    /* every step passed */
    REGISTRABLE_OPEN,      /* none failed, and one was left open */
    REGISTRABLE_UNSIGNED,  /* an OFD or PDF without a signature */
    REGISTRABLE_NOT        /* a step failed: not to be registered */
};
/* *why: of NOT the first step that failed, of OPEN the first that was left open; a view of the report. Otherwise NULL. */
enum registrable registration_of(const struct report *report, const struct step **why);

/* Of all documents of one licence. */
struct registration {
    uint32_t count;
    enum document_kind kinds[DOCUMENTS_MAX];
    uint8_t keys[DOCUMENTS_MAX][32];
    char seal_id[SEAL_ID_MAX + 1]; /* of the seal that they bear, the one wanted or else the first; "" */
    uint8_t seal_digest[32];
    bool several_seals;            /* they bear others besides, and nobody said which is wanted: their order is anybody's to change */
};
/* wanted: the esID of the only seal that counts, or NULL. False: more than DOCUMENTS_MAX. The same document twice is for the ledger to refuse. */
MUST_USE bool registration_add(struct registration *out, const struct report *report, const uint8_t genesis[32], const char *wanted);
/* Into the item, which borrows from the registration; without the seal, which a ledger has to know first. */
void registration_documents(struct issue_item *item, const struct registration *registration);
void registration_seal(struct issue_item *item, const struct registration *registration);
#endif
