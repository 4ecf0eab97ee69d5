/* KV format: the parts of LMDB's file format 1 (0.9.x on a 64-bit machine, native byte order) that are read here without LMDB. Layer: ledger/kv. */
#ifndef LICET_KV_KV_FORMAT_H
#define LICET_KV_KV_FORMAT_H
#include <stddef.h>
#include <stdint.h>

#define META_AT 16 /* a meta page: the head that every page has, then these */
#define META_MAGIC 0xBEEFC0DEu
#define META_VERSION 1u
struct meta_db { uint32_t pad; uint16_t flags, depth; uint64_t branch, leaf, overflow, entries, root; };
struct meta {
    uint32_t magic, version;
    uint64_t address, map_size;
    struct meta_db db[2]; /* free pages, main; db[0].pad: the page size */
    uint64_t last_page, txn;
};
_Static_assert(sizeof(struct meta) == 136, "LMDB's MDB_meta on a 64-bit machine");
_Static_assert(sizeof(size_t) == 8, "LMDB's file format 1 with 64-bit page numbers");

struct page_head {
    uint64_t number;
    uint16_t pad, flags;
    uint16_t lower, upper; /* ends of the list of nodes and of the room before the nodes; of a run of overflow pages: their number, 32 bits */
};
enum page_flags { PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_OVERFLOW = 4, PAGE_META = 8 };
struct node_head { uint16_t low, high, flags, key_len; }; /* low, high: length of the value; of a branch, with flags: the page below */
enum node_flags { NODE_BIG = 1, NODE_TREE = 2 };          /* the value is the number of an overflow page; is a struct meta_db */
enum tree_flags { TREE_INTEGER_KEYS = 8 };
#define PAGE_NONE UINT64_MAX /* root of an empty tree */
#define DEPTH_MAX 32         /* of a cursor of LMDB */
#define KEY_MAX 511
_Static_assert(sizeof(struct page_head) == 16 && sizeof(struct node_head) == 8 && sizeof(struct meta_db) == 48, "as LMDB has them");
#endif
