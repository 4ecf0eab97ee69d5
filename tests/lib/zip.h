/* ZIP for tests: packages written byte by byte, so that every field can be wrong. Stored files; deflated ones are given ready. */
#ifndef LICET_TESTS_LIB_ZIP_H
#define LICET_TESTS_LIB_ZIP_H
#include "crypto/bytes.h"

struct zip_part {
    const char *name, *data;
    /* what differs from a plain file: */
    const char *local_name;      /* in the local header */
    uint16_t flags, method, local_method, local_flags_too; /* flags go to both headers; the last is added to the local one */
    uint32_t attributes;         /* external; with it made by Unix */
    size_t data_len;             /* where it holds NULs, or is deflated */
    uint32_t unpacked;           /* where deflated */
    uint32_t crc;                /* 0: of the data */
    const char *extra; size_t extra_len; /* of the directory's entry */
    const char *gap; size_t gap_len;     /* between this file and what follows */
    bool descriptor;             /* sizes behind the data */
    bool sizes_lie;              /* the local header says one byte more */
};
struct zip_out { uint8_t data[1u << 20]; size_t len; };

static inline void zip_raw(struct zip_out *out, const void *data, size_t len) {
    ASSERT(out->len + len <= sizeof out->data);
    if (len > 0) memcpy(out->data + out->len, data, len);
    out->len += len;
}
static inline void zip16(struct zip_out *out, uint32_t v) { zip_raw(out, (uint8_t[]){(uint8_t)v, (uint8_t)(v >> 8)}, 2); }
static inline void zip32(struct zip_out *out, uint32_t v) {
    zip16(out, v & 0xFFFF);
    zip16(out, v >> 16);
}
static inline uint32_t zip_crc(const char *data, size_t len) {
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint8_t)data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}
static inline size_t zip_len(const struct zip_part *part) { return part->data_len ? part->data_len : part->data ? strlen(part->data) : 0; }

static inline void zip_sums(struct zip_out *out, const struct zip_part *part, bool none, uint32_t more) {
    size_t len = zip_len(part);
    zip32(out, none ? 0 : part->crc ? part->crc : zip_crc(part->data, len));
    zip32(out, none ? 0 : (uint32_t)len + more);
    zip32(out, none ? 0 : (part->unpacked ? part->unpacked : (uint32_t)len) + more);
}

/* prefix: bytes before the first file, counted in the offsets where shifted; comment: behind everything. */
static inline void zip_make(struct zip_out *out, const struct zip_part *parts, size_t count, const char *prefix, bool shifted, const char *comment) {
    uint32_t offsets[64];
    ASSERT(count <= 64);
    out->len = 0;
    zip_raw(out, prefix, strlen(prefix));
    size_t base = shifted ? 0 : strlen(prefix);
    for (size_t i = 0; i < count; i++) {
        const struct zip_part *p = &parts[i];
        const char *name = p->local_name ? p->local_name : p->name;
        offsets[i] = (uint32_t)(out->len - base);
        zip_raw(out, "PK\3\4", 4);
        zip16(out, 20);
        zip16(out, (uint32_t)p->flags | p->local_flags_too | (p->descriptor ? 8 : 0));
        zip16(out, p->local_method ? p->local_method : p->method);
        zip32(out, 0x58210000); /* time, date */
        zip_sums(out, p, p->descriptor, p->sizes_lie);
        zip16(out, (uint32_t)strlen(name));
        zip16(out, 0);
        zip_raw(out, name, strlen(name));
        zip_raw(out, p->data, zip_len(p));
        if (p->descriptor) {
            zip_raw(out, "PK\7\10", 4);
            zip_sums(out, p, false, 0);
        }
        zip_raw(out, p->gap, p->gap_len);
    }
    size_t start = out->len;
    for (size_t i = 0; i < count; i++) {
        const struct zip_part *p = &parts[i];
        zip_raw(out, "PK\1\2", 4);
        zip16(out, p->attributes ? 3 << 8 | 20 : 20);
        zip16(out, 20);
        zip16(out, (uint32_t)p->flags | (p->descriptor ? 8 : 0));
        zip16(out, p->method);
        zip32(out, 0x58210000);
        zip_sums(out, p, false, 0);
        zip16(out, (uint32_t)strlen(p->name));
        zip16(out, (uint32_t)p->extra_len);
        zip16(out, 0);
        zip16(out, 0);
        zip16(out, 0);
        zip32(out, p->attributes);
        zip32(out, offsets[i]);
        zip_raw(out, p->name, strlen(p->name));
        zip_raw(out, p->extra, p->extra_len);
    }
    size_t end = out->len;
    zip_raw(out, "PK\5\6\0\0\0\0", 8);
    zip16(out, (uint32_t)count);
    zip16(out, (uint32_t)count);
    zip32(out, (uint32_t)(end - start));
    zip32(out, (uint32_t)(start - base));
    zip16(out, (uint32_t)strlen(comment));
    zip_raw(out, comment, strlen(comment));
}
#endif
