/* Moved to ledger/wire, where tools may use it too. */
#include "ledger/wire/json_out.h"
