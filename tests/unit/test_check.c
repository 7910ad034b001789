/* Verdicts of checks: right derivatives agree, slips differ with a witness, corners and empty domains
 * are told, and nothing that is not finite ever agrees. */
#include "tests/unit/session.h"

#include <math.h>

#include "eval/check.h"
#include "eval/points.h"
#include "expr/domain.h"

/* ---- functions against difference quotients ---- */

static void check_with(const char *text, CheckOf of, const double *x, double h, bool balls, CheckResult *out) {
    Session s;
    Random random;
    session_init(&s);
    random_seed(&random, 1);
    Def *def = session_define(&s, text);
    Evaluator *e = session_evaluator(&s, def, def->body, 5), *reading[8];
    Evaluator *domain = session_evaluator(&s, def, domain_of(s.defs, def->body), 5);
    for (size_t p = 0; p < def->param_count && of != CHECK_HESSIAN; p++) {
        Expr by = derive_by(s.defs, def->body, def->param[p].symbol, &s.diags, span_of(0, 0));
        reading[p] = session_evaluator(&s, def, by, 5);
    }
    size_t readings = of == CHECK_HESSIAN ? 0 : def->param_count;
    size_t dims[8][2] = {{0}};
    for (size_t p = 0; p < def->param_count; p++)
        for (int k = 0; k < def->param[p].rank; k++)
            dims[p][k] = expr_is_constant(s.store, def->param[p].dim[k])
                             ? (size_t)expr_double_of(s.store, def->param[p].dim[k])
                             : 5;
    CheckExact exact = {s.defs, def->param_count, def->param, (const size_t(*)[2])dims, def->body, false, NULL};
    CheckInput in = {e, of, readings, reading, domain, x, h, &random, balls ? &exact : NULL};
    assert_true(check_function(&in, out));
    for (size_t p = 0; p < readings; p++)
        evaluator_free(reading[p]);
    evaluator_free(domain);
    evaluator_free(e);
    session_done(&s);
}

static void check_named(const char *text, CheckOf of, const double *x, double h, CheckResult *out) {
    check_with(text, of, x, h, false, out);
}

static void expect_agrees(const char *text, CheckOf of, const double *x, double h) {
    CheckResult r;
    check_named(text, of, x, h, &r);
    for (size_t i = 0; i < r.count; i++) {
        const CheckComponent *k = &r.component[i];
        if (k->verdict != VERDICT_AGREES)
            fail_msg("%s, component %zu: %s (%s), %.17g and %.17g, bound %g", text, i, verdict_text(k->verdict),
                     k->reason ? k->reason : "", k->symbolic, k->numeric, k->bound);
    }
    if (r.verdict != VERDICT_AGREES)
        fail_msg("%s: %s", text, r.reason ? r.reason : "");
    check_result_done(&r);
}

static void test_functions_agree(void **state) {
    (void)state;
    static const char *const texts[] = {
        "f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2",
        "f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2+(1-x[i])^2)",
        "f(x[n]) = prod(i=1..n, x[i])",
        "f(x,y) = log(x-y) + sqrt(1-x*y)",
        "f(x) = asin(x)*acosh(1/abs(x))",
        "f(x[n]) = max(i=1..n, x[i]*i)",
        "f(x,y) = if(x > y, x^2*y, exp(-x)*y)",
        "f(x[n], w[3,n]) = sum(k=1..3, tanh(sum(i=1..n, w[k,i]*x[i])))",
        "f(x) = x^2*sin(300*x)",
        "f(x, y) = x^y",
        "f(x) = log(log(log(x)))",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        expect_agrees(texts[i], CHECK_GRADIENT, NULL, 0);
        expect_agrees(texts[i], CHECK_HESSIAN, NULL, 0);
    }
    expect_agrees("f(x, y) = [x*y, sin(x)*y, x^3]", CHECK_JACOBIAN, NULL, 0);
    expect_agrees("f(x[n]) = vec(i=1..2, sum(j=1..n, x[j]^i))", CHECK_JACOBIAN, NULL, 0);
    expect_agrees("f(x,y) = (1/16)*x^2 + 9*y^2", CHECK_GRADIENT, (double[]){2, 3}, 0);
    expect_agrees("f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", CHECK_GRADIENT,
                  (double[]){3, 0.5}, 0);
}

