/* Steps: what was looked at in a sealed document, one result each, in the order of GM/T 0031-2014 6.1.2 and 6.2.3 (GB/T 38540-2020 6.3 and 7.3): passed,
 * failed, or not checked, and why. Names are part of the interface (`--json`) and never change their meaning. Layer: crypto/seal. */
#ifndef LICET_SEAL_STEPS_H
#define LICET_SEAL_STEPS_H
#include "crypto/seal/encoding.h"

/* X(NAME, text, kind, English, Chinese): kind CONTENT or TIME: what exit code a failure leads to (15, 13). */
#define STEP_LIST(X)                                                                                                   \
    X(PACKAGE, "package", CONTENT, "package and its XML can be read", "文件包与 XML 可读")                               \
    X(REFERENCES, "references", CONTENT, "every signed file has its digest", "每个被签文件的摘要一致")                   \
    X(COVERAGE, "coverage", CONTENT, "everything that is shown is signed", "所显示的内容均在签名保护之内")               \
    X(SIGNATURE_FORMAT, "signature_format", CONTENT, "signature can be read", "签章数据格式正确")                        \
    X(SEAL_FORMAT, "seal_format", CONTENT, "seal can be read", "印章数据格式正确")                                       \
    X(SEAL_FILE, "seal_file", CONTENT, "seal file is the seal of the signature", "印章文件与签章中的印章一致")           \
    X(SEAL_SIGNATURE, "seal_signature", CONTENT, "maker's signature over the seal", "制章者签名")                        \
    X(MAKER_CHAIN, "maker_chain", CONTENT, "maker's certificate leads to a trust anchor", "制章者证书信任链")            \
    X(MAKER_USAGE, "maker_usage", CONTENT, "maker's certificate may sign", "制章者证书密钥用法")                         \
    X(MAKER_PERIOD, "maker_period", TIME, "maker's certificate was in its period", "制章者证书有效期")                   \
    X(MAKER_REVOCATION, "maker_revocation", CONTENT, "maker's certificate was not revoked", "制章者证书未吊销")          \
    X(SIGNATURE_VALUE, "signature_value", CONTENT, "signer's signature", "签章者签名值")                                 \
    X(SIGNER_CHAIN, "signer_chain", CONTENT, "signer's certificate leads to a trust anchor", "签章者证书信任链")         \
    X(SIGNER_USAGE, "signer_usage", CONTENT, "signer's certificate may sign and is no CA's", "签章者证书密钥用法")       \
    X(SIGNER_PERIOD, "signer_period", TIME, "signed within the signer certificate's period", "签章时间在签章者证书有效期内") \
    X(SIGNER_REVOCATION, "signer_revocation", CONTENT, "signer's certificate was not revoked before signing", "签章前签章者证书未吊销") \
    X(SIGNER_LISTED, "signer_listed", CONTENT, "signer's certificate is in the seal's list", "签章者证书在印章证书列表中") \
    X(TIMESTAMP, "timestamp", CONTENT, "timestamp fits and is signed", "时间戳有效")                                     \
    X(DATA_HASH, "data_hash", CONTENT, "signed digest is that of the signed file", "原文摘要一致")                       \
    X(SEAL_PERIOD, "seal_period", TIME, "signed within the seal's period", "签章时间在印章有效期内")

enum step_id {
#define X(name, text, kind, en, zh) STEP_##name,
    STEP_LIST(X)
#undef X
    STEP_COUNT
};
enum step_result { STEP_PASSED, STEP_FAILED, STEP_NOT_CHECKED };

