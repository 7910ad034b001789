/* Reading a text that stands alone: the kept text of a definition. */
#ifndef REPL_READER_H
#define REPL_READER_H

#include "repl/interp.h"

/* The first statement of the NUL-terminated text, or NULL after a diagnostic.  Lives in the arena;
 * spans refer to the text. */
const Ast *reader_parse_one(Interp *in, const char *text, Arena *arena, Diags *diags);

#endif
