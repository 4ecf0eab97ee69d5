#include "ledger/wire/cbor.h"

#define TAG_COSE_SIGN1 18

enum { MAJOR_UINT, MAJOR_NINT, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP, MAJOR_TAG, MAJOR_SIMPLE };
enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22 };

struct head {
    unsigned major;
    uint64_t arg; /* MAJOR_SIMPLE: 20, 21 or 22 */
};

void wire_fail(struct wire_in *in, enum code why) {
    if (in->why != CODE_OK) return;
    in->why = why;
    in->field = in->now;
}

static size_t left(const struct wire_in *in) { return (size_t)(in->end - in->at); }

/* Low five bits 24..27: the argument follows in 1, 2, 4 or 8 bytes, and must need them. */
static bool arg_get(struct wire_in *in, unsigned info, uint64_t *arg) {
    size_t len = (size_t)1 << (info - 24);
    if (left(in) < len) return wire_fail(in, CODE_CBOR_TRUNCATED), false;
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) value = value << 8 | in->at[i];
    bool shortest = len == 1 ? value >= 24 : value >> (len * 4) != 0;
    if (!shortest) return wire_fail(in, CODE_CBOR_NOT_SHORTEST), false;
    in->at += len;
    *arg = value;
    return true;
}

static bool head_get(struct wire_in *in, struct head *head) {
    *head = (struct head){0};
    if (in->why != CODE_OK) return false;
    if (left(in) == 0) return wire_fail(in, CODE_CBOR_TRUNCATED), false;
    unsigned first = *in->at++, info = first & 31;
    head->major = first >> 5;
    if (info == 31) { /* an indefinite length, or its end; on numbers and tags it means nothing at all */
        bool length = head->major >= MAJOR_BYTES && head->major != MAJOR_TAG;
        return wire_fail(in, length ? CODE_CBOR_INDEFINITE : CODE_CBOR_TYPE), false;
    }
    if (head->major == MAJOR_SIMPLE) {
        head->arg = info;
        if (info == SIMPLE_FALSE || info == SIMPLE_TRUE || info == SIMPLE_NULL) return true;
        return wire_fail(in, CODE_CBOR_FLOAT), false;
    }
    if (info > 27) return wire_fail(in, CODE_CBOR_TYPE), false;
    head->arg = info;
    return info < 24 || arg_get(in, info, &head->arg);
}

/* A head of another kind than wanted. */
static void mismatch(struct wire_in *in, unsigned wanted, const struct head *found) {
    if (found->major == MAJOR_SIMPLE && found->arg == SIMPLE_NULL) wire_fail(in, CODE_FIELD_MISSING);
    else if (found->major == MAJOR_TAG || wanted == MAJOR_TAG) wire_fail(in, CODE_CBOR_TAG);
    else wire_fail(in, CODE_CBOR_TYPE);
}

/* Nearly all heads of a record are of the kind that is wanted and one byte long, or two for a string: those are read at once. Whatever else there is
 * goes the long way, which says what is wrong with it. */
static bool head_short(struct wire_in *in, unsigned major, uint64_t *arg) {
    if (in->why != CODE_OK || in->at == in->end || *in->at >> 5 != major || major == MAJOR_SIMPLE) return false;
    const unsigned info = *in->at & 31;
    if (info < 24) {
        *arg = info;
        in->at++;
        return true;
    }
    if (info != 24 || in->end - in->at < 2 || in->at[1] < 24) return false;
    *arg = in->at[1];
    in->at += 2;
    return true;
}

static bool head_want(struct wire_in *in, unsigned major, uint64_t *arg) {
    struct head head;
    if (head_short(in, major, arg)) return true;
    *arg = 0;
    if (!head_get(in, &head)) return false;
    if (head.major != major) return mismatch(in, major, &head), false;
    *arg = head.arg;
    return true;
}

