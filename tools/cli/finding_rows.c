#include "tools/cli/finding_rows.h"

#include "ledger/base/code.h"

const struct finding_row finding_rows[] = {
    /* of the genesis document's readable form: "types[0].name: is missing" */
    {"line *, column *: *", "第 * 行第 * 列：不是有效的 JSON（*）"},
    {"*: is missing", "*：缺失"}, {"*: is empty", "*：为空"}, {"*: must be an object", "*：应为对象"}, {"*: must be a list", "*：应为列表"}, {"*: must be text", "*：应为文本"},
    {"*: must be true or false", "*：应为 true 或 false"}, {"*: is not a member that is known here", "*：不是已知的成员"}, {"*: may have at most * items", "*：至多 * 项"},
    {"*: may have at most * bytes", "*：至多 * 字节"}, {"*: holds control or direction characters", "*：含控制符或方向符"}, {"*: is not in Unicode normal form C", "*：不是 Unicode 规范形式 C"},
    {"*: begins or ends with a space", "*：首尾有空格"}, {"*: must be a whole number from * to *", "*：应为 * 至 * 的整数"}, {"*: must be a code of digits from * to *", "*：应为 * 至 * 的数字代码"},
    {"*: is not a unified social credit code (18 of 0-9 and A-Z without I, O, S, V, Z)", "*：不是统一社会信用代码（18 位，0-9 和 A-Z，不含 I、O、S、V、Z）"},
    {"*: fails its check character", "*：校验位不符"}, {"*: must be 64 hexadecimal digits", "*：应为 64 位十六进制数字"}, {"*: must be ES256K, ES256, EdDSA or SM2", "*：应为 ES256K、ES256、EdDSA 或 SM2"},
    {"*: is not a point of the * curve", "*：不是 * 曲线上的点"}, {"*: must be a UTC time such as 2026-01-01T00:00:00Z", "*：应为 UTC 时间，例如 2026-01-01T00:00:00Z"},
    {"*: is larger than a record may be", "*：超过一条记录的上限"}, {"*: is larger than 65,535 bytes, the most that a log entry may have: begin with fewer types or members", "*：超过 65,535 字节（一个日志条目的上限）：请减少证照类型或成员"},
    {"*: must be of ES256K, ES256, EdDSA, SM2", "*：只能取 ES256K、ES256、EdDSA、SM2"}, {"*: must be solo or cometbft", "*：应为 solo 或 cometbft"}, {"*: there may be * nodes", "*：至多 * 个节点"},
    {"*: none of them has a node", "*：没有一个成员有节点"}, {"*: takes another number of nodes", "*：节点数与共识方式不符（solo 只能有一个节点）"}, {"*: must be of govern, issue, seal, verify, audit, operate", "*：只能取 govern、issue、seal、verify、audit、operate"},
    {"*: must be govern, issue, seal, verify, audit or operate", "*：应为 govern、issue、seal、verify、audit 或 operate"}, {"*: the member has the role *, but no key for it", "*：该成员有角色 *，但没有相应的密钥"},
    {"*: all are more than the * one member may issue", "*：全部类型超过一个成员可颁发的 * 种"}, {"*: * is not one of the document's types", "*：* 不在本文件的证照类型中"}, {"*: one is there twice", "*：有重复项"},
    {"*: may be * with *", "*：至多 * 个，含 *"}, {"*: * is there twice", "*：* 重复"}, {"*: * is not a member", "*：* 不是成员"}, {"*: nobody has the role govern", "*：没有成员具有 govern 角色"},
    {"*: must be credit codes", "*：应为统一社会信用代码"}, {"*: has * objects, at most * are allowed", "*：有 * 个对象，至多 * 个"}, {"*: must be *", "*：应为 *"},
    /* of a folder of trusted certificates, of a signer, of a sealed file that is made */
    {"*: more than * files with certificates or lists", "*：证书和撤销列表文件多于 * 个"}, {"*: the name is too long", "*：名称过长"}, {"*: out of memory", "*：内存不足"},
    {"the crypto library could not sign: check the key and this machine's memory", "密码库无法签名：请检查密钥和本机内存"},
    {"the signature * that the document names cannot be read", "文件所指的签章 * 无法读取"},
    {"the signature * covers the list of signatures: it would no longer verify with another beside it", "签章 * 保护了签章列表：再加一个签章会使其不通过"},
    {"its list of signatures, *, cannot be read", "其签章列表 * 无法读取"}, {"the path of its list of signatures is too long", "其签章列表的路径过长"}, {"it has too many signatures", "签章过多"},
    {"the signer's key did not sign, or does not go with its certificate, or the seal is too large", "签章者密钥未能签名，或与其证书不符，或印章过大"}, {"the seal cannot be read: *", "印章无法读取：*"},
    {"the signer's certificate is not among those that the seal names: it needs a seal made for it", "签章者证书不在印章所列之中：须使用为其制作的印章"},
    /* of fsck, replay and proofs */
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
    {"a stored version of policy and finality does not decode, or does not follow the one before it", "库中某一版规则与定局条件无法解码，或与前一版不衔接"},
    {"the newest stored version of policy and finality is not what the state holds", "库中最新一版规则与定局条件与账本状态不符"},
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
    {"* *: is no genesis document, or a damaged one (*): name the genesis.cbor of the ledger", "* *：不是创世文件或已损坏（*）：应为账本的 genesis.cbor"},
    {"the proof is dated * s ahead of this machine's clock, so its age cannot be told: set the clock", "证明的时间比本机时钟超前 * 秒，无法判断时效：请校准时钟"},
    {"valid when it was made, but the proof is * s old and more than * s are not accepted: fetch a new one with `licet proof`, or ask a node",
     "出具时有效，但证明已有 * 秒，超过可接受的 * 秒：请用 `licet proof` 重新取得，或查询节点"},
    {"the node said *, and its proof does not hold what that takes: ask another node, or its operator", "节点称其*，但证明中没有相应内容：请查询另一节点或联系其运维人员"},
    {"the node said *, and its own proof says otherwise: do not believe it, and tell its operator", "节点称其*，但其证明与此不符：不可采信，请告知其运维人员"},
    {"the node said * and gave no proof of it: ask another node, or its operator (a clock that stands wrong makes it give none)",
     "节点称其*，但未给出证明：请查询另一节点或联系其运维人员（时钟不准时节点不给出证明）"},
    {"the node's proof is not to be trusted: *", "节点的证明不可信：*"},
    {"the node's answer is not whole (*): is that address a licet node, and of this version?", "节点的应答不完整（*）：该地址是否为本版本的 licet 节点？"},
    {"*, so that only the node could tell, and that proves nothing: ask with the document alone, or by the licence's key", "*，只有节点能够回答，而这不能证明任何内容：请只用文件核验，或用证照键查询"},
    {"a part of the question is not in its form", "所问的一项内容不符合其格式"}, {"it is about another licence than the answer", "它所证明的证照与应答所说的不是同一份"},
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
const size_t finding_row_count = sizeof finding_rows / sizeof *finding_rows;

const char *token_result_zh(enum token_result result) {
    switch (result) {
    case TOKEN_OK: return "正常";
    case TOKEN_URI: return "不是 RFC 7512 规定的 pkcs11: 密钥地址：pkcs11:token=名称;object=名称?module-path=/文件.so&pin-source=/文件；每项一次，路径为绝对路径，其他字符写作 %XX";
    case TOKEN_URI_PIN: return "地址中不得含 PIN，本机所有人都能看到：请更换该 PIN，将新 PIN 写入权限 0600 的文件，并用 pin-source=/文件 指明";
    case TOKEN_URI_VAGUE: return "地址须指明密码设备（token= 或 serial=）和其中的密钥（object= 或 id=）";
    case TOKEN_MODULE_UNNAMED: return "没有指明 PKCS#11 模块：请加上 ?module-path=/文件.so，即设备厂商提供的库";
    case TOKEN_MODULE: return "PKCS#11 模块无法加载：请检查 module-path；应为设备厂商提供的、适用于本机处理器的库（.so）";
    case TOKEN_MODULE_START: return "PKCS#11 模块已加载但无法启动：请检查其自身配置（SoftHSM 为 SOFTHSM2_CONF）";
    case TOKEN_ABSENT: return "没有此密码设备：请插入设备，或更正 token= 和 serial=；可用厂商工具查看设备";
    case TOKEN_SEVERAL: return "有多个密码设备符合：请用 serial= 指明";
    case TOKEN_PIN_UNNAMED: return "密码设备需要 PIN：请写在权限 0600 的文件首行，并加上 pin-source=/文件";
    case TOKEN_PIN_FILE: return "PIN 文件无法使用：应为本人（或 root）所有、权限 0600 的普通文件，PIN 写在首行";
    case TOKEN_PIN_WRONG: return "密码设备不接受该 PIN，不再重试，以免设备被锁：请先更正 PIN 文件，再重新启动";
    case TOKEN_PIN_LAST: return "再错一次 PIN 设备将被锁，因此未发送：请先用厂商工具手工登录一次，再重新启动";
    case TOKEN_PIN_LOCKED: return "密码设备的 PIN 已锁定、过期或从未设置：请用厂商工具解锁或设置";
    case TOKEN_KEY_ABSENT: return "密码设备中没有此私钥：请更正 object= 和 id=；可用厂商工具查看密钥";
    case TOKEN_KEY_SEVERAL: return "密码设备中有多个私钥符合：请用 id= 指明，或同时用 object= 和 id=";
    case TOKEN_KEY_KIND: return "该密钥既非 P-256 也非 secp256k1，不能由密码设备签名：请另行生成，或使用密钥文件";
    case TOKEN_KEY_SM2: return "该密钥为 SM2，PKCS#11 没有通用机制：请使用 P-256 或 secp256k1 密钥，SM2 请用密钥文件";
    case TOKEN_KEY_PUBLIC: return "密码设备中没有该密钥的公钥，或有两个，或已损坏：请以相同的 id（CKA_ID）存放在私钥旁";
    case TOKEN_KEY_CHANGED: return "密码设备中该名称下的密钥已不是原来的：请换回原设备，或重新启动以使用新密钥";
    case TOKEN_KEY_USE: return "该密钥不能用于 ECDSA 签名（CKA_SIGN、CKM_ECDSA）：请另行生成或指明";
    case TOKEN_GONE: return "密码设备不再应答：请重新插入，检查驱动后重试";
    case TOKEN_WRONG: return "密码设备给出的签名不能用其公钥验证，未发送任何内容：请停用该设备并送检";
    case TOKEN_FAULT: return "密码设备或其模块发生故障：请检查驱动和本机内存后重试";
    }
    return "未知";
}
