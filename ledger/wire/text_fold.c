/* The form that tags of numbers and names are made of. Contract in text.h; the rules in words: docs/FORMATS.md, "Keys and tags". */
#include <uninorm.h>
#include <unistr.h>

#include "ledger/wire/text.h"

/* U+E815..U+E864: where GBK had put characters of its row FE into private use before Unicode had them (GB 18030 has their places since). */
static const uint32_t GBK_PRIVATE[80] = {
    0x2e81, 0x20087, 0x20089, 0x200cc, 0x2e84, 0x3473, 0x3447, 0x2e88, 0x2e8b, 0x9fb4,
    0x359e, 0x361a, 0x360e, 0x2e8c, 0x2e97, 0x396e, 0x3918, 0x9fb5, 0x39cf, 0x39df,
    0x3a73, 0x39d0, 0x9fb6, 0x9fb7, 0x3b4e, 0x3c6e, 0x3ce0, 0x2ea7, 0x215d7, 0x9fb8,
    0x2eaa, 0x4056, 0x415f, 0x2eae, 0x4337, 0x2eb3, 0x2eb6, 0x2eb7, 0x2298f, 0x43b1,
    0x43ac, 0x2ebb, 0x43dd, 0x44d6, 0x4661, 0x464c, 0x9fb9, 0x4723, 0x4729, 0x477c,
    0x478d, 0x2eca, 0x4947, 0x497a, 0x497d, 0x4982, 0x4983, 0x4985, 0x4986, 0x499f,
    0x499b, 0x49b7, 0x49b6, 0x9fba, 0x241fe, 0x4ca3, 0x4c9f, 0x4ca0, 0x4ca1, 0x4c77,
    0x4ca2, 0x4d13, 0x4d14, 0x4d15, 0x4d16, 0x4d17, 0x4d18, 0x4d19, 0x4dae, 0x9fbb,
};
/* Radicals for which Unicode gives no compatibility form, and the characters they are typed for. */
static const struct { uint16_t radical, character; } RADICALS[] = {
    {0x2ea0, 0x6c11}, {0x2ec4, 0x897f}, {0x2ec5, 0x89c1}, {0x2ec6, 0x89d2}, {0x2ec9, 0x8d1d}, {0x2ecb, 0x8f66}, {0x2ed3, 0x957f}, {0x2ed4, 0x95e8},
    {0x2ed8, 0x9752}, {0x2eda, 0x9875}, {0x2edb, 0x98ce}, {0x2edc, 0x98de}, {0x2edd, 0x98df}, {0x2ee2, 0x9a6c}, {0x2ee4, 0x9b3c}, {0x2ee5, 0x9c7c},
    {0x2ee6, 0x9e1f}, {0x2ee7, 0x5364}, {0x2ee8, 0x9ea6}, {0x2ee9, 0x9ec4}, {0x2eec, 0x9f50}, {0x2eee, 0x9f7f}, {0x2ef0, 0x9f99}, {0x2ef3, 0x9f9f},
    {0x2ec1, 0x864e}, {0x2ee3, 0x9aa8}};

static bool is_han(uint32_t c) { return (c >= 0x3400 && c <= 0x9fff) || c == 0x3007 || (c >= 0xf900 && c <= 0xfaff) || (c >= 0x20000 && c <= 0x3ffff); }

/* Shows nothing: soft hyphen, joiners, marks of no width, variation selectors. */
static bool is_nothing(uint32_t c) {
    return c == 0x00ad || c == 0x034f || c == 0x180e || (c >= 0x200b && c <= 0x200f) || (c >= 0x2060 && c <= 0x2064) || c == 0xfeff || (c >= 0xfe00 && c <= 0xfe0f) ||
           (c >= 0xe0100 && c <= 0xe01ef);
}

static bool is_interpunct(uint32_t c) {
    static const uint16_t dots[] = {0x00b7, 0x0387, 0x2022, 0x2027, 0x2219, 0x22c5, 0x2e31, 0x30fb, 0xff65};
    for (size_t i = 0; i < sizeof dots / sizeof *dots; i++)
        if (dots[i] == c) return true;
    return false;
}

