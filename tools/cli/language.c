#include "tools/cli/language.h"

#include <inttypes.h>

#include "crypto/errno_text.h"
#include "ledger/base/chinese.h"
#include "ledger/wire/object.h"
#include "ledger/wire/operation.h"
#include "tools/document/beijing.h"

static enum { LANGUAGE_ASK, LANGUAGE_EN, LANGUAGE_ZH } language;

const char *cli_say(const char *en, const char *zh) {
    const bool chinese = cli_chinese();
    const char *said = chinese ? zh : en;
    cli_said(said, chinese ? en : zh, true);
    return said;
}

bool cli_set_language(const char *name) {
    bool zh = strcmp(name, "zh") == 0;
    if (!zh && strcmp(name, "en") != 0) return false;
    language = zh ? LANGUAGE_ZH : LANGUAGE_EN;
    return true;
}

/* Asked from several threads at once: whoever asks first has decided before the threads begin, in cli_general. */
bool cli_chinese(void) {
    if (language != LANGUAGE_ASK) return language == LANGUAGE_ZH;
    const char *const values[3] = {getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")};
    language = chinese_is_read(values) ? LANGUAGE_ZH : LANGUAGE_EN;
    return language == LANGUAGE_ZH;
}

const char *cli_code_text(enum code code) { return SAY(code_en(code), code_zh(code)); }
const char *cli_reason_text(enum step_reason reason) { return SAY(reason_en(reason), reason_zh(reason)); }
const char *cli_step_text(enum step_id id) { return SAY(step_name(id), step_zh(id)); }

const char *cli_err_zh(enum err err) {
    switch (err) {
    case ERR_OK: return "无故障";
    case ERR_ABSENT: return "不存在";
    case ERR_IO: return "读取、写入或同步失败";
    case ERR_NO_ROOM: return "磁盘或数据文件空间不足";
    case ERR_CORRUPT: return "存储的内容与其杂凑值或格式不符";
    case ERR_MEMORY: return "内存不足";
    case ERR_ROLLBACK: return "数据比上次签名时的旧";
    case ERR_LATCHED: return "发生故障后已停止写入";
    case ERR_LOCKED: return "已被另一进程打开";
    case ERR_CONFIG: return "配置缺失或有误";
    case ERR_VERSION: return "由本程序的另一版本存储，格式无法读取；请使用写入它的版本";
    case ERR_DENIED: return "没有权限；请以目录所有者的身份运行，或授予读写权限";
    case ERR_PLACE: return "应为普通文件处是链接、管道、他人的文件或有多个名称的文件；未读写任何内容，请移走它并放回文件本身";
    }
    return "未知故障";
}

const char *cli_err_text(enum err err) { return SAY(err_text(err), cli_err_zh(err)); }

const char *cli_keyfile_zh(enum keyfile_result result) {
    switch (result) {
    case KEYFILE_OK: return "正常";
    case KEYFILE_ABSENT: return "没有此密钥文件";
    case KEYFILE_MODE: return "密钥文件应为本人（或 root）所有、他人不可读的普通文件：请用 chmod 600、chown 更正";
    case KEYFILE_PASSPHRASE: return "密钥已加密，口令文件缺失或口令有误：请将口令写在 KEY.pass 的首行，权限 600";
    case KEYFILE_FORMAT: return "不是 secp256k1、P-256、Ed25519 或 SM2 的 PKCS#8 PEM 密钥，或已损坏：请从备份恢复";
    case KEYFILE_EXISTS: return "文件已存在，不会覆盖：请另取名称或将其移走";
    case KEYFILE_IO: return "密钥文件无法读写：请检查磁盘、目录及其权限";
    }
    return "未知";
}

const char *cli_keyfile_text(enum keyfile_result result) { return SAY(keyfile_result_text(result), cli_keyfile_zh(result)); }

/* Texts by a key; what has no row stays as it is. */
struct row { const char *key, *zh; };

static const char *language_find(const struct row *rows, size_t count, const char *key) {
    for (size_t i = 0; i < count && key; i++)
        if (strcmp(rows[i].key, key) == 0) return SAY(rows[i].key, rows[i].zh);
    return key;
}
#define FIND(rows, key) language_find(rows, sizeof(rows) / sizeof *(rows), key)

const char *cli_errno_text(int number) { return SAY(errno_en(number), errno_zh(number)); }

const char *cli_operation_text(const char *name) {
    const struct operation *operation = name ? operation_named(name) : NULL;
    return operation ? SAY(operation->name, operation->zh) : name;
}

static const struct row states[] = {
    {"valid", "有效"}, {"active", "有效"}, {"not_active", "未生效"}, {"suspended", "暂扣"}, {"lapsed", "已过有效期"}, {"cancelled", "已注销"},
    {"annulled", "已撤销"}, {"revoked", "已吊销"}, {"superseded", "已被新版本取代"}, {"transferred", "已转出"}, {"unknown", "查无记录"},
    {"mismatch", "不一致"}, {"incomplete", "信息不全"}, {"stopped", "停用"}, {"not_registered", "未备案"}};

const char *cli_state_text(const char *name) { return FIND(states, name); }

const char *cli_state_zh(const char *name) {
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].key, name) == 0) return states[i].zh;
    return name;
}

const char *cli_role_text(const char *name) {
    static const struct row rows[] = {{"govern", "治理"}, {"issue", "颁发"}, {"seal", "印章制发"}, {"verify", "核验"}, {"audit", "审计"}, {"operate", "运维"}};
    return FIND(rows, name);
}

const char *cli_engine_text(const char *name) {
    const struct engine_words *engine = name ? engine_words_named(bytes_text(name)) : NULL;
    return engine ? SAY(engine->name, engine->zh) : name;
}

const char *cli_progress_text(const char *what) {
    static const struct row rows[] = {{"log", "检查日志"}, {"state", "检查状态"}, {"replay", "重放"}, {"export", "导出"}, {"import", "导入"}, {"read", "读取文件"}, {"slots", "读取证照"}};
    return FIND(rows, what);
}

const char *cli_count(uint64_t count, const char *one, const char *many, const char *zh) {
    static _Thread_local char texts[8][64];
    static _Thread_local unsigned turn;
    char *text = texts[turn++ % 8];
    char en[64], other[64];
    if (count == 0) (void)snprintf(en, sizeof en, "no %s", many);
    else (void)snprintf(en, sizeof en, "%" PRIu64 " %s", count, count == 1 ? one : many);
    (void)snprintf(other, sizeof other, "%" PRIu64 " %s", count, zh);
    (void)snprintf(text, 64, "%s", cli_chinese() ? other : en);
    cli_said(text, cli_chinese() ? en : other, false);
    return text;
}
