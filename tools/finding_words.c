#include "tools/finding_words.h"

#include "tools/language.h"

/* An asterisk is any text; in the Chinese one they are filled in the same order. The first row that fits counts. */
static const struct { const char *en, *zh; } rows[] = {
    {"block * cannot be read: *", "区块 * 无法读取：*"},
    {"block * does not follow block *", "区块 * 不是接在区块 * 之后"},
    {"block * does not follow the one before it", "区块 * 与前一区块不衔接"},
    {"a statement of block * cannot be read: *", "区块 * 中有一项声明无法读取：*"},
    {"the seal of block * does not verify", "区块 * 的签名不通过"},
    {"the receipt signature of block * does not verify", "区块 * 的回执签名不通过"},
    {"block * has no seal: no node made it", "区块 * 没有签名：不是由节点生成"},
    {"block * begins another term without a recovery record", "区块 * 开始新的任期而没有恢复记录"},
    {"block * statement * should have been refused: *", "区块 * 的第 * 项声明本应被拒绝：*"},
    {"block * statement *: *", "区块 * 的第 * 项声明：*"},
    {"block *: the * differs from what its statements lead to", "区块 *：*与其各项声明得出的不符"},
    {"block *: its entries do not lead to its log root", "区块 *：其条目不能得出日志根"},
    {"block * is not the one that was signed", "区块 * 不是已签名的那一块"},
    {"block * does not decode", "区块 * 无法解码"},
    {"the newest block does not decode", "最新区块无法解码"},
    {"the counts, time or term of block * do not follow those of the one before it", "区块 * 的计数、时间或任期与前一区块不衔接"},
    {"the genesis document is refused: *", "创世文件被拒绝：*"},
    {"the stored genesis document is damaged: it does not decode", "所存的创世文件已损坏，无法解码"},
    {"this is another ledger: its genesis document is not the trusted one", "这是另一账本：其创世文件不是所信任的"},
    {"entry * (block *) does not have the hash the log has for it", "条目 *（区块 *）与日志中的杂凑值不符"},
    {"tile * does not lead to the tile above it", "日志块 * 与其上一级不符"},
    {"* has an impossible history count", "* 的历史计数不可能"},
    {"the history of * does not lead to its head", "* 的历史不能得出其末项"},
    {"the licences of seal * are not those that it counts", "印章 * 的证照与其计数不符"},
    {"* licences name a seal, and seals count *", "注明印章的证照 * 份，印章计数为 * 份"},
    {"of the objects up to * two have one key", "在编号 * 以前的对象中，有两个键相同"},
    {"the stored objects do not lead to the state root of block *", "所存对象不能得出区块 * 的状态根"},
    {"licence * cannot be opened: *", "证照 * 无法打开：*"},
    {"what is kept are not the salts and fields that the ledger has", "所存的盐值和字段与账本不符"},
    {"* is missing", "缺少 *"},
    {"* cannot be read: the row it is in is damaged", "* 无法读取：所在的行已损坏"},
    {"* does not decode", "* 无法解码"},
    {"previous header hash", "前一区块头杂凑值"}, {"log root", "日志根"}, {"state root", "状态根"},
    {"the log's hash of entry *", "条目 * 在日志中的杂凑值"}, {"the hash above tile *", "日志块 * 上一级的杂凑值"},
    {"licence *", "证照 *"}, {"seal *", "印章 *"}, {"object *", "对象 *"}, {"entry *", "条目 *"}, {"block *", "区块 *"}, {"level *", "第 * 级"},
#define X(name, number, http, en, zh) {en, zh}, {en ": *", zh "：*"},
    CODE_LIST(X)
#undef X
};

#define CAPTURES 3u

/* Where each asterisk of the pattern begins and ends in the text. */
static bool fits(const char *pattern, const char *text, struct bytes captured[CAPTURES]) {
    size_t count = 0;
    while (*pattern) {
        if (*pattern != '*') {
            if (*pattern++ != *text++) return false;
            continue;
        }
        const char *next = ++pattern;
        size_t len = strcspn(next, "*");
        const char *end = len == 0 ? text + strlen(text) : text;
        while (len > 0 && *end && (strncmp(end, next, len) != 0 || (next[len] == '\0' && end[len] != '\0'))) end++;
        if (count == CAPTURES || end == text || (len > 0 && *end == '\0')) return false;
        captured[count++] = bytes_of((const uint8_t *)text, (size_t)(end - text));
        text = end;
    }
    return *text == '\0';
}

static void say(char out[FINDING_SHOWN], const char *english, unsigned depth);

/* The Chinese of one row, its asterisks filled with what was captured, itself said in Chinese where a row fits. */
static void fill(char out[FINDING_SHOWN], const char *zh, const struct bytes captured[CAPTURES], unsigned depth) {
    size_t used = 0, count = 0;
    for (; *zh && used < FINDING_SHOWN - 1; zh++) {
        if (*zh != '*') {
            out[used++] = *zh;
            continue;
        }
        char part[FINDING_SHOWN], shown[FINDING_SHOWN];
        (void)snprintf(part, sizeof part, "%.*s", (int)captured[count].len, (const char *)captured[count].data);
        count++;
        say(shown, part, depth + 1);
        const size_t len = strlen(shown), room = FINDING_SHOWN - 1 - used;
        memcpy(out + used, shown, len < room ? len : room);
        used += len < room ? len : room;
    }
    out[used] = '\0';
}

static void say(char out[FINDING_SHOWN], const char *english, unsigned depth) {
    struct bytes captured[CAPTURES];
    for (size_t i = 0; depth < 3 && i < sizeof rows / sizeof *rows; i++)
        if (fits(rows[i].en, english, captured)) {
            fill(out, rows[i].zh, captured, depth);
            return;
        }
    for (enum err err = ERR_OK; err <= ERR_PLACE; err = (enum err)(err + 1))
        if (strcmp(err_text(err), english) == 0) english = cli_err_text(err);
    (void)snprintf(out, FINDING_SHOWN, "%s", english);
}

const char *finding_text(char out[FINDING_SHOWN], const char *english) {
    if (!cli_chinese()) return english;
    say(out, english, 0);
    return out;
}
