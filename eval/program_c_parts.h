/* What the files that write programs as C share; see program_c.h. */
#ifndef EVAL_PROGRAM_C_PARTS_H
#define EVAL_PROGRAM_C_PARTS_H

#include "eval/program_c.h"
#include "eval/program_code.h"

/* What the program's own function computes. */
typedef enum CForm {
    C_VALUE,
    C_GRADIENT, /* the value, and the gradient to g */
    C_TIMES     /* the Hessian times v, to g */
} CForm;

/* One body being written. */
typedef struct CWriter {
    const Program *program;
    const Sub *sub;
    const char *name;   /* of the C function; called ones are NAME_part1, ... */
    bool called;        /* not the program's own body */
    CForm form;         /* of the program's own body; of called ones C_VALUE */
    size_t indent;
    Buf *out, *why;
    unsigned *begins;   /* by instruction: loops that begin there */
    bool *label;        /* by instruction: jumped to */
} CWriter;

/* program_c.c */
/* A name for a parameter or a length that neither C nor the file uses otherwise. */
void c_write_name(Buf *out, const char *text);
/* A number as a C constant. */
void c_write_number(Buf *out, double value);
/* The name of a pinned length. */
void c_write_length(CWriter *c, const DimInfo *dim, Buf *out);
/* Arguments and results of a call, as `double NAME(...)`. */
void c_write_head(CWriter *c);
/* program_c_code.c */
/* The body's instructions.  False with a sentence in why. */
bool c_write_code(CWriter *c);
void c_write_line(CWriter *c);
/* program_c_text.c */
/* What the code of these programs needs: includes and small functions. */
bool c_write_preamble(const Program *const *program, size_t count, Buf *out, Buf *why);
/* The name under which function `id` is called. */
void c_write_function_name(uint32_t id, Buf *out);

#endif
