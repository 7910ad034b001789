/* Code as it will run: neighbours fused, virtual registers mapped to few real ones by a linear scan.
 * A register is live from its first write to its last mention; one that comes from before a loop and
 * is mentioned in it, to the loop's end. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/compile.h"

enum { GONE = OP_CODES };

static bool is_jump(uint16_t op) {
    return op != GONE && op_fields[op][2] == 'j';
}

/* ---- fusing ---- */
typedef struct Fusing {
    Build *b;
    uint32_t *reads, *writes, *made; /* by virtual register; made: position of its write */
    uint32_t *block;                 /* by position */
} Fusing;

static void count_mentions(Fusing *f) {
    Build *b = f->b;
    for (size_t i = 0; i < b->codes; i++) {
        const Virtual *v = &b->code[i];
        const uint32_t field[4] = {v->d, v->a, v->b, v->c};
        for (int k = 0; k < 4; k++) {
            char c = op_fields[v->op][k];
            if (c == 'r' || c == 'm')
                f->reads[field[k]]++;
            if (c == 'w' || c == 'm') {
                f->writes[field[k]]++;
                f->made[field[k]] = (uint32_t)i;
            }
        }
    }
    for (uint32_t i = 0; i < b->sub->sites; i++)
        for (uint32_t k = 0; k < b->sub->site[i].count; k++)
            if (!b->sub->site[i].arg[k].array)
                f->reads[b->sub->site[i].arg[k].at] += 2;
}

static void find_blocks(Fusing *f) {
    Build *b = f->b;
    for (size_t i = 0; i < b->codes; i++)
        if (is_jump(b->code[i].op)) {
            f->block[b->code[i].b] = 1;
            f->block[i + 1] = 1;
        }
    for (size_t i = 1; i <= b->codes; i++)
        f->block[i] += f->block[i - 1];
}

/* The instruction that makes r, if it can move down to position i. */
static Virtual *movable(const Fusing *f, uint32_t r, size_t i, OpCode op) {
    if (r < f->b->sub->pinned || f->reads[r] != 1 || f->writes[r] != 1 || f->block[f->made[r]] != f->block[i])
        return NULL;
    Virtual *v = &f->b->code[f->made[r]];
    return v->op == op ? v : NULL;
}

static void fuse_at(Fusing *f, size_t i) {
    Virtual *v = &f->b->code[i], *m = NULL;
    uint16_t op = GONE;
    uint32_t c = 0;
    if (v->op == OP_SQR) {
        if ((m = movable(f, v->a, i, OP_SUB)))
            op = OP_SUBSQR;
        else if ((m = movable(f, v->a, i, OP_ADD)))
            op = OP_ADDSQR;
    } else if (v->op == OP_ADD || v->op == OP_SUB) {
        if (v->a != v->b && (m = movable(f, v->a, i, OP_MUL))) {
            op = v->op == OP_ADD ? OP_MULADD : OP_MULSUB;
            c = v->b;
        } else if (v->a != v->b && (m = movable(f, v->b, i, OP_MUL))) {
            op = v->op == OP_ADD ? OP_MULADD : OP_SUBMUL;
            c = v->a;
        }
    }
    if (!m)
        return;
    v->op = op;
    v->a = m->a;
    v->b = m->b;
    v->c = c;
    f->made[v->d] = (uint32_t)i;
    m->op = GONE;
}

static void compact(Build *b) {
    uint32_t *to = mem_new(b->codes + 1, sizeof *to);
    uint32_t n = 0;
    for (size_t i = 0; i < b->codes; i++) {
        to[i] = n;
        if (b->code[i].op != GONE)
            b->code[n++] = b->code[i];
    }
    to[b->codes] = n;
    for (uint32_t i = 0; i < n; i++)
        if (is_jump(b->code[i].op))
            b->code[i].b = to[b->code[i].b];
    for (size_t i = 0; i < b->loop_spans; i++) {
        b->loop_from[i] = to[b->loop_from[i]];
        b->loop_to[i] = to[b->loop_to[i]];
    }
    b->codes = n;
    free(to);
}

static void fuse(Build *b) {
    if (60000 < b->vregs) /* the third operand has 16 bits */
        return;
    Fusing f = {b, mem_new(b->vregs + 1, 4), mem_new(b->vregs + 1, 4), mem_new(b->vregs + 1, 4),
                mem_new(b->codes + 2, 4)};
    count_mentions(&f);
    find_blocks(&f);
    for (size_t i = 0; i < b->codes; i++)
        if (b->code[i].op != GONE)
            fuse_at(&f, i);
    compact(b);
    free(f.reads);
    free(f.writes);
    free(f.made);
    free(f.block);
}

/* ---- lives ---- */
typedef struct Lives {
    Build *b;
    uint32_t *start, *end;  /* by virtual register; start NONE: not met */
    uint32_t *loop, *outer; /* innermost span by position (1 + its number); around a span */
} Lives;

