/* Difference quotients that are sparing with evaluations: few of them, and bounds that are bounds. */
#include "tests/unit/session.h"

#include <math.h>

#include "base/random.h"
#include "eval/differences.h"

enum { VARIABLES = 50000 };

typedef struct Watched {
    Evaluator *f;
    size_t plain, bounded;
    double largest; /* running bound that was computed */
    double excess;  /* running bound where none was computed, beside that */
} Watched;

static RunStatus watched_value(void *context, const double *x, double *f, double *bound) {
    Watched *w = context;
    RunStatus res = evaluator_value_bounds(w->f, x, f, bound);
    w->bounded++;
    w->largest = fmax(w->largest, *bound);
    return res;
}

static RunStatus watched_plain(void *context, const double *x, double *f) {
    Watched *w = context;
    double bound;
    RunStatus res = evaluator_value_bounds(w->f, x, f, &bound);
    w->plain++;
    w->excess = fmax(w->excess, bound / w->largest);
    return res;
}

/* The derivative along v and how far it may be off. */
static double slope_along(Evaluator *e, const double *x, const double *v, double *bound) {
    double f, fb, res = 0, size = 0, *g = malloc(2 * VARIABLES * sizeof *g), *gb = g + VARIABLES;
    assert_int_equal(evaluator_gradient_bounds(e, x, &f, &fb, g, gb), RUN_OK);
    *bound = 0;
    for (size_t i = 0; i < VARIABLES; i++) {
        res += g[i] * v[i];
        size += fabs(g[i] * v[i]);
        *bound += gb[i] * fabs(v[i]);
    }
    *bound += size * VARIABLES * 0x1p-53;
    free(g);
    return res;
}

static void check_along(const char *text, Evaluator *e, double *x, const double *v) {
    Watched w = {.f = e}, all = {.f = e};
    VectorSource sparing = {.n = VARIABLES, .m = 1, .value = watched_value, .plain = watched_plain, .context = &w},
                 full = {.n = VARIABLES, .m = 1, .value = watched_value, .context = &all};
    Quotient q, long_q;
    double bound, slope = slope_along(e, x, v, &bound);
    assert_int_equal(difference_along(&sparing, x, v, 0, &q), RUN_OK);
    assert_int_equal(difference_along(&full, x, v, 0, &long_q), RUN_OK);
    if (!(fabs(q.value - slope) <= q.bound + bound) || !(q.bound <= 30 * long_q.bound))
        fail_msg("%s: %.17g, the slope is %.17g, bounds %g, %g and, in full, %g", text, q.value, slope,
                 q.bound, bound, long_q.bound);
    if (!(w.excess <= 4)) /* 4 is what the quotient reckons with */
        fail_msg("%s: a running bound is %g times those computed", text, w.excess);
    if (w.bounded != 3 || 14 < w.plain || all.bounded < 19 || all.plain != 0)
        fail_msg("%s: %zu values with bounds and %zu without, all in all %zu", text, w.bounded, w.plain, all.bounded);
}

static void test_sparing(void **state) {
    (void)state;
    static const char *const texts[] = {
        "f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2)",
        "f(x[n]) = sum(i=1..n, sin(x[i])*x[i])",
        "f(x[n]) = sum(i=1..n, exp(-x[i]^2/i)) - sum(i=1..n, x[i])",
        "f(x[n]) = log(sum(i=1..n, exp(x[i]) + x[i]^4))",
        "f(x[n]) = prod(i=1..n, 1 + x[i]^2/n)",
    };
    double *x = malloc(2 * VARIABLES * sizeof *x), *v = x + VARIABLES;
    Random random;
    random_seed(&random, 4);
    for (size_t k = 0; k < 2 * (sizeof texts / sizeof *texts); k++) {
        Session s;
        session_init(&s);
        Def *def = session_define(&s, texts[k / 2]);
        Evaluator *e = session_evaluator(&s, def, def->body, VARIABLES);
        for (size_t i = 0; i < VARIABLES; i++) { /* whole numbers: the value there is exact */
            x[i] = k % 2 ? (double)random_below(&random, 3) : random_normal(&random);
            v[i] = random_normal(&random) / sqrt(VARIABLES);
        }
        check_along(texts[k / 2], e, x, v);
        for (int i = 0; i < 3; i++) {
            memset(v, 0, VARIABLES * sizeof *v);
            v[random_below(&random, VARIABLES)] = 1;
            check_along(texts[k / 2], e, x, v);
        }
        evaluator_free(e);
        session_done(&s);
    }
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sparing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
