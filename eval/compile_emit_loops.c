/* Writing code for loops and arrays; see compile_emit.c. */
#include "base/memory.h"
#include "eval/compile_emit.h"

OpCode loop_begin_op(ExprOp op) {
    return op == EXPR_SUM ? OP_BEGSUM : op == EXPR_PROD ? OP_BEGPROD : OP_BEGBEST;
}

OpCode loop_next_op(ExprOp op) {
    switch (op) {
    case EXPR_SUM: return OP_SUM;
    case EXPR_PROD: return OP_PROD;
    case EXPR_MAX: case EXPR_ARGMAX: return OP_MAX;
    default: return OP_MIN;
    }
}

OpCode loop_end_op(ExprOp op) {
    switch (op) {
    case EXPR_SUM: return OP_ENDSUM;
    case EXPR_PROD: return OP_ENDPROD;
    case EXPR_MAX: case EXPR_MIN: return OP_ENDBEST;
    default: return OP_ENDAT;
    }
}

void loop_guard(Build *b, LoopCode *c, uint32_t lo, uint32_t hi) {
    c->last = emit_vreg(b);
    emit_code(b, OP_LAST, c->last, lo, hi, 0);
    c->skip = emit_code(b, OP_SKIP, lo, c->last, 0, 0);
}

static uint32_t loop_info(Build *b, RegionId body) {
    Sub *u = b->sub;
    if (u->loops == 0)
        u->loops = 1;
    u->loop = mem_grow(u->loop, &b->loop_cap, u->loops + 1, sizeof *u->loop);
    RegionId outer = b->region[b->region[body].parent].loop;
    const Region *r = &b->region[body];
    u->loop[u->loops] = (LoopInfo){outer ? b->region[outer].info : 0, r->number, r->index, r->lo, r->hi};
    return u->loops++;
}

void loop_start(Build *b, LoopCode *c, RegionId body, OpCode begin, uint32_t lo) {
    Region *r = &b->region[body];
    r->index = emit_vreg(b);
    if (begin == OP_MOV)
        emit_code(b, OP_MOV, r->index, lo, 0, 0);
    else
        emit_code(b, begin, r->index, lo, c->last, r->states - 1);
    r->info = loop_info(b, body);
    c->from = (uint32_t)b->codes;
    if (b->sub->states < r->states)
        b->sub->states = r->states;
}

void loop_end(Build *b, LoopCode *c, RegionId body, OpCode next, uint32_t value) {
    const Region *r = &b->region[body];
    if (next == OP_NEXT)
        emit_code(b, OP_NEXT, r->index, c->last, c->from, 0);
    else
        emit_code(b, next, r->index, value, c->from, r->states - 1);
    b->code[b->codes - 1].loop = r->info;
    emit_loop_span(b, c->from);
}

/* ---- VEC ---- */
static void emit_element(Build *b, InstId i, uint32_t lo) {
    const Inst inst = b->inst[i];
    const Val v = b->val[inst.val];
    RegionId body = inst.inner[1];
    uint32_t from = emit_reg(b, b->op[v.op_first + 2], body), index = b->region[body].index;
    long first;
    bool known = expr_is_integer(b->s, expr_kid(b->s, v.e, 0), &first) && -1000000 < first && first < 1000000;
    if (!known || (v.rank == 2 && first != 0)) {
        uint32_t at = emit_vreg(b);
        emit_code(b, OP_SUB, at, index, lo, 0);
        index = at;
        first = 0;
    }
    if (v.rank == 1)
        emit_code(b, OP_STORE1, from, index, (uint32_t)(int32_t)-first, inst.reg);
    else
        emit_code(b, OP_COPYROW, 0, index, from, inst.reg);
}

static void begin_loop(Build *b, Making *m, LoopCode *c) {
    const Inst i = b->inst[m->inst];
    const Val v = b->val[i.val];
    const ValId *op = &b->op[v.op_first];
    uint32_t lo = emit_reg(b, op[0], i.home), hi = emit_reg(b, op[1], i.home);
    ExprOp kind = expr_op(b->s, v.e);
    if (v.kind == VAL_VEC) {
        uint32_t length[2] = {emit_reg(b, op[3], i.home), v.rank == 2 ? emit_reg(b, op[4], i.home) : 0};
        b->inst[m->inst].reg = table_for(b, TABLE_TEMP, 0, v.e, 0);
        emit_code(b, v.rank == 1 ? OP_TEMP1 : OP_TEMP2, 0, length[0], length[1], b->inst[m->inst].reg);
    } else {
        if (!i.has_reg)
            b->inst[m->inst].reg = emit_vreg(b);
        b->inst[m->inst].has_reg = true;
        if (kind == EXPR_SUM || kind == EXPR_PROD)
            emit_code(b, OP_MOV, b->inst[m->inst].reg, b->val[kind == EXPR_SUM ? b->zero : b->one].detail, 0, 0);
    }
    loop_guard(b, c, lo, hi);
}

