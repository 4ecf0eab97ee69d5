/* Import report: what became of a file of stock: counts, reasons, how each column fares, and the file of refused rows, which can be corrected
 * and loaded again. Layer: tools/import. Shape: import_report_json. */
#ifndef LICET_TOOLS_IMPORT_REPORT_H
#define LICET_TOOLS_IMPORT_REPORT_H
#include "tools/cli/output_file.h"
#include "tools/import/layout.h"
#include "tools/import/row.h"
#include "tools/import/unit.h"
#include "tools/sealed/registration.h"

#define REASONS_MAX 1000u /* codes have three digits */
#define WARNED_MAX 1000u  /* rows that are listed, and */
#define WARNED_SHOWN 20u  /* told on stderr; all are counted */

struct import_report {
    const char *file, *type_code, *job;
    const struct import_layout *layout;
    struct import_tally tallies[IMPORT_FIELDS_MAX];
    enum text_encoding encoding;
    const char *encoding_by; /* "option", "mark", "content" */
    uint32_t title_rows; /* above the heading */
    const char *separator; /* between the cells: "," "\t" ";" */
    uint64_t rows, accepted, refused, duplicates, unsent, blank, statements;
    uint64_t reasons[REASONS_MAX];
    json_t *warned; /* rows whose document says otherwise: WARNED_MAX of them at most */
    uint64_t documents[REGISTRABLE_NOT + 1], seals_named, seals_unknown; /* of accepted rows */
    uint64_t rule_iso7064, rule_shandong, rule_none, generated;
    bool complete;           /* the file was read to its end, and everything sent */
    int64_t elapsed_ms;
    /* where it goes */
    enum output_over over;
    char path[PATH_MAX], refused_path[PATH_MAX], refused_part[PATH_MAX], repeated_path[PATH_MAX], repeated_part[PATH_MAX];
    FILE *repeated_file; /* rows that the file or the ledger has already */
    bool repeated_failed;
    FILE *refused_file;
    uint64_t refused_written;
    bool refused_failed;
};
/* path: --report, or NULL for FILE.csv.report.json, or where an earlier run left one, FILE.csv.report-2.json and on: a report and its lists of rows, which somebody may
 * have corrected, are written over with --force only. False: a message was printed. */
MUST_USE bool import_report_init(struct import_report *report, const char *file, const char *path, enum output_over over);
/* One unit, after it was sent; in the order of the file. */
void import_report_add(struct import_report *report, const struct import_unit *unit);
/* Writes the report, and puts the file of refused rows in its place (none where none was refused; one of an earlier run is removed then).
 * False: a message was printed. */
MUST_USE bool import_report_write(struct import_report *report);
bool import_is_warning(size_t code); /* of reasons: told and counted, and no row is refused for it */
json_t *import_report_json(const struct import_report *report);
void import_report_free(struct import_report *report);
#endif
