/* The exact judge: right claims about derivatives in other forms and identities, wrong ones near to
 * them, questions that explode, and the death of the worker. */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "eval/algebra.h"
#include "tests/unit/session.h"

/* d of / d by = claim where `given`; by 0: of = claim. */
typedef struct Row {
    const char *of;
    char by;
    const char *claim, *given;
} Row;

static const Row right[] = {
#include "tests/unit/algebra_right.def"
};
static const Row wrong[] = {
#include "tests/unit/algebra_wrong.def"
};

static Algebra *algebra;

static Expr body_of(Session *s, const char *text) {
    Buf b;
    buf_init(&b);
    buf_printf(&b, "f(x, y, z, a, b, u[n], w[n]) = %s", text);
    Expr res = session_define(s, buf_str(&b))->body;
    buf_done(&b);
    return res;
}

static Expr difference(Session *s, const Row *r, Expr *given) {
    Expr of = body_of(s, r->of), claim = body_of(s, r->claim);
    *given = r->given ? body_of(s, r->given) : expr_int(s->store, 1);
    if (r->by) {
        Name name = names_intern(s->names, &r->by, 1);
        of = derive_by(s->defs, of, expr_symbol(s->store, EXPR_SYM, name, 0, NULL), &s->diags, span_of(0, 0));
    }
    return expr_binary(s->store, EXPR_SUB, of, claim);
}

