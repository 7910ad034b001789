/* Difference quotients with error bounds: Ridders' extrapolation (Ridders 1982, "Accurate computation
 * of F'(x) and F'(x)F''(x)"), or the plain central quotient at a given h. */
#ifndef EVAL_DIFFERENCES_H
#define EVAL_DIFFERENCES_H

#include <stdbool.h>

#include "eval/program.h"

/* A function of n numbers with m values; value() gives each value's error bound too.
 *
 * plain() gives the values alone; set (not NULL) it asks to be sparing with evaluations, for
 * functions of many operations: no more steps than the bound can gain from, and running bounds at the
 * largest step only (see SPARED in differences.c).  middle and middle_bound: the m values at the
 * point of all calls, where they are known already, or NULL. */
typedef struct VectorSource {
    size_t n, m;
    RunStatus (*value)(void *context, const double *x, double *f, double *bound);
    void *context;
    RunStatus (*plain)(void *context, const double *x, double *f);
    const double *middle, *middle_bound;
} VectorSource;

typedef struct Quotient {
    double value;
    double bound;       /* of the error: extrapolation and the values' own; infinity if unknown */
    double scale;       /* a usual slope hereabouts, 0 where the values do not change at all */
    double left, right; /* one-sided slopes */
    bool kink;          /* these differ by more than their bounds */
} Quotient;

/* d/dt of the m values at x + t*v, t = 0; x is left as it was.  `choice` 0 or 1: independent choices
 * of steps, those of 1 far smaller, so that a corner or jump near x that 0 may step over is not.  A
 * status that is not RUN_OK of a single point counts as "not finite there"; an interrupt ends it. */
RunStatus difference_along(const VectorSource *s, double *x, const double *v, int choice, Quotient *out);
/* (f(x+h)-f(x-h))/(2*h) in coordinate i, x+h, x-h and 2*h rounded once each; the bound has the
 * truncation estimated from 2*h. */
RunStatus difference_fixed(const VectorSource *s, double *x, size_t i, double h, Quotient *out);

#endif