static uint32_t modern(uint32_t c) {
    if (c >= 0xe815 && c <= 0xe864) c = GBK_PRIVATE[c - 0xe815];
    for (size_t i = 0; i < sizeof RADICALS / sizeof *RADICALS; i++)
        if (RADICALS[i].radical == c) return RADICALS[i].character;
    return c;
}

/* Brackets are one pair, dashes one dash. */
static uint32_t plain_sign(uint32_t c) {
    switch (c) {
    case '[': case 0x3014: case 0x3010: case 0x3016: case 0x3018: case 0x3008: case 0x2768: return '(';
    case ']': case 0x3015: case 0x3011: case 0x3017: case 0x3019: case 0x3009: case 0x2769: return ')';
    case 0x2010: case 0x2011: case 0x2012: case 0x2013: case 0x2014: case 0x2015: case 0x2212: return '-';
    default: return c;
    }
}

static bool text_fold_is_plain(struct bytes text, bool number) {
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= 0x80 || (number ? text.data[i] == ' ' || text.data[i] == '[' || text.data[i] == ']' : text.data[i] == ' ' && i + 1 < text.len && text.data[i + 1] == ' '))
            return false;
    return true;
}

/* Signs for signs; what shows nothing falls away. Returns how many are left. */
static size_t text_fold_replace(uint32_t *c, size_t count, bool number) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_nothing(c[i])) continue;
        uint32_t one = modern(c[i]);
        if (is_interpunct(one)) one = 0x00b7;
        else if (number) one = plain_sign(one);
        if (number && one >= 'a' && one <= 'z') one -= 'a' - 'A';
        c[kept++] = one;
    }
    return kept;
}

/* Spaces: none in a number; in a name none beside a Han character or an interpunct, one elsewhere. A full stop between Han is an interpunct. */
static size_t close_up(uint32_t *c, size_t count, bool number) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (c[i] == ' ') {
            size_t next = i;
            while (next < count && c[next] == ' ') next++;
            const bool drop = number || kept == 0 || next == count || is_han(c[kept - 1]) || c[kept - 1] == 0x00b7 || is_han(c[next]) || c[next] == 0x00b7;
            i = next - 1;
            if (drop) continue;
        }
        c[kept++] = c[i];
    }
    for (size_t i = 1; !number && i + 1 < kept; i++)
        if (c[i] == '.' && is_han(c[i - 1]) && is_han(c[i + 1])) c[i] = 0x00b7;
    return kept;
}

/* What does not fit, or cannot be taken apart, stays as it is: on both sides alike. */
static struct bytes fold(char out[TEXT_FOLD_MAX], struct bytes normal, bool number) {
    uint32_t wide[TEXT_FOLD_MAX], composed[TEXT_FOLD_MAX];
    size_t count = TEXT_FOLD_MAX, len = TEXT_FOLD_MAX;
    if (normal.len == 0 || normal.len > TEXT_FOLD_MAX || text_fold_is_plain(normal, number)) return normal;
    uint32_t *taken = u8_to_u32(normal.data, normal.len, wide, &count);
    if (taken != wide) {
        free(taken);
        return normal;
    }
    count = text_fold_replace(wide, count, number);
    size_t again = TEXT_FOLD_MAX;
    uint32_t *result = u32_normalize(UNINORM_NFKC, wide, count, composed, &again);
    if (result != composed) {
        free(result);
        return normal;
    }
    again = close_up(composed, text_fold_replace(composed, again, number), number); /* what compatibility forms became is replaced, too */
    uint8_t *text = u32_to_u8(composed, again, (uint8_t *)out, &len);
    if (text == (uint8_t *)out && again > 0) return bytes_of(out, len);
    if (text != (uint8_t *)out) free(text);
    return normal;
}

struct bytes text_fold_number(char out[TEXT_FOLD_MAX], struct bytes normal) { return fold(out, normal, true); }
struct bytes text_fold_name(char out[TEXT_FOLD_MAX], struct bytes normal) { return fold(out, normal, false); }
