/* Random pairs, seeded.  Equal by construction: an expression and itself rewritten by identities, which
 * must never be refuted.  Different by construction: one random edit more, confirmed by a certain gap
 * in balls, which must never be proved.  PLUMB_PAIRS_COUNT sets how many (1,000), PLUMB_PAIRS_SEED
 * repeats one. */
#include <math.h>

#include "base/random.h"
#include "eval/balls_gap.h"
#include "expr/domain.h"
#include "tests/unit/catalogue.h"
#include "tests/unit/session.h"

enum { LETTERS = 5, VARIABLES = 4, LARGEST = 90, MOST_TRIES = 200, CONFIRM = 12 };
static const double most_seconds = 0.2; /* for the algebra of a different pair */

typedef struct Identity {
    const char *left, *right, *positive, *nonzero;
} Identity;

static const Identity identity[] = {
#define IDENTITY(...) {__VA_ARGS__},
#include "tests/catalogue/identities.def"
#undef IDENTITY
};
enum { IDENTITIES = sizeof identity / sizeof *identity };

typedef struct Pairs {
    Session s;
    Random random;
    const Def *frame; /* its parameters are the variables */
    Expr letter[LETTERS], variable[VARIABLES];
    Expr left[IDENTITIES], right[IDENTITIES];
    const NumberKind *balls;
    Algebra *algebra; /* asked of different pairs, which a check refutes before it asks */
    size_t used[IDENTITIES];
} Pairs;

static size_t below(Pairs *p, size_t n) {
    return random_below(&p->random, n);
}

static Expr symbol(Pairs *p, const char *name) {
    return expr_symbol(p->s.store, EXPR_SYM, names_intern_str(p->s.names, name), 0, NULL);
}

static Expr body_of(Pairs *p, const char *text) {
    Buf b;
    buf_init(&b);
    buf_printf(&b, "f(a, b, c, d, t) = %s", text);
    Expr res = session_define(&p->s, buf_str(&b))->body;
    buf_done(&b);
    return res;
}

static void pairs_init(Pairs *p, const NumberKind *balls) {
    static const char *const letters[] = {"a", "b", "c", "d", "t"}, *const variables[] = {"x", "y", "z", "w"};
    memset(p, 0, sizeof *p);
    session_init(&p->s);
    (void)session_evaluator;
    p->balls = balls;
    p->algebra = algebra_new(NULL);
    for (size_t i = 0; i < LETTERS; i++)
        p->letter[i] = symbol(p, letters[i]);
    for (size_t i = 0; i < VARIABLES; i++)
        p->variable[i] = symbol(p, variables[i]);
    for (size_t i = 0; i < IDENTITIES; i++) {
        p->left[i] = body_of(p, identity[i].left);
        p->right[i] = body_of(p, identity[i].right);
    }
    p->frame = session_define(&p->s, "frame(x, y, z, w) = 0");
}

/* ---- random expressions ---- */

static Expr random_any(Pairs *p, int depth);

static Expr fn(Pairs *p, const char *name, Expr x) {
    return expr_fn(p->s.store, (uint32_t)function_find(name, strlen(name)), 1, &x);
}

static Expr op(Pairs *p, ExprOp o, Expr a, Expr b) {
    return expr_binary(p->s.store, o, a, b);
}

static Expr number(Pairs *p, long n) {
    return expr_int(p->s.store, n);
}

static Expr random_leaf(Pairs *p) {
    if (below(p, 4))
        return p->variable[below(p, 5) ? below(p, 2) : below(p, VARIABLES)];
    return below(p, 3) ? number(p, 2 + (long)below(p, 4)) : expr_from_double(p->s.store, (double)(1 + below(p, 30)) / 10);
}

/* Positive, or a variable that then has to be. */
static Expr random_positive(Pairs *p, int depth) {
    if (depth <= 0)
        return below(p, 4) ? p->variable[below(p, VARIABLES)] : number(p, 2 + (long)below(p, 5));
    switch (below(p, 7)) {
    case 0: return fn(p, "exp", random_any(p, depth - 1));
    case 1: return op(p, EXPR_ADD, op(p, EXPR_POW, random_any(p, depth - 1), number(p, 2)), number(p, 1 + (long)below(p, 4)));
    case 2: return fn(p, "sqrt", random_positive(p, depth - 1));
    case 3: return op(p, EXPR_MUL, random_positive(p, depth - 1), random_positive(p, depth - 1));
    case 4: return op(p, EXPR_ADD, random_positive(p, depth - 1), random_positive(p, depth - 1));
    case 5: return fn(p, "cosh", random_any(p, depth - 1));
    default: return random_positive(p, 0);
    }
}

