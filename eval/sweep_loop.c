/* Loops in reverse: a sum hands its adjoint to each body, a product by way of the products before
 * and after, max and min to the body at the first index that attains it. */
#include "eval/sweep_parts.h"
#include "expr/build.h"

/* Runs the inside of `step`, a FOR or REDUCE: the body gets `seed`. */
static void inside(Sweep *w, PlanStep *step, Expr loop, Expr body, Adjoint seed, bool guarded) {
    PlanStep **outer = plan_enter(w->plan, step);
    Level inner;
    sweep_level_init(w, &inner, w->level->depth + 1);
    inner.guarded = guarded;
    inner.lo = expr_kid(w->store, loop, 0);
    inner.hi = expr_kid(w->store, loop, 1);
    sweep_give(w, body, seed);
    sweep_drain(w);
    sweep_level_done(w, &inner);
    plan_leave(w->plan, outer);
}

/* A step over the loop's range: one that also computes the loop's value if nobody needed it before. */
static PlanStep *pass(Sweep *w, Expr node, bool fuse) {
    unsigned k = w->level->depth;
    PlanStep *res = sweep_for(w, k, expr_kid(w->store, node, 0), expr_kid(w->store, node, 1));
    if (fuse && !sweep_is_used(w, node)) {
        res->kind = PLAN_REDUCE;
        res->value = node;
        *nodemap_at(&w->used, node) = 1;
    }
    return res;
}

static void sweep_sum(Sweep *w, Expr node, Adjoint a) {
    Expr seed = sweep_signed(w, a);
    PlanStep **outer = NULL, *when = sweep_when(w, a.guard, &outer);
    sweep_use(w, seed);
    unsigned k = w->level->depth;
    PlanStep *step = pass(w, node, !when);
    if (!w->failed)
        inside(w, step, node, expr_open(w->store, node, k), sweep_plain(seed), when != NULL);
    if (when)
        plan_leave(w->plan, outer);
}

/* The array of the bodies.  Kept in a slot when the same pass can compute the product, and when the
 * slot is as long as the loop. */
static Expr bodies(Sweep *w, Expr node, Expr body, bool fuse) {
    Store *s = w->store;
    unsigned k = w->level->depth;
    Expr lo = expr_kid(s, node, 0), hi = expr_kid(s, node, 1);
    Expr res = expr_loop(s, EXPR_VEC, k, lo, hi, body);
    Expr dim = expr_dim(s, res, 0);
    if (!fuse || sweep_is_used(w, node) || expr_mask(s, dim) != 0)
        return res;
    res = sweep_temporary(w, w->level, 1, &dim);
    PlanStep *step = pass(w, node, true), **outer = plan_enter(w->plan, step);
    PlanStep *set = plan_step(w->plan, PLAN_SET);
    set->slot = expr_payload(s, res);
    set->index[0] = build_add(s, build_sub(s, expr_free(s, k), lo), expr_int(s, 1));
    set->value = body;
    sweep_use(w, body);
    plan_leave(w->plan, outer);
    return res;
}

static void sweep_product(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    unsigned k = w->level->depth;
    Expr seed = sweep_signed(w, a), body = expr_open(s, node, k);
    sweep_use(w, seed);
    Expr array = bodies(w, node, body, !a.guard);
    PlanStep **outer = NULL, *when = sweep_when(w, a.guard, &outer);
    PlanStep *step = pass(w, node, false);
    Expr at = build_add(s, build_sub(s, expr_free(s, k), expr_kid(s, node, 0)), expr_int(s, 1));
    Expr before = expr_elem(s, expr_unary(s, EXPR_PREFIX, array), at);
    Expr after = expr_elem(s, expr_unary(s, EXPR_SUFFIX, array), at);
    seed = build_mul(s, seed, build_mul(s, before, after));
    if (!w->failed)
        inside(w, step, node, body, sweep_plain(seed), when != NULL);
    if (when)
        plan_leave(w->plan, outer);
}

static void sweep_extreme(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    unsigned k = w->level->depth;
    if (EXPR_MOST_INDICES <= k) {
        sweep_fail(w, "loops are nested too deeply to be differentiated");
        return;
    }
    Expr lo = expr_kid(s, node, 0), hi = expr_kid(s, node, 1);
    ExprOp op = expr_op(s, node) == EXPR_MAX ? EXPR_ARGMAX : EXPR_ARGMIN;
    Expr body = expr_open(s, node, k), index = expr_free(s, k);
    Expr where = expr_loop(s, op, k, lo, hi, body);
    sweep_give(w, expr_substitute(s, body, 1, &index, &where), a);
}

/* An array of rank 1 or more that is written out by formula. */
static void sweep_vector(Sweep *w, Expr node, Adjoint a) {
    Store *s = w->store;
    unsigned k = w->level->depth;
    PlanStep *step = sweep_for(w, k, expr_kid(s, node, 0), expr_kid(s, node, 1));
    if (w->failed)
        return;
    Expr body = expr_open(s, node, k), one = expr_int(s, 1);
    Expr at = build_add(s, build_sub(s, expr_free(s, k), expr_kid(s, node, 0)), one);
    Adjoint seed = {.value = expr_elem(s, a.value, at), .sparse = a.sparse};
    if (expr_rank(s, body) == 0) {
        if (a.sparse)
            seed.guard = sweep_not_zero(w, seed.value);
        inside(w, step, node, body, seed, false);
        return;
    }
    PlanStep **outer = plan_enter(w->plan, step);
    Level inner;
    sweep_level_init(w, &inner, k + 1);
    inner.lo = expr_kid(s, node, 0);
    inner.hi = expr_kid(s, node, 1);
    if (sweep_home(w, body) == w->level && expr_op(s, body) != EXPR_ELEM)
        sweep_array(w, body, seed);
    else
        sweep_give_array(w, body, seed.value, NULL);
    sweep_drain(w);
    sweep_level_done(w, &inner);
    plan_leave(w->plan, outer);
}

void sweep_loop(Sweep *w, Expr node, Adjoint a) {
    switch (expr_op(w->store, node)) {
    case EXPR_SUM: sweep_sum(w, node, a); break;
    case EXPR_PROD: sweep_product(w, node, a); break;
    case EXPR_MAX: case EXPR_MIN: sweep_extreme(w, node, a); break;
    case EXPR_VEC: sweep_vector(w, node, a); break;
    default: break;
    }
    sweep_import(w);
}
