/* Verify: what cmd_verify.c, verify_offline.c and verdict_print.c share. Layer: tools. */
#ifndef LICET_TOOLS_VERIFY_H
#define LICET_TOOLS_VERIFY_H
#include "tools/finding_words.h"
#include "ledger/state/verdict.h"
#include "tools/cli.h"

/* Four plain lines: document, issuer, status, freshness; in Chinese or English. verdict: as JSON, of a node or made here.
 * with_file: was a document shown? */
void verdict_print(const json_t *verdict, bool with_file);
/* The exit code of the verdict's word; EXIT_ERROR where it is not one. */
int verdict_word_exit(const json_t *verdict);

struct report;
struct offline {
    const char *proof;
    const struct report *report; /* what sealed_look found in the file that is shown with it; NULL: none is */
    const char *trust_by, *trust, *pin; /* what names genesis.cbor, and its name; a newer header that the user pinned, or NULL */
    const char *id;           /* or NULL */
    int64_t max_age_ms;       /* -1: what the ledger's policy says */
    int64_t now_ms;
};
/* Adds a verdict for each part of the file as sealed_documents lists them, in the shape of a node's answers; one, where no file is shown, or where the proof speaks of none of its
 * parts. A part that it does not speak of while it does of another reads `unknown` and is marked "unproved". "stale": the proof is too old for what it says. EXIT_VALID, or
 * an exit code with a message and nothing to be said: 20 where the proof does not hold. */
MUST_USE int verify_offline(json_t *verdicts, const struct offline *asked);
/* "90", "90s", "5m", "24h", "7d". */
MUST_USE bool age_parse(int64_t *ms, const char *text);
/* verdict_words.c: a verdict's own English words in the reader's language. */
const char *verdict_note_text(char out[FINDING_SHOWN], const char *note); /* NULL for NULL */
const char *verdict_seal_step_text(const char *step);
const char *verdict_seal_why_text(const char *why);
#endif
