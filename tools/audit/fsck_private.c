#include "tools/audit/fsck_private.h"

#include <limits.h>

#include "ledger/chain/store.h"
#include "ledger/kv/private.h"
#include "ledger/state/slots.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/message.h"

#define NAMED_MAX 100u
#define TXN_OBJECTS 100000u /* a read txn is not kept for longer: what the node writes meanwhile would wait for its pages */

struct walk {
    struct private_check *out;
    struct private_store *store;
    struct private_licence *held;
    uint8_t *buffer;
};

/* Names the licence by its identifier where that can be read, and always by its key. */
static void unopened(struct walk *walk, const struct licence *licence, const char *why) {
    char hex[65], identifier[IDENTIFIER_MAX + 1] = "", shown[FINDING_SHOWN];
    size_t len;
    hex_encode(hex, licence->key, 32);
    if (private_identifier(walk->store, licence->key, identifier, &len) != ERR_OK) identifier[0] = '\0';
    if (walk->out->unopened++ == 0) (void)snprintf(walk->out->first, sizeof walk->out->first, "licence %s cannot be opened: %s", hex, why);
    if (walk->out->unopened > NAMED_MAX) return;
    (void)cli_fail(0, SAY("private/: licence %s %s cannot be opened: %s", "private/：证照 %s %s 无法打开：%s"), hex, identifier, finding_text(shown, why));
}

static enum err check_one(struct walk *walk, struct bytes value) {
    enum object_kind kind;
    struct licence licence;
    bool fits;
    if (!object_kind_of(&kind, value) || kind != OBJECT_LICENCE || licence_decode(&licence, value).code != CODE_OK) return ERR_OK; /* fsck_run says so */
    enum err err = private_get_for(walk->store, licence.key, licence.fields_root, walk->held, walk->buffer, PRIVATE_MAX, &fits);
    if (err == ERR_ABSENT) return ERR_OK; /* another issuer's */
    if (err == ERR_CORRUPT || err == ERR_VERSION) {
        unopened(walk, &licence, err_text(err));
        return ERR_OK;
    }
    if (err != ERR_OK) return err;
    if (fits) walk->out->opened++;
    else unopened(walk, &licence, "what is kept are not the salts and fields that the ledger has");
    return ERR_OK;
}

/* As many objects as the newest block has at the start; later ones are not looked at. */
static enum err walk_objects(struct walk *walk, struct kv *kv) {
    uint64_t objects = 0;
    enum err err = ERR_OK;
    for (uint64_t no = 0; err == ERR_OK && (no == 0 || no < objects);) {
        struct kv_txn *txn;
        struct stored_block newest;
        struct slots_row row = {0};
        struct bytes value;
        err = kv_begin(kv, false, &txn);
        if (err != ERR_OK) break;
        if (no == 0 && (err = store_newest(txn, &newest)) == ERR_OK) objects = newest.header.objects;
        uint64_t end = no + TXN_OBJECTS < objects ? no + TXN_OBJECTS : objects;
        for (; err == ERR_OK && no < end; no++) {
            err = slots_next(&row, txn, no, &value);
            if (err == ERR_OK) err = check_one(walk, value);
            else if (err == ERR_ABSENT || err == ERR_CORRUPT) err = ERR_OK; /* fsck_run says so */
        }
        kv_abort(txn);
        if (objects == 0) break;
    }
    return err;
}

enum err private_check_run(struct private_check *out, struct kv *kv, const char *dir) {
    char path[PATH_MAX];
    *out = (struct private_check){.looked = false};
    int len = snprintf(path, sizeof path, "%s/private", dir);
    if (len < 0 || (size_t)len >= sizeof path) return ERR_OK;
    struct walk walk = {.out = out};
    enum err err = private_open(&walk.store, path, false);
    if (err == ERR_ABSENT) return ERR_OK;
    if (err != ERR_OK) return err;
    out->looked = true;
    walk.held = malloc(sizeof *walk.held);
    walk.buffer = malloc(PRIVATE_MAX);
    err = walk.held && walk.buffer ? private_count(walk.store, &out->held) : ERR_MEMORY;
    if (err == ERR_OK) err = walk_objects(&walk, kv);
    if (walk.buffer) bytes_wipe(walk.buffer, PRIVATE_MAX); /* persons' data */
    free(walk.buffer);
    free(walk.held);
    private_close(walk.store);
    return err;
}
