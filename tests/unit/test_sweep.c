/* The reverse sweep: the gradient against differences and against the reading form, element by
 * element for n = 1..7; Hessian products against differences of gradients; costs counted. */
#include "tests/unit/session.h"

#include <math.h>

#include "base/memory.h"
#include "base/random.h"
#include "eval/differences.h"
#include "eval/points.h"

typedef struct Case {
    const char *text;
    double most; /* operations with the gradient over operations without, at n = 7; 0: not held */
    bool positive; /* points with positive coordinates */
} Case;

static const Case cases[] = {
    {"f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 4, false},
    {"f(x[n]) = sum(i=1..n, x[i]^2)", 4, false},
    {"f(x[n]) = 0.731*x[1]^2 + sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2+(1-x[i])^2)", 4, false},
    {"f(x[n]) = prod(i=1..n, x[i])", 4, false},
    {"f(x[n]) = 2.385*prod(i=1..n, x[i]^2+0.3)", 4, false},
    {"f(a,b,c,d,g) = a*b*c*d*g", 4, false},
    {"f(x[n]) = sqrt(sum(i=1..n, x[i]^2))", 4, false},
    {"f(x[n]) = sum(i=1..n, x[i])*sum(i=1..n, sin(x[i]))", 4, false},
    {"f(a[3,n], x[n], b[3]) = sum(i=1..3, (sum(j=1..n, a[i,j]*x[j])-b[i])^2)", 5, false},
    {"f(w[4,n], v[4], x[n]) = sum(k=1..3, (sum(j=1..4, v[j]*tanh(sum(i=1..n, w[j,i]*x[i]*k)))-0.3*k)^2)", 6, false},
    {"f(x[n]) = max(i=1..n, x[i]^2)", 4, false},
    {"f(x[n], a) = min(i=1..n, (x[i]-a)^2) + a*max(i=1..n, i*x[i])", 0, false},
    {"f(x, y) = if(x > 0, log(x)*y, if(y > 0, x*y^2, x^3/(1+y^2)))", 0, false},
    {"f(x[n], a) = sum(i=1..n, if(x[i] > 0.2, log(x[i])*exp(sin(a)), a*x[i]))", 0, false},
    {"f(x[n]) = sum(i=1..n, if(i > 1, x[i]*x[i-1], x[i]^2))", 4, false},
    {"f(x[n], a) = sum(i=1..n, x[i]*exp(sin(a)))", 4, false},
    {"f(x[n], a) = sum(i=1..n, sum(j=1..n, x[i]*x[j]*sin(a*i)))", 5, false},
    {"f(x[n]) = sum(i=1..n, vec(j=1..n, x[j]^2)[i]*vec(j=1..n, x[j]^2)[n+1-i])", 0, false},
    {"f(x[n]) = sum(i=1..n, prod(j=1..n, x[j]+i))", 0, false},
    {"f(x[n]) = prod(i=1..n, sum(j=1..i, x[j]))", 0, false},
    {"f(x[n]) = sum(i=1..n, prod(j=1..i, x[j]))", 0, false},
    {"f(x[n]) = sum(i=1..n, max(j=1..i, x[j]*i)*vec(j=1..i, x[j]^2)[i])", 0, false},
    {"f(x,y) = [x*y, sin(x), y^2][2] + sum(i=1..3, [x*y, sin(x), y^2][i]*i)", 0, false},
    {"f(x[n]) = sum(i=1..n, sum(j=1..n, vec(k=1..n, vec(l=1..n, x[k]*x[l]))[i][j]*i*j))", 0, false},
    {"f(x, y) = x^y", 0, true},
    {"f(c[n], x) = sum(i=1..n, c[i]*x^(i-1))", 0, false},
    {"f(x, y, z) = x/(y/(z/(x*y)))", 4, false},
    {"f(x) = exp(x)/(1+exp(x))", 4, false},
    {"f(x[n], y[n]) = sum(i=1..n, abs(x[i]-y[i]))/sum(i=1..n, x[i]^2)", 4, false},
    {"f(x) = 2.385", 0, false},
    {"f(x[n], y) = y^2", 0, false},
    {"f(x[n]) = x[1]*x[n]", 0, false},
    {"f(x) = max(i=1..3, prod(j=1..3, x+i*j))", 0, false},
};

/* ---- comparisons ---- */

static RunStatus source_value(void *context, const double *x, double *f, double *bound) {
    return evaluator_value_bounds(context, x, f, bound);
}

static RunStatus source_gradient(void *context, const double *x, double *f, double *bound) {
    double value, value_bound;
    return evaluator_gradient_bounds(context, x, &value, &value_bound, f, bound);
}

static void assert_near(const char *what, const char *text, size_t n, size_t i, double a, double b, double bound) {
    if (!(fabs(a - b) <= bound))
        fail_msg("%s, n=%zu, component %zu: %.17g and %.17g, bound %g\n  %s", what, n, i, a, b, bound, text);
}

static void against_differences(const char *text, Evaluator *e, size_t n, double *x) {
    size_t count = evaluator_points(e);
    VectorSource f = {.n = count, .m = 1, .value = source_value, .context = e},
                 g = {.n = count, .m = count, .value = source_gradient, .context = e};
    double *gradient = mem_new(count, sizeof *gradient), *v = mem_new(count, sizeof *v);
    double *h = mem_new(count * count, sizeof *h);
    Quotient q, *column = mem_new(count, sizeof *column);
    assert_int_equal(evaluator_gradient(e, x, NULL, gradient), RUN_OK);
    assert_int_equal(evaluator_hessian(e, x, h), RUN_OK);
    for (size_t i = 0; i < count; i++) {
        memset(v, 0, count * sizeof *v);
        v[i] = 1;
        assert_int_equal(difference_along(&f, x, v, 0, &q), RUN_OK);
        assert_near("difference", text, n, i, gradient[i], q.value, 3 * q.bound + 1e-12 * fabs(gradient[i]));
        assert_int_equal(difference_along(&g, x, v, 0, column), RUN_OK);
        for (size_t k = 0; k < count; k++)
            assert_near("hessian", text, n, k * count + i, h[k * count + i], column[k].value,
                        3 * column[k].bound + 1e-11 * (fabs(h[k * count + i]) + column[k].scale));
    }
    free(gradient);
    free(v);
    free(h);
    free(column);
}

static void against_reading(Session *s, const Def *def, Evaluator *e, size_t n, const double *x) {
    size_t count = evaluator_points(e), first = 0;
    double f, fb, *g = mem_new(4 * count, sizeof *g), *gb = g + count, *r = gb + count, *rb = r + count;
    assert_int_equal(evaluator_gradient_bounds(e, x, &f, &fb, g, gb), RUN_OK);
    for (size_t p = 0; p < def->param_count; p++) {
        Expr body = derive_by(s->defs, def->body, def->param[p].symbol, &s->diags, span_of(0, 0));
        Evaluator *reading = session_evaluator(s, def, body, n);
        assert_int_equal(evaluator_value_bounds(reading, x, r, rb), RUN_OK);
        for (size_t i = 0; i < evaluator_results(reading); i++)
            assert_near("reading form", def->text, n, first + i, g[first + i], r[i],
                        4 * (gb[first + i] + rb[i]) + 1e-300);
        first += evaluator_results(reading);
        evaluator_free(reading);
    }
    free(g);
}

static void try_case(Session *s, const Case *c, size_t n, Random *random) {
    Def *def = session_define(s, c->text);
    Evaluator *e = session_evaluator(s, def, def->body, n);
    size_t count = evaluator_points(e);
    double *x = mem_new(count, sizeof *x);
    for (int round = 0; round < 2; round++) {
        points_draw(random, count, x, 1, NULL, NULL);
        for (size_t i = 0; i < count; i++)
            x[i] = c->positive ? fabs(x[i]) : fmod(x[i], 3);
        against_differences(c->text, e, n, x);
        against_reading(s, def, e, n, x);
    }
    uint64_t value = evaluator_operations(e, x, false), both = evaluator_operations(e, x, true);
    if (n == 7)
        printf("  %6.2f  %s\n", value ? (double)both / (double)value : 0, c->text);
    if (n == 7 && c->most != 0)
        assert_true((double)both <= c->most * (double)value);
    free(x);
    evaluator_free(e);
}

static void test_gradients(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Session s;
        Random random;
        random_seed(&random, 2385 + i);
        session_init(&s);
        for (size_t n = 1; n <= 7; n++)
            try_case(&s, &cases[i], n, &random);
        session_done(&s);
    }
}

