/* Exported C is compiled and gives the interpreter's values and gradients, bit for bit. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "eval/evaluator.h"
#include "expr/functions.h"
#include "repl/interp.h"

enum { MOST = 6000 };

static bool ignore(void *context, const Buf *out, const Buf *err) {
    (void)context, (void)out;
    if (err->len) fprintf(stderr, "%s", buf_str(err));
    return true;
}

typedef double (*Gradient2)(double, double, double *);
typedef double (*GradientArray)(size_t, const double *, double *);
typedef double (*GradientNet)(size_t, const double *, const double *, double *);

/* Defines, exports, compiles and loads; the caller closes the library. */
static void *export_and_load(Interp *in, const char *text, const char *option) {
    char folder[] = "/tmp/plumb-export-XXXXXX", line[4096];
    assert_non_null(mkdtemp(folder));
    snprintf(line, sizeof line, "%s\nexport f as c %s > \"%s/f.c\"\n", text, option, folder);
    assert_true(interp_run_text(in, "test", line, strlen(line), 1));
    assert_int_equal(interp_status(in), 0);
    snprintf(line, sizeof line,
             "cd %s && cc -O2 -Wall -Wextra -Werror -ffp-contract=off -shared -fPIC f.c -o f.so -lgsl -lgslcblas -lm", folder);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof line, "%s/f.so", folder);
    void *lib = dlopen(line, RTLD_NOW);
    assert_non_null(lib);
    snprintf(line, sizeof line, "rm -r %s", folder);
    assert_int_equal(system(line), 0);
    return lib;
}

static double call(void *lib, int form, size_t n, const double *x, double *g) {
    void *address = dlsym(lib, "f_gradient");
    assert_non_null(address);
    Gradient2 two;
    GradientArray array;
    GradientNet net;
    memcpy(&two, &address, sizeof two);
    memcpy(&array, &address, sizeof array);
    memcpy(&net, &address, sizeof net);
    return form == 0 ? two(x[0], x[1], g) : form == 1 ? array(n, x, g) : net(n, x, x + n, g);
}

/* The value alone. */
static double call_value(void *lib, int form, size_t n, const double *x) {
    void *address = dlsym(lib, "f");
    assert_non_null(address);
    double (*two)(double, double);
    double (*array)(size_t, const double *);
    double (*net)(size_t, const double *, const double *);
    memcpy(&two, &address, sizeof two);
    memcpy(&array, &address, sizeof array);
    memcpy(&net, &address, sizeof net);
    return form == 0 ? two(x[0], x[1]) : form == 1 ? array(n, x) : net(n, x, x + n);
}

static bool same(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* form 0: f(x, y); 1: f(x[n]); 2: f(v[n], b[n]). */
static void compare(const char *text, int form, size_t n) {
    Interp *in = interp_new(NULL);
    in->sink = ignore;
    void *lib = export_and_load(in, text, "");
    Def *def = defs_function(in->defs, names_intern_str(in->names, "f"));
    size_t dims[2][2] = {{n, 0}, {n, 0}};
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Evaluator *e = evaluator_new(in->defs, def->param_count, def->param, def->body, (const size_t (*)[2])dims, NULL,
                                 &diags, span_of(0, 0));
    assert_non_null(e);
    static double x[MOST], g[MOST], want[MOST];
    size_t points = evaluator_points(e);
    unsigned seed = 7;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < points; i++) {
            seed = seed * 1103515245u + 12345u;
            x[i] = (double)(seed >> 8) / 3e6 - 2;
        }
        double f = 0, value = 0;
        assert_int_equal(evaluator_gradient(e, x, &f, want), RUN_OK);
        assert_int_equal(evaluator_value(e, x, &value), RUN_OK);
        if (!same(call(lib, form, n, x, g), f) || !same(call_value(lib, form, n, x), value))
            fail_msg("%s: other values", text);
        for (size_t i = 0; i < points; i++)
            if (!same(g[i], want[i])) fail_msg("%s: %zu: %a, wanted %a", text, i, g[i], want[i]);
    }
    evaluator_free(e);
    arena_done(&arena);
    dlclose(lib);
    interp_free(in);
}

