/* The built-in functions: every value and every derivative text against references of hundreds of
 * bits, over the domain.  The derivative's reference is a difference quotient of the value's, so a
 * text is checked against nothing that was derived by hand.  With -v: the worst error of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stddef.h>
#include <float.h>
#include <gsl/gsl_errno.h>
#include <stdio.h>

#include <cmocka.h>

#include "plain_eval.h"
#include "reference.h"

static bool verbose;

/* Points of one argument: lo..hi in equal ratios, of the signs asked for; or a list ended by 0. */
typedef enum Signs { POSITIVE = 1, NEGATIVE = 2, BOTH = 3 } Signs;
typedef struct Points {
    double lo, hi;
    Signs signs;
    int count;          /* of ratios; 0: list only */
    const double *list; /* further points, ended by NAN; or NULL */
} Points;

/* What is asked of a row where: errors relative to the value, or to the amplitude where that is
 * larger (functions that oscillate have zeros between doubles). */
typedef struct Case {
    FunctionId id;
    Points p[FUNCTION_ARGS];
    double value_bound, d_bound; /* 0: the usual ones */
    bool amplitude;              /* relative to sqrt(2/(pi*y)) where y > |x| (Bessel) */
    int step;                    /* differences take steps of 2^-step; 0: the usual 120 */
} Case;

static const double VALUE_BOUND = 2e-15, D_BOUND = 1e-13;

/* Next to 1 and -1, and between. */
static const double unit[] = {0.1, 0.25, 0.26, 0.4999, 0.5, 0.5001, 0.6, 0.731, 0.75, 0.76, 0.9,
    0.99, 1 - 1e-5, 1 - 1e-10, 1 - 0x1p-52, 1 - 0x1p-53, -0.1, -0.3, -0.5, -0.731, -0.9, -0.999,
    -1 + 1e-5, -1 + 1e-10, -1 + 0x1p-53, NAN};
static const double from_one[] = {1 + 0x1p-52, 1 + 1e-12, 1 + 1e-6, 1.001, 1.1, 1.5, 2, NAN};
/* Next to multiples of pi/2. */
static const double angles[] = {1.5707963267948966, 1.570796326794896, 3.141592653589793,
    3.1415926535897927, 4.71238898038469, 6.283185307179586, 10.995574287564276, 1.57, 0.785, 355,
    -1.5707963267948966, -3.141592653589793, 5.5, 1e5, 1e15, 1e22, 1e300, NAN};
/* Poles, zeros and the root of digamma. */
static const double gammas[] = {0.5, 1 - 1e-10, 1 + 1e-10, 1, 2, 1.4616321449683622, 1.46, 1.47, 3,
    9.99, 10, 25.5, 100.7, 170.6, -0.1, -0.731, -1.2, -2.385, -3 + 1e-9, -9.4, -10.3, -20.85, NAN};
static const double powers[] = {0, 1, 2, 3, -1, 0.5, -0.5, 1e-20, -1e-20, 0.731, 2.385, -3.7, 10,
    50.3, -60.1, 307, NAN};
static const double orders[] = {0, 1, 2, 5, 0.5, 0.731, 2.385, 10, 20.3, -1, -2, -0.5, -1.3, NAN};
static const double wholes[] = {0, 1, 2, 3, 4, 7, 20, NAN};
static const double halves[] = {0.5, 2.385, NAN};
static const double small[] = {0, 1, 2, 3, 6, NAN};
static const double branch[] = {-0.367, -0.36, -0.3, -0.25, -0.2, -0.18, -0.1, 0.5, 1, 2.7, NAN};
static const double at_branch[] = {-0.36787944117144, -0.3678794411, -0.3678794, -0.36787, NAN};
static const double few[] = {0.5, -0.731, 2.385, -7, 1e-3, 40, NAN};
static const double softs[] = {-745, -720, -708, -40, -36, 36, 40, 700, 1e4, NAN};
static const double shifts[] = {-1000, -300, -1, 0, 1, 60, 900, NAN};

#define ANY {1e-300, 1e300, BOTH, 24, NULL}
#define TO(hi) {1e-300, hi, BOTH, 24, softs}
#define ABOVE_0 {1e-300, 1e300, POSITIVE, 40, from_one}
#define ANGLE {1e-300, 1e6, BOTH, 30, angles}
#define INSIDE_1 {1e-300, 0.3, BOTH, 16, unit}
#define CASE(name, ...) {.id = FUNCTION_##name, .p = __VA_ARGS__}
#define LIST(values) {0, 0, BOTH, 0, values}
#define GSL .value_bound = 1e-12, .d_bound = 1e-12, .step = 50
#define SOME {1e-200, 1e200, BOTH, 8, few}

