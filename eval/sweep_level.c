/* The reverse sweep's bookkeeping: levels, pending adjoints, slots, steps. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/sweep_parts.h"
#include "expr/affine.h"
#include "expr/build.h"

void sweep_level_init(Sweep *w, Level *l, unsigned depth) {
    *l = (Level){.outer = w->level, .depth = depth, .anchor = w->plan->end};
    nodemap_init(&l->place);
    w->level = l;
}

void sweep_level_done(Sweep *w, Level *l) {
    w->level = l->outer;
    nodemap_done(&l->place);
    free(l->heap);
    free(l->adjoint);
    free(l->export);
}

Level *sweep_home(const Sweep *w, Expr node) {
    uint64_t open = expr_mask(w->store, node) >> 32;
    Level *l = w->level;
    while (0 < l->depth && !(open >> (l->depth - 1) & 1))
        l = l->outer;
    return l;
}

/* ---- the pending nodes of a level ---- */

static void heap_push(Level *l, Expr node) {
    l->heap = mem_grow(l->heap, &l->heap_cap, l->heap_count + 1, sizeof *l->heap);
    size_t i = l->heap_count++;
    for (; 0 < i && l->heap[(i - 1) / 2] < node; i = (i - 1) / 2)
        l->heap[i] = l->heap[(i - 1) / 2];
    l->heap[i] = node;
}

static Expr heap_pop(Level *l) {
    Expr res = l->heap[0], last = l->heap[--l->heap_count];
    size_t i = 0;
    for (size_t k; (k = 2 * i + 1) < l->heap_count; i = k) {
        if (k + 1 < l->heap_count && l->heap[k] < l->heap[k + 1])
            k++;
        if (l->heap[k] <= last)
            break;
        l->heap[i] = l->heap[k];
    }
    l->heap[i] = last;
    return res;
}

/* The place of a node's adjoint in the level; its value is 0 when nothing is pending, and then the
 * node is pushed. */
static Adjoint *pending(Level *l, Expr node) {
    uint32_t *at = nodemap_at(&l->place, node);
    if (*at == 0) {
        l->adjoint = mem_grow(l->adjoint, &l->adjoint_cap, l->adjoint_count + 1, sizeof *l->adjoint);
        l->adjoint[l->adjoint_count++] = (Adjoint){0};
        *at = (uint32_t)l->adjoint_count;
    }
    Adjoint *res = &l->adjoint[*at - 1];
    if (res->value == 0)
        heap_push(l, node);
    return res;
}

static void give_at(Sweep *w, Level *l, Expr node, Adjoint a) {
    if (a.value && expr_op(w->store, a.value) == EXPR_NEG) {
        a.value = expr_kid(w->store, a.value, 0);
        a.negative = !a.negative;
    }
    if (a.value == 0)
        sweep_fail(w, store_is_interrupted(w->store) ? "interrupted" : "the derivative is too large");
    if (a.value == 0 || build_is_zero(w->store, a.value))
        return;
    Adjoint *to = pending(l, node);
    *to = to->value ? sweep_joined(w, *to, a) : a;
    if (to->value == 0)
        sweep_fail(w, "the derivative is too large");
}

void sweep_give(Sweep *w, Expr node, Adjoint a) {
    if (!w->failed && sweep_is_active(w, node))
        give_at(w, w->level, node, a);
}

Expr sweep_take(Level *l, Adjoint *a) {
    if (l->heap_count == 0)
        return 0;
    Expr res = heap_pop(l);
    Adjoint *at = &l->adjoint[nodemap_get(&l->place, res) - 1];
    *a = *at;
    *at = (Adjoint){0};
    return res;
}

/* ---- slots ---- */

/* A length must not depend on the index of a loop around: the longest is reserved.  A length a*i+b
 * is longest at one end of the loop. */
static Expr longest(Sweep *w, Expr dim) {
    Store *s = w->store;
    for (const Level *l = w->level; l && 0 < l->depth; l = l->outer) {
        Expr index = expr_free(s, l->depth - 1), a, b;
        if (!(expr_mask(s, dim) >> (31 + l->depth) & 1))
            continue;
        if (affine_in(s, dim, index, &a, &b))
            dim = build_add(s, build_mul(s, a, 0 < mpq_sgn(expr_rational(s, a)) ? l->hi : l->lo), b);
        else
            dim = expr_loop(s, EXPR_MAX, l->depth - 1, l->lo, l->hi, dim);
    }
    return dim;
}

