/* The run as a whole: environment, figures, table and JSON. */
#include "tests/bench/bench.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "node/base/log.h"

const char *bench_dir, *bench_self;
static double scale = 1;
static double started;

double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

size_t scaled(size_t count, size_t least) {
    const double wanted = (double)count * scale;
    return wanted < (double)least ? least : (size_t)wanted;
}

bool part_wanted(const char *name) {
    const char *only = getenv("BENCH_ONLY");
    return only == NULL || *only == '\0' || strstr(only, name) != NULL;
}

void stage(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "bench %5.1fs  ", now_s() - started);
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
}

void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "bench: ");
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void remove_tree(const char *path) {
    DIR *dir = opendir(path);
    if (dir != NULL) {
        const struct dirent *entry;
        while ((entry = readdir(dir)) != NULL) {
            char below[1024];
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < (int)sizeof below) remove_tree(below);
        }
        (void)closedir(dir);
    }
    (void)remove(path);
}

int bench_run(char *const *argv, char *output, size_t cap) {
    int ends[2], status = 0;
    if (pipe(ends) != 0) return -1;
    const pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], 1);
        (void)close(ends[0]);
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    (void)close(ends[1]);
    size_t len = 0;
    ssize_t got;
    while (pid > 0 && len + 1 < cap && (got = read(ends[0], output + len, cap - 1 - len)) > 0) len += (size_t)got;
    output[len] = '\0';
    (void)close(ends[0]);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- figures ---- */

#define FIGURES_MAX 64
static struct line {
    struct figure figure;
    double value, limit, ratio, min, max;
    const char *skipped;
} lines[FIGURES_MAX];
static int line_count;

void sample_add(struct samples *samples, double value, double limit) {
    if (samples->count == SAMPLES_MAX) return;
    samples->value[samples->count] = value;
    samples->limit[samples->count++] = limit;
}