/* Every function of the table whose arguments all have derivatives, at points of its own range. */
static void test_table(void **state) {
    (void)state;
    size_t agreed = 0, open = 0;
    for (size_t id = 0; id < functions_count(); id++) {
        const Function *f = function_at(id);
        char text[80];
        bool has = true;
        for (int i = 0; i < f->arity; i++)
            has = has && f->d[i];
        if (!has)
            continue;
        const char *args = f->arity == 1 ? "x" : f->arity == 2 ? "x,y" : "x,y,z";
        sprintf(text, "f(%s) = %s(%s)", args, f->name, args);
        for (int round = 0; round < 3; round++) {
            double x[3], at = 0.3 + 0.21 * round;
            for (int i = 0; i < f->arity; i++)
                x[i] = f->sample[i][0] + (at - 0.07 * i) * (f->sample[i][1] - f->sample[i][0]);
            CheckResult r;
            check_named(text, CHECK_GRADIENT, x, 0, &r);
            if (r.verdict == VERDICT_DIFFERS)
                fail_msg("%s at %g: %.17g and %.17g, bound %g", text, x[0], r.component[0].symbolic,
                         r.component[0].numeric, r.component[0].bound);
            agreed += r.verdict == VERDICT_AGREES;
            open += r.verdict == VERDICT_UNDECIDED;
            if (r.verdict == VERDICT_UNDECIDED)
                printf("  undecided: %s at %g: %s\n", text, x[0],
                       r.reason ? r.reason : r.component[0].reason ? r.component[0].reason : "");
            check_result_done(&r);
        }
    }
    printf("  table: %zu agree, %zu undecided\n", agreed, open);
    assert_true(20 * open < agreed);
}

/* The published quotients, to the last bit. */
static void test_published_quotients(void **state) {
    (void)state;
    CheckResult r;
    check_named("f(x,y) = (1/16)*x^2 + 9*y^2", CHECK_GRADIENT, (double[]){2, 3}, 1e-8, &r);
    assert_true(r.component[0].numeric == 0.2500001983207767);
    assert_true(r.component[1].numeric == 54.00000020472362);
    assert_true(r.component[0].symbolic == 0.25 && r.component[1].symbolic == 54);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(r.component[i].verdict, VERDICT_AGREES);
    check_result_done(&r);
    check_named("f(x,y) = (1/16)*x^2 + 9*y^2", CHECK_GRADIENT, (double[]){2, 3}, 1e-6, &r);
    assert_true(fabs(r.component[1].numeric - 54.00000001) < 5e-9);
    check_result_done(&r);
}

static void expect_undecided(const char *text, const double *x, double h, const char *words) {
    CheckResult r;
    check_named(text, CHECK_GRADIENT, x, h, &r);
    const char *reason = r.reason ? r.reason : r.count && r.component[0].reason ? r.component[0].reason : "";
    if (r.verdict != VERDICT_UNDECIDED || !strstr(reason, words))
        fail_msg("%s: %s, \"%s\"", text, verdict_text(r.verdict), reason);
    check_result_done(&r);
}

static void test_not_differentiable(void **state) {
    (void)state;
    expect_undecided("f(x) = abs(x)", (double[]){0}, 0, "not differentiable here");
    expect_undecided("f(x) = abs(x)", (double[]){0}, 1e-6, "not differentiable here");
    expect_undecided("f(x) = max(x, 2*x)", (double[]){0}, 0, "not differentiable here");
    expect_undecided("f(x) = log(x)", (double[]){-1}, 0, "");
    expect_undecided("f(x) = sqrt(x)", (double[]){0}, 0, "");
    expect_undecided("f(x) = log(-x^2)", NULL, 0, "no point of the domain found");
}

