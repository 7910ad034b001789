/* What the files that write programs as Python share; see program_python.h. */
#ifndef EVAL_PROGRAM_PYTHON_PARTS_H
#define EVAL_PROGRAM_PYTHON_PARTS_H

#include "eval/program_python.h"
#include "eval/program_source.h"
#include "eval/program_webs.h"

/* How tightly an expression holds together. */
typedef enum PyLevel { PY_CHOICE, PY_OR, PY_AND, PY_NOT, PY_COMPARE, PY_SUM, PY_TERM, PY_SIGN, PY_ATOM } PyLevel;

/* An expression not written yet: the value of a web that is read once. */
typedef struct PyText {
    char *text; /* owned; NULL: none */
    PyLevel level;
    bool loads; /* reads an array: may not be moved over a write */
} PyText;

/* The line written last, where it is an assignment that may still be taken back. */
typedef struct PyLine {
    size_t start;
    uint32_t web; /* 0: it may not */
    PyText value;
} PyLine;

/* One body being written. */
typedef struct PyWriter {
    const Program *program;
    const Sub *sub;
    const char *name;  /* of the function; called ones are NAME_part1, ... */
    bool called;       /* not the program's own body */
    bool gradient;
    size_t indent;
    Buf *out, *why;
    Sources *sources;  /* helpers that are needed are marked there */
    Webs webs;
    PyText *waiting;   /* by web */
    uint32_t *number;  /* by web: of its variable, 0: none yet */
    uint32_t numbers;
    uint32_t loops;    /* around what is being written */
    bool *used;        /* by table: written to already */
    PyLine line;
    bool failed;
} PyWriter;

/* program_python.c */
/* A name that is neither Python's nor a helper's. */
void py_write_name(const Sources *helpers, Buf *out, const char *text);
void py_write_number(Buf *out, double value);
/* The variable of an array; of a slot that is a number, of that. */
void py_write_table(PyWriter *w, uint32_t table, Buf *out);
/* Is the array the slot of a single number of the function itself? */
bool py_is_number(const PyWriter *w, uint32_t table);
/* The name of a pinned length. */
void py_write_length(PyWriter *w, uint32_t reg, Buf *out);
/* Marks the helper as needed; its name is returned. */
const char *py_need(PyWriter *w, const char *helper);

/* program_python_code.c: the body's instructions; failed is set with a sentence in why. */
void py_write_code(PyWriter *w);
/* program_python_text.c: expressions */
/* An operand: $d, $a, $b, $c by field number, $n (4) the third argument of a function. */
typedef enum PyForm {
    PY_NUMBER, /* a number to compute with */
    PY_TRUTH,  /* a condition */
    PY_INDEX,  /* a whole number to index with, or a length */
    PY_ENDS,   /* an end of a range */
    PY_LENGTH  /* of an array */
} PyForm;
void py_write_operand(PyWriter *w, uint32_t at, int field, PyForm form, PyLevel level, Buf *out);
void py_write_argument(PyWriter *w, uint32_t at, uint32_t i, Buf *out);
/* The value that the instruction computes; false if it computes none that is an expression. */
bool py_value(PyWriter *w, uint32_t at, PyText *out);
/* The web gets the value: waits for its one read, or becomes a variable now. */
void py_define(PyWriter *w, uint32_t at, uint32_t web, PyText value);
void py_assign(PyWriter *w, uint32_t web, PyText value);
/* A variable's name. */
void py_write_variable(PyWriter *w, uint32_t web, Buf *out);
/* Values that wait and read arrays become variables. */
void py_settle_loads(PyWriter *w);
/* Starts a line of its own, which cannot be taken back. */
void py_line(PyWriter *w);
PyText py_text(Buf *b, PyLevel level, bool loads); /* takes b's text */

#endif
