/* Programs as C: a file that compiles alone and computes the same bits. */
#ifndef EVAL_PROGRAM_C_H
#define EVAL_PROGRAM_C_H

#include "base/buf.h"
#include "eval/program.h"

/* Appends a C file with the function `name` of the program `value` (its slot 0) and, when `gradient`
 * is not NULL, `name`_gradient of a program whose slot 0 is the value and whose further slots have
 * the parameters' shapes.  Variables enter with the values that they have now.  `comment` is what
 * the functions compute, for people.  False with a sentence in `why` when a function within cannot
 * be written; `out` is then to be thrown away. */
bool program_write_c(const Program *value, const Program *gradient, const char *name, const char *comment,
                     Buf *out, Buf *why);

#endif
