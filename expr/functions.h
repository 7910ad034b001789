/* The table of built-in scalar functions (rows in functions.def): what each is worth, its partial
 * derivatives, where it is defined and where it has no derivative, and how it is written.
 * Everything else that knows a function by name takes it from here.  Immutable: any thread may
 * read it. */
#ifndef EXPR_FUNCTIONS_H
#define EXPR_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { FUNCTION_ARGS = 3, FUNCTION_ALIASES = 5 };

/* FUNCTION_sin, FUNCTION_pow, ...: the ids, in the order of the rows. */
typedef enum FunctionId {
#define FN(name, ...) FUNCTION_##name,
#include "expr/functions.def"
#undef FN
    FUNCTION_COUNT
} FunctionId;

/* Texts are plumb expressions over the arguments, named x, y, z by position. */
typedef struct Function {
    const char *name;
    int arity; /* 1 to 3; of a variadic function 2 */
    /* The value; arguments beyond the arity are ignored. */
    double (*value)(double x, double y, double z);
    const char *c_text; /* the same in C, in x, y, z; may call functions of special.h or bessel.h */
    /* The partial derivatives in their numerically best form; f stands for the function's own
     * value.  NULL for an argument by which there is none, and then no_d says why in words. */
    const char *d[FUNCTION_ARGS];
    const char *no_d;
    const char *domain; /* where it is defined; NULL: everywhere */
    const char *kink;   /* where, inside the domain, it has no derivative; NULL: nowhere */
    /* The same function in plainer ones, for algebra; exact on the domain, no good in arithmetic
     * (log(1 + x) for log1p).  NULL: none plainer. */
    const char *means;
    const char *latex; /* a name before brackets, or with #1, #2, #3 a form that takes arguments */
    const char *help;
    const char *example;
    const char *also[FUNCTION_ALIASES]; /* other names, NULL after the last */
    bool variadic;  /* any number of arguments from 1 on: f(a, b, c) = f(f(a, b), c) */
    unsigned whole; /* bit i: argument i must be a whole number */
    double sample[FUNCTION_ARGS][2]; /* for each argument a range from, to of usual values */
} Function;

size_t functions_count(void);

/* Row `id`, below functions_count(); never NULL, lives for ever. */
const Function *function_at(size_t id);

/* The id of the function of this name or other name (need not end in NUL); -1 if there is none. */
int function_find(const char *name, size_t len);

#endif
