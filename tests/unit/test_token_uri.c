/* pkcs11: addresses of keys: what RFC 7512 allows and we take, and everything that could mean another key or show a PIN, refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/token_uri.h"

#define KEY "pkcs11:token=t;object=o"

static struct token_uri uri;

static void name_is(const struct token_name *name, const char *data, size_t len) {
    assert_int_equal(name->len, len);
    assert_memory_equal(name->data, data, len);
}

static void taken(void **state) {
    (void)state;
    assert_int_equal(token_uri_parse(&uri, "pkcs11:token=licet;object=issue?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=/path/pin"), TOKEN_OK);
    name_is(&uri.token, "licet", 5);
    name_is(&uri.object, "issue", 5);
    assert_int_equal(uri.id.len + uri.serial.len + uri.model.len + uri.manufacturer.len, 0);
    assert_string_equal(uri.module_path, "/usr/lib/softhsm/libsofthsm2.so");
    assert_string_equal(uri.pin_source, "/path/pin");

    /* every attribute, in any order, percent-coded or not */
    assert_int_equal(token_uri_parse(&uri, "pkcs11:id=%00%fF%41a;type=private;serial=0123456789abcdef;model=M%201;manufacturer=%e5%8D%b0;object=a&b:=;token=%3b%3F"
                                           "?pin-source=file:/p%20q/x?y&module-path=/m/n.so"), TOKEN_OK);
    name_is(&uri.id, "\0\xff" "Aa", 4);
    name_is(&uri.serial, "0123456789abcdef", 16);
    name_is(&uri.model, "M 1", 3);
    name_is(&uri.manufacturer, "\xe5\x8d\xb0", 3);
    name_is(&uri.object, "a&b:=", 5);
    name_is(&uri.token, ";?", 2);
    assert_string_equal(uri.pin_source, "/p q/x?y");
    assert_string_equal(uri.module_path, "/m/n.so");

    assert_int_equal(token_uri_parse(&uri, "pkcs11:serial=1;id=%01"), TOKEN_OK);
    assert_string_equal(uri.module_path, "");
    assert_string_equal(uri.pin_source, "");
    assert_int_equal(token_uri_parse(&uri, KEY "?pin-source=file:/p"), TOKEN_OK);
    assert_string_equal(uri.pin_source, "/p");
    assert_int_equal(token_uri_parse(&uri, KEY "?pin-source=file:///run/pin"), TOKEN_OK);
    assert_string_equal(uri.pin_source, "/run/pin");
}

static void refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "pkcs11", "pkcs11:", "PKCS11:token=t;object=o", "pkcs12:token=t;object=o", " " KEY, "/etc/key.pem", "pkcs11:?", "pkcs11:;", "pkcs11:=", "pkcs11:=t",
        KEY ";", KEY ";;id=1", "pkcs11:;token=t;object=o", KEY "?", KEY "?&", KEY "?module-path=/a&", KEY "?module-path=/a&&pin-source=/b",
        "pkcs11:token;object=o", "pkcs11:token=;object=o", "pkcs11:token=t;object=", "pkcs11:token=t;object=o;id=", KEY "?module-path=", KEY "?pin-source=",
        /* twice */
        "pkcs11:token=t;token=t;object=o", KEY ";object=o", KEY ";id=1;id=1", KEY "?module-path=/a&module-path=/a", KEY "?pin-source=/a&pin-source=/a",
        /* what we do not know could have told one key from another */
        KEY ";slot-id=1", KEY ";slot-description=x", KEY ";library-version=2", KEY ";x-vendor=1", KEY ";Token=t", KEY ";toke=t", KEY ";tokens=t",
        KEY "?module-name=softhsm2", KEY "?x-vendor=1", KEY "?token=t", KEY ";module-path=/a",
        KEY ";type=public", KEY ";type=cert", KEY ";type=privat", KEY ";type=privatee", KEY ";type=",
        /* characters */
        "pkcs11:token=a b;object=o", "pkcs11:token=a/b;object=o", "pkcs11:token=a\"b;object=o", "pkcs11:token=a#b;object=o", "pkcs11:token=a\\b;object=o",
        "pkcs11:token=\xe5\x8d\xb0;object=o", "pkcs11:token=a\nb;object=o", "pkcs11:token=%;object=o", "pkcs11:token=%4;object=o", "pkcs11:token=t;object=%4",
        "pkcs11:token=t;object=%", "pkcs11:token=%4g;object=o", "pkcs11:token=%%41;object=o", "pkcs11:token=%00;object=o", "pkcs11:token=t;object=a%00b",
        KEY "?pin-source=/a b", KEY "?pin-source=/a%00b", KEY "?pin-source=/a;b", KEY "#f",
        /* not a file's own name */
        KEY "?module-path=a.so", KEY "?module-path=./a.so", KEY "?module-path=file:/a.so", KEY "?pin-source=pin", KEY "?pin-source=../pin", KEY "?pin-source=|/bin/pin",
        KEY "?pin-source=file:", KEY "?pin-source=file:pin", KEY "?pin-source=file://host/pin", KEY "?pin-source=file:a//b", KEY "?pin-source=file://", KEY "?pin-source=http://host/pin",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        static const struct token_uri nothing;
        memset(&uri, 0x5a, sizeof uri);
        enum token_result result = token_uri_parse(&uri, bad[i]);
        if (result != TOKEN_URI) print_message("%s\n", bad[i]);
        assert_int_equal(result, TOKEN_URI);
        assert_memory_equal(&uri, &nothing, sizeof uri);
    }
}

