/* Forward differentiation (Griewank & Walther 2008, section 3.1) of expressions, node by node in
 * ascending order; inside a loop its opened body.  Recursion is on the nesting of loops only. */
#include "eval/tangent.h"

#include <stdlib.h>

#include "eval/sweep.h"
#include "expr/build.h"
#include "expr/partial.h"
#include "parser/ast.h"

enum { MOST_AXES = 4 };

void tangent_init(Tangent *t, Defs *defs, Diags *diags, Span span) {
    *t = (Tangent){.defs = defs, .store = defs_store(defs), .diags = diags, .span = span};
    nodemap_init(&t->memo);
}

void tangent_done(Tangent *t) {
    nodemap_done(&t->memo);
}

void tangent_forget(Tangent *t) {
    nodemap_done(&t->memo);
}

void tangent_seed(Tangent *t, Expr node, Expr moved) {
    *nodemap_at(&t->memo, node) = moved;
}

static Expr fail(Tangent *t, const char *message) {
    if (!t->failed && t->diags)
        diag_error(t->diags, t->span, NULL, "%s", message ? message : "there is no derivative");
    t->failed = true;
    return 0;
}

static Expr moved(const Tangent *t, Expr e) {
    return nodemap_get(&t->memo, e);
}

static bool moves(const Tangent *t, Expr e) {
    Expr d = moved(t, e);
    return d != 0 && !build_is_zero(t->store, d);
}

/* partial*d without 0*inf where the partial is a choice. */
static Expr times(Store *s, Expr partial, Expr d) {
    if (expr_op(s, partial) == EXPR_DIV && build_is_one(s, expr_kid(s, partial, 0)))
        return build_div(s, d, expr_kid(s, partial, 1));
    if (expr_op(s, partial) == EXPR_IF) {
        Expr first = build_mul(s, expr_kid(s, partial, 1), d);
        return build_if(s, expr_kid(s, partial, 0), first, build_mul(s, expr_kid(s, partial, 2), d));
    }
    return build_mul(s, partial, d);
}

/* An array of zeros of e's shape, or the number 0. */
static Expr zero_like(Store *s, Expr e) {
    int rank = expr_rank(s, e);
    Expr res = expr_int(s, 0);
    unsigned first = expr_unused_free(s, expr_mask(s, e));
    for (int i = rank; 0 < i--;)
        res = expr_loop(s, EXPR_VEC, first, expr_int(s, 1), expr_dim(s, e, i), res);
    return res;
}

static Expr by_operands(Tangent *t, Expr e) {
    Store *s = t->store;
    Expr res = expr_int(s, 0);
    for (size_t i = 0; i < expr_count(s, e); i++) {
        Expr kid = expr_kid(s, e, i);
        if (!moves(t, kid))
            continue;
        const char *why = NULL;
        Expr partial = partial_of(t->defs, e, i, &why);
        if (partial == 0)
            return fail(t, why);
        if (expr_op(s, e) == EXPR_POW && i == 0 && !expr_is_constant(s, expr_kid(s, e, 1))) {
            Expr zero = expr_int(s, 0);
            partial = build_if(s, build_rel(s, REL_EQ, expr_kid(s, e, 1), zero), zero, partial);
        }
        res = build_add(s, res, times(s, partial, moved(t, kid)));
    }
    return res;
}

static Expr arithmetic(Tangent *t, Expr e) {
    Store *s = t->store;
    Expr a = expr_kid(s, e, 0), da = moved(t, a);
    if (expr_op(s, e) == EXPR_NEG)
        return build_neg(s, da);
    Expr b = expr_kid(s, e, 1), db = moved(t, b);
    switch (expr_op(s, e)) {
    case EXPR_ADD:
        return build_add(s, da, db);
    case EXPR_SUB:
        return build_sub(s, da, db);
    case EXPR_MUL: {
        Expr first = build_mul(s, da, b);
        return build_add(s, first, build_mul(s, a, db));
    }
    default: /* d(a/b) = (da - (a/b)*db)/b */
        return build_div(s, build_sub(s, da, build_mul(s, e, db)), b);
    }
}

static Expr list(Tangent *t, Expr e) {
    Store *s = t->store;
    size_t count = expr_count(s, e);
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || moves(t, expr_kid(s, e, i));
    if (!any)
        return expr_int(s, 0);
    Expr *kids = malloc(count * sizeof *kids);
    if (!kids)
        return fail(t, "out of memory");
    for (size_t i = 0; i < count; i++) {
        Expr kid = expr_kid(s, e, i);
        kids[i] = moves(t, kid) ? moved(t, kid) : zero_like(s, kid);
    }
    Expr res = expr_make(s, EXPR_LIST, 0, count, kids);
    free(kids);
    return res;
}

