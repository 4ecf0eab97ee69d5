/* Archive (.larc): a ledger as a file that auditors replay. Layer: ledger/wire. Streams: neither end holds the whole in memory.
 * magic "LARC1\n" | chunk* | end chunk.  chunk = u32be length of compressed | zstd frame | 32 bytes SHA-256 of the COMPRESSED bytes
 * (zstd takes some flipped bits without a word). A chunk decompresses to at most ARCHIVE_CHUNK_MAX bytes of whole items:
 *   u8 kind | u32be length | bytes      kind 1 genesis, 2 block (CBOR [header bstr, seal bstr / null, receipt signature bstr / null, receipt kid bstr / null]),
 *                                       3 statement (those of the block before it, in order), 4 end
 * The end item is CBOR [blocks, entries, head header hash, SHA-256 over all chunk hashes before], alone in the last chunk, after which
 * there is nothing. A file that stops before it is an error. Order: one genesis, then blocks, each with its statements after it. */
#ifndef LICET_WIRE_ARCHIVE_H
#define LICET_WIRE_ARCHIVE_H
#include "ledger/base/code.h"
#include "ledger/base/limits.h"
#define ARCHIVE_MAGIC "LARC1\n" /* how every archive begins */
#define ARCHIVE_MAGIC_LEN 6u

#define ARCHIVE_CHUNK_MAX ((4u << 20) + 16u) /* part of the format: readers take as much; ours writes chunks of a quarter of it */
#define ARCHIVE_ITEM_MAX (ARCHIVE_CHUNK_MAX - 5u)
enum archive_item { ARCHIVE_GENESIS = 1, ARCHIVE_BLOCK = 2, ARCHIVE_STATEMENT = 3, ARCHIVE_END = 4 };

/* Sinks and sources are functions, so that tests and networks need no files. Return false on a fault. */
typedef bool (*archive_write_fn)(void *context, const void *data, size_t len);
typedef long (*archive_read_fn)(void *context, void *data, size_t len); /* bytes read; 0 at the end; <0 fault */

struct archive_writer; /* owns buffers */
MUST_USE struct archive_writer *archive_writer_new(archive_write_fn write, void *context, int zstd_level);
/* Items in the order above, 1..ARCHIVE_ITEM_MAX bytes each (ASSERTed). ERR_IO from the sink, ERR_MEMORY: then only free is left to do. */
MUST_USE enum err archive_put(struct archive_writer *writer, enum archive_item kind, struct bytes item);
MUST_USE enum err archive_finish(struct archive_writer *writer, uint64_t blocks, uint64_t entries, const uint8_t head32[32]); /* writes the end */
void archive_writer_free(struct archive_writer *writer);

struct archive_reader;
MUST_USE struct archive_reader *archive_reader_new(archive_read_fn read, void *context);
/* The next item; the view lives until the next call. At the end record kind is ARCHIVE_END and the record has been checked
 * (counts are checked by the caller: *item is the CBOR). CODE_ARCHIVE_CUT, CODE_HASH_MISMATCH, CODE_CBOR_RANGE ... or a fault.
 * A refusal is final: later calls repeat it. Not to be called again after the end. */
MUST_USE enum err archive_next(struct archive_reader *reader, enum archive_item *kind, struct bytes *item, struct refusal *refusal);
void archive_reader_free(struct archive_reader *reader);
struct archive_end { uint64_t blocks, entries; uint8_t head[32]; };
struct refusal archive_end_decode(struct archive_end *out, struct bytes item);
#endif
