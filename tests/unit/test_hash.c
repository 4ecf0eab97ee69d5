/* Hash: known answers, the tagged form byte by byte, streams, and contexts of many threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <pthread.h>

#include "crypto/hash.h"

static void assert_hex(const uint8_t have32[32], const char *want) {
    char text[65];
    hex_encode(text, have32, 32);
    assert_string_equal(text, want);
}

static void sha256_known(void **state) {
    (void)state;
    uint8_t out[32];
    sha256(out, NULL, 0);
    assert_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256(out, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
    assert_hex(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    const struct bytes parts[] = {bytes_text("a"), bytes_of(NULL, 0), bytes_text("bc")};
    sha256_parts(out, parts, 3);
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_parts(out, NULL, 0);
    assert_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* Each way to end a block: lengths on both sides of one, two and three. */
static void sha256_every_length(void **state) {
    (void)state;
    uint8_t message[201], out[32], want[32];
    for (size_t i = 0; i < sizeof message; i++) message[i] = (uint8_t)(i * 37 + 11);
    for (size_t len = 0; len <= 200; len++) {
        assert_int_equal(EVP_Digest(message, len, want, NULL, EVP_sha256(), NULL), 1);
        sha256(out, message, len);
        assert_memory_equal(out, want, 32);
        const struct bytes halves[] = {bytes_of(message, len / 2), bytes_of(message + len / 2, len - len / 2)};
        sha256_parts(out, halves, 2);
        assert_memory_equal(out, want, 32);
    }
}

static void sm3_known(void **state) {
    (void)state;
    uint8_t out[32];
    char text[65];
    for (size_t i = 0; i < 64; i += 4) memcpy(text + i, "abcd", 4);
    sm3(out, text, 64); /* GB/T 32905 A.2 */
    assert_hex(out, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

static void hmac_known(void **state) {
    (void)state;
    uint8_t out[32], key[131];
    memset(key, 0xaa, sizeof key); /* RFC 4231 4.7: a key longer than a block */
    const struct bytes parts[] = {bytes_text("Test Using Larger Than Block-Size"), bytes_text(" Key - Hash Key First")};
    hmac_sha256(out, bytes_of(key, sizeof key), parts, 2);
    assert_hex(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    hmac_sha256(out, bytes_of(NULL, 0), NULL, 0);
    assert_hex(out, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* Answers from a few lines of Python: length of tag, tag, then each part behind its length in four bytes. */
static void tagged(void **state) {
    (void)state;
    uint8_t out[32], big[1024];
    const struct bytes parts[] = {bytes_text("abc"), bytes_of(NULL, 0)};
    hash_tagged(out, "test", parts, 2);
    assert_hex(out, "1145d219b0357bdfe28ddf948b5546218b8323ef352e86a1d09a8db02126487a");
    hmac_tagged(out, bytes_text("key"), "test", parts, 2);
    assert_hex(out, "fa74b4cfb077d1a1ac65933a06845c7d5fd8a546ae3d981fdb3d65a8c6103115");
    for (size_t i = 0; i < sizeof big; i++) big[i] = (uint8_t)i;
    const struct bytes large[] = {bytes_of(big, sizeof big), bytes_text("x")};
    hash_tagged(out, "test", large, 2);
    assert_hex(out, "e7842ea0e9c19e9da8ff500b8dad190950290df93ed81800c85919e5cfa49cee");
}

/* Around the size at which the message is no longer gathered, both ways must hash the same bytes. */
static void tagged_by_hand(void **state) {
    (void)state;
    uint8_t data[600], lengths[8];
    memset(data, 0x5a, sizeof data);
    for (size_t len = 480; len < sizeof data; len++) {
        uint8_t out[32], want[32];
        const struct bytes parts[] = {bytes_of(data, len), bytes_of(data, 7)};
        be32_put(lengths, (uint32_t)len);
        be32_put(lengths + 4, 7);
        const struct bytes plain[] = {bytes_text("\x03tag"), bytes_of(lengths, 4), parts[0], bytes_of(lengths + 4, 4), parts[1]};
        sha256_parts(want, plain, 5);
        hash_tagged(out, "tag", parts, 2);
        assert_memory_equal(out, want, 32);
        hmac_sha256(want, bytes_text("k"), plain, 5);
        hmac_tagged(out, bytes_text("k"), "tag", parts, 2);
        assert_memory_equal(out, want, 32);
    }
}

static void tagged_parts_cannot_slide(void **state) {
    (void)state;
    uint8_t a[32], b[32];
    const struct bytes one[] = {bytes_text("ab"), bytes_text("c")}, two[] = {bytes_text("a"), bytes_text("bc")};
    hash_tagged(a, "t", one, 2);
    hash_tagged(b, "t", two, 2);
    assert_memory_not_equal(a, b, 32);
    hash_tagged(a, "t", one, 0);
    hash_tagged(b, "u", one, 0);
    assert_memory_not_equal(a, b, 32);
    char longest[256];
    memset(longest, 'x', 255);
    longest[255] = '\0';
    hash_tagged(a, longest, one, 2);
}

static void streams(void **state) {
    (void)state;
    struct hash_stream stream;
    uint8_t out[32], want[32];
    assert_true(hash_stream_start(&stream, HASH_SM3));
    hash_stream_add(&stream, "a", 1);
    sha256(want, "between", 7); /* another hash in the middle disturbs nothing */
    hash_stream_add(&stream, "", 0);
    hash_stream_add(&stream, "bc", 2);
    hash_stream_final(&stream, out);
    assert_null(stream.context);
    assert_hex(out, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_true(hash_stream_start(&stream, HASH_SHA256));
    hash_stream_drop(&stream);
    hash_stream_drop(&stream);
}

static void *hash_much(void *p) {
    uint8_t *chain = (uint8_t *)p;
    for (int i = 0; i < 5000; i++) {
        sha256(chain, chain, 32);
        sm3(chain, chain, 32);
    }
    return NULL;
}

static void threads(void **state) {
    (void)state;
    pthread_t thread[8];
    uint8_t chain[8][32], want[32] = {0};
    memset(chain, 0, sizeof chain);
    for (size_t i = 0; i < 8; i++) assert_int_equal(pthread_create(&thread[i], NULL, hash_much, chain[i]), 0);
    hash_much(want);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(thread[i], NULL);
        assert_memory_equal(chain[i], want, 32);
    }
}

/* FIPS 180-4's own example. */
static void sha2_long_known(void **state) {
    (void)state;
    static const struct { unsigned bits; const char *hex; } cases[] = {
        {384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
        {512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"}};
    uint8_t out[64], want[64];
    for (size_t i = 0; i < 2; i++) {
        assert_true(hex_decode(want, cases[i].bits / 8, cases[i].hex, cases[i].bits / 4));
        assert_true(sha2_long(out, cases[i].bits, "abc", 3));
        assert_memory_equal(out, want, cases[i].bits / 8);
    }
}

int main(void) {
    if (!hash_setup() || !hash_setup()) return 1; /* twice is harmless */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_known), cmocka_unit_test(sha256_every_length),
        cmocka_unit_test(sm3_known),      cmocka_unit_test(sha2_long_known),
        cmocka_unit_test(hmac_known),     cmocka_unit_test(tagged),
        cmocka_unit_test(tagged_by_hand), cmocka_unit_test(tagged_parts_cannot_slide),
        cmocka_unit_test(streams),        cmocka_unit_test(threads),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