/* A reading form that is not the derivative does not pass. */
static void test_wrong_form(void **state) {
    (void)state;
    Session s;
    Random random;
    random_seed(&random, 1);
    session_init(&s);
    Def *def = session_define(&s, "f(x, y) = x^2*y"), *wrong = session_define(&s, "w(x, y) = x^2 + 1e-9");
    Evaluator *e = session_evaluator(&s, def, def->body, 0), *reading[2];
    Expr by = derive_by(s.defs, def->body, def->param[0].symbol, &s.diags, span_of(0, 0));
    reading[0] = session_evaluator(&s, def, by, 0);
    reading[1] = session_evaluator(&s, wrong, wrong->body, 0);
    CheckInput in = {e, CHECK_GRADIENT, 2, reading, NULL, NULL, 0, &random, NULL};
    CheckResult r;
    assert_true(check_function(&in, &r));
    assert_int_equal(r.component[0].verdict, VERDICT_AGREES);
    assert_int_equal(r.component[1].verdict, VERDICT_DIFFERS);
    check_result_done(&r);
    for (int i = 0; i < 2; i++)
        evaluator_free(reading[i]);
    evaluator_free(e);
    session_done(&s);
}

/* 20 components and 20 directions, however many variables. */
static void check_many(const char *text, size_t n) {
    Session s;
    Random random;
    random_seed(&random, 3);
    session_init(&s);
    Def *def = session_define(&s, text);
    Evaluator *e = session_evaluator(&s, def, def->body, n);
    CheckInput in = {e, CHECK_GRADIENT, 0, NULL, NULL, NULL, 0, &random, NULL};
    CheckResult r;
    assert_true(check_function(&in, &r));
    assert_true(r.sampled);
    assert_int_equal(r.count, 40);
    for (size_t i = 0; i < r.count; i++)
        if (r.component[i].verdict == VERDICT_DIFFERS)
            fail_msg("component %zu: %.17g and %.17g, bound %g", i, r.component[i].symbolic, r.component[i].numeric,
                     r.component[i].bound);
    assert_int_equal(r.verdict, VERDICT_AGREES);
    check_result_done(&r);
    evaluator_free(e);
    session_done(&s);
}

static void test_many_variables(void **state) {
    (void)state;
    check_many("f(x[n]) = sum(i=1..n, sin(x[i])*i)", 2000);
    check_many("f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2+(1-x[i])^2)", 60000);
}

/* ---- balls where doubles run out ---- */

static void need_balls(void) {
    const char *why;
    if (balls_load(&why))
        return;
    print_message("%s\n", why);
    skip();
}

/* Component `at` is judged in balls; the numbers are right to 15 digits. */
static void expect_balls(const char *text, CheckOf of, const double *x, size_t at, double slope) {
    CheckResult r;
    check_with(text, of, x, 0, true, &r);
    const CheckComponent *k = &r.component[at];
    if (k->verdict != VERDICT_AGREES || k->bits == 0 || k->bound < k->difference)
        fail_msg("%s: %s in %ld bits (%s)", text, verdict_text(k->verdict), k->bits, k->reason ? k->reason : "");
    if (1e-15 * fabs(slope) < fabs(k->numeric - slope) || 1e-15 * fabs(slope) < fabs(k->symbolic - slope))
        fail_msg("%s: %.17g and %.17g, not %.17g", text, k->symbolic, k->numeric, slope);
    check_result_done(&r);
}

