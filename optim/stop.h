/* Stop tests: which reason, if any, holds at a point.  Pure functions of what the run has measured.
 */
#ifndef OPTIM_STOP_H
#define OPTIM_STOP_H

#include <math.h>

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
/* The reason to stop at p, if there is one.  Growth first: where it ends in NaN, the growth is the
 * reason.  A number that is not finite is never converged. */
static inline StopReason stop_test(const StopLimits *limits, const StopPoint *p) {
    if (p->f < limits->f_least) return STOP_UNBOUNDED;
    if (limits->x_most < p->x_norm || limits->f_most < p->f) return STOP_DIVERGED;
    if (!isfinite(p->f) || !isfinite(p->x_norm) || isnan(p->g_norm)) return STOP_NAN;
    if (p->g_norm < limits->tol) return STOP_GRADIENT;
    if (limits->same <= p->same) return STOP_NO_CHANGE;
    if (limits->steps <= p->step) return STOP_STEPS;
    return STOP_NONE;
}
/* The largest |v[i]|; NaN if one is NaN; 0 for none. */
static inline double stop_norm(const double *v, size_t n) {
    double res = 0;
    bool bad = false;
    for (size_t i = 0; i < n; i++) {
        double a = fabs(v[i]);
        if (res < a) res = a;
        bad |= a != a;
    }
    return bad ? NAN : res;
}
/* The same of a gradient projected on the box: what points out of it where x lies on the border
 * does not count. */
double stop_projected_norm(const double *g, const double *x, const double *lo, const double *hi,
                           size_t n);

#endif
