/* Limits: every bound has a name, a unit and a reason, and those that depend on each other are tied together here. */
#ifndef LICET_BASE_LIMITS_H
#define LICET_BASE_LIMITS_H
#include "crypto/bytes.h"

#define ENTRY_BYTES_MAX 65535u       /* bytes of one log entry: a tile entry has a u16 length (C2SP tlog-tiles) */
#define STATEMENT_BYTES_MAX ENTRY_BYTES_MAX
#define ITEMS_MAX 1000u              /* items in one statement; bytes bind first for issue (about 385) */
#define DOCUMENTS_MAX 8u             /* documents of one licence version */
#define COMPONENTS_MAX 16u           /* licences in a composite one */
#define ACTED_MAX 16u                /* distinct keys that ever acted on one licence; the last two places are for suspending and ending it */
#define ELEMENTS_MAX 64u             /* elements (照面 fields) of a type */
#define ELEMENT_CODE_MAX 40u         /* bytes of an element code such as KZ_BDCDYH */
#define HOLDER_KINDS_MAX 16u
#define TYPES_PER_MEMBER_MAX 256u
#define MEMBERS_MAX 256u
#define MEMBER_KEYS_MAX 32u
#define FINALITY_NODES_MAX 64u
#define NAME_MAX_BYTES 256u          /* names of members and types */
#define REASON_MAX 128u              /* bytes; public text: no personal data in it */
#define BASIS_MAX 256u
#define ISS_MAX 64u
#define SUB_MAX 64u                  /* a licence key in hex has 64 */
#define CHAIN_ID_MAX 50u
#define SEAL_ID_MAX 64u
#define SEAL_CERTS_MAX 4u            /* signer certificates that one making of a seal lists */
#define SEAL_MAKINGS_MAX 16u         /* makings of one seal, the present one among them; then it is replaced by another seal */
#define SEAL_ACTS_MAX 64u            /* acts on one seal; the last two are kept for a stop and a cancellation */
#define SEAL_CHANGES_MAX 16u         /* seals stopped, resumed, cancelled or transferred by one statement: their items are small, their structs not */
#define TYPE_CODE_LEN 21u
#define USCC_LEN 18u
#define IDENTIFIER_MAX 128u          /* bytes of a licence identifier */
#define NUMBER_MAX 128u              /* bytes of a licence number, holder code */
#define HOLDER_NAME_MAX 256u
#define FIELD_VALUE_MAX 4096u        /* bytes of one element's value */
#define OBJECT_VALUE_MAX 24576u      /* bytes of one state record: a type with ELEMENTS_MAX elements fits */
#define TAG_LEN 16u                  /* number, holder and name tags: HMAC cut to 128 bits */
#define WIRE_DEPTH_MAX 12u
#define BLOCK_STATEMENTS_MAX 4096u   /* statements in one block */
#define BLOCK_BYTES_MAX (8u << 20)   /* statement bytes in one block */
#define BLOCK_ITEMS_MAX 16384u       /* items in one block: bounds the work, and the memory, of one execution */
#define CHAIN_AHEAD 2u               /* blocks that may be in storage and not yet published; so far may a mark be behind */
#define SIGPOOL_THREADS_MAX 256u     /* threads that check signatures */
#define QUERIES_MAX 1000u            /* queries in one /v1/verify */
#define PROOF_BYTES_MAX (4u << 20)   /* one .licet file */
#define GENESIS_BYTES_MAX ENTRY_BYTES_MAX /* it is log entry 0 */
#define GENESIS_TEXT_MAX (4u << 20)  /* bytes of the readable JSON that it is made of */
#define DAY_MIN (-25567)             /* 1900-01-01, days since 1970-01-01 */
#define DAY_MAX 2932896              /* 9999-12-31 */
#define TIME_MS_MAX 253402300799999  /* 9999-12-31T23:59:59.999Z */
#define CLOCK_AHEAD_MAX_MS (7LL * 24 * 3600 * 1000) /* no block when the clock is further ahead of the last header */

_Static_assert(ITEMS_MAX <= BLOCK_ITEMS_MAX, "one statement fits a block");
_Static_assert(STATEMENT_BYTES_MAX <= BLOCK_BYTES_MAX, "one statement fits a block");
_Static_assert(STATEMENT_BYTES_MAX <= ENTRY_BYTES_MAX && GENESIS_BYTES_MAX <= ENTRY_BYTES_MAX && OBJECT_VALUE_MAX <= ENTRY_BYTES_MAX,
               "all that becomes a log entry (statements, the genesis document, the policy in it) fits a tile entry");
_Static_assert(ENTRY_BYTES_MAX <= UINT16_MAX, "the length of a tile entry");
_Static_assert(ITEMS_MAX <= UINT16_MAX, "the item in a history link");
_Static_assert(SEAL_CHANGES_MAX <= ITEMS_MAX, "a limit of its own for what is larger in memory");
_Static_assert(SUB_MAX == 64u, "a licence key in hex fits sub");
#endif
