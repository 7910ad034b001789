/* Running one statement: definitions, assignments, values, commands, rules. */
#ifndef REPL_STATEMENT_H
#define REPL_STATEMENT_H

#include "repl/interp.h"

/* Runs t->tree and fills the report; false after a diagnostic. */
bool statement_run(Task *t);
/* Writes the formula of a bare function.  `whole`: as the statement's result (with JSON members of
 * kind "function"), else as one item of a list. */
bool statement_show_callee(Task *t, const Ast *tree, bool whole);
/* The formula of an expression as text for people: arrays element by element on their lines. */
void statement_print_formula(Buf *out, Defs *d, Expr e);

#endif