static Expr element_at(Store *s, Expr array, size_t count, const Expr *index) {
    for (size_t i = 0; i < count; i++)
        array = expr_elem(s, array, index[i]);
    return array;
}

static Expr call_by(Tangent *t, Expr e, size_t i) {
    Store *s = t->store;
    FnId f = expr_payload(s, e);
    size_t order = defs_fn_order(t->defs, f), count = expr_count(s, e);
    uint32_t by[64];
    Expr *args = malloc((count + 1) * sizeof *args);
    if (!args || sizeof by / sizeof *by <= order) {
        free(args);
        return fail(t, "the order of the derivative is too high");
    }
    for (size_t k = 0; k < order; k++)
        by[k] = defs_fn_by(t->defs, f, k);
    by[order] = (uint32_t)i;
    for (size_t k = 0; k < count; k++)
        args[k] = expr_kid(s, e, k);
    FnId g = defs_fn(t->defs, defs_fn_base(t->defs, f), order + 1, by);
    Expr res = 0;
    if (defs_fn_body(t->defs, g, t->diags, t->span))
        res = expr_make(s, EXPR_CALL, g, count, args);
    else
        t->failed = true;
    free(args);
    return res;
}

/* sum over the arguments, and over the elements of an array argument, of derivative*tangent; an
 * array of the call's shape if it is one. */
static Expr call(Tangent *t, Expr e) {
    Store *s = t->store;
    size_t axes = (size_t)expr_rank(s, e);
    uint64_t mask = expr_mask(s, e);
    Expr at[MOST_AXES], index[MOST_AXES], res = expr_int(s, 0);
    unsigned number[2 * MOST_AXES];
    for (size_t i = 0; i < 2 * MOST_AXES; i++) {
        number[i] = expr_unused_free(s, mask);
        if (EXPR_MOST_INDICES <= number[i])
            return fail(t, "loops are nested too deeply to be differentiated");
        mask |= UINT64_C(1) << (32 + number[i]);
    }
    for (size_t i = 0; i < MOST_AXES; i++) {
        at[i] = expr_free(s, number[i]);
        index[i] = expr_free(s, number[MOST_AXES + i]);
    }
    bool any = false;
    for (size_t i = 0; i < expr_count(s, e); i++) {
        Expr arg = expr_kid(s, e, i);
        if (!moves(t, arg))
            continue;
        Expr by = call_by(t, e, i);
        if (by == 0)
            return 0;
        size_t rank = (size_t)expr_rank(s, arg);
        Expr term = build_mul(s, element_at(s, element_at(s, by, axes, at), rank, index),
                              element_at(s, moved(t, arg), rank, index));
        for (size_t r = rank; 0 < r--;)
            term = build_loop(s, EXPR_SUM, number[MOST_AXES + r], expr_int(s, 1), expr_dim(s, arg, (int)r), term);
        res = build_add(s, res, term);
        any = true;
    }
    for (size_t q = any ? axes : 0; 0 < q--;)
        res = expr_loop(s, EXPR_VEC, number[q], expr_int(s, 1), expr_dim(s, e, (int)q), res);
    return res;
}

/* out[i] = product before i: d out[i] = sum(j before i, dX[j] * out[j] * product between j and i). */
static Expr running(Tangent *t, Expr e, Expr dx) {
    Expr made = t->running ? t->running(t->context, e, dx) : 0;
    if (made)
        return made;
    Store *s = t->store;
    bool prefix = expr_op(s, e) == EXPR_PREFIX;
    uint64_t mask = expr_mask(s, e) | expr_mask(s, dx);
    unsigned number[3];
    for (size_t i = 0; i < 3; i++) {
        number[i] = expr_unused_free(s, mask);
        mask |= UINT64_C(1) << (32 + number[i]);
    }
    Expr x = expr_kid(s, e, 0), one = expr_int(s, 1), n = expr_dim(s, x, 0);
    Expr i = expr_free(s, number[0]), j = expr_free(s, number[1]), m = expr_free(s, number[2]);
    Expr lo = build_add(s, prefix ? j : i, one), hi = build_sub(s, prefix ? i : j, one);
    Expr between = expr_loop(s, EXPR_PROD, number[2], lo, hi, expr_elem(s, x, m));
    Expr term = build_mul(s, build_mul(s, expr_elem(s, dx, j), expr_elem(s, e, j)), between);
    Expr from = prefix ? one : build_add(s, i, one), to = prefix ? build_sub(s, i, one) : n;
    Expr sum = expr_loop(s, EXPR_SUM, number[1], from, to, term);
    return expr_loop(s, EXPR_VEC, number[0], one, n, sum);
}

