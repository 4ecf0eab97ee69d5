/* Report: one document looked at: each signature with its steps, and the digests by which a ledger knows it. Filled by check_ofd and check_pdf, shown by
 * report_json and report_print. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_REPORT_H
#define LICET_TOOLS_DOCUMENT_REPORT_H
#include "crypto/seal/check.h"
#include <jansson.h>
#include <sys/stat.h>

enum document_format { FORMAT_OTHER, FORMAT_OFD, FORMAT_PDF };
struct report_signature {
    char id[64];
    char kind[24];                 /* "seal-v1" "seal-v4" "seal-v5" "gbt35275" "sm2" "cms" "timestamp" */
    struct step_list steps;
    bool timestamp_alone;          /* PDF: a document timestamp: nobody signed by it, so it makes no document a signed one and answers for nothing */
    bool partial;                  /* more is shown than it covers, and another signature that counts covers that: it passes only together with it */
    char covered_by[64];           /* where partial: the other's id */
    char added[64];                /* PDF: what was added after it and is harmless: "2, 3, /DSS"; "" for nothing */
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
/* Called while a whole file is read, where it is not NULL; from whatever thread looks at the document. Set once, before that. */
extern void (*document_reading)(uint64_t done, uint64_t total);
/* A ZIP with an OFD.xml, or one that cannot be opened as the package it says it is; "%PDF-" among the first bytes; or other. False: it cannot be read (errno). */
MUST_USE bool document_format(enum document_format *out, const char *path);
/* Fill *out (to be freed). False only where the file itself cannot be read, or changes meanwhile (errno, EAGAIN), or memory is out.
 *
 * An OFD's signature covers the document where everything that ofd.h calls shown and that is in the package is among its references. Exempt is OFD.xml
 * alone, which makers leave out because a later signature may have to be named in it: what it names must be covered in its place. A name of nothing shows
 * nothing; a file put there later is shown, and not covered. What one leaves out is covered too where another signature that passes covers all that is shown
 * and references the first one's Signature.xml, and was made by the same signer (certificate or key) or by one whose chain leads to an anchor: then the first is
 * `partial`. Nobody else's signature makes anything of what was added. Files of signatures are judged each by its own steps, and files that nothing names are not
 * looked at. Attachments and custom tags count as shown: every production file we know signs them. */
MUST_USE bool check_ofd(struct report *out, const char *path, const struct check_options *options);
MUST_USE bool check_ofd_bytes(struct report *out, struct bytes file, const struct check_options *options); /* for tests and fuzzing */
/* PDF: signatures are found by their /ByteRange as it stands in the file, without a parser: pdf_find.h says what that means. Each is judged for its own revision:
 * where bytes follow, they have to be updates that pdf_update.h calls harmless. A further signature that has a place on a page may show anything there: it is
 * harmless where it passes and is of the same signer or of one whose chain leads to an anchor, and the earlier one is `partial` then. */
MUST_USE bool check_pdf_bytes(struct report *out, struct bytes file, const struct check_options *options);
MUST_USE bool check_pdf(struct report *out, const char *path, const struct check_options *options);
void report_free(struct report *report);
/* What both share: opens, fills the digests and the size of the whole file. -1: errno says why. close: false where the file changed since (EAGAIN; *out is
 * freed) or out is NULL (errno stays): what was hashed and what was checked is one and the same file. */
MUST_USE int document_open(struct report *out, const char *path, struct stat *before);
MUST_USE bool document_close(int fd, const struct stat *before, struct report *out);

/* FAILED too where a signature's value was not checked, whatever else passed (an algorithm that is not known, no certificate), where the package cannot be
 * read, and where the document has no signature: nothing is a pass that no signature stands for. */
enum steps_outcome report_outcome(const struct report *report);
enum steps_outcome signature_outcome(const struct report_signature *signature);
/* May this one answer for what the other leaves out, where it covers that? It passed, and is of the same signer or of one who is trusted. */
bool signature_answers(const struct report_signature *signature, const struct report_signature *other);
const char *signature_result(const struct report_signature *signature); /* outcome_name, or "partial" where it passed so */
bool report_unsigned(const struct report *report); /* it can be read, and has no signature, or timestamps alone */
bool report_not_checked(const struct report *report); /* some step of some signature was left open (step_left_open) */
/* {"file":{"format","size","sha256","sm3"},"result":"passed|failed|time_failed|unsigned","steps":[...],"signatures":[{"id","kind","result" (or "partial"),
 *  "digest":{"sha256","sm3"},"seal":{"id","name","sha256","valid_from","valid_to","maker":{...}},"signer":{"subject","organisation","issuer","serial",
 *  "key","sha256","valid_from","valid_to"},"signed_at","timestamp","steps":[{"step","result","reason","detail","part"}],
 *  "notes":[{"note":"encoding","detail":"time"},{"note":"partial","detail":"s002"},
 *  {"note":"added_later","detail":"2, /DSS"}]}]}; notes are no failures (encoding.h); null where there is none (reason,
 *  digest, seal, maker, signer, times), detail "". Times are RFC 3339 in UTC. New reference. */
json_t *report_json(const struct report *report);
json_t *steps_json(const struct step_list *steps);
json_t *signature_json(const struct report_signature *signature);
const char *outcome_name(enum steps_outcome outcome); /* "passed" "time_failed" "failed" */
void time_text(char out[25], int64_t ms); /* "2026-11-22T05:03:41Z"; a year that has not four digits is "-" */

/* What a value and a seal say of themselves, put into a report's signature. */
void signature_take_value(struct report_signature *out, const struct checked_value *value);
void signature_take_seal(struct report_signature *out, const struct ses_seal *seal);

/* For people, on stdout: four lines a signature, or every step with explain. */
void report_print(const struct report *report, bool explain, bool chinese);
void signature_print(const struct report_signature *signature, enum steps_outcome outcome, bool explain, bool chinese);
#endif
