/* The run loop against published numbers, with functions and rules written in C. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "optim/run.h"
#include "optim/words.h"

/* ---- functions, as typed ---- */

static RunStatus cubic_gradient(void *c, const double *x, double *f, double *g) {
    (void)c;
    double a = x[0];
    if (f) *f = (a * a) * a - 3 * (a * a) - 9 * a + 2;
    g[0] = 3 * (a * a) - 6 * a - 9;
    return RUN_OK;
}

static RunStatus beale_gradient(void *c, const double *p, double *f, double *g) {
    (void)c;
    double x = p[0], y = p[1], y2 = y * y, y3 = y2 * y;
    double a = 1.5 - x + x * y, b = 2.25 - x + x * y2, d = 2.625 - x + x * y3;
    if (f) *f = a * a + b * b + d * d;
    g[0] = 2 * a * (y - 1) + 2 * b * (y2 - 1) + 2 * d * (y3 - 1);
    g[1] = 2 * a * x + 2 * b * (x * (2 * y)) + 2 * d * (x * (3 * y2));
    return RUN_OK;
}

static RunStatus bowl_gradient(void *c, const double *x, double *f, double *g) {
    (void)c;
    if (f) *f = 1.0 / 16 * (x[0] * x[0]) + 9 * (x[1] * x[1]);
    g[0] = 1.0 / 16 * (2 * x[0]);
    g[1] = 9 * (2 * x[1]);
    return RUN_OK;
}

static RunStatus bowl_value(void *c, const double *x, double *f) {
    double g[2];
    return bowl_gradient(c, x, f, g);
}

static RunStatus round2_value(void *c, const double *x, double *f) {
    (void)c;
    *f = 2 * (x[0] * x[0]) + 2 * (x[1] * x[1]);
    return RUN_OK;
}

static RunStatus square_value(void *c, const double *x, double *f) {
    (void)c;
    *f = x[0] * x[0] + 3 * 3;
    return RUN_OK;
}

static RunStatus round_gradient(void *c, const double *x, double *f, double *g) {
    (void)c;
    if (f) *f = x[0] * x[0] + x[1] * x[1];
    g[0] = 2 * x[0];
    g[1] = 2 * x[1];
    return RUN_OK;
}

static RunStatus parabola_gradient(void *c, const double *x, double *f, double *g) {
    (void)c;
    if (f) *f = x[0] * x[0] - 2 * x[0];
    g[0] = 2 * x[0] - 2;
    return RUN_OK;
}

static RunStatus double_gradient(void *c, const double *x, double *f, double *g) {
    (void)c;
    double a = x[0], a2 = a * a;
    if (f) *f = a2 * a2 + 2 * (a2 * a) - 3 * a2 - 2 * a;
    g[0] = 4 * (a2 * a) + 6 * a2 - 6 * a - 2;
    return RUN_OK;
}

static RunStatus falling_gradient(void *c, const double *x, double *f, double *g) {
    (void)c;
    if (f) *f = -(x[0] * x[0]) * x[0];
    g[0] = -3 * (x[0] * x[0]);
    return RUN_OK;
}

static RunStatus log_gradient(void *c, const double *x, double *f, double *g) {
    (void)c;
    if (f) *f = log(x[0]);
    g[0] = 1 / x[0];
    if (x[0] < 0) g[0] = NAN;
    return RUN_OK;
}

/* ---- rules, as the texts give them ---- */

typedef struct Rule {
    double lr, momentum, rho, beta, beta1, beta2, eps;
    double a[2], b[2];
} Rule;

static RunStatus gd_step(void *c, RunStep *s) {
    const Rule *r = c;
    for (size_t i = 0; i < s->n; i++) s->x[i] = s->x[i] - r->lr * s->g[i];
    return RUN_OK;
}

static RunStatus momentum_step(void *c, RunStep *s) {
    Rule *r = c;
    for (size_t i = 0; i < s->n; i++) {
        r->a[i] = r->momentum * r->a[i] + r->lr * s->g[i];
        s->x[i] = s->x[i] - r->a[i];
    }
    return RUN_OK;
}

static RunStatus adagrad_step(void *c, RunStep *s) {
    Rule *r = c;
    for (size_t i = 0; i < s->n; i++) {
        r->a[i] = r->a[i] + s->g[i] * s->g[i];
        s->x[i] = s->x[i] - r->lr * s->g[i] / (sqrt(r->a[i]) + r->eps);
    }
    return RUN_OK;
}

