/* Signs of linear forms in whole numbers (lengths, indices), decided from the facts and the ranges
 * of loops: Fourier and Motzkin's elimination, with constants rounded down since all is whole. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"

enum { MOST_VARS = 10, MOST_LINES = 160, MOST_SIZE = 1 << 24 };

/* c[0] + c[1]*v[0] + ... >= 0 */
typedef struct Line {
    long c[MOST_VARS + 1];
} Line;

typedef struct System {
    unsigned var[MOST_VARS]; /* kernels */
    size_t vars, count;
    bool full; /* something had no room: nothing follows */
    Line line[MOST_LINES];
} System;

static size_t variable(System *w, unsigned kernel) {
    for (size_t i = 0; i < w->vars; i++)
        if (w->var[i] == kernel)
            return i;
    if (w->vars == MOST_VARS) {
        w->full = true;
        return 0;
    }
    w->var[w->vars++] = kernel;
    return w->vars - 1;
}

/* Is a, but for a positive number, a linear form in whole kernels?  The form. */
static bool linear(Kernels *k, System *w, Ratio a, Line *out) {
    unsigned long *exponent = mem_new(k->cap, sizeof *exponent);
    bool res = a && k->op->terms(k->ring, a, RING_DENOMINATOR) == 1;
    mpz_t n;
    mpz_init(n);
    *out = (Line){{0}};
    if (res) {
        k->op->term(k->ring, a, RING_DENOMINATOR, 0, n, exponent);
        for (unsigned g = 0; g < k->count; g++)
            res = res && !exponent[g];
        res = res && 0 < mpz_sgn(n);
    }
    for (size_t i = 0; res && i < k->op->terms(k->ring, a, RING_NUMERATOR); i++) {
        size_t at = 0;
        k->op->term(k->ring, a, RING_NUMERATOR, i, n, exponent);
        for (unsigned g = 0; g < k->count && res; g++) {
            if (!exponent[g])
                continue;
            res = exponent[g] == 1 && at == 0 && k->kernel[g].whole &&
                  k->kernel[g].kind == KERNEL_NODE;
            if (res)
                at = 1 + variable(w, g);
        }
        res = res && mpz_cmpabs_ui(n, MOST_SIZE) < 0;
        if (res)
            out->c[at] = mpz_get_si(n);
    }
    mpz_clear(n);
    free(exponent);
    return res && !w->full;
}

static void add_line(System *w, Line l, long sign) {
    if (w->count == MOST_LINES) {
        w->full = true;
        return;
    }
    for (size_t i = 0; i <= MOST_VARS; i++)
        l.c[i] *= sign;
    w->line[w->count++] = l;
}

/* p has one of the signs. */
static void add_known(System *w, Line l, unsigned sign) {
    if (!(sign & SIGN_NEG)) {
        Line at_least = l;
        at_least.c[0] -= sign & SIGN_ZERO ? 0 : 1;
        add_line(w, at_least, 1);
    }
    if (!(sign & SIGN_POS)) {
        l.c[0] += sign & SIGN_ZERO ? 0 : 1;
        add_line(w, l, -1);
    }
}

/* What is known of the variables so far: signs, and of an index of an open loop its range. */
static void add_variables(Kernels *k, System *w) {
    for (size_t i = 0; i < w->vars && !w->full; i++) { /* ranges may bring new ones */
        const Kernel *at = &k->kernel[w->var[i]];
        Line own = {{0}}, end;
        own.c[i + 1] = 1;
        add_known(w, own, at->sign);
        if (expr_op(k->store, at->node) != EXPR_FREE)
            continue;
        const LoopRange *r = &k->range[expr_payload(k->store, at->node)];
        for (int side = 0; r->lo && side < 2; side++) {
            Ratio bound = kernels_convert(k, side ? r->hi : r->lo);
            if (!kernels_whole(k, bound) || !linear(k, w, bound, &end))
                continue;
            end.c[i + 1] -= 1;
            add_line(w, end, side ? 1 : -1);
        }
    }
}

static long gcd_of(long a, long b) {
    while (b) {
        long c = a % b;
        a = b;
        b = c;
    }
    return labs(a);
}

/* Divided by the common factor, the constant rounded down. */
static bool tighten(Line *l) {
    long g = 0;
    for (size_t i = 1; i <= MOST_VARS; i++)
        g = gcd_of(g, l->c[i]);
    for (size_t i = 1; 1 < g && i <= MOST_VARS; i++)
        l->c[i] /= g;
    if (1 < g)
        l->c[0] = l->c[0] / g - (l->c[0] % g < 0);
    for (size_t i = 0; i <= MOST_VARS; i++)
        if (MOST_SIZE < labs(l->c[i]))
            return false;
    return true;
}

static bool eliminate(System *w, size_t v) {
    System *next = mem_new(1, sizeof *next);
    for (size_t i = 0; i < w->count; i++) {
        const Line *a = &w->line[i];
        if (a->c[v] == 0)
            add_line(next, *a, 1);
        for (size_t j = 0; 0 < a->c[v] && j < w->count; j++) {
            const Line *b = &w->line[j];
            Line sum;
            if (0 <= b->c[v])
                continue;
            for (size_t t = 0; t <= MOST_VARS; t++)
                sum.c[t] = a->c[t] * -b->c[v] + b->c[t] * a->c[v];
            if (tighten(&sum)) /* one left out only weakens what follows */
                add_line(next, sum, 1);
        }
    }
    bool res = !next->full;
    w->count = next->count;
    memcpy(w->line, next->line, next->count * sizeof *next->line);
    free(next);
    return res;
}

/* Has it no solution for certain? */
static bool infeasible(const System *from, Line l, long sign, long shift) {
    System *w = mem_new(1, sizeof *w);
    bool res = false, good = true;
    *w = *from;
    add_line(w, l, sign);
    if (!w->full)
        w->line[w->count - 1].c[0] += shift;
    if (!w->full && sign == 0) { /* l == 0 */
        w->count--;
        add_line(w, l, 1);
        add_line(w, l, -1);
    }
    good = !w->full;
    for (size_t v = 1; good && v <= w->vars; v++)
        good = eliminate(w, v);
    for (size_t i = 0; good && i < w->count; i++)
        res = res || w->line[i].c[0] < 0;
    free(w);
    return res;
}

unsigned kernels_whole_sign(Kernels *k, Ratio a) {
    System *w = mem_new(1, sizeof *w);
    Line l, fact;
    unsigned res = SIGN_ANY;
    if (linear(k, w, a, &l) && 0 < w->vars) {
        for (size_t i = 0; i < k->fact_count && !w->full; i++) {
            size_t before = w->vars;
            if (linear(k, w, k->fact[i].p, &fact))
                add_known(w, fact, k->fact[i].sign);
            else if (!w->full)
                w->vars = before;
        }
        add_variables(k, w);
        if (!w->full) {
            res &= infeasible(w, l, -1, -1) ? ~(unsigned)SIGN_NEG : SIGN_ANY;
            res &= infeasible(w, l, 0, 0) ? ~(unsigned)SIGN_ZERO : SIGN_ANY;
            res &= infeasible(w, l, 1, -1) ? ~(unsigned)SIGN_POS : SIGN_ANY;
        }
    }
    free(w);
    return res;
}
