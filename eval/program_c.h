/* Programs as C: a file that compiles alone and computes the same bits. */
#ifndef EVAL_PROGRAM_C_H
#define EVAL_PROGRAM_C_H

#include "base/buf.h"
#include "eval/program.h"

typedef struct CExport {
    const Program *value;    /* slot 0: the value */
    const Program *gradient; /* slot 0: the value, then slots of the parameters' shapes; or NULL */
    const Program *times;    /* the Hessian times a direction: input slots of the parameters' shapes, then
                                output slots likewise; or NULL */
    const char *name;
    const char *comment;     /* what the functions compute, for people */
} CExport;

/* Appends a C file with the functions NAME, NAME_gradient, NAME_hessian_times and NAME_hessian, as far
 * as there are programs.  Variables enter with the values that they have now.  False with a sentence in
 * `why` when a function within cannot be written; `out` is then to be thrown away. */
bool program_write_c(const CExport *e, Buf *out, Buf *why);

#endif
