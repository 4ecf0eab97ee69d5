/* Config: licet.conf (ini), every setting checked. An unknown or repeated key is refused by its name and line. An
 * absent key has its default. Paths are relative to the file's folder. Layer: node. */
#ifndef LICET_NODE_CONFIG_H
#define LICET_NODE_CONFIG_H
#include "ledger/base/code.h"
#include "node/engine_table.h"

#define PATH_CAP 1024
struct config {
    char dir[PATH_CAP];                 /* the folder of the file */
    char listen_host[64]; uint16_t listen_port;   /* [rpc] listen = 127.0.0.1:8480 */
    char ops_host[64]; uint16_t ops_port;         /* [ops] listen = 127.0.0.1:8481; port 0: any; "off" */
    bool ops_on;
    unsigned rpc_threads;               /* [rpc] threads = 2 */
    uint32_t connections_max, body_max, headers_max, request_ms_max, answer_ms_max, idle_ms_max; /* [rpc], keys of the same names */
    char names[512];                    /* [rpc] names = ledger.example.cn, other:8443: Host headers that are answered besides the node's own address */
    uint32_t mismatches_max, mismatches_hours; /* [rpc] = 5, 24: wrong queries by fields of one asker about one licence before it is not answered; how long */
    char asker_header[64];              /* [rpc] asker_header: the header in which the proxy in front names its client, such as X-Forwarded-For; "": none */
    struct engine_settings engine;      /* [engine], keys of the same names */
    char mark_path[PATH_CAP];           /* [storage] mark = node/mark */
    uint64_t room_min_mib;              /* [storage] room_min_mib = 64 */
    char seal_key[PATH_CAP], note_key[PATH_CAP], checkpoint_key[PATH_CAP]; /* [keys] seal = node/seal.pem or pkcs11:..., note, checkpoint */
    char key_module[PATH_CAP];          /* [keys] module: the PKCS#11 module of URIs without a module-path; "": none */
    char log_level[16];                 /* [log] level = info | unusual | broken */
    char tls_certificate[PATH_CAP], tls_key[PATH_CAP]; /* [rpc] tls_certificate, tls_key: not served yet: set means refused with a sentence */
};
/* A ledger was run in this folder: nothing may be begun anew in it. */
bool ledger_lives(const char *dir);
#define CONFIG_FILE "licet.conf"
/* Reads dir/licet.conf. ERR_CONFIG and message "licet.conf:12: unknown key `lisen` in [rpc]"; ERR_ABSENT where there
 * is no such file; ERR_IO. */
MUST_USE enum err config_load(struct config *out, const char *dir, char *message, size_t cap);
void config_defaults(struct config *out);
#endif
