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
