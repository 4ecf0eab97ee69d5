/* Init_folder: may a ledger begin in this folder, and will its keys stay where they are put? Layer: tools/setup. */
#ifndef LICET_TOOLS_SETUP_FOLDER_H
#define LICET_TOOLS_SETUP_FOLDER_H
#include "crypto/bytes.h"

/* Says why not. EXIT_VALID: it is not there yet, or empty. */
MUST_USE int init_folder_check(const char *dir);
/* After it was made: warns where git would take its private keys. */
void init_folder_warn(const char *dir);
#endif
