/* Code: the numbers of refusals are frozen: never another, never reused. A new one is added here when it is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "ledger/base/code.h"
#include "ledger/wire/cbor.h"
#include "rpc/answer.h"

static const struct { int number; enum code code; } FROZEN[] = {
    {0, CODE_OK}, {100, CODE_CBOR_TRUNCATED}, {101, CODE_CBOR_TRAILING}, {102, CODE_CBOR_NOT_SHORTEST},
    {103, CODE_CBOR_INDEFINITE}, {104, CODE_CBOR_KEY_ORDER}, {105, CODE_CBOR_TYPE}, {106, CODE_CBOR_RANGE},
    {107, CODE_CBOR_DEPTH}, {108, CODE_CBOR_FLOAT}, {109, CODE_CBOR_TAG}, {110, CODE_TEXT_INVALID},
    {111, CODE_TEXT_NOT_NFC}, {112, CODE_VERSION_UNKNOWN}, {113, CODE_HEX_INVALID}, {114, CODE_JSON_INVALID},
    {115, CODE_STATEMENT_TOO_LARGE}, {116, CODE_HASH_MISMATCH}, {117, CODE_PROOF_MISMATCH},
    {118, CODE_FIELD_MISSING}, {119, CODE_ARCHIVE_CUT}, {200, CODE_ALG_NOT_ALLOWED}, {201, CODE_ALG_KEY_MISMATCH},
    {202, CODE_UNPROTECTED_HEADER}, {203, CODE_PAYLOAD_MISSING}, {204, CODE_TYP_WRONG}, {205, CODE_OTHER_LEDGER},
    {206, CODE_KEY_UNKNOWN}, {207, CODE_KEY_NOT_ACTIVE}, {208, CODE_KEY_USE}, {209, CODE_KEY_COMPROMISED},
    {210, CODE_SIGNATURE_INVALID}, {211, CODE_ISSUER_MISMATCH}, {212, CODE_IAT_TOO_OLD}, {213, CODE_IAT_IN_FUTURE},
    {214, CODE_RESIGNED}, {215, CODE_ALREADY_ENTERED}, {216, CODE_MEMBER_NOT_ACTIVE}, {217, CODE_ROLE_MISSING},
    {218, CODE_SUB_INVALID}, {300, CODE_OP_UNKNOWN}, {301, CODE_TYPE_UNKNOWN}, {302, CODE_TYPE_NOT_ALLOWED},
    {303, CODE_HOLDER_KIND}, {304, CODE_ELEMENT_MISSING}, {305, CODE_ELEMENT_UNKNOWN}, {306, CODE_VALIDITY_ORDER},
    {307, CODE_VALIDITY_RULE}, {308, CODE_LICENCE_EXISTS}, {309, CODE_NUMBER_TAKEN}, {310, CODE_DOCUMENT_TAKEN},
    {311, CODE_LICENCE_UNKNOWN}, {312, CODE_NOT_THE_ISSUER}, {313, CODE_COUNT_STALE}, {314, CODE_STATE_FORBIDS},
    {315, CODE_ALREADY_SO}, {316, CODE_REASON_MISSING}, {317, CODE_ITEM_REPEATED}, {318, CODE_SEAL_UNKNOWN},
    {319, CODE_COMPONENT_UNKNOWN}, {320, CODE_IDENTIFIER_INVALID}, {321, CODE_USCC_INVALID},
    {322, CODE_GENESIS_INVALID}, {323, CODE_TIME_BACKWARD}, {324, CODE_CHAIN_BROKEN}, {325, CODE_SEAL_EXISTS},
    {326, CODE_SEAL_STOPPED}, {327, CODE_SEAL_NOT_OWNED}, {328, CODE_SEAL_DIGEST}, {329, CODE_SEAL_PERIOD},
    {330, CODE_NOT_THE_REGISTRAR}, {331, CODE_MEMBER_UNKNOWN}, {332, CODE_ENTRY_AHEAD}, {333, CODE_MAKINGS_FULL},
    {334, CODE_MAKING_KNOWN}, {335, CODE_SEAL_ID_INVALID}, {336, CODE_ACTED_FULL}, {400, CODE_NOT_FOUND},
    {401, CODE_METHOD_NOT_ALLOWED}, {402, CODE_MEDIA_TYPE}, {403, CODE_BODY_TOO_LARGE}, {404, CODE_HTTP_FRAMING},
    {405, CODE_QUERY_INVALID}, {406, CODE_TOO_MANY_QUERIES}, {407, CODE_ENTRY_UNKNOWN}, {408, CODE_BLOCK_UNKNOWN},
    {409, CODE_KID_UNKNOWN}, {410, CODE_HEADERS_TOO_LARGE}, {411, CODE_PARAMETER}, {412, CODE_PREFIX_WIDE},
    {413, CODE_PREFIX_NARROW}, {414, CODE_HOST_INVALID}, {415, CODE_HOST_UNKNOWN}, {500, CODE_QUEUE_FULL}, {501, CODE_QUOTA}, {502, CODE_NO_ROOM}, {503, CODE_READ_ONLY},
    {504, CODE_CLOCK}, {505, CODE_SHUTTING_DOWN}, {506, CODE_STORAGE}, {507, CODE_CORRUPT}, {508, CODE_INTERNAL},
    {509, CODE_BLOCK_FULL}, {700, CODE_ROW_COLUMNS}, {701, CODE_ROW_FIELD_EMPTY}, {702, CODE_ROW_DATE},
    {703, CODE_ROW_ID_NUMBER}, {704, CODE_ROW_IDENTIFIER_CHECK}, {705, CODE_ROW_DUPLICATE_FILE},
    {706, CODE_ROW_DUPLICATE_LEDGER}, {707, CODE_ROW_ENCODING}, {708, CODE_ROW_TOO_LONG}, {709, CODE_ROW_QUOTES},
    {710, CODE_ROW_TYPE},
    {711, CODE_ROW_DOCUMENT},
    {712, CODE_ROW_SIGNATURES},
    {713, CODE_ROW_NUMBER_RUINED},
    {714, CODE_ROW_DATE_FAR},
    {715, CODE_ROW_CONFLICT_FILE},
    {716, CODE_ROW_CONFLICT_LEDGER},
    {717, CODE_ROW_DOCUMENT_EMPTY},
    {718, CODE_ROW_VALUE_LOST},
    {719, CODE_ROW_DOCUMENT_NUMBER},
    {720, CODE_ROW_DOCUMENT_NAME},
    {721, CODE_ROW_DOCUMENT_CODE},
    {722, CODE_ROW_DOCUMENT_GONE},
    {723, CODE_ROW_NUMBER_ROUNDED},
    {724, CODE_ROW_LINE_END},
};
#define FROZEN_COUNT (sizeof FROZEN / sizeof *FROZEN)
static const enum code ALL[] = {
#define X(name, number, http, en, zh) CODE_##name,
    CODE_LIST(X)
#undef X
};
#define ALL_COUNT (sizeof ALL / sizeof *ALL)

static void numbers_are_frozen(void **state) {
    (void)state;
    assert_int_equal(ALL_COUNT, FROZEN_COUNT);
    for (size_t i = 0; i < FROZEN_COUNT; i++) assert_int_equal(FROZEN[i].number, FROZEN[i].code);
}

static void each_says_what_it_is(void **state) {
    (void)state;
    for (size_t i = 0; i < ALL_COUNT; i++) {
        for (size_t k = i + 1; k < ALL_COUNT; k++) assert_int_not_equal(ALL[i], ALL[k]);
        assert_string_not_equal(code_name(ALL[i]), "UNKNOWN_CODE");
        assert_true(strlen(code_en(ALL[i])) > 3);
        assert_true(strlen(code_zh(ALL[i])) > 3);
        assert_int_equal(text_check(bytes_text(code_zh(ALL[i]))), CODE_OK);
        assert_true(code_zh(ALL[i])[0] & 0x80 || strlen(code_zh(ALL[i])) > 6); /* Chinese, or begins with a name */
        assert_true(code_http(ALL[i]) == 200 || (code_http(ALL[i]) >= 400 && code_http(ALL[i]) < 600));
    }
    assert_string_equal(code_name((enum code)999), "UNKNOWN_CODE");
}

/* A fault is never told as a refusal by the rules: each is a 5xx of its own kind. */
static void faults_are_told_apart(void **state) {
    (void)state;
    static const struct { enum err err; enum code code; } table[] = {
        {ERR_CORRUPT, CODE_CORRUPT}, {ERR_IO, CODE_STORAGE}, {ERR_NO_ROOM, CODE_NO_ROOM}, {ERR_LATCHED, CODE_READ_ONLY},
        {ERR_MEMORY, CODE_QUEUE_FULL}, {ERR_ABSENT, CODE_INTERNAL}, {ERR_ROLLBACK, CODE_INTERNAL}, {ERR_VERSION, CODE_INTERNAL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_int_equal(answer_fault_code(table[i].err), table[i].code);
        assert_true(code_http(table[i].code) >= 500);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_frozen), cmocka_unit_test(each_says_what_it_is), cmocka_unit_test(faults_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
