/* Running error analysis (Higham 2002, section 3.3): beside each value a bound of its error.  The
 * local rounding error of an operation is not estimated by u*|result| but computed (two-sum, fused
 * multiply-add: Ogita, Rump & Oishi 2005), so that exact operations have none and comparisons of
 * whole numbers stay certain.  Functions are looked at a little to both sides of their arguments.  A
 * branch decided within the error of its condition makes all results doubtful: bound infinity. */
#include "eval/interp_shadow.h"

#include <float.h>

#include "expr/functions.h"

/* Relative errors allowed to functions: the C library's best 2 units in the last place; others,
 * GSL's among them, LOOSE. */
#define TIGHT (4 * 0x1p-53)
#define LOOSE 1e-14

static double add_local(double x, double y, double v) {
    if (!isfinite(v))
        return 0;
    double t = v - x;
    return fabs((x - (v - t)) + (y - t));
}

static double mul_local(double x, double y, double v) {
    if (!isfinite(v))
        return 0;
    double res = fabs(fma(x, y, -v));
    return fabs(v) < DBL_MIN / DBL_EPSILON && v != 0 ? res + 0x1p-1074 : res;
}

static double mul_bound(double x, double ex, double y, double ey, double v) {
    return fabs(x) * ey + fabs(y) * ex + ex * ey + mul_local(x, y, v);
}

static double div_bound(double x, double ex, double y, double ey, double v) {
    if (!isfinite(v) || y == 0)
        return INFINITY;
    double local = fabs(fma(-v, y, x) / y);
    if (ex == 0 && ey == 0)
        return local;
    double least = fabs(y) - ey;
    return 0 < least ? (ex + fabs(v) * ey) / least + local : INFINITY;
}

static double sqrt_bound(double x, double ex, double v) {
    double local = 0 < v ? fabs(fma(v, v, -x)) / (2 * v) : 0;
    if (ex == 0)
        return local;
    double low = x - ex;
    return local + (0 < low ? ex / (sqrt(low) + v) : sqrt(x + ex));
}

/* s*s for s with error es; (x*x)*x and (x*x)*(x*x) are two such steps. */
static double sqr_bound(double s, double es) {
    return mul_bound(s, es, s, es, s * s);
}

static double cube_bound(double x, double ex) {
    double m = x * x;
    return 3 * m * ex + 3 * fabs(x) * ex * ex + ex * ex * ex + mul_local(x, x, m) * fabs(x) + mul_local(m, x, m * x);
}

/* m = x*y, then v = m + z (signs do not matter). */
static double muladd_bound(double x, double ex, double y, double ey, double z, double ez, double m, double v) {
    double t = add_local(m, z, v), s = add_local(-m, z, v), d = add_local(m, -z, v);
    double local = v == m + z ? t : v == z - m ? s : d;
    return mul_bound(x, ex, y, ey, m) + ez + local;
}

/* ---- functions ---- */
static double allowed(uint32_t f, double v) {
    switch (f) {
    case FUNCTION_abs: case FUNCTION_sign: case FUNCTION_floor: case FUNCTION_ceil: case FUNCTION_round:
    case FUNCTION_max: case FUNCTION_min:
        return 0;
    case FUNCTION_sqrt: case FUNCTION_cbrt: case FUNCTION_pow: case FUNCTION_hypot: case FUNCTION_exp:
    case FUNCTION_exp2: case FUNCTION_expm1: case FUNCTION_log: case FUNCTION_log2: case FUNCTION_log10:
    case FUNCTION_log1p: case FUNCTION_sin: case FUNCTION_cos: case FUNCTION_tan: case FUNCTION_asin:
    case FUNCTION_acos: case FUNCTION_atan: case FUNCTION_atan2: case FUNCTION_sinh: case FUNCTION_cosh:
    case FUNCTION_tanh: case FUNCTION_asinh: case FUNCTION_acosh: case FUNCTION_atanh: case FUNCTION_erf:
    case FUNCTION_erfc:
        return TIGHT * fabs(v);
    default: return LOOSE * fabs(v) + 4 * DBL_EPSILON * DBL_EPSILON;
    }
}

