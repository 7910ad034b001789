/* Derivations: the rules of the steps, the last step against the derivative that is printed. */
#include "expr/explain.h"
#include "tests/unit/session.h"

typedef struct Case {
    const char *text;
    ExplainRule last;
    size_t steps; /* 0: any */
} Case;

static void check_case(const Case *c) {
    Session s;
    session_init(&s);
    Def *def = session_define(&s, c->text);
    Explanation x;
    if (!explain_derive(s.defs, def->body, def->param[0].symbol, 50, &s.diags, span_of(0, 0), &x))
        session_fail(&s, c->text);
    const ExplainStep *last = &x.step[x.count - 1];
    if (last->rule != c->last || (c->steps > 0 && x.count != c->steps))
        fail_msg("%s: %zu steps, the last by %s", c->text, x.count, explain_rule_name(last->rule));
    uint32_t by = 0;
    Expr printed = defs_fn_body(s.defs, defs_fn(s.defs, def->name, 1, &by), &s.diags, span_of(0, 0));
    Buf a, b;
    buf_init(&a);
    buf_init(&b);
    expr_print(&a, s.defs, explain_close(&x, last, last->result, true), NULL);
    expr_print(&b, s.defs, printed, NULL);
    assert_string_equal(buf_str(&a), buf_str(&b));
    for (size_t i = 0; i < x.count; i++) { /* parts come before */
        for (size_t k = 0; k < x.step[i].part_count; k++)
            assert_true(x.step[i].part[k].step == EXPLAIN_NONE || x.step[i].part[k].step < i);
        if (def->param[0].rank > 0) continue;
        size_t dims[1][2] = {{1, 1}};
        Evaluator *raw = evaluator_new(s.defs, 1, def->param, explain_close(&x, &x.step[i], x.step[i].raw, true),
                                       (const size_t(*)[2])dims, NULL, &s.diags, span_of(0, 0));
        Evaluator *res = evaluator_new(s.defs, 1, def->param, explain_close(&x, &x.step[i], x.step[i].result, true),
                                       (const size_t(*)[2])dims, NULL, &s.diags, span_of(0, 0));
        double at = 0.731, u = 0, v = 0, bu = 0, bv = 0;
        assert_true(raw && res && evaluator_value_bounds(raw, &at, &u, &bu) == RUN_OK &&
                    evaluator_value_bounds(res, &at, &v, &bv) == RUN_OK);
        if (!(u - v <= 2 * (bu + bv) && v - u <= 2 * (bu + bv))) fail_msg("%s: step %zu: %.17g, %.17g", c->text, i + 1, u, v);
        evaluator_free(raw);
        evaluator_free(res);
    }
    buf_done(&a);
    buf_done(&b);
    explain_done(&x);
    session_done(&s);
}

static void test_rules(void **state) {
    (void)state;
    static const Case cases[] = {
        {"f(x) = 3", EXPLAIN_CONSTANT, 1}, {"f(x) = 2*x + 1", EXPLAIN_LINEAR, 1},
        {"f(x) = x^2 + sin(x)", EXPLAIN_SUM, 3}, {"f(x) = 3*sin(x)", EXPLAIN_FACTOR, 2},
        {"f(x) = sin(x)/7", EXPLAIN_FACTOR, 2}, {"f(x) = -exp(x)", EXPLAIN_FACTOR, 2},
        {"f(x) = x*sin(x)", EXPLAIN_PRODUCT, 2}, {"f(x) = sin(x)*exp(x)", EXPLAIN_PRODUCT, 3},
        {"f(x) = sin(x)/x", EXPLAIN_QUOTIENT, 2}, {"f(x) = 1/(1+x)", EXPLAIN_RECIPROCAL, 1},
        {"f(x) = (1+x)^3", EXPLAIN_POWER, 1}, {"f(x) = (1+x^2)^(1/2)", EXPLAIN_POWER, 0},
        {"f(x) = 2^x", EXPLAIN_EXPONENTIAL, 1}, {"f(x) = e^(2*x)", EXPLAIN_EXPONENTIAL, 1},
        {"f(x) = x^x", EXPLAIN_GENERAL_POWER, 1}, {"f(x) = tanh(x)", EXPLAIN_TABLE, 1},
        {"f(x) = sin(x^2)", EXPLAIN_CHAIN, 2}, {"f(x) = log(1+x^2)", EXPLAIN_CHAIN, 3},
        {"f(x) = if(x > 1, x^2, log(x))", EXPLAIN_CHOICE, 3},
        {"f(x) = sum(i=1..5, sin(i*x))", EXPLAIN_SUM_LOOP, 2},
        {"f(x) = prod(i=1..4, x + i)", EXPLAIN_PROD_LOOP, 1},
        {"f(x) = max(i=1..3, sin(i*x))", EXPLAIN_EXTREME, 2},
        {"f(x) = atan2(x, x^2)", EXPLAIN_CHAIN, 2},
        {"f(x) = sqrt(x)*log(x) - x^3/(1+x)", EXPLAIN_SUM, 0},
        {"f(x) = exp(-x^2/2)*cos(3*x)", EXPLAIN_PRODUCT, 0},
        {"f(x) = (x^2+1)/(x^2-3)", EXPLAIN_QUOTIENT, 0},
        {"f(x) = sin(cos(exp(x)))", EXPLAIN_CHAIN, 3},
        {"f(x[n]) = sum(i=1..n, (x[i]-i)^2)", EXPLAIN_SUM_LOOP, 2},
        {"f(x[n]) = sum(i=1..n, sin(x[i])*x[i])", EXPLAIN_SUM_LOOP, 0},
        {"f(x[n]) = prod(i=1..n, x[i]^2)", EXPLAIN_PROD_LOOP, 2},
        {"f(x[n]) = exp(sum(i=1..n, x[i]^2))", EXPLAIN_CHAIN, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) check_case(&cases[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
