/* The expression store and what stands on it: sharing, loops, substitution, derivatives in reading
 * form, printing, depth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "expr/affine.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/functions.h"
#include "expr/lower.h"
#include "expr/print.h"
#include "parser/parse.h"

enum { PARAMS = 7 };

typedef struct World {
    Names *names;
    Store *s;
    Defs *d;
    Param param[PARAMS]; /* x, y, a, v[n], w[n], A[m,n], b[m] */
} World;

static int setup(void **state) {
    static const char *const name[PARAMS] = {"x", "y", "a", "v", "w", "A", "b"};
    static const int rank[PARAMS] = {0, 0, 0, 1, 1, 2, 1};
    World *w = calloc(1, sizeof *w);
    w->names = names_new();
    w->s = store_new(w->names);
    w->d = defs_new(w->s);
    Expr n = expr_symbol(w->s, EXPR_SYM, names_intern_str(w->names, "n"), 0, NULL);
    Expr m = expr_symbol(w->s, EXPR_SYM, names_intern_str(w->names, "m"), 0, NULL);
    for (int i = 0; i < PARAMS; i++) {
        w->param[i] = (Param){.name = names_intern_str(w->names, name[i]), .rank = rank[i],
                              .dim = {i == 5 || i == 6 ? m : n, n}};
        w->param[i].symbol = expr_symbol(w->s, EXPR_SYM, w->param[i].name, rank[i], w->param[i].dim);
    }
    *state = w;
    return 0;
}

static int teardown(void **state) {
    World *w = *state;
    defs_free(w->d);
    store_free(w->s);
    names_free(w->names);
    free(w);
    return 0;
}