/* How far the value is from v when argument k moves by its error. */
static double moved(FnValue f, const double *arg, int k, double error, double v) {
    double a[3] = {arg[0], arg[1], arg[2]}, res = 0;
    for (int side = -1; side <= 1; side += 2) {
        a[k] = arg[k] + side * error;
        if (a[k] == arg[k])
            a[k] = nextafter(arg[k], side < 0 ? -INFINITY : INFINITY);
        double d = fabs(f(a[0], a[1], a[2]) - v);
        if (!(d <= DBL_MAX))
            return INFINITY;
        res = res < d ? d : res;
    }
    return res;
}

/* Does the value tell 0 from -0, as copysign does and atan2 on its cut?  Algebra does not, so the sign
 * of such a zero is no more certain than if it had an error. */
static bool is_split(FnValue f, const double *arg, int k, double v) {
    double a[3] = {arg[0], arg[1], arg[2]};
    a[k] = -a[k];
    double other = f(a[0], a[1], a[2]);
    return other != v && !(isnan(other) && isnan(v));
}

static double function_bound(FnValue f, uint32_t id, int count, const double *arg, const double *error, double v) {
    double local = allowed(id, v), res = 0;
    bool exact = true;
    for (int k = 0; k < count; k++)
        if (error[k] != 0) {
            exact = false;
            res += moved(f, arg, k, error[k], v);
        } else if (arg[k] == 0 && is_split(f, arg, k, v)) {
            return INFINITY;
        }
    return exact ? local : res + 3 * local; /* the values beside have errors too */
}

static double power_value(double x, double y, double z) {
    (void)z;
    return pow(x, y);
}

static double pow_bound(double v, double x, double ex, double y, double ey) {
    return function_bound(power_value, FUNCTION_pow, 2, (double[]){x, y, 0}, (double[]){ex, ey, 0}, v);
}

static void increase(double *at, double *shadow, double v, double ev) {
    double next = *at + v;
    if (shadow)
        *shadow += ev + add_local(*at, v, next);
    *at = next;
}

/* Can x and y with such errors be ordered otherwise? */
static bool unsure(double x, double ex, double y, double ey) {
    return ex + ey != 0 && !(ex + ey < fabs(x - y));
}

/* ---- reductions ---- */
static void add_term(Reduction *q, double v, double ev, bool product) {
    uint64_t i = q->done & q->mask;
    double old = q->lane[i], next = product ? old * v : old + v;
    q->shadow_lane[i] = product ? mul_bound(old, q->shadow_lane[i], v, ev, next)
                                : q->shadow_lane[i] + ev + add_local(old, v, next);
    q->lane[i] = next;
}

/* shadow_lane[0]: of the best value; [1]: whether another came near it. */
static void best_term(Reduction *q, double v, double ev, double index, bool better) {
    if (q->done && unsure(v, ev, q->lane[0], q->shadow_lane[0]))
        q->shadow_lane[1] = INFINITY;
    if (q->done == 0 || q->shadow_lane[0] < ev)
        q->shadow_lane[0] = ev;
    if (better) {
        q->lane[0] = v;
        q->at = index;
    }
}

#define SHADOWS 1
#define MODE REDUCE_BOUNDS
#define HOOK ((void)0)
#define COUNT_MORE(n) ((void)0)
#define KEEP(v, bound)            \
    do {                          \
        double v_ = (v);          \
        double e_ = (bound);      \
        (void)v_;                 \
        r[I->d] = v_;             \
        e[I->d] = e_;             \
    } while (0)
#define SET0(v) KEEP(v, 0)
#define SET1(v, bound) KEEP(v, bound)
#define SET2(v, bound) KEEP(v, bound)
#define SET3(v, bound) KEEP(v, bound)
#define COPY(v, shadow) KEEP(v, shadow)
#define SETF(v, n, x, y, z)                                                                             \
    KEEP(v, function_bound(p->fn[I->c], I->c, n, (double[]){x, y, z},                                   \
                           (double[]){EX, 1 < (n) ? EY : 0, 2 < (n) ? e[I[1].a] : 0}, v_))
