#include "tools/finding_words.h"

#include "crypto/errno_text.h"
#include "tools/language.h"

/* An asterisk is any text; in the Chinese one they are filled in the same order. The first row that fits counts, one without asterisks first. */
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
    {"it was made by another ledger than the one you trust: check which genesis document goes with --trust", "它出自另一账本，而非所信任的账本：请检查 --trust 所用的创世文件"},
    {"* is no genesis document, or a damaged one (*): --trust takes the genesis.cbor of the ledger", "* 不是创世文件或已损坏（*）：--trust 应为账本的 genesis.cbor"},
    {"the proof is dated * s ahead of this machine's clock, so its age cannot be told: set the clock", "证明的时间比本机时钟超前 * 秒，无法判断时效：请校准时钟"},
    {"valid when it was made, but the proof is * s old and more than * s are not accepted: fetch a new one with `licet proof`, or ask a node",
     "出具时有效，但证明已有 * 秒，超过可接受的 * 秒：请用 `licet proof` 重新取得，或查询节点"},
    {"the node said *, and its proof does not hold what that takes: ask another node, or its operator", "节点称其*，但证明中没有相应内容：请查询另一节点或联系其运维人员"},
    {"the node said *, and its own proof says otherwise: do not believe it, and tell its operator", "节点称其*，但其证明与此不符：不可采信，请告知其运维人员"},
    {"the node said * and gave no proof of it: ask another node, or its operator (a clock that stands wrong makes it give none)",
     "节点称其*，但未给出证明：请查询另一节点或联系其运维人员（时钟不准时节点不给出证明）"},
    {"the node's proof is not to be trusted: *", "节点的证明不可信：*"},
    {"the node's answer is not whole (*): is that address a licet node, and of this version?", "节点的应答不完整（*）：该地址是否为本版本的 licet 节点？"},
    {"*, so that only the node could tell, and it is another machine: ask with the document, or a node of this machine", "*，只有节点能够回答，而它是另一台机器：请用文件核验，或查询本机的节点"},
    {"--pin *: is no block header, so it would hold nothing back: name the file with the header that you keep", "--pin *：不是区块头，不起作用：请给出所保存区块头的文件"},
    {"--pin *: is a header of another ledger than the one of --trust", "--pin *：是另一账本的区块头，不属于 --trust 所指的账本"},
    {"its type is not in the genesis document", "创世文件中没有该证照类型"}, {"the look-up secret of its type is not here", "此处没有该类型的查询密钥"},
    {"the look-up secret of its type cannot be read", "该类型的查询密钥无法读取"}, {"it proves nothing of what was asked", "其内容与所查询的无关"},
    {"its records contradict each other", "其中的记录相互矛盾"}, {"it cannot be read", "无法读取"}, {"it does not check", "核验不通过"}, {"out of memory", "内存不足"},
    {"it cannot be read*", "无法读取*"}, {"it does not check*", "核验不通过*"}, {"an element that it discloses is not the licence's*", "其披露的字段不属于该证照*"},
    {"valid", "有效"}, {"not_active", "未生效"}, {"suspended", "暂扣"}, {"lapsed", "已过有效期"}, {"cancelled", "已注销"}, {"annulled", "已撤销"}, {"revoked", "已吊销"},
    {"superseded", "已被新版本取代"}, {"transferred", "已转出"}, {"unknown", "查无记录"}, {"mismatch", "不一致"}, {"incomplete", "信息不全"},
#define X(name, number, http, en, zh) {en, zh}, {en ": *", zh "：*"}, {": " en, "：" zh},
    {": *: *", "：*：*"},
    CODE_LIST(X) /* alone, before a field's name, and behind a colon */
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

/* The Chinese of a fault, of a key file's or of the system's; NULL: it is none. */
static const char *text_of_machine(const char *english) {
    for (enum err err = ERR_OK; err <= ERR_PLACE; err = (enum err)(err + 1))
        if (strcmp(err_text(err), english) == 0) return cli_err_zh(err);
    for (enum keyfile_result result = KEYFILE_OK; result <= KEYFILE_IO; result = (enum keyfile_result)(result + 1))
        if (strcmp(keyfile_result_text(result), english) == 0) return cli_keyfile_zh(result);
    for (int number = 1; number <= ERRNO_LAST; number++)
        if (strcmp(errno_en(number), english) == 0) return errno_zh(number);
    return NULL;
}

static void say(char out[FINDING_SHOWN], const char *english, unsigned depth) {
    struct bytes captured[CAPTURES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) { /* a whole sentence comes before a pattern that fits it too */
        if (strcmp(rows[i].en, english) != 0) continue;
        (void)snprintf(out, FINDING_SHOWN, "%s", rows[i].zh);
        return;
    }
    for (size_t i = 0; depth < 3 && i < sizeof rows / sizeof *rows; i++)
        if (fits(rows[i].en, english, captured)) {
            fill(out, rows[i].zh, captured, depth);
            return;
        }
    const char *zh = text_of_machine(english);
    (void)snprintf(out, FINDING_SHOWN, "%s", zh ? zh : english);
}

const char *finding_text(char out[FINDING_SHOWN], const char *english) {
    const bool chinese = cli_chinese();
    say(out, english, 0);
    cli_said(chinese ? out : english, chinese ? english : out, false);
    return chinese ? out : english;
}
