#include "tools/authority/ofd_page.h"

#include <stdarg.h>
#include <time.h>
#include <unistr.h>

#include "crypto/keyfile.h"

#define FONT_ID 1u

/* One row of characters: where it begins in the text, how many bytes, and how many half widths: a Chinese character takes two, others one. */
struct row { const char *text; size_t len; uint32_t halves; };
struct sheet {
    const struct ofd_text *text;
    struct bundle *bundle;
    FILE *page;       /* Content.xml that is being written; NULL: none */
    char *page_data;
    size_t page_len;
    uint32_t page_count, next_id, y_mm;
    uint32_t page_ids[OFD_PAGES_MAX];
};

struct tm utc_of(int64_t ms) {
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm = {0};
    (void)gmtime_r(&seconds, &tm);
    return tm;
}

void xml_put(FILE *out, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&': (void)fputs("&amp;", out); break;
        case '<': (void)fputs("&lt;", out); break;
        case '>': (void)fputs("&gt;", out); break;
        case '"': (void)fputs("&quot;", out); break;
        default: (void)putc(*text, out);
        }
    }
}

struct ofd_text ofd_licence_text(const char *title, const char *const *lines, size_t line_count, int64_t time_ms) {
    return (struct ofd_text){.width_mm = 210, .height_mm = 297, .margin_mm = 25, .title_mm = 9, .text_mm = 5, .free_mm = 50, .title = title, .lines = lines,
                             .line_count = line_count, .colour = "0 0 0", .time_ms = time_ms};
}

bool ofd_text_fits(const char *text) {
    size_t len = strlen(text);
    if (u8_check((const uint8_t *)text, len)) return false;
    for (size_t at = 0; at < len;) {
        ucs4_t c;
        at += (size_t)u8_mbtouc(&c, (const uint8_t *)text + at, len - at);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff) return false;
    }
    return true;
}

static uint32_t halves_of(ucs4_t c) { return c >= 0x2e80 ? 2 : 1; }

/* As many characters as fit into `halves_max`, at least one. */
static struct row ofd_page_take_row(const char *text, uint32_t halves_max) {
    struct row row = {.text = text};
    size_t left = strlen(text);
    while (left > 0) {
        ucs4_t c;
        size_t len = (size_t)u8_mbtouc(&c, (const uint8_t *)text + row.len, left);
        if (row.len > 0 && row.halves + halves_of(c) > halves_max) break;
        row.halves += halves_of(c);
        row.len += len;
        left -= len;
    }
    return row;
}

static uint32_t row_halves(const struct ofd_text *text, uint32_t size_mm) { return 2 * (text->width_mm - 2 * text->margin_mm) / size_mm; }

size_t ofd_text_rows(const struct ofd_text *text, const char *line) {
    size_t rows = 0;
    do {
        line += ofd_page_take_row(line, row_halves(text, text->text_mm)).len;
        rows++;
    } while (*line);
    return rows;
}

static void put_half_mm(FILE *out, uint32_t halves) { (void)fprintf(out, halves % 2 ? "%u.5" : "%u", halves / 2); }

/* How far each next character stands from the one before it. */
static void put_steps(FILE *out, struct row row, uint32_t size_mm) {
    bool first = true;
    for (size_t at = 0; at < row.len;) {
        ucs4_t c;
        at += (size_t)u8_mbtouc(&c, (const uint8_t *)row.text + at, row.len - at);
        if (at >= row.len) break; /* nothing follows the last one */
        (void)fputs(first ? " DeltaX=\"" : " ", out);
        put_half_mm(out, halves_of(c) * size_mm);
        first = false;
    }
    if (!first) (void)putc('"', out);
}

static void ofd_page_put_row(struct sheet *sheet, struct row row, uint32_t size_mm, bool centred) {
    const struct ofd_text *text = sheet->text;
    uint32_t width_halves = row.halves * size_mm, left_halves = 2 * text->margin_mm;
    if (centred && width_halves < 2 * text->width_mm) left_halves = (2 * text->width_mm - width_halves) / 2;
    (void)fprintf(sheet->page, "<ofd:TextObject ID=\"%u\" Boundary=\"", sheet->next_id++);
    put_half_mm(sheet->page, left_halves);
    (void)fprintf(sheet->page, " %u ", sheet->y_mm);
    put_half_mm(sheet->page, width_halves + 2);
    (void)fprintf(sheet->page, " %u\" Font=\"%u\" Size=\"%u\"><ofd:FillColor Value=\"%s\"/><ofd:TextCode X=\"0\" Y=\"%u\"", size_mm + 2, FONT_ID, size_mm, text->colour, size_mm);
    put_steps(sheet->page, row, size_mm);
    (void)putc('>', sheet->page);
    char *copy = strndup(row.text, row.len);
    if (copy) xml_put(sheet->page, copy);
    free(copy);
    (void)fputs("</ofd:TextCode></ofd:TextObject>", sheet->page);
}

static bool page_end(struct sheet *sheet) {
    if (!sheet->page) return true;
    (void)fputs("</ofd:Layer></ofd:Content></ofd:Page>", sheet->page);
    bool ok = fclose(sheet->page) == 0;
    char name[64];
    (void)snprintf(name, sizeof name, "Doc_0/Pages/Page_%u/Content.xml", sheet->page_count - 1);
    ok = ok && bundle_put(sheet->bundle, name, bytes_of(sheet->page_data, sheet->page_len));
    free(sheet->page_data);
    sheet->page = NULL;
    sheet->page_data = NULL;
    return ok;
}