static void test_beyond_doubles(void **state) {
    (void)state;
    need_balls();
    expect_balls("f(x) = 1e20 + x^2", CHECK_GRADIENT, (double[]){0.731}, 0, 1.462);
    expect_balls("f(x) = (1+x)-1-x+x^2", CHECK_GRADIENT, (double[]){1e-9}, 0, 2e-9);
    expect_balls("f(x, y) = 1e25*y + x^3", CHECK_GRADIENT, (double[]){0.5, 3}, 0, 0.75);
    expect_balls("f(x[n]) = sum(i=1..n, x[i]^2) + 1e20", CHECK_GRADIENT, (double[]){1, 2, 3, 4, 0.731}, 4, 1.462);
    expect_balls("f(w[2,3]) = sum(i=1..2, sum(j=1..3, w[i,j]^j)) + 1e20", CHECK_GRADIENT,
                 (double[]){1, 2, 3, 4, 5, 0.5}, 5, 0.75);
    expect_balls("f(x, y) = [x*y, 1e20 + x^2*y]", CHECK_JACOBIAN, (double[]){0.731, 2}, 2, 2.924);
    expect_balls("f(x, y) = [x, y; 1e20 + x^2*y, 1]", CHECK_JACOBIAN, (double[]){0.731, 2}, 4, 2.924);
    expect_balls("f(x, y) = 1e20*x + x^2*y^2 + 1e20*y^2", CHECK_HESSIAN, (double[]){0.731, 2}, 1, 5.848);
    /* right, though doubles say another derivative: both sides are in balls */
    expect_balls("f(x) = cos(x)-1+x^2/2-x^4/24", CHECK_GRADIENT, (double[]){1e-4}, 0, -8.3333333313492064e-23);
}

static void test_balls_find_more(void **state) {
    (void)state;
    need_balls();
    CheckResult r;
    check_with("f(x) = 1e20 + abs(x-0.731)", CHECK_GRADIENT, (double[]){0.731}, 0, true, &r);
    assert_true(r.component[0].kink && r.verdict == VERDICT_UNDECIDED && r.component[0].left == -1 && r.component[0].right == 1);
    check_result_done(&r);
    check_with("f(x) = if(x == 3, 10, x) + 1e20", CHECK_GRADIENT, (double[]){3}, 0, true, &r); /* a hole */
    assert_true(r.verdict == VERDICT_UNDECIDED);
    check_result_done(&r);
    check_with("f(x) = abs(x)", CHECK_GRADIENT, (double[]){0}, 0, true, &r); /* seen in doubles: no more is asked */
    assert_true(r.component[0].kink && r.component[0].bits == 0);
    check_result_done(&r);
    check_with("f(x) = 1e20 + x^2", CHECK_GRADIENT, (double[]){0.731}, 0.25, true, &r); /* h: as asked, in doubles */
    assert_true(r.component[0].bits == 0);
    check_result_done(&r);
}

/* Where a quotient in doubles is good, balls change nothing. */
static void test_balls_keep_away(void **state) {
    (void)state;
    static const char *const texts[] = {
        "f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2",
        "f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2+(1-x[i])^2)",
        "f(x,y) = log(x-y) + sqrt(1-x*y)",
        "f(x) = asin(x)*acosh(1/abs(x))",
        "f(x,y) = if(x > y, x^2*y, exp(-x)*y)",
        "f(x, y) = x^y",
        "f(x[n]) = max(i=1..n, x[i]*i)",
        "f(x,y) = (1/16)*x^2 + 9*y^2",
    };
    for (size_t i = 0; i < 2 * (sizeof texts / sizeof *texts); i++) {
        CheckOf of = i % 2 ? CHECK_HESSIAN : CHECK_GRADIENT;
        CheckResult a, b;
        check_with(texts[i / 2], of, NULL, 0, false, &a);
        check_with(texts[i / 2], of, NULL, 0, true, &b);
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.x, b.x, a.n * sizeof *a.x);
        for (size_t k = 0; k < a.count; k++) {
            const CheckComponent *p = &a.component[k], *q = &b.component[k];
            if (q->bits != 0 || p->numeric != q->numeric || p->symbolic != q->symbolic || p->bound != q->bound ||
                p->verdict != q->verdict)
                fail_msg("%s, component %zu: %.17g and %.17g, bound %g, in %ld bits", texts[i / 2], k, p->symbolic,
                         p->numeric, p->bound, q->bits);
        }
        check_result_done(&a);
        check_result_done(&b);
    }
}

