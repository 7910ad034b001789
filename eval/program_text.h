/* Instructions and values in the user's words, for messages. */
#ifndef EVAL_PROGRAM_TEXT_H
#define EVAL_PROGRAM_TEXT_H

#include "base/buf.h"
#include "eval/program_code.h"

const char *text_name(const Workspace *w, Name name);
/* The expression with its open indices written i, j, k, ...: the outermost loop around is i. */
void text_at(const Workspace *w, const Fault *f, Expr e, Buf *out);
/* " in x[i + 1] at i=5". */
void text_fault_place(const Workspace *w, const Fault *f, Buf *out);
/* " at x=1.5, i=3": numbers among the parameters that stand in e, then loop indices; `lead` before
 * the first. */
void text_values(const Workspace *w, const Fault *f, Expr e, const char *lead, Buf *out);

#endif