static void find_loops(Lives *l) {
    Build *b = l->b;
    for (size_t i = b->loop_spans; 0 < i; i--) { /* outer ones come later in the list */
        uint32_t from = b->loop_from[i - 1], to = b->loop_to[i - 1];
        l->outer[i] = l->loop[from];
        for (uint32_t p = from; p < to; p++)
            l->loop[p] = (uint32_t)i;
    }
}

static void mention(Lives *l, uint32_t r, uint32_t p) {
    if (r < l->b->sub->pinned)
        return;
    if (l->start[r] == UINT32_MAX)
        l->start[r] = l->end[r] = p;
    uint32_t end = p;
    for (uint32_t k = l->loop[p]; k && l->start[r] < l->b->loop_from[k - 1]; k = l->outer[k])
        end = l->b->loop_to[k - 1] - 1;
    if (l->end[r] < end)
        l->end[r] = end;
}

static void find_lives(Lives *l) {
    Build *b = l->b;
    for (uint32_t i = 0; i < b->codes; i++) {
        const Virtual *v = &b->code[i];
        const uint32_t field[4] = {v->d, v->a, v->b, v->c};
        for (int k = 0; k < 4; k++) {
            char c = op_fields[v->op][k];
            if (c == 'r' || c == 'm' || c == 'w') {
                mention(l, field[k], i);
            } else if (c == 'q') {
                const CallSite *site = &b->sub->site[field[k]];
                for (uint32_t n = 0; n < site->count; n++)
                    if (!site->arg[n].array)
                        mention(l, site->arg[n].at, i);
            }
        }
    }
}

/* ---- assignment ---- */
typedef struct Pool { uint32_t *free_list; size_t count, cap; uint32_t next; } Pool;

static void scan(Build *b, const Lives *l, uint32_t *real) {
    uint32_t *first = mem_new(b->codes + 1, 4), *link = mem_new(b->vregs + 1, 4); /* by last position */
    uint32_t *birth = mem_new(b->codes + 1, 4), *born = mem_new(b->vregs + 1, 4);
    Pool pool = {NULL, 0, 0, b->sub->pinned};
    for (uint32_t r = 0; r < b->sub->pinned; r++)
        real[r] = r;
    for (uint32_t r = b->sub->pinned; r < b->vregs; r++)
        if (l->start[r] != UINT32_MAX) {
            born[r] = birth[l->start[r]];
            birth[l->start[r]] = r;
        }
    for (uint32_t p = 0; p < b->codes; p++) {
        for (uint32_t r = birth[p]; r; r = born[r]) {
            real[r] = pool.count ? pool.free_list[--pool.count] : pool.next++;
            link[r] = first[l->end[r]];
            first[l->end[r]] = r;
        }
        for (uint32_t r = first[p]; r; r = link[r]) {
            pool.free_list = mem_grow(pool.free_list, &pool.cap, pool.count + 1, 4);
            pool.free_list[pool.count++] = real[r];
        }
    }
    b->sub->registers = pool.next;
    free(pool.free_list);
    free(first);
    free(link);
    free(birth);
    free(born);
}

static void finish_code(Build *b, const uint32_t *real) {
    Sub *u = b->sub;
    u->code = mem_new(b->codes + 1, sizeof *u->code);
    u->origin = mem_new(b->codes + 1, sizeof *u->origin);
    u->length = b->codes;
    for (size_t i = 0; i < b->codes; i++) {
        Virtual v = b->code[i];
        uint32_t *field[4] = {&v.d, &v.a, &v.b, &v.c};
        for (int k = 0; k < 4; k++) {
            char c = op_fields[v.op][k];
            if (c == 'r' || c == 'm' || c == 'w')
                *field[k] = real[*field[k]];
        }
        if (UINT16_MAX < v.c || (op_fields[v.op][2] == 'x' && UINT16_MAX < v.b))
            build_fail(b, NULL, "the expression has too many arrays");
        u->code[i] = (Instr){v.op, (uint16_t)v.c, v.d, v.a, v.b};
        u->origin[i] = (Origin){v.e, v.loop};
    }
    for (uint32_t i = 0; i < u->sites; i++)
        for (uint32_t k = 0; k < u->site[i].count; k++)
            if (!u->site[i].arg[k].array)
                u->site[i].arg[k].at = real[u->site[i].arg[k].at];
    for (uint32_t i = 1; i < u->loops; i++)
        u->loop[i].reg = real[u->loop[i].reg];
}

void registers_assign(Build *b) {
    fuse(b);
    Lives l = {b, mem_new(b->vregs + 1, 4), mem_new(b->vregs + 1, 4), mem_new(b->codes + 1, 4),
               mem_new(b->loop_spans + 1, 4)};
    for (uint32_t r = 0; r < b->vregs; r++)
        l.start[r] = UINT32_MAX;
    find_loops(&l);
    find_lives(&l);
    uint32_t *real = mem_new(b->vregs + 1, 4);
    scan(b, &l, real);
    finish_code(b, real);
    if (!b->failed)
        chain_operands(b->sub);
    free(real);
    free(l.start);
    free(l.end);
    free(l.loop);
    free(l.outer);
}