/* Between -1 and 1. */
static Expr random_inside(Pairs *p, int depth) {
    if (depth <= 0 || below(p, 2))
        return p->variable[below(p, VARIABLES)];
    Expr u = random_any(p, depth - 1);
    return op(p, EXPR_DIV, u, op(p, EXPR_ADD, op(p, EXPR_POW, u, number(p, 2)), number(p, 2)));
}

static Expr random_function(Pairs *p, int depth) {
    static const char *const whole[] = {"exp", "sin", "cos", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "exp", "asinh",
                                        "sigmoid", "softplus", "erf", "cbrt", "abs", "floor", "relu"};
    static const char *const inside[] = {"asin", "acos", "atanh"};
    size_t kinds = sizeof whole / sizeof *whole;
    switch (below(p, 12)) {
    case 0: case 1: return fn(p, "log", random_positive(p, depth - 1));
    case 2: case 3: return fn(p, "sqrt", random_positive(p, depth - 1));
    case 4: return fn(p, inside[below(p, 3)], random_inside(p, depth - 1));
    case 5: {
        Expr pair[2] = {random_any(p, depth - 1), random_any(p, depth - 1)};
        return expr_fn(p->s.store, below(p, 2) ? FUNCTION_max : FUNCTION_min, 2, pair);
    }
    case 6: return below(p, 4) ? fn(p, "log", random_positive(p, depth - 1)) : fn(p, "gamma", random_positive(p, depth - 1));
    default: return fn(p, whole[below(p, kinds - (below(p, 3) ? 5 : 0))], random_any(p, depth - 1));
    }
}

static Expr random_any(Pairs *p, int depth) {
    if (depth <= 0)
        return random_leaf(p);
    switch (below(p, 12)) {
    case 0: case 1: return op(p, EXPR_ADD, random_any(p, depth - 1), random_any(p, depth - 1));
    case 2: return op(p, EXPR_SUB, random_any(p, depth - 1), random_any(p, depth - 1));
    case 3: case 4: return op(p, EXPR_MUL, random_any(p, depth - 1), random_any(p, depth - 1));
    case 5: return op(p, EXPR_DIV, random_any(p, depth - 1), random_positive(p, depth - 1));
    case 6: return op(p, EXPR_POW, random_any(p, depth - 1), number(p, 2 + (long)below(p, 2)));
    case 7: return op(p, EXPR_POW, random_positive(p, depth - 1), random_leaf(p));
    default: return random_function(p, depth);
    }
}

/* ---- what is known of an expression ---- */

static bool is_positive(Pairs *p, Expr e) {
    const Store *s = p->s.store;
    uint32_t f = expr_op(s, e) == EXPR_FN ? expr_payload(s, e) : FUNCTION_COUNT;
    long n;
    switch (expr_op(s, e)) {
    case EXPR_CONST: return 0 < mpq_sgn(expr_rational(s, e));
    case EXPR_PI: case EXPR_E: return true;
    case EXPR_ADD:
        for (size_t i = 0; i < 2; i++) { /* a square and something positive */
            Expr a = expr_kid(s, e, i), b = expr_kid(s, e, 1 - i);
            if (expr_op(s, a) == EXPR_POW && expr_is_integer(s, expr_kid(s, a, 1), &n) && n == 2 && is_positive(p, b))
                return true;
        }
        return is_positive(p, expr_kid(s, e, 0)) && is_positive(p, expr_kid(s, e, 1));
    case EXPR_MUL: case EXPR_DIV: return is_positive(p, expr_kid(s, e, 0)) && is_positive(p, expr_kid(s, e, 1));
    case EXPR_POW: return is_positive(p, expr_kid(s, e, 0));
    case EXPR_FN:
        return f == FUNCTION_exp || f == FUNCTION_cosh || f == FUNCTION_sigmoid || f == FUNCTION_softplus ||
               (f == FUNCTION_sqrt && is_positive(p, expr_kid(s, e, 0)));
    default: return false;
    }
}

