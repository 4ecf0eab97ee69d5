#include "crypto/join.h"

#include "crypto/hash.h"

void join_one(const struct join *join) {
    uint8_t message[JOIN_PREFIX_MAX + 64];
    ASSERT(join->prefix_len <= JOIN_PREFIX_MAX);
    memcpy(message, join->prefix, join->prefix_len);
    memcpy(message + join->prefix_len, join->left, 32);
    memcpy(message + join->prefix_len + 32, join->right, 32);
    sha256(join->out32, message, join->prefix_len + 64u);
}

static void two_apart(const struct join *a, const struct join *b) {
    join_one(a);
    join_one(b);
}

static join_two_fn two = two_apart;

void join_two(const struct join *a, const struct join *b) { two(a, b); }
bool join_side_by_side(void) { return two != two_apart; }

/* Trusted only where it agrees with OpenSSL, here and now: both prefixes in both places, on bytes that differ everywhere. */
bool join_agrees(join_two_fn tried) {
    uint8_t bytes[4][32], made[2][32], want[2][32];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i / 32][i % 32] = (uint8_t)(i * 151 + 7);
    for (unsigned round = 0; round < 4; round++) {
        struct join a = {{0x01, (uint8_t)round, 0xfe}, round & 1 ? 3 : 1, bytes[0], bytes[1], made[0]};
        struct join b = {{0x00, 0x80, (uint8_t)round}, round & 2 ? 3 : 1, bytes[2], bytes[3], made[1]};
        tried(&a, &b);
        a.out32 = want[0];
        b.out32 = want[1];
        two_apart(&a, &b);
        if (memcmp(made, want, sizeof made) != 0) return false;
        memcpy(bytes[round % 4], made[0], 32);
    }
    return true;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SHA __attribute__((target("sha,sse4.1")))