static const Case cases[] = {
    CASE(sqrt, {ABOVE_0}), CASE(cbrt, {ANY}),
    CASE(pow, {{1e-300, 1e300, BOTH, 14, few}, LIST(powers)}),
    CASE(hypot, {SOME, SOME}),
    CASE(exp, {TO(745)}), CASE(exp2, {TO(1074)}),
    CASE(expm1, {TO(745)}), CASE(log, {ABOVE_0}),
    CASE(log2, {ABOVE_0}), CASE(log10, {ABOVE_0}),
    CASE(log1p, {{1e-300, 1e300, BOTH, 40, unit}}),
    CASE(sin, {ANGLE}), CASE(cos, {ANGLE}),
    CASE(tan, {ANGLE}), CASE(sec, {ANGLE}),
    CASE(csc, {ANGLE}), CASE(cot, {ANGLE}),
    CASE(asin, {INSIDE_1}), CASE(acos, {INSIDE_1}),
    CASE(atan, {ANY}), CASE(atan2, {SOME, SOME}),
    CASE(sinh, {TO(710)}), CASE(cosh, {TO(710)}),
    CASE(tanh, {TO(800)}), CASE(sech, {TO(745)}),
    CASE(csch, {TO(745)}), CASE(coth, {TO(800)}),
    CASE(asinh, {ANY}), CASE(acosh, {{1.01, 1e300, POSITIVE, 40, from_one}}),
    CASE(atanh, {INSIDE_1}), CASE(sigmoid, {TO(745)}),
    CASE(logit, {{1e-300, 0.9, POSITIVE, 40, unit}}),
    CASE(softplus, {TO(745)}), CASE(relu, {ANY}),
    CASE(abs, {ANY}), CASE(sign, {ANY}),
    CASE(heaviside, {ANY}), CASE(copysign, {SOME, SOME}),
    CASE(min, {SOME, SOME}), CASE(max, {SOME, SOME}),
    CASE(fdim, {SOME, SOME}), CASE(fma, {SOME, SOME, LIST(few)}),
    CASE(floor, {ANY}), CASE(ceil, {ANY}),
    CASE(round, {ANY}), CASE(rint, {ANY}),
    CASE(trunc, {ANY}),
    CASE(mod, {{1e-9, 1e15, BOTH, 12, few}, {1e-3, 1e9, BOTH, 8, few}}),
    CASE(fmod, {{1e-9, 1e15, BOTH, 12, few}, {1e-3, 1e9, BOTH, 8, few}}),
    CASE(remainder, {{1e-9, 1e15, BOTH, 12, few}, {1e-3, 1e9, BOTH, 8, few}}),
    CASE(logb, {ANY}),
    CASE(ldexp, {SOME, LIST(shifts)}),
    CASE(erf, {{1e-300, 27, BOTH, 30, unit}}),
    CASE(erfc, {{1e-300, 26.5, BOTH, 30, unit}}),
    CASE(erfinv, {INSIDE_1}),
    CASE(gamma, {{1e-300, 171, POSITIVE, 30, gammas}}),
    CASE(lgamma, {{1e-300, 1e30, POSITIVE, 30, gammas}}, .step = 70),
    CASE(digamma, {{1e-300, 1e30, POSITIVE, 30, gammas}}, .step = 70),
    CASE(polygamma, {LIST(wholes), {1e-5, 1e5, POSITIVE, 8, gammas}}, .step = 70),
    CASE(polygammadiff, {LIST(small), {1e-5, 1e4, POSITIVE, 6, NULL},
                         {1e-12, 1e4, BOTH, 5, NULL}}, .step = 70),
    CASE(beta, {{1e-9, 1e4, POSITIVE, 14, NULL}, {1e-9, 1e4, POSITIVE, 14, NULL}}, .step = 70),
    CASE(besselj, {LIST(orders), {1e-5, 200, POSITIVE, 12, few}}, GSL, .amplitude = true),
    CASE(bessely, {LIST(orders), {1e-5, 200, POSITIVE, 12, few}}, GSL, .amplitude = true),
    CASE(besseli, {LIST(orders), {1e-5, 700, POSITIVE, 12, few}}, GSL),
    CASE(besselk, {LIST(orders), {1e-5, 120, POSITIVE, 7, few}}, GSL),
    CASE(besselk, {LIST(halves), {500, 690, POSITIVE, 2, NULL}}, GSL),
    CASE(lambertw, {{1e-300, 1e300, POSITIVE, 40, branch}}),
    CASE(lambertw, {{1e-300, 0.3, NEGATIVE, 12, NULL}}),
    /* next to the branch point the derivative hangs on 1 + W, of which few digits are there */
    CASE(lambertw, {LIST(at_branch)}, .d_bound = 1e-9),
};

