/* Writing code for each kind of Val; see compile_emit.c. */
#include "base/memory.h"
#include "eval/compile_emit.h"
#include "expr/functions.h"
#include "parser/ast.h"

static bool wants_all(Emitter *t, Making *m) {
    Build *b = t->b;
    const Inst i = b->inst[m->inst];
    const Val v = b->val[i.val];
    while (m->at < v.op_count)
        if (!making_wants(t, b->op[v.op_first + m->at++], i.home))
            return false;
    return true;
}

static uint32_t result_reg(Build *b, InstId i) {
    if (!b->inst[i].has_reg) {
        b->inst[i].reg = emit_vreg(b);
        b->inst[i].has_reg = true;
    }
    return b->inst[i].reg;
}

/* ---- arithmetic ---- */
static void emit_function(Build *b, const Val *v, uint32_t d, const uint32_t *r) {
    uint32_t f = expr_payload(b->s, v->e);
    bool variadic = function_at(f)->variadic;
    if (f == FUNCTION_sqrt || f == FUNCTION_abs) {
        emit_code(b, f == FUNCTION_sqrt ? OP_SQRT : OP_ABS, d, r[0], 0, 0);
    } else if (v->op_count == 1) {
        emit_code(b, variadic ? OP_MOV : OP_FN1, d, r[0], 0, variadic ? 0 : f);
    } else if (v->op_count == 2) {
        emit_code(b, OP_FN2, d, r[0], r[1], f);
    } else {
        emit_code(b, OP_FN3, d, r[0], r[1], f);
        emit_code(b, OP_ARG, 0, r[2], 0, 0);
    }
}

/* max(a, b, c, ...): two at a time, from the left. */
static void emit_variadic(Build *b, const Val *v, uint32_t d, RegionId home) {
    uint32_t left = emit_reg(b, b->op[v->op_first], home);
    for (uint32_t k = 1; k < v->op_count; k++) {
        uint32_t to = k + 1 == v->op_count ? d : emit_vreg(b);
        emit_code(b, OP_FN2, to, left, emit_reg(b, b->op[v->op_first + k], home), expr_payload(b->s, v->e));
        left = to;
    }
}

static OpCode op_of_relation(uint32_t rel, bool *swapped) {
    *swapped = rel == REL_GT || rel == REL_GE;
    switch ((AstRel)rel) {
    case REL_LT: case REL_GT: return OP_LT;
    case REL_LE: case REL_GE: return OP_LE;
    case REL_EQ: return OP_EQ;
    default: return OP_NE;
    }
}

static void emit_operation(Build *b, const Val *v, uint32_t d, const uint32_t *r) {
    bool swapped;
    OpCode op;
    switch (expr_op(b->s, v->e)) {
    case EXPR_ADD: emit_code(b, OP_ADD, d, r[0], r[1], 0); break;
    case EXPR_SUB: emit_code(b, OP_SUB, d, r[0], r[1], 0); break;
    case EXPR_MUL: emit_code(b, OP_MUL, d, r[0], r[1], 0); break;
    case EXPR_DIV: emit_code(b, OP_DIV, d, r[0], r[1], 0); break;
    case EXPR_NEG: emit_code(b, OP_NEG, d, r[0], 0, 0); break;
    case EXPR_NOT: emit_code(b, OP_NOT, d, r[0], 0, 0); break;
    case EXPR_POW:
        op = v->detail == 2 ? OP_SQR : v->detail == 3 ? OP_CUBE : v->detail == 4 ? OP_POW4 : OP_POW;
        emit_code(b, op, d, r[0], op == OP_POW ? r[1] : 0, 0);
        break;
    case EXPR_REL:
        op = op_of_relation(expr_payload(b->s, v->e), &swapped);
        emit_code(b, op, d, r[swapped], r[!swapped], 0);
        break;
    default: emit_function(b, v, d, r); break;
    }
}

