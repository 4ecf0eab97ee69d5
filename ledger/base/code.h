/* Code: the two kinds of "no" that are not our own mistake.
 *   enum code  what the LEDGER says: a refusal by the rules. Deterministic, numbered for ever, never reused, each with a sentence in
 *              Chinese and English, an HTTP status and a test. Numbers appear in answers and reports.
 *   enum err   what the MACHINE says: a fault. Never recorded as a refusal, never shown as one.
 * Our own mistakes are ASSERTs (crypto/bytes.h). Layer: ledger/base. */
#ifndef LICET_BASE_CODE_H
#define LICET_BASE_CODE_H
#include "crypto/bytes.h"

/* X(NAME, number, http status, English, Chinese). 1xx bytes, 2xx statement and signer, 3xx rules, 4xx requests, 5xx limits, 7xx stock rows */
#define CODE_LIST(X)                                                                                                                \
    X(OK, 0, 200, "accepted", "已接受")                                                                                             \
    /* 1xx: bytes that cannot be read */                                                                                            \
    X(CBOR_TRUNCATED, 100, 400, "the data ends in the middle of an item; send it whole", "数据不完整，请重新完整提交")              \
    X(CBOR_TRAILING, 101, 400, "there are bytes after the end of the item; remove them", "数据末尾有多余字节，请删除")              \
    X(CBOR_NOT_SHORTEST, 102, 400, "a number or length is not in its shortest form; encode deterministically (RFC 8949 4.2.1)",     \
      "数值或长度未采用最短编码，请使用确定性编码")                                                                                 \
    X(CBOR_INDEFINITE, 103, 400, "indefinite lengths are not allowed; encode deterministically", "不允许不定长编码，请使用确定性编码") \
    X(CBOR_KEY_ORDER, 104, 400, "map keys are out of order or repeated; sort them bytewise, each once", "映射键乱序或重复，请按字节排序且不重复") \
    X(CBOR_TYPE, 105, 400, "an item has another type than the format says", "字段类型与格式规定不符")                               \
    X(CBOR_RANGE, 106, 400, "a number, length or count is outside what the format allows", "数值、长度或数量超出格式允许的范围")    \
    X(CBOR_DEPTH, 107, 400, "items are nested too deeply", "嵌套层数过深")                                                          \
    X(CBOR_FLOAT, 108, 400, "floating-point and unlisted simple values are not allowed", "不允许浮点数或未列出的简单值")            \
    X(CBOR_TAG, 109, 400, "a tag is missing or not allowed here", "缺少标签或标签不允许出现在此处")                                 \
    X(TEXT_INVALID, 110, 400, "text is not valid UTF-8, or holds control or direction characters; clean it",                        \
      "文本不是有效的 UTF-8，或含控制符、方向符，请清理后提交")                                                                      \
    X(TEXT_NOT_NFC, 111, 400, "text is not in normal form C; normalise it first", "文本未采用 NFC 规范形式，请先规范化")            \
    X(VERSION_UNKNOWN, 112, 400, "this format version is newer than this program; upgrade it", "格式版本高于本程序，请升级程序")    \
    X(HEX_INVALID, 113, 400, "not hexadecimal of the expected length", "不是规定长度的十六进制")                                    \
    X(JSON_INVALID, 114, 400, "the body is not valid JSON of the documented shape", "请求体不是符合规定的 JSON")                    \
    X(STATEMENT_TOO_LARGE, 115, 413, "a statement may have at most 65,535 bytes; split the job", "单个声明最多 65535 字节，请拆分")  \
    X(HASH_MISMATCH, 116, 400, "stored or received bytes do not have the hash they must have", "数据与其应有的杂凑值不符")          \
    X(PROOF_MISMATCH, 117, 400, "a proof does not lead to the signed root", "证明不能导出已签名的根")                               \
    X(FIELD_MISSING, 118, 400, "a required field is missing or empty", "缺少必填字段或字段为空")                                    \
    X(ARCHIVE_CUT, 119, 400, "the archive ends before its end record; fetch it again", "归档在结束记录之前中断，请重新获取")        \
    /* 2xx: the statement around the record, and its signer */                                                                      \
    X(ALG_NOT_ALLOWED, 200, 400, "this signature algorithm is not allowed on this ledger", "本账本不允许该签名算法")                \
    X(ALG_KEY_MISMATCH, 201, 400, "the algorithm is not that of the registered key", "算法与登记的密钥不符")                        \
    X(UNPROTECTED_HEADER, 202, 400, "the unprotected header must be empty", "非保护头必须为空")                                     \
    X(PAYLOAD_MISSING, 203, 400, "the payload is missing or empty; attach the record", "缺少载荷，请附上记录")                      \
    X(TYP_WRONG, 204, 400, "typ or content type is not that of a record; a signature made for another purpose is not accepted",     \
      "typ 或内容类型不是登记记录；其他用途的签名不予接受")                                                                          \
    X(OTHER_LEDGER, 205, 400, "the statement names another ledger's genesis hash", "该声明属于另一账本（创世杂凑值不同）")            \
    X(KEY_UNKNOWN, 206, 403, "the signing key is not registered on this ledger", "签名密钥未在本账本登记")                          \
    X(KEY_NOT_ACTIVE, 207, 403, "the signing key is not active at this time", "签名密钥此时未生效或已失效")                         \
    X(KEY_USE, 208, 403, "the signing key is registered for another use", "签名密钥登记的用途与此操作不符")                         \
    X(KEY_COMPROMISED, 209, 403, "the signing key was declared compromised", "签名密钥已被声明泄露")                                \
    X(SIGNATURE_INVALID, 210, 403, "the signature does not verify under the registered key", "签名未通过登记密钥的验证")            \
    X(ISSUER_MISMATCH, 211, 403, "iss is not the member that owns the signing key", "iss 与签名密钥所属成员不符")                   \
    X(IAT_TOO_OLD, 212, 400, "the statement was signed too long ago; sign it again", "签名时间过早，请重新签署")                    \
    X(IAT_IN_FUTURE, 213, 400, "the statement is dated in the future; check the signer's clock", "签名时间在未来，请检查时钟")      \
    X(RESIGNED, 214, 409, "the same record was already entered under another signature", "同一记录已以另一签名登记")                \
    X(ALREADY_ENTERED, 215, 200, "these exact bytes were already entered; the first receipt is returned", "相同数据已登记，返回首次回执") \
    X(MEMBER_NOT_ACTIVE, 216, 403, "the member is suspended or removed", "该成员已停用或移除")                                      \
    X(ROLE_MISSING, 217, 403, "the member does not have the role for this operation", "该成员没有执行此操作的角色")                 \
    X(SUB_INVALID, 218, 400, "sub must be a licence key in hex or a job id", "sub 必须是证照键（十六进制）或批次号")                \
    /* 3xx: the rules */                                                                                                            \
    X(OP_UNKNOWN, 300, 400, "this operation is not known to this version", "本版本不支持该操作")                                    \
    X(TYPE_UNKNOWN, 301, 404, "the licence type is not registered on this ledger", "该证照类型未在本账本登记")                      \
    X(TYPE_NOT_ALLOWED, 302, 403, "this member may not issue this licence type", "该成员无权签发此类证照")                          \
    X(HOLDER_KIND, 303, 422, "the holder kind is not one the type allows", "持证主体代码类型不在该证照类型允许范围内")              \
    X(ELEMENT_MISSING, 304, 422, "a mandatory element of the type is not in the committed list", "缺少该证照类型的必备照面要素")    \
    X(ELEMENT_UNKNOWN, 305, 422, "an element is not one of the type's, or is repeated or out of order", "照面要素不属于该类型，或重复、乱序") \
    X(VALIDITY_ORDER, 306, 422, "the validity ends before it begins", "有效期截止日期早于起始日期")                                 \
    X(VALIDITY_RULE, 307, 422, "the validity is not what the type allows", "有效期不符合该证照类型的规定")                          \
    X(LICENCE_EXISTS, 308, 409, "this licence is already on the ledger", "该证照已在账本上")                                        \
    X(NUMBER_TAKEN, 309, 409, "this licence number is held by a licence that has not ended", "该证照编号已被未终止的证照占用")      \
    X(DOCUMENT_TAKEN, 310, 409, "this document is already registered for a licence", "该文件已登记于某证照")                        \
    X(LICENCE_UNKNOWN, 311, 404, "no such licence on this ledger", "账本上没有该证照")                                              \
    X(NOT_THE_ISSUER, 312, 403, "only the issuer or the supervising department may act on this licence", "只有签发部门或监管部门可对该证照操作") \
    X(COUNT_STALE, 313, 409, "it has changed since; read it again and name its present history count", "状态已变化，请重新读取当前历史计数") \
    X(STATE_FORBIDS, 314, 409, "its present state does not allow this operation", "当前状态不允许此操作")             \
    X(ALREADY_SO, 315, 409, "it is already so; nothing was changed", "已处于该状态，未作更改")              \
    X(REASON_MISSING, 316, 422, "a reason and a legal basis are required", "必须填写原因和法律依据")                                \
    X(ITEM_REPEATED, 317, 422, "the batch names the same licence, number, document or seal twice", "同一批次中证照、编号、文件或印章重复")      \
    X(SEAL_UNKNOWN, 318, 404, "the seal is not registered on this ledger", "该印章未在本账本登记")                                  \
    X(COMPONENT_UNKNOWN, 319, 422, "a component licence is not on this ledger", "组成证照不在本账本上")                             \
    X(IDENTIFIER_INVALID, 320, 422, "the licence identifier is not well formed", "证照标识格式不正确")                              \
    X(USCC_INVALID, 321, 422, "the unified social credit code fails its check (GB 32100): compare it with the licence", "统一社会信用代码校验不通过，请与执照核对")            \
    X(GENESIS_INVALID, 322, 400, "the genesis document is not consistent", "创世文件内容不一致")                                    \
    X(TIME_BACKWARD, 323, 409, "block time may not go back", "区块时间不得倒退")                                                    \
    X(CHAIN_BROKEN, 324, 409, "the block does not follow the one before it", "区块与前一区块不衔接")                                \
    X(SEAL_EXISTS, 325, 409, "this seal is already on the ledger", "该印章已在账本上登记")                                          \
    X(SEAL_STOPPED, 326, 409, "the seal is stopped or cancelled", "该印章已停用或注销")                                             \
    X(SEAL_NOT_OWNED, 327, 403, "the seal is not the issuer's", "该印章不属于签发部门")                                             \
    X(SEAL_DIGEST, 328, 422, "the digest is not that of the seal as it is made now", "印章摘要与现行印章不符")                      \
    X(SEAL_PERIOD, 329, 422, "the seal is not in its period of validity", "不在印章有效期内")                                       \
    X(NOT_THE_REGISTRAR, 330, 403, "only the member that registered this seal, or its owner, may act on it", "只有登记该印章的成员或其所有者可对其操作") \
    X(MEMBER_UNKNOWN, 331, 422, "no such member on this ledger", "账本上没有该成员")                                                \
    X(ENTRY_AHEAD, 332, 422, "the entry named is not there yet", "所指登记项尚不存在")                                              \
    X(MAKINGS_FULL, 333, 409, "this seal was made again, or acted on, as often as its record holds; register a new one", "该印章重制或变更次数已达上限，请登记新印章") \
    X(MAKING_KNOWN, 334, 409, "this very seal was registered before; a re-made one has another digest", "该印章数据此前已登记，重制后的摘要应不同") \
    X(SEAL_ID_INVALID, 335, 422, "a seal's number must be printable ASCII without spaces and slashes, so that an address can name it", "印章编码须为不含空格和斜线的可见 ASCII 字符") \
    X(ACTED_FULL, 336, 409, "as many keys acted on this licence as its record holds: it stays suspended until it is ended; issue it anew", \
      "操作过该证照的密钥数已达上限：证照保持暂扣直至终止，请重新签发")                                                             \
    /* 4xx: requests */                                                                                                             \
    X(NOT_FOUND, 400, 404, "there is nothing at this address", "此地址没有内容")                                                    \
    X(METHOD_NOT_ALLOWED, 401, 405, "this method is not allowed here", "此处不允许该方法")                                          \
    X(MEDIA_TYPE, 402, 415, "the body's content type is not the one expected here: application/cose for /entries, application/json for every other POST", \
      "请求体的内容类型不符：/entries 须为 application/cose，其他 POST 须为 application/json")                                         \
    X(BODY_TOO_LARGE, 403, 413, "the body is larger than allowed here", "请求体超过允许的大小")                                     \
    X(HTTP_FRAMING, 404, 400, "the request's framing is ambiguous; send one Content-Length and no Transfer-Encoding",               \
      "请求的报文边界不明确，请使用单一 Content-Length，不使用 Transfer-Encoding")                                                   \
    X(QUERY_INVALID, 405, 400, "a query needs one of document, key, identifier or fields in their documented form", "查询须包含格式正确的 document、key、identifier 或 fields") \
    X(TOO_MANY_QUERIES, 406, 413, "at most 1,000 queries in one call", "单次最多 1000 条查询")                                      \
    X(ENTRY_UNKNOWN, 407, 404, "no such entry", "没有该登记项")                                                                     \
    X(BLOCK_UNKNOWN, 408, 404, "no such block", "没有该区块")                                                                       \
    X(KID_UNKNOWN, 409, 404, "no such key", "没有该密钥")                                                                           \
    X(HEADERS_TOO_LARGE, 410, 431, "the request's headers are larger than allowed", "请求头超过允许的大小")                         \
    X(PARAMETER, 411, 400, "a parameter in the address is not in its documented form", "地址中的参数格式不符合规定")                 \
    X(PREFIX_WIDE, 412, 400, "more than 1,000 records lie under this prefix; lengthen it", "该前缀下记录超过 1000 条，请加长前缀")  \
    X(PREFIX_NARROW, 413, 400, "fewer than 16 records lie under this prefix, so the node could guess which one is meant; shorten it", \
      "该前缀下记录不足 16 条，节点可能据此推知所查对象，请缩短前缀")                                                              \
    X(HOST_INVALID, 414, 400, "a request of HTTP/1.1 must say in one Host header whom it is for", "HTTP/1.1 请求须且只能有一个 Host 头") \
    X(HOST_UNKNOWN, 415, 421, "this node does not go by the name in the Host header; ask it by its address, or have its operator add the name to [rpc] names in licet.conf", \
      "Host 头中的名称不属于本节点，请改用其地址访问，或由运维人员将该名称加入 licet.conf 的 [rpc] names")                            \
    /* 5xx: limits and the node's own condition */                                                                                  \
    X(QUEUE_FULL, 500, 503, "the node is busy and took nothing; send it again", "节点繁忙，未接收任何内容，请重试")                 \
    X(QUOTA, 501, 429, "the member's quota of new objects and resumptions for this day is used up", "该成员当日新增对象与恢复的配额已用完")                 \
    X(NO_ROOM, 502, 507, "the disk is full; nothing was recorded, reading goes on", "磁盘已满，未作登记；查询不受影响")             \
    X(READ_ONLY, 503, 503, "the node has stopped writing after a storage fault; see its log", "节点因存储故障已停止写入，请查看日志") \
    X(CLOCK, 504, 503, "the node's clock is behind or far ahead of the last block; the operator must look", "节点时钟落后或远超上一区块，请运维人员处理") \
    X(SHUTTING_DOWN, 505, 503, "the node is stopping; send it again later", "节点正在停止，请稍后重试")                             \
    X(STORAGE, 506, 503, "the node's storage failed; whether it was recorded is not known: send the same bytes again when the node is back", \
      "节点存储故障，是否已登记尚不确定，请在节点恢复后原样重新提交")                                                                \
    X(CORRUPT, 507, 503, "stored data does not match its hash; it is not served; the operator must run fsck",                       \
      "存储数据与杂凑值不符，不予提供，请运维人员执行 fsck")                                                                           \
    X(INTERNAL, 508, 500, "the node could not answer; see its log", "节点无法应答，请查看日志")                                     \
    X(BLOCK_FULL, 509, 503, "the block is full; send it again", "区块已满，请重试")                                                 \
    /* 7xx: stock rows (import) */                                                                                                  \
    X(ROW_COLUMNS, 700, 422, "the row has fewer cells than the heading, or values beyond it; look for a missing quote or comma", \
      "单元格少于表头，或表头之外还有内容，请检查缺失的引号或逗号")                                                                   \
    X(ROW_FIELD_EMPTY, 701, 422, "a mandatory column is empty, or holds a dash or a word for none: fill it in", "必填列为空（横线、“无”也算空），请填写")                    \
    X(ROW_DATE, 702, 422, "a date is no day of the calendar in a form that is read: write 2021-03-05 (44260 is a spreadsheet's day number: format the column as a date)", \
      "日期无效或格式不支持，请写成 2021-03-05（44260 之类是电子表格的日期序号，请先把该列设为日期格式）")                              \
    X(ROW_ID_NUMBER, 703, 422, "the citizen identity number fails its check (GB 11643): compare it with the document", "公民身份号码校验不通过，请与证件核对")                  \
    X(ROW_IDENTIFIER_CHECK, 704, 422, "the identifier's check character fits neither known rule", "证照标识校验位不符合任一已知规则") \
    X(ROW_DUPLICATE_FILE, 705, 409, "the same licence stands earlier in this file", "与本文件前面的行重复")                         \
    X(ROW_DUPLICATE_LEDGER, 706, 409, "the licence is already on the ledger", "已在账本上登记")                                     \
    X(ROW_ENCODING, 707, 422, "the row holds bytes that are not text in the file's encoding: type the value again, or try --encoding", \
      "含有不符合文件编码的字节，请重新录入该值，或用 --encoding 指定编码")                                                           \
    X(ROW_TOO_LONG, 708, 422, "a value is longer than allowed: shorten it", "值超过允许的长度，请缩短")                                        \
    X(ROW_QUOTES, 709, 422, "a quoted field is not closed or has characters after its end", "引号未闭合或其后有多余字符")           \
    X(ROW_TYPE, 710, 422, "the row names another licence type: load it with --type of its own", "该行属于另一证照类型，请用对应的 --type 导入")                                                                           \
    X(ROW_DOCUMENT, 711, 422, "a signature, a seal or the content of the document fails its check; `licet ofd` shows why", "文件的签章、印章或内容校验不通过") \
    X(ROW_SIGNATURES, 712, 422, "the document bears more signatures than one licence can register", "文件所含签章多于一份证照可登记的数量") \
    X(ROW_NUMBER_RUINED, 713, 422, "a number stands as a spreadsheet shortens it (1.31012E+13) and its digits are lost; set the column to text and export it again", \
      "编号已被电子表格改写成科学计数法（如 1.31012E+13），原数字已丢失，请将该列设为文本后重新导出")                                \
    X(ROW_DATE_FAR, 714, 422, "a day is not believable: issued after today, beginning before 1949 or more than two years ahead: correct it", \
      "日期不合常理：颁发日期晚于今天，或起始日期早于 1949 年、晚于两年之后，请更正")                                               \
    X(ROW_CONFLICT_FILE, 715, 409, "an earlier row of this file has this number or identifier with another content; keep the right one", \
      "与本文件前面某行编号或标识相同但内容不同，请保留正确的一行")                                                                 \
    X(ROW_CONFLICT_LEDGER, 716, 409, "the ledger has this number or identifier with another content; check which is right", \
      "账本上已有相同编号或标识但内容不同的证照，请核对哪一份正确")                                                                 \
    X(ROW_DOCUMENT_EMPTY, 717, 422, "the document has 0 bytes, as a failed download leaves it; fetch it again", "文件为空（0 字节），可能下载失败，请重新获取") \
    X(ROW_VALUE_LOST, 718, 422, "a spreadsheet's error (#REF!, #N/A, #####) or question marks stand in place of a value; fill in the value itself", \
      "单元格中是电子表格的错误值（#REF!、#N/A、#####）或一串问号，请填入实际内容") \
    X(ROW_DOCUMENT_NUMBER, 719, 422, "the text of the document does not hold the number that was given; is it this licence's document?", \
      "文件文本中没有所填的证照编号，请核对是否选错了文件或填错了编号") \
    X(ROW_DOCUMENT_NAME, 720, 422, "the text of the document does not hold the holder's name that was given; is it this licence's document?", \
      "文件文本中没有所填的持证主体名称，请核对是否选错了文件或填错了名称") \
    X(ROW_DOCUMENT_CODE, 721, 422, "the text of the document holds another holder's code and not the one that was given; is it this licence's document?", \
      "文件文本中是另一主体代码，没有所填的代码，请核对是否选错了文件或填错了代码") \
    X(ROW_DOCUMENT_GONE, 722, 422, "no plain file of this name lies in the folder of the CSV file, or it cannot be read: put it there, and name it without a path; links are not followed", \
      "CSV 文件所在文件夹中没有此文件，或无法读取：请将文件放入该文件夹，只填文件名；不跟随链接")                                                                           \
    X(ROW_NUMBER_ROUNDED, 723, 422, "a number has only zeros behind its 15th digit, as a spreadsheet rounds it: take it from its source, the column set to text; one that is truly so is written '440301202100001000, with the apostrophe", \
      "编号从第 16 位起全为 0，像是被电子表格舍入：请将该列设为文本后从来源重新导出；编号确实如此的，请写成 '440301202100001000（前加撇号）") \
    X(ROW_LINE_END, 724, 422, "a number, a code or the holder's name goes on in a second line, or holds a tab: write it in one line", \
      "编号、代码或持证主体名称中有换行或制表符，请写成一行")

