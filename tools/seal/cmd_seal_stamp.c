#include <limits.h>

#include "crypto/hash.h"
#include "tools/authority/ofd_page.h"
#include "tools/authority/ofd_stamp.h"
#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/input_file.h"
#include "tools/cli/moment.h"
#include "tools/cli/output_file.h"
#include "tools/document/text_print.h"
#include "tools/seal/cmd_seal.h"
#include "tools/seal/seal_folder.h"

#define TEXT_MAX 65536u
#define TEXT_LINES_MAX 1000u

static const struct option_spec specs[] = {
    {"seal", OPTION_FOLDER, "the folder of the seal: seal.esl, signer.pem, signer.crt (licet seal make-test DIR)", "印章目录，含 seal.esl、signer.pem、signer.crt（见 licet seal make-test）"},
    {"in", OPTION_FILE, "the OFD to seal", "要加盖印章的 OFD"},
    {"text", OPTION_FILE, "or a text to make one of: its first line is the title", "或用于生成 OFD 的文本文件，首行为标题"},
    {"out", OPTION_FILE, "where the sealed OFD goes", "已签章的 OFD 写到何处"},
    FORCE_OPTION_SPEC,
    {"copy", OPTION_FLAG, "make a stamped copy of a sealed OFD: its first seal stays whole, a second one carries the note", "由已签章的 OFD 制作加注件：原签章保持完整，另加一枚印章载明用途"},
    {"note", OPTION_TEXT, "what the copy may be used for", "加注件的用途"},
};

struct stamping {
    enum output_over over;
    const char *in, *text, *out, *note;
    bool copy;
    struct seal_folder folder;
    uint8_t note_seal[AUTHORITY_SEAL_MAX];
    size_t note_seal_len;
    struct bundle bundle;
    int64_t now_ms;
};

/* Lines of a text file, in place. False: a message was printed. */
static bool cut_lines(const char *lines[TEXT_LINES_MAX], size_t *count, char *text, const char *path) {
    char *rest = text;
    *count = 0;
    for (char *line; (line = strsep(&rest, "\n"));) {
        size_t len = strlen(line);
        if (len > 0 && line[len - 1] == '\r') line[len - 1] = '\0';
        if (!rest && !*line) break; /* behind the last line's end */
        if (!ofd_text_fits(line)) return cli_fail(0, SAY("%s: line %zu is not printable UTF-8",
                                                         "%s：第 %zu 行不是可显示的 UTF-8 文本"), path, *count + 1), false;
        if (*count == TEXT_LINES_MAX) return cli_fail(0, SAY("%s: more than %u lines", "%s：多于 %u 行"), path, TEXT_LINES_MAX), false;
        lines[(*count)++] = line;
    }
    return *count > 0 || (cli_fail(0, SAY("%s is empty", "%s 是空文件"), path), false);
}

static bool lay_out(struct stamping *stamping) {
    size_t len = 0, count = 0;
    const char *lines[TEXT_LINES_MAX];
    uint8_t *data = file_read(stamping->text, TEXT_MAX, &len);
    char *text = data ? strndup((const char *)data, len) : NULL;
    free(data);
    if (!text) return false;
    bool ok = cut_lines(lines, &count, text, stamping->text);
    if (ok) {
        struct ofd_text page = ofd_licence_text(lines[0], lines + 1, count - 1, stamping->now_ms);
        ok = ofd_page_make(&stamping->bundle, &page);
        if (!ok) (void)cli_fail(0, SAY("%s does not fit on %u pages", "%s 的内容超出 %u 页"), stamping->text, OFD_PAGES_MAX);
    }
    free(text);
    return ok;
}

static bool seal_stamp_read_document(struct stamping *stamping) {
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX];
    const char *place = input_again(stamping->in);
    if (!place) return false;
    if (bundle_read(&stamping->bundle, place, &reason, detail)) return true;
    return cli_fail(0, SAY("%s cannot be read: %s%s%s", "%s 无法读取：%s%s%s"), stamping->in, cli_reason_text(reason), detail[0] ? ": " : "", detail), false;
}

