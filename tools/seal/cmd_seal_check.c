#include "crypto/hash.h"
#include "tools/cli/file.h"
#include "tools/document/report.h"
#include "tools/seal/cmd_seal.h"
#include "tools/sealed/document_options.h"

#define DATA_MAX (64u << 20)

static const struct option_spec specs[] = {
    {"data", OPTION_FILE, "of a signature value: the file it signs, Signature.xml", "用于签章数据：被签名的文件 Signature.xml"},
    {"seal", OPTION_FILE, "of a signature value: the seal it should hold, Seal.esl", "用于签章数据：其中应有的印章 Seal.esl"},
    DOCUMENT_OPTION_SPECS,
};

/* Told apart by structure: in a seal a SEQUENCE of header, id, ... stands where a signature has its version and seal. */
static bool is_seal(struct bytes der) {
    struct ses_seal *seal = calloc(1, sizeof *seal);
    const char *where;
    bool is = seal && ses_seal_decode(seal, der, &where);
    free(seal);
    return is;
}

/* A seal alone has no signature value: what its maker signed decides. */
static enum steps_outcome seal_outcome(const struct report_signature *looked) {
    const struct step *step = step_find(&looked->steps, STEP_SEAL_SIGNATURE);
    return step && step->result == STEP_PASSED ? steps_outcome(&looked->steps) : STEPS_FAILED;
}

static int seal_check_show(const struct cli *cli, const struct report_signature *looked, enum steps_outcome outcome, bool explain) {
    if (cli->json) {
        json_t *json = signature_json(looked);
        json_object_del(json, "id");
        json_object_set_new(json, "result", json_string(outcome_name(outcome)));
        cli_print_json(json);
    } else {
        signature_print(looked, outcome, explain, cli_chinese());
    }
    return outcome_exit(outcome);
}

static int seal_check_check_seal(const struct cli *cli, struct bytes der, const struct check_options *check, bool explain) {
    struct report_signature *looked = calloc(1, sizeof *looked);
    struct ses_seal *seal = calloc(1, sizeof *seal);
    if (!looked || !seal) {
        free(looked);
        free(seal);
        return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    }
    looked->signed_ms = looked->timestamp_ms = TIME_UNKNOWN;
    if (seal_check(&looked->steps, seal, der, check)) {
        signature_take_seal(looked, seal);
        (void)snprintf(looked->kind, sizeof looked->kind, "%s", seal->version == SES_V1 ? "seal-v1" : seal->version == SES_V4 ? "seal-v4" : "seal-v5");
        struct cert *maker = cert_read(seal->maker_cert);
        looked->has_maker = maker != NULL;
        if (maker) cert_facts(&looked->maker, maker);
        cert_free(maker);
    }
    int done = seal_check_show(cli, looked, seal_outcome(looked), explain);
    free(looked);
    free(seal);
    return done;
}

static int seal_check_check_value(const struct cli *cli, struct value_input *input, const struct check_options *check, bool explain) {
    struct report_signature *looked = calloc(1, sizeof *looked);
    struct checked_value *value = calloc(1, sizeof *value);
    if (!looked || !value) {
        free(looked);
        free(value);
        return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    }
    value_check(&looked->steps, value, input, check);
    signature_take_value(looked, value);
    looked->has_digest = input->data_given;
    memcpy(looked->sha256, input->sha256, sizeof looked->sha256);
    memcpy(looked->sm3, input->sm3, sizeof looked->sm3);
    int done = seal_check_show(cli, looked, signature_outcome(looked), explain);
    free(looked);
    free(value);
    return done;
}

static bool seal_check_read_file(struct bytes *out, const char *path, size_t max) {
    size_t len = 0;
    uint8_t *data = file_read(path, max, &len);
    *out = bytes_of(data, len);
    return data != NULL;
}

static int seal_check_look_at(const struct cli *cli, const struct options *options, const struct check_options *check) {
    const char *data = option_get(options, "data"), *seal = option_get(options, "seal");
    const bool explain = option_get(options, "explain") != NULL;
    struct value_input input = {.data_given = data != NULL, .seal_file_given = seal != NULL};
    int done = EXIT_ERROR; /* file_read says why */
    if (seal_check_read_file(&input.value, options->positional[0], SES_SIGNATURE_MAX) && (!data || seal_check_read_file(&input.data, data, DATA_MAX)) &&
        (!seal || seal_check_read_file(&input.seal_file, seal, SES_SEAL_MAX))) {
        if (data) sha256(input.sha256, input.data.data, input.data.len);
        if (data) sm3(input.sm3, input.data.data, input.data.len);
        if (!is_seal(input.value)) done = seal_check_check_value(cli, &input, check, explain);
        else if (data || seal) done = cli_fail(EXIT_USAGE, SAY("%s is a seal: --data and --seal go with a signature value",
                                                               "%s 是印章数据：--data 和 --seal 只用于签章数据"), options->positional[0]);
        else done = seal_check_check_seal(cli, input.value, check, explain);
    }
    free((void *)(uintptr_t)input.value.data);
    free((void *)(uintptr_t)input.data.data);
    free((void *)(uintptr_t)input.seal_file.data);
    return done;
}

int cmd_seal_check(struct cli *cli) {
    static struct options options;
    struct check_options check;
    struct trust *trust;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count != 1) return cli_fail(EXIT_USAGE, SAY("licet seal check FILE.esl, or SignedValue.dat [--data Signature.xml] [--seal Seal.esl]",
                                                                       "用法：licet seal check 印章.esl，或 SignedValue.dat [--data Signature.xml] [--seal Seal.esl]"));
    int done = document_options(&check, &trust, &options);
    if (done == EXIT_VALID) done = seal_check_look_at(cli, &options, &check);
    trust_free(trust);
    return done;
}
