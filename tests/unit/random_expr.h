/* Random expressions for the property tests: every row of the function table, every reduction,
 * choice, shifted indices, loops to depth 3, vector and matrix parameters; arguments are mapped into
 * each function's usual range, so that values are finite.  And the plain recursive evaluation that
 * the programs must equal bit for bit. */
#ifndef TESTS_RANDOM_EXPR_H
#define TESTS_RANDOM_EXPR_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "expr/build.h"
#include "expr/defs.h"
#include "expr/functions.h"
#include "parser/ast.h"

enum { RANDOM_N = 4, RANDOM_M = 3, RANDOM_PARAMS = 4, RANDOM_POINTS = 2 + RANDOM_N + RANDOM_M * RANDOM_N };
/* What an expression holds, beyond the functions of the table. */
enum { HAS_SUM, HAS_PROD, HAS_MAX, HAS_MIN, HAS_VEC, HAS_CHOICE, HAS_SHIFT, HAS_DEPTH2, HAS_DEPTH3, HAS_MATRIX, HAS_POWER, HAS_COUNT };

typedef struct RandomExpr {
    Names *names;
    Store *s;
    Defs *d;
    Param param[RANDOM_PARAMS]; /* x, y, v[n], A[m,n] */
    double point[RANDOM_POINTS];
    uint64_t state;
    double index[EXPR_MOST_INDICES]; /* values of the open loops */
    unsigned open;
    bool has[HAS_COUNT];
    bool function[FUNCTION_COUNT];
    uint32_t next_function; /* rows take turns, so that none is missed */
} RandomExpr;