static void test_plain(void **state) {
    (void)state;
    compare("f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 0, 0);
    compare("f(x,y) = exp(sin(x)*y) + 2^x/(1+y^2) + abs(x)^1.5 + exp(2) + sum(i=1..3, log(i)*x)", 0, 0);
    compare("a = 0.731; f(x,t1) = if(x > t1 and a < x, sigmoid(x) + softplus(t1), mod(x, 2.385) + relu(t1))", 0, 0);
    compare("f(x,y) = max(x, y) + min(x^2, y) + hypot(x, y)*erf(y) + sign(x)*y + floor(x)", 0, 0);
    compare("f(x,y) = y*0 + 2.5", 0, 0);
    compare("f(x,y) = sin(2*0.731)*y + log(3)", 0, 0);
    compare("f(x,y) = x*sec(y)*tanh(x)/cot(x*y) + 2/sech(x)*csc(y)^2", 0, 0);
    compare("f(i,g) = sum(j=1..3, i*j/(j-2)) - 1/(g*0)", 0, 0);
    compare("f(x,y) = if(x > y, if(x < 0 or y > 1, x*y, x/y), if(not (x == 1), -x, y^2))", 0, 0);
    compare("f(x,y) = (x > y) + 2*(x < 1)*y + if((x > y) == (y > 0), 1/(x-x), -x)/y", 0, 0);
}

static void test_loops(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 5, 31, 32, 33, 100, 4096, 4097, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        compare("f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2)", 1, sizes[i]);
    compare("f(x[n]) = prod(i=1..n, 1 + x[i]/1000) + max(i=1..n, x[i])", 1, 50);
    compare("f(x[n]) = prod(i=1..n, 1 + x[i]/1000)*argmin(i=2..n, x[i]) - min(i=1..n, x[i]*i)", 1, 100);
    compare("f(x[n]) = sum(i=1..n, if(x[i] > 1 and x[i] < 3 or x[i] > 5, x[i]^3, abs(x[i])))*sum(i=1..n-1, x[i]*x[i+1])", 1, 40);
    compare("f(x[n]) = sum(i=1..n, sum(j=1..i, x[j]*j) + log(i)) + max(0, x[1])*prod(i=1..2, x[i])", 1, 9);
    compare("v = [2, 1, 4, 3]; f(x[n]) = sum(i=1..4, x[v[i]]^2*i)", 1, 6);
    compare("M = [1, 2.5; 4, 8]; f(x[n]) = sum(i=1..2, sum(j=1..2, M[i,j]*x[j])^2) + (x[1] > x[2])*x[1]", 1, 3);
    compare("f(x[n]) = if(x[1] > x[2], if(x[3] > 0, x[4], x[1]^2), max(i=1..n-1, x[i]*x[2]))*x[2]", 1, 5);
    compare("f(x[n]) = sum(i=1..n, (x[i] > 0) == (i > 2)) + sum(i=1..n, sin(i*0.731))*x[1]", 1, 5);
    compare("v = [1, 2, 4, 8]; f(x[n]) = sum(i=1..4, v[i]*x[i]^i)", 1, 6);
}

static void test_network(void **state) {
    (void)state;
    compare("f(v[n],b[n]) = sum(i=1..n, tanh(sum(j=1..n, v[j]*b[i]) + b[i])^2)", 2, 5);
    compare("h(x[n]) = vec(i=1..n, sigmoid(x[i]*2 + sum(j=1..n, x[j])))\n"
            "f(v[n],b[n]) = sum(i=1..n, (h(v)[i] - b[i])^2)", 2, 40);
}

static void test_recursion(void **state) {
    (void)state;
    compare("p(x, k) = if(k <= 0, 1, x*p(x, k-1) + 1)\nf(x,y) = p(x, 5)*y", 0, 0);
}

/* The Hessian of f(x[n], a), against plumb's own, bit for bit. */
static void compare_hessian(const char *text, size_t n) {
    Interp *in = interp_new(NULL);
    in->sink = ignore;
    void *lib = export_and_load(in, text, "hessian");
    void (*hessian)(size_t, const double *, double, double *);
    void (*times)(size_t, const double *, double, const double *, double *);
    void *address = dlsym(lib, "f_hessian");
    assert_non_null(address);
    memcpy(&hessian, &address, sizeof hessian);
    address = dlsym(lib, "f_hessian_times");
    assert_non_null(address);
    memcpy(&times, &address, sizeof times);
    Def *def = defs_function(in->defs, names_intern_str(in->names, "f"));
    size_t dims[2][2] = {{n, 0}, {0, 0}}, all = n + 1;
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Evaluator *e = evaluator_new(in->defs, 2, def->param, def->body, (const size_t (*)[2])dims, NULL, &diags, span_of(0, 0));
    assert_non_null(e);
    double x[16], v[16], got[256], want[256];
    for (size_t i = 0; i < all; i++) {
        x[i] = 0.731 + 0.385 * (double)i;
        v[i] = 2.385 - 0.617 * (double)i;
    }
    hessian(n, x, x[n], got);
    assert_int_equal(evaluator_hessian(e, x, want), RUN_OK);
    for (size_t i = 0; i < all * all; i++)
        if (!same(got[i], want[i])) fail_msg("%s: %zu: %a, wanted %a", text, i, got[i], want[i]);
    times(n, x, x[n], v, got);
    assert_int_equal(evaluator_hessian_times(e, x, v, want), RUN_OK);
    for (size_t i = 0; i < all; i++)
        if (!same(got[i], want[i])) fail_msg("%s: times: %zu: %a, wanted %a", text, i, got[i], want[i]);
    evaluator_free(e);
    arena_done(&arena);
    dlclose(lib);
    interp_free(in);
}

static void test_hessian(void **state) {
    (void)state;
    compare_hessian("f(x[n],a) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (a-x[i])^2)", 7);
    compare_hessian("f(x[n],a) = exp(-a*sum(i=1..n, x[i]^2))*prod(i=1..n, 1 + sin(a*x[i])/9)", 5);
    compare_hessian("f(x[n],a) = x[1]^3*log(a) + if(x[2] > a, x[2]^2*x[1], atan2(x[2], a))", 2);
    compare_hessian("f(x[n],a) = sum(i=1..n, besselj(1, a*x[i]) + digamma(x[i]))", 4);
}

/* f1(x,y) = row 1 of the table, ...: the fixed argument of one by which there is no derivative is 2. */
static void define_row(char *line, size_t size, size_t id) {
    static const char *const letters[] = {"x", "y", "z"};
    const Function *f = function_at(id);
    size_t used = (size_t)snprintf(line, size, "f%zu(x,y,z) = %s(", id, f->name);
    for (int i = 0; i < f->arity; i++)
        used += (size_t)snprintf(line + used, size - used, "%s%s", i ? ", " : "", f->d[i] ? letters[i] : "2");
    snprintf(line + used, size - used, ")\n");
}

static void compare_row(Interp *in, void *lib, size_t id) {
    const Function *f = function_at(id);
    char name[32];
    snprintf(name, sizeof name, "f%zu", id);
    Def *def = defs_function(in->defs, names_intern_str(in->names, name));
    snprintf(name, sizeof name, "f%zu_gradient", id);
    double (*gradient)(double, double, double, double *);
    void *address = dlsym(lib, name);
    if (!address) fail_msg("%s was not exported", f->name);
    memcpy(&gradient, &address, sizeof gradient);
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Evaluator *e = evaluator_new(in->defs, 3, def->param, def->body, NULL, NULL, &diags, span_of(0, 0));
    assert_non_null(e);
    for (int k = 0; k <= 30; k++) { /* over the range of usual values, a little beyond, and far out */
        double x[3] = {1, 1, 1}, g[3], want[3], value;
        for (int i = 0; i < f->arity; i++) {
            double lo = f->sample[i][0], hi = f->sample[i][1], at = k == 30 ? 20 : 0.0371 * k - 0.02;
            x[i] = lo + (hi - lo) * at * (i == 1 ? 0.93 : 1);
        }
        assert_int_equal(evaluator_gradient(e, x, &value, want), RUN_OK);
        double got = gradient(x[0], x[1], x[2], g);
        if (!same(got, value)) fail_msg("%s at %g, %g, %g: %a, wanted %a", f->name, x[0], x[1], x[2], got, value);
        for (int i = 0; i < 3; i++)
            if (!same(g[i], want[i])) fail_msg("d%d %s at %g: %a, wanted %a", i + 1, f->name, x[0], g[i], want[i]);
    }
    evaluator_free(e);
    arena_done(&arena);
}

/* Every function of the table, its derivatives included, bit for bit. */
static void test_table(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    in->sink = ignore;
    char folder[] = "/tmp/plumb-export-XXXXXX", line[4096];
    assert_non_null(mkdtemp(folder));
    for (size_t id = 0; id < functions_count(); id++) {
        define_row(line, sizeof line, id);
        size_t used = strlen(line);
        snprintf(line + used, sizeof line - used, "export f%zu as c > \"%s/f%zu.c\"\n", id, folder, id);
        if (!interp_run_text(in, "test", line, strlen(line), 1)) fail_msg("%s cannot be exported", function_at(id)->name);
    }
    snprintf(line, sizeof line, "cd %s && cc -std=c11 -O1 -Wall -Wextra -Werror -ffp-contract=off -shared -fPIC f*.c -o f.so "
             "-lgsl -lgslcblas -lm", folder);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof line, "%s/f.so", folder);
    void *lib = dlopen(line, RTLD_NOW);
    assert_non_null(lib);
    snprintf(line, sizeof line, "rm -r %s", folder);
    assert_int_equal(system(line), 0);
    for (size_t id = 0; id < functions_count(); id++) compare_row(in, lib, id);
    dlclose(lib);
    interp_free(in);
}

