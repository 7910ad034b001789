/* Properties of randomly built expressions (seeded): the value equals the plain recursive evaluation
 * bit for bit; what is printed reads back to the same node; sweep and reading form of the gradient
 * agree within their error bounds; both agree with differences.  PLUMB_PROPERTY_COUNT says how many, PLUMB_PROPERTY_FIRST from which seed;
 * a failure names its seed, PLUMB_PROPERTY_SEED repeats it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "eval/evaluator.h"
#include "expr/derive.h"
#include "expr/lower.h"
#include "expr/print.h"
#include "parser/parse.h"
#include "tests/unit/random_expr.h"

typedef struct Tally {
    size_t made, finite, with_gradient, has[HAS_COUNT], function[FUNCTION_COUNT];
    size_t compared, differences;
} Tally;

static NameKind kind_of(void *context, Name name) {
    RandomExpr *r = context;
    const char *text = names_text(r->names, name);
    for (int i = 0; i < RANDOM_PARAMS; i++)
        if (r->param[i].name == name)
            return i < 2 ? NAME_NUMBER : NAME_ARRAY;
    if (strcmp(text, "n") == 0 || strcmp(text, "m") == 0)
        return NAME_NUMBER;
    if (strcmp(text, "pi") == 0 || strcmp(text, "e") == 0)
        return NAME_CONSTANT;
    static const char *const words[] = {"sum", "prod", "max", "min", "argmax", "argmin", "vec", "if"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return NAME_BUILTIN;
    return 0 <= function_find(text, strlen(text)) ? NAME_BUILTIN : NAME_UNKNOWN;
}

static size_t no_params(void *c, Name f, Name *out, size_t cap) { (void)c, (void)f, (void)out, (void)cap; return 0; }
static void no_names(void *c, void (*e)(void *, const char *, NameKind), void *to) { (void)c, (void)e, (void)to; }
static void no_methods(void *c, void (*e)(void *, const char *), void *to) { (void)c, (void)e, (void)to; }

static Expr read_back(RandomExpr *r, const char *text, size_t len, Buf *error) {
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Scope scope = {r, kind_of, no_params, no_names, no_methods, NULL, 0};
    Ast *tree = parse_expression(&arena, r->names, &scope, text, len, &diags);
    Lower l = {.defs = r->d, .param_count = RANDOM_PARAMS, .param = r->param, .diags = &diags};
    Expr res = tree ? lower_expression(&l, tree) : 0;
    if (!res && diags.count)
        buf_text(error, diags.item[0].message);
    arena_done(&arena);
    return res;
}

static void fail_at(uint64_t seed, RandomExpr *r, Expr e, const char *what) {
    Buf text;
    buf_init(&text);
    PrintStyle style = {.name_from = 100000, .most = 2000};
    expr_print(&text, r->d, e, &style);
    fprintf(stderr, "%s\n  %s\n  repeat: PLUMB_PROPERTY_SEED=%llu build/unit/test_property\n", what, buf_str(&text),
            (unsigned long long)seed);
    buf_done(&text);
    fail();
}

static void check_print(RandomExpr *r, Expr e, uint64_t seed) {
    for (int way = 0; way < 2; way++) { /* in full, and with named parts */
        Buf text, error;
        buf_init(&text);
        buf_init(&error);
        PrintStyle style = {.name_from = way ? 1 : 10000000};
        expr_print(&text, r->d, e, &style);
        Expr back = read_back(r, buf_str(&text), text.len, &error);
        if (back != e) {
            fprintf(stderr, "printed: %s\nerror: %s\n", buf_str(&text), buf_str(&error));
            fail_at(seed, r, e, "what was printed does not read back to the same expression");
        }
        buf_done(&text);
        buf_done(&error);
    }
}

static bool agree(double a, double a_bound, double b, double b_bound) {
    return fabs(a - b) <= a_bound + b_bound + 1e-300;
}

static const size_t dims[RANDOM_PARAMS][2] = {{0, 0}, {0, 0}, {RANDOM_N, 0}, {RANDOM_M, RANDOM_N}};

