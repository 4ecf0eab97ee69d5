/* KV LMDB err: what LMDB's numbers, and the system's that it hands on, mean to us; one table for the ledger's store and the private one. Layer: ledger/kv. */
#ifndef LICET_KV_KV_LMDB_ERR_H
#define LICET_KV_KV_LMDB_ERR_H
#include "ledger/base/code.h"

enum err lmdb_err(int rc);
#endif