/* ---- LaTeX ---- */

/* Braces and \\left, \\right match, and no letter has two exponents or two indices. */
static void check_latex(const char *what, const char *text) {
    struct { bool upper, lower; } level[64] = {{false, false}};
    int depth = 0, open = 0;
    for (const char *at = text; *at; at++) {
        bool *script = *at == '^' ? &level[depth].upper : *at == '_' ? &level[depth].lower : NULL;
        if (script) {
            if (*script) fail_msg("%s: two scripts: %s", what, text);
            *script = true;
            if (at[1] == '{') {
                depth++;
                level[depth].upper = level[depth].lower = false;
            }
            at++;
        } else if (*at == '{') {
            level[depth].upper = level[depth].lower = false;
            assert_true(depth < 62);
            depth++;
            level[depth].upper = level[depth].lower = false;
        } else if (*at == '}') {
            if (--depth < 0) fail_msg("%s: braces: %s", what, text);
        } else if (*at == '\\' && (at[1] == '_' || at[1] == '{' || at[1] == '}')) {
            at++;
        } else {
            open += (strncmp(at, "\\left", 5) == 0 && at[5] != 'a') - (strncmp(at, "\\right", 6) == 0 && at[6] != 'a');
            if (*at == '\'') level[depth].upper = true;
            else level[depth].upper = level[depth].lower = false;
        }
    }
    if (depth || open) fail_msg("%s: braces or brackets: %s", what, text);
}

