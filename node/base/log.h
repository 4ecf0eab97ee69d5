/* Log: one event a line, as JSON, to stderr: {"time":"...","level":"info","event":"started","port":8480}. Event and key
 * names are stable, because operators' tools match on them. Only heights, hashes, counts, paths and settings go in:
 * never a number, name, digest or identifier of a person or a licence. Any thread. Layer: node. */
#ifndef LICET_NODE_LOG_H
#define LICET_NODE_LOG_H
#include "crypto/bytes.h"

enum log_level { LOG_INFO, LOG_UNUSUAL, LOG_BROKEN };

enum log_kind { LOG_TEXT, LOG_UINT, LOG_INT, LOG_BOOL, LOG_HASH };
struct log_field {
    const char *key;
    enum log_kind kind;
    const char *text;      /* UTF-8; cut after 512 bytes */
    uint64_t number;       /* LOG_INT: the bits of an int64_t */
    const uint8_t *hash32;
};
static inline struct log_field log_text(const char *key, const char *text) { return (struct log_field){key, LOG_TEXT, text, 0, NULL}; }
static inline struct log_field log_uint(const char *key, uint64_t value) { return (struct log_field){key, LOG_UINT, NULL, value, NULL}; }
static inline struct log_field log_int(const char *key, int64_t value) { return (struct log_field){key, LOG_INT, NULL, (uint64_t)value, NULL}; }
static inline struct log_field log_bool(const char *key, bool value) { return (struct log_field){key, LOG_BOOL, NULL, value, NULL}; }
static inline struct log_field log_hash(const char *key, const uint8_t hash32[32]) { return (struct log_field){key, LOG_HASH, NULL, 0, hash32}; }

#define LOG_LINE_MAX 2048 /* fields that do not fit are left out, and "cut":true says so */
/* Writes whole lines, so that lines of several threads never mix. A log that cannot be written, or that nobody reads,
 * makes nobody stop or wait. */
void log_write(enum log_level level, const char *event, const struct log_field *fields, size_t count);
#define log_event(level, event, ...)                                                          \
    log_write((level), (event), (const struct log_field[]){__VA_ARGS__},                      \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/* Whole lines of text for the person who started the program. They go the same way, so they cannot hang either. */
void log_say(const char *text);

/* After log_start a thread writes the lines (log_sink.h). Before, the thread that logs writes them itself. */
#define LOG_END_MS 1000 /* how long the end of a program waits for a log that is not read */
void log_start(void);
void log_drain(void); /* before _exit */
void log_stop(void);
uint64_t log_dropped(void); /* lines that were not written */

/* Lines below the level are dropped. Starts as LOG_INFO. */
void log_set_level(enum log_level level);
MUST_USE bool log_level_from_name(enum log_level *out, const char *name); /* "info", "unusual", "broken" */
/* Where lines go instead of stderr, for tests; -1: nowhere. */
void log_set_fd(int fd);
#endif
