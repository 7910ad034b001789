/* Writing code: each Val where it is placed, when it is first asked for.  An explicit stack holds the
 * Vals under way, so that depth of expressions is no matter. */
#include "eval/compile_emit.h"

#include <stdlib.h>

#include "base/memory.h"

uint32_t emit_vreg(Build *b) {
    return b->vregs++;
}

uint32_t emit_code(Build *b, OpCode op, uint32_t d, uint32_t a, uint32_t bb, uint32_t c) {
    b->code = mem_grow(b->code, &b->code_cap, b->codes + 1, sizeof *b->code);
    b->code[b->codes] = (Virtual){.op = (uint16_t)op, .d = d, .a = a, .b = bb, .c = c};
    return (uint32_t)b->codes++;
}

void emit_here(Build *b, uint32_t jump) {
    b->code[jump].b = (uint32_t)b->codes;
}

void emit_loop_span(Build *b, uint32_t from) {
    b->loop_from = mem_grow(b->loop_from, &b->loop_span_cap, b->loop_spans + 1, sizeof *b->loop_from);
    b->loop_to = mem_grow(b->loop_to, &b->loop_to_cap, b->loop_spans + 1, sizeof *b->loop_to);
    b->loop_from[b->loop_spans] = from;
    b->loop_to[b->loop_spans++] = (uint32_t)b->codes;
}

static uint32_t index_reg(Build *b, const Val *v, RegionId region) {
    for (RegionId r = b->region[region].loop; r; r = b->region[b->region[r].parent].loop)
        if (b->region[r].binder == v->binder)
            return b->region[r].index;
    build_fail(b, NULL, "an index stands outside its loop");
    return 0;
}

uint32_t emit_reg(Build *b, ValId at, RegionId region) {
    const Val *v = &b->val[at];
    if (v->kind == VAL_PINNED || v->kind == VAL_TABLE)
        return v->detail;
    if (v->kind == VAL_INDEX)
        return index_reg(b, v, region);
    InstId i = place_visible(b, at, region);
    if (!i || !b->inst[i].emitted) {
        build_fail(b, NULL, "a value is used before it is known");
        return 0;
    }
    return b->inst[i].reg;
}

/* ---- asking ---- */
static bool is_leaf(const Val *v) {
    return v->kind == VAL_PINNED || v->kind == VAL_TABLE || v->kind == VAL_INDEX;
}

static void push(Emitter *t, InstId i) {
    t->stack = mem_grow(t->stack, &t->cap, t->count + 1, sizeof *t->stack);
    t->stack[t->count++] = (Making){.inst = i};
}

static bool wants_inst(Emitter *t, InstId i) {
    Build *b = t->b;
    if (b->inst[i].emitted)
        return true;
    if (b->val[b->inst[i].val].kind == VAL_REDUCED) {
        build_fail(b, NULL, "the value of a reduction is used before its step");
        return true;
    }
    push(t, i);
    return false;
}

bool making_wants(Emitter *t, ValId v, RegionId region) {
    if (!v || is_leaf(&t->b->val[v]))
        return true;
    InstId i = place_visible(t->b, v, region);
    if (!i) {
        build_fail(t->b, NULL, "a value is used where it is not known");
        return true;
    }
    return wants_inst(t, i);
}

/* Walks the Needs of a region; moves to the next phase after the last. */
bool making_wants_needs(Emitter *t, uint32_t *at, RegionId region, uint32_t *phase) {
    Build *b = t->b;
    if (*at == 0)
        *at = b->region[region].need ? b->region[region].need : UINT32_MAX;
    while (*at != UINT32_MAX) {
        InstId i = b->need[*at].inst;
        *at = b->need[*at].next ? b->need[*at].next : UINT32_MAX;
        if (!wants_inst(t, i))
            return false;
    }
    *at = 0;
    ++*phase;
    return true;
}

/* ---- one Val ---- */
static void note_origin(Build *b, size_t from, InstId i) {
    RegionId loop = b->region[b->inst[i].home].loop;
    for (size_t k = from; k < b->codes; k++)
        if (b->code[k].e == 0) {
            b->code[k].e = b->val[b->inst[i].val].e;
            b->code[k].loop = loop ? b->region[loop].info : 0;
        }
}

static bool advance(Emitter *t, Making *m) {
    switch (t->b->val[t->b->inst[m->inst].val].kind) {
    case VAL_IF: return making_choice(t, m);
    case VAL_AND: case VAL_OR: return making_logic(t, m);
    case VAL_LOOP: case VAL_VEC: return making_loop(t, m);
    case VAL_LIST: return making_list(t, m);
    default: return making_plain(t, m);
    }
}

static void run(Emitter *t) {
    Build *b = t->b;
    while (t->count && !b->failed) {
        Making m = t->stack[t->count - 1]; /* a copy: asking moves the stack */
        size_t at = t->count - 1, from = b->codes;
        if (b->inst[m.inst].emitted) {
            t->count--;
            continue;
        }
        bool done = advance(t, &m);
        t->stack[at] = m;
        note_origin(b, from, m.inst);
        if (done) {
            b->inst[m.inst].emitted = true;
            t->count = at;
        }
        if (UINT32_MAX / 4 < b->codes || store_is_interrupted(b->s))
            build_fail(b, NULL, "interrupted");
    }
    t->count = 0;
}

bool emit_demand(Build *b, ValId v, RegionId region) {
    Emitter t = {.b = b};
    if (!making_wants(&t, v, region))
        run(&t);
    free(t.stack);
    return !b->failed;
}

void emit_needs(Build *b, RegionId region) {
    Emitter t = {.b = b};
    uint32_t at = 0, phase = 0;
    while (!b->failed && !making_wants_needs(&t, &at, region, &phase))
        run(&t);
    free(t.stack);
}

