#include "ledger/kv/kv_lmdb_err.h"

#include <errno.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>

#include "ledger/kv/kv_bus.h"
#include "ledger/kv/kv_disk.h"
#include "ledger/kv/kv_pages.h"

#define TRIES 100 /* beside a writer that commits twice between two of our lines, again and again */

enum err lmdb_err(int rc) {
    switch (rc) {
    case MDB_SUCCESS: return ERR_OK;
    case MDB_NOTFOUND: return ERR_ABSENT;
    case MDB_MAP_FULL: case MDB_TXN_FULL: case ENOSPC: case EDQUOT: return ERR_NO_ROOM;
    case MDB_CORRUPTED: case MDB_PAGE_NOTFOUND: case MDB_INVALID: case MDB_INCOMPATIBLE: return ERR_CORRUPT;
    case MDB_VERSION_MISMATCH: return ERR_VERSION;
    case MDB_READERS_FULL: case ENOMEM: return ERR_MEMORY;
    case EACCES: case EPERM: return ERR_DENIED;
    case MDB_PANIC: return ERR_LATCHED;
    default: return ERR_IO;
    }
}

void lmdb_assert_failed(MDB_env *env, const char *what) {
    (void)env;
    (void)what;
    kv_bus_damaged();
}

enum err lmdb_look(MDB_env *env, const char *dir) {
    char path[PATH_MAX];
    mdb_filehandle_t fd;
    const int len = snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (len < 0 || (size_t)len >= sizeof path) return ERR_CONFIG;
    int rc = mdb_env_get_fd(env, &fd);
    if (rc != 0) return lmdb_err(rc);
    if (!disk_in_place(fd, path)) return ERR_PLACE;
    enum err err = ERR_ABSENT;
    for (int i = 0; i < TRIES && err == ERR_ABSENT; i++) {
        MDB_txn *txn; /* of a read txn LMDB looks at the meta pages only; no page that it shows is written while it is open */
        rc = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn);
        if (rc != 0) return rc == MDB_MAP_RESIZED ? ERR_OK : lmdb_err(rc);
        err = pages_check(fd, mdb_txn_id(txn));
        mdb_txn_abort(txn);
    }
    return err == ERR_ABSENT ? ERR_CORRUPT : err;
}
