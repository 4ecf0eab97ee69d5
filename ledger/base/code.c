#include "ledger/base/code.h"

const char *code_name(enum code code) {
    switch (code) {
#define X(name, number, http, en, zh) case CODE_##name: return #name;
        CODE_LIST(X)
#undef X
    }
    return "UNKNOWN_CODE";
}

const char *code_en(enum code code) {
    switch (code) {
#define X(name, number, http, en, zh) case CODE_##name: return en;
        CODE_LIST(X)
#undef X
    }
    return "unknown code";
}

const char *code_zh(enum code code) {
    switch (code) {
#define X(name, number, http, en, zh) case CODE_##name: return zh;
        CODE_LIST(X)
#undef X
    }
    return "未知代码";
}

int code_http(enum code code) {
    switch (code) {
#define X(name, number, http, en, zh) case CODE_##name: return http;
        CODE_LIST(X)
#undef X
    }
    return 500;
}

const char *err_name(enum err err) {
    switch (err) {
#define X(name, exit, en) case ERR_##name: return #name;
        ERR_LIST(X)
#undef X
    }
    return "UNKNOWN_FAULT";
}

const char *err_text(enum err err) {
    switch (err) {
#define X(name, exit, en) case ERR_##name: return en;
        ERR_LIST(X)
#undef X
    }
    return "unknown fault";
}

int err_exit(enum err err) {
    switch (err) {
#define X(name, exit, en) case ERR_##name: return exit;
        ERR_LIST(X)
#undef X
    }
    return 1;
}
