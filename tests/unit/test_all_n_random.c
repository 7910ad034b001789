/* The algebra of sums over symbolic ranges by itself, no witness before it: sums rewritten at random,
 * rightly or not (split, shifted, reversed, guarded, their ends peeled off), must be equal in numbers,
 * for all lengths 1..7 and all indices, wherever the algebra says that they are. */
#include <math.h>

#include "base/random.h"
#include "eval/algebra.h"
#include "parser/ast.h"
#include "tests/unit/session.h"

enum { TRIALS = 250, TEXT = 2000, LEAST_PROVED = 25 };

static const char *const bodies[] = {"x[@]^2",
                                     "x[@]*y[@]",
                                     "(@)*x[@]",
                                     "x[@]*x[k]",
                                     "exp(x[@]-x[k])",
                                     "(@)",
                                     "(@)^2",
                                     "x[@]/(1+y[@]^2)",
                                     "y[k]",
                                     "if((@)==k, x[@], y[@])",
                                     "if((@)<k, x[@], 0)",
                                     "if((@)<=k, x[@], y[k])",
                                     "if((@)>=k, y[@], x[@])",
                                     "sum(j=1..n, x[@]*y[j])",
                                     "sum(j=1..(@), y[j])",
                                     "sum(j=(@)..n, x[j]*x[@])",
                                     "if((@)==k, 0, x[@])*x[k]",
                                     "if(k<(@) and (@)<n, x[@], y[@])",
                                     "if((@)==n, x[@], 1)",
                                     "sum(j=1..n, if(j==(@), x[j], y[j]^2))",
                                     "x[n+1-(@)]*y[@]",
                                     "sum(j=1..n, if(j<(@), x[j], y[j]))",
                                     "abs(x[@])",
                                     "sqrt(x[@]^2+(@))",
                                     "x[n+1-(@)]",
                                     "-x[@]",
                                     "2",
                                     "-1",
                                     "-3*x[@]/2",
                                     "if((@)<k, 0, 1)",
                                     "if((@)==k, 1, 0)",
                                     "if((@)==k, 1, (@)-k)",
                                     "0*x[@]",
                                     "(@)-2",
                                     "sum(j=1..n, w[(@),j]*y[j])",
                                     "x[@]*sum(j=1..n, w[(@),j]*y[j])",
                                     "sum(j=1..n, w[j,(@)])^2",
                                     "sum(j=1..n, cos(x[@]-y[j]))",
                                     "sum(j=1..k, w[(@),j]*w[j,k])",
                                     "sum(j=(@)..n, x[j]*y[@]*w[j,k])",
                                     "prod(j=1..n, x[@]+y[j])",
                                     "sum(j=1..n, w[(@),j]*sum(l=1..n, w[j,l]*x[l]))",
                                     "sum(j=1..n, sum(l=1..j, w[(@),l]*w[l,j]))"};
static const char *const lows[] = {"1", "2", "k", "k+1", "k-1", "n", "n-1", "3"};
static const char *const highs[] = {"n", "n-1", "k", "k-1", "k+1", "n-2", "1", "2"};
static const char *const middles[] = {"k", "k-1", "1", "n-1", "k+1", "2", "n"};

#define PICK(table) table[random_below(r, sizeof table / sizeof *table)]

/* `body` with each @ replaced. */
static void put(char *out, const char *body, const char *at) {
    size_t len = 0;
    for (const char *c = body; *c; c++)
        len += (size_t)snprintf(out + len, TEXT - len, "%.*s", *c == '@' ? (int)strlen(at) : 1,
                                *c == '@' ? at : c);
}

static void loop(char *out, const char *op, const char *lo, const char *hi, const char *body,
                 const char *at) {
    char one[TEXT];
    put(one, body, at);
    snprintf(out, TEXT, "%s(i=%s..%s, %.1500s)", op, lo, hi, one);
}

/* The loop in another form; the smaller half of the ways keep it only where the range allows it. */
static void rewrite(Random *r, char *out, const char *op, const char *lo, const char *hi,
                    const char *body) {
    char a[TEXT], b[TEXT], lower[64], upper[64], at[64], guard[TEXT];
    const char *m = PICK(middles), *plus = strcmp(op, "sum") == 0 ? "+" : "*",
               *none = *plus == '+' ? "0" : "1";
    switch (random_below(r, 8)) {
    case 0:
        snprintf(lower, sizeof lower, "%s+1", m);
        loop(a, op, lo, m, body, "i");
        loop(b, op, lower, hi, body, "i");
        break;
    case 1:
        snprintf(lower, sizeof lower, "%s+1", lo);
        loop(a, op, lower, hi, body, "i");
        put(b, body, lo);
        break;
    case 2:
        snprintf(upper, sizeof upper, "%s-1", hi);
        loop(a, op, lo, upper, body, "i");
        put(b, body, hi);
        break;
    case 3:
        snprintf(lower, sizeof lower, "%s+1", lo);
        snprintf(upper, sizeof upper, "%s+1", hi);
        loop(a, op, lower, upper, body, "i-1");
        strcpy(b, none);
        break;
    case 4:
        snprintf(at, sizeof at, "%s+%s-i", lo, hi);
        loop(a, op, lo, hi, body, at);
        strcpy(b, none);
        break;
    case 5:
        put(b, body, "i");
        snprintf(guard, TEXT, "if(%s<=i and i<=%s, %.1500s, %s)", lo, hi, b, none);
        loop(a, op, "1", "n", guard, "i");
        strcpy(b, none);
        break;
    case 6:
        put(b, body, "i");
        snprintf(guard, TEXT, "if(i==k, %s, %.1500s)", none, b);
        loop(a, op, lo, hi, guard, "i");
        put(b, body, "k");
        break;
    default:
        loop(a, op, lo, hi, body, "i");
        strcpy(b, none);
        break;
    }
    snprintf(out, TEXT, "(%.900s)%s(%.900s)", a, plus, b);
}

