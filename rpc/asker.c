#include "rpc/asker.h"

#include <arpa/inet.h>
#include <strings.h>

/* From an address of 16 bytes, IPv4 mapped into it. */
static void asker_from(uint8_t out[ASKER_LEN], const uint8_t address[16]) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, loopback[16] = {[15] = 1};
    const bool v4 = memcmp(address, mapped, sizeof mapped) == 0;
    memset(out, 0, ASKER_LEN);
    if (memcmp(address, loopback, sizeof loopback) == 0 || (v4 && address[12] == 127)) return;
    memcpy(out, address, v4 ? ASKER_LEN : 8);
}

void asker_of_peer(uint8_t out[ASKER_LEN], const struct sockaddr *peer) {
    uint8_t address[16] = {[10] = 0xff, [11] = 0xff};
    memset(out, 0, ASKER_LEN);
    if (peer->sa_family == AF_INET) memcpy(address + 12, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    else if (peer->sa_family == AF_INET6) memcpy(address, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 16);
    else return;
    asker_from(out, address);
}

void asker_named(uint8_t out[ASKER_LEN], const struct http_head *head, const char *header) {
    const char *value = NULL;
    char text[INET6_ADDRSTRLEN];
    uint8_t address[16] = {[10] = 0xff, [11] = 0xff};
    for (uint32_t i = 0; i < head->field_count; i++)
        if (strcasecmp(head->fields[i].name, header) == 0) value = head->fields[i].value;
    if (value == NULL) return;
    const char *comma = strrchr(value, ',');
    if (comma != NULL) value = comma + 1;
    value += strspn(value, " \t");
    if (strlen(value) >= sizeof text) return;
    (void)snprintf(text, sizeof text, "%s", value);
    if (inet_pton(AF_INET, text, address + 12) != 1 && inet_pton(AF_INET6, text, address) != 1) return;
    asker_from(out, address);
}