/* A frame around the text says that this is the whole sheet. */
static void put_frame(struct sheet *sheet) {
    const struct ofd_text *text = sheet->text;
    uint32_t inset = text->margin_mm / 2, w = text->width_mm - 2 * inset, h = text->height_mm - 2 * inset;
    (void)fprintf(sheet->page,
                  "<ofd:PathObject ID=\"%u\" Boundary=\"%u %u %u %u\" LineWidth=\"0.4\"><ofd:StrokeColor Value=\"%s\"/>"
                  "<ofd:AbbreviatedData>M 0 0 L %u 0 L %u %u L 0 %u C</ofd:AbbreviatedData></ofd:PathObject>",
                  sheet->next_id++, inset, inset, w, h, text->colour, w, w, h, h);
}

static bool page_begin(struct sheet *sheet) {
    if (!page_end(sheet) || sheet->page_count == OFD_PAGES_MAX) return false;
    sheet->page = open_memstream(&sheet->page_data, &sheet->page_len);
    if (!sheet->page) return false;
    sheet->page_ids[sheet->page_count++] = sheet->next_id++;
    (void)fprintf(sheet->page, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Page xmlns:ofd=\"" OFD_NAMESPACE "\"><ofd:Content><ofd:Layer ID=\"%u\">", sheet->next_id++);
    sheet->y_mm = sheet->text->margin_mm;
    put_frame(sheet);
    return true;
}

static bool put_text(struct sheet *sheet, const char *line, uint32_t size_mm, bool centred) {
    const struct ofd_text *text = sheet->text;
    if (!ofd_text_fits(line)) return false;
    uint32_t bottom = text->height_mm - text->margin_mm - text->free_mm;
    do {
        struct row row = ofd_page_take_row(line, row_halves(text, size_mm));
        if ((!sheet->page || sheet->y_mm + size_mm + 2 > bottom) && !page_begin(sheet)) return false;
        if (row.len > 0) ofd_page_put_row(sheet, row, size_mm, centred);
        sheet->y_mm += 2 * size_mm;
        line += row.len;
    } while (*line);
    return true;
}

/* XML of one file of the document, formatted into memory and put into the bundle. */
__attribute__((format(printf, 3, 4))) static bool put_xml(struct bundle *bundle, const char *name, const char *format, ...) {
    char *data = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&data, format, args);
    va_end(args);
    bool ok = len >= 0 && bundle_put(bundle, name, bytes_of(data, (size_t)len));
    if (len >= 0) free(data);
    return ok;
}

static bool put_document(struct sheet *sheet) {
    char *pages = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&pages, &len);
    if (!out) return false;
    for (uint32_t i = 0; i < sheet->page_count; i++) (void)fprintf(out, "<ofd:Page ID=\"%u\" BaseLoc=\"Pages/Page_%u/Content.xml\"/>", sheet->page_ids[i], i);
    bool ok = fclose(out) == 0;
    ok = ok && put_xml(sheet->bundle, "Doc_0/Document.xml",
                       "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Document xmlns:ofd=\"" OFD_NAMESPACE "\"><ofd:CommonData><ofd:MaxUnitID>%u</ofd:MaxUnitID>"
                       "<ofd:PageArea><ofd:PhysicalBox>0 0 %u %u</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData>"
                       "<ofd:Pages>%s</ofd:Pages></ofd:Document>",
                       sheet->next_id - 1, sheet->text->width_mm, sheet->text->height_mm, pages);
    free(pages);
    return ok;
}

static bool put_root(struct bundle *bundle, int64_t time_ms) {
    uint8_t random[16];
    char id[33], day[16];
    random_bytes(random, sizeof random);
    hex_encode(id, random, sizeof random);
    struct tm tm = utc_of(time_ms);
    (void)strftime(day, sizeof day, "%Y-%m-%d", &tm);
    return put_xml(bundle, "OFD.xml",
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:OFD xmlns:ofd=\"" OFD_NAMESPACE "\" Version=\"1.1\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo>"
                   "<ofd:DocID>%s</ofd:DocID><ofd:CreationDate>%s</ofd:CreationDate><ofd:Creator>Licet</ofd:Creator></ofd:DocInfo>"
                   "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>", id, day);
}

bool ofd_page_make(struct bundle *out, const struct ofd_text *text) {
    *out = (struct bundle){0};
    struct sheet sheet = {.text = text, .bundle = out, .next_id = FONT_ID + 1};
    bool ok = put_root(out, text->time_ms) &&
              put_xml(out, "Doc_0/PublicRes.xml",
                      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:Res xmlns:ofd=\"" OFD_NAMESPACE "\" BaseLoc=\"Res\"><ofd:Fonts>"
                      "<ofd:Font ID=\"%u\" FontName=\"宋体\" FamilyName=\"宋体\"/></ofd:Fonts></ofd:Res>", FONT_ID) &&
              page_begin(&sheet) && (!text->title || put_text(&sheet, text->title, text->title_mm, true));
    for (size_t i = 0; ok && i < text->line_count; i++) ok = put_text(&sheet, text->lines[i], text->text_mm, false);
    ok = page_end(&sheet) && ok && put_document(&sheet);
    if (!ok) bundle_free(out);
    return ok;
}