/* The reading form of the derivatives by all numbers, flattened into one vector of values. */
static bool reading_gradient(RandomExpr *r, Expr e, double *g, double *bound) {
    size_t at = 0;
    for (int i = 0; i < RANDOM_PARAMS; i++) {
        Expr part = derive_by(r->d, e, r->param[i].symbol, NULL, span_of(0, 0));
        if (!part)
            return false;
        Arena arena;
        Diags diags;
        arena_init(&arena);
        diags_init(&diags, &arena);
        Evaluator *ev = evaluator_new(r->d, RANDOM_PARAMS, r->param, part, dims, NULL, &diags, span_of(0, 0));
        if (!ev && diags.count)
            fprintf(stderr, "%s\n", diags.item[0].message);
        arena_done(&arena);
        if (!ev)
            return false;
        RunStatus status = evaluator_value_bounds(ev, r->point, g + at, bound + at);
        if (status != RUN_OK) {
            Buf why;
            buf_init(&why);
            evaluator_explain(ev, status, &why);
            fprintf(stderr, "reading form: %s\n", buf_str(&why));
            buf_done(&why);
        }
        at += evaluator_results(ev);
        evaluator_free(ev);
        if (status != RUN_OK)
            return false;
    }
    return true;
}

/* Central quotients at three steps; the best estimate and its spread (Ridders 1982). */
static void difference(RandomExpr *r, Evaluator *ev, size_t i, double h, double value_bound, double *estimate, double *spread) {
    double old = r->point[i], table[6];
    *spread = INFINITY;
    *estimate = NAN;
    double previous[6];
    for (int k = 0; k < 6; k++, h /= 2) {
        double up, down;
        r->point[i] = old + h;
        double above = r->point[i];
        evaluator_value(ev, r->point, &up);
        r->point[i] = old - h;
        double below = r->point[i];
        evaluator_value(ev, r->point, &down);
        table[0] = (up - down) / (above - below);
        double factor = 4;
        for (int j = 1; j <= k; j++, factor *= 4) {
            table[j] = (table[j - 1] * factor - previous[j - 1]) / (factor - 1);
            double gap = fmax(fabs(table[j] - table[j - 1]), fabs(table[j] - previous[j - 1]));
            if (gap < *spread) {
                *spread = gap;
                *estimate = table[j];
            }
        }
        memcpy(previous, table, sizeof table);
    }
    *spread += 4 * value_bound / h;
    r->point[i] = old;
}

/* Is `slope` the slope this near the point, or on one side of it?  A kink may lie between here and
 * the larger steps, or at the point itself (two equal terms of a max). */
static bool slope_at(RandomExpr *r, Evaluator *ev, size_t i, double h, double value_bound, double slope) {
    double old = r->point[i], up, down, here;
    evaluator_value(ev, r->point, &here);
    r->point[i] = old + h;
    double above = r->point[i];
    evaluator_value(ev, r->point, &up);
    r->point[i] = old - h;
    double below = r->point[i];
    evaluator_value(ev, r->point, &down);
    r->point[i] = old;
    double error = 2 * value_bound / h + 1e-4 * fabs(slope);
    return fabs((up - down) / (above - below) - slope) <= error || fabs((up - here) / (above - old) - slope) <= error ||
           fabs((here - down) / (old - below) - slope) <= error;
}

static void check_gradient(RandomExpr *r, Expr e, Evaluator *ev, uint64_t seed, Tally *t) {
    double f, f_bound, g[RANDOM_POINTS], g_bound[RANDOM_POINTS], h[RANDOM_POINTS], h_bound[RANDOM_POINTS];
    Buf why;
    buf_init(&why);
    bool has = evaluator_has_gradient(ev, &why);
    if (!has) {
        fprintf(stderr, "%s\n", buf_str(&why));
        fail_at(seed, r, e, "no gradient");
    }
    buf_done(&why);
    if (evaluator_gradient_bounds(ev, r->point, &f, &f_bound, g, g_bound) != RUN_OK)
        fail_at(seed, r, e, "the gradient program stopped");
    if (!reading_gradient(r, e, h, h_bound))
        fail_at(seed, r, e, "the reading form of the gradient failed");
    t->with_gradient++;
    for (size_t i = 0; i < RANDOM_POINTS; i++) {
        if (!isfinite(g[i]) || !isfinite(h[i]))
            continue;
        t->compared++;
        if (!agree(g[i], g_bound[i], h[i], h_bound[i])) {
            fprintf(stderr, "number %zu: sweep %.17g +- %g, reading form %.17g +- %g\n", i, g[i], g_bound[i], h[i], h_bound[i]);
            fail_at(seed, r, e, "sweep and reading form disagree");
        }
    }
    for (size_t n = 0; n < 3; n++) {
        size_t i = random_below(r, RANDOM_POINTS);
        double estimate, spread, near, near_spread; /* two choices of steps: a kink between them shows */
        difference(r, ev, i, 0.01, f_bound, &estimate, &spread);
        difference(r, ev, i, 3e-5, f_bound, &near, &near_spread);
        if (!isfinite(g[i]) || !isfinite(estimate) || !(spread < 1e-4 * (fabs(estimate) + 1e-3)) ||
            !(near_spread < 1e-4 * fabs(near) + 1e-15 && fabs(near - estimate) <= 100 * spread + 10 * near_spread + 1e-7 * fabs(estimate)))
            continue; /* a kink, a jump, or a wild function near the point */
        t->differences++;
        if (!agree(g[i], g_bound[i], estimate, 100 * spread + 1e-7 * fabs(estimate)) &&
            !slope_at(r, ev, i, 1e-7, f_bound, g[i]) && !slope_at(r, ev, i, 1e-9, f_bound, g[i])) {
            fprintf(stderr, "number %zu: sweep %.17g, differences %.17g +- %g\n", i, g[i], estimate, spread);
            fail_at(seed, r, e, "the gradient disagrees with differences");
        }
    }
}

