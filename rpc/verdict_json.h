/* Moved to ledger/state, where tools may use it too. */
#include "ledger/state/verdict_json.h"
