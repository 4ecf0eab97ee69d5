#include <limits.h>
#include <time.h>

#include "crypto/hash.h"
#include "ledger/wire/ident.h"
#include "tools/authority/ofd_page.h"
#include "tools/authority/ofd_stamp.h"
#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"
#include "tools/document/text_print.h"
#include "tools/seal/cmd_seal.h"
#include "tools/seal/seal_folder.h"
#include "tools/setup/keys.h"

#define DEFAULT_REGION "310118"
#define DEFAULT_NAME "示例市行政审批局"
#define DEFAULT_TITLE "示例经营许可证"
#define TEST_WARNING "本证照为测试样例，所用印章为测试章，不具有法律效力。"
#define SUBJECT_O_MAX 64u /* characters, X.520 */
#define SUBJECT_CN_LEN 14u
#define FIELDS_MAX 60u
#define FIELD_TEXT_MAX 512u

static const struct option_spec specs[] = {
    {"owner", OPTION_TEXT, "unified social credit code of the seal's owner (one is made up)", "印章所有者的统一社会信用代码（默认虚构一个）"},
    {"name", OPTION_TEXT, "name of the owner (" DEFAULT_NAME ")", "所有者名称（默认为 " DEFAULT_NAME "）"},
    {"es-id", OPTION_TEXT, "number of the seal: 14 digits, 6 of the region and 8 more (made up)", "印章标识：14 位数字，6 位行政区划代码加 8 位（默认虚构）"},
    {"title", OPTION_TEXT, "title of the sample licence (" DEFAULT_TITLE ")", "样本证照的标题（默认为 " DEFAULT_TITLE "）"},
    {"doc-field", OPTION_TEXT, "K=V: one line of the sample licence; again for more (a made-up licence)", "名称=值：样本证照的一行；可重复（默认为虚构的证照）"},
};

struct making {
    const char *dir, *owner, *name, *es_id, *title;
    char invented[USCC_LEN + 1], invented_id[SUBJECT_CN_LEN + 1];
    char lines[FIELDS_MAX + 1][FIELD_TEXT_MAX];
    size_t line_count;
    int64_t now_ms;
    struct authority authority;
    char licence_sha256[65], seal_sha256[65];
};

static size_t characters(const char *text) {
    size_t count = 0;
    for (; *text; text++) count += ((uint8_t)*text & 0xc0) != 0x80;
    return count;
}

static void invent_id(struct making *making) {
    uint8_t random[8];
    random_bytes(random, sizeof random);
    (void)snprintf(making->invented_id, 7, "%.6s", making->owner + 2); /* the code's own region */
    for (size_t i = 0; i < sizeof random; i++) making->invented_id[6 + i] = (char)('0' + random[i] % 10);
    making->invented_id[SUBJECT_CN_LEN] = '\0';
    making->es_id = making->invented_id;
}

static bool seal_make_read_owner(struct making *making, const struct options *options) {
    making->owner = option_get(options, "owner");
    making->name = option_get(options, "name");
    making->es_id = option_get(options, "es-id");
    if (!making->name) making->name = DEFAULT_NAME;
    if (!making->owner) {
        uscc_invent(making->invented, DEFAULT_REGION);
        making->owner = making->invented;
    }
    if (!uscc_check(bytes_text(making->owner))) return cli_fail(0, SAY("--owner %s: is not a unified social credit code",
                                                                       "--owner %s：不是统一社会信用代码"), making->owner), false;
    if (!making->name[0] || !ofd_text_fits(making->name) || characters(making->name) > SUBJECT_O_MAX - USCC_LEN)
        return cli_fail(0, SAY("--name: must be text of 1 to %u characters, since a certificate holds it behind the credit code",
                               "--name：应为 1 至 %u 个字符的文本，证书中写在信用代码之后"), SUBJECT_O_MAX - USCC_LEN), false;
    if (!making->es_id) invent_id(making);
    if (strlen(making->es_id) != SUBJECT_CN_LEN || strspn(making->es_id, "0123456789") != SUBJECT_CN_LEN)
        return cli_fail(0, SAY("--es-id %s: must be 14 digits: 6 of the region and 8 more",
                               "--es-id %s：应为 14 位数字：6 位行政区划代码加 8 位"), making->es_id), false;
    return true;
}

__attribute__((format(printf, 2, 3))) static void add_line(struct making *making, const char *format, ...) {
    va_list args;
    va_start(args, format);
    ASSERT(making->line_count <= FIELDS_MAX);
    (void)vsnprintf(making->lines[making->line_count++], FIELD_TEXT_MAX, format, args);
    va_end(args);
}

static void day_text(char out[32], int64_t ms) {
    struct tm tm = utc_of(ms);
    (void)strftime(out, 32, "%Y年%m月%d日", &tm);
}

/* Of nobody: a company that is made up, under a credit code that is. */
static void invent_licence(struct making *making) {
    char holder[USCC_LEN + 1], region[7], from[32], to[32];
    uint8_t random[4];
    random_bytes(random, sizeof random);
    (void)snprintf(region, sizeof region, "%.6s", making->owner + 2);
    uscc_invent(holder, region);
    day_text(from, making->now_ms);
    day_text(to, making->now_ms + INT64_C(5) * 365 * 86400000);
    add_line(making, "证照编号：SL%08u", be32_get(random) % 100000000u);
    add_line(making, "持证主体：青禾示例餐饮有限公司");
    add_line(making, "持证主体代码：%s", holder);
    add_line(making, "经营项目：热食类食品制售");
    add_line(making, "证照颁发机构：%s", making->name);
    add_line(making, "证照颁发日期：%s", from);
    add_line(making, "证照有效期：%s至%s", from, to);
}