static RunStatus rmsprop_step(void *c, RunStep *s) {
    Rule *r = c;
    for (size_t i = 0; i < s->n; i++) {
        r->a[i] = r->beta * r->a[i] + (1 - r->beta) * (s->g[i] * s->g[i]);
        s->x[i] = s->x[i] - r->lr * s->g[i] / (sqrt(r->a[i]) + r->eps);
    }
    return RUN_OK;
}

static RunStatus adadelta_step(void *c, RunStep *s) {
    Rule *r = c;
    for (size_t i = 0; i < s->n; i++) {
        r->a[i] = r->rho * r->a[i] + (1 - r->rho) * (s->g[i] * s->g[i]);
        double d = sqrt((r->b[i] + r->eps) / (r->a[i] + r->eps)) * s->g[i];
        s->x[i] = s->x[i] - r->lr * d;
        r->b[i] = r->rho * r->b[i] + (1 - r->rho) * (d * d);
    }
    return RUN_OK;
}

static RunStatus adam_step(void *c, RunStep *s) {
    Rule *r = c;
    double t = (double)s->t;
    for (size_t i = 0; i < s->n; i++) {
        r->a[i] = r->beta1 * r->a[i] + (1 - r->beta1) * s->g[i];
        r->b[i] = r->beta2 * r->b[i] + (1 - r->beta2) * (s->g[i] * s->g[i]);
        double m = r->a[i] / (1 - pow(r->beta1, t)), v = r->b[i] / (1 - pow(r->beta2, t));
        s->x[i] = s->x[i] - r->lr * m / (sqrt(v) + r->eps);
    }
    return RUN_OK;
}

/* ---- the rows ---- */

typedef RunStatus (*Step)(void *, RunStep *);
typedef RunStatus (*Gradient)(void *, const double *, double *, double *);

typedef struct Row {
    int number;
    Gradient gradient;
    size_t n;
    Step step;
    Rule rule;
    double start[2];
    uint64_t steps;
    double tol;
    int digits;          /* significant digits printed; 0: all */
    double within;       /* absolute; 0: by the digits */
    const char *shows[2];
    StopReason stop;
    uint64_t after;      /* steps done */
} Row;

static const Row rows[] = {
    {1, cubic_gradient, 1, gd_step, {.lr = 0.01}, {1},
     200, 1e-8, 0, 0, {"2.999999999256501"}, STOP_GRADIENT, 176},
    {3, beale_gradient, 2, gd_step, {.lr = 5e-6}, {3, 4},
     300000, 1e-8, 9, 5e-9, {"2.70735828", "0.41689171"}, STOP_STEPS, 300000},
    {4, beale_gradient, 2, momentum_step, {.lr = 5e-6, .momentum = 0.8}, {3, 4},
     300000, 1e-6, 9, 5e-9, {"2.96324633", "0.49067782"}, STOP_STEPS, 300000},
    {5, beale_gradient, 2, adagrad_step, {.lr = 0.1, .eps = 1e-8, .a = {1, 1}}, {3, 4},
     300000, 1e-8, 9, 5e-9, {"-0.69240717", "1.76233766"}, STOP_STEPS, 300000},
    {6, beale_gradient, 2, adadelta_step, {.lr = 1, .rho = 0.9, .eps = 1e-8, .a = {1, 1}, .b = {1, 1}}, {3, 4},
     300000, 1e-8, 9, 5e-9, {"2.9386002", "0.45044889"}, STOP_STEPS, 300000},
    {7, beale_gradient, 2, rmsprop_step, {.lr = 5e-6, .beta = 0.99999999999, .eps = 1e-8, .a = {1, 1}}, {3, 4},
     300000, 0, 9, 5e-9, {"2.70162562", "0.41500366"}, STOP_STEPS, 300000},
    {8, beale_gradient, 2, rmsprop_step, {.lr = 5e-6, .beta = 0.99999999999, .eps = 1e-8, .a = {1, 1}}, {3, 4},
     900000, 0, 9, 5e-9, {"2.9082809", "0.47616156"}, STOP_STEPS, 900000},
    {9, beale_gradient, 2, adam_step, {.lr = 0.001, .beta1 = 0.9, .beta2 = 0.8, .eps = 1e-8}, {3, 4},
     100000, 0, 0, 1e-4, {"3", "0.5"}, STOP_STEPS, 100000},
    {12, bowl_gradient, 2, gd_step, {.lr = 0.1}, {-2.4, 0.2},
     1000, 0, 9, 0, {"-8.26638332e-06", "2.46046384e-98"}, STOP_STEPS, 1000},
    {13, bowl_gradient, 2, momentum_step, {.lr = 0.1, .momentum = 0.8}, {-2.4, 0.2},
     1000, 1e-8, 9, 0, {"-1.49829905e-08", "-4.74284398e-10"}, STOP_GRADIENT, 177},
    {21, parabola_gradient, 1, gd_step, {.lr = 0.1}, {4},
     20, 0, 0, 0, {"1.0345876451382054"}, STOP_STEPS, 20},
    {22, double_gradient, 1, gd_step, {.lr = 0.01}, {1.6},
     20, 0, 0, 0, {"0.8915904162103719"}, STOP_STEPS, 20},
    {23, round_gradient, 2, gd_step, {.lr = 0.1}, {-8, 6},
     20, 0, 0, 1e-16, {"-0.09223372036854777", "0.06917529027641083"}, STOP_STEPS, 20},
};

