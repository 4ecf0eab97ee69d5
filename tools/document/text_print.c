#include "tools/document/text_print.h"

#include <stdio.h>
#include <unictype.h>
#include <unistr.h>

void text_print_to(FILE *out, const char *text) {
    const uint8_t *p = (const uint8_t *)text;
    for (size_t left = strlen(text); left > 0;) {
        ucs4_t c = 0;
        int len = u8_mbtoucr(&c, p, left);
        bool shown = len > 0 && !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
        size_t step = len > 0 ? (size_t)len : 1;
        if (shown) (void)fwrite(p, 1, step, out);
        else (void)fputc('?', out);
        p += step;
        left -= step;
    }
}

void text_print(const char *text) { text_print_to(stdout, text); }
