/* A function with its sums and products over known, short ranges written out, so that the rules of
 * differentiation can be looked at term by term.  See slip_parts.h. */
#include <stdlib.h>

#include "eval/slip_parts.h"
#include "expr/build.h"
#include "expr/derive.h"

enum { MOST_ROUNDS = 12, MOST_LOOPS = 20, MOST_SIZE = 400, MOST_LENGTHS = 16 };

/* The lengths of the arrays: symbols and what they are. */
typedef struct Lengths {
    Expr from[MOST_LENGTHS], to[MOST_LENGTHS];
    size_t count;
} Lengths;

static void collect_lengths(const SlipInput *in, Lengths *l) {
    Store *s = defs_store(in->defs);
    for (size_t i = 0; i < in->param_count; i++)
        for (int k = 0; k < in->param[i].rank; k++)
            if (expr_op(s, in->param[i].dim[k]) == EXPR_SYM && l->count < MOST_LENGTHS) {
                l->from[l->count] = in->param[i].dim[k];
                l->to[l->count++] = expr_int(s, (long)in->dims[i][k]);
            }
}

/* e as a whole number, at the lengths. */
static bool number_of(const SlipInput *in, const Lengths *l, Expr e, long *out) {
    Store *s = defs_store(in->defs);
    Expr at = expr_substitute(s, e, l->count, l->from, l->to);
    at = at ? simplify(in->defs, at) : 0;
    return at && expr_is_integer(s, at, out);
}

/* A loop that stands on its own, with few rounds, written out; 0. */
static Expr written_out(const SlipInput *in, const Lengths *l, Expr loop) {
    Store *s = defs_store(in->defs);
    ExprOp op = expr_op(s, loop);
    long lo, hi;
    if ((op != EXPR_SUM && op != EXPR_PROD) || expr_mask(s, loop) ||
        !number_of(in, l, expr_kid(s, loop, 0), &lo) ||
        !number_of(in, l, expr_kid(s, loop, 1), &hi) || hi < lo || lo + MOST_ROUNDS <= hi)
        return 0;
    Expr index = expr_free(s, 0), body = expr_open(s, loop, 0), res = 0;
    for (long i = lo; i <= hi; i++) {
        Expr at = expr_int(s, i), term = expr_substitute(s, body, 1, &index, &at);
        res = i == lo ? term : expr_binary(s, op == EXPR_SUM ? EXPR_ADD : EXPR_MUL, res, term);
    }
    return res;
}

/* x[1+1] is x[2]. */
static Expr plain_indices(const SlipInput *in, const Lengths *l, Expr e) {
    Store *s = defs_store(in->defs);
    size_t count;
    Expr *list = expr_reachable(s, 1, &e, &count), from[MOST_SIZE], to[MOST_SIZE];
    size_t used = 0;
    for (size_t i = 0; i < count && used < MOST_SIZE; i++) {
        long k;
        if (expr_op(s, list[i]) != EXPR_ELEM || expr_mask(s, list[i]) ||
            expr_is_constant(s, expr_kid(s, list[i], 1)) ||
            !number_of(in, l, expr_kid(s, list[i], 1), &k))
            continue;
        from[used] = list[i];
        to[used++] = expr_elem(s, expr_kid(s, list[i], 0), expr_int(s, k));
    }
    free(list);
    return used ? expr_substitute(s, e, used, from, to) : e;
}

Expr slip_unrolled(const SlipInput *in, Expr e) {
    Store *s = defs_store(in->defs);
    Lengths l = {.count = 0};
    collect_lengths(in, &l);
    for (int round = 0; round < MOST_LOOPS && e; round++) {
        size_t count;
        Expr *list = expr_reachable(s, 1, &e, &count), loop = 0, out = 0;
        for (size_t i = 0; i < count && !out; i++) {
            loop = list[i];
            out = written_out(in, &l, loop);
        }
        free(list);
        Expr next = out && count < MOST_SIZE ? expr_substitute(s, e, 1, &loop, &out) : 0;
        if (!next)
            break;
        e = plain_indices(in, &l, next);
    }
    return e;
}
