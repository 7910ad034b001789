/* The methods that stand after `by`: rules of the library and of the session, optimizers in C. */
#ifndef REPL_METHODS_H
#define REPL_METHODS_H

#include "repl/interp.h"

/* Makes and frees in->rules. */
void methods_init(Interp *in);
void methods_done(Interp *in);
/* Calls `each` for every method. */
void methods_each(Interp *in, void (*each)(void *to, const char *name), void *to);
/* Enters the rule of t->tree; false after a diagnostic. */
bool methods_define_rule(Task *t);
/* The one-line summary of a method, or NULL if there is none of that name. */
const char *methods_summary(Interp *in, const char *name);
/* What `show NAME` and `help NAME` say of a method; false if there is none of that name. */
bool methods_show(Interp *in, const char *name, Buf *out);
bool methods_help(Interp *in, const char *name, Buf *out);
/* The names of a method's options, for completion. */
void methods_options(Interp *in, const char *name, void (*each)(void *to, const char *name),
                     void *to);
/* Writes the session's own rules as text. */
void methods_save(Interp *in, Buf *out);

#endif