/* ---- steps ---- */
static void emit_write(Build *b, const Event *e) {
    uint32_t table = b->sub->slot[e->step->slot].table;
    int rank = expr_rank(b->s, b->plan->slot[e->step->slot].symbol);
    if (e->step->kind == PLAN_CLEAR) {
        emit_code(b, OP_CLEAR, 0, 0, 0, table);
        return;
    }
    emit_demand(b, e->value, e->region);
    emit_demand(b, e->index[0], e->region);
    emit_demand(b, e->index[1], e->region);
    if (b->failed)
        return;
    uint32_t value = emit_reg(b, e->value, e->region);
    if (e->step->kind == PLAN_GRADIENT) {
        emit_code(b, OP_GRAD, 0, 0, value, table);
        return;
    }
    bool add = e->step->kind == PLAN_ADD;
    long k;
    if (rank == 0) {
        emit_code(b, add ? OP_INCK : OP_STOREK, value, 0, 0, table);
    } else if (rank == 1 && e->proven && expr_is_integer(b->s, e->step->index[0], &k)) {
        emit_code(b, add ? OP_INCK : OP_STOREK, value, (uint32_t)(k - 1), 0, table);
    } else if (rank == 1) {
        OpCode op = add ? e->proven ? OP_INC1 : OP_INC1C : e->proven ? OP_STORE1 : OP_STORE1C;
        emit_code(b, op, value, emit_reg(b, e->index[0], e->region), (uint32_t)e->offset, table);
    } else {
        OpCode op = add ? e->proven ? OP_INC2 : OP_INC2C : e->proven ? OP_STORE2 : OP_STORE2C;
        emit_code(b, op, value, emit_reg(b, e->index[0], e->region), emit_reg(b, e->index[1], e->region), table);
    }
}

static void emit_enter(Build *b, Event *e) {
    if (e->step->kind == PLAN_WHEN) {
        emit_needs(b, e->body);
        if (emit_demand(b, e->value, e->region))
            e->at[0] = emit_branch(b, e->value, emit_reg(b, e->value, e->region));
        return;
    }
    emit_demand(b, e->lo, e->region);
    emit_demand(b, e->hi, e->region);
    emit_needs(b, e->pre);
    if (b->failed)
        return;
    LoopCode c;
    uint32_t lo = emit_reg(b, e->lo, e->region), hi = emit_reg(b, e->hi, e->region);
    OpCode begin = OP_MOV;
    if (e->step->kind == PLAN_REDUCE) {
        ExprOp op = expr_op(b->s, e->step->value);
        begin = loop_begin_op(op);
        InstId res = place_visible(b, e->reduced, e->region);
        b->inst[res].reg = emit_vreg(b);
        if (op != EXPR_SUM && op != EXPR_PROD)
            e->at[1] = 1;
        else
            emit_code(b, OP_MOV, b->inst[res].reg, emit_reg(b, op == EXPR_SUM ? b->zero : b->one, 1), 0, 0);
    }
    loop_guard(b, &c, lo, hi);
    emit_needs(b, e->body);
    if (b->failed)
        return;
    loop_start(b, &c, e->body, begin, lo);
    if (e->step->kind == PLAN_REDUCE)
        emit_demand(b, e->value, e->body);
    e->vreg[0] = c.skip;
    e->vreg[1] = c.from;
    e->vreg[2] = c.last;
}

static void emit_leave(Build *b, const Event *enter) {
    const PlanStep *step = enter->step;
    if (step->kind == PLAN_WHEN) {
        emit_here(b, enter->at[0]);
        return;
    }
    LoopCode c = {enter->vreg[0], enter->vreg[1], enter->vreg[2]};
    if (step->kind == PLAN_FOR) {
        loop_end(b, &c, enter->body, OP_NEXT, 0);
        emit_here(b, c.skip);
        return;
    }
    ExprOp op = expr_op(b->s, step->value);
    loop_end(b, &c, enter->body, loop_next_op(op), emit_reg(b, enter->value, enter->body));
    InstId res = place_visible(b, enter->reduced, enter->region);
    emit_code(b, loop_end_op(op), b->inst[res].reg, 0, 0, b->region[enter->body].states - 1);
    b->inst[res].emitted = true;
    if (enter->at[1]) {
        uint32_t over = emit_code(b, OP_JMP, 0, 0, 0, 0);
        emit_here(b, c.skip);
        emit_code(b, OP_EMPTY, 0, 0, 0, 0);
        emit_here(b, over);
    } else {
        emit_here(b, c.skip);
    }
}

static void note_step(Build *b, size_t from, const Event *e) {
    const PlanStep *step = e->step;
    RegionId loop = b->region[e->region].loop;
    for (size_t i = from; i < b->codes; i++)
        if (b->code[i].e == 0) {
            b->code[i].e = step->kind == PLAN_FOR || step->kind == PLAN_CLEAR ? 0 : step->value;
            b->code[i].loop = loop ? b->region[loop].info : 0;
        }
}

void emit_all(Build *b) {
    b->vregs = b->sub->pinned;
    for (size_t i = 0; i < b->events && !b->failed; i++) {
        Event *e = &b->event[i];
        size_t from = b->codes;
        if (e->kind == EVENT_STEP)
            emit_write(b, e);
        else if (e->kind == EVENT_ENTER)
            emit_enter(b, e);
        else
            emit_leave(b, &b->event[e->enter]);
        note_step(b, from, e);
    }
    if (b->result_val && emit_demand(b, b->result_val, 1))
        emit_code(b, OP_RET, 0, emit_reg(b, b->result_val, 1), 0, 0);
    else
        emit_code(b, OP_END, 0, 0, 0, 0);
}
