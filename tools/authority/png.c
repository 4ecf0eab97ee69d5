#include "tools/authority/png.h"

#define ROW_BYTES (PNG_SIDE / 8u)
#define RASTER_BYTES (PNG_SIDE * (1u + ROW_BYTES)) /* a row begins with its filter: 0, none */
_Static_assert(PNG_SIDE % 8 == 0, "rows are whole bytes");
_Static_assert(RASTER_BYTES <= 65535, "one stored block holds the raster");
_Static_assert(RASTER_BYTES + 200 <= PNG_SEAL_MAX, "signature, five chunks, palette");

#define SCALE 8u /* pixels of one dot of a letter */
static const uint8_t letters[4][7] = {
    {0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04}, /* T */
    {0x1f, 0x10, 0x10, 0x1e, 0x10, 0x10, 0x1f}, /* E */
    {0x0f, 0x10, 0x10, 0x0e, 0x01, 0x01, 0x1e}, /* S */
    {0x1f, 0x04, 0x04, 0x04, 0x04, 0x04, 0x04}, /* T */
};

static bool in_letters(uint32_t x, uint32_t y) {
    const uint32_t width = (4 * 6 - 1) * SCALE, height = 7 * SCALE, left = (PNG_SIDE - width) / 2, top = (PNG_SIDE - height) / 2;
    if (x < left || y < top || x >= left + width || y >= top + height) return false;
    uint32_t column = (x - left) / SCALE, row = (y - top) / SCALE;
    return column % 6 < 5 && (letters[column / 6][row] >> (4 - column % 6) & 1);
}

/* From the middle of the picture to the middle of the pixel, in half pixels. */
static bool in_ring(uint32_t x, uint32_t y) {
    int32_t dx = (int32_t)(2 * x + 1 - PNG_SIDE), dy = (int32_t)(2 * y + 1 - PNG_SIDE), outer = (int32_t)PNG_SIDE - 4, inner = outer - 20;
    int32_t square = dx * dx + dy * dy;
    return square <= outer * outer && square >= inner * inner;
}

static void draw(uint8_t raster[RASTER_BYTES]) {
    memset(raster, 0, RASTER_BYTES);
    for (uint32_t y = 0; y < PNG_SIDE; y++)
        for (uint32_t x = 0; x < PNG_SIDE; x++)
            if (in_ring(x, y) || in_letters(x, y)) raster[y * (1 + ROW_BYTES) + 1 + x / 8] |= (uint8_t)(0x80 >> x % 8);
}

static uint32_t crc32_of(const uint8_t *data, size_t len) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static uint32_t adler32_of(const uint8_t *data, size_t len) {
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < len; i++) {
        a = (a + data[i]) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static size_t put_chunk(uint8_t *out, const char type[4], const uint8_t *data, size_t len) {
    be32_put(out, (uint32_t)len);
    memcpy(out + 4, type, 4);
    if (len > 0) memcpy(out + 8, data, len);
    be32_put(out + 8 + len, crc32_of(out + 4, 4 + len));
    return 12 + len;
}

size_t png_test_seal(uint8_t out[PNG_SEAL_MAX]) {
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'}, palette[6] = {255, 255, 255, 214, 0, 0}, alpha[2] = {0, 255};
    uint8_t head[13] = {0}, stored[11 + RASTER_BYTES];
    be32_put(head, PNG_SIDE);
    be32_put(head + 4, PNG_SIDE);
    head[8] = 1; /* bits a pixel */
    head[9] = 3; /* by palette */

    /* zlib: no compression; one last block, stored: its length and the complement, little-endian */
    const uint16_t len = RASTER_BYTES;
    const uint8_t prefix[7] = {0x78, 0x01, 0x01, (uint8_t)len, (uint8_t)(len >> 8), (uint8_t)~len, (uint8_t)(~len >> 8)};
    memcpy(stored, prefix, sizeof prefix);
    draw(stored + sizeof prefix);
    be32_put(stored + sizeof prefix + RASTER_BYTES, adler32_of(stored + sizeof prefix, RASTER_BYTES));

    size_t at = sizeof signature;
    memcpy(out, signature, sizeof signature);
    at += put_chunk(out + at, "IHDR", head, sizeof head);
    at += put_chunk(out + at, "PLTE", palette, sizeof palette);
    at += put_chunk(out + at, "tRNS", alpha, sizeof alpha);
    at += put_chunk(out + at, "IDAT", stored, sizeof stored);
    at += put_chunk(out + at, "IEND", NULL, 0);
    ASSERT(at <= PNG_SEAL_MAX);
    return at;
}
