/* Balls: every row of the table, loops, arrays, choices; exact rationals. */
#include "tests/unit/session.h"

#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "eval/balls.h"

static const NumberKind *the_balls(void) {
    const char *why = NULL;
    const NumberKind *res = balls_load(&why);
    if (!res) {
        print_message("%s\n", why);
        skip();
    }
    return res;
}

/* Body of `def` over `kind` at x; false when undefined there. */
static bool value_of(Session *s, const Def *def, const NumberKind *kind, size_t n, const double *x, double *middle,
                     double *radius) {
    size_t dims[16][2] = {{0}};
    for (size_t i = 0; i < def->param_count; i++)
        for (int k = 0; k < def->param[i].rank; k++)
            dims[i][k] = n;
    const char *why = NULL;
    BallCode *c = ball_code_new(s->defs, def->param_count, def->param, (const size_t(*)[2])dims, 1, &def->body, &why);
    if (!c)
        fail_msg("%s: %s", def->text, why);
    size_t inputs = ball_code_inputs(c);
    mpq_t *q = mem_new(inputs + 1, sizeof *q);
    for (size_t i = 0; i < inputs; i++) {
        mpq_init(q[i]);
        ball_rational_of(s->store, x[i], q[i]);
    }
    BallRun *r = ball_run_new(c, kind, NULL);
    ball_run_bits(r, 128);
    ball_run_set(r, q);
    bool res = ball_run_root(r, 0);
    if (res)
        ball_run_get(r, 0, middle, radius);
    ball_run_free(r);
    ball_code_free(c);
    for (size_t i = 0; i < inputs; i++)
        mpq_clear(q[i]);
    free(q);
    return res;
}

static void every_function(void **state) {
    (void)state;
    const NumberKind *balls = the_balls();
    Random random;
    random_seed(&random, 7);
    for (size_t id = 0; id < functions_count(); id++) {
        const Function *f = function_at(id);
        Session s;
        session_init(&s);
        char text[100];
        static const char *const args[] = {"x", "x,y", "x,y,z"};
        snprintf(text, sizeof text, "test(%s) = %s(%s)", args[f->arity - 1], f->name, args[f->arity - 1]);
        Def *def = session_define(&s, text);
        for (int i = 0; i < 20; i++) {
            double x[3] = {0}, middle = 0, radius = 0;
            for (int k = 0; k < f->arity; k++) {
                double u = random_uniform(&random);
                x[k] = f->sample[k][0] + (f->sample[k][1] - f->sample[k][0]) * u;
                x[k] = f->whole >> k & 1 ? floor(x[k]) : round(x[k] * 1000) / 1000;
            }
            double want = f->value(x[0], x[1], x[2]);
            if (!value_of(&s, def, balls, 0, x, &middle, &radius))
                fail_msg("%s at %g %g %g is not defined in balls, %g in doubles", f->name, x[0], x[1], x[2], want);
            if (!(fabs(middle - want) <= 1e-10 * (1 + fabs(want))) || !(radius <= 1e-25 * (1 + fabs(want))))
                fail_msg("%s at %g %g %g: %.17g +/- %g in balls, %.17g in doubles", f->name, x[0], x[1], x[2], middle,
                         radius, want);
        }
        session_done(&s);
    }
}

static void expect(const NumberKind *kind, const char *text, size_t n, const double *x, double want, double bound) {
    Session s;
    session_init(&s);
    Def *def = session_define(&s, text);
    double middle = NAN, radius = NAN;
    if (!value_of(&s, def, kind, n, x, &middle, &radius))
        fail_msg("%s is not defined", text);
    if (!(fabs(middle - want) <= bound) || !(radius <= bound))
        fail_msg("%s: %.17g +/- %g, should be %.17g", text, middle, radius, want);
    session_done(&s);
}

static void expect_undefined(const NumberKind *kind, const char *text, const double *x) {
    Session s;
    session_init(&s);
    Def *def = session_define(&s, text);
    double middle, radius;
    if (value_of(&s, def, kind, 3, x, &middle, &radius))
        fail_msg("%s is %g +/- %g, should not be defined", text, middle, radius);
    session_done(&s);
}

static void loops_and_arrays(void **state) {
    (void)state;
    const NumberKind *kinds[] = {&number_exact, &number_double, the_balls()};
    double x[] = {0.731, 2.385, -1.7, 4.25}, y[] = {-1.7, 0.25};
    for (size_t i = 0; i < 3; i++) {
        expect(kinds[i], "f(x[n]) = sum(i=1..n, i*x[i]^2)", 4, x, 0.534361 + 2 * 5.688225 + 3 * 2.89 + 4 * 18.0625, 1e-12);
        expect(kinds[i], "f(x[n]) = prod(i=1..n, sum(j=1..i, x[j]))", 3, x, 0.731 * 3.116 * 1.416, 1e-12);
        /* an inner loop that knows nothing of the outer ones, and shares terms with them */
        expect(kinds[i], "f(x[n]) = sum(i=1..n, prod(j=1..n, if(j == i, x[i], sum(l=1..n, l*x[l]) - x[i])))", 3, x,
               0.731 * 0.330 * 0.330 + 2.385 * 1.984 * 1.984 - 1.7 * 2.101 * 2.101, 1e-12);
        expect(kinds[i], "f(x[n]) = max(i=1..n, x[i]*(n-i))", 4, x, 4.77, 1e-12);
        expect(kinds[i], "f(x[n]) = dot(vec(i=1..n, x[i]^2), vec(i=1..n, i))", 2, x, 0.534361 + 2 * 5.688225, 1e-12);
        expect(kinds[i], "f(x[n]) = sum(i=2..n, vec(j=1..n, x[j]*i)[i-1])", 3, x, 2 * 0.731 + 3 * 2.385, 1e-12);
        expect(kinds[i], "f(x[n]) = sum(i=1..n, i*x[i]*sum(j=1..n, x[j]))", 3, x, 1.416 * (0.731 + 2 * 2.385 - 3 * 1.7), 1e-12);
        expect(kinds[i], "f(x[n]) = vec(i=1..n, sum(j=1..n, x[j])*x[i])[2]", 3, x, 1.416 * 2.385, 1e-12);
        expect(kinds[i], "f(x[n]) = [x[1], [1,2;3,4][2,1], x[n]][2]", 3, x, 3, 1e-12);
        expect(kinds[i], "f(x,y) = if(x > 0, 1/x, 1/(x-x))+y", 0, (double[]){0.5, 3}, 5, 1e-12);
        expect(kinds[i], "f(x,y) = if(x > 0 or 1/(x+2) > 1, 1, 0) + if(x < y and y < 1, 2, 0)", 0, y, 3, 1e-12);
        expect_undefined(kinds[i], "f(x,y) = 1/(x-y)", (double[]){0.3, 0.3});
        expect_undefined(kinds[i], "f(x[n]) = x[n+1]", x);
        expect_undefined(kinds[i], "f(x,y) = log(x)+y", y);
    }
}

static void equal_is_not_told_apart(void **state) {
    (void)state;
    double at[] = {0.731, 2.385}, middle, radius;
    Session s;
    session_init(&s);
    Def *def = session_define(&s, "f(x,y) = sin(x+y) - sin(x)*cos(y) - cos(x)*sin(y)");
    assert_true(value_of(&s, def, the_balls(), 0, at, &middle, &radius));
    assert_true(fabs(middle) <= radius);
    session_done(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_function),
        cmocka_unit_test(loops_and_arrays),
        cmocka_unit_test(equal_is_not_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