/* ---- places where a careless sweep goes wrong ---- */

static void check_gradient_at(const char *text, size_t n, const double *x, const double *expected) {
    Session s;
    session_init(&s);
    Def *def = session_define(&s, text);
    Evaluator *e = session_evaluator(&s, def, def->body, n);
    double g[16];
    assert_int_equal(evaluator_gradient(e, x, NULL, g), RUN_OK);
    for (size_t i = 0; i < evaluator_points(e); i++)
        if (!(fabs(g[i] - expected[i]) <= 1e-13 * (1 + fabs(expected[i]))))
            fail_msg("%s: component %zu is %.17g, not %.17g", text, i, g[i], expected[i]);
    evaluator_free(e);
    session_done(&s);
}

static void test_products_with_zeros(void **state) {
    (void)state;
    check_gradient_at("f(x[n]) = prod(i=1..n, x[i])", 4, (double[]){2, 0, 3, 5}, (double[]){0, 30, 0, 0});
    check_gradient_at("f(x[n]) = prod(i=1..n, x[i])", 4, (double[]){2, 0, 0, 5}, (double[]){0, 0, 0, 0});
    check_gradient_at("f(x[n]) = 3*prod(i=1..n, x[i]^2)", 2, (double[]){2, 0}, (double[]){0, 0});
}

