/* What tests/unit/test_token.c sets in the PKCS#11 module of token.c, and what it counts: one `struct false_token false_token` in the module. */
#ifndef LICET_TESTS_FAULT_TOKEN_H
#define LICET_TESTS_FAULT_TOKEN_H
#include <stdbool.h>

#define FALSE_PIN_MASK 0x55 /* the PIN lies in it under this, so that a search of memory finds only other people's copies */

enum false_curve { FALSE_P256, FALSE_SECP256K1, FALSE_P384, FALSE_SM2, FALSE_SPELT_OUT, FALSE_RSA };
enum false_sign { FALSE_RIGHT, FALSE_HIGH_S, FALSE_GARBAGE, FALSE_ZERO, FALSE_SHORT, FALSE_OTHER_KEY };
enum false_point { FALSE_WRAPPED, FALSE_RAW, FALSE_CUT, FALSE_OFF_CURVE, FALSE_COMPRESSED };

struct false_token {
    /* set by the test */
    unsigned tokens;                 /* slots 0..: label "licet", serial "1", "2" */
    unsigned long flags;             /* CKF_ besides those of wrong PINs */
    unsigned char pin_masked[32];
    unsigned long pin_len;
    enum false_curve curve;
    unsigned privates, publics;      /* label "issue", ids 01, 02; key 2 is another one */
    bool swapped;                    /* key 2 stands where key 1 stood */
    bool same_id, no_id, public_other_label, point_on_private, pin_each_time;
    enum false_point point;
    enum false_sign sign;
    unsigned long init_rv, sign_init_rv, login_rv; /* 0: as it should */
    unsigned long lose_rv;           /* the next `lose` signatures end with it, and all sessions with them */
    unsigned lose;
    bool lose_in_init;               /* at C_SignInit instead of C_Sign */
    /* counted by the module */
    unsigned started, ended, sessions, logins, wrong_pins, signatures;
    bool two_at_once;                /* calls with one session overlapped */
};
#endif
