/* Array elements by the normal form of their indices, loops by that of their bodies.  A sum is
 * linear: constant factors and terms without the index come out.  Loops over a few known values are
 * written out. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"
#include "expr/build.h"

enum { MOST_UNROLLED = 8, MOST_LEVELS = 4 };

/* ---- elements ---- */

static Expr fused(Kernels *k, Expr e) {
    return expr_fuse(k->store, expr_kid(k->store, e, 0), expr_kid(k->store, e, 1));
}

Ratio kernels_element(Kernels *k, Expr e) {
    Store *s = k->store;
    Expr same = fused(k, e);
    if (same != e)
        return kernels_convert(k, same);
    Expr index[MOST_LEVELS], base = e;
    size_t count = 0;
    while (expr_op(s, base) == EXPR_ELEM && count < MOST_LEVELS) {
        Ratio at = kernels_convert(k, expr_kid(s, base, 1));
        index[count] = kernels_express(k, at);
        if (!index[count++])
            return 0;
        base = expr_kid(s, base, 0);
    }
    ExprOp op = expr_op(s, base);
    k->doubtful = k->doubtful || (op != EXPR_SYM && op != EXPR_GLOBAL);
    while (count)
        base = expr_elem(s, base, index[--count]);
    return base ? kernel_for_node(k, base) : 0;
}

/* ---- loops ---- */

/* The values of a loop with a few known ones. */
static bool known_range(Kernels *k, Expr e, long *lo, long *hi) {
    Store *s = k->store;
    ExprOp op = expr_op(s, e);
    return (op == EXPR_SUM || op == EXPR_PROD) && expr_is_integer(s, expr_kid(s, e, 0), lo) &&
           expr_is_integer(s, expr_kid(s, e, 1), hi) && *hi - *lo < MOST_UNROLLED;
}

static Expr written_out(Kernels *k, Expr e, long lo, long hi) {
    Store *s = k->store;
    unsigned n = expr_unused_free(s, expr_mask(s, e));
    Expr body = expr_open(s, e, n), index = expr_free(s, n);
    bool sum = expr_op(s, e) == EXPR_SUM;
    Expr res = expr_int(s, sum ? 0 : 1);
    for (long i = lo; i <= hi; i++) {
        Expr value = expr_int(s, i), one = expr_substitute(s, body, 1, &index, &value);
        res = sum ? build_add(s, res, one) : expr_binary(s, EXPR_MUL, res, one);
    }
    return res;
}

typedef struct Opened {
    unsigned number;
    Expr lo, hi, body;
} Opened;

/* A maximum counts from 1. */
static Opened open_loop(Kernels *k, Expr e) {
    Store *s = k->store;
    ExprOp op = expr_op(s, e);
    Opened res = {.lo = expr_kid(s, e, 0), .hi = expr_kid(s, e, 1)};
    bool shifted = (op == EXPR_MAX || op == EXPR_MIN) && !build_is_one(s, res.lo);
    Expr shift = build_sub(s, res.lo, expr_int(s, 1));
    if (shifted) {
        res.lo = expr_int(s, 1);
        res.hi = build_sub(s, res.hi, shift);
    }
    res.number = kernels_loop_number(k, expr_mask(s, e), res.lo, res.hi);
    if (res.number == EXPR_MOST_INDICES)
        return (Opened){0};
    res.body = expr_open(s, e, res.number);
    if (shifted) {
        Expr index = expr_free(s, res.number), moved = build_add(s, index, shift);
        res.body = expr_substitute(s, res.body, 1, &index, &moved);
    }
    return res;
}

size_t kernels_loop_needs(Kernels *k, Expr e, Expr *need) {
    Store *s = k->store;
    long lo, hi;
    if (expr_op(s, e) == EXPR_ELEM) {
        Expr same = fused(k, e);
        size_t count = 0;
        if (same != e) {
            need[0] = same;
            return 1;
        }
        for (Expr base = e; expr_op(s, base) == EXPR_ELEM && count < MOST_LEVELS; base = expr_kid(s, base, 0))
            need[count++] = expr_kid(s, base, 1);
        return count;
    }
    if (known_range(k, e, &lo, &hi)) {
        need[0] = written_out(k, e, lo, hi);
        return 1;
    }
    Opened o = open_loop(k, e);
    need[0] = o.hi;
    need[1] = o.body;
    need[2] = o.lo;
    return o.body ? 3 : 0;
}

