/* The last pass over the code: an instruction whose operand the one before has just made takes it from
 * there (the _A, _B, _C, _D forms of program_ops.def).  In memory the number would be ready only some
 * ten cycles later, and most instructions of an expression use the number made last.  The registers
 * are written all the same, so nothing else changes; a product or sum has the same bits with its
 * operands exchanged. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/compile_emit.h"

/* Does it leave the number it writes where the next one can take it? */
static bool makes_number(uint16_t op) {
    return (OP_MOV <= op && op <= OP_FN2) || op == OP_LOADK || op == OP_LOAD1 || op == OP_LOAD2;
}

static void exchange(Instr *at) {
    uint32_t a = at->a;
    at->a = at->b;
    at->b = a;
}

/* a is the operand made last, or becomes it. */
static bool has_first(Instr *at, uint32_t made) {
    if (at->a != made && at->b == made)
        exchange(at);
    return at->a == made;
}

static void chain(Instr *at, uint32_t made) {
    switch (at->op) {
    case OP_ADD: if (has_first(at, made)) at->op = OP_ADD_A; break;
    case OP_MUL: if (has_first(at, made)) at->op = OP_MUL_A; break;
    case OP_SUB: at->op = at->a == made ? OP_SUB_A : at->b == made ? OP_SUB_B : OP_SUB; break;
    case OP_SQR: if (at->a == made) at->op = OP_SQR_A; break;
    case OP_CUBE: if (at->a == made) at->op = OP_CUBE_A; break;
    case OP_MULADD: at->op = at->c == made ? OP_MULADD_C : has_first(at, made) ? OP_MULADD_A : OP_MULADD; break;
    case OP_MULSUB: if (has_first(at, made)) at->op = OP_MULSUB_A; break;
    case OP_SUBMUL: at->op = at->c == made ? OP_SUBMUL_C : has_first(at, made) ? OP_SUBMUL_A : OP_SUBMUL; break;
    case OP_STOREK: if (at->d == made) at->op = OP_STOREK_D; break;
    case OP_STORE1: if (at->d == made) at->op = OP_STORE1_D; break;
    default: break;
    }
}

void chain_operands(Sub *u) {
    bool *target = mem_new(u->length + 1, sizeof *target);
    for (size_t i = 0; i < u->length; i++)
        if (op_fields[u->code[i].op][2] == 'j' && u->code[i].b < u->length)
            target[u->code[i].b] = true;
    for (size_t i = 1; i < u->length; i++)
        if (!target[i] && makes_number(u->code[i - 1].op))
            chain(&u->code[i], u->code[i - 1].d);
    free(target);
}
