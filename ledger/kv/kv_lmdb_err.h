/* KV LMDB err: what is asked of LMDB's files before it is let near them, and what LMDB's numbers, and the system's that it hands on, mean to us; the same for the ledger's store and the private one. Layer: ledger/kv. */
#ifndef LICET_KV_KV_LMDB_ERR_H
#define LICET_KV_KV_LMDB_ERR_H
#include "ledger/base/code.h"

#include <lmdb.h>

enum err lmdb_err(int rc);
/* An environment just opened, and nothing read of it: its file is the plain one of that name, and every page of it can be followed (kv_pages.h). */
MUST_USE enum err lmdb_look(MDB_env *env, const char *dir);
void lmdb_assert_failed(MDB_env *env, const char *what); /* an MDB_assert_func: LMDB would abort */
#endif
