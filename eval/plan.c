/* Building plans; see plan.h. */
#include "eval/plan.h"

#include <stdlib.h>

#include "base/memory.h"

void plan_init(Plan *p, Arena *arena, Defs *defs, size_t params, const Param *param) {
    *p = (Plan){.arena = arena, .defs = defs, .param_count = params, .param = param};
    p->end = &p->first;
}

Expr plan_slot(Plan *p, SlotKind kind, int rank, const Expr *dims) {
    Expr symbol = expr_symbol(defs_store(p->defs), EXPR_SLOT, (uint32_t)p->slot_count, rank, dims);
    if (p->slot_count == p->slot_cap) { /* the arena owns the array; growing leaves the old one to it */
        size_t cap = p->slot_cap ? 2 * p->slot_cap : 8;
        Slot *grown = arena_array(p->arena, cap, sizeof *grown);
        for (size_t i = 0; i < p->slot_count; i++)
            grown[i] = p->slot[i];
        p->slot = grown;
        p->slot_cap = cap;
    }
    p->slot[p->slot_count++] = (Slot){kind, symbol};
    return symbol;
}

PlanStep *plan_step(Plan *p, PlanKind kind) {
    PlanStep *step = arena_alloc(p->arena, sizeof *step);
    step->kind = kind;
    *p->end = step;
    p->end = &step->next;
    return step;
}

PlanStep **plan_enter(Plan *p, PlanStep *step) {
    PlanStep **outer = p->end;
    p->end = &step->body;
    while (*p->end)
        p->end = &(*p->end)->next;
    return outer;
}

void plan_leave(Plan *p, PlanStep **outer) {
    p->end = outer;
}

static PlanStep *store_loop(Plan *p, unsigned number, Expr length) {
    Store *s = defs_store(p->defs);
    PlanStep *step = plan_step(p, PLAN_FOR);
    step->index_number = number;
    step->lo = expr_int(s, 1);
    step->hi = length;
    return step;
}

/* A list of numbers is stored element by element: no loop, no temporary. */
static void store_list(Plan *p, Expr slot, Expr e) {
    Store *s = defs_store(p->defs);
    for (size_t i = 0; i < expr_count(s, e); i++) {
        PlanStep *set = plan_step(p, PLAN_SET);
        set->slot = expr_payload(s, slot);
        set->index[0] = expr_int(s, (long)i + 1);
        set->value = expr_kid(s, e, i);
    }
}

void plan_store(Plan *p, Expr slot, Expr e) {
    Store *s = defs_store(p->defs);
    int rank = expr_rank(s, slot);
    if (rank == 1 && expr_op(s, e) == EXPR_LIST) {
        store_list(p, slot, e);
        return;
    }
    PlanStep **outer[2];
    Expr index[2] = {0, 0};
    uint64_t mask = expr_mask(s, e);
    for (int i = 0; i < rank && i < 2; i++) {
        unsigned k = expr_unused_free(s, mask);
        mask |= UINT64_C(1) << (32 + k);
        outer[i] = plan_enter(p, store_loop(p, k, expr_kid(s, slot, (size_t)i)));
        index[i] = expr_free(s, k);
        e = expr_fuse(s, e, index[i]);
    }
    PlanStep *set = plan_step(p, PLAN_SET);
    set->slot = expr_payload(s, slot);
    set->index[0] = index[0];
    set->index[1] = index[1];
    set->value = e;
    for (int i = rank < 2 ? rank : 2; 0 < i--;)
        plan_leave(p, outer[i]);
}
