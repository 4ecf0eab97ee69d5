#include "ledger/kv/kv_pages.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/kv/kv_format.h"

struct walk {
    const uint8_t *map;
    uint64_t page_bytes, last_page, txn;
    uint8_t *taken; /* a bit a page: no page belongs to two */
};
struct tree {
    struct meta_db db, seen; /* what it says of itself, what was met */
    bool free_list, main;
};
struct key { const uint8_t *data; size_t len; };
struct range { struct key from, to; }; /* keys of a page: from <= key < to; data NULL: no bound */

/* --- small parts; everything is copied out, since LMDB aligns to two bytes only --- */

static const uint8_t *page_at(const struct walk *walk, uint64_t number) { return walk->map + number * walk->page_bytes; }

/* Takes a run of pages, once: then nothing leads in a circle, and no free page is in use. */
static bool kv_pages_take(const struct walk *walk, uint64_t number, uint64_t count) {
    if (number < 2 || number > walk->last_page || count < 1 || count > walk->last_page - number + 1) return false;
    for (uint64_t i = number; i < number + count; i++) {
        const uint8_t bit = (uint8_t)(1u << i % 8);
        if (walk->taken[i / 8] & bit) return false;
        walk->taken[i / 8] |= bit;
    }
    return true;
}

static int key_compare(const struct tree *tree, struct key a, struct key b) {
    if (tree->db.flags & TREE_INTEGER_KEYS) {
        uint64_t x, y; /* both are 8 bytes long: node_read saw to it */
        memcpy(&x, a.data, sizeof x);
        memcpy(&y, b.data, sizeof y);
        return x < y ? -1 : x > y;
    }
    return bytes_order(bytes_of(a.data, a.len), bytes_of(b.data, b.len));
}

static bool in_range(const struct tree *tree, struct key key, const struct range *range) {
    return (!range->from.data || key_compare(tree, key, range->from) >= 0) && (!range->to.data || key_compare(tree, key, range->to) < 0);
}

struct page { const uint8_t *at; struct page_head head; size_t nodes; };
struct node { struct node_head head; struct key key; const uint8_t *value; uint64_t value_len; size_t bytes; };

static bool page_read(struct page *out, const struct walk *walk, uint64_t number, uint16_t flags) {
    out->at = page_at(walk, number);
    memcpy(&out->head, out->at, sizeof out->head);
    const struct page_head *head = &out->head;
    if (head->number != number || head->flags != flags) return false;
    if (head->lower < sizeof *head || head->lower > head->upper || head->upper > walk->page_bytes || head->lower % 2 != 0) return false;
    out->nodes = (head->lower - sizeof *head) / 2;
    return out->nodes >= 1;
}

/* A node lies within its page, and so do its key and the part of its value that is here. The first key of a branch is not looked at by anybody. */
static bool node_read(struct node *out, const struct walk *walk, const struct tree *tree, const struct page *page, size_t i) {
    const bool branch = page->head.flags == PAGE_BRANCH;
    uint16_t at;
    memcpy(&at, page->at + sizeof page->head + 2 * i, sizeof at);
    if (at < page->head.upper || at % 2 != 0 || at + sizeof out->head > walk->page_bytes) return false;
    memcpy(&out->head, page->at + at, sizeof out->head);
    const size_t room = walk->page_bytes - at - sizeof out->head, key_len = out->head.key_len;
    const bool unnamed = branch && i == 0;
    if (key_len > KEY_MAX || key_len > room || (!unnamed && key_len < 1)) return false;
    if ((tree->db.flags & TREE_INTEGER_KEYS) && !unnamed && key_len != 8) return false;
    out->key = (struct key){page->at + at + sizeof out->head, key_len};
    out->value = out->key.data + key_len;
    out->value_len = out->head.low | (uint64_t)out->head.high << 16;
    const uint64_t here = branch ? 0 : out->head.flags & NODE_BIG ? sizeof(uint64_t) : out->value_len;
    out->bytes = (sizeof out->head + key_len + (size_t)here + 1) & ~(size_t)1;
    return here <= room - key_len;
}

/* --- values that LMDB itself reads --- */

static bool tree_walk(const struct walk *walk, struct tree *tree);

static bool overflow_check(const struct walk *walk, struct tree *tree, uint64_t number, uint64_t len) {
    struct page_head head;
    uint32_t pages;
    if (number < 2 || number > walk->last_page) return false;
    memcpy(&head, page_at(walk, number), sizeof head);
    memcpy(&pages, &head.lower, sizeof pages); /* lower and upper are one number here */
    tree->seen.overflow += pages;
    return head.number == number && head.flags == PAGE_OVERFLOW && pages >= (sizeof head + len + walk->page_bytes - 1) / walk->page_bytes &&
           kv_pages_take(walk, number, pages);
}

/* How many there are, then the numbers of free pages, falling; room for more may follow. They are given out without another look. */
static bool free_pages_check(const struct walk *walk, struct key key, const uint8_t *list, uint64_t len) {
    uint64_t txn, count, before = UINT64_MAX, number;
    memcpy(&txn, key.data, sizeof txn);
    if (txn > walk->txn || len < sizeof count || len % sizeof count != 0) return false;
    memcpy(&count, list, sizeof count);
    if (count > len / sizeof count - 1) return false;
    for (uint64_t i = 1; i <= count; i++, before = number) {
        memcpy(&number, list + i * sizeof number, sizeof number);
        if (number >= before || !kv_pages_take(walk, number, 1)) return false;
    }
    return true;
}