static int compare(const void *a, const void *b) {
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

double samples_median(const double *list, int count) {
    double sorted[SAMPLES_MAX];
    memcpy(sorted, list, (size_t)count * sizeof *list);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    return count % 2 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
}

static struct line *line_new(const struct figure *figure) {
    if (line_count == FIGURES_MAX) die("more figures than places");
    struct line *line = &lines[line_count++];
    *line = (struct line){.figure = *figure};
    return line;
}

void figure_add(const struct figure *figure, const struct samples *samples) {
    struct line *line = line_new(figure);
    double judged[SAMPLES_MAX];
    for (int i = 0; i < samples->count; i++) judged[i] = figure->against ? samples->value[i] / samples->limit[i] : samples->value[i];
    line->value = samples_median(samples->value, samples->count);
    if (figure->against) {
        line->limit = samples_median(samples->limit, samples->count);
        line->ratio = samples_median(judged, samples->count);
    }
    line->min = line->max = judged[0];
    for (int i = 1; i < samples->count; i++) {
        if (judged[i] < line->min) line->min = judged[i];
        if (judged[i] > line->max) line->max = judged[i];
    }
    stage("%s: %.6g %s%s%.3g", figure->name, line->value, figure->unit, figure->against ? ", ratio " : ", target ",
          figure->against ? line->ratio : figure->target);
}

void figure_add_one(const struct figure *figure, double value, double limit) {
    struct samples samples = {.count = 0};
    sample_add(&samples, value, limit);
    figure_add(figure, &samples);
}

void figure_skip(const char *name, const char *why) {
    const struct figure figure = {.name = name, .unit = ""};
    line_new(&figure)->skipped = why;
    stage("%s: skipped: %s", name, why);
}

static void number_text(char out[24], double value) {
    const double size = value < 0 ? -value : value;
    if (size >= 1e6) (void)snprintf(out, 24, "%.2f M", value / 1e6);
    else if (size >= 1e4) (void)snprintf(out, 24, "%.1f k", value / 1e3);
    else if (size >= 100) (void)snprintf(out, 24, "%.0f", value);
    else (void)snprintf(out, 24, "%.3g", value);
}

static const char *judgement(const struct line *line) {
    const struct figure *figure = &line->figure;
    const double judged = figure->against ? line->ratio : line->value;
    if (figure->target == 0) return "";
    if (figure->hoped != 0 && (figure->low_is_better ? judged <= figure->hoped : judged >= figure->hoped)) return "++";
    return (figure->low_is_better ? judged <= figure->target : judged >= figure->target) ? "+" : "-";
}

static void line_print(const struct line *line) {
    const struct figure *figure = &line->figure;
    char value[24], limit[24] = "", ratio[24] = "", target[40] = "";
    if (line->skipped) {
        printf("%-52s %s\n", figure->name, line->skipped);
        return;
    }
    number_text(value, line->value);
    if (figure->against) {
        number_text(limit, line->limit);
        (void)snprintf(ratio, sizeof ratio, "%.3g", line->ratio);
    }
    if (figure->target != 0) (void)snprintf(target, sizeof target, "%s %.3g", figure->low_is_better ? "<=" : ">=", figure->target);
    if (figure->hoped != 0) {
        const size_t len = strlen(target);
        (void)snprintf(target + len, sizeof target - len, " [%.3g]", figure->hoped);
    }
    printf("%-52s %9s %-12s %9s %6s  %6.3g..%-7.3g %-14s %-2s  %s\n", figure->name, value, figure->unit, limit, ratio, line->min, line->max, target,
           judgement(line), figure->against ? figure->against : "");
}

/* Names, units and limits are ours: nothing in them needs escaping. */
static void line_json(FILE *file, const struct line *line) {
    const struct figure *figure = &line->figure;
    (void)fprintf(file, "{\"name\":\"%s\",\"value\":%.6g,\"unit\":\"%s\",", figure->name, line->value, figure->unit);
    if (figure->against) (void)fprintf(file, "\"limit\":%.6g,\"ratio\":%.4g,\"against\":\"%s\",", line->limit, line->ratio, figure->against);
    else (void)fprintf(file, "\"limit\":null,\"ratio\":null,\"against\":null,");
    if (figure->target != 0) (void)fprintf(file, "\"target\":%.4g,", figure->target);
    else (void)fprintf(file, "\"target\":null,");
    if (figure->hoped != 0) (void)fprintf(file, "\"hoped\":%.4g,", figure->hoped);
    (void)fprintf(file, "\"min\":%.4g,\"max\":%.4g,\"better\":\"%s\"}", line->min, line->max, figure->low_is_better ? "low" : "high");
}

void figures_write(const char *path) {
    printf("\n%-52s %9s %-12s %9s %6s  %-15s %-14s\n", "figure", "value", "", "limit", "ratio", "min..max", "target [then]");
    for (int i = 0; i < line_count; i++) line_print(&lines[i]);
    FILE *file = fopen(path, "w");
    if (file == NULL) die("%s cannot be written: %s", path, strerror(errno));
    bool any = false;
    (void)fputc('[', file);
    for (int i = 0; i < line_count; i++) {
        if (lines[i].skipped) continue;
        (void)fputs(any ? ",\n" : "\n", file);
        line_json(file, &lines[i]);
        any = true;
    }
    (void)fputs("\n]\n", file);
    if (fclose(file) != 0) die("%s cannot be written: %s", path, strerror(errno));
    printf("\n%s: figures; min and max are of what the target is for: the ratio, or the value where there is no limit\n", path);
}

/* ---- the run ---- */

static void environment(void) {
    static char dir[512];
    const char *scale_text = getenv("BENCH_SCALE"), *dir_text = getenv("BENCH_DIR");
    if (scale_text != NULL && *scale_text != '\0') scale = strtod(scale_text, NULL);
    if (!(scale > 0 && scale <= 100)) die("BENCH_SCALE is not a number above 0");
    (void)snprintf(dir, sizeof dir, "%s", dir_text != NULL && *dir_text != '\0' ? dir_text : "build/bench.d");
    bench_dir = dir;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) die("%s cannot be made: %s", dir, strerror(errno));
}

int main(int argc, char **argv) {
    started = now_s();
    bench_self = argv[0];
    log_set_fd(-1);
    if (crypto_start() != NULL) die("the cryptographic libraries do not work");
    if (argc == 3 && strcmp(argv[1], "open") == 0) return start_child(argv[2]);
    environment();
    world_start(&bench_world);
    if (part_wanted("singles")) part_singles();
    if (part_wanted("batches")) part_batches();
    if (part_wanted("import")) part_import();
    if (part_wanted("documents")) part_documents();
    world_stop(&bench_world);
    (void)rmdir(bench_dir);
    const char *json = getenv("BENCH_JSON");
    figures_write(json != NULL && *json != '\0' ? json : "build/bench.json");
    return 0;
}
