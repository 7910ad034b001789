/* Expressions written out for the walk over other number kinds; see balls.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/balls_parts.h"
#include "expr/pass.h"

enum { MOST_NODES = 200000, MOST_ORDER = 2000000, EXPAND_LIMIT = 20000 };

typedef struct Writer {
    BallCode *c;
    Defs *defs;
    Store *s;
    Memo *number; /* expression -> 1 + node */
    Expr *expr;   /* node -> expression */
    size_t expr_cap;
    size_t params;
    const Param *param;
    const size_t (*dims)[2];
    uint32_t *wanted; /* nodes that are to be roots of regions */
    size_t wanted_count, wanted_cap;
    const char *why;
} Writer;

/* ---- leaves ---- */

static void set_constant(Writer *w, BallNode *n, mpq_srcptr value) {
    BallCode *c = w->c;
    c->constant = mem_grow(c->constant, &c->constant_cap, c->constants + 1, sizeof *c->constant);
    mpq_init(c->constant[c->constants]);
    mpq_set(c->constant[c->constants], value);
    n->op = EXPR_CONST;
    n->value = (uint32_t)c->constants++;
}

static void set_integer(Writer *w, BallNode *n, unsigned long value) {
    mpq_t q;
    mpq_init(q);
    mpq_set_ui(q, value, 1);
    set_constant(w, n, q);
    mpq_clear(q);
}

/* A parameter, or the length of one. */
static void write_symbol(Writer *w, BallNode *n, Expr e) {
    size_t at = 0;
    for (size_t i = 0; i < w->params; i++) {
        const Param *p = &w->param[i];
        size_t size = 1;
        for (int k = 0; k < p->rank && k < 2; k++) {
            size *= w->dims[i][k];
            if (n->rank == 0 && p->dim[k] == e) {
                set_integer(w, n, w->dims[i][k]);
                return;
            }
        }
        if (p->symbol == e || (p->name == expr_payload(w->s, e) && p->rank == n->rank)) {
            n->input = at;
            for (int k = 0; k < p->rank && k < 2; k++)
                n->dim[k] = w->dims[i][k];
            return;
        }
        at += size;
    }
    w->why = "a name in it has no value";
}

static void write_global(Writer *w, BallNode *n, Expr e) {
    BallCode *c = w->c;
    const Var *v = defs_variable(w->defs, expr_payload(w->s, e));
    if (!v) {
        w->why = "a variable in it has no value";
        return;
    }
    mpq_srcptr exact = v->exact ? expr_rational(w->s, v->exact) : NULL;
    if (v->value.rank == 0 && exact) {
        set_constant(w, n, exact);
        return;
    }
    n->input = c->inputs + c->globals;
    n->rank = v->value.rank;
    n->dim[0] = v->value.dim[0];
    n->dim[1] = v->value.dim[1];
    c->global = mem_grow(c->global, &c->global_cap, c->globals + v->value.count, sizeof *c->global);
    memcpy(c->global + c->globals, v->value.data, v->value.count * sizeof *c->global);
    c->globals += v->value.count;
}

/* ---- nodes ---- */

static bool is_leaf(ExprOp op) {
    return op <= EXPR_FREE;
}

/* Kids in the node's own region. */
static size_t certain_kids(const Store *s, Expr e) {
    switch (expr_op(s, e)) {
    case EXPR_SYM: case EXPR_GLOBAL: case EXPR_SLOT: case EXPR_LIST: return 0;
    case EXPR_IF: case EXPR_AND: case EXPR_OR: return 1;
    default: return expr_is_loop(s, e) ? 2 : expr_count(s, e);
    }
}

static uint32_t node_of(Writer *w, Expr e);

