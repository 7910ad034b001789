/* Arrays in reverse: an element adds to the adjoint of its array; a temporary array, its adjoints
 * complete, hands them to what it is made of. */
#include "eval/sweep_parts.h"
#include "expr/build.h"
#include "expr/partial.h"

enum { MOST_AXES = 4 };

/* The array that is indexed in the end, W of W[i][j]; the indices in order. */
static Expr base_of(const Store *s, Expr e, size_t *count, Expr *index) {
    size_t depth = 0;
    for (Expr at = e; expr_op(s, at) == EXPR_ELEM; at = expr_kid(s, at, 0))
        depth++;
    *count = depth;
    for (; expr_op(s, e) == EXPR_ELEM; e = expr_kid(s, e, 0))
        if (--depth < MOST_AXES)
            index[depth] = expr_kid(s, e, 1);
    return e;
}

/* Where the adjoints of an array are collected: a parameter's gradient or a slot of its own. */
static Expr target_of(Sweep *w, Expr base, bool sparse) {
    for (size_t i = 0; i < w->plan->param_count; i++)
        if (w->plan->param[i].symbol == base)
            return w->gradient[i];
    return sweep_array_slot(w, base, sparse);
}

void sweep_element(Sweep *w, Expr node, Adjoint a) {
    size_t count;
    Expr index[MOST_AXES];
    Expr base = base_of(w->store, node, &count, index);
    if (2 < count) {
        sweep_fail(w, "an array of more than two axes inside a function cannot be differentiated");
        return;
    }
    Level *home = sweep_home(w, base);
    bool sparse = home == w->level || sweep_under_guard(w, home, a.guard);
    sweep_add(w, target_of(w, base, sparse), count, index, a);
}

static Expr element_at(Store *s, Expr array, size_t count, const Expr *index) {
    for (size_t i = 0; i < count; i++)
        array = expr_elem(s, array, index[i]);
    return array;
}

void sweep_give_array(Sweep *w, Expr array, Expr at, const Adjoint *scale) {
    Store *s = w->store;
    if (!sweep_is_active(w, array))
        return;
    size_t fixed, axes = (size_t)expr_rank(s, array);
    Expr index[MOST_AXES];
    Expr base = base_of(s, array, &fixed, index);
    if (2 < fixed + axes) {
        sweep_fail(w, "an array of more than two axes inside a function cannot be differentiated");
        return;
    }
    Adjoint a = scale ? *scale : sweep_plain(expr_int(s, 1));
    PlanStep **outer[MOST_AXES], **guard_outer = NULL, *when = sweep_when(w, a.guard, &guard_outer);
    a.guard = 0;
    for (size_t i = 0; i < axes && !w->failed; i++) {
        unsigned k = w->level->depth + (unsigned)i;
        PlanStep *step = sweep_for(w, k, expr_int(s, 1), expr_dim(s, array, (int)i));
        outer[i] = plan_enter(w->plan, step);
        index[fixed + i] = expr_free(s, k);
    }
    if (w->failed)
        return;
    a = sweep_times(w, a, element_at(s, at, axes, index + fixed));
    sweep_add(w, target_of(w, base, true), fixed + axes, index, a);
    for (size_t i = axes; 0 < i--;)
        plan_leave(w->plan, outer[i]);
    if (when)
        plan_leave(w->plan, guard_outer);
}

/* out[i] = product of the elements before i: element j gets
 * out[j] * sum(i after j, adjoint[i] * product of the elements between). */
static void sweep_running_product(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    bool prefix = expr_op(s, node) == EXPR_PREFIX;
    unsigned j = w->level->depth, i = j + 1, m = j + 2;
    Expr array = expr_kid(s, node, 0), one = expr_int(s, 1), n = expr_dim(s, array, 0);
    if (EXPR_MOST_INDICES <= m) {
        sweep_fail(w, "loops are nested too deeply to be differentiated");
        return;
    }
    Expr fj = expr_free(s, j), fi = expr_free(s, i);
    Expr after_j = build_add(s, fj, one), before_j = build_sub(s, fj, one);
    Expr between = expr_loop(s, EXPR_PROD, m, prefix ? after_j : build_add(s, fi, one),
                             prefix ? build_sub(s, fi, one) : before_j, expr_elem(s, array, expr_free(s, m)));
    Expr term = build_mul(s, expr_elem(s, a.value, fi), between);
    Expr sum = build_loop(s, EXPR_SUM, i, prefix ? after_j : one, prefix ? n : before_j, term);
    Expr each = build_mul(s, expr_elem(s, node, fj), sum);
    sweep_give_array(w, array, expr_loop(s, EXPR_VEC, j, one, n, each), NULL);
}

/* The function `node` calls, differentiated by its argument i: an array that has the axes of the
 * result, then those of the argument. */
