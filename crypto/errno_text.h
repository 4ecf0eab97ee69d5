/* Errno text: what an error number of the system means, in both languages, the same on every machine and under every locale. The one place that says
 * it: strerror() knows no Chinese here. The texts are static, but that of a number without a row, which stays until the next call of its thread. */
#ifndef LICET_ERRNO_TEXT_H
#define LICET_ERRNO_TEXT_H

#define ERRNO_LAST 133 /* of Linux */
const char *errno_en(int number);
const char *errno_zh(int number);
#endif
