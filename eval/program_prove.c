/* Indices checked once: what a program checks at each access because it could not be proved for all
 * lengths is proved for these, where that is possible.  The main frame then runs a copy of the code
 * with the checks left out. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_code.h"
#include "eval/ranges.h"

static void take_lengths(const Workspace *w, AffineEnv *env, double **value) {
    const Sub *u = w->main.sub;
    env->s = defs_store(w->program->defs);
    env->length = mem_new(u->pinned + 1, sizeof *env->length);
    *value = mem_new(u->pinned + 1, sizeof **value);
    for (uint32_t i = 0; i < u->pinned; i++)
        if (u->pin[i].kind == PIN_DIM) {
            env->length[env->lengths] = u->pin[i].e;
            (*value)[env->lengths++] = w->main.reg[i];
        }
    env->value = *value;
}

static void take_loops(const Sub *u, AffineEnv *env, uint32_t loop) {
    uint32_t chain[AFFINE_LOOPS];
    int n = 0;
    for (; loop && n < AFFINE_LOOPS; loop = u->loop[loop].parent)
        chain[n++] = loop;
    env->loops = n;
    for (int i = 0; i < n; i++) {
        const LoopInfo *info = &u->loop[chain[n - 1 - i]];
        env->number[i] = info->number;
        env->lo[i] = info->lo;
        env->hi[i] = info->hi;
    }
}

/* The load computes e = ELEM(array, i) or ELEM(ELEM(array, i), j). */
static bool is_inside(const AffineEnv *env, const TableEntry *t, Expr e, int rank) {
    for (int axis = rank; 0 < axis; axis--) {
        if (!e || expr_op(env->s, e) != EXPR_ELEM || !t->dim[axis - 1])
            return false;
        if (!affine_is_inside(env, expr_kid(env->s, e, 1), t->dim[axis - 1]))
            return false;
        e = expr_kid(env->s, e, 0);
    }
    return e == t->e;
}

void workspace_prove(Workspace *w) {
    const Sub *u = w->main.sub;
    Instr *code = NULL;
    AffineEnv env = {0};
    double *value = NULL;
    take_lengths(w, &env, &value);
    for (size_t i = 0; i < u->length; i++) {
        uint16_t op = u->code[i].op;
        if (op != OP_LOAD1C && op != OP_LOAD2C)
            continue;
        take_loops(u, &env, u->origin[i].loop);
        if (!is_inside(&env, &u->table[u->code[i].c], u->origin[i].e, op == OP_LOAD1C ? 1 : 2))
            continue;
        if (!code) {
            code = mem_new(u->length, sizeof *code);
            memcpy(code, u->code, u->length * sizeof *code);
        }
        code[i].op = op == OP_LOAD1C ? OP_LOAD1 : OP_LOAD2;
    }
    free(env.length);
    free(value);
    if (!code)
        return;
    w->bound = *u;
    w->bound.code = code;
    w->main.sub = &w->bound;
}
