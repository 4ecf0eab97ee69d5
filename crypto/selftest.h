/* Selftest: known answers of every algorithm, run at each start before a key is touched. Layer: crypto. */
#ifndef LICET_CRYPTO_SELFTEST_H
#define LICET_CRYPTO_SELFTEST_H
#include "crypto/bytes.h"

/* Sets up hash and sig, then checks SHA-256, SM3, HMAC, ES256K (both S halves), ES256, Ed25519, SM2 (GB/T 32918.5 answer, the key
 * IS an SM2 key, a signature under an empty id does NOT verify), tree and map. Returns NULL, or the name of what failed. */
MUST_USE const char *crypto_start(void);
/* Which build of OpenSSL this program met, for the sentence that tells of a failed self-test. */
const char *crypto_library(void);
#endif