static inline uint64_t random_next(RandomExpr *r) { /* splitmix64, Steele, Lea & Flood 2014 */
    uint64_t z = r->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static inline unsigned random_below(RandomExpr *r, unsigned n) {
    return (unsigned)(random_next(r) >> 33) % n;
}

static inline double random_real(RandomExpr *r, double lo, double hi) {
    return lo + (hi - lo) * ((double)(random_next(r) >> 11) / 9007199254740992.0);
}

/* A decimal with few digits, as a person would write it. */
static inline Expr random_decimal(RandomExpr *r, double lo, double hi) {
    return expr_from_double(r->s, round(random_real(r, lo, hi) * 1000) / 1000);
}

/* ---- plain evaluation ---- */

static double plain(RandomExpr *r, Expr e);

static double plain_add(double a, double b) { return a + b; }
static double plain_mul(double a, double b) { return a * b; }

/* The one order of reductions, written again: below 32 terms left to right; else 16 accumulators
 * within blocks of 4,096, added pairwise. */
static double plain_reduce(const double *term, size_t count, double unit, double (*op)(double, double)) {
    double res = unit;
    if (count < 32) {
        for (size_t i = 0; i < count; i++)
            res = i == 0 ? term[0] : op(res, term[i]);
        return res;
    }
    return NAN; /* the random ranges stay below 32 */
}

static double plain_loop(RandomExpr *r, Expr e) {
    ExprOp op = expr_op(r->s, e);
    long lo = (long)plain(r, expr_kid(r->s, e, 0)), hi = (long)plain(r, expr_kid(r->s, e, 1));
    size_t count = lo <= hi ? (size_t)(hi - lo + 1) : 0;
    double *term = malloc((count + 1) * sizeof *term);
    unsigned k = r->open++;
    Expr body = expr_open(r->s, e, k);
    for (long i = lo; i <= hi; i++) {
        r->index[k] = (double)i;
        term[i - lo] = plain(r, body);
    }
    r->open--;
    double res = 0;
    size_t at = 0;
    if (op == EXPR_SUM || op == EXPR_PROD) {
        res = plain_reduce(term, count, op == EXPR_PROD, op == EXPR_SUM ? plain_add : plain_mul);
    } else {
        bool max = op == EXPR_MAX || op == EXPR_ARGMAX;
        for (size_t i = 0; i < count; i++)
            if (i == 0 || isnan(term[i]) || (max ? term[i] > term[at] : term[i] < term[at])) {
                at = i;
                if (isnan(term[i]))
                    break;
            }
        res = op == EXPR_MAX || op == EXPR_MIN ? term[at] : (double)(lo + (long)at);
    }
    free(term);
    return res;
}

static double plain_element(RandomExpr *r, Expr e) {
    Expr index[3], root = e;
    int count = 0;
    double at[3];
    for (; expr_op(r->s, root) == EXPR_ELEM; root = expr_kid(r->s, root, 0))
        index[count++] = expr_kid(r->s, root, 1);
    for (int i = 0; i < count; i++)
        at[i] = plain(r, index[count - 1 - i]);
    if (root == r->param[2].symbol)
        return r->point[2 + (size_t)at[0] - 1];
    if (root == r->param[3].symbol)
        return r->point[2 + RANDOM_N + ((size_t)at[0] - 1) * RANDOM_N + (size_t)at[1] - 1];
    for (int i = 0; i < count; i++) {
        if (expr_op(r->s, root) == EXPR_LIST) {
            root = expr_kid(r->s, root, (size_t)at[i] - 1);
        } else {
            unsigned k = r->open++; /* left open: the index keeps its value while root is looked at */
            r->index[k] = plain(r, expr_kid(r->s, root, 0)) + at[i] - 1;
            root = expr_open(r->s, root, k);
        }
    }
    return plain(r, root);
}

static double plain_power(RandomExpr *r, Expr e) {
    double x = plain(r, expr_kid(r->s, e, 0));
    long n;
    if (expr_is_integer(r->s, expr_kid(r->s, e, 1), &n) && 2 <= n && n <= 4)
        return n == 2 ? x * x : n == 3 ? x * x * x : (x * x) * (x * x);
    return pow(x, plain(r, expr_kid(r->s, e, 1)));
}

static double plain(RandomExpr *r, Expr e) {
    Store *s = r->s;
    size_t count = expr_count(s, e);
    unsigned open = r->open;
    double a[3] = {0, 0, 0}, res = NAN;
    ExprOp op = expr_op(s, e);
    if (expr_is_constant(s, e))
        return expr_double_of(s, e);
    switch (op) {
    case EXPR_SYM:
        return e == r->param[0].symbol ? r->point[0] : e == r->param[1].symbol ? r->point[1]
             : strcmp(names_text(r->names, expr_payload(s, e)), "n") == 0 ? RANDOM_N : RANDOM_M;
    case EXPR_FREE: return r->index[expr_payload(s, e)];
    case EXPR_ELEM: res = plain_element(r, e); r->open = open; return res;
    case EXPR_POW: return plain_power(r, e);
    case EXPR_IF: return plain(r, expr_kid(s, e, plain(r, expr_kid(s, e, 0)) != 0 ? 1 : 2));
    case EXPR_AND: return plain(r, expr_kid(s, e, 0)) != 0 && plain(r, expr_kid(s, e, 1)) != 0;
    case EXPR_OR: return plain(r, expr_kid(s, e, 0)) != 0 || plain(r, expr_kid(s, e, 1)) != 0;
    default: break;
    }
    if (expr_is_loop(s, e))
        return plain_loop(r, e);
    for (size_t i = 0; i < count && i < 3; i++)
        a[i] = plain(r, expr_kid(s, e, i));
    switch (op) {
    case EXPR_ADD: return a[0] + a[1];
    case EXPR_SUB: return a[0] - a[1];
    case EXPR_MUL: return a[0] * a[1];
    case EXPR_DIV: return a[0] / a[1];
    case EXPR_NEG: return -a[0];
    case EXPR_NOT: return a[0] == 0;
    case EXPR_FN: return function_at(expr_payload(s, e))->value(a[0], a[1], a[2]);
    case EXPR_REL:
        switch (expr_payload(s, e)) {
        case REL_LT: return a[0] < a[1];
        case REL_LE: return a[0] <= a[1];
        case REL_GT: return a[0] > a[1];
        case REL_GE: return a[0] >= a[1];
        case REL_EQ: return a[0] == a[1];
        default: return a[0] != a[1];
        }
    default: return NAN;
    }
}

/* ---- generation ---- */

static Expr random_expr(RandomExpr *r, int depth);

/* Smallest and largest value of e over all values of the open indices (1..m or 1..n each). */
static void random_range(RandomExpr *r, Expr e, unsigned k, double *lo, double *hi) {
    if (k == r->open) {
        double v = plain(r, e);
        *lo = fmin(*lo, v);
        *hi = fmax(*hi, v);
        return;
    }
    if (!(expr_mask(r->s, e) >> (32 + k) & 1)) {
        random_range(r, e, k + 1, lo, hi);
        return;
    }
    for (int i = 1; i <= RANDOM_M; i++) { /* loops run over 1..m or 2..n-1, within the arrays */
        r->index[k] = i;
        random_range(r, e, k + 1, lo, hi);
    }
}

/* a*e + b with short decimals, mapped into [lo, hi]. */
static Expr random_fit(RandomExpr *r, Expr e, double lo, double hi) {
    double low = INFINITY, high = -INFINITY;
    random_range(r, e, 0, &low, &high);
    if (!(-1e6 < low && high < 1e6))
        return random_decimal(r, lo + 0.3 * (hi - lo), hi - 0.3 * (hi - lo));
    if (lo <= low && high <= hi && low < high)
        return e;
    double width = high - low, a = width < 1e-6 ? 0.731 : 0.6 * (hi - lo) / width;
    a = a < 1 ? floor(a * 1e4) / 1e4 : floor(fmin(a, 50));
    if (a == 0)
        return random_decimal(r, lo + 0.3 * (hi - lo), hi - 0.3 * (hi - lo));
    double middle = a * (low + high) / 2, b = round(((lo + hi) / 2 - middle) * 1000) / 1000;
    Expr scaled = a == 1 ? e : expr_binary(r->s, EXPR_MUL, expr_from_double(r->s, a), e);
    if (b == 0)
        return scaled;
    return b < 0 ? expr_binary(r->s, EXPR_SUB, scaled, expr_from_double(r->s, -b))
                 : expr_binary(r->s, EXPR_ADD, scaled, expr_from_double(r->s, b));
}

static Expr random_index(RandomExpr *r, int shift) {
    Store *s = r->s;
    if (r->open == 0)
        return expr_int(s, 1 + (long)random_below(r, RANDOM_M));
    Expr i = expr_free(s, random_below(r, r->open));
    if (shift && random_below(r, 3) == 0) {
        r->has[HAS_SHIFT] = true;
        return expr_binary(s, EXPR_ADD, i, expr_int(s, 1));
    }
    return i;
}

static Expr random_leaf(RandomExpr *r) {
    Store *s = r->s;
    switch (random_below(r, 6)) {
    case 0: return r->param[0].symbol;
    case 1: return r->param[1].symbol;
    case 2: case 3: return expr_elem(s, r->param[2].symbol, random_index(r, 1));
    case 4: r->has[HAS_MATRIX] = true;
        return expr_elem(s, expr_elem(s, r->param[3].symbol, random_index(r, 0)), random_index(r, 1));
    default: return random_decimal(r, 0.1, 4);
    }
}

static Expr random_function(RandomExpr *r, int depth) {
    uint32_t id = random_below(r, 2) ? r->next_function++ % FUNCTION_COUNT : random_below(r, FUNCTION_COUNT);
    const Function *f = function_at(id);
    Expr arg[3];
    for (int i = 0; i < f->arity; i++) {
        if (f->whole >> i & 1)
            arg[i] = expr_int(r->s, (long)round(random_real(r, fmax(f->sample[i][0], 1), f->sample[i][1])));
        else if (!f->d[i])
            arg[i] = random_decimal(r, f->sample[i][0], f->sample[i][1]);
        else
            arg[i] = random_fit(r, random_expr(r, depth - 1), f->sample[i][0], f->sample[i][1]);
    }
    r->function[id] = true;
    return expr_fn(r->s, id, (size_t)f->arity, arg);
}

static Expr random_loop(RandomExpr *r, int depth) {
    static const ExprOp ops[] = {EXPR_SUM, EXPR_PROD, EXPR_MAX, EXPR_MIN, EXPR_SUM};
    Store *s = r->s;
    if (3 <= r->open)
        return random_leaf(r);
    ExprOp op = ops[random_below(r, 5)];
    Expr one = expr_int(s, 1), m = r->param[3].dim[0], n = r->param[2].dim[0];
    Expr hi = random_below(r, 2) ? m : expr_binary(s, EXPR_SUB, n, one);
    unsigned k = r->open++;
    if (r->open == 2)
        r->has[HAS_DEPTH2] = true;
    if (r->open == 3)
        r->has[HAS_DEPTH3] = true;
    Expr body = random_expr(r, depth - 1);
    if (op == EXPR_PROD)
        body = random_fit(r, body, 0.4, 1.9);
    r->open--;
    r->has[op == EXPR_SUM ? HAS_SUM : op == EXPR_PROD ? HAS_PROD : op == EXPR_MAX ? HAS_MAX : HAS_MIN] = true;
    return expr_loop(s, op, k, one, hi, body);
}

/* An element of an array made by a formula: a temporary. */
static Expr random_array(RandomExpr *r, int depth) {
    Store *s = r->s;
    if (2 <= r->open)
        return random_leaf(r);
    unsigned k = r->open++;
    Expr body = random_expr(r, depth - 1);
    r->open--;
    r->has[HAS_VEC] = true;
    Expr array = expr_loop(s, EXPR_VEC, k, expr_int(s, 1), r->param[3].dim[0], body);
    return expr_elem(s, array, random_index(r, 0));
}

static Expr random_expr(RandomExpr *r, int depth) {
    Store *s = r->s;
    if (depth <= 0)
        return random_leaf(r);
    switch (random_below(r, 16)) {
    case 0: case 1: return expr_binary(s, EXPR_ADD, random_expr(r, depth - 1), random_expr(r, depth - 1));
    case 2: return expr_binary(s, EXPR_SUB, random_expr(r, depth - 1), random_expr(r, depth - 1));
    case 3: case 4: return expr_binary(s, EXPR_MUL, random_expr(r, depth - 1), random_expr(r, depth - 1));
    case 5: return expr_binary(s, EXPR_DIV, random_expr(r, depth - 1), random_fit(r, random_expr(r, depth - 1), 0.5, 3));
    case 6:
        r->has[HAS_POWER] = true;
        return expr_binary(s, EXPR_POW, random_fit(r, random_expr(r, depth - 1), 0.3, 2.5), expr_int(s, 2 + (long)random_below(r, 4)));
    case 7: {
        r->has[HAS_CHOICE] = true;
        Expr a = random_expr(r, depth - 1), b = random_expr(r, depth - 1);
        Expr c = expr_rel(s, random_below(r, 2) ? REL_LT : REL_GE, random_leaf(r), random_decimal(r, -1, 3));
        return expr_if(s, c, a, b);
    }
    case 8: case 9: case 10: return random_loop(r, depth);
    case 11: return random_array(r, depth);
    default: return random_function(r, depth);
    }
}

static inline void random_init(RandomExpr *r, uint64_t seed) {
    *r = (RandomExpr){.state = seed, .names = names_new()};
    r->s = store_new(r->names);
    r->d = defs_new(r->s);
    static const char *const name[] = {"x", "y", "v", "A"};
    Expr n = expr_symbol(r->s, EXPR_SYM, names_intern_str(r->names, "n"), 0, NULL);
    Expr m = expr_symbol(r->s, EXPR_SYM, names_intern_str(r->names, "m"), 0, NULL);
    for (int i = 0; i < RANDOM_PARAMS; i++) {
        Param *p = &r->param[i];
        p->name = names_intern_str(r->names, name[i]);
        p->rank = i < 2 ? 0 : i - 1;
        p->dim[0] = i == 3 ? m : n;
        p->dim[1] = n;
        p->symbol = expr_symbol(r->s, EXPR_SYM, p->name, p->rank, p->dim);
    }
}

static inline void random_done(RandomExpr *r) {
    defs_free(r->d);
    store_free(r->s);
    names_free(r->names);
}

/* The next expression, at a new point. */
static inline Expr random_make(RandomExpr *r) {
    memset(r->has, 0, sizeof r->has);
    memset(r->function, 0, sizeof r->function);
    r->open = 0;
    for (int i = 0; i < RANDOM_POINTS; i++)
        r->point[i] = round(random_real(r, -2.5, 2.5) * 1000) / 1000 + 0.000731;
    Expr res = random_function(r, 3);
    for (int i = 0; i < 3; i++)
        res = expr_binary(r->s, random_below(r, 2) ? EXPR_ADD : EXPR_MUL, res, random_below(r, 2) ? random_function(r, 3) : random_loop(r, 4));
    return res;
}

#endif
