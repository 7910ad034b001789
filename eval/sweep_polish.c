/* After the sweep: where the first contribution to a gradient element is certain to be the first it
 * is stored instead of added, one operation less; gradients that nothing is added to become 0. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/sweep_parts.h"
#include "parser/ast.h"

typedef struct Target {
    Expr slot;
    size_t adds;    /* additions inside the loop looked at */
    bool written;   /* by a step whose elements are not known one by one */
    bool assigned;  /* some elements are, so the rest must be cleared */
    bool added;     /* an addition remains: the program zeroes the slot */
} Target;

typedef struct Polish {
    Sweep *sweep;
    Target *target;
    NodeMap of;       /* 1 + slot number -> 1 + target */
    NodeMap assigned; /* elements at constant indices that have a value */
    unsigned loop[EXPR_MOST_INDICES];
    size_t loops;
} Polish;

static Target *target_of(Polish *p, const PlanStep *step) {
    uint32_t at = step->kind == PLAN_ADD ? nodemap_get(&p->of, step->slot + 1) : 0;
    return at ? &p->target[at - 1] : NULL;
}

static bool is_shifted(const Store *s, Expr index, unsigned number) {
    ExprOp op = expr_op(s, index);
    if (op == EXPR_ADD || op == EXPR_SUB) {
        if (expr_op(s, expr_kid(s, index, 1)) != EXPR_CONST)
            return false;
        index = expr_kid(s, index, 0);
    }
    return expr_op(s, index) == EXPR_FREE && expr_payload(s, index) == number;
}

/* Do the loops around visit each element once?  So it is when each index of a loop, shifted by a
 * constant, is an index of the element. */
static bool is_once(const Polish *p, const PlanStep *step, int rank) {
    const Store *s = p->sweep->store;
    for (size_t i = 0; i < p->loops; i++) {
        bool found = false;
        for (int k = 0; k < rank; k++)
            found = found || is_shifted(s, step->index[k], p->loop[i]);
        if (!found)
            return false;
    }
    return true;
}

static void count_adds(Polish *p, const PlanStep *step, int sign) {
    for (; step; step = step->next) {
        Target *t = target_of(p, step);
        if (t)
            t->adds = 0 < sign ? t->adds + 1 : 0;
        count_adds(p, step->body, sign);
    }
}

static void polish_loop(Polish *p, PlanStep *step) {
    for (; step; step = step->next) {
        Target *t = target_of(p, step);
        if (t) {
            int rank = expr_rank(p->sweep->store, t->slot);
            bool once = 0 < rank && t->adds == 1 && !t->written && !t->assigned && is_once(p, step, rank);
            if (once) {
                step->kind = PLAN_SET;
                t->assigned = true;
            } else {
                t->added = true;
            }
            t->written = true;
        }
        bool loop = step->kind == PLAN_FOR || step->kind == PLAN_REDUCE;
        if (loop)
            p->loop[p->loops++] = step->index_number;
        polish_loop(p, step->body);
        if (loop)
            p->loops--;
    }
}

static void polish_single(Polish *p, PlanStep *step, Target *t) {
    Store *s = p->sweep->store;
    int rank = expr_rank(s, t->slot);
    Expr element = t->slot;
    bool known = true;
    for (int i = 0; i < rank; i++) {
        known = known && expr_op(s, step->index[i]) == EXPR_CONST;
        element = expr_make(s, EXPR_ELEM, 0, 2, (Expr[]){element, step->index[i]});
    }
    uint32_t *seen = nodemap_at(&p->assigned, element);
    if (known && !t->written && !*seen) {
        step->kind = PLAN_SET;
        t->assigned = true;
    } else {
        t->added = true;
    }
    *seen = 1;
    t->written = t->written || !known || rank == 0;
}

static void clear_first(Sweep *w, PlanStep **first, Expr slot) {
    bool number = expr_rank(w->store, slot) == 0;
    PlanStep *step = arena_alloc(w->plan->arena, sizeof *step);
    step->kind = number ? PLAN_SET : PLAN_CLEAR;
    step->slot = expr_payload(w->store, slot);
    step->value = number ? expr_int(w->store, 0) : 0;
    step->next = *first;
    *first = step;
    if (w->plan->end == first)
        w->plan->end = &step->next;
}

void sweep_polish(Sweep *w, PlanStep **first) {
    size_t count = w->plan->param_count;
    Polish p = {.sweep = w, .target = mem_new(count, sizeof *p.target)};
    nodemap_init(&p.of);
    nodemap_init(&p.assigned);
    for (size_t i = 0; i < count; i++) {
        p.target[i].slot = w->gradient[i];
        *nodemap_at(&p.of, expr_payload(w->store, w->gradient[i]) + 1) = (uint32_t)i + 1;
    }
    for (PlanStep *step = *first; step; step = step->next) {
        Target *t = target_of(&p, step);
        if (t)
            polish_single(&p, step, t);
        count_adds(&p, step->body, 1);
        bool loop = step->kind == PLAN_FOR || step->kind == PLAN_REDUCE;
        p.loops = 0;
        if (loop)
            p.loop[p.loops++] = step->index_number;
        polish_loop(&p, step->body);
        count_adds(&p, step->body, -1);
    }
    for (size_t i = 0; i < count; i++) {
        bool number = expr_rank(w->store, p.target[i].slot) == 0;
        if (number ? !p.target[i].added && !p.target[i].written : p.target[i].assigned || !p.target[i].added)
            clear_first(w, first, p.target[i].slot);
    }
    nodemap_done(&p.of);
    nodemap_done(&p.assigned);
    free(p.target);
}
