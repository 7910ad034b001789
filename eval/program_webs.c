/* Webs of registers; see program_webs.h.  One walk over the code follows which write each register
 * holds.  Where two ways meet, a node stands for both; a read through it joins them. */
#include "eval/program_webs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A write, or (a, b not 0) a place where two ways meet. */
typedef struct Node {
    uint32_t parent, a, b;
    bool joined;
} Node;

typedef struct Walker {
    const Sub *sub;
    Webs *out;
    Node *node; /* [0] unused */
    size_t nodes, cap;
    uint32_t *now; /* by register: its node */
    bool failed;
} Walker;

bool webs_is_choice(uint16_t op) {
    return op == OP_JZ || op == OP_JNZ || op == OP_JNLT || op == OP_JNLE || op == OP_JNEQ || op == OP_JNNE || op == OP_SKIP;
}

static bool is_loop_end(uint16_t op) {
    return op == OP_NEXT || op == OP_SUM || op == OP_PROD || op == OP_MAX || op == OP_MIN;
}

Choice webs_choice(const Sub *sub, uint32_t at, uint32_t end) {
    uint32_t other = sub->code[at].b;
    const Instr *last = at + 1 < other ? &sub->code[other - 1] : NULL;
    if (last && last->op == OP_JMP && other <= last->b && last->b <= end) return (Choice){other - 1, other, last->b};
    return (Choice){other, other, other};
}

bool webs_is_dead(const Sub *sub, const Choice *c) {
    return c->end == c->other + 1 && sub->code[c->other].op == OP_EMPTY;
}

static uint32_t root(const Walker *w, uint32_t n) {
    while (w->node[n].parent != n) n = w->node[n].parent = w->node[w->node[n].parent].parent;
    return n;
}

static uint32_t new_node(Walker *w, uint32_t a, uint32_t b) {
    w->node = mem_grow(w->node, &w->cap, w->nodes + 1, sizeof *w->node);
    w->node[w->nodes] = (Node){(uint32_t)w->nodes, a, b, false};
    return (uint32_t)w->nodes++;
}

/* All writes that n stands for become one. */
static void join(Walker *w, uint32_t n) {
    uint32_t *stack = NULL;
    size_t depth = 0, cap = 0;
    stack = mem_grow(stack, &cap, 2, sizeof *stack);
    stack[depth++] = n;
    while (depth) {
        uint32_t at = stack[--depth];
        if (w->node[at].joined || !w->node[at].a) continue;
        w->node[at].joined = true;
        uint32_t side[2] = {w->node[at].a, w->node[at].b};
        for (int i = 0; i < 2; i++) {
            w->node[root(w, side[i])].parent = root(w, at);
            stack = mem_grow(stack, &cap, depth + 2, sizeof *stack);
            stack[depth++] = side[i];
        }
    }
    free(stack);
}

static void note(Walker *w, uint32_t at, int k, uint32_t reg, bool write) {
    if (reg < w->sub->pinned) return;
    if (write)
        w->now[reg] = new_node(w, 0, 0);
    else
        join(w, w->now[reg]);
    w->out->at[at].field[k] = w->now[reg];
}

static void note_instruction(Walker *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    const uint32_t field[4] = {in->d, in->a, in->b, in->c};
    for (int k = 1; k < 5; k++) { /* reads come first */
        char what = op_fields[in->op][k % 4];
        if (what == 'r' || what == 'm') note(w, at, k % 4, field[k % 4], false);
    }
    if (in->op == OP_CALL || in->op == OP_CALLARRAY) {
        const CallSite *site = &w->sub->site[in->a];
        uint32_t *arg = w->out->at[at].argument = mem_new(site->count + 1, sizeof *arg);
        for (uint32_t i = 0; i < site->count; i++)
            if (!site->arg[i].array && w->sub->pinned <= site->arg[i].at) {
                arg[i] = w->now[site->arg[i].at];
                join(w, arg[i]);
            }
    }
    if (op_fields[in->op][0] == 'w') note(w, at, 0, in->d, true);
}

/* Two ways meet: `now` after the one, `other` after the second. */
static void meet(Walker *w, const uint32_t *other) {
    for (uint32_t r = 0; r < w->sub->registers; r++) {
        if (w->now[r] == other[r] || !other[r]) continue;
        w->now[r] = w->now[r] ? new_node(w, w->now[r], other[r]) : other[r];
    }
}

static void walk(Walker *w, uint32_t from, uint32_t to, uint32_t loop, int depth);

static uint32_t walk_choice(Walker *w, uint32_t at, uint32_t to, uint32_t loop, int depth) {
    note_instruction(w, at);
    Choice c = webs_choice(w->sub, at, to);
    size_t size = w->sub->registers * sizeof *w->now;
    uint32_t *kept = mem_new(w->sub->registers + 1, sizeof *kept);
    memcpy(kept, w->now, size);
    walk(w, at + 1, c.then_end, loop, depth + 1);
    uint32_t *after = mem_new(w->sub->registers + 1, sizeof *after);
    memcpy(after, w->now, size);
    memcpy(w->now, kept, size);
    walk(w, c.other, c.end, loop, depth + 1);
    if (webs_is_dead(w->sub, &c))
        memcpy(w->now, after, size);
    else
        meet(w, after);
    free(after);
    free(kept);
    return c.end;
}