static void assert_shows(int row, double value, const char *shows, int digits, double within) {
    double want = strtod(shows, NULL);
    Buf b;
    buf_init(&b);
    if (digits) buf_double_digits(&b, value, digits);
    else buf_double(&b, value);
    bool good = within > 0 ? fabs(value - want) <= within : strtod(buf_str(&b), NULL) == want;
    if (!good) print_error("row %d: %.17g instead of %s\n", row, value, shows);
    buf_done(&b);
    assert_true(good);
}

static RunStatus no_value(void *c, const double *x, double *f) {
    (void)c, (void)x, (void)f;
    return RUN_MEMORY;
}

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const Row *row = &rows[i];
        Rule rule = row->rule;
        RunSetup set = run_defaults();
        set.objective = (Objective){row->n, NULL, no_value, row->gradient};
        set.stepper = (Stepper){&rule, row->step};
        set.steps = row->steps;
        set.tol = row->tol;
        Run *r = run_new(&set, row->start);
        run_go(r);
        const RunResult *res = run_result(r);
        for (size_t k = 0; k < row->n; k++)
            assert_shows(row->number, res->x[k], row->shows[k], row->digits, row->within);
        if (res->stop != row->stop || res->steps != row->after)
            print_error("row %d: %s after %zu\n", row->number, stop_name(res->stop), (size_t)res->steps);
        assert_int_equal(res->stop, row->stop);
        assert_int_equal(res->steps, row->after);
        assert_int_equal(res->grad_evals, row->after + 1);
        assert_int_equal(res->f_evals, 0);
        run_free(r);
    }
}

/* Rows 15 to 20: the quotient's own rounding shows in the result. */
static void test_quotient_rows(void **state) {
    (void)state;
    static const struct {
        int number;
        double lr;
        uint64_t steps;
        const char *shows;
        int digits;
        double within;
    } quotient_rows[] = {
        {15, 0.1, 100, "3.26660446e-22", 9, 0}, {16, 1.0, 100, "-1244739.50700518", 15, 0},
        {17, 0.01, 100, "0.08435156", 7, 5e-9},    {18, 0.1, 10, "0.03023296", 7, 5e-9},
        {19, 0.1, 1000, "6.17694113e-27", 9, 0}, {20, 0.01, 1000, "9.33690313e-18", 9, 0},
    };
    for (size_t i = 0; i < sizeof quotient_rows / sizeof *quotient_rows; i++) {
        Rule rule = {.lr = quotient_rows[i].lr};
        const double start[2] = {5, -5};
        RunSetup set = run_defaults();
        set.objective = (Objective){2, NULL, round2_value, NULL};
        set.stepper = (Stepper){&rule, gd_step};
        set.numeric = true;
        set.h = 1e-10;
        set.steps = quotient_rows[i].steps;
        set.tol = 0;
        Run *r = run_new(&set, start);
        run_go(r);
        const RunResult *res = run_result(r);
        assert_shows(quotient_rows[i].number, res->x[0], quotient_rows[i].shows, quotient_rows[i].digits, quotient_rows[i].within);
        assert_shows(quotient_rows[i].number, -res->x[1], quotient_rows[i].shows, quotient_rows[i].digits, quotient_rows[i].within);
        run_free(r);
    }
}

static Run *one_run(Objective f, Rule *rule, const double *start, RunSetup set) {
    set.objective = f;
    set.stepper = (Stepper){rule, gd_step};
    Run *r = run_new(&set, start);
    return r;
}