static void write_kids(Writer *w, uint32_t at, Expr e) {
    BallCode *c = w->c;
    Expr kids[3];
    size_t count = expr_count(w->s, e);
    Expr *list = count <= 3 ? kids : mem_new(count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = expr_kid(w->s, e, i);
    if (expr_is_loop(w->s, e)) {
        /* its own number (expr_loop): larger than those of all loops within, so that no loop binds
         * the index of one around it, even where the two have nothing to do with each other */
        unsigned k = expr_payload(w->s, e) - 1;
        c->node[at].payload = k;
        list[2] = expr_open(w->s, e, k);
    }
    c->kid = mem_grow(c->kid, &c->kid_cap, c->kids + count, sizeof *c->kid);
    c->node[at].first = (uint32_t)c->kids;
    c->node[at].count = (uint32_t)count;
    size_t first = c->kids, certain = certain_kids(w->s, e);
    c->kids += count;
    for (size_t i = 0; i < count && !w->why; i++) {
        uint32_t kid = node_of(w, list[i]); /* only numbers it: no recursion */
        c->kid[first + i] = kid;
        if (i < certain)
            continue;
        w->wanted = mem_grow(w->wanted, &w->wanted_cap, w->wanted_count + 1, sizeof *w->wanted);
        w->wanted[w->wanted_count++] = kid;
    }
    if (list != kids)
        free(list);
}

static uint32_t node_of(Writer *w, Expr e) {
    BallCode *c = w->c;
    Expr known;
    if (memo_get(w->number, e, &known))
        return known - 1;
    if (e == 0 || MOST_NODES <= c->nodes) {
        w->why = e ? "it is too large" : "it could not be written out";
        return 0;
    }
    c->node = mem_grow(c->node, &c->node_cap, c->nodes + 1, sizeof *c->node);
    w->expr = mem_grow(w->expr, &w->expr_cap, c->nodes + 1, sizeof *w->expr);
    BallNode *n = &c->node[c->nodes];
    *n = (BallNode){.op = expr_op(w->s, e), .payload = expr_payload(w->s, e), .rank = expr_rank(w->s, e),
                    .mask = (uint32_t)(expr_mask(w->s, e) >> 32), .count = UINT32_MAX};
    w->expr[c->nodes] = e;
    memo_set(w->number, e, (Expr)c->nodes + 1);
    if (n->op == EXPR_CONST)
        set_constant(w, n, expr_rational(w->s, e));
    else if (n->op == EXPR_SYM)
        write_symbol(w, n, e);
    else if (n->op == EXPR_GLOBAL)
        write_global(w, n, e);
    else if (n->op == EXPR_CALL)
        w->why = "it calls itself";
    else if (n->op == EXPR_SLOT || n->op == EXPR_BOUND || n->op == EXPR_ERROR || n->op == EXPR_PREFIX ||
             n->op == EXPR_SUFFIX)
        w->why = "a part of it can only be evaluated in doubles";
    if (is_leaf(expr_op(w->s, e)))
        n->count = 0;
    return (uint32_t)c->nodes++;
}

/* ---- regions ---- */

static int by_number(const void *a, const void *b) {
    const Expr *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Children have smaller numbers than parents in the store, so sorting is all it takes. */
static void write_region(Writer *w, uint32_t root) {
    BallCode *c = w->c;
    Memo *seen = memo_begin(w->s);
    Expr *list = NULL, met;
    size_t count = 0, cap = 0;
    list = mem_grow(list, &cap, 1, sizeof *list);
    list[count++] = w->expr[root];
    memo_set(seen, w->expr[root], 1);
    for (size_t i = 0; i < count && !w->why; i++) {
        uint32_t at = node_of(w, list[i]);
        if (w->why)
            break;
        if (c->node[at].count == UINT32_MAX)
            write_kids(w, at, list[i]);
        Expr e = list[i];
        size_t kids = certain_kids(w->s, e);
        for (size_t k = 0; k < kids; k++) {
            Expr kid = expr_kid(w->s, e, k);
            if (memo_get(seen, kid, &met))
                continue;
            memo_set(seen, kid, 1);
            list = mem_grow(list, &cap, count + 1, sizeof *list);
            list[count++] = kid;
        }
    }
    memo_end(w->s, seen);
    if (!w->why && MOST_ORDER < c->orders + count)
        w->why = "it is too large";
    if (!w->why) {
        qsort(list, count, sizeof *list, by_number);
        c->order = mem_grow(c->order, &c->order_cap, c->orders + count, sizeof *c->order);
        c->region = mem_grow(c->region, &c->region_cap, c->regions + 1, sizeof *c->region);
        c->region[c->regions++] =
            (BallRegion){.root = root, .first = (uint32_t)c->orders, .count = (uint32_t)count};
        c->node[root].region = (uint32_t)c->regions;
        for (size_t i = 0; i < count; i++)
            c->order[c->orders++] = node_of(w, list[i]);
    }
    free(list);
}

static void write_all(Writer *w, size_t roots, const Expr *root) {
    BallCode *c = w->c;
    c->root = mem_new(roots + 1, sizeof *c->root);
    for (size_t i = 0; i < roots && !w->why; i++) {
        Expr e = expr_flags(w->s, root[i]) & EXPR_HAS_CALL ? defs_expand(w->defs, root[i], EXPAND_LIMIT) : root[i];
        c->root[c->roots++] = node_of(w, e);
        if (!w->why && c->node[c->root[i]].region == 0)
            write_region(w, c->root[i]);
    }
    while (w->wanted_count && !w->why) {
        uint32_t next = w->wanted[--w->wanted_count];
        if (c->node[next].region == 0)
            write_region(w, next);
    }
}

BallCode *ball_code_new(Defs *d, size_t params, const Param *param, const size_t (*dims)[2],
                        size_t roots, const Expr *root, const char **why) {
    BallCode *c = mem_new(1, sizeof *c);
    Writer w = {.c = c, .defs = d, .s = defs_store(d), .params = params, .param = param, .dims = dims};
    for (size_t i = 0; i < params; i++) {
        size_t size = 1;
        for (int k = 0; k < param[i].rank && k < 2; k++)
            size *= dims[i][k];
        c->inputs += size;
    }
    w.number = memo_begin(w.s);
    write_all(&w, roots, root);
    memo_end(w.s, w.number);
    c->global_value = mem_new(c->globals + 1, sizeof *c->global_value);
    for (size_t i = 0; i < c->globals; i++) {
        mpq_init(c->global_value[i]);
        ball_rational_of(w.s, c->global[i], c->global_value[i]);
    }
    free(w.expr);
    free(w.wanted);
    if (!w.why)
        return c;
    if (why)
        *why = w.why;
    ball_code_free(c);
    return NULL;
}

void ball_code_free(BallCode *c) {
    if (!c)
        return;
    for (size_t i = 0; i < c->constants; i++)
        mpq_clear(c->constant[i]);
    for (size_t i = 0; i < c->globals; i++)
        mpq_clear(c->global_value[i]);
    free(c->node);
    free(c->kid);
    free(c->order);
    free(c->region);
    free(c->constant);
    free(c->root);
    free(c->global);
    free(c->global_value);
    free(c);
}

size_t ball_code_inputs(const BallCode *c) {
    return c->inputs;
}

size_t ball_code_nodes(const BallCode *c) {
    return c->nodes;
}

void ball_rational_of(Store *s, double x, mpq_ptr out) {
    mpq_srcptr q = expr_rational(s, expr_from_double(s, x));
    if (q)
        mpq_set(out, q);
    else
        mpq_set_ui(out, 0, 1);
}