enum code {
#define X(name, number, http, en, zh) CODE_##name = number,
    CODE_LIST(X)
#undef X
};

const char *code_name(enum code code); /* "NUMBER_TAKEN"; "UNKNOWN_CODE" where there is none */
const char *code_en(enum code code);
const char *code_zh(enum code code);
int code_http(enum code code);

/* A refusal with what it is about. item: index in the batch; entry: the log entry it names. */
#define REFUSAL_NO_ITEM UINT32_MAX
#define REFUSAL_NO_ENTRY UINT64_MAX
struct refusal {
    enum code code;
    uint32_t item;
    uint64_t entry;
    const char *field; /* static text naming the field, or NULL */
    const char *state; /* static text: the state that was met, or NULL */
    bool measured;     /* then: the number that was met, and the rule's own; a count or a kind has the one that would have been right, or none of its own: 0 */
    int64_t met, limit;
};
static inline struct refusal refuse(enum code code, const char *field) {
    return (struct refusal){.code = code, .item = REFUSAL_NO_ITEM, .entry = REFUSAL_NO_ENTRY, .field = field};
}
/* The same refusal with the numbers that it met. */
static inline struct refusal refusal_measured(struct refusal refusal, int64_t met, int64_t limit) {
    refusal.measured = true;
    refusal.met = met;
    refusal.limit = limit;
    return refusal;
}

