/* The plan's steps, flattened to events, with the values they use.  Each write of a slot makes a new
 * version of it, so that values read before are not used after. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/compile.h"

typedef struct Level { /* a step whose body is being read */
    const PlanStep *step;
    Scope *scope;
    RegionId region;
    uint32_t enter;
    ValId reduced;
} Level;

typedef struct Steps {
    Build *b;
    Level *level;
    size_t levels, cap;
    Scope *scope;
} Steps;

static void bump(Build *b, uint32_t bits) {
    if (!(bits & b->written))
        return;
    if (b->versions == 0)
        b->versions = 1;
    b->version = mem_grow(b->version, &b->version_cap, b->versions + 1, sizeof *b->version);
    b->version[b->versions] = b->current;
    for (int i = 0; i < 32; i++)
        if (bits >> i & 1)
            b->bit_version[i] = (uint32_t)b->versions;
    b->versions++;
}

static uint32_t slot_bit(uint32_t slot) {
    return UINT32_C(1) << (slot & 31);
}

static bool has_body(const PlanStep *p) {
    return p->kind == PLAN_FOR || p->kind == PLAN_WHEN || p->kind == PLAN_REDUCE;
}

/* Visits the steps from `first` on with their bodies, in any order of nesting. */
static uint32_t written_from(const PlanStep *first, uint32_t *numbers) {
    const PlanStep **stack = NULL;
    size_t count = 0, cap = 0;
    uint32_t bits = 0;
    stack = mem_grow(stack, &cap, 8, sizeof *stack);
    stack[count++] = first;
    while (count) {
        for (const PlanStep *p = stack[--count]; p; p = p->next) {
            if (!has_body(p)) {
                bits |= slot_bit(p->slot);
                continue;
            }
            if (p->kind != PLAN_WHEN && numbers)
                *numbers |= UINT32_C(1) << p->index_number;
            stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
            stack[count++] = p->body;
        }
    }
    free(stack);
    return bits;
}

static Event *event_new(Build *b, EventKind kind, const PlanStep *step) {
    b->event = mem_grow(b->event, &b->event_cap, b->events + 1, sizeof *b->event);
    b->event[b->events] = (Event){.kind = kind, .step = step, .region = b->current};
    return &b->event[b->events++];
}

static ValId operand(Steps *t, Expr e) {
    ValId v = values_of(t->b, e, t->scope);
    values_use(t->b, v, t->b->current);
    if (v)
        t->b->val[v].users++;
    return v;
}

static void read_write(Steps *t, const PlanStep *p) {
    Build *b = t->b;
    event_new(b, EVENT_STEP, p);
    size_t at = b->events - 1;
    if (b->sub->slots <= p->slot) {
        build_fail(b, NULL, "a slot that the plan does not have");
        return;
    }
    table_slot(b, p->slot);
    Expr symbol = b->plan->slot[p->slot].symbol;
    int rank = expr_rank(b->s, symbol);
    ValId value = p->kind == PLAN_CLEAR ? 0 : operand(t, p->value);
    b->event[at].value = value;
    if (p->kind == PLAN_SET || p->kind == PLAN_ADD) {
        values_set_scope(b, t->scope);
        bool proven = true;
        for (int i = 0; i < rank && i < 2; i++)
            proven = affine_is_inside(&b->affine, p->index[i], expr_kid(b->s, symbol, (size_t)i)) && proven;
        b->event[at].proven = proven;
        for (int i = 0; i < rank && i < 2; i++) {
            long offset = 0;
            Expr e = p->index[i];
            if (rank == 1 && !(proven && expr_is_integer(b->s, e, &offset)))
                e = affine_split(b->s, e, &offset);
            b->event[at].offset = (int32_t)(offset - 1);
            ValId v = operand(t, e);
            b->event[at].index[i] = v;
        }
        SlotInfo *info = &b->sub->slot[p->slot];
        if (p->kind == PLAN_ADD && info->kind == SLOT_OUTPUT)
            info->zeroed = true;
    }
    bump(b, slot_bit(p->slot));
}

static void open_loop(Steps *t, const PlanStep *p, size_t at, Expr lo, Expr hi) {
    Build *b = t->b;
    ValId binder = values_new(b, 0, VAL_REDUCED, 0);
    ValId first = operand(t, lo), last = operand(t, hi);
    values_set_scope(b, t->scope);
    bool always = lo && hi && affine_is_at_most(&b->affine, lo, hi, 0);
    LoopShape shape = {p->index_number, binder, lo, hi, p->kind == PLAN_REDUCE, always};
    RegionId body = region_loop(b, b->current, shape);
    Event *event = &b->event[at];
    event->lo = first;
    event->hi = last;
    event->binder = binder;
    event->body = body;
    event->pre = b->region[body].parent;
    Scope *scope = arena_alloc(&b->arena, sizeof *scope);
    *scope = (Scope){t->scope, p->index_number, binder, lo, hi};
    t->scope = scope;
    b->current = body;
}

static void enter(Steps *t, const PlanStep *p) {
    Build *b = t->b;
    event_new(b, EVENT_ENTER, p);
    size_t at = b->events - 1;
    t->level = mem_grow(t->level, &t->cap, t->levels + 1, sizeof *t->level);
    t->level[t->levels++] = (Level){p, t->scope, b->current, (uint32_t)at, 0};
    if (p->kind == PLAN_WHEN) {
        ValId condition = operand(t, p->value);
        b->event[at].value = condition;
        b->event[at].body = region_new(b, b->current, REGION_ARM);
        b->current = b->event[at].body;
    } else if (p->kind == PLAN_FOR) {
        open_loop(t, p, at, p->lo, p->hi);
        bump(b, written_from(p->body, NULL));
    } else {
        Expr loop = p->value;
        if (!expr_is_loop(b->s, loop)) {
            build_fail(b, NULL, "a reduction step without a reduction");
            return;
        }
        ValId reduced = values_new(b, loop, VAL_REDUCED, values_binder(b, loop, t->scope));
        b->val[reduced].salt = values_salt(b, loop);
        b->event[at].reduced = reduced;
        open_loop(t, p, at, expr_kid(b->s, loop, 0), expr_kid(b->s, loop, 1));
        bump(b, written_from(p->body, NULL));
        ValId body = operand(t, expr_open(b->s, loop, p->index_number));
        b->event[at].value = body;
    }
}

static void leave(Steps *t) {
    Build *b = t->b;
    Level level = t->level[--t->levels];
    b->current = level.region;
    Event *event = event_new(b, EVENT_LEAVE, level.step);
    event->enter = level.enter;
    t->scope = level.scope;
    bump(b, written_from(level.step->body, NULL));
    ValId reduced = b->event[level.enter].reduced;
    if (reduced) { /* from here on the loop's value is known */
        Val *v = &b->val[reduced];
        v->salt = values_salt(b, v->e);
        values_map(b, v->e, v->salt, v->binder, reduced);
    }
}

bool steps_read(Build *b) {
    Steps t = {.b = b};
    b->written = written_from(b->plan->first, &b->step_numbers);
    const PlanStep *p = b->plan->first;
    while (!b->failed) {
        if (!p) {
            if (t.levels == 0)
                break;
            p = t.level[t.levels - 1].step->next;
            leave(&t);
        } else if (has_body(p)) {
            enter(&t, p);
            p = p->body;
        } else {
            read_write(&t, p);
            p = p->next;
        }
    }
    free(t.level);
    return !b->failed;
}