static void end_loop(Build *b, Making *m, LoopCode *c) {
    const Inst i = b->inst[m->inst];
    const Val v = b->val[i.val];
    const ValId *op = &b->op[v.op_first];
    RegionId body = i.inner[1];
    ExprOp kind = expr_op(b->s, v.e);
    if (v.kind == VAL_VEC) {
        emit_element(b, m->inst, emit_reg(b, op[0], i.home));
        loop_end(b, c, body, OP_NEXT, 0);
        emit_here(b, c->skip);
        return;
    }
    loop_end(b, c, body, loop_next_op(kind), emit_reg(b, op[2], body));
    emit_code(b, loop_end_op(kind), i.reg, 0, 0, b->region[body].states - 1);
    if (kind == EXPR_SUM || kind == EXPR_PROD) {
        emit_here(b, c->skip);
        return;
    }
    uint32_t over = emit_code(b, OP_JMP, 0, 0, 0, 0);
    emit_here(b, c->skip);
    emit_code(b, OP_EMPTY, 0, 0, 0, 0);
    emit_here(b, over);
}

/* Phases: 0 operands, 1 needs before the guard, 2 needs before the loop, 3 body, 4 the rest. */
bool making_loop(Emitter *t, Making *m) {
    Build *b = t->b;
    const Inst i = b->inst[m->inst];
    const Val v = b->val[i.val];
    LoopCode c = {m->jump[0], m->from, m->jump[1]};
    if (m->phase == 0) {
        while (m->at < v.op_count) {
            uint32_t k = m->at++;
            if (k != 2 && !making_wants(t, b->op[v.op_first + k], i.home))
                return false;
        }
        m->at = 0;
        m->phase = 1;
    }
    if (m->phase == 1) {
        if (!making_wants_needs(t, &m->at, i.inner[0], &m->phase))
            return false;
        begin_loop(b, m, &c);
    }
    if (m->phase == 2) {
        m->jump[0] = c.skip;
        m->jump[1] = c.last;
        if (!making_wants_needs(t, &m->at, i.inner[1], &m->phase))
            return false;
        ExprOp kind = expr_op(b->s, v.e);
        loop_start(b, &c, i.inner[1], v.kind == VAL_VEC ? OP_MOV : loop_begin_op(kind),
                   emit_reg(b, b->op[v.op_first], i.home));
        m->from = c.from;
        m->phase = 4;
        if (!making_wants(t, b->op[v.op_first + 2], i.inner[1]))
            return false;
    }
    if (b->failed)
        return false;
    end_loop(b, m, &c);
    return true;
}

/* ---- LIST: each element is stored as soon as it is there ---- */
static void store_element(Build *b, const Inst *i, const Val *v, uint32_t k) {
    ValId o = b->op[v->op_first + k];
    uint32_t from = emit_reg(b, o, i->home);
    if (v->rank == 1)
        emit_code(b, OP_STOREK, from, k, 0, i->reg);
    else
        emit_code(b, OP_COPYROW, 0, v->detail + k, from, i->reg);
}

bool making_list(Emitter *t, Making *m) {
    Build *b = t->b;
    Val v = b->val[b->inst[m->inst].val];
    RegionId home = b->inst[m->inst].home;
    uint32_t elements = v.op_count - v.rank;
    if (m->phase == 0) {
        while (m->at < v.rank)
            if (!making_wants(t, b->op[v.op_first + elements + m->at++], home))
                return false;
        uint32_t length[2] = {0, 0};
        for (uint32_t k = 0; k < v.rank; k++)
            length[k] = emit_reg(b, b->op[v.op_first + elements + k], home);
        b->inst[m->inst].reg = table_for(b, TABLE_TEMP, 0, v.e, 0);
        emit_code(b, v.rank == 1 ? OP_TEMP1 : OP_TEMP2, 0, length[0], length[1], b->inst[m->inst].reg);
        m->phase = 1;
        m->at = 0;
    }
    while (m->at < elements && !b->failed) {
        if (m->phase == 1) {
            m->phase = 2;
            if (!making_wants(t, b->op[v.op_first + m->at], home))
                return false;
        }
        store_element(b, &b->inst[m->inst], &v, m->at++);
        m->phase = 1;
    }
    return true;
}