/* The branch that is not taken must not leak: 0/0, 0*inf, an index outside. */
static void test_branches(void **state) {
    (void)state;
    check_gradient_at("f(x) = if(x > 0, log(x), x)", 0, (double[]){0}, (double[]){1});
    check_gradient_at("f(x) = if(x > 0, sqrt(x)*x, 0)", 0, (double[]){0}, (double[]){0});
    check_gradient_at("f(x, y) = if(x > 0, sum(i=1..3, log(x)*y*i), x*y)", 0, (double[]){0, 2}, (double[]){2, 0});
    check_gradient_at("f(x, y) = sum(i=1..3, if(i*x > 0, log(x)*y, x*y))", 0, (double[]){0, 2}, (double[]){6, 0});
    check_gradient_at("f(x[n]) = sum(i=1..n, if(i < n, x[i]*x[i+1], x[i]))", 3, (double[]){2, 3, 5},
                      (double[]){3, 7, 4});
    check_gradient_at("f(c[n], x) = sum(i=1..n, c[i]*x^(i-1))", 3, (double[]){2, 3, 5, 0}, (double[]){1, 0, 0, 3});
    check_gradient_at("f(x) = sum(i=1..2, vec(j=1..2, if(x > 0, log(x), x))[i])", 0, (double[]){0}, (double[]){2});
}