typedef struct Split {
    unsigned number;
    Ratio lo, hi, length, den, free_den, own_den;
    mpz_t coefficient;
    unsigned long *exponent;
} Split;

/* Term i of the body: its part without the index times the sum over the rest. */
static Ratio sum_term(Kernels *k, Split *sp, Ratio body, size_t i) {
    Ratio own = ratio_int(k, 1), outside;
    mpq_t c;
    mpq_init(c);
    k->op->term(k->ring, body, RING_NUMERATOR, i, sp->coefficient, sp->exponent);
    mpq_set_z(c, sp->coefficient);
    outside = k->op->rational(k->ring, c);
    mpq_clear(c);
    bool constant = true;
    for (unsigned g = 0; g < k->count; g++) {
        if (!sp->exponent[g])
            continue;
        bool inside = k->kernel[g].mask >> sp->number & 1;
        Ratio power = ratio_pow(k, k->kernel[g].value, (long)sp->exponent[g]);
        constant = constant && !inside;
        *(inside ? &own : &outside) = ratio_mul(k, inside ? own : outside, power);
    }
    outside = ratio_div(k, outside, sp->free_den);
    own = ratio_div(k, own, sp->own_den);
    if (constant && !(kernels_mask(k, own) >> sp->number & 1) && !(kernels_sign(k, sp->length) & SIGN_NEG))
        return ratio_mul(k, ratio_mul(k, outside, own), sp->length);
    return ratio_mul(k, outside, kernels_sum(k, sp->number, sp->lo, sp->hi, own));
}

/* The denominator's factors with the index, and those without. */
static bool split_denominator(Kernels *k, Split *sp, Ratio body) {
    RingFactor *list;
    size_t count;
    mpq_t c;
    mpq_init(c);
    sp->free_den = sp->own_den = ratio_int(k, 1);
    bool res = k->op->factor(k->ring, body, c, &list, &count);
    if (res) {
        mpz_set_ui(mpq_numref(c), 1);
        sp->free_den = ratio_div(k, sp->free_den, k->op->rational(k->ring, c));
    }
    for (size_t i = 0; res && i < count; i++) {
        Ratio *to = kernels_mask(k, list[i].base) >> sp->number & 1 ? &sp->own_den : &sp->free_den;
        if (list[i].exponent < 0)
            *to = ratio_mul(k, *to, ratio_pow(k, list[i].base, -list[i].exponent));
    }
    free(list);
    mpq_clear(c);
    return res;
}

static Ratio sum_of(Kernels *k, unsigned number, Ratio lo, Ratio hi, Ratio body) {
    Ratio res = ratio_int(k, 0);
    if (!body || !lo || !hi || ratio_is_zero(k, body))
        return body && lo && hi ? body : 0;
    Split sp = {.number = number, .lo = lo, .hi = hi};
    sp.length = ratio_add(k, ratio_sub(k, hi, lo), ratio_int(k, 1));
    if (!split_denominator(k, &sp, body))
        return 0;
    mpz_init(sp.coefficient);
    sp.exponent = mem_new(k->cap, sizeof *sp.exponent);
    for (size_t i = 0; i < k->op->terms(k->ring, body, RING_NUMERATOR); i++)
        res = ratio_add(k, res, sum_term(k, &sp, body, i));
    mpz_clear(sp.coefficient);
    free(sp.exponent);
    return res;
}

Ratio kernels_loop(Kernels *k, Expr e) {
    Store *s = k->store;
    long lo, hi;
    if (known_range(k, e, &lo, &hi))
        return kernels_convert(k, written_out(k, e, lo, hi));
    Opened o = open_loop(k, e);
    Ratio from = kernels_convert(k, o.lo), top = kernels_convert(k, o.hi), body = kernels_convert(k, o.body);
    ExprOp op = expr_op(s, e);
    if (!from || !top || !body)
        return 0;
    if (op == EXPR_SUM)
        return sum_of(k, o.number, from, top, body);
    k->doubtful = true;
    if (op == EXPR_PROD)
        return kernels_product(k, o.number, from, top, body);
    Expr node = expr_loop(s, op, o.number, kernels_express(k, from), kernels_express(k, top), kernels_express(k, body));
    return node ? kernel_for_node(k, node) : 0;
}