static size_t points_of(const Points *p, double out[], size_t cap) {
    size_t n = 0;
    for (int i = 0; i < p->count; i++) {
        double v = p->lo * pow(p->hi / p->lo, i / (p->count - 1.0));
        if (isinf(p->hi / p->lo))
            v = exp2(log2(p->lo) + (log2(p->hi) - log2(p->lo)) * i / (p->count - 1.0));
        assert_true(n + 2 < cap);
        if (p->signs & POSITIVE)
            out[n++] = v;
        if (p->signs & NEGATIVE)
            out[n++] = -v;
    }
    for (const double *v = p->list; v && !isnan(*v); v++) {
        assert_true(n < cap);
        out[n++] = *v;
    }
    if (n == 0)
        out[n++] = 0;
    return n;
}

static double text_value(const char *text, const double arg[], double f) {
    const char *unread;
    double res = plain_eval(text, arg, f, &unread);
    if (unread)
        fail_msg("cannot read '%s' of '%s'", unread, text);
    return res;
}

static bool holds(const char *text, const double arg[], bool otherwise) {
    return text ? text_value(text, arg, NAN) != 0 : otherwise;
}

/* The precision for a central difference at a point: the quotient with steps 2^-step (of |x| where
 * that is below 1) cancels as many bits, and all between the arguments' sizes. */
static mpfr_prec_t precision_at(const double arg[], int step) {
    long bits = 100 + 3 * step;
    for (int i = 0; i < FUNCTION_ARGS; i++)
        bits += arg[i] == 0 ? 0 : 2 * labs((long)logb(arg[i]));
    return bits;
}

/* r = the value of row id, or by argument k >= 0 its partial derivative. */
static void reference_at(mpfr_t r, FunctionId id, const double arg[], int k, int bits) {
    mpfr_t a[FUNCTION_ARGS], low, step;
    mpfr_prec_t prec = mpfr_get_prec(r);
    mpfr_inits2(prec, a[0], a[1], a[2], low, step, (mpfr_ptr)0);
    for (int i = 0; i < FUNCTION_ARGS; i++)
        mpfr_set_d(a[i], arg[i], MPFR_RNDN);
    if (0 <= k) {
        double size = fabs(arg[k]);
        mpfr_set_d(step, size == 0 || 1 < size ? 1 : size, MPFR_RNDN);
        mpfr_div_2si(step, step, bits, MPFR_RNDN);
        mpfr_sub(a[k], a[k], step, MPFR_RNDN);
        references[id](low, a[0], a[1], a[2]);
        mpfr_mul_2ui(step, step, 1, MPFR_RNDN);
        mpfr_add(a[k], a[k], step, MPFR_RNDN);
        references[id](r, a[0], a[1], a[2]);
        mpfr_sub(r, r, low, MPFR_RNDN);
        mpfr_div(r, r, step, MPFR_RNDN);
    } else {
        references[id](r, a[0], a[1], a[2]);
    }
    mpfr_clears(a[0], a[1], a[2], low, step, (mpfr_ptr)0);
}

/* The error of `got` relative to `want`, or to `amplitude` if that is larger.  A value beyond the
 * doubles must come out infinite, or as near as doubles get; one below the normal ones may be
 * anything there. */
static double error_of(double got, mpfr_t want, double amplitude) {
    if (isnan(got))
        return INFINITY;
    double size = fabs(mpfr_get_d(want, MPFR_RNDN));
    if (isinf(size) || size > 1.79e308)
        return fabs(got) > 1.78e308 && (got < 0) == (mpfr_sgn(want) < 0) ? 0 : INFINITY;
    if (isinf(got))
        return INFINITY;
    mpfr_t gap;
    mpfr_init2(gap, mpfr_get_prec(want));
    mpfr_sub_d(gap, want, got, MPFR_RNDN);
    if (size < DBL_MIN && fabs(mpfr_get_d(gap, MPFR_RNDN)) <= DBL_MIN) {
        mpfr_clear(gap);
        return 0;
    }
    if (mpfr_zero_p(want) || size < amplitude)
        mpfr_div_d(gap, gap, amplitude > 0 ? amplitude : 1, MPFR_RNDN);
    else
        mpfr_div(gap, gap, want, MPFR_RNDN);
    double res = fabs(mpfr_get_d(gap, MPFR_RNDN));
    mpfr_clear(gap);
    return res;
}

