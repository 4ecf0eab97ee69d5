/* Process: what both programs do before anything else, so that nothing of theirs ends where it does not belong. Layer: crypto. */
#ifndef LICET_CRYPTO_PROCESS_H
#define LICET_CRYPTO_PROCESS_H
#include "crypto/bytes.h"

/* Descriptors 0-2 that whoever started the program left closed are opened on /dev/null: else the next file that is opened takes the number, and what is
 * written to "standard error" goes into it. They are opened the wrong way round (0 for writing, 1 and 2 for reading), so that using one is an error as it
 * would have been, and output that nobody gets does not pass for success. */
void process_descriptors(void);
/* A core file, or a debugger of the same user, would have the private keys: neither is allowed. False: the system refused; errno. */
MUST_USE bool process_keep_memory(void);
#endif
