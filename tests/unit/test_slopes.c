/* check f where doubles run out: the quotient and the derivative in balls. */
#include "tests/unit/session.h"

#include <math.h>

#include "eval/balls_slope.h"
#include "tests/unit/random_expr.h"

static const NumberKind *the_balls(void) {
    const char *why = NULL;
    const NumberKind *res = balls_load(&why);
    if (!res) {
        print_message("%s\n", why);
        skip();
    }
    return res;
}

/* ---- a value and a derivative given ---- */

/* The derivative of f by x, or, if `claim` is not NULL, what is claimed to be it, both of (x) only. */
static SlopeAnswer slope_of(const char *f, const char *claim, double x, SlopePoint *p) {
    Session s;
    uint64_t budget = 1000 * 1000;
    session_init(&s);
    Def *value = session_define(&s, f);
    Expr body = value->body, derivative = derive_by(s.defs, body, value->param[0].symbol, &s.diags, span_of(0, 0));
    if (claim)
        derivative = session_define(&s, claim)->body;
    const size_t dims[1][2] = {{0, 0}};
    const char *why = NULL;
    BallSlope *b = ball_slope_new(s.defs, 1, value->param, dims, body, derivative, the_balls(), NULL, &why);
    if (!b)
        fail_msg("%s: %s", f, why);
    SlopeAnswer res = ball_slope_at(b, &x, 0, 0, &budget, p);
    assert_true(budget < 1000 * 1000);
    ball_slope_free(b);
    session_done(&s);
    return res;
}

