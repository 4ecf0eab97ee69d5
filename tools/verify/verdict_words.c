#include "tools/verify/verdict_words.h"

/* What a verdict's JSON says in English words, in Chinese: its notes are texts and no numbers. */
#include "ledger/rules/verdict.h"
#include "tools/cli/language.h"

static const struct { const char *en, *zh; } notes[] = {
    {"a key that acted on this licence was declared compromised; the issuer has to confirm it", "办理过该证照的密钥已被宣布泄露，须由颁发机构确认"},
    {"the seal had become suspect before this licence was entered; see the seal's steps", "该证照登记前印章已存疑，见印章各步"},
    {"these bytes are what a signature in a registered document signed, and not the document: ask for the whole file",
     "所给内容是登记文件中签章的被签数据，而非文件本身：请出示完整文件"},
    {"the licence was registered under a seal, and this document bears none", "该证照登记时有印章，而此文件没有签章"},
    {"a component of this licence is not valid", "该证照的组成部分无效"},
    {"a signature or seal was used outside of its time: see its steps", "签章或印章在有效期之外使用，见各步"},
    {"the document was changed, or a signature or seal in it does not hold: see its steps", "文件已被改动，或其中的签章、印章未通过，见各步"},
    {"the document cannot be read as what it says it is, and no ledger knows it: it was damaged or changed", "文件不能按其格式读取，账本也没有登记：已损坏或被改动"},
    {"who stamped this copy cannot be told: name the trust anchors with --trust-dir, or ask for the registered file",
     "无法得知此加注件由谁加注：请用 --trust-dir 指明信任锚，或请出示登记文件"},
    {"the proof does not say of every signature in this copy whether it is a registered one: ask for the licence's own proof with `licet proof ID`, or name the trust anchors with --trust-dir",
     "证明未说明此加注件中的每个签章是否已登记：请用 `licet proof 证照标识` 取得证照本身的证明，或用 --trust-dir 指明信任锚"},
    {"the file is none of the documents that the proof is about: it was changed, or is another one", "该文件不在证明所涵盖的文件之中：已被改动，或是另一文件"},
    {"the proof says nothing about this file: ask for one with `licet proof ID --doc FILE`", "证明未涵盖该文件：请用 `licet proof 证照标识 --doc 文件` 取得"},
    {"the proof is of another identifier", "证明属于另一证照标识"},
    {"the proof does not disclose its identifier: ask for one by the issuer", "证明未披露证照标识：请由颁发机构出具"},
    {"this node does not hold the look-up secret of the licence type; ask a node that does", "本节点没有该证照类型的查询密钥；请查询持有它的节点"},
    {"components: there are too many", "组成部分过多"}, {"the versions in between: there are too many", "其间的版本过多"},
    {"document record", "缺少文件记录"}, {"issuer", "缺少颁发机构"}, {"key that acted on the licence", "缺少办理该证照的密钥"},
    {"key that acted on the seal", "缺少办理该印章的密钥"}, {"licence type", "缺少证照类型"}, {"number record", "缺少证照编号记录"},
    {"owner of the seal", "缺少印章所有者"}, {"seal", "缺少印章"}, {"type", "缺少证照类型"},
    {"components", "缺少组成部分"}, {"fields", "缺少字段"}, {"licence", "缺少证照"}, {"number", "缺少证照编号"}, {"holder_code", "缺少持证主体代码"}, {"holder_name", "缺少持证主体"},
};

static const char *const seal_steps[SEAL_STEP_COUNT] = {
    [SEAL_STEP_REGISTERED] = "印章已备案", [SEAL_STEP_DIGEST] = "印章数据与备案一致", [SEAL_STEP_CERTIFICATE] = "签章者证书已备案",
    [SEAL_STEP_OWNER] = "印章属于颁发机构", [SEAL_STEP_NAMED] = "证照以该印章登记", [SEAL_STEP_STATE] = "印章状态",
};

static const char *why_zh(enum seal_why why) {
    switch (why) {
    case SEAL_WHY_NONE: return "";
    case SEAL_WHY_UNKNOWN: return "本账本没有此印章";
    case SEAL_WHY_NO_RECORD: return "证明中没有该印章的记录";
    case SEAL_WHY_DIGEST_DIFFERS: return "印章数据与该标识的备案均不符";
    case SEAL_WHY_NOT_LISTED: return "签章者证书不在该印章备案的证书之列";
    case SEAL_WHY_OTHER_OWNER: return "印章不属于颁发机构";
    case SEAL_WHY_OTHER_SEAL: return "证照以另一印章或该印章的另一次制作登记";
    case SEAL_WHY_SUSPECT: return "证照登记时印章已存疑";
    case SEAL_WHY_KEY_COMPROMISED: return "办理过该印章的密钥已被宣布泄露";
    case SEAL_WHY_STOPPED: return "印章已停用";
    case SEAL_WHY_CANCELLED: return "印章已注销";
    case SEAL_WHY_MADE_AGAIN: return "印章此后已重新制作；没有证照则无法得知先后";
    case SEAL_WHY_NOT_SHOWN: return "文件中的印章未出示";
    case SEAL_WHY_NOT_NAMED: return "证照登记时没有印章";
    case SEAL_WHY_NO_LICENCE: return "没有可比对的证照";
    case SEAL_WHY_EARLIER: return "前一步未通过";
    }
    return "";
}

/* The Chinese of a note that this program knows; NULL: none. */
static const char *note_zh(const char *note) {
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (strcmp(notes[i].en, note) == 0) return notes[i].zh;
    for (int why = SEAL_WHY_UNKNOWN; why <= SEAL_WHY_EARLIER; why++)
        if (strcmp(seal_why_en((enum seal_why)why), note) == 0) return why_zh((enum seal_why)why);
    return NULL;
}

const char *verdict_note_text(char out[FINDING_SHOWN], const char *note) {
    const char *zh = note ? note_zh(note) : NULL;
    if (!note) return NULL;
    if (!zh) {
        const char *text = finding_text(out, note);
        return !cli_chinese() || text[0] & 0x80 ? text : SAY("more is said in --json", "另有说明，见 --json"); /* of a newer node */
    }
    if (cli_chinese()) return cli_said(zh, note, false), zh;
    cli_said(note, zh, false);
    return note;
}

const char *verdict_seal_step_text(const char *step) {
    for (int i = 0; i < SEAL_STEP_COUNT; i++)
        if (strcmp(seal_step_text((enum seal_step)i), step) == 0) return SAY(seal_step_text((enum seal_step)i), seal_steps[i]);
    return step;
}

const char *verdict_seal_why_text(const char *why) {
    for (int i = SEAL_WHY_UNKNOWN; i <= SEAL_WHY_EARLIER; i++)
        if (strcmp(seal_why_text((enum seal_why)i), why) == 0) return SAY(seal_why_text((enum seal_why)i), why_zh((enum seal_why)i));
    return why;
}