static Expr loop(Tangent *t, Expr e) {
    Store *s = t->store;
    unsigned k = expr_unused_free(s, expr_mask(s, e));
    if (EXPR_MOST_INDICES <= k)
        return fail(t, "loops are nested too deeply to be differentiated");
    Expr lo = expr_kid(s, e, 0), hi = expr_kid(s, e, 1), body = expr_open(s, e, k);
    Expr d = tangent_of(t, body);
    if (d == 0 || build_is_zero(s, d))
        return d;
    Expr index = expr_free(s, k);
    ExprOp op = expr_op(s, e);
    if (op == EXPR_MAX || op == EXPR_MIN) {
        Expr where = expr_loop(s, op == EXPR_MAX ? EXPR_ARGMAX : EXPR_ARGMIN, k, lo, hi, body);
        return expr_substitute(s, d, 1, &index, &where);
    }
    if (op == EXPR_PROD) {
        Expr array = expr_loop(s, EXPR_VEC, k, lo, hi, body);
        Expr at = build_add(s, build_sub(s, index, lo), expr_int(s, 1));
        Expr before = expr_elem(s, expr_unary(s, EXPR_PREFIX, array), at);
        Expr after = expr_elem(s, expr_unary(s, EXPR_SUFFIX, array), at);
        d = build_mul(s, d, build_mul(s, before, after));
        op = EXPR_SUM;
    }
    return op == EXPR_VEC ? expr_loop(s, op, k, lo, hi, d) : build_loop(s, op, k, lo, hi, d);
}

static Expr node(Tangent *t, Expr e) {
    Store *s = t->store;
    switch (expr_op(s, e)) {
    case EXPR_ADD: case EXPR_SUB: case EXPR_MUL: case EXPR_DIV: case EXPR_NEG:
        return arithmetic(t, e);
    case EXPR_POW: case EXPR_FN:
        return by_operands(t, e);
    case EXPR_IF:
        return build_if(s, expr_kid(s, e, 0), moved(t, expr_kid(s, e, 1)), moved(t, expr_kid(s, e, 2)));
    case EXPR_SUM: case EXPR_PROD: case EXPR_MAX: case EXPR_MIN: case EXPR_VEC:
        return loop(t, e);
    case EXPR_LIST:
        return list(t, e);
    case EXPR_ELEM: {
        Expr d = moved(t, expr_kid(s, e, 0));
        return build_is_zero(s, d) ? d : expr_elem(s, d, expr_kid(s, e, 1));
    }
    case EXPR_CALL:
        return call(t, e);
    case EXPR_PREFIX: case EXPR_SUFFIX: {
        Expr d = moved(t, expr_kid(s, e, 0));
        return build_is_zero(s, d) ? d : running(t, e, d);
    }
    default:
        return expr_int(s, 0);
    }
}

Expr tangent_of(Tangent *t, Expr e) {
    if (t->failed || e == 0)
        return 0;
    Expr known = moved(t, e);
    if (known)
        return known;
    size_t count;
    Expr *list_of = expr_reachable(t->store, 1, &e, &count);
    for (size_t i = 0; i < count && !t->failed; i++) {
        Expr at = list_of[i];
        if ((expr_mask(t->store, at) & UINT32_MAX) != 0 || moved(t, at))
            continue; /* inside a closed loop: not looked at in this form */
        Expr d = node(t, at);
        if (d == 0)
            fail(t, store_is_interrupted(t->store) ? "interrupted" : "the derivative is too large");
        *nodemap_at(&t->memo, at) = d;
    }
    free(list_of);
    return t->failed ? 0 : moved(t, e);
}

Expr sweep_tangent(Defs *defs, Expr e, size_t params, const Param *param, const Expr *direction, Diags *diags,
                   Span span) {
    Tangent t;
    tangent_init(&t, defs, diags, span);
    for (size_t i = 0; i < params; i++)
        tangent_seed(&t, param[i].symbol, direction[i]);
    Expr res = tangent_of(&t, e);
    if (res && 0 < expr_rank(t.store, e) && expr_rank(t.store, res) == 0)
        res = zero_like(t.store, e);
    tangent_done(&t);
    return res;
}
