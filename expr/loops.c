/* Loops and substitution: opening, closing, replacing without capture; shapes.  See expr.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/expr.h"
#include "expr/pass.h"

Expr expr_dim_of_call(Store *s, Expr call, int axis);

Expr expr_binary(Store *s, ExprOp op, Expr a, Expr b) {
    Expr kids[] = {a, b};
    return expr_make(s, op, 0, 2, kids);
}

Expr expr_if(Store *s, Expr condition, Expr a, Expr b) {
    Expr kids[] = {condition, a, b};
    return expr_make(s, EXPR_IF, 0, 3, kids);
}

Expr expr_rel(Store *s, int rel, Expr a, Expr b) {
    Expr kids[] = {a, b};
    return expr_make(s, EXPR_REL, (uint32_t)rel, 2, kids);
}

Expr expr_fn(Store *s, uint32_t function, size_t count, const Expr *args) {
    return expr_make(s, EXPR_FN, function, count, args);
}

Expr expr_free(Store *s, unsigned number) {
    return expr_make(s, EXPR_FREE, number, 0, NULL);
}

Expr expr_symbol(Store *s, ExprOp op, uint32_t payload, int rank, const Expr *dims) {
    return expr_make(s, op, payload, (size_t)rank, dims);
}

Expr expr_elem(Store *s, Expr array, Expr index) {
    long k;
    if (array && index && expr_op(s, array) == EXPR_LIST && expr_is_integer(s, index, &k) && 1 <= k &&
        (size_t)k <= expr_count(s, array))
        return expr_kid(s, array, (size_t)k - 1);
    return expr_binary(s, EXPR_ELEM, array, index);
}

Expr pass_rebuild(Store *s, const Memo *m, Expr e) {
    size_t count = expr_count(s, e);
    Expr few[8], *kids = count <= 8 ? few : mem_new(count, sizeof *kids);
    bool same = true;
    for (size_t i = 0; i < count; i++) {
        Expr old = expr_kid(s, e, i);
        if (!memo_get(m, old, &kids[i]))
            kids[i] = old;
        same = same && kids[i] == old;
    }
    Expr res = same ? e
             : expr_op(s, e) == EXPR_ELEM ? expr_elem(s, kids[0], kids[1])
             : expr_make(s, expr_op(s, e), expr_payload(s, e), count, kids);
    if (kids != few)
        free(kids);
    return res;
}

/* Replaces one index node by another, in the nodes whose mask has `bit`.  Loops inside keep their
 * heights, since an index has none. */
static Expr replace_index(Store *s, Expr e, uint64_t bit, Expr to) {
    if (!(expr_mask(s, e) & bit))
        return e;
    Memo *m = memo_begin(s);
    Expr *stack = NULL, res = 0;
    size_t count = 0, cap = 0;
    stack = mem_grow(stack, &cap, 1, sizeof *stack);
    stack[count++] = e;
    while (count) {
        Expr top = stack[count - 1], answer;
        if (memo_get(m, top, &answer)) {
            count--;
            continue;
        }
        ExprOp op = expr_op(s, top);
        if (op == EXPR_BOUND || op == EXPR_FREE) {
            memo_set(m, top, to);
            continue;
        }
        size_t kids = expr_count(s, top), before = count;
        for (size_t i = 0; i < kids; i++) {
            Expr k = expr_kid(s, top, i);
            if ((expr_mask(s, k) & bit) && !memo_get(m, k, &answer)) {
                stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
                stack[count++] = k;
            }
        }
        if (before == count) {
            memo_set(m, top, pass_rebuild(s, m, top));
            count--;
        }
    }
    memo_get(m, e, &res);
    free(stack);
    memo_end(s, m);
    return res;
}

Expr expr_open(Store *s, Expr loop, unsigned number) {
    if (!loop)
        return 0;
    return replace_index(s, expr_kid(s, loop, 2), UINT64_C(1) << expr_payload(s, loop), expr_free(s, number));
}

Expr expr_loop(Store *s, ExprOp op, unsigned number, Expr lo, Expr hi, Expr body) {
    if (!lo || !hi || !body)
        return 0;
    unsigned height = store_height(s, body) + 1;
    if (EXPR_MOST_INDICES < height)
        return 0;
    Expr bound = expr_make(s, EXPR_BOUND, height, 0, NULL);
    Expr closed = replace_index(s, body, UINT64_C(1) << (32 + number), bound);
    Expr kids[] = {lo, hi, closed};
    return expr_make(s, op, height, 3, kids);
}