static void test_quotients(void **state) {
    (void)state;
    Rule rule = {.lr = 0.1};
    RunSetup set = run_defaults();
    const double at[2] = {2, 3};
    double g[2];
    set.numeric = true;
    set.h = 1e-8;
    Run *r = one_run((Objective){2, NULL, bowl_value, bowl_gradient}, &rule, at, set);
    assert_int_equal(run_gradient_at(r, at, NULL, g), RUN_OK);
    assert_shows(10, g[0], "0.2500001983207767", 0, 0);
    assert_shows(10, g[1], "54.00000020472362", 0, 0);
    run_free(r);
    set.h = 1e-6;
    r = one_run((Objective){2, NULL, bowl_value, bowl_gradient}, &rule, at, set);
    run_gradient_at(r, at, NULL, g);
    assert_shows(11, g[0], "0.25", 8, 0);
    assert_shows(11, g[1], "54.00000001", 0, 5e-9);
    run_free(r);
    set.h = 1e-10;
    r = one_run((Objective){1, NULL, square_value, NULL}, &rule, at, set);
    run_gradient_at(r, at, NULL, g);
    assert_shows(14, g[0], "4.000000330961484", 0, 0);
    run_free(r);
}

static void test_stops(void **state) {
    (void)state;
    Rule rule = {.lr = 0.1};
    RunSetup set = run_defaults();
    Run *r = one_run((Objective){1, NULL, no_value, falling_gradient}, &rule, (double[]){2.385}, set);
    run_go(r);
    assert_int_equal(run_stopped(r), STOP_UNBOUNDED);
    assert_false(run_result(r)->converged);
    run_free(r);
    rule.lr = 1e3;
    r = one_run((Objective){2, NULL, no_value, round_gradient}, &rule, (double[]){0.731, -2.385}, set);
    run_go(r);
    assert_int_equal(run_stopped(r), STOP_DIVERGED);
    run_free(r);
    rule.lr = 3;
    r = one_run((Objective){1, NULL, no_value, log_gradient}, &rule, (double[]){0.731}, set);
    run_go(r);
    assert_int_equal(run_stopped(r), STOP_NAN);
    assert_false(run_result(r)->converged);
    run_free(r);
    /* the gradient is exactly 0 at the start; tol=0 does not stop there, but nothing moves */
    rule.lr = 0.1;
    r = one_run((Objective){1, NULL, no_value, parabola_gradient}, &rule, (double[]){1}, set);
    run_go(r);
    assert_int_equal(run_stopped(r), STOP_GRADIENT);
    assert_int_equal(run_result(r)->steps, 0);
    run_free(r);
    set.tol = 0;
    r = one_run((Objective){1, NULL, no_value, parabola_gradient}, &rule, (double[]){1}, set);
    run_go(r);
    assert_int_equal(run_stopped(r), STOP_NO_CHANGE);
    assert_int_equal(run_result(r)->steps, 10);
    run_free(r);
    volatile int raised = 1;
    set.interrupt = &raised;
    r = one_run((Objective){1, NULL, no_value, parabola_gradient}, &rule, (double[]){4}, set);
    run_go(r);
    assert_int_equal(run_stopped(r), STOP_INTERRUPT);
    assert_true(run_result(r)->x[0] == 4);
    run_free(r);
    set.interrupt = NULL;
    set.timeout = 0.02;
    set.steps = UINT64_MAX;
    rule.lr = 1e-300;
    set.history = 4096;
    r = one_run((Objective){1, NULL, no_value, cubic_gradient}, &rule, (double[]){1}, set);
    while (run_step(r)) rule.lr = run_steps(r) % 2 ? 1e-9 : 1e-8;
    assert_int_equal(run_stopped(r), STOP_TIME);
    assert_true(run_result(r)->seconds < 0.2);
    run_free(r);
}

static void test_max_and_box(void **state) {
    (void)state;
    Rule rule = {.lr = 0.01};
    RunSetup set = run_defaults();
    set.maximize = true;
    Run *r = one_run((Objective){1, NULL, no_value, cubic_gradient}, &rule, (double[]){-2.385}, set);
    run_go(r);
    const RunResult *res = run_result(r);
    assert_int_equal(res->stop, STOP_GRADIENT);
    assert_true(fabs(res->x[0] + 1) < 1e-8);
    assert_true(fabs(res->f - 7) < 1e-12);
    assert_true(res->converged);
    run_free(r);
    set.maximize = false;
    set.lo = (double[]){1};
    set.hi = (double[]){2.5};
    r = one_run((Objective){1, NULL, no_value, cubic_gradient}, &rule, (double[]){0.5}, set);
    run_go(r);
    res = run_result(r);
    assert_true(res->start_moved);
    assert_int_equal(res->stop, STOP_GRADIENT);
    assert_true(res->x[0] == 2.5 && res->grad_norm == 0 && res->g[0] < 0);
    run_free(r);
    set.hi = (double[]){0.5};
    r = one_run((Objective){1, NULL, no_value, cubic_gradient}, &rule, (double[]){0.5}, set);
    run_go(r);
    assert_int_equal(run_result(r)->stop, STOP_INFEASIBLE);
    run_free(r);
}

