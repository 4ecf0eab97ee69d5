#include "tools/client/header_fetch.h"

#include <errno.h>
#include <inttypes.h>

#include "ledger/wire/proof.h"
#include "tools/client/answer.h"
#include "tools/document/text_print.h"

static bool header_fetch_read_number(uint64_t *out, const char *text) {
    char *end;
    if (text[0] < '0' || text[0] > '9') return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static int find_number(uint64_t *n, const struct cli *cli, const char *which) {
    int done;
    if (strcmp(which, "newest") != 0) {
        if (header_fetch_read_number(n, which) && *n > 0) return EXIT_VALID;
        return cli_fail(EXIT_USAGE, SAY("--header %s: must be the number of a block from 1 on, or `newest` (block 0 is what the genesis document says)", "--header %s：应为自 1 起的区块号，或 `newest`（第 0 块由创世文件确定）"), which);
    }
    json_t *head = http_json(cli, "GET", "/v1/head", NULL, &done);
    if (!head) return done;
    const json_int_t height = json_integer_value(json_object_get(head, "height"));
    json_decref(head);
    *n = height > 0 ? (uint64_t)height : 0;
    return height > 0 ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("%s has no block yet but the genesis: there is nothing that a pin could hold back", "%s 除创世外尚无区块，没有可固定的内容"), cli->node);
}

static struct bytes part_of(uint8_t *out, size_t cap, const json_t *json, const char *name) {
    const json_t *text = json_object_get(json, name);
    size_t len = 0;
    const bool good = json_is_string(text) && base64url_decode(out, cap, &len, json_string_value(text), json_string_length(text));
    return bytes_of(out, good ? len : 0);
}

static int not_good(const struct cli *cli, uint64_t n, const char *why) {
    return cli_fail(EXIT_INTEGRITY, SAY("the header of block %" PRIu64 " that %s gave does not hold: %s. Nothing was written; do not believe that node, and tell its operator",
                                        "第 %" PRIu64 " 块的区块头（%s 给出）不成立：%s。未写入任何内容；不可采信该节点，请告知其运维人员"), n, cli->node, why);
}

static bool is_before(const struct header *one, const struct header *other) { return one->term != other->term ? one->term < other->term : one->n < other->n; }

static int header_fetch_check(const struct cli *cli, const struct anchor *anchor, uint64_t n, struct bytes bytes, struct bytes seal) {
    const struct proof_view *view = anchor->view;
    struct header header, pin;
    uint32_t node;
    struct refusal refusal = header_decode(&header, bytes);
    if (refusal.code == CODE_OK && memcmp(header.genesis, view->genesis.hash, 32) != 0) refusal = refuse(CODE_OTHER_LEDGER, NULL);
    if (refusal.code == CODE_OK && view->finality.threshold > 1)
        return cli_fail(EXIT_ERROR, SAY("a header of this ledger is final by %u nodes together, and one answers with one seal: fetch a proof, which holds their notes", "本账本的区块头须由 %u 个节点共同确认，而一个节点只给出一个签名：请取得证明，其中有各节点的签名"),
                        view->finality.threshold);
    if (refusal.code == CODE_OK) refusal = header_seal_check(&node, seal, bytes, &view->finality);
    if (refusal.code != CODE_OK) return not_good(cli, n, cli_code_text(refusal.code));
    if (header.n != n) return not_good(cli, n, SAY("it is the header of another block", "是另一区块的区块头"));
    if (!anchor->pin) return EXIT_VALID;
    ASSERT(header_decode(&pin, bytes_of(anchor->pin, anchor->pin_len)).code == CODE_OK); /* by anchor_find */
    if (is_before(&header, &pin)) return cli_fail(EXIT_USAGE, SAY("block %" PRIu64 " is older than the header of --pin, and a pin only moves forward: name block %" PRIu64 " or a later one", "第 %" PRIu64 " 块早于 --pin 的区块头，只能向后固定：请给出第 %" PRIu64 " 块或更晚的区块"), n, pin.n);
    if (!is_before(&pin, &header) && !bytes_equal(bytes, bytes_of(anchor->pin, anchor->pin_len))) return not_good(cli, n, SAY("it is another one than the header that you pinned", "与已固定的区块头不同"));
    return EXIT_VALID;
}

static void header_fetch_report(const struct cli *cli, uint64_t n, struct bytes header, const char *path) {
    uint8_t hash[32];
    char hex[65];
    header_hash(hash, header);
    hex_encode(hex, hash, 32);
    if (cli->json) cli_print_json(json_pack("{s:I, s:s, s:o}", "height", (json_int_t)n, "head", hex, "header", cli_json_text(path)));
    else printf(SAY("height: %" PRIu64 "\nhead: %s\nheader: %s\n", "高度: %" PRIu64 "\n区块杂凑值: %s\n区块头: %s\n"), n, hex, text_shown(path));
}

int header_fetch(const struct cli *cli, const struct anchor *anchor, const char *which, const char *path, enum output_over over) {
    char from[64];
    uint8_t header_bytes[HEADER_MAX], seal_bytes[SEAL_MAX];
    uint64_t n = 0;
    int done = output_check("--out", path, over);
    if (done == EXIT_VALID) done = find_number(&n, cli, which);
    if (done != EXIT_VALID) return done;
    (void)snprintf(from, sizeof from, "/v1/blocks/%" PRIu64, n);
    json_t *block = http_json(cli, "GET", from, NULL, &done);
    if (!block) return done;
    const struct bytes header = part_of(header_bytes, sizeof header_bytes, block, "header"), seal = part_of(seal_bytes, sizeof seal_bytes, block, "seal");
    done = header_fetch_check(cli, anchor, n, header, seal);
    if (done == EXIT_VALID) done = output_write("--out", path, over, header.data, header.len);
    if (done == EXIT_VALID) header_fetch_report(cli, n, header, path);
    json_decref(block);
    return done;
}
