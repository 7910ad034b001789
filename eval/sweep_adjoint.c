/* Adjoints of the reverse sweep: which nodes have one, sums and products of them, and the guards
 * that keep branches not taken out. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/sweep_parts.h"
#include "expr/build.h"
#include "parser/ast.h"

/* ---- which nodes depend on a parameter ---- */

static bool active_of(const Sweep *w, Expr e) {
    const Store *s = w->store;
    size_t from = 0, to = expr_count(s, e);
    switch (expr_op(s, e)) {
    case EXPR_SYM:
        for (size_t i = 0; i < w->plan->param_count; i++)
            if (w->plan->param[i].symbol == e)
                return true;
        return false;
    case EXPR_GLOBAL: case EXPR_SLOT: case EXPR_REL: case EXPR_AND: case EXPR_OR: case EXPR_NOT:
    case EXPR_ARGMAX: case EXPR_ARGMIN:
        return false;
    case EXPR_IF:
        from = 1;
        break;
    case EXPR_SUM: case EXPR_PROD: case EXPR_MAX: case EXPR_MIN: case EXPR_VEC:
        from = 2;
        break;
    case EXPR_ELEM:
        to = 1;
        break;
    default:
        break;
    }
    for (size_t i = from; i < to; i++)
        if (w->active[expr_kid(s, e, i)] == 2)
            return true;
    return false;
}

bool sweep_is_active(Sweep *w, Expr node) {
    if (node < w->active_cap && w->active[node])
        return w->active[node] == 2;
    size_t count, old = w->active_cap;
    Expr *list = expr_reachable(w->store, 1, &node, &count);
    if (old <= node) {
        w->active = mem_grow(w->active, &w->active_cap, (size_t)node + 1, 1);
        for (size_t i = old; i < w->active_cap; i++)
            w->active[i] = 0;
    }
    for (size_t i = 0; i < count; i++)
        if (!w->active[list[i]])
            w->active[list[i]] = active_of(w, list[i]) ? 2 : 1;
    free(list);
    return w->active[node] == 2;
}

/* ---- signs and guards ---- */

Adjoint sweep_plain(Expr value) {
    return (Adjoint){.value = value};
}

Expr sweep_signed(Sweep *w, Adjoint a) {
    return a.negative ? build_neg(w->store, a.value) : a.value;
}

Expr sweep_guarded(Sweep *w, Adjoint a) {
    Expr res = sweep_signed(w, a);
    return a.guard ? build_if(w->store, a.guard, res, expr_int(w->store, 0)) : res;
}

Expr sweep_guard_and(Sweep *w, Expr guard, Expr condition) {
    return guard ? build_and(w->store, guard, condition) : condition;
}

Expr sweep_not_zero(Sweep *w, Expr value) {
    Expr res = expr_rel(w->store, REL_NE, value, expr_int(w->store, 0));
    w->zero_guard = mem_grow(w->zero_guard, &w->zero_cap, w->zero_count + 1, sizeof *w->zero_guard);
    w->zero_guard[w->zero_count++] = (ZeroGuard){res, value};
    return res;
}

/* a*p.  Kept cheap: a sign is carried, 1/d divides, a constant factor joins the adjoint (which often
 * does not depend on the loop).  Into a choice the factor moves: a*if(c,u,v) = if(c,a*u,a*v). */
Adjoint sweep_times(Sweep *w, Adjoint a, Expr p) {
    Store *s = w->store;
    if (expr_op(s, p) == EXPR_NEG) {
        a.negative = !a.negative;
        p = expr_kid(s, p, 0);
    }
    ExprOp op = expr_op(s, p);
    if (op == EXPR_DIV && build_is_one(s, expr_kid(s, p, 0))) {
        a.value = build_div(s, a.value, expr_kid(s, p, 1));
    } else if (op == EXPR_MUL && expr_is_constant(s, expr_kid(s, p, 0))) {
        Expr rest = expr_kid(s, p, 1);
        a.value = build_mul(s, build_mul(s, expr_kid(s, p, 0), a.value), rest);
    } else if (op == EXPR_IF) {
        Expr c = expr_kid(s, p, 0), u = expr_kid(s, p, 1), v = expr_kid(s, p, 2);
        Expr first = build_mul(s, a.value, u);
        a.value = build_if(s, c, first, build_mul(s, a.value, v));
    } else {
        a.value = build_mul(s, a.value, p);
    }
    return a;
}

/* c where the guards are and(P, c) and and(P, not c), in this order or `swapped`; else 0. */
static Expr complement(const Store *s, Expr a, Expr b, Expr *common, bool *swapped) {
    Expr pa = 0, pb = 0;
    if (expr_op(s, a) == EXPR_AND && expr_op(s, b) == EXPR_AND) {
        pa = expr_kid(s, a, 0), a = expr_kid(s, a, 1);
        pb = expr_kid(s, b, 0), b = expr_kid(s, b, 1);
    }
    if (pa != pb)
        return 0;
    *common = pa;
    *swapped = expr_op(s, a) == EXPR_NOT && expr_kid(s, a, 0) == b;
    if (*swapped)
        return b;
    return expr_op(s, b) == EXPR_NOT && expr_kid(s, b, 0) == a ? a : 0;
}

static Adjoint sum_of(Sweep *w, Adjoint a, Adjoint b) {
    Store *s = w->store;
    Adjoint res = {.guard = a.guard, .negative = a.negative && b.negative};
    if (a.negative == b.negative)
        res.value = build_add(s, a.value, b.value);
    else
        res.value = a.negative ? build_sub(s, b.value, a.value) : build_sub(s, a.value, b.value);
    return res;
}

Adjoint sweep_joined(Sweep *w, Adjoint a, Adjoint b) {
    Store *s = w->store;
    if (a.guard == b.guard)
        return sum_of(w, a, b);
    if (a.guard && b.guard) {
        Expr common;
        bool swapped;
        Expr c = complement(s, a.guard, b.guard, &common, &swapped);
        if (c) {
            Expr u = sweep_signed(w, swapped ? b : a), v = sweep_signed(w, swapped ? a : b);
            return (Adjoint){.value = build_if(s, c, u, v), .guard = common};
        }
    }
    Expr either = a.guard && b.guard ? expr_binary(s, EXPR_OR, a.guard, b.guard) : 0;
    a = a.guard ? sweep_plain(sweep_guarded(w, a)) : a;
    b = b.guard ? sweep_plain(sweep_guarded(w, b)) : b;
    Adjoint res = sum_of(w, a, b);
    res.guard = either;
    return res;
}
