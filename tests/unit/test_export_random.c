/* Random expressions with all functions, loops, choices and arrays, exported as C and compiled: value and
 * gradient equal the program's bit for bit.  And as Python, where there is NumPy. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "eval/evaluator.h"
#include "eval/program_c.h"
#include "eval/program_python.h"
#include "eval/sweep.h"
#include "expr/print.h"
#include "tests/unit/random_expr.h"

enum { COUNT = 40, POINTS = 3 };

static const size_t dims[RANDOM_PARAMS][2] = {{0, 0}, {0, 0}, {RANDOM_N, 0}, {RANDOM_M, RANDOM_N}};

typedef double (*GradientCode)(size_t, size_t, double, double, const double *, const double *, double *);

static Program *compile(RandomExpr *r, Expr e, bool gradient) {
    Arena arena;
    Diags diags;
    Plan plan;
    arena_init(&arena);
    diags_init(&diags, &arena);
    plan_init(&plan, &arena, r->d, RANDOM_PARAMS, r->param);
    Expr value = plan_slot(&plan, SLOT_OUTPUT, 0, NULL), slot[RANDOM_PARAMS];
    bool made = true;
    if (gradient) {
        for (int i = 0; i < RANDOM_PARAMS; i++)
            slot[i] = plan_slot(&plan, SLOT_OUTPUT, r->param[i].rank, r->param[i].dim);
        made = sweep_gradient(&plan, e, value, slot, &diags, span_of(0, 0));
    } else {
        plan_store(&plan, value, e);
    }
    Program *res = made ? program_compile(&plan, &diags, span_of(0, 0)) : NULL;
    arena_done(&arena);
    return res;
}

static void write_file(const char *folder, int k, const char *ending, const Buf *text) {
    char path[200];
    snprintf(path, sizeof path, "%s/f%d.%s", folder, k, ending);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fwrite(text->text, 1, text->len, file);
    fclose(file);
}

/* One expression as f<k>.c and f<k>.py; false where it has no gradient. */
static bool export_one(RandomExpr *r, Expr e, int k, const char *folder) {
    Program *value = compile(r, e, false), *gradient = compile(r, e, true);
    assert_non_null(value);
    if (gradient) {
        char name[16];
        Buf text, why;
        buf_init(&text), buf_init(&why);
        snprintf(name, sizeof name, "f%d", k);
        CExport c = {value, gradient, NULL, name, "random"};
        if (!program_write_c(&c, &text, &why)) fail_msg("C: %s", buf_str(&why));
        write_file(folder, k, "c", &text);
        buf_clear(&text);
        PythonExport python = {value, gradient, name, "random"};
        if (!program_write_python(&python, &text, &why)) fail_msg("Python: %s", buf_str(&why));
        write_file(folder, k, "py", &text);
        buf_done(&text), buf_done(&why);
    }
    program_free(value);
    program_free(gradient);
    return gradient != NULL;
}

static bool same(double a, double b) {
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

static void fail_at(RandomExpr *r, Expr e, int k, const char *what, double got, double want) {
    Buf b;
    buf_init(&b);
    expr_print(&b, r->d, e, NULL);
    print_error("f%d: %s\n", k, buf_str(&b));
    buf_done(&b);
    fail_msg("%s: %.17g, wanted %.17g", what, got, want);
}

static Evaluator *evaluator_of(RandomExpr *r, Expr e) {
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Evaluator *res = evaluator_new(r->d, RANDOM_PARAMS, r->param, e, dims, NULL, &diags, span_of(0, 0));
    arena_done(&arena);
    assert_non_null(res);
    return res;
}

static void compare_c(RandomExpr *r, Expr e, int k, void *lib, const double *x) {
    char name[32];
    snprintf(name, sizeof name, "f%d_gradient", k);
    void *address = dlsym(lib, name);
    assert_non_null(address);
    GradientCode code;
    memcpy(&code, &address, sizeof code);
    Evaluator *ev = evaluator_of(r, e);
    double f, g[RANDOM_POINTS], want[RANDOM_POINTS];
    if (evaluator_gradient(ev, x, &f, want) == RUN_OK) {
        double got = code(RANDOM_N, RANDOM_M, x[0], x[1], x + 2, x + 2 + RANDOM_N, g);
        if (!same(got, f)) fail_at(r, e, k, "the value in C", got, f);
        for (int i = 0; i < RANDOM_POINTS; i++)
            if (!same(g[i], want[i])) fail_at(r, e, k, "the gradient in C", g[i], want[i]);
    }
    evaluator_free(ev);
}

static const char driver[] =
    "import importlib, numpy as np\n"
    "for line in open('cases').readlines():\n"
    "    name, *x = line.split()\n"
    "    x = [float.fromhex(t) for t in x]\n"
    "    try:\n"
    "        module = importlib.import_module(name)\n"
    "    except ModuleNotFoundError:\n" /* no SciPy */
    "        print('none')\n"
    "        continue\n"
    "    args = x[0], x[1], np.array(x[2:2 + %d]), np.array(x[2 + %d:]).reshape(%d, %d)\n"
    "    value, gradient = getattr(module, name + '_and_grad')(*args)\n"
    "    print(value.hex(), *[float(t).hex() for part in gradient for t in np.ravel(part)])\n";

static bool run_python(const char *folder) {
    static const char *const names[] = {"python3", "/usr/bin/python3"};
    char line[300];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(line, sizeof line, "%s -c 'import numpy' >/dev/null 2>&1", names[i]);
        if (system(line) != 0) continue;
        snprintf(line, sizeof line, "cd %s && %s driver.py >answers", folder, names[i]);
        assert_int_equal(system(line), 0);
        return true;
    }
    return false;
}