/* May it vanish, or be constant, on an open part? */
static bool has_pieces(Pairs *p, Expr e) {
    const Store *s = p->s.store;
    size_t count;
    Expr *list = expr_reachable(s, 1, &e, &count);
    bool res = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t f = expr_op(s, list[i]) == EXPR_FN ? expr_payload(s, list[i]) : FUNCTION_COUNT;
        res = res || expr_op(s, list[i]) == EXPR_IF || f == FUNCTION_floor || f == FUNCTION_ceil || f == FUNCTION_mod ||
              f == FUNCTION_relu || f == FUNCTION_min || f == FUNCTION_max || f == FUNCTION_sign || f == FUNCTION_abs;
    }
    free(list);
    return res;
}

static void random_point(Pairs *p, double *x) {
    for (size_t i = 0; i < VARIABLES; i++)
        x[i] = round(1e4 * (0.05 + (below(p, 3) ? 0.9 : 3) * random_uniform(&p->random))) / 1e4 * (below(p, 4) ? 1 : -1);
}

/* Is the answer about a and b this one at some point? */
static bool somewhere(Pairs *p, Expr a, Expr b, GapAnswer wanted) {
    static const size_t dims[VARIABLES][2] = {{0}};
    Gap *g = gap_new(p->s.defs, VARIABLES, p->frame->param, dims, a, b, number(p, 1), p->balls, NULL, NULL);
    bool res = false;
    for (int i = 0; g && i < CONFIRM && !res; i++) {
        double x[VARIABLES];
        GapPoint at;
        random_point(p, x);
        res = gap_at(g, x, &at) == wanted;
        gap_point_done(&at);
    }
    gap_free(g);
    return res;
}

/* Are the two certainly different at some point at which both are defined? */
static bool differ(Pairs *p, Expr a, Expr b) {
    return somewhere(p, a, b, GAP_CERTAIN);
}

/* A difference that is 0 without looking so (x - x, sqrt(x) - sqrt(x)) may have become a denominator: then
 * the two meet nowhere, without differing. */
static bool lost(Pairs *p, Expr left, Expr right) {
    return !somewhere(p, right, left, GAP_NONE) && !differ(p, left, right);
}

/* ---- rewriting ---- */

static bool match(Pairs *p, Expr pattern, Expr e, Expr *bound) {
    const Store *s = p->s.store;
    for (size_t i = 0; i < LETTERS; i++)
        if (pattern == p->letter[i]) {
            if (bound[i])
                return bound[i] == e;
            bound[i] = e;
            return true;
        }
    if (expr_count(s, pattern) == 0)
        return pattern == e;
    bool res = expr_op(s, pattern) == expr_op(s, e) && expr_payload(s, pattern) == expr_payload(s, e) &&
               expr_count(s, pattern) == expr_count(s, e);
    for (size_t i = 0; res && i < expr_count(s, pattern); i++)
        res = match(p, expr_kid(s, pattern, i), expr_kid(s, e, i), bound);
    return res;
}

/* Does what the letters stand for keep the identity's conditions?  Letters that stand for nothing stay. */
static bool acceptable(Pairs *p, size_t k, Expr *bound) {
    static const char letters[] = "abcdt";
    do
        bound[LETTERS - 1] = random_any(p, (int)below(p, 2));
    while (!expr_is_constant(p->s.store, domain_of(p->s.defs, bound[LETTERS - 1]))); /* defined everywhere */
    for (size_t i = 0; i < LETTERS; i++) {
        if (strchr(identity[k].positive, letters[i]) && !is_positive(p, bound[i]))
            return false;
        if (strchr(identity[k].nonzero, letters[i]) &&
            (has_pieces(p, bound[i]) || !differ(p, bound[i], number(p, 0))))
            return false;
        if (!bound[i])
            bound[i] = p->letter[i];
    }
    return true;
}