enum wire_kind wire_peek(const struct wire_in *in) {
    static const enum wire_kind by_major[] = {WIRE_UINT, WIRE_NINT, WIRE_BYTES, WIRE_TEXT, WIRE_ARRAY, WIRE_MAP, WIRE_TAG};
    if (in->why != CODE_OK || in->at == in->end) return WIRE_END;
    unsigned first = *in->at, info = first & 31;
    if (first >> 5 != MAJOR_SIMPLE) return by_major[first >> 5];
    if (info == SIMPLE_FALSE) return WIRE_FALSE;
    if (info == SIMPLE_TRUE) return WIRE_TRUE;
    return info == SIMPLE_NULL ? WIRE_NULL : WIRE_OTHER;
}

uint64_t wire_get_uint(struct wire_in *in, uint64_t min, uint64_t max) {
    uint64_t value;
    if (!head_want(in, MAJOR_UINT, &value)) return 0;
    if (value < min || value > max) return wire_fail(in, CODE_CBOR_RANGE), 0;
    return value;
}

int64_t wire_get_int(struct wire_in *in, int64_t min, int64_t max) {
    struct head head;
    if (!head_get(in, &head)) return 0;
    if (head.major != MAJOR_UINT && head.major != MAJOR_NINT) return mismatch(in, MAJOR_UINT, &head), 0;
    if (head.arg > INT64_MAX) return wire_fail(in, CODE_CBOR_RANGE), 0;
    int64_t value = head.major == MAJOR_UINT ? (int64_t)head.arg : -1 - (int64_t)head.arg;
    if (value < min || value > max) return wire_fail(in, CODE_CBOR_RANGE), 0;
    return value;
}

/* The contents of a string. The bounds come before the bytes: a length of 2^63 is out of range, however little follows. */
static struct bytes string_get(struct wire_in *in, unsigned major, size_t min, size_t max) {
    uint64_t len;
    if (!head_want(in, major, &len)) return (struct bytes){0};
    if (len < min || len > max) return wire_fail(in, len == 0 ? CODE_FIELD_MISSING : CODE_CBOR_RANGE), (struct bytes){0};
    if (len > left(in)) return wire_fail(in, CODE_CBOR_TRUNCATED), (struct bytes){0};
    struct bytes value = {in->at, (size_t)len};
    in->at += (size_t)len;
    return value;
}

struct bytes wire_get_bytes(struct wire_in *in, size_t min, size_t max) { return string_get(in, MAJOR_BYTES, min, max); }

const uint8_t *wire_get_fixed(struct wire_in *in, size_t len) {
    struct bytes value = string_get(in, MAJOR_BYTES, len, len);
    return in->why == CODE_OK ? value.data : NULL;
}

struct bytes wire_get_text(struct wire_in *in, size_t min, size_t max) {
    struct bytes value = string_get(in, MAJOR_TEXT, min, max);
    if (in->why == CODE_OK && text_check(value) == CODE_OK) return value;
    return wire_fail(in, CODE_TEXT_INVALID), (struct bytes){0};
}

struct bytes wire_get_code(struct wire_in *in, size_t min, size_t max) {
    struct bytes value = string_get(in, MAJOR_TEXT, min, max);
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        bool allowed = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!allowed) return wire_fail(in, CODE_TEXT_INVALID), (struct bytes){0};
    }
    return value;
}

/* No more elements are promised than bytes are left, so that a count can be used as a bound at once. */
static size_t wire_count_get(struct wire_in *in, unsigned major, size_t min, size_t max) {
    uint64_t count;
    if (!head_want(in, major, &count)) return 0;
    if (count < min || count > max) return wire_fail(in, count < min ? CODE_FIELD_MISSING : CODE_CBOR_RANGE), 0;
    if (count > left(in) / (major == MAJOR_MAP ? 2 : 1)) return wire_fail(in, CODE_CBOR_TRUNCATED), 0;
    return (size_t)count;
}

size_t wire_get_array(struct wire_in *in, size_t min, size_t max) { return wire_count_get(in, MAJOR_ARRAY, min, max); }
size_t wire_get_map(struct wire_in *in, size_t min, size_t max) { return wire_count_get(in, MAJOR_MAP, min, max); }

