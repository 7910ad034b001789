/* Hessian times a direction: the tangent of the gradient's plan.  A step that adds v to the gradient
 * adds v's tangent to the product; a slot of adjoints gets a companion that holds their tangents. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/sweep.h"
#include "eval/sweep_parts.h"
#include "eval/tangent.h"
#include "expr/build.h"

/* A FOR or WHEN that is being written: where it stands, so that a step can be put before it. */
typedef struct Frame {
    PlanStep **before;
    unsigned number; /* of the loop's index; EXPR_MOST_INDICES for WHEN */
} Frame;

typedef struct Moved {
    Plan *plan;
    Store *store;
    Tangent tangent;
    uint32_t first_slot;  /* slots of adjoints: first_slot .. */
    size_t slot_count;
    Expr *companion;      /* of slot first_slot + i */
    size_t *home;         /* how many blocks stand around the place where it is cleared */
    size_t guards;
    Expr *guard, *either; /* "the adjoint is not 0" becomes "it or its tangent is not" */
    Frame *frame;
    size_t frames, frame_cap;
    bool written;         /* a running product since the block was entered */
    const Expr *direction;
    bool failed;
} Moved;

/* What is known from the start: how parameters and slots move. */
static void seed(Moved *m) {
    for (size_t i = 0; i < m->plan->param_count; i++)
        tangent_seed(&m->tangent, m->plan->param[i].symbol, m->direction[i]);
    for (size_t i = 0; i < m->slot_count; i++)
        tangent_seed(&m->tangent, m->plan->slot[m->first_slot + i].symbol, m->companion[i]);
}

static Expr guarded(Moved *m, Expr e) {
    if (e == 0 || m->guards == 0)
        return e;
    return expr_substitute(m->store, e, m->guards, m->guard, m->either);
}

static PlanStep *write_step(Moved *m, PlanKind kind, Expr slot, const PlanStep *like, Expr value) {
    PlanStep *res = plan_step(m->plan, kind);
    res->slot = expr_payload(m->store, slot);
    for (size_t i = 0; i < 2; i++)
        res->index[i] = like ? guarded(m, like->index[i]) : 0;
    res->value = value;
    return res;
}

/* How many blocks around must stay around a step that reads e: those whose index is in it, and those
 * in which a slot that it reads has its home. */
static size_t blocks_of(const Moved *m, Expr e) {
    const Store *s = m->store;
    uint64_t mask = expr_mask(s, e) >> 32;
    size_t res = 0, count;
    for (size_t i = 0; i < m->frames; i++)
        if (EXPR_MOST_INDICES <= m->frame[i].number || (mask >> m->frame[i].number & 1))
            res = i + 1;
    Expr *list = expr_reachable(s, 1, &e, &count);
    for (size_t i = 0; i < count; i++) {
        if (expr_op(s, list[i]) != EXPR_SLOT)
            continue;
        uint32_t slot = expr_payload(s, list[i]);
        for (size_t k = 0; k < m->slot_count; k++)
            if ((slot == m->first_slot + k || list[i] == m->companion[k]) && res < m->home[k])
                res = m->home[k];
    }
    free(list);
    return res < m->frames ? res : m->frames;
}

/* D[r+1] = D[r]*X[r] + P[r]*dX[r], and the same from the other end.  Written before the loops that
 * the product does not depend on.  0 where the length changes with a loop. */
static Expr write_running(void *context, Expr node, Expr dx) {
    Moved *m = context;
    Store *s = m->store;
    Plan *p = m->plan;
    bool prefix = expr_op(s, node) == EXPR_PREFIX;
    Expr x = expr_kid(s, node, 0), n = expr_dim(s, x, 0), one = expr_int(s, 1);
    if (expr_mask(s, n) != 0)
        return 0;
    m->written = true;
    size_t out = blocks_of(m, node), other = blocks_of(m, dx);
    out = out < other ? other : out;
    PlanStep *first = NULL, **end = p->end, **here = out < m->frames ? m->frame[out].before : end;
    p->end = &first;
    Expr res = plan_slot(p, SLOT_TEMP, 1, &n);
    write_step(m, PLAN_CLEAR, res, NULL, 0);
    PlanStep *loop = plan_step(p, PLAN_FOR);
    uint64_t taken = expr_mask(s, node) | expr_mask(s, dx);
    for (size_t i = 0; i < m->frames; i++)
        if (m->frame[i].number < EXPR_MOST_INDICES)
            taken |= UINT64_C(1) << (32 + m->frame[i].number);
    unsigned k = expr_unused_free(s, taken);
    if (EXPR_MOST_INDICES <= k)
        m->failed = true;
    loop->lo = expr_int(s, 2);
    loop->hi = n;
    loop->index_number = k;
    PlanStep **outer = plan_enter(p, loop);
    Expr r = expr_free(s, k);
    Expr from = prefix ? build_sub(s, r, one) : build_sub(s, build_add(s, n, expr_int(s, 2)), r);
    Expr to = prefix ? r : build_sub(s, build_add(s, n, one), r);
    Expr old = build_mul(s, expr_elem(s, res, from), expr_elem(s, x, from));
    PlanStep *set = plan_step(p, PLAN_SET);
    set->slot = expr_payload(s, res);
    set->index[0] = to;
    set->value = build_add(s, old, build_mul(s, expr_elem(s, node, from), expr_elem(s, dx, from)));
    plan_leave(p, outer);
    *p->end = *here; /* splice */
    *here = first;
    PlanStep **last = p->end;
    p->end = end == here ? last : end;
    for (size_t i = 0; i < m->frames; i++)
        if (m->frame[i].before == here)
            m->frame[i].before = last;
    return res;
}

