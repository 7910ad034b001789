/* What a command works on: a function of its own parameters, and a point of theirs. */
#ifndef REPL_TARGET_H
#define REPL_TARGET_H

#include "repl/interp.h"

/* A function named in a command: f, f(x,y), grad f, or an expression in the names that its point
 * gives.  Lives in the statement's arena. */
typedef struct Target {
    bool named;       /* a callee, not an expression */
    Callee callee;    /* when named */
    const char *name; /* "f", "grad f", or the expression as typed */
    size_t param_count;
    const Param *param;
    Expr body;        /* in the parameters' symbols; any rank */
    size_t arg_count; /* at f(1,2): the arguments of the call, else none */
    Ast *const *args;
    Span span;
} Target;

/* Reads the item.  `point` (a from or at clause, may be NULL) and `box` (an in clause) name the
 * parameters of a plain expression.  False after a diagnostic. */
bool target_read(Task *t, const Ast *item, const Ast *point, const Ast *box, Target *out);
/* The callee and arguments of a call such as hess f(1,2), without its body, which for several
 * arrays need not be expressible.  False after a diagnostic. */
bool target_read_call(Task *t, const Ast *call, Target *out);
/* The call's arguments are just the parameters' names: f(x,y) for f. */
bool target_is_plain_call(const Target *g);

/* A point: the parameters' numbers in order, rows first.  In the statement's arena. */
typedef struct Point {
    size_t count;
    double *x;
    size_t (*dims)[2]; /* of each parameter */
} Point;

/* From `count` items: coordinates, one vector, values for the parameters in order, or NAME = value
 * for each.  False after a diagnostic. */
bool point_read(Task *t, const Target *g, size_t count, Ast *const *items, Span span, Point *out);
/* Reads a box: ranges in order or NAME = range, a vector's range for each of its elements.
 * Parameters that are not named are free (-inf..inf).  dims as of the point, or NULL where every
 * size is known. */
bool point_read_box(Task *t, const Target *g, size_t count, Ast *const *items, Span span,
                    const size_t (*dims)[2], double **lo, double **hi, size_t *n);
/* "x=1, y=2" or "(1, 2)" for many. */
void point_show(Buf *out, const Names *names, const Target *g, const Point *p, int digits);
/* The point in its parameters' shapes as JSON: [3,4], or [3,[1,2]] where arrays are among them. */
void point_json(Buf *out, const Target *g, const Point *p, bool full);

#endif