static double read_number(FILE *file) {
    char word[64];
    assert_int_equal(fscanf(file, "%63s", word), 1);
    return strtod(word, NULL);
}

/* Gamma and Bessel functions are not the same in Python, and what is made of them may cancel. */
static void compare_python(RandomExpr *r, Expr e, int k, FILE *file, const double *x) {
    long place = ftell(file);
    char word[64];
    assert_int_equal(fscanf(file, "%63s", word), 1);
    if (strcmp(word, "none") == 0) return;
    fseek(file, place, SEEK_SET);
    Evaluator *ev = evaluator_of(r, e);
    double f, f_bound, want[RANDOM_POINTS], bound[RANDOM_POINTS], got = read_number(file);
    bool fine = evaluator_gradient_bounds(ev, x, &f, &f_bound, want, bound) == RUN_OK;
    if (fine && isfinite(f) && !(fabs(got - f) <= 1e4 * f_bound + 1e-11 * fabs(f)))
        fail_at(r, e, k, "the value in Python", got, f);
    for (int i = 0; i < RANDOM_POINTS; i++) {
        got = read_number(file);
        if (fine && isfinite(want[i]) && !(fabs(got - want[i]) <= 1e4 * bound[i] + 1e-11 * fabs(want[i])))
            fail_at(r, e, k, "the gradient in Python", got, want[i]);
    }
    evaluator_free(ev);
}

static FILE *open_in(const char *folder, const char *name, const char *mode) {
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *res = fopen(path, mode);
    assert_non_null(res);
    return res;
}

static void test_random(void **state) {
    (void)state;
    char folder[] = "/tmp/plumb-random-XXXXXX", line[300];
    assert_non_null(mkdtemp(folder));
    RandomExpr r;
    random_init(&r, 1);
    Expr e[COUNT];
    double point[COUNT][RANDOM_POINTS];
    bool made[COUNT];
    int count = 0;
    FILE *cases = open_in(folder, "cases", "w"), *program = open_in(folder, "driver.py", "w");
    fprintf(program, driver, RANDOM_N, RANDOM_N, RANDOM_M, RANDOM_N);
    fclose(program);
    for (int k = 0; k < COUNT; k++) {
        r.state = (uint64_t)k * 0x9E3779B97F4A7C15u + 4711;
        r.next_function = (uint32_t)k * 5;
        e[k] = random_make(&r);
        memcpy(point[k], r.point, sizeof point[k]);
        made[k] = export_one(&r, e[k], k, folder);
        count += made[k];
        if (!made[k]) continue;
        fprintf(cases, "f%d", k);
        for (int i = 0; i < RANDOM_POINTS; i++) fprintf(cases, " %a", point[k][i]);
        fprintf(cases, "\n");
    }
    fclose(cases);
    assert_true(count > COUNT / 2);
    snprintf(line, sizeof line, "cd %s && cc -std=c11 -O1 -Wall -Wextra -Werror -ffp-contract=off -shared -fPIC f*.c -o f.so "
             "-lgsl -lgslcblas -lm", folder);
    assert_int_equal(system(line), 0);
    snprintf(line, sizeof line, "%s/f.so", folder);
    void *lib = dlopen(line, RTLD_NOW);
    assert_non_null(lib);
    bool python = run_python(folder);
    FILE *answers = python ? open_in(folder, "answers", "r") : NULL;
    for (int k = 0; k < COUNT; k++) {
        if (!made[k]) continue;
        compare_c(&r, e[k], k, lib, point[k]);
        if (answers) compare_python(&r, e[k], k, answers, point[k]);
        for (int p = 1; p < POINTS; p++) { /* further off */
            double x[RANDOM_POINTS];
            for (int i = 0; i < RANDOM_POINTS; i++) x[i] = point[k][i] * 1.37 - 0.41 * p;
            compare_c(&r, e[k], k, lib, x);
        }
    }
    if (answers) fclose(answers);
    dlclose(lib);
    random_done(&r);
    snprintf(line, sizeof line, "rm -r %s", folder);
    assert_int_equal(system(line), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
