/* Expressions over other kinds of numbers than doubles: balls (Arb) that enclose the value for
 * certain, exact rationals, intervals over a box, plain doubles.  An expression is written out once
 * as a BallCode and run over any NumberKind at points with rational coordinates.
 *
 * Balls live in a module of their own (eval/modules/balls.c), loaded on first use. */
#ifndef EVAL_BALLS_H
#define EVAL_BALLS_H

#include "expr/defs.h"

/* ---- a kind of numbers: an array of them, addressed by slot ---- */

enum { NUMBER_KIND_VERSION = 1 };

typedef struct NumberKind {
    unsigned version; /* NUMBER_KIND_VERSION: a module of another release is refused */
    void *(*make)(size_t slots);
    void (*release)(void *numbers);
    void (*set_bits)(void *numbers, long bits); /* precision; kinds without one ignore it */
    void (*set_rational)(void *numbers, uint32_t to, mpq_srcptr value);
    void (*set_range)(void *numbers, uint32_t to, mpq_srcptr lo, mpq_srcptr hi);
    void (*copy)(void *numbers, uint32_t to, uint32_t from);
    /* PI, E, INF, NAN, NEGZERO; ADD .. NEG; FN; REL (1, 0, or both); NOT.  Undefined or not to be
     * decided: a value that is not finite. */
    void (*apply)(void *numbers, uint32_t op, uint32_t payload, uint32_t to, size_t count,
                  const uint32_t *kid);
    /* An enclosure of both. */
    void (*join)(void *numbers, uint32_t to, uint32_t a, uint32_t b);
    int (*truth)(void *numbers, uint32_t at); /* 1 not zero, 0 zero, -1 undecided */
    bool (*integer)(void *numbers, uint32_t at, long *value); /* is it one, for certain? */
    bool (*finite)(void *numbers, uint32_t at);
    /* The middle as a double and a bound of the distance from it, both rounded up. */
    void (*get)(void *numbers, uint32_t at, double *middle, double *radius);
    /* The value where it is exact; false else.  May be NULL. */
    bool (*rational)(void *numbers, uint32_t at, mpq_ptr out);
} NumberKind;

extern const NumberKind number_exact;    /* rationals; all else is undefined */
extern const NumberKind number_double;   /* no bound: for a first look */

/* Arb's balls.  NULL when the module is missing; *why is then a sentence that names the package. */
const NumberKind *balls_load(const char **why);

/* ---- code ---- */

typedef struct BallCode BallCode;

/* Writes out the roots (numbers, not arrays) in the parameters; dims as for evaluator_new.  Variables of
 * the session are taken with their values of this moment.  NULL when it cannot be done (recursion,
 * too large): *why is a static sentence.  The caller frees the result. */
BallCode *ball_code_new(Defs *d, size_t params, const Param *param, const size_t (*dims)[2],
                        size_t roots, const Expr *root, const char **why);
void ball_code_free(BallCode *c);
size_t ball_code_inputs(const BallCode *c); /* the parameters' numbers together */
size_t ball_code_nodes(const BallCode *c);

/* ---- running ---- */

typedef struct BallRun BallRun;

/* Code and interrupt flag (may be NULL) are borrowed.  The caller frees the result. */
BallRun *ball_run_new(const BallCode *c, const NumberKind *kind, const volatile int *interrupt);
void ball_run_free(BallRun *r);
/* Evaluates root number `root` at x; false when undefined, not decidable or interrupted.  The point
 * stays until ball_run_set is called again. */
void ball_run_set(BallRun *r, const mpq_t *x);
/* The same for boxes: lo and hi of each coordinate. */
void ball_run_set_box(BallRun *r, const mpq_t *lo, const mpq_t *hi);
void ball_run_bits(BallRun *r, long bits);
bool ball_run_root(BallRun *r, size_t root);
/* After a root was evaluated. */
void ball_run_get(BallRun *r, size_t root, double *middle, double *radius);
int ball_run_truth(BallRun *r, size_t root);
bool ball_run_rational(BallRun *r, size_t root, mpq_ptr out);

/* A few registers beside the code, numbered from 0, that stay when the point or the precision changes:
 * roots are kept in them and computed with. */
enum { BALL_REGISTERS = 8 };
void ball_run_keep(BallRun *r, uint32_t to, size_t root); /* after the root was evaluated */
void ball_run_load(BallRun *r, uint32_t to, mpq_srcptr value);
void ball_run_combine(BallRun *r, uint32_t op, uint32_t to, uint32_t a, uint32_t b); /* EXPR_ADD .. DIV */
void ball_run_read(BallRun *r, uint32_t at, double *middle, double *radius);
/* What was evaluated since the point was set, in additions or so; and the most that a point may cost
 * from now on. */
uint64_t ball_run_cost(const BallRun *r);
void ball_run_limit(BallRun *r, uint64_t cost);

/* The rational that a double is read as: its shortest decimal text. */
void ball_rational_of(Store *s, double x, mpq_ptr out);

#endif
