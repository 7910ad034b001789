/* Functions in other languages: export f as c, show df/dx as latex. */
#ifndef REPL_EXPORT_H
#define REPL_EXPORT_H

#include "repl/interp.h"
#include "repl/target.h"

/* Appends the function that `item` names in the language of the clause.  False after a diagnostic. */
bool export_text(Task *t, const Ast *item, const Ast *as, Buf *out);

/* The targets, one file each.  False after a diagnostic. */
bool export_c(Task *t, const Target *g, Buf *out);
bool export_latex(Task *t, const Target *g, Buf *out);
bool export_python(Task *t, const Target *g, Buf *out);
bool export_json(Task *t, const Target *g, Buf *out);

#endif