static bool keep_latex(void *context, const Buf *out, const Buf *err) {
    if (err->len) fprintf(stderr, "%s", buf_str(err));
    if (out->len) check_latex(context, buf_str(out));
    return true;
}

static void test_latex(void **state) {
    (void)state;
    static const char *const more[] = {
        "f(x) = -x^2^x - (-x)*3 + (-2)*x^(-1/2) - (x - 1)/(1 + 1/x) + 2.5e20*x", "f(alpha_1,x_max) = alpha_1^2*x_max^3",
        "f(x[n]) = sum(i=1..n, prod(j=1..n, x[i] - x[j])^2)^2*3", "f(x) = if(x < 0, -x, if(x < 1, x^2, 3))^2"};
    Interp *in = interp_new(NULL);
    in->sink = keep_latex;
    char line[400];
    for (size_t id = 0; id < functions_count(); id++) { /* as a base, a factor and a term */
        const Function *f = function_at(id);
        static const char *const arguments[] = {"", "-x", "x+1, -y", "x, y/2, -z"};
        in->sink_context = (void *)f->name;
        snprintf(line, sizeof line, "f(x,y,z) = 3*%s(%s)^2 - %s(%s)*2;\nexport f as latex\n", f->name,
                 arguments[f->arity], f->name, arguments[f->arity]);
        assert_true(interp_run_text(in, "test", line, strlen(line), 1));
    }
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        in->sink_context = (void *)more[i];
        snprintf(line, sizeof line, "%s;\nexport f as latex\nexport grad f as latex\nexport hess f as latex\n", more[i]);
        assert_true(interp_run_text(in, "test", line, strlen(line), 1));
    }
    interp_free(in);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_loops),
                                       cmocka_unit_test(test_network), cmocka_unit_test(test_recursion),
                                       cmocka_unit_test(test_hessian), cmocka_unit_test(test_table),
                                       cmocka_unit_test(test_latex)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
