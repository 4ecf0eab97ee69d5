/* What nothing that checks a signature for each statement can beat: bare libsecp256k1 on every processor at once. */
#include "tests/bench/bench.h"

#include <pthread.h>
#include <secp256k1.h>
#include <unistd.h>

#define TRIPLES 256u /* in rotation, so that no input stays hot by chance */
#define THREADS_MAX 64u

static struct {
    secp256k1_context *context;
    secp256k1_pubkey key[TRIPLES];
    uint8_t message[TRIPLES][32], signature[TRIPLES][64];
} raw;

static void raw_make(void) {
    raw.context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    for (unsigned i = 0; i < TRIPLES; i++) {
        uint8_t secret[32];
        secp256k1_ecdsa_signature signature;
        random_bytes(secret, sizeof secret);
        random_bytes(raw.message[i], 32);
        if (!secp256k1_ec_pubkey_create(raw.context, &raw.key[i], secret) ||
            !secp256k1_ecdsa_sign(raw.context, &signature, raw.message[i], secret, NULL, NULL))
            die("libsecp256k1 does not sign");
        secp256k1_ecdsa_signature_serialize_compact(raw.context, raw.signature[i], &signature);
    }
}

struct verifying {
    double until;
    uint64_t done;
    bool good;
};

static void *verify_loop(void *context) {
    struct verifying *self = context;
    self->good = true;
    while (now_s() < self->until) {
        for (unsigned i = 0; i < TRIPLES; i++) {
            secp256k1_ecdsa_signature signature;
            self->good &= secp256k1_ecdsa_signature_parse_compact(raw.context, &signature, raw.signature[i]) == 1;
            self->good &= secp256k1_ecdsa_verify(raw.context, &signature, raw.message[i], &raw.key[i]) == 1;
        }
        self->done += TRIPLES;
    }
    return NULL;
}

static unsigned processors(void) {
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > (long)THREADS_MAX ? THREADS_MAX : (unsigned)count;
}

double limit_verify(unsigned threads_wanted) {
    if (raw.context == NULL) raw_make();
    const unsigned count = threads_wanted > 0 && threads_wanted < processors() ? threads_wanted : processors();
    pthread_t threads[THREADS_MAX];
    struct verifying states[THREADS_MAX];
    const double begun = now_s(), until = begun + 0.7;
    uint64_t done = 0;
    for (unsigned i = 0; i < count; i++) {
        states[i] = (struct verifying){.until = until};
        if (pthread_create(&threads[i], NULL, verify_loop, &states[i]) != 0) die("no thread");
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        if (!states[i].good) die("libsecp256k1 does not verify");
        done += states[i].done;
    }
    return (double)done / (now_s() - begun);
}