/* X(NAME, number, text, English, Chinese): why a step failed or was not checked; numbers for ever, 8xx. text: in --json, the name in lower case. */
#define REASON_LIST(X)                                                                                                                                \
    X(NONE, 0, "", "", "")                                                                                                                            \
    X(NOT_ZIP, 800, "not_zip", "the file is not a ZIP package, or it is damaged", "不是 ZIP 包或已损坏")                                              \
    X(ZIP_ENTRY, 801, "zip_entry", "a file in the package has a name that is repeated or leads out of it, or is a link, encrypted or packed in an unknown way", \
      "包内文件重名、路径越界，或为链接、已加密、压缩方式不支持") \
    X(ZIP_SIZE, 802, "zip_size", "the package unpacks to more than allowed", "解包后的大小超过允许值")                                                \
    X(XML_BAD, 803, "xml_bad", "an XML file is not well formed, or declares entities", "XML 格式错误或声明了实体")                                    \
    X(OFD_SHAPE, 804, "ofd_shape", "a part that the OFD names is missing or of another form", "OFD 所引用的部分缺失或格式不符")                       \
    X(NOT_SIGNED, 805, "not_signed", "the document has no signature", "文件没有签章")                                                                 \
    X(FILE_MISSING, 806, "file_missing", "a signed file is not in the package", "被签文件不在包内")                                                   \
    X(FILE_CHANGED, 807, "file_changed", "a signed file was changed after signing", "被签文件在签章后被修改")                                         \
    X(FILE_UNSIGNED, 808, "file_unsigned", "something that is shown is not under the signature, and may have been added after sealing: ask who issued it", \
      "所显示的内容不在签名保护之内，可能是盖章后添加的，请向出具方核实") \
    X(DIGEST_UNKNOWN, 809, "digest_unknown", "the digest algorithm is not known", "摘要算法不支持")                                                   \
    X(FORMAT, 810, "format", "the bytes are not of the format", "数据不符合格式")                                                                     \
    X(VERSION, 811, "version", "versions inside the signature contradict each other", "签章内部版本号矛盾")                                           \
    X(SEAL_DIFFERS, 812, "seal_differs", "the seal file is not the seal that was signed with", "印章文件与签章所用印章不同")                          \
    X(SIGNATURE_WRONG, 813, "signature_wrong", "the signature does not verify", "签名验证不通过")                                                     \
    X(SIGNATURE_EMPTY_ID, 814, "signature_empty_id", "the signature verifies only with an empty SM2 id, which no standard allows", "签名仅在空 SM2 标识下成立，不符合标准") \
    X(ALGORITHM, 815, "algorithm", "the signature algorithm is not supported or does not fit the key", "签名算法不支持或与密钥不符")                  \
    X(CERTIFICATE, 816, "certificate", "the certificate cannot be read", "证书无法解析")                                                              \
    X(NO_ANCHOR, 817, "no_anchor", "no trust anchors are configured (--trust-dir)", "未配置信任锚（--trust-dir）")                                    \
    X(UNTRUSTED, 818, "untrusted", "the certificate leads to none of the configured trust anchors", "证书不能追溯到已配置的信任锚")                   \
    X(CHAIN_WRONG, 819, "chain_wrong", "a certificate in the chain is wrong or revoked", "证书链中有错误或已吊销的证书")                              \
    X(NO_CRL, 820, "no_crl", "there is no current revocation list of its issuer", "没有其颁发者的现行吊销列表")                                       \
    X(REVOKED, 821, "revoked", "the certificate was revoked, and nothing proves that the signature came first", "证书已被吊销，且无法证明签章在先")                                           \
    X(USAGE, 822, "usage", "the certificate's key usage does not allow signatures", "证书密钥用法不允许签名")                                         \
    X(IS_CA, 823, "is_ca", "a CA certificate was used to sign", "使用了 CA 证书签章")                                                                 \
    X(NOT_LISTED, 824, "not_listed", "the signer's certificate is not in the seal's list", "签章者证书不在印章证书列表中")                            \
    X(NO_SEAL, 825, "no_seal", "this kind of signature holds no seal", "此类签名不含印章")                                                            \
    X(HASH_DIFFERS, 826, "hash_differs", "the signed digest is not that of the file", "签名中的摘要与文件不符")                                       \
    X(NO_DATA, 827, "no_data", "the signed file was not given", "未提供被签文件")                                                                     \
    X(BEFORE_PERIOD, 828, "before_period", "it was signed before the period began", "签章时间早于有效期")                                             \
    X(AFTER_PERIOD, 829, "after_period", "it was signed after the period had ended", "签章时间晚于有效期")                                            \
    X(PERIOD_ENDED, 830, "period_ended", "the period has ended", "有效期已过")                                                                        \
    X(NO_TIME, 831, "no_time", "the signature states no time", "签章未注明时间")                                                                      \
    X(TIMESTAMP_WRONG, 832, "timestamp_wrong", "the timestamp is not of this signature, or does not verify", "时间戳与本签名不符或验证不通过")        \
    X(NO_TIMESTAMP, 833, "no_timestamp", "there is no timestamp", "没有时间戳")                                                                       \
    X(EARLIER_FAILED, 834, "earlier_failed", "an earlier step failed", "前一步骤未通过")                                                              \
    X(IN_FUTURE, 835, "in_future", "it is dated in the future", "签章时间在未来")                                                                       \
    X(NO_MAKER, 836, "no_maker", "the trust folder names who may make seals, and it is none of them", "不在信任目录所列的制章者之内") \
    X(ZIP_HEADER, 837, "zip_header", "two readers could see a different file in the package: its header and the directory disagree; ask for it anew", \
      "包内文件头与目录不一致，不同软件可能看到不同内容：请向出具方重新索取") \
    X(COVERED_LATER, 838, "covered_later", "this signature leaves it out, and a later one that counts covers it", "本签名未覆盖此项，由其后有效的签名覆盖")      \
    X(ADDED_LATER, 839, "added_later", "only validation data or further signatures were added after this signature", "签名之后仅增加了验证数据或其他签名") \
    X(CHANGED_LATER, 840, "changed_later", "something else than validation data and signatures was added or changed after this signature: ask who issued it", \
      "签名之后除验证数据和签名外又增加或更改了内容，请向出具方核实") \
    X(UPDATE_UNREAD, 841, "update_unread", "something was added after this signature, or stands in the part it signed, in a form that is not read here, so nobody can say here that it is harmless", \
      "签名之后增加的内容，或被签名的部分，采用本程序不解析的形式，无法确认其无害")