void wire_get_versioned(struct wire_in *in, uint64_t version, size_t count) {
    size_t found = wire_get_array(in, 1, SIZE_MAX);
    const char *whole = in->now;
    wire_field(in, "version");
    if (wire_get_uint(in, 1, UINT64_MAX) > version) wire_fail(in, CODE_VERSION_UNKNOWN);
    wire_field(in, whole);
    if (found != count) wire_fail(in, found < count ? CODE_FIELD_MISSING : CODE_CBOR_RANGE);
}

void wire_get_tag(struct wire_in *in, uint64_t tag) {
    uint64_t found;
    if (head_want(in, MAJOR_TAG, &found) && found != tag) wire_fail(in, CODE_CBOR_TAG);
}

bool wire_get_bool(struct wire_in *in) {
    struct head head;
    if (!head_get(in, &head)) return false;
    if (head.major == MAJOR_SIMPLE && head.arg != SIMPLE_NULL) return head.arg == SIMPLE_TRUE;
    return mismatch(in, MAJOR_SIMPLE, &head), false;
}

bool wire_try_null(struct wire_in *in) {
    if (wire_peek(in) != WIRE_NULL) return false;
    in->at++;
    return true;
}

/* RFC 8949 4.2.1: bytewise order of the encoded keys; no encoded item is the beginning of another. */
static bool key_after(struct bytes before, struct bytes key) {
    size_t common = before.len < key.len ? before.len : key.len;
    int order = memcmp(before.data, key.data, common);
    return order < 0 || (order == 0 && before.len < key.len);
}

static void skip_item(struct wire_in *in, unsigned depth);

static void skip_map(struct wire_in *in, uint64_t count, unsigned depth) {
    struct bytes before = {0};
    for (uint64_t i = 0; i < count && in->why == CODE_OK; i++) {
        const uint8_t *start = in->at;
        skip_item(in, depth);
        struct bytes key = {start, (size_t)(in->at - start)};
        if (in->why == CODE_OK && i > 0 && !key_after(before, key)) wire_fail(in, CODE_CBOR_KEY_ORDER);
        before = key;
        skip_item(in, depth);
    }
}

/* Recursion is bounded by WIRE_DEPTH_MAX, and the work by the bytes: every item takes at least one. */
static void skip_item(struct wire_in *in, unsigned depth) {
    struct head head;
    if (depth == WIRE_DEPTH_MAX) {
        wire_fail(in, CODE_CBOR_DEPTH);
        return;
    }
    if (!head_get(in, &head)) return;
    switch (head.major) {
    case MAJOR_BYTES:
    case MAJOR_TEXT:
        if (head.arg > left(in)) {
            wire_fail(in, CODE_CBOR_TRUNCATED);
            return;
        }
        if (head.major == MAJOR_TEXT && text_check(bytes_of(in->at, (size_t)head.arg)) != CODE_OK) wire_fail(in, CODE_TEXT_INVALID);
        in->at += (size_t)head.arg;
        return;
    case MAJOR_ARRAY:
        if (head.arg > left(in)) wire_fail(in, CODE_CBOR_TRUNCATED);
        for (uint64_t i = 0; i < head.arg && in->why == CODE_OK; i++) skip_item(in, depth + 1);
        return;
    case MAJOR_MAP:
        if (head.arg > left(in) / 2) wire_fail(in, CODE_CBOR_TRUNCATED);
        skip_map(in, head.arg, depth + 1);
        return;
    case MAJOR_TAG:
        if (head.arg != TAG_COSE_SIGN1) wire_fail(in, CODE_CBOR_TAG);
        skip_item(in, depth + 1);
        return;
    default: return; /* numbers and simple values are all head */
    }
}

void wire_skip(struct wire_in *in) { skip_item(in, 0); }

struct refusal wire_done(struct wire_in *in) {
    if (in->why == CODE_OK && in->at != in->end) {
        in->why = CODE_CBOR_TRAILING;
        in->field = NULL;
    }
    return refuse(in->why, in->why == CODE_OK ? NULL : in->field);
}

struct refusal wire_check(struct bytes bytes) {
    struct wire_in in = wire_read(bytes);
    wire_skip(&in);
    return wire_done(&in);
}