unsigned expr_unused_free(const Store *s, uint64_t mask) {
    (void)s;
    unsigned res = 0;
    while (res < EXPR_MOST_INDICES && (mask >> (32 + res) & 1))
        res++;
    return res;
}

typedef struct Subst {
    Store *s;
    Memo *m;
    uint64_t avoid; /* indices that occur in what is put in */
} Subst;

static Expr substitute(Subst *u, Expr e);

static Expr substitute_loop(Subst *u, Expr e) {
    Store *s = u->s;
    unsigned k = expr_unused_free(s, expr_mask(s, e) | u->avoid);
    if (k == EXPR_MOST_INDICES)
        return 0;
    ExprOp op = expr_op(s, e);
    Expr lo = substitute(u, expr_kid(s, e, 0)), hi = substitute(u, expr_kid(s, e, 1));
    Expr body = expr_open(s, e, k);
    Expr next = substitute(u, body);
    if (next == body && lo == expr_kid(s, e, 0) && hi == expr_kid(s, e, 1))
        return e;
    return expr_loop(s, op, k, lo, hi, next);
}

static Expr substitute(Subst *u, Expr e) {
    Expr x, res = 0;
    Walk w;
    walk_init(&w, u->s, true);
    walk_push(&w, e);
    while (walk_next(&w, u->m, &x))
        memo_set(u->m, x, expr_is_loop(u->s, x) ? substitute_loop(u, x) : pass_rebuild(u->s, u->m, x));
    walk_done(&w);
    if (!memo_get(u->m, e, &res))
        return 0;
    return res;
}

Expr expr_substitute(Store *s, Expr e, size_t count, const Expr *from, const Expr *to) {
    if (!e)
        return 0;
    Subst u = {s, memo_begin(s), 0};
    for (size_t i = 0; i < count; i++) {
        memo_set(u.m, from[i], to[i]);
        u.avoid |= expr_mask(s, to[i]) | expr_mask(s, from[i]);
    }
    Expr res = substitute(&u, e);
    memo_end(s, u.m);
    return res;
}

/* The body of a VEC at an index.  Going through FREE keeps what `index` holds from being captured. */
static Expr vec_at(Store *s, Expr vec, Expr index) {
    unsigned k = expr_unused_free(s, expr_mask(s, vec) | expr_mask(s, index));
    Expr body = expr_open(s, vec, k), lo = expr_kid(s, vec, 0);
    Expr at = build_add(s, index, build_sub(s, lo, expr_int(s, 1))); /* elements count from 1 */
    Expr from = expr_free(s, k);
    return expr_substitute(s, body, 1, &from, &at);
}

Expr expr_fuse(Store *s, Expr array, Expr index) {
    if (!array || !index)
        return 0;
    return expr_op(s, array) == EXPR_VEC ? vec_at(s, array, index) : expr_elem(s, array, index);
}

Expr expr_dim(Store *s, Expr array, int axis) {
    for (;;) {
        if (!array)
            return 0;
        switch (expr_op(s, array)) {
        case EXPR_SYM: case EXPR_GLOBAL: case EXPR_SLOT:
            return expr_kid(s, array, (size_t)axis);
        case EXPR_VEC:
            if (axis == 0) {
                Expr lo = expr_kid(s, array, 0), hi = expr_kid(s, array, 1);
                return build_sub(s, hi, build_sub(s, lo, expr_int(s, 1)));
            }
            array = expr_kid(s, array, 2);
            axis--;
            break;
        case EXPR_LIST:
            if (axis == 0)
                return expr_int(s, (long)expr_count(s, array));
            array = expr_kid(s, array, 0);
            axis--;
            break;
        case EXPR_ELEM:
            array = expr_kid(s, array, 0);
            axis++;
            break;
        case EXPR_PREFIX: case EXPR_SUFFIX:
            array = expr_kid(s, array, 0);
            break;
        case EXPR_CALL:
            return expr_dim_of_call(s, array, axis);
        default:
            return 0;
        }
    }
}