static void check_one(RandomExpr *r, uint64_t seed, Tally *t) {
    uint32_t mark = store_mark(r->s);
    r->state = seed * 0x9E3779B97F4A7C15u + 12345;
    r->next_function = (uint32_t)seed * 5;
    Expr e = random_make(r);
    if (!e)
        fail_at(seed, r, e, "no expression");
    t->made++;
    for (int i = 0; i < HAS_COUNT; i++)
        t->has[i] += r->has[i];
    for (int i = 0; i < FUNCTION_COUNT; i++)
        t->function[i] += r->function[i];
    check_print(r, e, seed);
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Evaluator *ev = evaluator_new(r->d, RANDOM_PARAMS, r->param, e, dims, NULL, &diags, span_of(0, 0));
    if (!ev)
        fail_at(seed, r, e, diags.count ? diags.item[0].message : "no program");
    double expected = plain(r, e), got;
    if (evaluator_value(ev, r->point, &got) != RUN_OK)
        fail_at(seed, r, e, "the program stopped");
    if (memcmp(&expected, &got, sizeof got) != 0 && !(isnan(expected) && isnan(got))) {
        fprintf(stderr, "plain %.17g, program %.17g\n", expected, got);
        fail_at(seed, r, e, "the program differs from the plain evaluation");
    }
    if (isfinite(got)) {
        t->finite++;
        check_gradient(r, e, ev, seed, t);
    }
    evaluator_free(ev);
    arena_done(&arena);
    defs_release(r->d, mark);
}

static void print_histogram(const Tally *t) {
    static const char *const words[] = {"sum", "prod", "max", "min", "vec", "choice", "shifted index", "depth 2", "depth 3",
                                        "matrix", "power"};
    printf("%zu expressions, %zu finite, %zu components compared, %zu with differences\n", t->made, t->finite,
           t->compared, t->differences);
    for (int i = 0; i < HAS_COUNT; i++)
        printf("  %-14s %5.1f %%\n", words[i], 100.0 * (double)t->has[i] / (double)t->made);
    for (int i = 0; i < FUNCTION_COUNT; i++)
        printf("  %-14s %5.1f %%\n", function_at((size_t)i)->name, 100.0 * (double)t->function[i] / (double)t->made);
}

static void test_properties(void **state) {
    (void)state;
    const char *count_text = getenv("PLUMB_PROPERTY_COUNT"), *seed_text = getenv("PLUMB_PROPERTY_SEED");
    const char *first_text = getenv("PLUMB_PROPERTY_FIRST");
    size_t count = count_text ? strtoul(count_text, NULL, 10) : 10000;
    size_t first = first_text ? strtoul(first_text, NULL, 10) : 1;
    gsl_set_error_handler_off();
    RandomExpr r;
    Tally t = {0};
    random_init(&r, 1);
    if (seed_text) {
        check_one(&r, strtoull(seed_text, NULL, 10), &t);
    } else {
        for (size_t i = first; i < first + count; i++)
            check_one(&r, i, &t);
        print_histogram(&t);
        for (int i = 0; i < HAS_COUNT; i++)
            assert_true(0.02 * (double)t.made <= (double)t.has[i]);
        for (int i = 0; i < FUNCTION_COUNT; i++)
            assert_true(0.02 * (double)t.made <= (double)t.function[i]);
        assert_true(0.5 * (double)t.made < (double)t.finite);
    }
    random_done(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_properties)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
