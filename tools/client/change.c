#include "tools/client/change.h"

#include "ledger/wire/text.h"

int change_words(char *out, size_t max, const struct options *options, const char *name, bool needed) {
    const char *given = option_get(options, name);
    size_t len = 0;
    enum code code = given ? text_normal_name(out, max, &len, bytes_text(given), NULL) : CODE_OK;
    out[code == CODE_OK ? len : 0] = '\0';
    if (code != CODE_OK) return cli_fail(EXIT_USAGE, SAY("--%s: %s", "--%s：%s"), name, code == CODE_CBOR_RANGE ? SAY("is longer than the ledger takes", "超过账本可接受的长度") : cli_code_text(code));
    if (len > 0 || !needed) return EXIT_VALID;
    return cli_fail(EXIT_USAGE, SAY("--%s is missing: a reason and a legal basis are required, and anybody may read them",
                                    "缺少 --%s：必须写明原因和法律依据，任何人都能看到"), name);
}

void change_job(char out[JOB_ID_LEN + 1]) {
    uint8_t job[8];
    random_bytes(job, sizeof job);
    memcpy(out, "job-", 4);
    hex_encode(out + 4, job, sizeof job);
}
