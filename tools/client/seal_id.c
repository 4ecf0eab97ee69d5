#include "tools/client/seal_id.h"

#include "ledger/base/limits.h"
#include "tools/client/answer.h"

bool seal_path(char out[SEAL_PATH_MAX], const char *id, const char *rest) {
    size_t len = (size_t)snprintf(out, SEAL_PATH_MAX, "/v1/seals/");
    if (id[0] == '\0' || strlen(id) > SEAL_ID_MAX) return false;
    for (const char *p = id; *p; p++) {
        const bool plain = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '-' || *p == '.' || *p == '_';
        len += (size_t)snprintf(out + len, SEAL_PATH_MAX - len, plain ? "%c" : "%%%02X", (unsigned)(unsigned char)*p);
    }
    (void)snprintf(out + len, SEAL_PATH_MAX - len, "%s", rest);
    return true;
}

json_t *seal_fetch(const struct cli *cli, const char *id, const char *rest, int *exit_code) {
    char path[SEAL_PATH_MAX];
    if (!seal_path(path, id, rest)) {
        *exit_code = cli_fail(EXIT_USAGE, SAY("%s: an esID has 1 to %u bytes", "%s：esID 应为 1 至 %u 字节"), id, SEAL_ID_MAX);
        return NULL;
    }
    return http_json(cli, "GET", path, NULL, exit_code);
}