/* ---- claims ---- */

/* f, its claimed derivative by the first parameter, as a function of the same parameters. */
static void judge_claim(const char *f, const char *claim, CheckResult *out) {
    Session s;
    Random random;
    session_init(&s);
    random_seed(&random, 7);
    Def *def = session_define(&s, f);
    Expr by = derive_by(s.defs, def->body, def->param[0].symbol, &s.diags, span_of(0, 0));
    Evaluator *derivative = session_evaluator(&s, def, by, 5), *whole = session_evaluator(&s, def, def->body, 5);
    Evaluator *domain = session_evaluator(&s, def, domain_of(s.defs, def->body), 5);
    Def *yours = session_define(&s, claim);
    Evaluator *e = session_evaluator(&s, yours, yours->body, 5);
    CheckForm other = {whole, CHECK_GRADIENT, 0};
    assert_true(check_claim(e, derivative, &other, domain, NULL, &random, out));
    evaluator_free(e);
    evaluator_free(derivative);
    evaluator_free(whole);
    evaluator_free(domain);
    session_done(&s);
}

static void expect_claim(const char *f, const char *claim, Verdict verdict) {
    CheckResult r;
    judge_claim(f, claim, &r);
    if (r.verdict != verdict)
        fail_msg("%s, %s: %s, not %s (%s)", f, claim, verdict_text(r.verdict), verdict_text(verdict),
                 r.reason ? r.reason : r.count && r.component[0].reason ? r.component[0].reason : "");
    if (verdict == VERDICT_DIFFERS) {
        const CheckComponent *k = r.component;
        while (!k->witness)
            k++;
        assert_true(k->yours != k->derivative);
    } else if (verdict == VERDICT_AGREES) {
        for (size_t i = 0; i < r.count; i++)
            assert_true(8 <= r.component[i].points && r.component[i].max_rel_error < 1e-6);
    }
    check_result_done(&r);
}

static void test_claims(void **state) {
    (void)state;
    const char *beale = "f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2";
    expect_claim(beale, "c(x,y) = 2*(1.5-x+x*y)*(y-1) + 2*(2.25-x+x*y^2)*(y^2-1) + 2*(2.625-x+x*y^3)*(y^3-1)",
                 VERDICT_AGREES);
    expect_claim(beale, "c(x,y) = 2*(1.5-x+x*y)*(y-1) + 2*(2.25-x+x*y^2)*(y^2-1) + 2*(2.625-x+x*y^3)*(y^2-1)",
                 VERDICT_DIFFERS);
    expect_claim("f(x) = sin(x)^2", "c(x) = sin(2*x)", VERDICT_AGREES);
    expect_claim("f(x) = sin(x)^2", "c(x) = 2*sin(x)", VERDICT_DIFFERS);
    expect_claim("f(x) = log(x)", "c(x) = 1/x", VERDICT_AGREES);
    expect_claim("f(x) = log(x)", "c(x) = 1/x + 1e-9", VERDICT_DIFFERS);
    expect_claim("f(x) = x^2*log(x)", "c(x) = 2*x*log(x) + x", VERDICT_AGREES);
    expect_claim("f(x) = x^2", "c(x) = 2*exp(log(x))", VERDICT_UNDECIDED); /* undefined for x < 0: balls refute it */
    expect_claim("f(x) = tanh(x)", "c(x) = 1 - tanh(x)^2", VERDICT_AGREES);
    expect_claim("f(x) = asin(x)", "c(x) = 1/sqrt(1-x^2)", VERDICT_AGREES);
    expect_claim("f(x) = acosh(x)", "c(x) = 1/sqrt(x^2-1)", VERDICT_AGREES);
    expect_claim("f(x) = log(-x^2)", "c(x) = 2/x", VERDICT_UNDECIDED);
    expect_claim("f(x[n]) = sum(i=1..n, x[i]^3)", "c(x[n]) = vec(i=1..n, 3*x[i]^2)", VERDICT_AGREES);
    expect_claim("f(x[n]) = sum(i=1..n, x[i]^3)", "c(x[n]) = vec(i=1..n, if(i == 4, 3*x[i], 3*x[i]^2))",
                 VERDICT_DIFFERS);
    expect_claim("f(x) = 0.1*x^2", "c(x) = 0.2*x", VERDICT_AGREES);
}