static NameKind kind_of(void *context, Name name) {
    World *w = context;
    const char *text = names_text(w->names, name);
    for (int i = 0; i < PARAMS; i++)
        if (w->param[i].name == name)
            return w->param[i].rank ? NAME_ARRAY : NAME_NUMBER;
    if (strcmp(text, "n") == 0 || strcmp(text, "m") == 0)
        return NAME_NUMBER;
    if (strcmp(text, "pi") == 0 || strcmp(text, "e") == 0)
        return NAME_CONSTANT;
    static const char *const words[] = {"sum", "prod", "max", "min", "argmax", "vec", "if", "dot", "norm", "transpose", "len", "fill"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return NAME_BUILTIN;
    return 0 <= function_find(text, strlen(text)) ? NAME_BUILTIN : NAME_UNKNOWN;
}

static size_t no_params(void *c, Name f, Name *out, size_t cap) { (void)c, (void)f, (void)out, (void)cap; return 0; }
static void no_names(void *c, void (*e)(void *, const char *, NameKind), void *to) { (void)c, (void)e, (void)to; }
static void no_methods(void *c, void (*e)(void *, const char *), void *to) { (void)c, (void)e, (void)to; }

/* 0 with the first message in `error` (if not NULL). */
static Expr read_text(World *w, const char *text, Buf *error) {
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Scope scope = {w, kind_of, no_params, no_names, no_methods, NULL, 0};
    Ast *tree = parse_expression(&arena, w->names, &scope, text, strlen(text), &diags);
    Lower l = {.defs = w->d, .param_count = PARAMS, .param = w->param, .diags = &diags};
    Expr res = tree ? lower_expression(&l, tree) : 0;
    if (error && diags.count)
        buf_text(error, diags.item[0].message);
    arena_done(&arena);
    return res;
}

static void assert_prints(World *w, Expr e, const char *expected) {
    Buf b;
    buf_init(&b);
    expr_print(&b, w->d, e, NULL);
    assert_string_equal(buf_str(&b), expected);
    buf_done(&b);
}

static void test_sharing(void **state) {
    World *w = *state;
    assert_int_equal(read_text(w, "x*y + sin(x*y)", NULL), read_text(w, "(x*y) + sin(x*y)", NULL));
    assert_int_not_equal(read_text(w, "x + y", NULL), read_text(w, "y + x", NULL));
    assert_int_equal(read_text(w, "sum(i=1..n, v[i])", NULL), read_text(w, "sum(q=1..n, v[q])", NULL));
    assert_int_equal(read_text(w, "sum(i=1..m, sum(j=1..n, A[i,j]*b[i]))", NULL),
                     read_text(w, "sum(j=1..m, sum(i=1..n, A[j,i]*b[j]))", NULL));
    assert_int_equal(read_text(w, "1/16", NULL), read_text(w, "0.0625", NULL));
    uint32_t mark = store_mark(w->s);
    Expr e = read_text(w, "exp(x)^731 + 2.385", NULL);
    store_release(w->s, mark);
    assert_int_equal(store_mark(w->s), mark);
    assert_int_equal(read_text(w, "exp(x)^731 + 2.385", NULL), e);
}

/* A constant's value stays where it is while others are made; builders read it in between.  Each
 * simplification makes the two parts of a new fraction, wherever the table then has to grow. */
static void test_constants_stay(void **state) {
    World *w = *state;
    Expr first = expr_decimal(w->s, "2.385", 5);
    mpq_srcptr value = expr_rational(w->s, first);
    for (int i = 0; i < 3000; i++) {
        char text[80], want[80];
        int p = 1000003 + 2 * i; /* odd, and no multiple of 5 with 1024: they do not cancel */
        snprintf(text, sizeof text, "%d/1024*x/y", p);
        snprintf(want, sizeof want, "%d*x/(1024*y)", p);
        assert_prints(w, simplify(w->d, read_text(w, text, NULL)), want);
    }
    assert_ptr_equal(value, expr_rational(w->s, first));
}

/* Nearest doubles of rationals, against strtod, which rounds correctly. */
static void test_nearest(void **state) {
    World *w = *state;
    static const char *const texts[] = {"0.1", "2.385", "1e23", "9007199254740993", "1.7976931348623157e308", "5e-324",
                                        "2.2250738585072011e-308", "2.4703282292062327e-324", "3e-324", "0.3333333333333333333333"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Expr e = expr_decimal(w->s, texts[i], strlen(texts[i]));
        assert_true(expr_double_of(w->s, e) == strtod(texts[i], NULL));
        if (strtod(texts[i], NULL) != 0) {
            Expr back = expr_from_double(w->s, -strtod(texts[i], NULL));
            assert_true(expr_double_of(w->s, back) == -strtod(texts[i], NULL));
        }
    }
}

static void test_derivatives(void **state) {
    World *w = *state;
    static const struct { const char *text; int by; const char *expected; } rows[] = {
        {"x^3 - 3x^2 - 9x + 2", 0, "3*x^2 - 6*x - 9"},
        {"(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 0,
         "2*(1.5 - x + x*y)*(y - 1) + 2*(2.25 - x + x*y^2)*(y^2 - 1) + 2*(2.625 - x + x*y^3)*(y^3 - 1)"},
        {"(1/16)*x^2 + 9*y^2", 0, "1/8*x"},
        {"x^4 + 2x^3 - 3x^2 - 2x", 0, "4*x^3 + 6*x^2 - 6*x - 2"},
        {"exp(-x^2)", 0, "-2*x*exp(-x^2)"},
        {"x^2/(x + 1)", 0, "2*x/(x + 1) - x^2/(x + 1)^2"},
        {"a^x", 0, "a^x*log(a)"},
        {"e^(2x)", 0, "2*e^(2*x)"},
        {"x^y", 0, "y*x^(y - 1)"},
        {"sin(x)^2", 0, "2*sin(x)*cos(x)"},
        {"if(x > 0, x^2, -x)", 0, "if(x > 0, 2*x, -1)"},
        {"sum(i=1..n-1, 100*(v[i+1]-v[i]^2)^2 + (1-v[i])^2)", 3,
         "vec(k=1..n, if(2 <= k, 200*(v[k] - v[k - 1]^2), 0) + if(k <= n - 1, -400*v[k]*(v[k + 1] - v[k]^2) - 2*(1 - v[k]), 0))"},
        {"sum(i=1..m, (sum(j=1..n, A[i,j]*v[j]) - b[i])^2)", 3, "vec(k=1..n, 2*sum(i=1..m, A[i,k]*(sum(j=1..n, A[i,j]*v[j]) - b[i])))"},
        {"sum(i=1..m, (sum(j=1..n, A[i,j]*v[j]) - b[i])^2)", 5, "vec(k=1..m, vec(l=1..n, 2*v[l]*(sum(i=1..n, A[k,i]*v[i]) - b[k])))"},
        {"prod(i=1..n, v[i])", 3, "vec(k=1..n, prod(i=1..n, if(i == k, 1, v[i])))"},
        {"max(v)", 3, "vec(k=1..n, if(argmax(i=1..n, v[i]) == k, 1, 0))"},
        {"dot(v, w)", 3, "vec(k=1..n, w[k])"},
        {"v[1]*v[2]", 3, "vec(k=1..n, if(1 == k, v[2], 0) + if(2 == k, v[1], 0))"},
        {"sum(i=1..n, x*v[i])", 0, "sum(i=1..n, v[i])"},
        {"x/x", 0, "1/x - x/x^2"}, /* the domain stays as it is */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Expr e = read_text(w, rows[i].text, NULL);
        assert_int_not_equal(e, 0);
        assert_prints(w, derive_by(w->d, e, w->param[rows[i].by].symbol, NULL, span_of(0, 0)), rows[i].expected);
    }
}

/* Printing keeps the tree that was typed. */
static void test_printing(void **state) {
    World *w = *state;
    static const char *const texts[] = {
        "x - (y - a)", "x - y - a", "x/(y*a)", "x/y*a", "x*(y/a)", "-x^2", "(-x)^2", "-(x*y)", "(-x)*y", "-2*x", "-(2*x)",
        "2^-3", "x^(-y)", "(x^y)^a", "x^y^a", "1/3*x", "x/(1/3)", "x^(1/3)", "(x + y)*(x - y)", "not (x > 0 and y > 0)",
        "x > 0 and y > 0 or a > 0", "(x > 0) + 1", "if(x > 0, 1, -1)", "v[1] + A[1,2]", "1e-7*x", "1e300*x", "1e23*x",
        "sum(i=1..n, v[i])^2", "sum(i=1..n, v[i] + x) + y", "max(x, y) - 1", "(-1)^x", "(1/3)^x", "x - -y", "0.1 + x", "-0 + x",
        "vec(i=1..n, 2*v[i])", "[x, y, a]", "sum(i=1..m, sum(j=1..n, A[i,j]))", "x == y", "-(-x)", "1.5/3*x", "x^1.5", "pi*e",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Expr e = read_text(w, texts[i], NULL);
        assert_int_not_equal(e, 0);
        Buf b;
        buf_init(&b);
        expr_print(&b, w->d, e, NULL);
        if (read_text(w, buf_str(&b), NULL) != e) {
            print_error("%s became %s\n", texts[i], buf_str(&b));
            fail();
        }
        buf_done(&b);
    }
}

static void test_arrays(void **state) {
    World *w = *state;
    assert_prints(w, read_text(w, "sum((v - w)^2)", NULL), "sum(i=1..n, (v[i] - w[i])^2)");
    assert_prints(w, read_text(w, "dot(A, v)", NULL), "vec(k=1..m, sum(i=1..n, A[k,i]*v[i]))");
    assert_prints(w, read_text(w, "norm(v)", NULL), "sqrt(sum(i=1..n, v[i]^2))");
    assert_prints(w, read_text(w, "(1,2) + x", NULL), "[1 + x, 2 + x]");
    assert_prints(w, read_text(w, "len(v)", NULL), "n");
    assert_prints(w, read_text(w, "transpose(A)", NULL), "vec(k=1..n, vec(l=1..m, A[l,k]))");
    static const struct { const char *text, *message; } bad[] = {
        {"v + b", "lengths n and m may differ"},
        {"(1,2) + (1,2,3)", "lengths 2 and 3 differ"},
        {"A + v", "a matrix and a vector cannot be combined element by element"},
        {"x[1]", "this is a number and has no elements"},
        {"(1,2)[3]", "elements count from 1 to 2"},
        {"v[0]", "elements count from 1 to n"},
        {"dot(v, 2)", "dot needs two arrays"},
        {"sin(x, y)", "sin takes 1 argument, got 2"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Buf error;
        buf_init(&error);
        assert_int_equal(read_text(w, bad[i].text, &error), 0);
        assert_string_equal(buf_str(&error), bad[i].message);
        buf_done(&error);
    }
}

/* f <- f*(1-f) forty deep, and a sum of 200,000 terms: linear in every pass. */
static void test_depth(void **state) {
    World *w = *state;
    Store *s = w->s;
    Expr x = w->param[0].symbol, one = expr_int(s, 1), f = x;
    for (int i = 0; i < 40; i++)
        f = expr_binary(s, EXPR_MUL, f, expr_binary(s, EXPR_SUB, one, f));
    size_t before = store_count(s);
    Expr df = derive_by(w->d, f, x, NULL, span_of(0, 0));
    assert_true(store_count(s) - before < 2000);
    Buf b;
    buf_init(&b);
    expr_print(&b, w->d, df, NULL);
    assert_true(b.len < 10000);
    assert_int_equal(read_text(w, buf_str(&b), NULL), df);
    buf_done(&b);
    Expr sum = x;
    for (int i = 2; i < 200000; i++)
        sum = expr_binary(s, EXPR_ADD, sum, expr_binary(s, EXPR_POW, x, expr_int(s, i % 7 + 2)));
    assert_int_not_equal(derive_by(w->d, sum, x, NULL, span_of(0, 0)), 0);
}

/* The printed gradients of the functions of the published tables are no longer, in nodes, than what
 * the sum, product and chain rules give on paper. */
static void test_textbook(void **state) {
    World *w = *state;
    static const struct { const char *text; int by; const char *textbook; } rows[] = {
        {"x^3 - 3x^2 - 9x + 2", 0, "3x^2 - 6x - 9"},
        {"(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 0,
         "2(1.5-x+x*y)*(y-1) + 2(2.25-x+x*y^2)*(y^2-1) + 2(2.625-x+x*y^3)*(y^3-1)"},
        {"(1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 1,
         "2(1.5-x+x*y)*x + 2(2.25-x+x*y^2)*(2x*y) + 2(2.625-x+x*y^3)*(3x*y^2)"},
        {"(1/16)*x^2 + 9*y^2", 0, "(1/16)*(2x)"},
        {"(1/16)*x^2 + 9*y^2", 1, "9*(2y)"},
        {"x^4 + 2x^3 - 3x^2 - 2x", 0, "4x^3 + 6x^2 - 6x - 2"},
        {"x^2 - 2x", 0, "2x - 2"},
        {"x^2 + y^2", 0, "2x"},
        {"x^3", 0, "3x^2"},
        {"2*v[1]^2 + 2*v[2]^2", 3, "vec(k=1..n, if(1 == k, 2*(2*v[1]), 0) + if(2 == k, 2*(2*v[2]), 0))"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Expr e = derive_by(w->d, read_text(w, rows[i].text, NULL), w->param[rows[i].by].symbol, NULL, span_of(0, 0));
        Expr book = read_text(w, rows[i].textbook, NULL);
        assert_true(e && book);
        assert_true(expr_tree_size(w->s, e, 10000) <= expr_tree_size(w->s, book, 10000));
    }
}

/* A function of any number of variables is a few dozen nodes, and so is its gradient. */
static void test_rosen_nodes(void **state) {
    World *w = *state;
    size_t before = store_count(w->s);
    Expr e = read_text(w, "sum(i=1..n-1, 100*(v[i+1]-v[i]^2)^2 + (1-v[i])^2)", NULL);
    assert_true(store_count(w->s) - before < 50);
    assert_int_not_equal(derive_by(w->d, e, w->param[3].symbol, NULL, span_of(0, 0)), 0);
    assert_true(store_count(w->s) < 200);
}

static void test_affine(void **state) {
    World *w = *state;
    Expr a, b, x = w->param[0].symbol;
    assert_int_equal(affine_normal(w->s, read_text(w, "(x+1)-1", NULL)), x);
    assert_true(affine_in(w->s, read_text(w, "3*(x - 2) + y - x", NULL), x, &a, &b));
    assert_prints(w, a, "2");
    assert_prints(w, b, "y - 6");
    assert_false(affine_in(w->s, read_text(w, "x*y", NULL), x, &a, &b));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sharing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_constants_stay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nearest, setup, teardown),
        cmocka_unit_test_setup_teardown(test_derivatives, setup, teardown),
        cmocka_unit_test_setup_teardown(test_printing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_textbook, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rosen_nodes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_affine, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
