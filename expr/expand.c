/* Calls replaced by bodies, within a budget of nodes; see defs_expand. */
#include <stdlib.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/defs_internal.h"
#include "expr/pass.h"

typedef struct Expansion {
    Defs *d;
    Store *s;
    Memo *m;
    size_t spent, limit; /* nodes put in by calls, at most */
} Expansion;

static Expr expand(Expansion *x, Expr e);

static size_t size_of(const Store *s, Expr e) {
    size_t count;
    free(expr_reachable(s, 1, &e, &count));
    return count;
}

/* A call with its operands expanded already.  Its callee's expansion was made before (see
 * expand_functions), or the call stays. */
static Expr expand_call(Expansion *x, Expr e) {
    Store *s = x->s;
    Expr call = pass_rebuild(s, x->m, e);
    if (!call)
        return 0;
    FnId f = expr_payload(s, call);
    Expr body = x->d->fn[f].expanded;
    if (!body || defs_fn_is_recursive(x->d, f))
        return call;
    size_t size = size_of(s, body);
    if (x->limit < x->spent + size)
        return call;
    x->spent += size;
    size_t count = expr_count(s, call);
    Expr *args = mem_new(count, sizeof *args);
    for (size_t i = 0; i < count; i++)
        args[i] = expr_kid(s, call, i);
    Expr res = defs_apply(x->d, defs_function(x->d, x->d->fn[f].base), body, args);
    free(args);
    return res;
}

static Expr expand_loop(Expansion *x, Expr e) {
    Store *s = x->s;
    if (!(expr_flags(s, e) & EXPR_HAS_CALL))
        return e;
    unsigned k = expr_unused_free(s, expr_mask(s, e));
    Expr lo = expand(x, expr_kid(s, e, 0)), hi = expand(x, expr_kid(s, e, 1));
    return expr_loop(s, expr_op(s, e), k, lo, hi, expand(x, expr_open(s, e, k)));
}

static Expr expand(Expansion *x, Expr e) {
    Store *s = x->s;
    Expr node, res = 0;
    Walk w;
    if (!e)
        return 0;
    walk_init(&w, s, true);
    walk_push(&w, e);
    while (walk_next(&w, x->m, &node))
        memo_set(x->m, node, expr_is_loop(s, node) ? expand_loop(x, node)
                           : expr_op(s, node) == EXPR_CALL ? expand_call(x, node)
                           : pass_rebuild(s, x->m, node));
    walk_done(&w);
    return memo_get(x->m, e, &res) ? res : 0;
}

static Expr expand_one(Defs *d, Expr e, size_t limit) {
    if (!e || !(expr_flags(d->store, e) & EXPR_HAS_CALL))
        return e;
    Expansion x = {d, d->store, memo_begin(d->store), 0, limit};
    Expr res = expand(&x, e);
    memo_end(d->store, x.m);
    return res;
}

typedef struct FnStack {
    FnId *item;
    size_t count, cap;
} FnStack;

/* Pushes the callees in e that have no expansion yet; true if there are any. */
static bool push_callees(Defs *d, FnStack *stack, Expr e, size_t limit) {
    size_t count, before = stack->count;
    if (!e || !(expr_flags(d->store, e) & EXPR_HAS_CALL))
        return false;
    Expr *node = expr_reachable(d->store, 1, &e, &count);
    for (size_t i = 0; i < count; i++) {
        if (expr_op(d->store, node[i]) != EXPR_CALL)
            continue;
        FnId f = expr_payload(d->store, node[i]);
        if ((d->fn[f].expanded && d->fn[f].limit == limit) || defs_fn_is_recursive(d, f))
            continue;
        stack->item = mem_grow(stack->item, &stack->cap, stack->count + 1, sizeof *stack->item);
        stack->item[stack->count++] = f;
    }
    free(node);
    return before < stack->count;
}

/* Expands what e calls, callees first, with a stack of its own: chains of calls may be long. */
static void expand_functions(Defs *d, Expr e, size_t limit, Diags *diags, Span span) {
    FnStack stack = {0};
    push_callees(d, &stack, e, limit);
    while (stack.count) {
        FnId f = stack.item[stack.count - 1];
        if (d->fn[f].expanded && d->fn[f].limit == limit) {
            stack.count--;
            continue;
        }
        Expr body = defs_fn_body(d, f, diags, span);
        if (body && push_callees(d, &stack, body, limit))
            continue;
        d->fn[f].expanded = expand_one(d, body, limit);
        d->fn[f].limit = limit;
        stack.count--;
        if (!d->fn[f].expanded && body)
            break; /* interrupted or full */
        if (!body) {
            d->fn[f].expanded = 0;
            break; /* no derivative: the diagnostic stands; calls of it stay */
        }
    }
    free(stack.item);
}

Expr defs_expand(Defs *d, Expr e, size_t limit) {
    if (!e)
        return 0;
    expand_functions(d, e, limit, NULL, span_of(0, 0));
    return expand_one(d, e, limit);
}

Expr defs_fn_expanded(Defs *d, FnId f, size_t limit, Diags *diags, Span span) {
    if (d->fn[f].expanded && d->fn[f].limit == limit)
        return d->fn[f].expanded;
    Expr body = defs_fn_body(d, f, diags, span);
    if (!body)
        return 0;
    expand_functions(d, body, limit, diags, span);
    Expr res = expand_one(d, body, limit);
    if (!defs_fn_is_recursive(d, f)) {
        d->fn[f].expanded = res;
        d->fn[f].limit = limit;
    }
    return res;
}
