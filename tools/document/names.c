#include <iconv.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

#include "tools/document/layout.h"

/* Older makers write names in GBK without saying so, while the documents that name them are Unicode. */
static char *names_from_gb18030(const char *raw) {
    iconv_t converter = iconv_open("UTF-8", "GB18030");
    if (converter == (iconv_t)-1) return NULL;
    size_t left = strlen(raw), room = 3 * left + 1;
    char *out = malloc(room), *in = strdup(raw), *from = in, *to = out;
    bool good = out && in;
    room--;
    good = good && iconv(converter, &from, &left, &to, &room) != (size_t)-1 && left == 0 && iconv(converter, NULL, NULL, &to, &room) != (size_t)-1;
    (void)iconv_close(converter);
    if (good) *to = '\0';
    free(in);
    if (good) return out;
    free(out);
    return NULL;
}

/* Readers that unpack into a folder get what the file system makes of a name: Windows drops dots and spaces at its end, takes what follows a colon for a
 * stream of the file before it, and finds DocumentRes.xml as DOCUME~1.XML too. */
static bool is_alias(const char *part, size_t len) {
    const char *tilde = memchr(part, '~', len);
    if (part[len - 1] == '.' || part[len - 1] == ' ' || memchr(part, ':', len)) return true;
    return tilde && tilde - part <= 6 && tilde + 1 < part + len && tilde[1] >= '0' && tilde[1] <= '9';
}

/* Every part between slashes is a plain name. A folder's name ends in one slash. */
static bool is_inside(const char *name) {
    if (name[0] == '\0' || name[0] == '/') return false;
    for (const char *part = name; *part;) {
        size_t len = strcspn(part, "/");
        if (len == 0 || is_alias(part, len)) return false; /* "." and ".." among them */
        part += len + (part[len] == '/');
    }
    for (const char *c = name; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F) return false;
    return strlen(name) < PACKAGE_PATH_MAX;
}

/* The package's own folder says nothing: ./OFD.xml is OFD.xml. Once only: what is odder than that is refused. */
static size_t own_folder(const char *name) { return name[0] == '.' && (name[1] == '/' || name[1] == '\\') ? 2 : 0; }

char *name_canonical(const char *raw) {
    /* GB18030 before slashes: its second bytes may be a backslash */
    char *name = u8_check((const uint8_t *)raw, strlen(raw)) == NULL ? NULL : names_from_gb18030(raw);
    if (!name) name = strdup(raw);
    if (!name) return NULL;
    for (char *c = name; *c; c++)
        if (*c == '\\') *c = '/';
    size_t skip = own_folder(name);
    memmove(name, name + skip, strlen(name + skip) + 1);
    if (is_inside(name)) return name;
    free(name);
    return NULL;
}

char *name_other(const char *raw) {
    raw += own_folder(raw);
    const char *c = raw;
    while (*c && (unsigned char)*c < 0x80) c++;
    return *c && u8_check((const uint8_t *)raw, strlen(raw)) == NULL ? names_from_gb18030(raw) : NULL;
}

char *name_folded(const char *name) {
    size_t len = strlen(name), folded_len = 0;
    uint8_t *folded = u8_casefold((const uint8_t *)name, len, NULL, UNINORM_NFKC, NULL, &folded_len);
    char *out = malloc((folded ? folded_len : len) + 1);
    if (out && folded) {
        memcpy(out, folded, folded_len);
        out[folded_len] = '\0';
    } else if (out) { /* not UTF-8: letters of ASCII alone have a case */
        for (size_t i = 0; i <= len; i++) out[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] | 0x20) : name[i];
    }
    free(folded);
    return out;
}

/* Takes one part off what stands in out[0..len). */
static bool pop(const char *out, size_t *len) {
    if (*len == 0) return false;
    size_t at = *len - 1; /* the slash at its end */
    while (at > 0 && out[at - 1] != '/') at--;
    *len = at;
    return true;
}

bool package_resolve(char out[PACKAGE_PATH_MAX], const char *from, const char *name) {
    size_t len = 0;
    if (name[0] != '/' && name[0] != '\\') {
        const char *slash = strrchr(from, '/');
        len = slash ? (size_t)(slash - from) + 1 : 0;
        if (len >= PACKAGE_PATH_MAX) return false;
        memcpy(out, from, len);
    }
    for (const char *part = name; *part;) {
        size_t part_len = strcspn(part, "/\\");
        bool last = part[part_len] == '\0';
        if (part_len == 2 && part[0] == '.' && part[1] == '.') {
            if (!pop(out, &len)) return false;
        } else if (part_len > 0 && !(part_len == 1 && part[0] == '.')) {
            if (len + part_len + 1 >= PACKAGE_PATH_MAX) return false;
            memcpy(out + len, part, part_len);
            len += part_len;
            if (!last) out[len++] = '/';
        }
        part += part_len + !last;
    }
    out[len] = '\0';
    return len > 0 && out[len - 1] != '/'; /* a folder is no file */
}
