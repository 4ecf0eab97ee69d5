/* PNG: the picture of a test seal, drawn by code: a red ring with TEST in it on nothing, so that nobody takes it for a real one. Layer: tools/authority. */
#ifndef LICET_TOOLS_AUTHORITY_PNG_H
#define LICET_TOOLS_AUTHORITY_PNG_H
#include "crypto/bytes.h"

#define PNG_SIDE 240u      /* pixels; one bit each: red, or transparent */
#define PNG_SEAL_MAX 8192u /* bytes of the file */

/* Always the same bytes. Returns their length. */
size_t png_test_seal(uint8_t out[PNG_SEAL_MAX]);
#endif