static Expr slot_symbol(const Moved *m, uint32_t slot) {
    return m->plan->slot[slot].symbol;
}

/* SET, ADD, CLEAR. */
static void move_write(Moved *m, const PlanStep *step) {
    bool clear = step->kind == PLAN_CLEAR;
    Expr value = guarded(m, step->value), slot = slot_symbol(m, step->slot), to = slot, d = 0;
    bool adjoint = m->first_slot <= step->slot && step->slot - m->first_slot < m->slot_count;
    if (!clear) {
        d = tangent_of(&m->tangent, value);
        if (d == 0) {
            m->failed = true;
            return;
        }
    }
    if (adjoint) {
        if (clear)
            m->home[step->slot - m->first_slot] = m->frames;
        write_step(m, step->kind, slot, step, value);
        to = m->companion[step->slot - m->first_slot];
    }
    if (!(step->kind == PLAN_ADD && build_is_zero(m->store, d)))
        write_step(m, step->kind, to, step, d);
}

static void move_steps(Moved *m, const PlanStep *step);

static void move_block(Moved *m, const PlanStep *step) {
    bool when = step->kind == PLAN_WHEN;
    m->frame = mem_grow(m->frame, &m->frame_cap, m->frames + 1, sizeof *m->frame);
    bool written = m->written;
    m->written = false;
    m->frame[m->frames++] = (Frame){m->plan->end, when ? EXPR_MOST_INDICES : step->index_number};
    PlanStep *res = plan_step(m->plan, when ? PLAN_WHEN : PLAN_FOR);
    if (when) {
        res->value = guarded(m, step->value);
    } else {
        res->lo = guarded(m, step->lo);
        res->hi = guarded(m, step->hi);
        res->index_number = step->index_number;
    }
    PlanStep **outer = plan_enter(m->plan, res);
    move_steps(m, step->body);
    plan_leave(m->plan, outer);
    m->frames--;
    if (m->written) { /* what was computed inside may not be read after it */
        tangent_forget(&m->tangent);
        seed(m);
    }
    m->written = m->written || written;
}

static void move_steps(Moved *m, const PlanStep *step) {
    for (; step && !m->failed; step = step->next) {
        if (step->kind == PLAN_SET || step->kind == PLAN_ADD || step->kind == PLAN_CLEAR)
            move_write(m, step);
        else
            move_block(m, step);
    }
}

/* The companions of the slots, and the guards that must look at both. */
static void prepare(Moved *m, Sweep *w) {
    Plan *p = m->plan;
    m->slot_count = p->slot_count - m->first_slot;
    m->companion = mem_new(m->slot_count, sizeof *m->companion);
    m->home = mem_new(m->slot_count, sizeof *m->home);
    for (size_t i = 0; i < m->slot_count; i++) {
        Expr symbol = p->slot[m->first_slot + i].symbol, dims[2] = {0, 0};
        int rank = expr_rank(m->store, symbol);
        for (int k = 0; k < rank; k++)
            dims[k] = expr_kid(m->store, symbol, (size_t)k);
        m->companion[i] = plan_slot(p, SLOT_TEMP, rank, dims);
    }
    seed(m);
    m->guards = w->zero_count;
    m->guard = mem_new(m->guards, sizeof *m->guard);
    m->either = mem_new(m->guards, sizeof *m->either);
    for (size_t i = 0; i < m->guards; i++) {
        Expr d = tangent_of(&m->tangent, w->zero_guard[i].value);
        m->guard[i] = w->zero_guard[i].condition;
        m->either[i] = expr_binary(m->store, EXPR_OR, m->guard[i], sweep_not_zero(w, d));
    }
}

bool sweep_hessian_times(Plan *p, Expr body, const Expr *direction, const Expr *hv, Diags *diags, Span span) {
    Sweep w;
    sweep_init(&w, p, hv, diags, span);
    Moved m = {.plan = p, .store = w.store, .direction = direction, .first_slot = (uint32_t)p->slot_count};
    tangent_init(&m.tangent, p->defs, diags, span);
    m.tangent.running = write_running;
    m.tangent.context = &m;
    PlanStep *steps = NULL, **end = p->end;
    p->end = &steps;
    bool res = sweep_run(&w, body);
    p->end = end;
    if (res) {
        prepare(&m, &w);
        move_steps(&m, steps);
        res = !m.failed && !m.tangent.failed;
    }
    if (!res && !w.failed && !m.tangent.failed && diags)
        diag_error(diags, span, NULL, "the second derivative is too large");
    tangent_done(&m.tangent);
    sweep_done(&w);
    free(m.companion);
    free(m.home);
    free(m.guard);
    free(m.either);
    free(m.frame);
    return res;
}