typedef struct Worst {
    double error, arg[FUNCTION_ARGS], got, want;
    size_t points, beyond;
} Worst;

static void judge(Worst *w, const Case *c, const double arg[], int k, double bound, double got) {
    mpfr_t want;
    int step = c->step > 0 ? c->step : 120;
    mpfr_init2(want, precision_at(arg, step));
    reference_at(want, c->id, arg, k, step);
    if (mpfr_number_p(want)) {
        double amplitude = c->amplitude && fabs(arg[0]) < arg[1] ? sqrt(2 / (M_PI * arg[1])) : 0;
        double error = error_of(got, want, amplitude);
        w->points++;
        w->beyond += !(error <= bound);
        if (w->error < error) {
            w->error = error;
            memcpy(w->arg, arg, sizeof w->arg);
            w->got = got;
            w->want = mpfr_get_d(want, MPFR_RNDN);
        }
    }
    mpfr_clear(want);
}

static size_t report(const Function *f, const char *what, const Worst *w, double bound) {
    if (verbose || w->beyond)
        print_message("%-14s %-30s %5zu points, worst %.2g at (%.17g, %.17g, %.17g)\n", f->name,
                      what, w->points, w->error, w->arg[0], w->arg[1], w->arg[2]);
    if (w->beyond)
        print_message("    beyond %g at %zu points; got %.17g, not %.17g\n", bound, w->beyond,
                      w->got, w->want);
    return w->beyond;
}

static size_t case_failures(const Case *c) {
    const Function *f = function_at(c->id);
    double p[FUNCTION_ARGS][128];
    size_t n[FUNCTION_ARGS];
    for (int i = 0; i < FUNCTION_ARGS; i++)
        n[i] = points_of(&c->p[i], p[i], 128);
    double value_bound = c->value_bound > 0 ? c->value_bound : VALUE_BOUND;
    double d_bound = c->d_bound > 0 ? c->d_bound : D_BOUND;
    Worst value = {0}, d[FUNCTION_ARGS] = {{0}};
    for (size_t i = 0; i < n[0] * n[1] * n[2]; i++) {
        double arg[FUNCTION_ARGS] = {p[0][i % n[0]], p[1][i / n[0] % n[1]], p[2][i / n[0] / n[1]]};
        if (!holds(f->domain, arg, true))
            continue;
        double got = f->value(arg[0], arg[1], arg[2]);
        judge(&value, c, arg, -1, value_bound, got);
        for (int k = 0; k < f->arity && !holds(f->kink, arg, false); k++)
            if (f->d[k])
                judge(&d[k], c, arg, k, d_bound, text_value(f->d[k], arg, got));
    }
    size_t res = report(f, f->c_text, &value, value_bound);
    for (int k = 0; k < f->arity; k++)
        if (f->d[k])
            res += report(f, f->d[k], &d[k], d_bound);
    return res;
}

static void over_the_domain(void **state) {
    (void)state;
    bool met[FUNCTION_COUNT] = {false};
    size_t failures = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        met[cases[i].id] = true;
        failures += case_failures(&cases[i]);
    }
    for (size_t i = 0; i < FUNCTION_COUNT; i++)
        if (!met[i])
            fail_msg("no case for %s", function_at(i)->name);
    assert_int_equal(failures, 0);
}

/* The same over the ranges of usual values that the rows give. */
static void over_the_samples(void **state) {
    (void)state;
    static const int counts[] = {40, 9, 5};
    bool met[FUNCTION_COUNT] = {false};
    size_t failures = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Case c = cases[i];
        if (met[c.id])
            continue;
        met[c.id] = true;
        const Function *f = function_at(c.id);
        double list[FUNCTION_ARGS][48];
        for (int k = 0; k < f->arity; k++) {
            int n = counts[f->arity - 1];
            double lo = f->sample[k][0], hi = f->sample[k][1];
            assert_true(lo < hi);
            for (int j = 0; j < n; j++) {
                double v = lo + (hi - lo) * (j + 0.37) / n;
                list[k][j] = f->whole >> k & 1 ? round(v) : v;
            }
            list[k][n] = NAN;
            c.p[k] = (Points){0, 0, BOTH, 0, list[k]};
        }
        failures += case_failures(&c);
    }
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv) {
    verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_the_domain),
        cmocka_unit_test(over_the_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
