/* Page: lists that are answered part by part: what the caller asks for, and the list in the answer. Layer: rpc. */
#ifndef LICET_RPC_PAGE_H
#define LICET_RPC_PAGE_H
#include "rpc/handler.h"

/* ?after= (or ?from=, the same) and ?limit=. has_after false: from the beginning. limit: 1 to `most`, which also stands for an absent or a larger one. */
struct page { bool has_after; uint64_t after; uint32_t limit; };
/* False: refused, and answered. */
MUST_USE bool page_read(struct rpc *rpc, struct request *request, uint32_t most, struct page *out);

/* "NAME": [items], "next": NUMBER or null. Between begin and end the caller writes one item after the other. After each it asks whether the item fitted.
 * One that did not is taken back whole, and belongs to the next page. Where even the first one does not fit, the JSON stays full: answer_json makes a fault
 * of it. */
struct page_out { struct emit *out, before; bool some; };
void page_begin(struct page_out *page, struct emit *out, const char *name);
MUST_USE bool page_fitted(struct page_out *page);
/* next: to be given as ?after=, where there are more. */
void page_end(struct page_out *page, bool more, uint64_t next);

/* Answers with {"NAME": [...], "next"}: objects of a kind of which there are few (ledger/chain/roll.h), in the order of their numbers. */
struct page_kind {
    enum object_kind kind;
    uint32_t most; /* on one page */
    const char *name;
    enum err (*put)(struct emit *out, const struct snapshot *snapshot, struct bytes value, void *context); /* writes one, from its value */
    void *context;
};
void page_of_kind(struct rpc *rpc, struct request *request, const struct page_kind *of);
#endif