enum step_reason {
#define X(name, number, text, en, zh) REASON_##name = number,
    REASON_LIST(X)
#undef X
};
/* X(NAME, text, English, Chinese): what a file of a document is for a reader, where a step is about one. text: in --json. */
#define PART_LIST(X)                                                                \
    X(NONE, "", "", "")                                                             \
    X(ROOT, "document", "the document's own file", "文档主文件")                    \
    X(PAGE, "page", "a page", "页面")                                               \
    X(TEMPLATE, "page_template", "a page template", "页面模板")                     \
    X(RESOURCE, "resource", "a resource (fonts, images, colours)", "资源（字体、图像、颜色）") \
    X(ANNOTATION, "annotation", "an annotation", "注释")                            \
    X(ATTACHMENT, "attachment", "an attachment", "附件")                            \
    X(CUSTOM, "custom_data", "custom data", "自定义数据")

enum step_part {
#define X(name, text, en, zh) PART_##name,
    PART_LIST(X)
#undef X
};
#define STEP_DETAIL_MAX 128u
struct step {
    enum step_id id;
    enum step_result result;
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX]; /* what it was about: a file's name in the package, a certificate's subject; UTF-8, printable, may be cut; "" where nothing adds */
    enum step_part part;          /* of the file in detail */
    uint32_t more;                /* as many others like it */
};
struct step_list {
    uint32_t count;
    struct step steps[STEP_COUNT]; /* each step at most once, in the order looked at */
    uint32_t encoding;             /* set of enum encoding: notes, and no failures */
};
const char *step_name(enum step_id id);        /* "seal_signature" */
const char *step_en(enum step_id id);
const char *step_zh(enum step_id id);
const char *step_result_name(enum step_result result); /* "passed" "failed" "not_checked" */
const char *reason_name(enum step_reason reason);      /* "file_changed"; "" for NONE */
const char *reason_en(enum step_reason reason);
const char *reason_zh(enum step_reason reason);
const char *part_name(enum step_part part);            /* "page_template"; "" for NONE */
const char *part_en(enum step_part part);
const char *part_zh(enum step_part part);
/* detail may be empty; what is not printable UTF-8 in it is replaced by '?'. A step that is there already, or one that did not pass and says no reason,
 * is an ASSERT. */
void step_add(struct step_list *list, enum step_id id, enum step_result result, enum step_reason reason, struct bytes detail);
static inline void step_pass(struct step_list *list, enum step_id id) { step_add(list, id, STEP_PASSED, REASON_NONE, (struct bytes){NULL, 0}); }
static inline void step_fail(struct step_list *list, enum step_id id, enum step_reason reason) { step_add(list, id, STEP_FAILED, reason, (struct bytes){NULL, 0}); }
static inline void step_skip(struct step_list *list, enum step_id id, enum step_reason reason) { step_add(list, id, STEP_NOT_CHECKED, reason, (struct bytes){NULL, 0}); }
/* Another outcome for a step that is there, once more is known; its detail stays. */
void step_settle(struct step_list *list, enum step_id id, enum step_result result, enum step_reason reason);
void step_explain(struct step_list *list, enum step_id id, const char *detail); /* another detail for it */
/* Not checked, though there was something to check: a timestamp that nobody asked for leaves nothing open. */
bool step_left_open(const struct step *step);
const struct step *step_find(const struct step_list *list, enum step_id id); /* NULL: not looked at */
bool step_of_time(enum step_id id); /* its kind is TIME */
enum steps_outcome { STEPS_PASSED /* none failed */, STEPS_TIME /* only steps of time failed */, STEPS_FAILED };
enum steps_outcome steps_outcome(const struct step_list *list);
#endif
