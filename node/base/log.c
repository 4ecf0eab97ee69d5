#include "node/base/log.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <unistd.h>

#include "node/base/clock.h"
#include "node/base/log_sink.h"

#define TEXT_MAX 512
#define TAIL "\"cut\":true"

static const char *const level_names[] = {"info", "unusual", "broken"};
static atomic_int level_now = LOG_INFO;
static atomic_int fd_now = STDERR_FILENO;

struct line {
    char text[LOG_LINE_MAX];
    size_t len;
    bool full;
};

/* Room for the tail, a brace and a line end is always kept. */
static void line_add(struct line *line, const char *text, size_t len) {
    size_t cap = sizeof line->text - sizeof(TAIL) - 4;
    if (line->full || len > cap - line->len) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->len, text, len);
    line->len += len;
}
static void add_text(struct line *line, const char *text) { line_add(line, text, strlen(text)); }

/* JSON text. What is not plain is escaped bytewise where it could break a line or a terminal; UTF-8 passes, cut at a whole character. */
static void add_quoted(struct line *line, const char *text) {
    size_t len = strnlen(text, TEXT_MAX + 1);
    if (len > TEXT_MAX) {
        len = TEXT_MAX;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) len--;
    }
    line_add(line, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            const char pair[2] = {'\\', (char)c};
            line_add(line, pair, 2);
        } else if (c < 0x20 || c == 0x7F) {
            char escape[8];
            int n = snprintf(escape, sizeof escape, "\\u%04x", c);
            line_add(line, escape, (size_t)n);
        } else {
            line_add(line, text + i, 1);
        }
    }
    line_add(line, "\"", 1);
}

static void add_value(struct line *line, const struct log_field *field) {
    char text[65];
    switch (field->kind) {
    case LOG_TEXT:
        add_quoted(line, field->text ? field->text : "");
        return;
    case LOG_UINT:
        (void)snprintf(text, sizeof text, "%" PRIu64, field->number);
        break;
    case LOG_INT:
        (void)snprintf(text, sizeof text, "%" PRId64, (int64_t)field->number);
        break;
    case LOG_BOOL:
        add_text(line, field->number ? "true" : "false");
        return;
    case LOG_HASH:
        hex_encode(text, field->hash32, 32);
        add_quoted(line, text);
        return;
    }
    add_text(line, text);
}

static void line_make(struct line *line, enum log_level level, const char *event, const struct log_field *fields, size_t count) {
    char time[CLOCK_TEXT_LEN + 1];
    clock_text(time, clock_now_ms(NULL));
    line->len = 0;
    line->full = false;
    add_text(line, "{\"time\":\"");
    add_text(line, time);
    add_text(line, "\",\"level\":\"");
    add_text(line, level_names[level]);
    add_text(line, "\",\"event\":");
    add_quoted(line, event);
    for (size_t i = 0; i < count && !line->full; i++) {
        size_t before = line->len;
        line_add(line, ",", 1);
        add_quoted(line, fields[i].key);
        line_add(line, ":", 1);
        add_value(line, &fields[i]);
        if (line->full) line->len = before; /* whole fields only: a line is always JSON */
    }
    if (line->full) {
        line->text[line->len++] = ',';
        memcpy(line->text + line->len, TAIL, sizeof TAIL - 1);
        line->len += sizeof TAIL - 1;
    }
    line->text[line->len++] = '}';
    line->text[line->len++] = '\n';
}

void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count) {
    int fd = atomic_load_explicit(&fd_now, memory_order_relaxed);
    if (fd < 0 || (int)level < atomic_load_explicit(&level_now, memory_order_relaxed)) return;
    struct line line;
    line_make(&line, level, event, fields, count);
    log_sink_put(fd, line.text, line.len);
}

void log_say(const char *text) {
    int fd = atomic_load_explicit(&fd_now, memory_order_relaxed);
    if (fd >= 0) log_sink_put(fd, text, strlen(text));
}

static size_t dropped_line(char *out, size_t cap, uint64_t dropped) {
    struct line line;
    const struct log_field count = log_uint("count", dropped);
    line_make(&line, LOG_UNUSUAL, "log_lines_dropped", &count, 1);
    if (line.len > cap) return 0;
    memcpy(out, line.text, line.len);
    return line.len;
}

void log_start(void) {
    log_sink_on_dropped(dropped_line);
    log_sink_start();
}
void log_drain(void) { log_sink_drain(LOG_END_MS); }
void log_stop(void) { log_sink_stop(LOG_END_MS); }
uint64_t log_dropped(void) { return log_sink_dropped(); }

void log_set_level(enum log_level level) { atomic_store_explicit(&level_now, (int)level, memory_order_relaxed); }
void log_set_fd(int fd) { atomic_store_explicit(&fd_now, fd, memory_order_relaxed); }

bool log_level_from_name(enum log_level *out, const char *name) {
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(name, level_names[i]) != 0) continue;
        *out = (enum log_level)i;
        return true;
    }
    return false;
}
