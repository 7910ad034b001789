/* Stop tests: which reason, if any, holds at a point.  Pure functions of what the run has measured.
 */
#ifndef OPTIM_STOP_H
#define OPTIM_STOP_H

#include "optim/run.h"

typedef struct StopLimits {
    double tol;
    double x_most, f_most; /* beyond them: diverged */
    double f_least;        /* below it: unbounded */
    uint64_t steps;
    unsigned same; /* steps in a row without a change */
} StopLimits;

/* What is known at a point, of the minimized function. */
typedef struct StopPoint {
    double x_norm, f, g_norm; /* largest |x[i]|, |g[i]|; NaN if one of them is NaN */
    uint64_t step;
    unsigned same;
} StopPoint;

/* Limits for a start at which the largest |x[i]| and the value are these. */
StopLimits stop_limits(double tol, uint64_t steps, double x_norm, double f);
StopReason stop_test(const StopLimits *limits, const StopPoint *p);
/* The largest |v[i]|; NaN if one is NaN; 0 for none. */
double stop_norm(const double *v, size_t n);
/* The same of a gradient projected on the box: what points out of it where x lies on the border
 * does not count. */
double stop_projected_norm(const double *g, const double *x, const double *lo, const double *hi,
                           size_t n);

#endif
