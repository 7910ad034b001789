/* The reverse sweep over the shared graph (Griewank & Walther 2008, section 3.2): nodes in
 * descending order, each hands its adjoint, times the partial derivative, to its operands. */
#include "eval/sweep.h"

#include <stdlib.h>

#include "eval/sweep_parts.h"
#include "expr/build.h"
#include "expr/partial.h"
#include "parser/ast.h"

void sweep_init(Sweep *w, Plan *p, const Expr *gradient, Diags *diags, Span span) {
    *w = (Sweep){.plan = p, .store = defs_store(p->defs), .gradient = gradient, .diags = diags, .span = span};
    nodemap_init(&w->used);
}

void sweep_done(Sweep *w) {
    free(w->active);
    free(w->zero_guard);
    nodemap_done(&w->used);
}

void sweep_fail(Sweep *w, const char *message) {
    if (!w->failed && w->diags)
        diag_error(w->diags, w->span, NULL, "%s", message ? message : "there is no derivative");
    w->failed = true;
}

/* An operand through its partial derivative.  a^b at a = 0 with a computed exponent b = 0 has
 * derivative 0 by a, though b*a^(b-1) is not a number there. */
static void give_partial(Sweep *w, Expr node, size_t i, Adjoint a) {
    Store *s = w->store;
    if (!sweep_is_active(w, expr_kid(s, node, i)))
        return;
    const char *why = NULL;
    Expr partial = partial_of(w->plan->defs, node, i, &why);
    if (partial == 0) {
        sweep_fail(w, why);
        return;
    }
    if (expr_op(s, node) == EXPR_POW && i == 0 && !expr_is_constant(s, expr_kid(s, node, 1))) {
        Expr zero = expr_int(s, 0);
        partial = build_if(s, build_rel(s, REL_EQ, expr_kid(s, node, 1), zero), zero, partial);
    }
    sweep_give(w, expr_kid(s, node, i), sweep_times(w, a, partial));
}

/* a/b: the adjoint of a is t = adjoint/b, that of b is -t*(a/b). */
static void give_quotient(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    Expr over = expr_kid(s, node, 0), under = expr_kid(s, node, 1);
    a.value = build_div(s, a.value, under);
    sweep_give(w, over, a);
    if (!sweep_is_active(w, under))
        return;
    a.value = build_mul(s, a.value, node);
    a.negative = !a.negative;
    sweep_give(w, under, a);
}

static void give_choice(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    Expr condition = expr_kid(s, node, 0), first = expr_kid(s, node, 1), second = expr_kid(s, node, 2);
    Adjoint b = a;
    a.guard = sweep_guard_and(w, a.guard, condition);
    b.guard = sweep_guard_and(w, b.guard, expr_unary(s, EXPR_NOT, condition));
    sweep_give(w, first, a);
    sweep_give(w, second, b);
}

static void give_product(Sweep *w, Expr node, Adjoint a) {
    Expr first = expr_kid(w->store, node, 0), second = expr_kid(w->store, node, 1);
    if (sweep_is_active(w, first))
        sweep_give(w, first, sweep_times(w, a, second));
    if (sweep_is_active(w, second))
        sweep_give(w, second, sweep_times(w, a, first));
}

static void add_symbol(Sweep *w, Expr node, Adjoint a) {
    for (size_t i = 0; i < w->plan->param_count; i++)
        if (w->plan->param[i].symbol == node)
            sweep_add(w, w->gradient[i], 0, NULL, a);
}

static void sweep_node(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    ExprOp op = expr_op(s, node);
    if (op == EXPR_SYM) {
        add_symbol(w, node, a);
    } else if (op == EXPR_ELEM) {
        sweep_element(w, node, a);
    } else if (sweep_home(w, node) != w->level) {
        sweep_export(w, node, a);
    } else if (expr_rank(s, node) != 0) {
        sweep_array(w, node, a);
    } else if (expr_is_loop(s, node)) {
        sweep_loop(w, node, a);
    } else if (op == EXPR_ADD || op == EXPR_SUB || op == EXPR_NEG) {
        Adjoint b = a;
        b.negative = op == EXPR_ADD ? a.negative : !a.negative;
        sweep_give(w, expr_kid(s, node, 0), op == EXPR_NEG ? b : a);
        if (op != EXPR_NEG)
            sweep_give(w, expr_kid(s, node, 1), b);
    } else if (op == EXPR_MUL) {
        give_product(w, node, a);
    } else if (op == EXPR_DIV) {
        give_quotient(w, node, a);
    } else if (op == EXPR_IF) {
        give_choice(w, node, a);
    } else if (op == EXPR_CALL) {
        sweep_call(w, node, a);
    } else {
        for (size_t i = 0; i < expr_count(s, node); i++)
            give_partial(w, node, i, a);
    }
}

void sweep_drain(Sweep *w) {
    Adjoint a;
    for (Expr node; !w->failed && (node = sweep_take(w->level, &a)) != 0;) {
        if (store_is_interrupted(w->store))
            sweep_fail(w, "interrupted");
        sweep_node(w, node, a);
    }
}

bool sweep_run(Sweep *w, Expr body) {
    PlanStep **first = w->plan->end;
    if (body == 0) {
        sweep_fail(w, "there is no expression to differentiate");
        return false;
    }
    Level top;
    sweep_level_init(w, &top, 0);
    sweep_give(w, body, sweep_plain(expr_int(w->store, 1)));
    sweep_drain(w);
    sweep_level_done(w, &top);
    if (!w->failed)
        sweep_polish(w, first);
    return !w->failed;
}

bool sweep_gradient(Plan *p, Expr body, Expr value, const Expr *gradient, Diags *diags, Span span) {
    Sweep w;
    sweep_init(&w, p, gradient, diags, span);
    bool res = sweep_run(&w, body);
    sweep_done(&w);
    if (res)
        plan_store(p, value, body);
    return res;
}
