/* Beijing: moments and days as people in China read them. JSON keeps UTC. No clock, no locale, no time zone of the machine: China has been at +08:00 without
 * summer time since 1992, and what this program shows is later. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_BEIJING_H
#define LICET_TOOLS_DOCUMENT_BEIJING_H
#include "crypto/bytes.h"

#define BEIJING_TEXT 32u
/* ms since 1970 in UTC -> "2026-11-30 14:05:06 +08:00", fractions cut. A year outside of 1 to 99999 is "-". */
void beijing_text(char out[BEIJING_TEXT], int64_t ms);
void beijing_day(char out[BEIJING_TEXT], int64_t ms); /* its first part: the day it is there, "2026-11-30" */
#endif