Expr sweep_temporary(Sweep *w, Level *home, int rank, const Expr *dims) {
    Expr length[2] = {0, 0};
    if (2 < rank) {
        sweep_fail(w, "an array of more than two axes inside a function cannot be differentiated");
        rank = 2;
    }
    for (int i = 0; i < rank; i++)
        length[i] = longest(w, dims[i]);
    Expr res = plan_slot(w->plan, SLOT_TEMP, rank, length);
    PlanStep *step = arena_alloc(w->plan->arena, sizeof *step);
    step->kind = PLAN_CLEAR;
    step->slot = expr_payload(w->store, res);
    step->next = *home->anchor;
    *home->anchor = step;
    if (w->plan->end == home->anchor)
        w->plan->end = &step->next;
    home->anchor = &step->next;
    return res;
}

bool sweep_under_guard(const Sweep *w, const Level *home, Expr guard) {
    bool res = guard != 0;
    for (const Level *l = w->level; l != home; l = l->outer)
        res = res || l->guarded;
    return res;
}

static Export *export_for(Sweep *w, Level *home, Expr node) {
    for (size_t i = 0; i < home->export_count; i++)
        if (home->export[i].node == node)
            return &home->export[i];
    home->export = mem_grow(home->export, &home->export_cap, home->export_count + 1, sizeof *home->export);
    Export *res = &home->export[home->export_count++];
    *res = (Export){.node = node, .slot = sweep_temporary(w, home, 0, NULL)};
    return res;
}

void sweep_export(Sweep *w, Expr node, Adjoint a) {
    Level *home = sweep_home(w, node);
    Export *x = export_for(w, home, node);
    if (sweep_under_guard(w, home, a.guard))
        x->guarded = true;
    else
        x->open = true;
    sweep_add(w, x->slot, 0, NULL, a);
}

void sweep_import(Sweep *w) {
    Level *l = w->level;
    for (size_t i = 0; i < l->export_count; i++) {
        Export *x = &l->export[i];
        Adjoint a = sweep_plain(x->slot);
        if (x->guarded && !x->open)
            a.guard = sweep_not_zero(w, x->slot);
        sweep_give(w, x->node, a);
    }
    l->export_count = 0;
}

Expr sweep_array_slot(Sweep *w, Expr array, bool sparse) {
    Level *home = sweep_home(w, array);
    int rank = expr_rank(w->store, array);
    Adjoint *a = pending(home, array);
    if (a->value == 0) {
        Expr dims[2] = {0, 0};
        for (int i = 0; i < rank && i < 2; i++)
            dims[i] = expr_dim(w->store, array, i);
        a->value = sweep_temporary(w, home, rank, dims);
    }
    a->sparse = a->sparse || sparse;
    return a->value;
}

/* ---- steps ---- */

/* Marks e and all it needs as evaluated. */
void sweep_use(Sweep *w, Expr e) {
    size_t count = 0, cap = 0;
    Expr *stack = NULL;
    while (e) {
        uint32_t *seen = nodemap_at(&w->used, e);
        if (!*seen) {
            *seen = 1;
            size_t kids = expr_count(w->store, e);
            stack = mem_grow(stack, &cap, count + kids, sizeof *stack);
            for (size_t i = 0; i < kids; i++)
                stack[count++] = expr_kid(w->store, e, i);
        }
        e = count ? stack[--count] : 0;
    }
    free(stack);
}

bool sweep_is_used(const Sweep *w, Expr e) {
    return nodemap_get(&w->used, e) != 0;
}

PlanStep *sweep_when(Sweep *w, Expr guard, PlanStep ***outer) {
    if (!guard)
        return NULL;
    sweep_use(w, guard);
    PlanStep *res = plan_step(w->plan, PLAN_WHEN);
    res->value = guard;
    *outer = plan_enter(w->plan, res);
    return res;
}

PlanStep *sweep_for(Sweep *w, unsigned number, Expr lo, Expr hi) {
    if (EXPR_MOST_INDICES <= number)
        sweep_fail(w, "loops are nested too deeply to be differentiated");
    sweep_use(w, lo);
    sweep_use(w, hi);
    PlanStep *res = plan_step(w->plan, PLAN_FOR);
    res->lo = lo;
    res->hi = hi;
    res->index_number = number;
    return res;
}

void sweep_add(Sweep *w, Expr slot, size_t rank, const Expr *index, Adjoint a) {
    Expr value = rank == 0 ? sweep_guarded(w, a) : sweep_signed(w, a);
    if (value == 0 || slot == 0) {
        sweep_fail(w, "the derivative is too large");
        return;
    }
    PlanStep **outer = NULL, *when = rank == 0 ? NULL : sweep_when(w, a.guard, &outer);
    sweep_use(w, value);
    PlanStep *step = plan_step(w->plan, PLAN_ADD);
    step->slot = expr_payload(w->store, slot);
    step->value = value;
    for (size_t i = 0; i < rank; i++) {
        step->index[i] = index[i];
        sweep_use(w, index[i]);
    }
    if (when)
        plan_leave(w->plan, outer);
}