/* Row 24 and the like: what is said, and whether the lr it recommends helps. */
static void test_words(void **state) {
    (void)state;
    static const struct {
        Gradient gradient;
        size_t n;
        double lr, start[2];
        uint64_t steps;
        WordsKind kind;
        const char *says;
    } told[] = {
        {round_gradient, 2, 0.9, {-8, 6}, 20, WORDS_SWINGING, "swings from side to side and still comes down"},
        {round_gradient, 2, 0.001, {-8, 6}, 20, WORDS_CREEPING, "lr=0.001 hardly moves in 20 steps"},
        {round_gradient, 2, 1.1, {-8, 6}, 20, WORDS_DIVERGING, "diverging since step 1"},
        {round_gradient, 2, 0.1, {-8, 6}, 20, WORDS_FALLING, "still on its way down"},
        {round_gradient, 2, 0.1, {-8, 6}, 1000, WORDS_CONVERGED, "converged after 95 steps"},
        {round_gradient, 2, 0.1, {0, 0}, 20, WORDS_AT_START, "stopped at the start: the gradient is exactly 0"},
        {round_gradient, 2, 1.1, {-8, 6}, 100000, WORDS_DIVERGING, "diverging since step 1"},
        {beale_gradient, 2, 0.05, {1, 1}, 10000, WORDS_BOUNCING, "not converging: best f = "},
        {falling_gradient, 1, 0.1, {2.385}, 1000, WORDS_UNBOUNDED, "f falls without bound"},
        {log_gradient, 1, 3, {0.731}, 1000, WORDS_NAN, "stopped at step 1: f is nan"},
    };
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        Rule rule = {.lr = told[i].lr};
        RunSetup set = run_defaults();
        set.steps = told[i].steps;
        Run *r = one_run((Objective){told[i].n, NULL, no_value, told[i].gradient}, &rule, told[i].start, set);
        run_go(r);
        WordsAbout about = {.lr = told[i].lr, .plain = true};
        Words w;
        words_describe(&w, run_result(r), &about);
        if (w.kind != told[i].kind || !strstr(buf_str(&w.said), told[i].says))
            print_error("%zu: %s: %s (%s)\n", i, words_name(w.kind), buf_str(&w.said), buf_str(&w.advice));
        assert_int_equal(w.kind, told[i].kind);
        assert_non_null(strstr(buf_str(&w.said), told[i].says));
        if (getenv("SHOW_WORDS")) print_message("%s. %s\n", buf_str(&w.said), buf_str(&w.advice));
        words_done(&w);
        run_free(r);
    }
}

static void test_history(void **state) {
    (void)state;
    History h;
    history_init(&h, 2, UINT64_MAX, 40 * 24);
    for (uint64_t t = 0; t <= 1000; t++) {
        history_add(&h, t, (double[]){(double)t, -(double)t});
        if (t == 617) history_set_best(&h, t, (double[]){617, -617});
    }
    history_set_end(&h, 1000, (double[]){1000, -1000});
    size_t count = history_count(&h);
    uint64_t step, last = 0;
    bool best = false;
    assert_true(count <= 42 && count > 18);
    for (size_t i = 0; i < count; i++) {
        const double *p = history_point(&h, i, &step);
        assert_non_null(p);
        assert_true(p[0] == (double)step && p[1] == -(double)step);
        assert_true(i ? last < step : step == 0);
        best |= step == 617;
        last = step;
    }
    assert_true(best && last == 1000);
    assert_null(history_point(&h, count, &step));
    double *all = mem_new(2 * count, sizeof *all);
    for (size_t i = 0; i < count; i++) memcpy(all + 2 * i, history_point(&h, i, &step), 2 * sizeof *all);
    size_t taken;
    double *path = history_take(&h, &taken);
    assert_int_equal(taken, count);
    assert_memory_equal(path, all, 2 * count * sizeof *all);
    free(path);
    free(all);
    assert_int_equal(history_count(&h), 2); /* best and end */
    history_done(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_quotient_rows), cmocka_unit_test(test_quotients),
        cmocka_unit_test(test_stops), cmocka_unit_test(test_max_and_box),   cmocka_unit_test(test_history),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
