/* OFD: what a sealed OFD (GB/T 33190-2016) says about itself: documents, pages and the files they show, signatures with their references. XML by libxml2
 * with entities, DTDs and network off; both namespaces (http://www.ofdspec.org and .../2016). Structure only, no judgement. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_OFD_H
#define LICET_TOOLS_DOCUMENT_OFD_H
#include "tools/document/ofd_xml.h"

#define OFD_SIGNATURES_MAX 256u
#define OFD_REFERENCES_MAX 20000u
#define OFD_SIGNATURE_XML_MAX (8u << 20) /* Signatures.xml, Signature.xml: so many references have room in it */
struct ofd_reference { char *file; /* as resolved; NULL: leaves the package */ char *written; uint8_t check[64]; size_t check_len; };
struct ofd_signature {
    char *id;            /* as written: "s001", "1" */
    bool seal_type;      /* Type="Seal" (default), else Sign */
    char *path;          /* its Signature.xml */
    char *method, *time, *check_method, *provider; /* as written; NULL where absent */
    char *value_path;    /* SignedValue */
    char *seal_path;     /* Seal/BaseLoc; NULL: none */
    struct ofd_reference *references;
    size_t reference_count;
    size_t stamp_count;  /* StampAnnot elements */
    enum step_reason reason; /* why it could not be read; then only what was found before is set */
    char detail[STEP_DETAIL_MAX];
};
struct ofd {
    struct ofd_signature *signatures;
    size_t signature_count;
    char **signature_lists;      /* Signatures.xml of each document body */
    size_t signature_list_count;
    char **shown;                /* every file that decides what a reader shows, in the order found, each once: OFD.xml, Document.xml, page contents,
                                    templates, resource lists and the files they name, annotations, attachments, custom tags, versions' documents */
    enum step_part *shown_parts; /* what each of them is for a reader */
    size_t shown_count;
    size_t page_count;
};
/* False with the reason where the package is no OFD that can be read. A document without a signature is no failure here. A file that is shown and is not
 * in the package counts as shown. */
MUST_USE bool ofd_read(struct ofd *out, struct package *package, enum step_reason *reason, char detail[STEP_DETAIL_MAX]);
void ofd_free(struct ofd *ofd);
#endif
