/* The stop tests, semantics.md section 6. */
#include "optim/stop.h"

#include <math.h>

const char *stop_name(StopReason reason) {
    switch (reason) {
    case STOP_NONE: return "running";
    case STOP_GRADIENT: return "gradient";
    case STOP_NO_CHANGE: return "no_change";
    case STOP_STEPS: return "steps";
    case STOP_TIME: return "time";
    case STOP_DIVERGED: return "diverged";
    case STOP_UNBOUNDED: return "unbounded";
    case STOP_NAN: return "nan";
    case STOP_INFEASIBLE: return "infeasible";
    case STOP_INTERRUPT: return "interrupt";
    case STOP_LIBRARY: return "library";
    case STOP_ERROR: return "error";
    }
    return "error";
}

StopLimits stop_limits(double tol, uint64_t steps, double x_norm, double f) {
    StopLimits res = {.tol = tol, .f_least = -1e100, .steps = steps, .same = 10};
    res.x_most = 1e100 * (1 < x_norm ? x_norm : 1);
    res.f_most = 1e100 * (1 < f ? f : 1);
    return res;
}

/* Growth first: where it ends in NaN, the growth is the reason.  A number that is not finite is
 * never converged. */
StopReason stop_test(const StopLimits *limits, const StopPoint *p) {
    if (p->f < limits->f_least) return STOP_UNBOUNDED;
    if (limits->x_most < p->x_norm || limits->f_most < p->f) return STOP_DIVERGED;
    if (!isfinite(p->f) || !isfinite(p->x_norm) || isnan(p->g_norm)) return STOP_NAN;
    if (p->g_norm < limits->tol) return STOP_GRADIENT;
    if (limits->same <= p->same) return STOP_NO_CHANGE;
    if (limits->steps <= p->step) return STOP_STEPS;
    return STOP_NONE;
}

double stop_norm(const double *v, size_t n) {
    double res = 0;
    bool bad = false;
    for (size_t i = 0; i < n; i++) {
        double a = fabs(v[i]);
        if (res < a) res = a;
        bad |= a != a;
    }
    return bad ? NAN : res;
}

double stop_projected_norm(const double *g, const double *x, const double *lo, const double *hi,
                           size_t n) {
    double res = 0;
    bool bad = false;
    for (size_t i = 0; i < n; i++) {
        bool out = (x[i] <= lo[i] && 0 < g[i]) || (hi[i] <= x[i] && g[i] < 0);
        double a = out ? 0 : fabs(g[i]);
        if (res < a) res = a;
        bad |= a != a;
    }
    return bad ? NAN : res;
}