/* The body with one of its indices replaced by another of the same place. */
static void mistake(Random *r, char *out, const char *body) {
    static const char *const names[] = {"@", "k", "j", "l"};
    size_t at[40], count = 0, len = strlen(body), scope = 2;
    for (size_t i = 1; i + 1 < len && count < 40; i++)
        if (strchr("@jkl", body[i]) && strchr("[,(", body[i - 1]) && strchr("],)", body[i + 1]))
            at[count++] = i;
    strcpy(out, body);
    if (count == 0)
        return;
    size_t place = at[random_below(r, count)];
    const char *j = strstr(body, "(j="), *l = strstr(body, "(l=");
    j = j ? strchr(j, ',') : NULL; /* where its body begins */
    l = l ? strchr(l, ',') : NULL;
    scope += j && j < body + place;
    scope += scope == 3 && l && l < body + place;
    out[place] = names[random_below(r, scope)][0];
}

/* At some length and index: do the two numbers differ? */
static bool differs(Session *s, const Def *def, Random *r) {
    double x[80], value[2];
    for (size_t n = 1; n <= 7; n++) {
        size_t dims[4][2] = {{n, 0}, {n, 0}, {n, n}, {0, 0}}, last = n * (n + 2);
        Evaluator *e = evaluator_new(s->defs, def->param_count, def->param, def->body,
                                     (const size_t(*)[2])dims, NULL, &s->diags, span_of(0, 0));
        assert_non_null(e);
        for (size_t k = 1; k <= n; k++) {
            for (size_t i = 0; i < last; i++)
                x[i] = 0.3 + (double)random_below(r, 900) / 700;
            x[last] = (double)k;
            if (evaluator_value(e, x, value) != RUN_OK || !isfinite(value[0]) ||
                !isfinite(value[1]))
                continue;
            if (1e-9 * (1 + fabs(value[0])) < fabs(value[0] - value[1])) {
                print_error("n=%zu, k=%zu: %.17g, %.17g\n", n, k, value[0], value[1]);
                evaluator_free(e);
                return true;
            }
        }
        evaluator_free(e);
    }
    return false;
}

static AlgebraAnswer judge(Session *s, Algebra *algebra, Def *def) {
    Store *store = s->store;
    Expr one = expr_int(store, 1), k = def->param[3].symbol, index = expr_free(store, 29),
         n = def->param[0].dim[0];
    Expr gap =
        expr_binary(store, EXPR_SUB, expr_kid(store, def->body, 0), expr_kid(store, def->body, 1));
    gap = expr_substitute(store, gap, 1, &k, &index);
    Expr given = expr_binary(store, EXPR_AND, expr_rel(store, REL_LE, one, index),
                             expr_rel(store, REL_LE, index, n));
    return algebra_is_zero(algebra, s->defs, gap,
                           expr_binary(store, EXPR_AND, expr_rel(store, REL_LE, one, n), given), 10,
                           NULL, NULL);
}

static void rewritten_sums(void **state) {
    (void)state;
    Algebra *algebra = algebra_new(NULL);
    Random random, *r = &random;
    const char *count = getenv("PLUMB_SUMS_COUNT"), *seed = getenv("PLUMB_SUMS_SEED");
    size_t trials = count ? strtoul(count, NULL, 10) : TRIALS, proved = 0, wrong = 0;
    random_seed(r, seed ? strtoul(seed, NULL, 10) : 2026);
    for (size_t i = 0; i < trials; i++) {
        char text[3 * TEXT], a[TEXT], b[TEXT];
        const char *op = random_below(r, 5) ? "sum" : "prod", *lo = PICK(lows), *hi = PICK(highs),
                   *body = PICK(bodies);
        char other[TEXT];
        Session s;
        session_init(&s);
        loop(a, op, lo, hi, body, "i");
        mistake(r, other, body);
        rewrite(r, b, op, lo, hi, random_below(r, 3) ? body : other);
        snprintf(text, sizeof text, "t(x[n], y[n], w[n,n], k) = [%s, %s]", a, b);
        Def *def = session_define(&s, text);
        AlgebraAnswer answer = judge(&s, algebra, def);
        if (answer == ALGEBRA_MISSING)
            skip();
        proved += answer == ALGEBRA_ZERO;
        if (answer == ALGEBRA_ZERO && differs(&s, def, r)) {
            print_error("proved, but wrong: %s\n", text);
            wrong++;
        }
        session_done(&s);
    }
    print_message("%zu rewritten sums: %zu proved equal, %zu of them wrongly\n", trials, proved,
                  wrong);
    assert_int_equal(wrong, 0);
    assert_true(LEAST_PROVED * trials <= 100 * proved);
    algebra_free(algebra);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0)
        return algebra_work(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(rewritten_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
