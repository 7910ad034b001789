/* Programs as Python: a module that needs NumPy alone and adds in plumb's order. */
#ifndef EVAL_PROGRAM_PYTHON_H
#define EVAL_PROGRAM_PYTHON_H

#include "base/buf.h"
#include "eval/program.h"

typedef struct PythonExport {
    const Program *value;    /* slot 0: the value */
    const Program *gradient; /* slot 0: the value, then slots of the parameters' shapes; or NULL */
    const char *name;
    const char *comment;     /* what the functions compute, for people */
} PythonExport;

/* Appends a module with the functions NAME and, where there is a gradient, NAME_and_grad and grad_NAME.
 * Variables enter with the values that they have now.  False with a sentence in `why` when a function
 * within cannot be written; `out` is then to be thrown away. */
bool program_write_python(const PythonExport *e, Buf *out, Buf *why);

#endif