static void test_right(void **state) {
    (void)state;
    static const struct {
        const char *f;
        double x, slope; /* NaN: not known beforehand */
    } rows[] = {
        {"f(x) = 1e20 + x^2", 0.731, 1.462},
        {"f(x) = 1e150 + x^3 - 1e150", 2.5, 18.75},
        {"f(x) = (1+x)-1-x+x^2", 1e-9, 2e-9},
        {"f(x) = exp(50*x)*sin(x)", 3.21, NAN},
        {"f(x) = sin(1e8*x)", 0.731, NAN},
        {"f(x) = sin(1e20*x) + 1e30", 2.385, NAN},
        {"f(x) = x + sin(1e30*x)*1e-30", 0.731, NAN},
        {"f(x) = cos(x)-1+x^2/2", 1e-5, NAN},
        {"f(x) = (x-2)^9", 2.001, NAN},
        {"f(x) = x^9-18*x^8+144*x^7-672*x^6+2016*x^5-4032*x^4+5376*x^3-4608*x^2+2304*x-512", 2.001, NAN},
        {"f(x) = sqrt((x-2)^2+1e-30)", 2, 0},
        {"f(x) = 1e30*(x-0.1)^2", 0.1, 0},
        {"f(x) = gamma(x) + 1e25", 3.3, NAN},
        {"f(x) = besselj(2,x)*1e-3 + 1e15", 2.1, NAN},
        {"f(x) = if(x < 0.3, x^2, 2*x) + 1e22", 0.29, 0.58},
        {"f(x) = sum(i=1..50, x^i/i) + 1e25", 0.5, NAN},
        {"f(x) = log(x) + 1e25", 1e-7, 1e7},
        {"f(x) = abs(x)^3", 0, 0},
        {"f(x) = min(x, exp(2)) + 1e22", 9, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SlopePoint p;
        SlopeAnswer a = slope_of(rows[i].f, NULL, rows[i].x, &p);
        if (a != SLOPE_AGREES || p.bound < p.difference)
            fail_msg("%s at %g: answer %d, %.17g and %.17g", rows[i].f, rows[i].x, a, p.derivative, p.quotient);
        double size = fabs(p.derivative), slope = isnan(rows[i].slope) ? p.derivative : rows[i].slope;
        if (!(fabs(p.quotient - slope) <= 4e-16 * size + p.bound) || !(p.bound <= 1e-16 * size || size == 0))
            fail_msg("%s at %g: %.17g, should be %.17g, bound %g", rows[i].f, rows[i].x, p.quotient, slope, p.bound);
    }
}

/* Wrong by a part that no double of f can show. */
static void test_wrong(void **state) {
    (void)state;
    static const struct {
        const char *f, *claim;
        double x;
    } rows[] = {
        {"f(x) = 1e20 + x^2", "c(x) = 2.0000001*x", 0.731},
        {"f(x) = 1e20 + x^2", "c(x) = 2*x + 1e-14", 0.731},
        {"f(x) = 1e20 + x^2", "c(x) = 0", 0.731},
        {"f(x) = sin(1e8*x)", "c(x) = 1e8*cos(1e8*x) + 1e-9", 0.731},
        {"f(x) = sin(1e8*x)", "c(x) = -1e8*cos(1e8*x)", 0.731},
        {"f(x) = x + sin(1e30*x)*1e-30", "c(x) = 1", 0.731},
        {"f(x) = cos(x)-1+x^2/2", "c(x) = x - sin(x) + x^9", 1e-5},
        {"f(x) = exp(50*x)*sin(x)", "c(x) = 50*exp(50*x)*sin(x)", 3.21},
        {"f(x) = 1e30*(x-0.1)^2", "c(x) = 1e30*(x-0.1)", 0.3},
        {"f(x) = 1e30*(x-0.1)^2", "c(x) = 1e-9", 0.1},
        {"f(x) = 1e25 + x^2", "c(x) = 2*abs(x)", -0.731},
        {"f(x) = gamma(x) + 1e25", "c(x) = gamma(x)*log(x)", 3.3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SlopePoint p;
        SlopeAnswer a = slope_of(rows[i].f, rows[i].claim, rows[i].x, &p);
        if (a != SLOPE_DIFFERS || !(p.bound < p.difference))
            fail_msg("%s, %s at %g: answer %d, %.17g and %.17g", rows[i].f, rows[i].claim, rows[i].x, a, p.derivative,
                     p.quotient);
    }
}

/* Nothing is said to differ where f has no derivative, or where the function is unknown to balls. */
static void test_places(void **state) {
    (void)state;
    static const struct {
        const char *f, *claim;
        double x;
        SlopeAnswer answer;
    } rows[] = {
        {"f(x) = abs(x) + 1e20", NULL, 0, SLOPE_KINK},
        {"f(x) = abs(x-0.731) + 1e20", NULL, 0.731, SLOPE_KINK},
        {"f(x) = max(x, 2*x) - 1e25", "c(x) = 1.5", 0, SLOPE_KINK},
        {"f(x) = if(x < 0.001, x, 1e15+x)", NULL, 0.001, SLOPE_OPEN},
        {"f(x) = floor(x) + x", "c(x) = 1", 3, SLOPE_OPEN},
        {"f(x) = if(x == 3, 10, x) + 1e20", NULL, 3, SLOPE_OPEN},
        {"f(x) = if(x == 3, 10, x) + 1e20", "c(x) = 1", 3, SLOPE_OPEN},
        {"f(x) = cbrt(x)", "c(x) = 1", 0, SLOPE_OPEN},
        {"f(x) = log(x)", NULL, -1, SLOPE_OPEN},
        {"f(x) = sqrt(x) + 1e20", NULL, 0, SLOPE_OPEN},
        {"f(x) = x^1.5 + 1e20", NULL, 0, SLOPE_OPEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SlopePoint p;
        SlopeAnswer a = slope_of(rows[i].f, rows[i].claim, rows[i].x, &p);
        if (a != rows[i].answer)
            fail_msg("%s at %g: answer %d, not %d", rows[i].f, rows[i].x, a, rows[i].answer);
        if (a == SLOPE_KINK)
            assert_true(0.9 < fabs(p.right - p.left));
    }
}

/* Random functions behind a number that hides them, by x: a right derivative never differs, one that
 * is off by 1e-12 of itself never agrees. */
static void test_random(void **state) {
    (void)state;
    size_t agreed = 0, differed = 0, open = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        RandomExpr r;
        Arena arena;
        Diags quiet;
        random_init(&r, seed);
        arena_init(&arena);
        diags_init(&quiet, &arena);
        Expr f = random_make(&r), big = expr_from_double(r.s, 1e22), little = expr_from_double(r.s, 1e-12);
        Expr g = derive_by(r.d, f, r.param[0].symbol, &quiet, span_of(0, 0));
        Expr off = g ? expr_binary(r.s, EXPR_ADD, g, expr_binary(r.s, EXPR_MUL, g, little)) : 0;
        const size_t dims[RANDOM_PARAMS][2] = {{0}, {0}, {RANDOM_N, 0}, {RANDOM_M, RANDOM_N}};
        for (int wrong = 0; wrong < 2 && g; wrong++) {
            uint64_t budget = 300 * 1000;
            SlopePoint p;
            BallSlope *b = ball_slope_new(r.d, RANDOM_PARAMS, r.param, dims, expr_binary(r.s, EXPR_ADD, f, big),
                                          wrong ? off : g, the_balls(), NULL, NULL);
            if (!b)
                continue;
            SlopeAnswer a = ball_slope_at(b, r.point, 0, 0, &budget, &p);
            if ((a == SLOPE_DIFFERS && !wrong) || (a == SLOPE_AGREES && wrong && p.bound < 1e-13 * fabs(p.quotient)))
                fail_msg("seed %llu%s: answer %d, %.17g and %.17g, difference %g, bound %g", (unsigned long long)seed,
                         wrong ? ", off" : "", a, p.derivative, p.quotient, p.difference, p.bound);
            agreed += a == SLOPE_AGREES && !wrong;
            differed += a == SLOPE_DIFFERS && wrong;
            open += a == SLOPE_OPEN && !wrong;
            ball_slope_free(b);
        }
        arena_done(&arena);
        random_done(&r);
    }
    print_message("  random: %zu agree, %zu open, %zu that are off differ\n", agreed, open, differed);
    assert_true(200 < agreed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