static Expr derivative_call(Sweep *w, Expr node, size_t i) {
    Store *s = w->store;
    Defs *d = w->plan->defs;
    FnId f = expr_payload(s, node);
    size_t order = defs_fn_order(d, f), count = expr_count(s, node);
    uint32_t *by = arena_array(w->plan->arena, order + 1, sizeof *by);
    for (size_t k = 0; k < order; k++)
        by[k] = defs_fn_by(d, f, k);
    by[order] = (uint32_t)i;
    FnId g = defs_fn(d, defs_fn_base(d, f), order + 1, by);
    Expr *args = arena_array(w->plan->arena, count, sizeof *args);
    for (size_t k = 0; k < count; k++)
        args[k] = expr_kid(s, node, k);
    Diags *diags = w->diags;
    if (defs_fn_body(d, g, diags, w->span) == 0) {
        w->failed = true;
        return 0;
    }
    return expr_make(s, EXPR_CALL, g, count, args);
}

/* sum over the result's axes of adjoint[q..] * derivative[q..][rest..]. */
static Expr contracted(Sweep *w, Expr node, Expr adjoint, Expr derivative, unsigned first, size_t rest,
                       const Expr *index) {
    Store *s = w->store;
    size_t axes = (size_t)expr_rank(s, node);
    Expr at[MOST_AXES];
    for (size_t q = 0; q < axes; q++)
        at[q] = expr_free(s, first + (unsigned)q);
    Expr each = element_at(s, element_at(s, derivative, axes, at), rest, index);
    Expr res = build_mul(s, element_at(s, adjoint, axes, at), each);
    for (size_t q = axes; 0 < q--;)
        res = build_loop(s, EXPR_SUM, first + (unsigned)q, expr_int(s, 1), expr_dim(s, node, (int)q), res);
    return res;
}

static void give_argument_array(Sweep *w, Expr node, Expr arg, Expr derivative, Expr adjoint) {
    Store *s = w->store;
    size_t rest = (size_t)expr_rank(s, arg);
    unsigned first = w->level->depth;
    Expr index[MOST_AXES];
    for (size_t r = 0; r < rest; r++)
        index[r] = expr_free(s, first + (unsigned)r);
    Expr each = contracted(w, node, adjoint, derivative, first + (unsigned)rest, rest, index);
    for (size_t r = rest; 0 < r--;)
        each = expr_loop(s, EXPR_VEC, first + (unsigned)r, expr_int(s, 1), expr_dim(s, arg, (int)r), each);
    sweep_give_array(w, arg, each, NULL);
}

static void sweep_array_call(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    if (EXPR_MOST_INDICES <= w->level->depth + 4) {
        sweep_fail(w, "loops are nested too deeply to be differentiated");
        return;
    }
    for (size_t i = 0; i < expr_count(s, node) && !w->failed; i++) {
        Expr arg = expr_kid(s, node, i);
        if (!sweep_is_active(w, arg))
            continue;
        Expr derivative = derivative_call(w, node, i);
        if (derivative == 0)
            return;
        if (expr_rank(s, arg) == 0)
            sweep_give(w, arg, sweep_plain(contracted(w, node, a.value, derivative, w->level->depth, 0, NULL)));
        else
            give_argument_array(w, node, arg, derivative, a.value);
    }
}

void sweep_call(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    for (size_t i = 0; i < expr_count(s, node) && !w->failed; i++) {
        Expr arg = expr_kid(s, node, i);
        if (!sweep_is_active(w, arg))
            continue;
        Expr derivative = derivative_call(w, node, i);
        if (derivative == 0)
            return;
        if (expr_rank(s, arg) == 0)
            sweep_give(w, arg, sweep_times(w, a, derivative));
        else
            sweep_give_array(w, arg, derivative, &a);
    }
}

void sweep_array(Sweep *w, Expr array, Adjoint a) {
    Store *s = w->store;
    switch (expr_op(s, array)) {
    case EXPR_VEC:
        sweep_loop(w, array, a);
        break;
    case EXPR_LIST:
        for (size_t i = 0; i < expr_count(s, array); i++) {
            Expr kid = expr_kid(s, array, i), at = expr_elem(s, a.value, expr_int(s, (long)i + 1));
            if (!sweep_is_active(w, kid))
                continue;
            if (expr_rank(s, kid) != 0)
                sweep_give_array(w, kid, at, NULL);
            else
                sweep_give(w, kid, (Adjoint){.value = at, .guard = a.sparse ? sweep_not_zero(w, at) : 0});
        }
        break;
    case EXPR_PREFIX: case EXPR_SUFFIX:
        sweep_running_product(w, array, a);
        break;
    case EXPR_CALL:
        sweep_array_call(w, array, a);
        break;
    default:
        sweep_fail(w, "this array has no derivative");
        break;
    }
}