/* Depth is bounded by WEBS_DEEPEST. */
static void walk(Walker *w, uint32_t from, uint32_t to, uint32_t loop, int depth) {
    if (WEBS_DEEPEST < depth) w->failed = true;
    for (uint32_t i = from; i < to && !w->failed;) {
        WebPlace *at = &w->out->at[i];
        uint32_t end = at->loop_end;
        if (end && at->loop != i + 1) { /* the body, then its end */
            at->loop = i + 1;
            walk(w, i, end, i + 1, depth + 1);
            w->out->at[end].loop = i + 1;
            note_instruction(w, end);
            i = end + 1;
            continue;
        }
        at->loop = loop;
        if (webs_is_choice(w->sub->code[i].op))
            i = walk_choice(w, i, to, loop, depth);
        else
            note_instruction(w, i++);
    }
}

/* ---- what the webs hold ---- */

static WebType type_of(const Sub *u, const Webs *w, uint32_t reg, uint32_t web) {
    if (web) return w->web[web].type;
    if (u->pinned <= reg || u->pin[reg].kind == PIN_CONST || u->pin[reg].kind == PIN_GLOBAL) return WEB_PLAIN;
    return u->pin[reg].kind == PIN_DIM ? WEB_WHOLE : w->called ? WEB_PLAIN : WEB_DOUBLE;
}

static WebType result_type(const Sub *u, const Webs *w, uint32_t at) {
    const Instr *in = &u->code[at];
    const uint32_t field[4] = {in->d, in->a, in->b, in->c};
    if ((OP_LT <= in->op && in->op <= OP_NE) || in->op == OP_NOT || in->op == OP_BOOL) return WEB_TRUTH;
    if (in->op == OP_LAST || in->op == OP_ENDAT || in->op == OP_CALL) return WEB_PLAIN;
    if (in->op == OP_BEGSUM || in->op == OP_BEGPROD || in->op == OP_BEGBEST) return WEB_WHOLE;
    if (in->op == OP_MOV && w->at[at].field[1] && w->web[w->at[at].field[1]].type == WEB_TRUTH) return WEB_TRUTH;
    bool kept = in->op == OP_MOV || (OP_ADD <= in->op && in->op <= OP_MUL) || in->op == OP_NEG || in->op == OP_SQR ||
                in->op == OP_CUBE || in->op == OP_POW4 || in->op == OP_ABS ||
                (OP_MULADD <= in->op && in->op <= OP_SUBMUL_C);
    if (!kept) return WEB_DOUBLE;
    for (int k = 1; k < 4; k++)
        if (op_fields[in->op][k] == 'r' && type_of(u, w, field[k], w->at[at].field[k]) == WEB_DOUBLE)
            return WEB_DOUBLE;
    return WEB_PLAIN;
}

static void count_reads(Webs *w, const Sub *u, uint32_t at) {
    const WebPlace *p = &w->at[at];
    const Instr *in = &u->code[at];
    for (int k = 0; k < 4; k++)
        if (p->field[k] && op_fields[in->op][k] == 'r') {
            w->web[p->field[k]].reads++;
            w->web[p->field[k]].read_at = at;
        }
    if (p->argument)
        for (uint32_t i = 0; i < u->site[in->a].count; i++)
            if (p->argument[i]) {
                w->web[p->argument[i]].reads++;
                w->web[p->argument[i]].read_at = at;
            }
}

static void count_all(Webs *w, const Sub *u) {
    for (uint32_t i = 0; i < w->length; i++) {
        count_reads(w, u, i);
        uint16_t op = u->code[i].op;
        uint32_t d = w->at[i].field[0];
        if (!d) continue;
        if (is_loop_end(op)) w->web[d].type = WEB_WHOLE;
        if (op_fields[op][0] != 'w') continue;
        WebType type = result_type(u, w, i);
        Web *web = &w->web[d];
        bool same = web->writes == 0 || web->type == type;
        web->type = same ? type : WEB_PLAIN;
        web->writes++;
    }
    for (uint32_t i = 0; i < w->length; i++) /* the index of a loop that begins with a MOV */
        if (is_loop_end(u->code[i].op) && w->at[i].field[0]) w->web[w->at[i].field[0]].type = WEB_WHOLE;
}

/* Nodes become webs, numbered as they come. */
static void number_webs(Walker *w) {
    uint32_t *number = mem_new(w->nodes + 1, sizeof *number);
    w->out->count = 1;
    for (size_t i = 0; i < w->out->length; i++) {
        WebPlace *p = &w->out->at[i];
        size_t args = p->argument ? w->sub->site[w->sub->code[i].a].count : 0;
        for (size_t k = 0; k < 4 + args; k++) {
            uint32_t *at = k < 4 ? &p->field[k] : &p->argument[k - 4];
            if (!*at) continue;
            uint32_t r = root(w, *at);
            if (!number[r]) number[r] = w->out->count++;
            *at = number[r];
        }
    }
    w->out->web = mem_new(w->out->count, sizeof *w->out->web);
    free(number);
}

bool webs_find(const Sub *sub, bool called, Webs *out) {
    *out = (Webs){.length = sub->length, .called = called, .at = mem_new(sub->length + 1, sizeof *out->at)};
    Walker w = {.sub = sub, .out = out, .now = mem_new(sub->registers + 1, sizeof *w.now)};
    new_node(&w, 0, 0);
    for (uint32_t i = 0; i < sub->length; i++)
        if (is_loop_end(sub->code[i].op)) out->at[sub->code[i].b].loop_end = i;
    walk(&w, 0, (uint32_t)sub->length, 0, 0);
    if (!w.failed) {
        number_webs(&w);
        count_all(out, sub);
    }
    free(w.now);
    free(w.node);
    return !w.failed;
}

void webs_done(Webs *w) {
    for (size_t i = 0; w->at && i < w->length; i++) free(w->at[i].argument);
    free(w->at);
    free(w->web);
    *w = (Webs){0};
}