/* X(NAME, exit code of a program that ends for it, English) */
#define ERR_LIST(X)                                                          \
    X(OK, 0, "no fault")                                                     \
    X(ABSENT, 1, "not there")                                                \
    X(IO, 40, "a read, write or sync failed")                                \
    X(NO_ROOM, 40, "no room left on the disk or in the map")                 \
    X(CORRUPT, 20, "stored bytes do not match their hash or form")           \
    X(MEMORY, 1, "out of memory")                                            \
    X(ROLLBACK, 41, "the data are older than what was last signed")          \
    X(LATCHED, 40, "stopped writing after an earlier fault")                 \
    X(LOCKED, 1, "another process has it open")                              \
    X(CONFIG, 2, "a setting is missing or wrong")                            \
    X(VERSION, 1, "stored by another version of this program, in a format that this one does not read; use the version that wrote it") \
    X(DENIED, 30, "no permission; run this as the user that owns the folder and its files, or give this user the right to read and write them") \
    X(PLACE, 1, "a link, a pipe, another user's file or one with a second name lies where a plain file of the folder's owner belongs; nothing was read or written: remove it, put the file itself there")

enum err {
#define X(name, exit, en) ERR_##name,
    ERR_LIST(X)
#undef X
};
const char *err_name(enum err err);
const char *err_text(enum err err);
int err_exit(enum err err);

/* Exit codes of the programs (the same for people and scripts). */
enum exit_code {
    EXIT_VALID = 0, EXIT_ERROR = 1, EXIT_USAGE = 2, EXIT_UNKNOWN = 10, EXIT_ENDED = 11, EXIT_SUSPENDED = 12, EXIT_LAPSED = 13,
    EXIT_SUPERSEDED = 14, EXIT_MISMATCH = 15, EXIT_INTEGRITY = 20, EXIT_STALE = 21, EXIT_FORBIDDEN = 30, EXIT_STORAGE = 40,
    EXIT_ROLLBACK = 41
};
/* What to do about damaged data, as long as there is no `backup` and no `recover`. Ends a sentence. */
#define DAMAGE_WAY_OUT "keep the folder as it is; put back the newest copy of data/, if there is one (one older than what was signed is refused); without it nothing goes on under these keys"
#define DAMAGE_WAY_OUT_ZH "请保持目录原样；如有 data/ 的最新副本，请将其放回（比已签名的更旧则会被拒绝）；没有副本则无法以这些密钥继续"
#endif
