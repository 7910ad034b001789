/* What becomes of the diagnostics of a statement. */
#ifndef REPL_ERRORS_H
#define REPL_ERRORS_H

#include "repl/interp.h"

/* Gives the errors hints in plumb's own words: for words of other systems, for commands that this
 * version has not, for ans before there is a result. */
void errors_improve(Task *t);
/* Makes the report one of kind "error", of the first error. */
void errors_report(Task *t);
/* Draws all diagnostics into in->err (with -q only the errors). */
void errors_draw(Task *t);

#endif