#define BOUND_ADD(x, y) (EX + EY + add_local(x, y, v_))
#define BOUND_MUL mul_bound(X, EX, Y, EY, v_)
#define BOUND_DIV div_bound(X, EX, Y, EY, v_)
#define BOUND_POW pow_bound(v_, X, EX, Y, EY)
#define BOUND_SQR sqr_bound(X, EX)
#define BOUND_CUBE cube_bound(X, EX)
#define BOUND_POW4 sqr_bound(X * X, sqr_bound(X, EX))
#define BOUND_SQRT sqrt_bound(X, EX, v_)
#define BOUND_SAME EX
#define BOUND_MULADD(m) muladd_bound(X, EX, Y, EY, r[I->c], e[I->c], m, v_)
#define BOUND_SUBSQR(s, y) sqr_bound(s, EX + EY + add_local(X, y, s))
#define BOUND_REL (unsure(X, EX, Y, EY) ? 1 : 0)
#define BOUND_TRUTH (unsure(X, EX, 0, 0) ? 1 : 0)
#define UNSURE1 unsure(X, EX, 0, 0)
#define UNSURE_D unsure(r[I->d], e[I->d], X, EX)
#define DOUBTFUL(c) (w->doubtful = w->doubtful || (c))
#define INCREASE(at_, shadow_) increase(at_, shadow_, r[I->d], e[I->d])
#define ADD_TERM(q) add_term(q, X, EX, false)
#define MUL_TERM(q) add_term(q, X, EX, true)
#define BEST_TERM(q, better) best_term(q, X, EX, r[I->d], better)
#define END_TERMS(q, product)                                   \
    do {                                                        \
        double s_, t_ = reduction_end(q, product, MODE, &s_);   \
        KEEP(t_, s_);                                           \
    } while (0)
#define END_BEST(q) KEEP((q)->lane[0], (q)->shadow_lane[0])
#define END_AT(q) KEEP((q)->at, (q)->shadow_lane[1])
#ifndef BOUNDS_RUN /* bounds_fma.c has its own */
#define BOUNDS_RUN interp_run_bounds
#define BOUNDS_ALL
#endif
#define INTERP_NAME BOUNDS_RUN
#define START main
#include "eval/interp_body.h"

#ifdef BOUNDS_ALL
/* The bounds were computed in rounded arithmetic themselves, hence the widening. */
static void settle_bounds(const Workspace *w, double *const *slots, double *const *bounds) {
    const Sub *u = w->main.sub;
    for (size_t i = 0; i < u->slots; i++) {
        if (u->slot[i].kind != SLOT_OUTPUT || !bounds[i])
            continue;
        for (size_t k = 0; k < w->slot_length[i]; k++) {
            double b = bounds[i][k];
            bounds[i][k] = w->doubtful || !(b <= DBL_MAX) || !isfinite(slots[i][k]) ? INFINITY : b * (1 + 1e-9);
        }
    }
}

static bool has_fma(void) {
#if defined __x86_64__ && defined __GNUC__
    return __builtin_cpu_supports("fma");
#else
    return false; /* or in every build: fma() is an instruction then */
#endif
}

RunStatus program_run_bounds(const Program *p, Workspace *w, const double *x, const double *x_error,
                             double *const *slots, double *const *bounds) {
    w->bounded = true;
    bool attached = shadow_attach(w, x, x_error, slots, bounds);
    RunStatus res = !attached ? RUN_MEMORY : has_fma() ? interp_run_bounds_fma(p, w) : interp_run_bounds(p, w);
    w->bounded = false;
    shadow_detach(w);
    if (!attached)
        return res;
    settle_bounds(w, slots, bounds);
    return res;
}
#endif