/* ---- calls ---- */
static uint32_t call_site(Build *b, const Val *v, RegionId home) {
    Sub *u = b->sub;
    u->site = mem_grow(u->site, &b->site_cap, u->sites + 1, sizeof *u->site);
    CallSite *site = &u->site[u->sites];
    *site = (CallSite){sub_for(b, expr_payload(b->s, v->e)), v->op_count - v->rank, NULL};
    site->arg = mem_new(site->count + 1, sizeof *site->arg);
    for (uint32_t i = 0; i < site->count; i++) {
        ValId o = b->op[v->op_first + v->rank + i];
        site->arg[i] = (CallArg){b->val[o].rank != 0, emit_reg(b, o, home)};
    }
    return u->sites++;
}

static void new_table(Build *b, InstId i) {
    b->inst[i].reg = table_for(b, TABLE_TEMP, 0, b->val[b->inst[i].val].e, 0);
}

/* Room for a temporary whose lengths are these registers. */
static void emit_temp(Build *b, InstId i, int rank, const uint32_t *length) {
    new_table(b, i);
    emit_code(b, rank == 1 ? OP_TEMP1 : OP_TEMP2, 0, length[0], rank == 1 ? 0 : length[1], b->inst[i].reg);
}

static void emit_load(Build *b, InstId i, const Val *v, const uint32_t *r) {
    uint32_t d = result_reg(b, i);
    if (v->op_count == 1)
        emit_code(b, OP_LOADK, d, v->detail, 0, r[0]);
    else if (v->op_count == 2)
        emit_code(b, v->proven ? OP_LOAD1 : OP_LOAD1C, d, r[1], v->detail, r[0]);
    else
        emit_code(b, v->proven ? OP_LOAD2 : OP_LOAD2C, d, r[1], r[2], r[0]);
}

bool making_plain(Emitter *t, Making *m) {
    Build *b = t->b;
    if (!wants_all(t, m) || b->failed)
        return false;
    Inst *i = &b->inst[m->inst];
    Val v = b->val[i->val];
    uint32_t r[3] = {0, 0, 0};
    for (uint32_t k = 0; k < v.op_count && k < 3; k++)
        r[k] = emit_reg(b, b->op[v.op_first + k], i->home);
    switch (v.kind) {
    case VAL_SLOT: emit_code(b, OP_LOADK, result_reg(b, m->inst), 0, 0, v.detail); break;
    case VAL_LOAD: emit_load(b, m->inst, &v, r); break;
    case VAL_ROW:
        new_table(b, m->inst);
        emit_code(b, OP_ROW, 0, r[1], r[0], i->reg);
        break;
    case VAL_PREFIX:
        emit_temp(b, m->inst, 1, &r[1]);
        emit_code(b, expr_op(b->s, v.e) == EXPR_PREFIX ? OP_PREFIX : OP_SUFFIX, 0, 0, r[0], i->reg);
        break;
    case VAL_CALL:
        if (v.rank) {
            emit_temp(b, m->inst, v.rank, r);
            emit_code(b, OP_CALLARRAY, 0, call_site(b, &v, i->home), 0, i->reg);
        } else {
            uint32_t site = call_site(b, &v, i->home);
            emit_code(b, OP_CALL, result_reg(b, m->inst), site, 0, 0);
        }
        break;
    default:
        if (expr_op(b->s, v.e) == EXPR_FN && 2 < v.op_count && function_at(expr_payload(b->s, v.e))->variadic)
            emit_variadic(b, &v, result_reg(b, m->inst), i->home);
        else
            emit_operation(b, &v, result_reg(b, m->inst), r);
        break;
    }
    return true;
}