static bool kv_pages_value_check(const struct walk *walk, struct tree *tree, const struct node *node) {
    const uint8_t *value = node->value;
    if (node->head.flags == NODE_BIG) {
        uint64_t number;
        memcpy(&number, value, sizeof number);
        if (!overflow_check(walk, tree, number, node->value_len)) return false;
        value = page_at(walk, number) + sizeof(struct page_head);
    } else if (node->head.flags == NODE_TREE) {
        struct tree below = {.main = false};
        if (!tree->main || node->value_len != sizeof below.db) return false;
        memcpy(&below.db, value, sizeof below.db);
        return below.db.flags == TREE_INTEGER_KEYS && tree_walk(walk, &below);
    } else if (node->head.flags != 0) return false;
    return !tree->free_list || free_pages_check(walk, node->key, value, node->value_len);
}

/* --- pages --- */

static bool leaf_walk(const struct walk *walk, struct tree *tree, const struct page *page, const struct range *range) {
    size_t bytes = 0;
    struct key before = {NULL, 0};
    for (size_t i = 0; i < page->nodes; i++) {
        struct node node;
        if (!node_read(&node, walk, tree, page, i) || !in_range(tree, node.key, range)) return false;
        if (before.data && key_compare(tree, before, node.key) >= 0) return false;
        if (!kv_pages_value_check(walk, tree, &node)) return false;
        before = node.key;
        bytes += node.bytes;
    }
    tree->seen.leaf++;
    tree->seen.entries += page->nodes;
    return bytes == walk->page_bytes - page->head.upper; /* one beside the other, as LMDB moves them */
}

/* Bounded by the depth that the tree gives, and that by DEPTH_MAX. */
static bool page_walk(const struct walk *walk, struct tree *tree, uint64_t number, unsigned depth, const struct range *range) {
    struct page page;
    const bool leaf = depth == 1;
    if (!kv_pages_take(walk, number, 1) || !page_read(&page, walk, number, leaf ? PAGE_LEAF : PAGE_BRANCH)) return false;
    if (leaf) return leaf_walk(walk, tree, &page, range);
    if (page.nodes < 2 && !tree->free_list) return false;
    size_t bytes = 0;
    struct node node, next;
    if (!node_read(&node, walk, tree, &page, 0)) return false;
    node.key = range->from;
    for (size_t i = 0; i < page.nodes; i++, node = next) {
        next.key = range->to;
        if (i + 1 < page.nodes) {
            if (!node_read(&next, walk, tree, &page, i + 1) || !in_range(tree, next.key, range)) return false;
            if (node.key.data && key_compare(tree, node.key, next.key) >= 0) return false;
        }
        const struct range below = {node.key, next.key};
        if (!page_walk(walk, tree, node.value_len | (uint64_t)node.head.flags << 32, depth - 1, &below)) return false;
        bytes += node.bytes;
    }
    tree->seen.branch++;
    return bytes == walk->page_bytes - page.head.upper;
}

static bool tree_walk(const struct walk *walk, struct tree *tree) {
    static const struct range all = {{NULL, 0}, {NULL, 0}};
    const struct meta_db *db = &tree->db;
    if (!tree->free_list && db->pad != 0) return false;
    if (db->root == PAGE_NONE) return db->depth == 0 && db->entries == 0 && db->branch == 0 && db->leaf == 0 && db->overflow == 0;
    if (db->depth < 1 || db->depth > DEPTH_MAX || !page_walk(walk, tree, db->root, db->depth, &all)) return false;
    return db->entries == tree->seen.entries && db->branch == tree->seen.branch && db->leaf == tree->seen.leaf && db->overflow == tree->seen.overflow;
}

/* --- the file --- */

/* Which of the two counts. A commit writes them in turn: even numbers into the first; and the one before stays. */
static enum err meta_choose(struct meta *out, const uint8_t *map, uint64_t bytes, uint64_t txn) {
    struct meta metas[2];
    memcpy(&metas[0], map + META_AT, sizeof metas[0]);
    const uint64_t page = metas[0].db[0].pad;
    if (page < 512 || page > 65536 || (page & (page - 1)) != 0 || bytes < 2 * page) return ERR_CORRUPT;
    memcpy(&metas[1], map + page + META_AT, sizeof metas[1]);
    const unsigned which = txn != 0 ? (unsigned)(txn % 2) : metas[1].txn > metas[0].txn;
    if (txn != 0 && metas[which].txn != txn) return ERR_ABSENT;
    *out = metas[which];
    return ERR_OK;
}

static enum err map_check(const uint8_t *map, uint64_t bytes, uint64_t txn) {
    struct meta meta;
    const enum err err = meta_choose(&meta, map, bytes, txn);
    if (err != ERR_OK) return err;
    struct walk walk = {.map = map, .page_bytes = meta.db[0].pad, .last_page = meta.last_page, .txn = meta.txn};
    struct tree free_list = {.db = meta.db[0], .free_list = true}, main = {.db = meta.db[1], .main = true};
    if (meta.magic != META_MAGIC || meta.last_page < 1 || meta.last_page >= bytes / walk.page_bytes) return ERR_CORRUPT;
    if (free_list.db.flags != TREE_INTEGER_KEYS || main.db.flags != 0) return ERR_CORRUPT;
    walk.taken = calloc(1, meta.last_page / 8 + 1);
    if (!walk.taken) return ERR_MEMORY;
    const bool good = tree_walk(&walk, &main) && tree_walk(&walk, &free_list);
    free(walk.taken);
    return good ? ERR_OK : ERR_CORRUPT;
}

enum err pages_check(int fd, uint64_t txn) {
    struct stat info;
    if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return ERR_IO;
    if (info.st_size < 2 * 512) return ERR_CORRUPT;
    const size_t bytes = (size_t)info.st_size;
    void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) return ERR_MEMORY;
    const enum err err = map_check(map, bytes, txn);
    (void)munmap(map, bytes);
    return err;
}
