/* pdf_update: what stands behind the first revision of a PDF, which ends at its first "%%EOF\n"; the data as a value, and as an object stream. Whatever is harmless is so with nothing
 * behind it but space, and every value is the same as itself. */
#include "tests/fuzz/fuzz.h"

#include "tools/document/pdf_filter.h"
#include "tools/document/pdf_table.h"
#include "tools/document/pdf_update.h"

#define CAP 65536u

/* However it was filtered; and each object in it once, in its order, within what it holds. */
static void read_stream(const struct pdf_dict *dict, struct bytes raw) {
    struct pdf_pack pack;
    uint8_t *out;
    size_t len;
    const char *why = NULL;
    if (pdf_filter_decode(&out, &len, dict, raw, CAP, &why)) {
        ASSERT(len <= CAP);
        free(out);
    } else {
        ASSERT(why != NULL);
    }
    if (!pdf_pack_read(&pack, 7, dict, raw, CAP, 1000, &why)) return;
    const uint8_t *end = pack.text;
    for (size_t i = 0; i < pack.count; i++) {
        const struct bytes text = pack.members[i].value.text;
        ASSERT(pack.members[i].number > 0 && pack.members[i].number < 1000);
        ASSERT(text.data >= end && text.data + text.len <= pack.text + pack.len);
        end = text.data + text.len;
        for (size_t k = 0; k < i; k++) ASSERT(pack.members[k].number != pack.members[i].number);
    }
    pdf_pack_free(&pack);
}

static void read_value(struct bytes data) {
    struct pdf_value value;
    struct pdf_dict dict;
    struct bytes rest = data;
    if (!pdf_value_read(&value, &rest)) return;
    ASSERT(value.text.data >= data.data && value.text.data + value.text.len <= data.data + data.len);
    ASSERT(rest.data == value.text.data + value.text.len);
    ASSERT(pdf_value_same(&value, &value));
    if (!pdf_dict_read(&dict, &value)) return;
    for (size_t i = 0; i < dict.count; i++) ASSERT(pdf_value_same(&dict.pairs[i].value, &dict.pairs[i].value));
    if (pdf_word(&rest, "stream") && rest.len > 0) read_stream(&dict, bytes_of(rest.data + 1, rest.len - 1));
}

int fuzz_one(const uint8_t *data, size_t size) {
    static const char eof[] = "%%EOF\n";
    struct pdf_update update, more;
    read_value(bytes_of(data, size));
    const uint8_t *found = size > 0 ? memmem(data, size, eof, sizeof eof - 1) : NULL;
    if (!found) return 0;
    const uint64_t end = (uint64_t)(found - data) + sizeof eof - 1;
    ASSERT(pdf_update_read(&update, bytes_of(data, size), end));
    ASSERT(update.added_count <= PDF_ADDED_MAX);
    if (update.verdict != PDF_HARMLESS) return 0;
    for (size_t i = 0; i < update.added_count; i++) ASSERT(update.added[i].at >= end && update.added[i].at < update.added[i].end && update.added[i].end <= size);
    uint8_t *longer = malloc(size + 2);
    ASSERT(longer != NULL);
    memcpy(longer, data, size);
    memcpy(longer + size, "\n(", 2);
    ASSERT(pdf_update_read(&more, bytes_of(longer, size + 2), end));
    ASSERT(more.verdict == PDF_UNREAD);
    free(longer);
    return 0;
}