static bool choose_seal(struct stamping *stamping, struct ofd_stamp *stamp) {
    struct seal_folder *folder = &stamping->folder;
    stamp->seal = bytes_of(folder->seal, folder->seal_len);
    if (!stamping->copy) return true;
    if (ofd_stamp_count(&stamping->bundle) < 1) return cli_fail(0, SAY("%s is not sealed: a copy is made of a sealed document",
                                                                       "%s 没有签章：加注件只能由已签章的文件制作"), stamping->in), false;
    struct seal_signer maker = seal_signer_key(folder->maker_key);
    stamping->note_seal_len = note_seal_make(stamping->note_seal, sizeof stamping->note_seal, stamping->note, stamp->seal,
                                             bytes_of(folder->holder_cert, folder->holder_cert_len), bytes_of(folder->maker_cert, folder->maker_cert_len), &maker,
                                             stamping->now_ms);
    if (stamping->note_seal_len == 0) return cli_fail(0, SAY("no seal could be made for the note: is --seal the folder of a test seal?",
                                                             "无法为加注制作印章：--seal 是否为测试印章目录？")), false;
    stamp->seal = bytes_of(stamping->note_seal, stamping->note_seal_len);
    stamp->place = PLACE_EVERY_PAGE;
    return true;
}

static int seal_it(struct stamping *stamping, const struct cli *cli) {
    struct seal_signer signer = seal_signer_key(stamping->folder.holder_key);
    struct ofd_stamp stamp = {.place = PLACE_LAST_PAGE, .cert = bytes_of(stamping->folder.holder_cert, stamping->folder.holder_cert_len), .signer = &signer,
                              .time_ms = stamping->now_ms};
    char why[OFD_WHY_MAX] = "", hex[65];
    size_t len = 0;
    if (!choose_seal(stamping, &stamp)) return EXIT_ERROR;
    if (!ofd_stamp(&stamping->bundle, &stamp, why)) return cli_fail(EXIT_ERROR, SAY("%s: %s", "%s：%s"), stamping->in ? stamping->in : stamping->text, finding_said(why));
    int count = ofd_stamp_count(&stamping->bundle);
    uint8_t *zip = bundle_write(&stamping->bundle, stamping->now_ms, &len), digest[32];
    if (!zip) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    sha256(digest, zip, len);
    hex_encode(hex, digest, 32);
    const int written = output_write("--out", stamping->out, stamping->over, zip, len);
    free(zip);
    if (written != EXIT_VALID) return written;
    if (cli->json) cli_print_json(json_pack("{s:o, s:i, s:s}", "file", cli_json_text(stamping->out), "signatures", count, "sha256", hex));
    else printf(SAY("file: %s\nsignatures: %d\nsha256: %s\n", "文件: %s\n签章数: %d\nSHA-256: %s\n"), text_shown(stamping->out), count, hex);
    return EXIT_VALID;
}

static bool seal_stamp_read_options(struct stamping *stamping, const struct options *options) {
    *stamping = (struct stamping){.in = option_get(options, "in"), .text = option_get(options, "text"), .out = option_get(options, "out"), .over = output_over(options),
                                  .note = option_get(options, "note"), .copy = option_get(options, "copy") != NULL, .now_ms = time_now_ms()};
    if (options->positional_count > 0 || !option_get(options, "seal") || !stamping->out || !stamping->in == !stamping->text)
        return cli_fail(0, SAY("this needs --seal DIR, --out X.ofd, and --in PLAIN.ofd or --text FILE",
                               "需要 --seal 目录、--out 文件.ofd，以及 --in 未签章.ofd 或 --text 文本文件")), false;
    if (stamping->copy != (stamping->note != NULL) || (stamping->copy && !stamping->in))
        return cli_fail(0, SAY("a stamped copy needs all of --copy --in SEALED.ofd --note TEXT",
                               "制作加注件须同时给出 --copy、--in 已签章.ofd 和 --note 文字")), false;
    if (stamping->note && (!stamping->note[0] || strlen(stamping->note) > AUTHORITY_NOTE_MAX || !ofd_text_fits(stamping->note)))
        return cli_fail(0, SAY("--note: must be printable UTF-8 of 1 to %u bytes",
                               "--note：应为 1 至 %u 字节的可显示 UTF-8 文本"), AUTHORITY_NOTE_MAX), false;
    return true;
}

int cmd_seal_stamp(struct cli *cli) {
    static struct options options;
    static struct stamping stamping;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs) || !seal_stamp_read_options(&stamping, &options)) return EXIT_USAGE;
    int done = output_check("--out", stamping.out, stamping.over);
    if (done != EXIT_VALID) return done;
    done = EXIT_ERROR;
    if (seal_folder_load(&stamping.folder, option_get(&options, "seal"), cli, stamping.copy) && (stamping.in ? seal_stamp_read_document(&stamping) : lay_out(&stamping)))
        done = seal_it(&stamping, cli);
    bundle_free(&stamping.bundle);
    seal_folder_free(&stamping.folder);
    return done;
}