/* Functions that call themselves are not put in: their derivatives are functions too. */
static void test_calls(void **state) {
    (void)state;
    static const char *const texts[][2] = {
        {"p(x, k) = if(k <= 0, 1, x*p(x, k-1))", "f(x, y) = p(x*y, 5)*sin(x)"},
        {"p(x[n], k) = if(k <= 0, 1, (x[k]+0.3)*p(x, k-1))", "f(x[n], y) = p(x, n)*y^2"},
        {"p(x[n], k) = if(k <= 0, 1, (x[k]+0.3)*p(x, k-1))", "f(x[n], y) = p(vec(i=1..n, x[i]*y), n)"},
        {"p(x[n], y) = vec(i=1..n, x[i]^2*y)", "f(x[n], y) = sum(i=1..n, p(x, sin(y))[i]*i)"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Session s;
        session_init(&s);
        session_define(&s, texts[i][0]);
        Def *def = session_define(&s, texts[i][1]);
        Evaluator *e = session_evaluator(&s, def, def->body, 3);
        double x[] = {0.731, 2.385, -1.213, 0.42};
        Buf why;
        buf_init(&why);
        if (!evaluator_has_gradient(e, &why))
            fail_msg("%s: %s", def->text, buf_str(&why));
        buf_done(&why);
        against_differences(def->text, e, 3, x);
        evaluator_free(e);
        session_done(&s);
    }
}

static double cost_of(const char *text, size_t n, size_t *value) {
    Session s;
    session_init(&s);
    Def *def = session_define(&s, text);
    Evaluator *e = session_evaluator(&s, def, def->body, n);
    double *x = mem_new(evaluator_points(e), sizeof *x);
    for (size_t i = 0; i < evaluator_points(e); i++)
        x[i] = 0.731 + 0.01 * (double)i;
    uint64_t a = evaluator_operations(e, x, false), b = evaluator_operations(e, x, true);
    free(x);
    evaluator_free(e);
    session_done(&s);
    *value = (size_t)a;
    return (double)b / (double)a;
}

static void test_costs(void **state) {
    (void)state;
    size_t ops;
    char text[4000];
    for (size_t n = 5; n <= 40; n += 5) { /* x1*x2*...*xn */
        int len = sprintf(text, "f(x[%zu]) = x[1]", n);
        for (size_t i = 2; i <= n; i++)
            len += sprintf(text + len, "*x[%zu]", i);
        double ratio = cost_of(text, n, &ops);
        printf("  product of %zu: %zu operations, ratio %.2f\n", n, ops, ratio);
        assert_true(ratio <= 4);
    }
    Session s; /* f <- f*(1-f), twelve deep, as functions of functions */
    session_init(&s);
    session_define(&s, "f0(x) = x*(1-x)");
    Def *def = NULL;
    for (int i = 1; i < 12; i++) {
        sprintf(text, "f%d(x) = f%d(x)*(1-f%d(x))", i, i - 1, i - 1);
        def = session_define(&s, text);
    }
    Evaluator *e = session_evaluator(&s, def, def->body, 0);
    double x = 0.731;
    uint64_t a = evaluator_operations(e, &x, false), b = evaluator_operations(e, &x, true);
    printf("  f*(1-f), twelve deep: %d and %d operations\n", (int)a, (int)b);
    assert_true(b <= 4 * a);
    evaluator_free(e);
    session_done(&s);
    for (size_t n = 2; n <= 2000; n *= 10) {
        double ratio = cost_of("f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2+(1-x[i])^2)", n, &ops);
        printf("  Rosenbrock of %zu: ratio %.2f\n", n, ratio);
        assert_true(ratio <= 4);
    }
    assert_true(cost_of("f(a[20,n], x[n], b[20]) = sum(i=1..20, (sum(j=1..n, a[i,j]*x[j])-b[i])^2)", 30, &ops) <= 5);
    assert_true(cost_of("f(x[n]) = sqrt(sum(i=1..n, x[i]^2))", 1000, &ops) <= 4);
    double network = cost_of("f(A[12,n], v[12], x[n]) = sum(i=1..12, v[i]*tanh(sum(j=1..n, A[i,j]*x[j])))^2", 30, &ops);
    double zero = cost_of("f(x[n]) = prod(i=1..n, x[i] - x[3])", 30, &ops); /* its third factor is 0 */
    printf("  two-layer network: ratio %.2f, product with a zero: ratio %.2f\n", network, zero);
    assert_true(network <= 3 + 2);
    assert_true(zero <= 3 + 1);
}

/* A random program over five numbers: each operation takes recent results. */
static Expr random_program(Session *s, const Def *def, Random *random, size_t length) {
    static const char *const unary[] = {"sin", "cos", "exp", "sqrt", "log"};
    static const ExprOp binary[] = {EXPR_ADD, EXPR_SUB, EXPR_MUL, EXPR_MUL, EXPR_DIV};
    Expr node[64];
    size_t count = def->param_count;
    for (size_t i = 0; i < count; i++)
        node[i] = def->param[i].symbol;
    for (size_t i = 0; i < length; i++) {
        Expr a = node[count - 1 - random_below(random, 3)], b = node[random_below(random, count)];
        Expr one = random_below(random, 4) == 0
                       ? expr_fn(s->store, (uint32_t)function_find(unary[i % 5], strlen(unary[i % 5])), 1, &a)
                       : expr_binary(s->store, binary[random_below(random, 5)], a, b);
        node[count++] = one;
    }
    return node[count - 1];
}

static void test_random_programs(void **state) {
    (void)state;
    double worst = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        Session s;
        Random random;
        random_seed(&random, seed);
        session_init(&s);
        Def *def = session_define(&s, "f(a, b, c, d, g) = a");
        Expr body = random_program(&s, def, &random, 40);
        Evaluator *e = session_evaluator(&s, def, body, 0);
        const double x[5] = {0.731, 2.385, 1.213, 0.42, 3.1};
        uint64_t a = evaluator_operations(e, x, false), b = evaluator_operations(e, x, true);
        worst = fmax(worst, a ? (double)b / (double)a : 0);
        if (4 * a < b && a != 0)
            fail_msg("random program, seed %d: %d operations, %d with the gradient", (int)seed, (int)a, (int)b);
        evaluator_free(e);
        session_done(&s);
    }
    printf("  random programs: ratio at most %.2f\n", worst);
}

