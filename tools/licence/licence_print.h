/* Licence print: how licences and their times are shown to people. Layer: tools/licence. */
#ifndef LICET_TOOLS_LICENCE_LICENCE_PRINT_H
#define LICET_TOOLS_LICENCE_LICENCE_PRINT_H
#include "tools/licence/licence_known.h"

/* The member of an object as text; "-" where it is none. */
const char *member_text(const json_t *object, const char *name);
/* Adds type_name, and of what is opened identifier, number, holder_name, holder_code; "hidden" says that the salted elements are not open here. */
void licence_add_known(json_t *row, const struct licence_known *known);
/* Whose it is, on stderr, for who is about to change it. */
void licence_tell(const json_t *row);
#endif