/* ---- choices ---- */
/* A value computed in an arm goes straight to the choice's register. */
static void aim(Build *b, ValId op, RegionId arm, uint32_t reg) {
    ValKind kind = (ValKind)b->val[op].kind;
    if (kind == VAL_PINNED || kind == VAL_INDEX || kind == VAL_REDUCED)
        return;
    InstId i = place_visible(b, op, arm);
    if (i && b->inst[i].home == arm && !b->inst[i].emitted && !b->inst[i].has_reg) {
        b->inst[i].reg = reg;
        b->inst[i].has_reg = true;
    }
}

static void emit_arm(Build *b, ValId op, RegionId arm, uint32_t reg) {
    uint32_t from = emit_reg(b, op, arm);
    if (from != reg)
        emit_code(b, OP_MOV, reg, from, 0, 0);
}

/* A comparison that only this choice needs becomes part of the jump; its code is the last written. */
uint32_t emit_branch(Build *b, ValId condition, uint32_t reg) {
    Virtual *last = b->codes ? &b->code[b->codes - 1] : NULL;
    bool compares = last && OP_LT <= last->op && last->op <= OP_NE && last->d == reg;
    if (compares && b->val[condition].users == 1 && b->val[condition].kind == VAL_OP) {
        static const OpCode jump[] = {OP_JNLT, OP_JNLE, OP_JNEQ, OP_JNNE};
        last->op = (uint16_t)jump[last->op - OP_LT];
        last->d = last->a;
        last->a = last->b;
        return (uint32_t)b->codes - 1;
    }
    return emit_code(b, OP_JZ, 0, reg, 0, 0);
}

bool making_choice(Emitter *t, Making *m) {
    Build *b = t->b;
    const Inst i = b->inst[m->inst];
    const Val v = b->val[i.val];
    const ValId *op = &b->op[v.op_first];
    if (m->phase < 2 && !making_wants_needs(t, &m->at, i.inner[m->phase], &m->phase))
        return false;
    if (m->phase < 2)
        return false; /* the other arm's needs */
    uint32_t d = result_reg(b, m->inst);
    if (m->phase == 2) { /* last before the jump, so that a comparison can join it */
        m->phase = 3;
        if (!making_wants(t, op[0], i.home))
            return false;
    }
    if (m->phase == 3) {
        m->jump[0] = emit_branch(b, op[0], emit_reg(b, op[0], i.home));
        aim(b, op[1], i.inner[0], d);
        m->phase = 4;
        if (!making_wants(t, op[1], i.inner[0]))
            return false;
    }
    if (m->phase == 4) {
        emit_arm(b, op[1], i.inner[0], d);
        m->jump[1] = emit_code(b, OP_JMP, 0, 0, 0, 0);
        emit_here(b, m->jump[0]);
        aim(b, op[2], i.inner[1], d);
        m->phase = 5;
        if (!making_wants(t, op[2], i.inner[1]))
            return false;
    }
    emit_arm(b, op[2], i.inner[1], d);
    emit_here(b, m->jump[1]);
    return true;
}

bool making_logic(Emitter *t, Making *m) {
    Build *b = t->b;
    const Inst i = b->inst[m->inst];
    const Val v = b->val[i.val];
    const ValId *op = &b->op[v.op_first];
    if (m->phase == 0 && !making_wants_needs(t, &m->at, i.inner[0], &m->phase))
        return false;
    if (m->phase == 1) {
        m->phase = 2;
        if (!making_wants(t, op[0], i.home))
            return false;
    }
    uint32_t d = result_reg(b, m->inst);
    if (m->phase == 2) {
        emit_code(b, OP_BOOL, d, emit_reg(b, op[0], i.home), 0, 0);
        m->jump[0] = emit_code(b, v.kind == VAL_AND ? OP_JZ : OP_JNZ, 0, d, 0, 0);
        m->phase = 3;
        if (!making_wants(t, op[1], i.inner[0]))
            return false;
    }
    emit_code(b, OP_BOOL, d, emit_reg(b, op[1], i.inner[0]), 0, 0);
    emit_here(b, m->jump[0]);
    return true;
}