/* e by identity k, 0 where it does not apply. */
static Expr rewrite(Pairs *p, size_t k, Expr e) {
    Expr bound[LETTERS] = {0};
    if (expr_is_constant(p->s.store, e) || !match(p, p->left[k], e, bound) || !acceptable(p, k, bound))
        return 0;
    return expr_substitute(p->s.store, p->right[k], LETTERS, p->letter, bound);
}

/* An instance of identity k, both sides. */
static void instance(Pairs *p, size_t k, Expr *left, Expr *right) {
    Expr bound[LETTERS];
    do
        for (size_t i = 0; i < LETTERS; i++)
            bound[i] = (strchr(identity[k].positive, "abcdt"[i]) ? random_positive : random_any)(p, (int)below(p, 3));
    while (!acceptable(p, k, bound));
    *left = expr_substitute(p->s.store, p->left[k], LETTERS, p->letter, bound);
    *right = expr_substitute(p->s.store, p->right[k], LETTERS, p->letter, bound);
    p->used[k]++;
}

/* Some node that is reachable. */
static Expr random_node(Pairs *p, Expr root) {
    size_t count;
    Expr *list = expr_reachable(p->s.store, 1, &root, &count), res = list[below(p, count)];
    free(list);
    return res;
}

/* Identities of a certain shape before those that fit everywhere. */
static size_t random_identity(Pairs *p) {
    size_t k = below(p, IDENTITIES);
    return p->left[k] == p->letter[0] ? below(p, IDENTITIES) : k;
}

static Expr transform(Pairs *p, Expr e, int steps) {
    Store *s = p->s.store;
    for (int i = 0; i < MOST_TRIES && 0 < steps; i++) {
        size_t k = random_identity(p);
        Expr at = random_node(p, e), with = rewrite(p, k, at);
        Expr next = with ? expr_substitute(s, e, 1, &at, &with) : 0;
        if (!next || LARGEST < expr_tree_size(s, next, 2 * LARGEST))
            continue;
        e = next;
        p->used[k]++;
        steps--;
    }
    return e;
}

/* ---- one edit ---- */

static Expr edit(Pairs *p, Expr e) {
    Store *s = p->s.store;
    ExprOp o = expr_op(s, e);
    Expr one = number(p, 1);
    switch (o) {
    case EXPR_CONST: return below(p, 2) ? op(p, EXPR_ADD, e, one) : op(p, EXPR_MUL, number(p, 2), e);
    case EXPR_SYM: return p->variable[below(p, VARIABLES)];
    case EXPR_ADD: return op(p, EXPR_SUB, expr_kid(s, e, 0), expr_kid(s, e, 1));
    case EXPR_SUB: return op(p, EXPR_ADD, expr_kid(s, e, 0), expr_kid(s, e, 1));
    case EXPR_MUL: return expr_kid(s, e, below(p, 2));
    case EXPR_DIV: return below(p, 2) ? op(p, EXPR_DIV, expr_kid(s, e, 1), expr_kid(s, e, 0)) : expr_kid(s, e, 0);
    case EXPR_POW: return op(p, EXPR_POW, expr_kid(s, e, 0), op(p, EXPR_ADD, expr_kid(s, e, 1), one));
    case EXPR_NEG: return expr_kid(s, e, 0);
    case EXPR_FN:
        if (expr_count(s, e) != 1)
            return op(p, EXPR_MUL, number(p, 2), e);
        return below(p, 3) == 0 ? expr_unary(s, EXPR_NEG, e)
               : below(p, 2)    ? fn(p, below(p, 2) ? "sin" : "cos", expr_kid(s, e, 0))
                                : expr_kid(s, e, 0);
    default: return 0;
    }
}

/* e with one edit that changes its value for certain; 0 when none was found. */
static Expr edited(Pairs *p, Expr original, Expr e) {
    for (int i = 0; i < MOST_TRIES / 10; i++) {
        Expr at = random_node(p, e), with = edit(p, at);
        if (!with || with == at)
            continue;
        Expr res = expr_substitute(p->s.store, e, 1, &at, &with);
        if (res && differ(p, original, res))
            return res;
    }
    return 0;
}

/* ---- verdicts ---- */

typedef struct Tally {
    size_t equal, proved, refuted, agreed, different, wrong_proved, seen, hard;
} Tally;

