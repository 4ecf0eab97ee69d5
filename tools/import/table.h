/* Import table: the report as a table for people. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_TABLE_H
#define LICET_TOOLS_IMPORT_TABLE_H
#include "tools/import/report.h"

void import_report_print(const struct import_report *report); /* a table for people, to stdout */
#endif
