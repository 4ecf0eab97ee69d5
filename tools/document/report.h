/* Report: one document looked at: each signature with its steps, and the digests by which a ledger knows it. Filled by check_ofd and check_pdf, shown by
 * report_json and report_print. Layer: tools/document. */
#ifndef LICET_DOCUMENT_REPORT_H
#define LICET_DOCUMENT_REPORT_H
#include <jansson.h>

#include "crypto/seal/check.h"

enum document_format { FORMAT_OTHER, FORMAT_OFD, FORMAT_PDF };
struct report_signature {
    char id[64];
    char kind[24];                 /* "seal-v1" "seal-v4" "seal-v5" "gbt35275" "sm2" "cms" */
    struct step_list steps;
    bool has_digest;               /* of what it signed: Signature.xml of an OFD: by it a stamped copy (加注件) resolves */
    uint8_t sha256[32], sm3[32];
    bool has_seal;
    char seal_id[SES_ID_MAX + 1], seal_name[256];
    uint8_t seal_sha256[32];       /* of the SESeal's DER: the ledger's seal digest */
    int64_t seal_from_ms, seal_to_ms;
    bool has_signer, has_maker;
    struct cert_facts signer, maker;
    int64_t signed_ms, timestamp_ms; /* TIME_UNKNOWN */
};
struct report {
    enum document_format format;
    uint8_t sha256[32], sm3[32];   /* of the whole file */
    uint64_t size;
    struct step_list steps;        /* of the whole document: package, and NOT_SIGNED as a package-level `signature_format` not_checked */
    struct report_signature *signatures;
    size_t signature_count;
};
/* By its first bytes: ZIP with an OFD.xml, "%PDF-", or other. False: it cannot be read; a message says why. */
MUST_USE bool document_format(enum document_format *out, const char *path);
/* Fill *out (to be freed). False only where the file itself cannot be read (errno) or memory is out. */
MUST_USE bool check_ofd(struct report *out, const char *path, const struct check_options *options);
MUST_USE bool check_ofd_bytes(struct report *out, struct bytes file, const struct check_options *options); /* for tests and fuzzing */
MUST_USE bool check_pdf(struct report *out, const char *path, const struct check_options *options);
void report_free(struct report *report);

/* A document without signatures, or whose package cannot be read: see its own steps. */
enum steps_outcome report_outcome(const struct report *report);
bool report_not_checked(const struct report *report); /* some step of some signature was not checked */
/* {"file":{"format","size","sha256","sm3"},"result":"passed|failed|time_failed|unsigned","steps":[...],"signatures":[{"id","kind","result","seal":{...},
 *  "signer":{...},"signed_at","steps":[{"step","result","reason","detail"}]}]}; reason null where there is none. New reference. */
json_t *report_json(const struct report *report);
json_t *steps_json(const struct step_list *steps);
/* For people, on stdout: four lines a signature, or every step with explain. */
void report_print(const struct report *report, bool explain, bool chinese);
#endif