static void vague(void **state) {
    (void)state;
    static const char *const bad[] = {"pkcs11:token=t", "pkcs11:serial=1", "pkcs11:object=o", "pkcs11:id=1", "pkcs11:model=m;object=o", "pkcs11:type=private",
                                      "pkcs11:manufacturer=m;id=1", "pkcs11:token=t;type=private?module-path=/a"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_int_equal(token_uri_parse(&uri, bad[i]), TOKEN_URI_VAGUE);
}

static void pins_are_refused_and_never_shown(void **state) {
    (void)state;
    static const char *const bad[] = {KEY "?pin-value=9876", KEY ";pin-value=9876", KEY "?module-path=/a&pin-value=9876", "pkcs11:pin-value=9876",
                                      KEY ";nonsense?pin-value=9876", "pkcs11:pin-value=9876;token=t;object=o?pin-source=/a"};
    char shown[64];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(token_uri_parse(&uri, bad[i]), TOKEN_URI_PIN);
        key_where_shown(shown, sizeof shown, bad[i]);
        assert_null(strstr(shown, "9876"));
        assert_ptr_equal(strstr(shown, "pkcs11:"), shown);
    }
    key_where_shown(shown, sizeof shown, KEY "?module-path=/a&pin-source=/b");
    assert_string_equal(shown, KEY);
    key_where_shown(shown, sizeof shown, "/keys/pin-value=1?.pem");
    assert_string_equal(shown, "/keys/pin-value=1?.pem");
    key_where_shown(shown, 5, KEY);
    assert_string_equal(shown, "pkcs");
    assert_true(key_in_token("pkcs11:"));
    assert_false(key_in_token("pkcs11"));
    assert_false(key_in_token("./pkcs11:token=t"));
}

/* One attribute of n bytes, each written in `unit`. */
static enum token_result with_length(const char *before, const char *unit, size_t n, const char *after) {
    static char text[TOKEN_URI_MAX * 4];
    size_t len = (size_t)snprintf(text, sizeof text, "%s", before);
    for (size_t i = 0; i < n; i++) len += (size_t)snprintf(text + len, sizeof text - len, "%s", unit);
    (void)snprintf(text + len, sizeof text - len, "%s", after);
    return token_uri_parse(&uri, text);
}

static void bounds(void **state) {
    (void)state;
    static const struct { const char *before, *after; size_t max; } fields[] = {
        {"pkcs11:token=", ";object=o", 32}, {"pkcs11:serial=", ";object=o", 16}, {KEY ";manufacturer=", "", 32}, {KEY ";model=", "", 16},
        {"pkcs11:token=t;object=", "", 128}, {"pkcs11:token=t;id=", "", 128}, {KEY "?module-path=/", "", TOKEN_PATH_MAX - 2}, {KEY "?pin-source=/", "", TOKEN_PATH_MAX - 2},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        assert_int_equal(with_length(fields[i].before, "a", fields[i].max, fields[i].after), TOKEN_OK);
        assert_int_equal(with_length(fields[i].before, "%41", fields[i].max, fields[i].after), TOKEN_OK);
        assert_int_equal(with_length(fields[i].before, "a", fields[i].max + 1, fields[i].after), TOKEN_URI);
        assert_int_equal(with_length(fields[i].before, "%41", fields[i].max + 1, fields[i].after), TOKEN_URI);
    }
    /* both paths in full and percent-coded are more than an address may be */
    assert_int_equal(with_length(KEY "?module-path=/", "%41", TOKEN_PATH_MAX - 2, "&pin-source=/b"), TOKEN_OK);
    assert_int_equal(with_length("pkcs11:", "a", TOKEN_URI_MAX, ""), TOKEN_URI);
    assert_int_equal(with_length("pkcs11:", "a", 3 * TOKEN_URI_MAX, "?pin-value=1"), TOKEN_URI);
}

/* Cut at every place: nothing is read beyond, and what is left means the same or is refused. */
static void every_cut(void **state) {
    (void)state;
    static const char whole[] = "pkcs11:token=ab;object=%41%42;id=%01?module-path=/m/a.so&pin-source=file:/p";
    for (size_t len = 0; len < sizeof whole; len++) {
        char *cut = malloc(len + 1); /* exactly as long, so that a read beyond is seen */
        assert_non_null(cut);
        memcpy(cut, whole, len);
        cut[len] = '\0';
        enum token_result result = token_uri_parse(&uri, cut);
        assert_true(result == TOKEN_OK || result == TOKEN_URI || result == TOKEN_URI_VAGUE);
        if (result == TOKEN_OK) name_is(&uri.token, "ab", 2);
        free(cut);
    }
}

static void every_result_has_a_sentence(void **state) {
    (void)state;
    for (enum token_result a = TOKEN_OK; a <= TOKEN_FAULT; a = (enum token_result)(a + 1)) {
        assert_true(strlen(token_result_text(a)) >= 2);
        for (enum token_result b = TOKEN_OK; b < a; b = (enum token_result)(b + 1)) assert_string_not_equal(token_result_text(a), token_result_text(b));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken), cmocka_unit_test(refused), cmocka_unit_test(vague), cmocka_unit_test(pins_are_refused_and_never_shown),
        cmocka_unit_test(bounds), cmocka_unit_test(every_cut), cmocka_unit_test(every_result_has_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
