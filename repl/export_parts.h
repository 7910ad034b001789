/* What the languages of export share: a function compiled as where it is run. */
#ifndef REPL_EXPORT_PARTS_H
#define REPL_EXPORT_PARTS_H

#include "eval/program.h"
#include "repl/export.h"

enum { EXPORT_EXPAND = 4096 }; /* nodes up to which calls are put in, as where functions are run */

/* The function with short calls put in; 0 where it is too large. */
Expr export_body(Task *t, const Target *g);
/* Its value.  NULL after a diagnostic; the caller frees the program. */
Program *export_compile_value(Task *t, const Target *g, Expr body);
/* Its gradient, or the Hessian times a direction.  NULL where there is no derivative: the reason goes
 * to `why`. */
Program *export_compile_derivative(Task *t, const Target *g, Expr body, bool second, Buf *why);
/* A name for programs, in the arena: df_dx, grad_f, f_prime. */
const char *export_name(Task *t, const Target *g);
/* The definition as it was typed; of a derivative its name before that. */
void export_comment(Task *t, const Target *g, Buf *out);

#endif
