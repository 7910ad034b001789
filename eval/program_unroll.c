/* Short loops written out.  Where the lengths given make a loop run only a few times over elements,
 * the plain interpreter runs a copy of the code with its rounds one after another and each element at
 * a known place.  The operations and their order are the same, and so are the bits.  Only what cannot
 * fail is written out, since the copy has no loop indices to tell a fault's place with; the executors
 * that count, bound or trace keep the loops. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/compile_emit.h"

enum { MOST_ROUNDS_OUT = 4, MOST_CODE_OUT = 64 };

/* LAST, SKIP .. MOV, body, NEXT */
typedef struct ShortLoop {
    size_t guard, from, next; /* of LAST, of the body's first instruction, of NEXT */
    bool drops_guard;         /* nothing else needs what LAST made */
    double first;
    size_t rounds;
} ShortLoop;

static bool is_known(const Sub *u, uint32_t reg) {
    return reg < u->pinned && u->pin[reg].kind != PIN_PARAM;
}

/* The instruction that reads an element, with that element's number instead of an index. */
static uint16_t at_known_place(uint16_t op) {
    switch (op) {
    case OP_LOAD1: return OP_LOADK;
    case OP_STORE1: return OP_STOREK;
    case OP_STORE1_D: return OP_STOREK_D;
    case OP_INC1: return OP_INCK;
    default: return OP_END;
    }
}

static bool field_reads(char field, uint32_t value, uint32_t reg) {
    return (field == 'r' || field == 'm') && value == reg;
}

/* A call may read any register. */
static bool reads(const Instr *at, uint32_t reg, bool but_a) {
    const char *fields = op_fields[at->op];
    return fields[1] == 'q' || field_reads(fields[0], at->d, reg) || (!but_a && field_reads(fields[1], at->a, reg)) ||
           field_reads(fields[2], at->b, reg) || field_reads(fields[3], at->c, reg);
}

/* Straight code that cannot fail and knows the index as the place of an element only. */
static bool fits(const Instr *at, uint32_t index) {
    bool place = at_known_place(at->op) != OP_END;
    bool plain = OP_MOV <= at->op && at->op <= OP_BOOL;
    bool element = place || at->op == OP_LOADK || at->op == OP_STOREK || at->op == OP_INCK;
    bool writes = op_fields[at->op][0] == 'w' && at->d == index;
    return (plain || element) && !writes && !reads(at, index, place);
}

/* How often each instruction is jumped to; owned by the caller. */
static uint32_t *count_jumps(const Sub *u) {
    uint32_t *res = mem_new(u->length + 1, sizeof *res);
    for (size_t i = 0; i < u->length; i++)
        if (op_fields[u->code[i].op][2] == 'j' && u->code[i].b <= u->length)
            res[u->code[i].b]++;
    return res;
}

static bool find_guard(const Workspace *w, const Sub *u, ShortLoop *l) {
    const Instr *next = &u->code[l->next], *set = &u->code[l->from - 1];
    size_t p = l->from - 1;
    do {
        if (p-- == 0)
            return false;
    } while (op_fields[u->code[p].op][0] != 'w' || u->code[p].d != next->a);
    const Instr *last = &u->code[p];
    if (last->op != OP_LAST || last[1].op != OP_SKIP || last[1].a != next->a || last->a != set->a ||
        !is_known(u, last->a) || !is_known(u, last->b))
        return false;
    double first = w->main.reg[last->a], end = w->main.reg[last->b], rounds = end - first + 1;
    if (!(fabs(first) < 1e6 && first == floor(first) && end == floor(end) && 1 <= rounds && rounds <= MOST_ROUNDS_OUT))
        return false;
    l->guard = p;
    l->first = first;
    l->rounds = (size_t)rounds;
    l->drops_guard = true;
    for (size_t i = 0; i < u->length && l->drops_guard; i++)
        l->drops_guard = i == p + 1 || i == l->next || !reads(&u->code[i], next->a, false);
    return true;
}

