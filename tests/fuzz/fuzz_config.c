/* config: licet.conf. Taken, or refused with a message that is a line. */
#include "tests/fuzz/folder.h"

#include "node/config.h"

int fuzz_one(const uint8_t *data, size_t size) {
    static struct config config;
    char message[512] = "";
    (void)folder_file(CONFIG_FILE, data, size);
    const enum err err = config_load(&config, folder(), message, sizeof message);
    ASSERT(err == ERR_OK || err == ERR_CONFIG);
    ASSERT(memchr(message, '\0', sizeof message) != NULL);
    if (err == ERR_CONFIG) {
        ASSERT(strncmp(message, CONFIG_FILE ":", sizeof CONFIG_FILE) == 0);
        ASSERT(strchr(message, '\n') == NULL);
        return 0;
    }
    ASSERT(memchr(config.listen_host, '\0', sizeof config.listen_host) != NULL);
    ASSERT(memchr(config.ops_host, '\0', sizeof config.ops_host) != NULL);
    ASSERT(memchr(config.mark_path, '\0', sizeof config.mark_path) != NULL);
    ASSERT(memchr(config.log_level, '\0', sizeof config.log_level) != NULL);
    ASSERT(memchr(config.engine.kind, '\0', sizeof config.engine.kind) != NULL);
    ASSERT(config.mark_path[0] != '\0');
    ASSERT(config.rpc_threads >= 1);
    return 0;
}