static const uint32_t ROUND[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* Four words of the message a register; the names move round as the schedule goes on. */
struct words { __m128i a, b, c, d; };
struct hashed { __m128i abef, cdgh; }; /* as the instructions want the eight words */

/* The two blocks of one message, put together in registers: written to memory in pieces and read back in others, it would wait for the writing. */
SHA static inline void words_of(struct words *first, struct words *second, const struct join *join) {
    const __m128i turn = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    const __m128i l0 = _mm_loadu_si128((const __m128i *)join->left), l1 = _mm_loadu_si128((const __m128i *)(join->left + 16));
    const __m128i r0 = _mm_loadu_si128((const __m128i *)join->right), r1 = _mm_loadu_si128((const __m128i *)(join->right + 16));
    const __m128i none = _mm_setzero_si128();
    __m128i end;
    int bits;
    if (join->prefix_len == 3) {
        const uint32_t head = (uint32_t)join->prefix[0] << 8 | (uint32_t)join->prefix[1] << 16 | (uint32_t)join->prefix[2] << 24;
        *first = (struct words){_mm_alignr_epi8(l0, _mm_set_epi32((int)head, 0, 0, 0), 13), _mm_alignr_epi8(l1, l0, 13),
                                _mm_alignr_epi8(r0, l1, 13), _mm_alignr_epi8(r1, r0, 13)};
        end = _mm_or_si128(_mm_alignr_epi8(none, r1, 13), _mm_set_epi32(0, 0, 0, (int)0x80000000u));
        bits = 67 * 8;
    } else {
        const uint32_t head = (uint32_t)join->prefix[0] << 24;
        *first = (struct words){_mm_alignr_epi8(l0, _mm_set_epi32((int)head, 0, 0, 0), 15), _mm_alignr_epi8(l1, l0, 15),
                                _mm_alignr_epi8(r0, l1, 15), _mm_alignr_epi8(r1, r0, 15)};
        end = _mm_or_si128(_mm_alignr_epi8(none, r1, 15), _mm_set_epi32(0, 0, 0, 0x8000));
        bits = 65 * 8;
    }
    first->a = _mm_shuffle_epi8(first->a, turn);
    first->b = _mm_shuffle_epi8(first->b, turn);
    first->c = _mm_shuffle_epi8(first->c, turn);
    first->d = _mm_shuffle_epi8(first->d, turn);
    *second = (struct words){_mm_shuffle_epi8(end, turn), none, none, _mm_set_epi32(bits, 0, 0, 0)};
}

SHA static inline void four_rounds(struct hashed *h, __m128i words, unsigned at) {
    const __m128i sum = _mm_add_epi32(words, _mm_load_si128((const __m128i *)(ROUND + 4 * at)));
    h->cdgh = _mm_sha256rnds2_epu32(h->cdgh, h->abef, sum);
    h->abef = _mm_sha256rnds2_epu32(h->abef, h->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

/* The next four words, in place of the oldest. */
SHA static inline __m128i extend(__m128i oldest, __m128i b, __m128i c, __m128i newest) {
    return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(oldest, b), _mm_alignr_epi8(newest, c, 4)), newest);
}

#define SIXTEEN_ROUNDS(at, each)                                                                  \
    each(at, a, b, c, d) each(at + 1, b, c, d, a) each(at + 2, c, d, a, b) each(at + 3, d, a, b, c)
#define ROUNDS_EXTEND(at, p, q, r, s)        \
    four_rounds(&x, m.p, at);                \
    four_rounds(&y, n.p, at);                \
    m.p = extend(m.p, m.q, m.r, m.s);        \
    n.p = extend(n.p, n.q, n.r, n.s);
#define ROUNDS_LAST(at, p, q, r, s) \
    four_rounds(&x, m.p, at);       \
    four_rounds(&y, n.p, at);

SHA static inline void block_two(struct hashed *hx, struct hashed *hy, struct words m, struct words n) {
    struct hashed x = *hx, y = *hy;
    SIXTEEN_ROUNDS(0, ROUNDS_EXTEND)
    SIXTEEN_ROUNDS(4, ROUNDS_EXTEND)
    SIXTEEN_ROUNDS(8, ROUNDS_EXTEND)
    SIXTEEN_ROUNDS(12, ROUNDS_LAST)
    hx->abef = _mm_add_epi32(hx->abef, x.abef);
    hx->cdgh = _mm_add_epi32(hx->cdgh, x.cdgh);
    hy->abef = _mm_add_epi32(hy->abef, y.abef);
    hy->cdgh = _mm_add_epi32(hy->cdgh, y.cdgh);
}

SHA static inline void hashed_put(uint8_t out32[32], struct hashed h) {
    const __m128i turn = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    const __m128i feba = _mm_shuffle_epi32(h.abef, 0x1b), dchg = _mm_shuffle_epi32(h.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)out32, _mm_shuffle_epi8(_mm_blend_epi16(feba, dchg, 0xf0), turn));
    _mm_storeu_si128((__m128i *)(out32 + 16), _mm_shuffle_epi8(_mm_alignr_epi8(dchg, feba, 8), turn));
}

SHA static void two_side_by_side(const struct join *a, const struct join *b) {
    const struct hashed start = {_mm_set_epi32(0x6a09e667, (int)0xbb67ae85u, 0x510e527f, (int)0x9b05688cu),
                                 _mm_set_epi32(0x3c6ef372, (int)0xa54ff53au, 0x1f83d9ab, 0x5be0cd19)};
    struct hashed x = start, y = start;
    struct words x1, x2, y1, y2;
    words_of(&x1, &x2, a);
    words_of(&y1, &y2, b);
    block_two(&x, &y, x1, y1);
    block_two(&x, &y, x2, y2);
    hashed_put(a->out32, x);
    hashed_put(b->out32, y);
}

static bool has_instructions(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1) || !(c & bit_SSSE3)) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

bool join_setup(void) {
    two = has_instructions() && join_agrees(two_side_by_side) ? two_side_by_side : two_apart;
    return true;
}
#else
bool join_setup(void) { return true; }
#endif