static bool algebra_errs(Pairs *p, Expr left, Expr right, Tally *t) {
    Expr gap = op(p, EXPR_SUB, left, right);
    AlgebraAnswer res = algebra_is_zero(p->algebra, p->s.defs, gap, number(p, 1), most_seconds, NULL, NULL);
    t->hard += res == ALGEBRA_TIMEOUT || res == ALGEBRA_MEMORY;
    return res == ALGEBRA_ZERO;
}

static void print_text(Pairs *p, Expr e, Buf *out) {
    buf_init(out);
    expr_print(out, p->s.defs, e, &(PrintStyle){.name_from = 100000});
}

static void judge_pair(Pairs *p, Interp *in, uint64_t seed, Tally *t) {
    Store *s = p->s.store;
    uint32_t mark = store_mark(s);
    random_seed(&p->random, seed);
    bool equal = seed % 2;
    Expr left, right;
    if (below(p, 2)) {
        instance(p, seed / 2 % IDENTITIES, &left, &right);
        right = transform(p, right, (int)below(p, 3));
    } else {
        left = random_any(p, 2 + (int)below(p, 2));
        right = transform(p, left, 1 + (int)below(p, 5));
    }
    if (!equal)
        right = edited(p, left, right);
    else if (lost(p, left, right))
        right = 0;
    if (right && right != left) {
        Buf a, b;
        print_text(p, left, &a);
        print_text(p, right, &b);
        size_t hard = t->hard;
        const char *said = claims_judge(in, buf_str(&a), buf_str(&b));
        bool proved = claims_says(said, "proved") || (!equal && algebra_errs(p, left, right, t)), bad = claims_says(said, "refuted") || claims_says(said, "differs");
        t->equal += equal;
        t->different += !equal;
        t->proved += equal && proved;
        t->refuted += equal && bad;
        t->agreed += equal && claims_says(said, "agrees");
        t->wrong_proved += !equal && proved;
        t->seen += !equal && bad;
        if (equal ? bad : proved)
            print_error("seed %llu: %s pair: check %s = %s: %.300s\n", (unsigned long long)seed, equal ? "equal" : "different",
                        buf_str(&a), buf_str(&b), said);
        else if (getenv("PLUMB_PAIRS_SHOWN") && (equal != proved || hard < t->hard))
            print_message("seed %llu: %s: check %s = %s: %.100s\n", (unsigned long long)seed, equal ? "not proved" : "hard",
                          buf_str(&a), buf_str(&b), said);
        buf_done(&a);
        buf_done(&b);
    }
    defs_release(p->s.defs, mark);
}

static void random_pairs(void **state) {
    (void)state;
    const char *count_text = getenv("PLUMB_PAIRS_COUNT"), *seed_text = getenv("PLUMB_PAIRS_SEED");
    size_t count = count_text ? strtoul(count_text, NULL, 10) : 1000;
    Prover prover;
    Pairs p;
    Tally t = {0};
    Interp *in = claims_session(&prover);
    pairs_init(&p, balls_load(NULL));
    if (seed_text)
        judge_pair(&p, in, strtoull(seed_text, NULL, 10), &t);
    for (uint64_t seed = 1; !seed_text && t.equal + t.different < count; seed++)
        judge_pair(&p, in, seed, &t);
    print_message("%zu equal pairs: %zu proved, %zu agree, %zu refuted; %zu different ones: %zu refuted, %zu proved, %zu too hard for the algebra\n",
                  t.equal, t.proved, t.agreed, t.refuted, t.different, t.seen, t.wrong_proved, t.hard);
    for (size_t i = 0; i < IDENTITIES && count >= 1000 && !seed_text; i++)
        if (!p.used[i])
            print_message("never used: %s = %s\n", identity[i].left, identity[i].right);
    algebra_free(p.algebra);
    session_done(&p.s);
    interp_free(in);
    prover_done(&prover);
    assert_int_equal(t.refuted, 0);
    assert_int_equal(t.wrong_proved, 0);
    if (!seed_text) {
        assert_true(7 * t.equal <= 10 * t.proved);
        assert_true(9 * t.different <= 10 * t.seen);
    }
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0) return algebra_work(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
