/* Language: what people read is in Chinese or in English: by --lang, else by the environment (ledger/base/chinese.h). JSON, logs, exit codes and names of things are the same in both. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_LANGUAGE_H
#define LICET_TOOLS_CLI_LANGUAGE_H
#include "crypto/keyfile.h"
#include "crypto/seal/steps.h"
#include "ledger/base/code.h"
#include <stdarg.h>

bool cli_chinese(void);
MUST_USE bool cli_set_language(const char *language); /* "zh" or "en"; false: neither */

/* The one way to say a sentence: both texts stand together, so none is written in one language only (`make check-source`); as a format the compiler checks
 * both against the same arguments. Rows of tables hold both instead (`help`, `help_zh`). */
#define SAY(en, zh) cli_say(en, zh)
__attribute__((format_arg(1), format_arg(2))) const char *cli_say(const char *en, const char *zh);

/* --- said.c: what was said in one language, in the other, for JSON, which has both --- */
/* A part of a sentence that is made in a buffer: snprintf, but what it says in the other language is kept. Parts that were SAYed may stand among the arguments. */
__attribute__((format(printf, 3, 4))) void cli_build(char *out, size_t cap, const char *format, ...);
/* said is what `other` says in the other language; static: both stay as they are, else both are copied. */
void cli_said(const char *said, const char *other, bool is_static);
/* The other language's text of what was said lately in this thread; NULL where it is not known. */
const char *cli_said_otherwise(const char *said);
/* The whole sentence in the other language: the format's other text, and that of each argument that was itself said. malloc'd; NULL: out of memory, or a
 * conversion that no sentence has. */
MUST_USE char *cli_sentence_otherwise(const char *format, va_list args);

/* What other folders say, in the reader's language. The texts are static. */
const char *cli_code_text(enum code code);
const char *cli_err_text(enum err err);
const char *cli_err_zh(enum err err);
const char *cli_keyfile_zh(enum keyfile_result result);
const char *cli_errno_text(int number);
const char *cli_keyfile_text(enum keyfile_result result);
const char *cli_reason_text(enum step_reason reason);
const char *cli_step_text(enum step_id id);
const char *cli_operation_text(const char *name); /* of a statement or an act: "revoke", "seal-stop" */
const char *cli_state_text(const char *name);     /* of a seal, or a verdict's word; one that is not known stays as it is */
const char *cli_state_zh(const char *name);
const char *cli_role_text(const char *name);      /* of a member */
const char *cli_engine_text(const char *name);
const char *cli_progress_text(const char *what);  /* a progress_fn's what */

/* "1 licence", "2 licences", "no licences"; in Chinese "2 份证照". one and many: "licence", "licences"; zh: its measure word and name, "份证照". The text
 * stays until 8 later calls of its thread. */
const char *cli_count(uint64_t count, const char *one, const char *many, const char *zh);
#endif
