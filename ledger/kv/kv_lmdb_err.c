#include "ledger/kv/kv_lmdb_err.h"

#include <errno.h>
#include <lmdb.h>

enum err lmdb_err(int rc) {
    switch (rc) {
    case MDB_SUCCESS: return ERR_OK;
    case MDB_NOTFOUND: return ERR_ABSENT;
    case MDB_MAP_FULL: case MDB_TXN_FULL: case ENOSPC: case EDQUOT: return ERR_NO_ROOM;
    case MDB_CORRUPTED: case MDB_PAGE_NOTFOUND: case MDB_INVALID: case MDB_INCOMPATIBLE: return ERR_CORRUPT;
    case MDB_VERSION_MISMATCH: return ERR_VERSION;
    case MDB_READERS_FULL: case ENOMEM: return ERR_MEMORY;
    case MDB_PANIC: return ERR_LATCHED;
    default: return ERR_IO;
    }
}