static AlgebraAnswer judge(const Row *r, double timeout, const volatile int *interrupt, Buf *why) {
    Session s;
    Expr given;
    session_init(&s);
    Expr e = difference(&s, r, &given);
    AlgebraAnswer res = e ? algebra_is_zero(algebra, s.defs, e, given, timeout, interrupt, why) : ALGEBRA_UNKNOWN;
    session_done(&s);
    return res;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool have_library(void) {
    if (algebra_missing())
        print_message("%s\n", algebra_missing());
    return !algebra_missing();
}

static size_t run_table(const Row *row, size_t count, bool zero) {
    size_t other = 0;
    for (size_t i = 0; i < count; i++) {
        Buf why;
        buf_init(&why);
        double start = now();
        AlgebraAnswer res = judge(&row[i], 20, NULL, &why);
        if ((res == ALGEBRA_ZERO) != zero) {
            print_message("%s: %s by %c = %s: %.200s (%.2f s)\n", algebra_answer_text(res), row[i].of,
                          row[i].by ? row[i].by : '-', row[i].claim, buf_str(&why), now() - start);
            other++;
        }
        if (zero) /* nothing that is zero may be called anything else but unknown */
            assert_true(res == ALGEBRA_ZERO || res == ALGEBRA_UNKNOWN || res == ALGEBRA_NOT_ZERO || res == ALGEBRA_EXCEPT);
        buf_done(&why);
    }
    return other;
}

static void test_right(void **state) {
    (void)state;
    size_t count = sizeof right / sizeof *right;
    if (!have_library())
        skip();
    size_t open = run_table(right, count, true);
    print_message("%zu of %zu right claims proved\n", count - open, count);
    assert_true(150 <= count);
    assert_true(open * 50 <= count); /* 98 % */
}

static void test_wrong(void **state) {
    (void)state;
    size_t count = sizeof wrong / sizeof *wrong;
    if (!have_library())
        skip();
    assert_true(100 <= count);
    assert_int_equal(run_table(wrong, count, false), 0);
}

static void test_explosion(void **state) {
    (void)state;
    Row big = {"(x + y + z + a + b + 1)^80", 0, "((x + y + z)^2 + 2*(x + y + z)*(a + b + 1) + (a + b + 1)^2)^40", NULL};
    Row small = {"(x + y)^2", 0, "x^2 + 2*x*y + y^2", NULL};
    volatile int interrupt = 1;
    if (!have_library())
        skip();
    double start = now();
    AlgebraAnswer res = judge(&big, 0.5, NULL, NULL);
    assert_true(res == ALGEBRA_TIMEOUT || res == ALGEBRA_MEMORY);
    assert_true(now() - start < 2);
    assert_int_equal(judge(&small, 10, NULL, NULL), ALGEBRA_ZERO);
    assert_int_equal(judge(&big, 10, &interrupt, NULL), ALGEBRA_INTERRUPT);
    assert_int_equal(judge(&small, 10, NULL, NULL), ALGEBRA_ZERO);
}

/* What never has to be multiplied out: each would take seconds and more. */
static void test_large(void **state) {
    (void)state;
    static const Row same[] = {
        {"(x + y + z + a + b + 1)^60*(x - y*z + a)^30", 0, "(a + b + 1 + x + y + z)^59*(x - y*z + a)^30*(x + y + z + a + b + 1)", NULL},
        {"(x + y + z + a + b + 1)^60*(x - y*z + a)^30", 'x',
         "30*(x + y + z + a + b + 1)^59*(a + x - y*z)^29*(2*(x - y*z + a) + x + y + z + a + b + 1)", NULL},
        {"(x + y + z + a + b + 1)^60/(x - y*z + a)^30", 'y',
         "30*(x + y + z + a + b + 1)^59*(2*(y*z - x - a) - z*(x + y + z + a + b + 1))/((y*z - a - x)*(x - y*z + a)^30)", NULL},
        {"(2*x + 4*y + 6*z + 8*a + b)^70 + (x + y)^2", 0, "2^70*(x + 2*y + 3*z + 4*a + b/2)^70 + x^2 + 2*x*y + y^2", NULL},
        {"(sin(x)^2 + y + z + a + b)^50*cos(x)^2", 'x',
         "2*sin(x)*cos(x)*(1 - cos(x)^2 + y + z + a + b)^49*(50*cos(x)^2 - (y + z + a + b + sin(x)^2))", NULL},
        {"sqrt((x^2 + y^2 + z^2 + a^2 + 1)^41)", 'x', "41*x*(x^2 + y^2 + z^2 + a^2 + 1)^20/(1 + x^2 + y^2 + z^2 + a^2)^(1/2)", NULL},
    };
    static const Row other[] = {
        {"(x + y + z + a + b + 1)^60*(x - y*z + a)^30", 0, "(x + y + z + a + b + 1)^59*(x - y*z + a)^31", NULL},
        {"(x + y + z + a + b + 1)^60*(x - y*z + a)^30", 'x',
         "30*(x + y + z + a + b + 1)^59*(a + x - y*z)^29*(2*(x - y*z + a) - x + y + z + a + b + 1)", NULL},
        {"(sin(x)^2 + y + z + a + b)^50*cos(x)^2", 0, "(1 + cos(x)^2 + y + z + a + b)^50*cos(x)^2", NULL},
        {"(x + y + z + a + b + 1)^80", 0, "((x + y + z)^2 + 2*(x + y + z)*(a + b + 1) + (a - b + 1)^2)^40", NULL},
    };
    if (!have_library())
        skip();
    assert_int_equal(run_table(same, sizeof same / sizeof *same, true), 0);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        double start = now();
        assert_int_equal(judge(&other[i], 20, NULL, NULL), ALGEBRA_NOT_ZERO);
        assert_true(now() - start < 2);
    }
}

static void test_death(void **state) {
    (void)state;
    Row small = {"(x + y)^2", 0, "x^2 + 2*x*y + y^2", NULL};
    if (!have_library())
        skip();
    long id = algebra_worker_id(algebra);
    assert_true(0 < id);
    kill((pid_t)id, SIGKILL);
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)id, &info, WEXITED | WNOWAIT), 0); /* it is dead, and nobody told */
    assert_int_equal(judge(&small, 10, NULL, NULL), ALGEBRA_ZERO);
    assert_true(algebra_worker_id(algebra) != id);
}

/* The program lies beside the folder of this test. */
static char *program_path(void) {
    static const char tail[] = "/../plumb";
    char self[4096];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - sizeof tail);
    self[len < 0 ? 0 : len] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        memcpy(slash, tail, sizeof tail);
    Buf b;
    buf_init(&b);
    buf_text(&b, self);
    return b.text;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_right), cmocka_unit_test(test_wrong),
                                       cmocka_unit_test(test_explosion), cmocka_unit_test(test_large),
                                       cmocka_unit_test(test_death)};
    (void)session_evaluator;
    char *program = program_path();
    algebra = algebra_new(program);
    int res = cmocka_run_group_tests(tests, NULL, NULL);
    algebra_free(algebra);
    free(program);
    return res;
}