static bool read_licence(struct making *making, const struct options *options) {
    making->title = option_get(options, "title");
    if (!making->title) making->title = DEFAULT_TITLE;
    if (!ofd_text_fits(making->title)) return cli_fail(0, SAY("--title: must be printable UTF-8",
                                                              "--title：应为可显示的 UTF-8 文本")), false;
    for (size_t i = 0; i < options->count; i++) {
        const char *value = options->given[i].value, *equals = strchr(value, '=');
        if (strcmp(options->given[i].name, "doc-field") != 0) continue;
        if (making->line_count == FIELDS_MAX) return cli_fail(0, SAY("more than %u lines", "多于 %u 行"), FIELDS_MAX), false;
        if (!equals || equals == value || !ofd_text_fits(value) || strlen(value) > FIELD_TEXT_MAX - 8)
            return cli_fail(0, SAY("--doc-field %s: must be NAME=VALUE in printable UTF-8, at most %u bytes",
                                   "--doc-field %s：应为 名称=值 的可显示 UTF-8 文本，至多 %u 字节"), value, FIELD_TEXT_MAX - 8), false;
        add_line(making, "%.*s：%s", (int)(equals - value), value, equals + 1);
    }
    if (making->line_count == 0) invent_licence(making);
    add_line(making, TEST_WARNING);
    return true;
}

static bool make_licence(struct making *making) {
    const char *lines[FIELDS_MAX + 1];
    for (size_t i = 0; i < making->line_count; i++) lines[i] = making->lines[i];
    struct ofd_text text = ofd_licence_text(making->title, lines, making->line_count, making->now_ms);
    const struct ofd_stamp stamp = {.seal = bytes_of(making->authority.seal, making->authority.seal_len), .place = PLACE_LAST_PAGE,
                                    .cert = authority_cert(&making->authority, ROLE_HOLDER), .signer = &making->authority.signer[ROLE_HOLDER],
                                    .time_ms = making->now_ms};
    struct bundle bundle;
    char why[OFD_WHY_MAX] = "out of memory", path[PATH_MAX];
    size_t len = 0;
    if (!ofd_page_make(&bundle, &text)) return cli_fail(0, SAY("the licence does not fit on %u pages", "证照内容超出 %u 页"), OFD_PAGES_MAX), false;
    uint8_t *zip = ofd_stamp(&bundle, &stamp, why) ? bundle_write(&bundle, making->now_ms, &len) : NULL;
    bundle_free(&bundle);
    if (!zip) return cli_fail(0, SAY("the licence could not be sealed: %s", "证照无法加盖印章：%s"), finding_said(why)), false;
    uint8_t digest[32];
    sha256(digest, zip, len);
    hex_encode(making->licence_sha256, digest, 32);
    (void)snprintf(path, sizeof path, "%s/licence.ofd", making->dir);
    bool ok = file_write(path, zip, len);
    free(zip);
    return ok;
}

static bool make_all(struct making *making) {
    const struct authority_spec spec = {.owner = making->owner, .name = making->name, .es_id = making->es_id, .now_ms = making->now_ms};
    if (!authority_make(&making->authority, &spec)) return cli_fail(0, SAY("the crypto library could not make keys and certificates",
                                                                           "密码库无法生成密钥和证书")), false;
    uint8_t digest[32];
    sha256(digest, making->authority.seal, making->authority.seal_len);
    hex_encode(making->seal_sha256, digest, 32);
    bool ok = seal_folder_save(&making->authority, making->dir) && make_licence(making);
    authority_free(&making->authority);
    return ok;
}

static void seal_make_show(const struct making *making, const struct cli *cli) {
    if (cli->json) {
        cli_print_json(json_pack("{s:o, s:s, s:s, s:s, s:s, s:s}", "folder", cli_json_text(making->dir), "es_id", making->es_id, "owner", making->owner, "name",
                                 making->name, "seal_sha256", making->seal_sha256, "licence_sha256", making->licence_sha256));
        return;
    }
    printf(SAY("folder: %s\nseal: %s (a test seal)\nowner: %s %s\nseal_sha256: %s\nlicence: %s/licence.ofd\nlicence_sha256: %s\n",
               "目录: %s\n印章: %s（测试章）\n所有者: %s %s\n印章 SHA-256: %s\n证照: %s/licence.ofd\n证照 SHA-256: %s\n"), text_shown(making->dir), making->es_id, making->owner,
           text_shown(making->name), making->seal_sha256, text_shown(making->dir), making->licence_sha256);
}

int cmd_seal_make_test(struct cli *cli) {
    static struct options options;
    static struct making making;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count != 1) return cli_fail(EXIT_USAGE, SAY("name the folder to make: licet seal make-test DIR",
                                                                       "请指明要建立的目录：licet seal make-test 目录"));
    making = (struct making){.dir = options.positional[0], .now_ms = time_now_ms()};
    if (!seal_make_read_owner(&making, &options) || !read_licence(&making, &options)) return EXIT_USAGE;
    if (!make_all(&making)) return EXIT_ERROR;
    seal_make_show(&making, cli);
    return EXIT_VALID;
}