/* Jacobians of vector functions, forward and in rows, against the reading form. */
static void test_jacobians(void **state) {
    (void)state;
    static const char *const texts[] = {
        "f(x, y) = [x*y, sin(x), x^2-y, exp(x*y)]",
        "f(x[n]) = vec(i=1..2, x[i]^3*sum(j=1..n, x[j]))",
        "f(x[n]) = vec(i=1..n, prod(j=1..i, x[j]))",
    };
    for (size_t k = 0; k < 3; k++) {
        Session s;
        session_init(&s);
        Def *def = session_define(&s, texts[k]);
        Evaluator *e = session_evaluator(&s, def, def->body, 4);
        Expr by = derive_by(s.defs, def->body, def->param[0].symbol, &s.diags, span_of(0, 0));
        Evaluator *reading = session_evaluator(&s, def, by, 4);
        size_t n = evaluator_points(e), m = evaluator_results(e), columns = evaluator_results(reading) / m;
        double x[4] = {0.731, 2.385, -1.213, 0.42}, j[64], r[64];
        assert_int_equal(evaluator_jacobian(e, x, j), RUN_OK);
        assert_int_equal(evaluator_value(reading, x, r), RUN_OK);
        for (size_t i = 0; i < m; i++)
            for (size_t c = 0; c < columns; c++)
                assert_near("jacobian", texts[k], n, i * n + c, j[i * n + c], r[i * columns + c],
                            1e-12 * (1 + fabs(r[i * columns + c])));
        evaluator_free(reading);
        evaluator_free(e);
        session_done(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_products_with_zeros),
        cmocka_unit_test(test_branches),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_costs),
        cmocka_unit_test(test_random_programs),
        cmocka_unit_test(test_jacobians),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