static void test_witness(void **state) {
    (void)state;
    CheckResult r;
    judge_claim("f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2",
                "c(x,y) = 2*(1.5-x+x*y)*(y-1) + 2*(2.25-x+x*y^2)*(y^2-1) + 2*(2.625-x+x*y^3)*(y^2-1)", &r);
    assert_non_null(r.component[0].witness);
    assert_true(r.component[0].witness[0] == 1 && r.component[0].witness[1] == 2);
    assert_true(r.component[0].yours == 94.25 && r.component[0].derivative == 171.25);
    check_result_done(&r);
}

/* ---- domains and points ---- */

static void expect_conditions(const char *text, const char *domain, const char *kinks) {
    Session s;
    Buf out;
    session_init(&s);
    buf_init(&out);
    Def *def = session_define(&s, text);
    expr_print(&out, s.defs, domain_of(s.defs, def->body), NULL);
    assert_string_equal(buf_str(&out), domain);
    buf_clear(&out);
    expr_print(&out, s.defs, kinks_of(s.defs, def->body), NULL);
    assert_string_equal(buf_str(&out), kinks);
    buf_done(&out);
    session_done(&s);
}

static void test_domains(void **state) {
    (void)state;
    expect_conditions("f(x) = x^2*sin(x)", "1", "0");
    expect_conditions("f(x) = log(x-2)", "x > 2", "0");
    expect_conditions("f(x) = sqrt(2)*abs(x)", "1", "x == 0");
    expect_conditions("f(x,y) = x/y + y/x^2", "y != 0 and x^2 != 0", "0");
    expect_conditions("f(x,y) = x/y + log(1/y)", "y != 0 and 1/y > 0", "0");
    expect_conditions("f(x) = if(x > 0, log(x), x)", "1", "x == 0");
    expect_conditions("f(x) = x^(-2) + x^0.5 + 2^x", "x != 0 and x >= 0", "x == 0");
}

static bool accept_small_triangle(void *context, const double *x) {
    (void)context;
    return 0 < x[0] && x[0] < x[1] && x[1] < 1;
}

static void test_points(void **state) {
    (void)state;
    Random r;
    double x[5];
    random_seed(&r, 5);
    for (int i = 0; i < 500; i++) {
        assert_true(points_draw(&r, 5, x, 1, NULL, NULL));
        for (int k = 0; k < 5; k++)
            assert_true(x[k] != 0 && x[k] != 1 && x[k] != floor(x[k]) && isfinite(x[k]));
    }
    assert_true(points_draw(&r, 2, x, 1000, accept_small_triangle, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_agree), cmocka_unit_test(test_table),
        cmocka_unit_test(test_published_quotients),
        cmocka_unit_test(test_not_differentiable), cmocka_unit_test(test_wrong_form),
        cmocka_unit_test(test_many_variables),
        cmocka_unit_test(test_beyond_doubles),  cmocka_unit_test(test_balls_find_more),
        cmocka_unit_test(test_balls_keep_away),
        cmocka_unit_test(test_claims),          cmocka_unit_test(test_witness),
        cmocka_unit_test(test_domains),         cmocka_unit_test(test_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
