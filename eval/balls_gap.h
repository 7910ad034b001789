/* The gap between a claimed derivative and the derivative, enclosed in balls at a point. */
#ifndef EVAL_BALLS_GAP_H
#define EVAL_BALLS_GAP_H

#include "eval/balls.h"

typedef struct Gap Gap;

typedef enum GapAnswer {
    GAP_CERTAIN,   /* the two differ, for certain */
    GAP_NONE,      /* no difference up to 1024 bits */
    GAP_UNDEFINED, /* outside of the domain, or one of the two has no value that could be found */
    GAP_LACKING    /* the derivative is defined there, the claim for certain not */
} GapAnswer;

typedef struct GapPoint {
    double yours, derivative;             /* values, NaN where there are none */
    char *yours_exact, *derivative_exact; /* as rationals, or NULL; owned */
    double digits;                        /* that agree, of GAP_NONE */
} GapPoint;

/* `domain` is a condition, or the constant 1.  Balls if `balls` is not NULL; without them only
 * rational values are certain.  NULL with a static sentence in *why when an expression cannot be
 * written out.  The caller frees the result. */
Gap *gap_new(Defs *d, size_t params, const Param *param, const size_t (*dims)[2], Expr yours,
             Expr derivative, Expr domain, const NumberKind *balls, const volatile int *interrupt,
             const char **why);
void gap_free(Gap *g);
/* At x, each coordinate read as its shortest decimal.  `out` is to be released with
 * gap_point_done. */
GapAnswer gap_at(Gap *g, const double *x, GapPoint *out);
void gap_point_done(GapPoint *p);

#endif