/* Is the NEXT at `at` the end of a loop that can be written out? */
static bool find_loop(const Workspace *w, const Sub *u, const uint32_t *jumps, size_t at, ShortLoop *l) {
    const Instr *next = &u->code[at];
    l->next = at;
    l->from = next->b;
    if (next->op != OP_NEXT || l->from < 3 || at <= l->from || jumps[l->from] != 1 || jumps[l->from - 1] || jumps[at])
        return false;
    const Instr *set = &u->code[l->from - 1];
    if (set->op != OP_MOV || set->d != next->d)
        return false;
    for (size_t i = l->from; i < at; i++)
        if ((l->from < i && jumps[i]) || !fits(&u->code[i], next->d))
            return false;
    return find_guard(w, u, l) && l->rounds * (at - l->from) <= MOST_CODE_OUT;
}

static void copy_instr(Sub *to, const Sub *u, size_t from) {
    to->code[to->length] = u->code[from];
    to->origin[to->length++] = u->origin[from];
}

static void copy_rounds(Sub *to, const Sub *u, const ShortLoop *l) {
    uint32_t index = u->code[l->next].d;
    for (size_t k = 0; k < l->rounds; k++)
        for (size_t i = l->from; i < l->next; i++) {
            copy_instr(to, u, i);
            Instr *at = &to->code[to->length - 1];
            uint16_t known = at_known_place(at->op);
            if (known == OP_END || at->a != index)
                continue;
            at->op = known;
            at->a = (uint32_t)((long)l->first + (long)k + (int32_t)at->b);
            at->b = 0;
        }
}

/* The code with the loops written out; to->code and to->origin have room. */
static void copy_code(Sub *to, const Sub *u, const ShortLoop *loop, size_t loops) {
    uint32_t *moved = mem_new(u->length + 1, sizeof *moved);
    bool *dropped = mem_new(u->length + 1, sizeof *dropped);
    for (size_t k = 0; k < loops; k++)
        if (loop[k].drops_guard)
            dropped[loop[k].guard] = dropped[loop[k].guard + 1] = true;
    for (size_t i = 0, k = 0; i < u->length; i++) {
        moved[i] = (uint32_t)to->length;
        if (k < loops && i == loop[k].from - 1) {
            copy_rounds(to, u, &loop[k]);
            i = loop[k++].next;
            moved[i] = (uint32_t)to->length;
        } else if (!dropped[i]) {
            copy_instr(to, u, i);
        }
    }
    moved[u->length] = (uint32_t)to->length;
    for (size_t i = 0; i < to->length; i++)
        if (op_fields[to->code[i].op][2] == 'j')
            to->code[i].b = moved[to->code[i].b];
    free(moved);
    free(dropped);
}

void workspace_unroll(Workspace *w) {
    const Sub *u = w->main.sub;
    ShortLoop *loop = NULL;
    size_t loops = 0, cap = 0, more = 0;
    uint32_t *jumps = NULL;
    for (size_t i = 0; i < u->length; i++) {
        if (u->code[i].op != OP_NEXT)
            continue;
        if (!jumps)
            jumps = count_jumps(u);
        ShortLoop l;
        if (!find_loop(w, u, jumps, i, &l))
            continue;
        loop = mem_grow(loop, &cap, loops + 1, sizeof *loop);
        loop[loops++] = l;
        more += l.rounds * (l.next - l.from);
    }
    w->plain = w->main;
    if (loops) {
        Sub *to = &w->unrolled;
        *to = *u;
        to->length = 0;
        to->code = mem_new(u->length + more, sizeof *to->code);
        to->origin = mem_new(u->length + more, sizeof *to->origin);
        copy_code(to, u, loop, loops);
        chain_operands(to);
        w->plain.sub = to;
    }
    free(loop);
    free(jumps);
}
