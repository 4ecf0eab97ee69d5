#include "tools/import/sender.h"

#include <unistd.h>

#include "tools/client/answer.h"

#define WAIT_FIRST_MS 200
#define WAIT_STEP_MAX_MS 5000
#define WAIT_MAX_MS 60000 /* a restart of the node fits in */

void import_stop(struct import_sender *sender, int exit_code) {
    int none = EXIT_VALID;
    (void)atomic_compare_exchange_strong(&sender->exit_code, &none, exit_code);
    atomic_store(&sender->stop, true);
}

/* The day's quota does not come back within a minute; everything else of these may. */
static bool may_pass(const struct http_answer *answer) {
    struct refusal refusal;
    if (answer->status != 503 && answer->status != 507 && answer->status != 429) return false;
    return !problem_read(&refusal, answer) || refusal.code != CODE_QUOTA;
}

static bool try_call(struct import_sender *sender, const char *method, const char *path, const char *content_type, const char *accept, struct bytes body,
                     struct http_answer *answer, const char **problem, int *exit_code) {
    struct refusal refusal;
    *problem = SAY("it does not answer", "没有应答");
    *exit_code = EXIT_ERROR;
    if (!http_call(answer, sender->cli, method, path, content_type, accept, body)) return false;
    if (!may_pass(answer)) return true;
    bool told = problem_read(&refusal, answer);
    *problem = told ? cli_code_text(refusal.code) : SAY("it is busy", "正忙");
    if (told) *exit_code = refusal_exit(refusal.code);
    http_answer_free(answer);
    return false;
}

bool import_call(struct import_sender *sender, const char *method, const char *path, const char *content_type, const char *accept, struct bytes body,
                 struct http_answer *answer) {
    const char *problem;
    int exit_code;
    if (atomic_load(&sender->stop)) return false;
    if (try_call(sender, method, path, content_type, accept, body, answer, &problem, &exit_code)) return true;
    /* One waits and tries, the others wait for it: a node that is in trouble is not asked eight times over, nor a person told so. */
    (void)pthread_mutex_lock(&sender->trouble);
    int wait = WAIT_FIRST_MS, waited = 0;
    bool answered = false;
    while (!atomic_load(&sender->stop)) {
        answered = try_call(sender, method, path, content_type, accept, body, answer, &problem, &exit_code);
        if (answered) break;
        if (waited >= WAIT_MAX_MS) {
            (void)cli_fail(0, SAY("given up after a minute (%s). What was accepted is on the ledger; run the same command again, it adds only what is missing",
                                  "一分钟后放弃（%s）。已接受的均已登记；再次运行同一命令只补充缺少的部分"), problem);
            import_stop(sender, exit_code);
            break;
        }
        if (wait >= 1000) (void)cli_fail(0, SAY("waiting %d s for the node (%s), then the same bytes are sent again",
                                                "等待节点 %d 秒（%s），随后重发相同内容"), wait / 1000, problem);
        (void)usleep((useconds_t)wait * 1000);
        waited += wait;
        wait = wait * 2 > WAIT_STEP_MAX_MS ? WAIT_STEP_MAX_MS : wait * 2;
    }
    (void)pthread_mutex_unlock(&sender->trouble);
    return answered;
}

