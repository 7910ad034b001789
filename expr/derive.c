/* Forward differentiation for people; see derive.h.
 *
 * With respect to v[k] the derivative of any expression is a sum of guarded terms
 *     if(conditions, value, 0)
 * where the conditions are equations such as i == k from the leaves v[i].  An *atom* is a node whose
 * derivative is made of such terms: a leaf of v, a loop, an element of an array, a call with array
 * arguments.  Everything between atoms is ordinary calculus: one forward pass, node by node. */
#include "expr/derive.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/affine.h"
#include "expr/build.h"
#include "expr/partial.h"
#include "expr/pass.h"

typedef struct Term {
    Expr condition; /* a conjunction, or the constant 1 */
    Expr value;
} Term;

typedef struct Terms {
    Term *item;
    size_t count, cap;
} Terms;

typedef struct Derive {
    Defs *d;
    Store *s;
    Expr v;          /* the SYM */
    int rank;        /* its rank */
    Expr index[2];   /* element: target indices */
    Diags *diags;
    Span span;
    bool failed;
    Memo *depends;   /* 1 or 2: does a node depend on v? */
} Derive;

static void derive_terms(Derive *z, Expr e, Terms *out);

static void add_term(Derive *z, Terms *t, Expr condition, Expr value) {
    if (!condition || !value) {
        z->failed = true;
        return;
    }
    if (build_is_zero(z->s, value) || build_is_zero(z->s, condition))
        return;
    for (size_t i = 0; i < t->count; i++)
        if (t->item[i].condition == condition) {
            t->item[i].value = build_add(z->s, t->item[i].value, value);
            return;
        }
    t->item = mem_grow(t->item, &t->cap, t->count + 1, sizeof *t->item);
    t->item[t->count++] = (Term){condition, value};
}

static bool fail(Derive *z, const char *why) {
    if (!z->failed && z->diags && why)
        diag_error(z->diags, z->span, NULL, "%s", why);
    z->failed = true;
    return false;
}

/* Does e hold v?  Loops are looked into without opening: v is no index. */
static bool depends(Derive *z, Expr e) {
    Expr x, answer;
    Walk w;
    walk_init(&w, z->s, false);
    walk_push(&w, e);
    while (walk_next(&w, z->depends, &x)) {
        Expr found = x == z->v;
        for (size_t i = 0; i < expr_count(z->s, x) && !found; i++)
            found = memo_get(z->depends, expr_kid(z->s, x, i), &answer) && answer == 2;
        memo_set(z->depends, x, found ? 2 : 1);
    }
    walk_done(&w);
    return memo_get(z->depends, e, &answer) && answer == 2;
}

static bool is_atom(Derive *z, Expr e) {
    Store *s = z->s;
    if (e == z->v || expr_is_loop(s, e) || expr_op(s, e) == EXPR_ELEM)
        return true;
    if (expr_op(s, e) != EXPR_CALL)
        return false;
    for (size_t i = 0; i < expr_count(s, e); i++)
        if (0 < expr_rank(s, expr_kid(s, e, i)) && depends(z, expr_kid(s, e, i)))
            return true;
    return false;
}

typedef struct Atoms {
    Expr *node;
    size_t count, cap;
} Atoms;

/* The atoms of e that depend on v, in the order in which they are read. */
static void find_atoms(Derive *z, Expr e, Atoms *out) {
    Memo *seen = memo_begin(z->s);
    Expr *stack = NULL, done;
    size_t count = 0, cap = 0;
    stack = mem_grow(stack, &cap, 1, sizeof *stack);
    stack[count++] = e;
    while (count) {
        Expr x = stack[--count];
        if (memo_get(seen, x, &done) || !depends(z, x))
            continue;
        memo_set(seen, x, 1);
        if (is_atom(z, x)) {
            out->node = mem_grow(out->node, &out->cap, out->count + 1, sizeof *out->node);
            out->node[out->count++] = x;
            continue;
        }
        for (size_t i = expr_count(z->s, x); 0 < i--;) {
            stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
            stack[count++] = expr_kid(z->s, x, i);
        }
    }
    free(stack);
    memo_end(z->s, seen);
}

/* ---- ordinary calculus ---- */

/* (u/v)' as people write it: u'/v - u*v'/v^2. */
static Expr quotient_rule(Store *s, Expr e, Expr du, Expr dv) {
    Expr u = expr_kid(s, e, 0), v = expr_kid(s, e, 1);
    Expr first = build_div(s, du, v);
    Expr second = build_div(s, build_mul(s, u, dv), build_pow(s, v, expr_int(s, 2)));
    return build_sub(s, first, second);
}

static Expr chain_rule(Derive *z, Expr e, const Memo *m) {
    Store *s = z->s;
    size_t count = expr_count(s, e);
    ExprOp op = expr_op(s, e);
    Expr zero = expr_int(s, 0), dk[3] = {zero, zero, zero}, res = zero;
    for (size_t i = 0; i < count && i < 3; i++)
        if (!memo_get(m, expr_kid(s, e, i), &dk[i]))
            dk[i] = zero;
    switch (op) {
    case EXPR_ADD: return build_add(s, dk[0], dk[1]);
    case EXPR_SUB: return build_sub(s, dk[0], dk[1]);
    case EXPR_NEG: return build_neg(s, dk[0]);
    case EXPR_MUL:
        return build_add(s, build_mul(s, dk[0], expr_kid(s, e, 1)), build_mul(s, expr_kid(s, e, 0), dk[1]));
    case EXPR_DIV: return quotient_rule(s, e, dk[0], dk[1]);
    case EXPR_IF: return build_if(s, expr_kid(s, e, 0), dk[1], dk[2]);
    case EXPR_REL: case EXPR_AND: case EXPR_OR: case EXPR_NOT: return zero;
    case EXPR_POW: case EXPR_FN: case EXPR_CALL:
        for (size_t i = 0; i < count && res; i++) {
            Expr inner = zero;
            if (!memo_get(m, expr_kid(s, e, i), &inner) || build_is_zero(s, inner))
                continue;
            const char *why = NULL;
            Expr outer = partial_of(z->d, e, i, &why);
            if (!outer)
                fail(z, why);
            res = build_add(s, res, build_mul(s, outer, inner));
        }
        return res;
    default: return zero;
    }
}

/* d e where the atoms have the derivatives that `m` already holds; other leaves have 0. */
static Expr forward(Derive *z, Expr e, Memo *m) {
    Expr x, res = 0;
    Walk w;
    walk_init(&w, z->s, true);
    walk_push(&w, e);
    while (walk_next(&w, m, &x)) {
        Expr dx = 0 < expr_rank(z->s, x) || expr_is_loop(z->s, x) || expr_op(z->s, x) == EXPR_ELEM
                      ? expr_int(z->s, 0) : chain_rule(z, x, m);
        if (!dx)
            z->failed = true;
        memo_set(m, x, dx);
    }
    walk_done(&w);
    return memo_get(m, e, &res) ? res : 0;
}

/* ---- loops ---- */

static Expr split_condition(Store *s, Expr condition, Expr *rest) {
    if (expr_op(s, condition) == EXPR_AND) {
        *rest = expr_kid(s, condition, 0);
        return expr_kid(s, condition, 1);
    }
    *rest = 0;
    return condition;
}

/* From the equation p == q, both affine in FREE(k): the index's value, and in *also what must hold
 * for it to be whole.  0 if the equation does not determine it. */
static Expr solve(Store *s, Expr equation, unsigned k, Expr *also) {
    if (expr_op(s, equation) != EXPR_REL || expr_payload(s, equation) != 4 /* REL_EQ */)
        return 0;
    Expr a, b;
    Expr gap = build_sub(s, expr_kid(s, equation, 0), expr_kid(s, equation, 1));
    if (!affine_in(s, gap, expr_free(s, k), &a, &b)) /* gap = a*i + b */
        return 0;
    long c;
    if (!expr_is_integer(s, a, &c) || c == 0)
        return 0;
    Expr minus_b = affine_normal(s, build_neg(s, b));
    *also = expr_int(s, 1);
    if (c == 1)
        return minus_b;
    if (c == -1)
        return affine_normal(s, b);
    Expr quotient = build_div(s, minus_b, a);
    *also = expr_rel(s, 4, build_fn_named(s, "floor", quotient), quotient);
    return quotient;
}

/* Is p <= q for certain, knowing only 1 <= target index <= its length? */
static bool surely_le(Derive *z, Expr p, Expr q) {
    Store *s = z->s;
    Expr gap = affine_normal(s, build_sub(s, q, p)), a, b;
    for (int i = 0; i < z->rank; i++)
        if (affine_in(s, gap, z->index[i], &a, &b) && expr_rational(s, a) && mpq_sgn(expr_rational(s, a)) != 0) {
            Expr end = 0 < mpq_sgn(expr_rational(s, a)) ? expr_int(s, 1) : expr_kid(s, z->v, (size_t)i);
            gap = affine_normal(s, build_add(s, build_mul(s, a, end), b)); /* at its least */
        }
    mpq_srcptr least = expr_rational(s, gap);
    return least && 0 <= mpq_sgn(least);
}

/* p <= q with a target index, where it stands alone on one side, without constants beside it: 2 <= k
 * for 1 <= k - 1. */
static Expr at_most(Derive *z, Expr p, Expr q) {
    Store *s = z->s;
    Expr a, b, c, d, zero = expr_int(s, 0);
    for (int i = 0; i < z->rank; i++) {
        Expr k = z->index[i];
        if (affine_in(s, q, k, &a, &b) && build_is_one(s, a) && affine_in(s, p, k, &c, &d) && c == zero)
            return build_rel(s, 1, affine_normal(s, build_sub(s, d, b)), k);
        if (affine_in(s, p, k, &a, &b) && build_is_one(s, a) && affine_in(s, q, k, &c, &d) && c == zero)
            return build_rel(s, 1, k, affine_normal(s, build_sub(s, d, b)));
    }
    return build_rel(s, 1, p, q);
}

static Expr in_range(Derive *z, Expr lo, Expr hi, Expr i) {
    Store *s = z->s;
    Expr one = expr_int(s, 1);
    Expr below = surely_le(z, lo, i) ? one : at_most(z, lo, i);
    Expr above = surely_le(z, i, hi) ? one : at_most(z, i, hi);
    return build_and(s, below, above);
}

/* sum over FREE(k) = lo..hi of one guarded term: solved for the index where an equation allows it,
 * else a sum of what depends on the index, guarded by what does not. */
static void sum_term(Derive *z, Terms *out, unsigned k, Expr lo, Expr hi, Term t) {
    Store *s = z->s;
    uint64_t bit = UINT64_C(1) << (32 + k);
    Expr rest = t.condition, outside = expr_int(s, 1), inside = expr_int(s, 1), at = 0, also = 0;
    while (rest && !build_is_one(s, rest)) {
        Expr next, part = split_condition(s, rest, &next);
        if (!(expr_mask(s, part) & bit))
            outside = build_and(s, part, outside);
        else if (at || !(at = solve(s, part, k, &also)))
            inside = build_and(s, part, inside);
        rest = next;
    }
    if (at) {
        Expr from = expr_free(s, k);
        Expr value = expr_substitute(s, t.value, 1, &from, &at);
        inside = expr_substitute(s, inside, 1, &from, &at);
        Expr condition = build_and(s, outside, build_and(s, in_range(z, lo, hi, at), build_and(s, also, inside)));
        add_term(z, out, condition, value);
        return;
    }
    Expr body = build_if(s, inside, t.value, expr_int(s, 0));
    add_term(z, out, outside, build_loop(s, EXPR_SUM, k, lo, hi, body));
}

static void loop_terms(Derive *z, Expr e, Terms *out) {
    Store *s = z->s;
    ExprOp op = expr_op(s, e);
    Expr lo = expr_kid(s, e, 0), hi = expr_kid(s, e, 1);
    uint64_t mask = expr_mask(s, e);
    for (int i = 0; i < z->rank; i++)
        mask |= expr_mask(s, z->index[i]);
    unsigned k = expr_unused_free(s, mask);
    if (k == EXPR_MOST_INDICES || op == EXPR_ARGMAX || op == EXPR_ARGMIN || op == EXPR_VEC) {
        if (k == EXPR_MOST_INDICES)
            fail(z, "loops are nested too deeply");
        return; /* where the maximum stands does not change with v, but for ties */
    }
    Expr body = expr_open(s, e, k);
    Terms inner = {0};
    derive_terms(z, body, &inner);
    Expr index = expr_free(s, k), others = 0;
    if (op == EXPR_PROD) { /* the product of the others: prod(j, if(j == i, 1, body[j])) */
        unsigned j = expr_unused_free(s, mask | UINT64_C(1) << (32 + k));
        Expr from = index, to = expr_free(s, j);
        Expr factor = expr_substitute(s, body, 1, &from, &to);
        others = expr_loop(s, EXPR_PROD, j, lo, hi, expr_if(s, expr_rel(s, 4, to, index), expr_int(s, 1), factor));
    }
    Expr at = 0;
    if (op == EXPR_MAX || op == EXPR_MIN)
        at = expr_loop(s, op == EXPR_MAX ? EXPR_ARGMAX : EXPR_ARGMIN, k, lo, hi, body);
    for (size_t i = 0; i < inner.count; i++) {
        Term t = inner.item[i];
        if (at) {
            add_term(z, out, expr_substitute(s, t.condition, 1, &index, &at), expr_substitute(s, t.value, 1, &index, &at));
        } else {
            if (others)
                t.value = build_mul(s, t.value, others);
            sum_term(z, out, k, lo, hi, t);
        }
    }
    free(inner.item);
}

/* ---- elements and calls ---- */

/* The array at the root of ELEM(ELEM(a, i), j) and its indices, outermost first. */
static Expr element_root(Store *s, Expr e, Expr *index, int *count) {
    *count = 0;
    while (expr_op(s, e) == EXPR_ELEM && *count < 4) {
        for (int i = (*count)++; 0 < i; i--)
            index[i] = index[i - 1];
        index[0] = expr_kid(s, e, 1);
        e = expr_kid(s, e, 0);
    }
    return e;
}

static Expr equation(Derive *z, Expr a, Expr b) {
    Store *s = z->s;
    Expr gap = affine_normal(s, build_sub(s, a, b));
    if (expr_rational(s, gap))
        return expr_int(s, build_is_zero(s, gap));
    return expr_rel(s, 4, a, b);
}

static void call_terms(Derive *z, Expr call, int indices, const Expr *index, Terms *out) {
    Store *s = z->s;
    const char *why = NULL;
    for (size_t i = 0; i < expr_count(s, call) && !z->failed; i++) {
        Expr arg = expr_kid(s, call, i), outer = partial_of(z->d, call, i, &why);
        if (!depends(z, arg))
            continue;
        for (int k = 0; k < indices; k++)
            outer = expr_elem(s, outer, index[k]);
        uint64_t mask = expr_mask(s, call) | expr_mask(s, outer);
        for (int r = 0; r < z->rank; r++)
            mask |= expr_mask(s, z->index[r]);
        unsigned number[2];
        Expr inner = arg;
        int rank = expr_rank(s, arg);
        for (int r = 0; r < rank && r < 2; r++) {
            number[r] = expr_unused_free(s, mask);
            mask |= UINT64_C(1) << (32 + number[r]);
            outer = expr_elem(s, outer, expr_free(s, number[r]));
            inner = expr_fuse(s, inner, expr_free(s, number[r]));
        }
        Terms part = {0};
        derive_terms(z, inner, &part);
        for (size_t k = 0; k < part.count; k++)
            part.item[k].value = build_mul(s, outer, part.item[k].value);
        for (int r = rank; 0 < r--;) { /* the innermost axis first */
            Terms next = {0};
            for (size_t k = 0; k < part.count; k++)
                sum_term(z, &next, number[r], expr_int(s, 1), expr_dim(s, arg, r), part.item[k]);
            free(part.item);
            part = next;
        }
        for (size_t k = 0; k < part.count; k++)
            add_term(z, out, part.item[k].condition, part.item[k].value);
        free(part.item);
    }
}

static void element_terms(Derive *z, Expr e, Terms *out) {
    Store *s = z->s;
    Expr index[4], root;
    int count;
    root = element_root(s, e, index, &count);
    if (root == z->v) {
        Expr condition = expr_int(s, 1);
        for (int i = 0; i < count; i++)
            condition = build_and(s, condition, equation(z, index[i], z->index[i]));
        add_term(z, out, condition, expr_int(s, 1));
        return;
    }
    if (expr_op(s, root) == EXPR_CALL) {
        call_terms(z, root, count, index, out);
        return;
    }
    if (expr_op(s, root) == EXPR_LIST) { /* the element that the index picks */
        for (size_t i = 0; i < expr_count(s, root); i++) {
            Terms part = {0};
            Expr rest = expr_kid(s, root, i);
            for (int k = 1; k < count; k++)
                rest = expr_fuse(s, rest, index[k]);
            derive_terms(z, rest, &part);
            Expr here = build_rel(s, 4, index[0], expr_int(s, (long)i + 1));
            for (size_t k = 0; k < part.count; k++)
                add_term(z, out, build_and(s, here, part.item[k].condition), part.item[k].value);
            free(part.item);
        }
        return;
    }
    if (expr_op(s, root) != EXPR_VEC) {
        fail(z, "this array expression has no derivative");
        return;
    }
    for (int k = 0; k < count; k++)
        root = expr_fuse(s, root, index[k]);
    derive_terms(z, root, out);
}

static void atom_terms(Derive *z, Expr atom, Terms *out) {
    if (atom == z->v)
        add_term(z, out, expr_int(z->s, 1), expr_int(z->s, 1));
    else if (expr_op(z->s, atom) == EXPR_ELEM)
        element_terms(z, atom, out);
    else if (expr_op(z->s, atom) == EXPR_CALL)
        call_terms(z, atom, 0, NULL, out);
    else
        loop_terms(z, atom, out);
}

/* All terms of d e: the atoms without conditions share one forward pass, as a person would write
 * it; each guarded term gets its own. */
static void derive_terms(Derive *z, Expr e, Terms *out) {
    Store *s = z->s;
    Atoms atoms = {0};
    find_atoms(z, e, &atoms);
    Terms *terms = mem_new(atoms.count, sizeof *terms);
    bool any = false;
    Memo *m = memo_begin(s);
    for (size_t i = 0; i < atoms.count; i++) {
        atom_terms(z, atoms.node[i], &terms[i]);
        bool plain = terms[i].count == 1 && build_is_one(s, terms[i].item[0].condition);
        memo_set(m, atoms.node[i], plain ? terms[i].item[0].value : expr_int(s, 0));
        any = any || plain;
        if (plain)
            terms[i].count = 0;
    }
    if (any && !z->failed)
        add_term(z, out, expr_int(s, 1), forward(z, e, m));
    memo_end(s, m);
    for (size_t i = 0; i < atoms.count && !z->failed; i++) {
        if (terms[i].count == 0)
            continue;
        m = memo_begin(s);
        for (size_t k = 0; k < atoms.count; k++)
            memo_set(m, atoms.node[k], expr_int(s, k == i));
        Expr factor = forward(z, e, m);
        memo_end(s, m);
        for (size_t k = 0; k < terms[i].count; k++)
            add_term(z, out, terms[i].item[k].condition, build_mul(s, factor, terms[i].item[k].value));
    }
    for (size_t i = 0; i < atoms.count; i++)
        free(terms[i].item);
    free(terms);
    free(atoms.node);
}

static Expr derive_number(Defs *d, Expr e, Expr v, const Expr *index, Diags *diags, Span span) {
    Store *s = defs_store(d);
    Derive z = {.d = d, .s = s, .v = v, .rank = expr_rank(s, v), .diags = diags, .span = span};
    for (int i = 0; i < z.rank; i++)
        z.index[i] = index[i];
    z.depends = memo_begin(s);
    Terms t = {0};
    derive_terms(&z, e, &t);
    Expr zero = expr_int(s, 0), res = zero;
    for (size_t i = 0; i < t.count && res; i++)
        res = build_add(s, res, build_if(s, simplify(d, t.item[i].condition), simplify(d, t.item[i].value), zero));
    memo_end(s, z.depends);
    free(t.item);
    return z.failed ? 0 : simplify(d, res);
}

Expr derive_by_element(Defs *d, Expr e, Expr v, const Expr *index, Diags *diags, Span span) {
    return e ? derive_number(d, e, v, index, diags, span) : 0;
}

enum { WRITTEN_OUT = 20 }; /* elements up to which an array of known size is written out */

/* The number of elements of v if it is a small constant, else 0. */
static long written_out(Store *s, Expr v, long *dim) {
    long res = 1;
    for (int i = 0; i < expr_rank(s, v); i++) {
        if (!expr_is_integer(s, expr_kid(s, v, (size_t)i), &dim[i]) || dim[i] < 1 || WRITTEN_OUT < dim[i])
            return 0;
        res *= dim[i];
    }
    return res <= WRITTEN_OUT ? res : 0;
}

/* The derivatives by all elements from `axis` on, as lists of lists. */
static Expr derive_list(Defs *d, Expr e, Expr v, const long *dim, int axis, Expr *index, Diags *diags, Span span) {
    Store *s = defs_store(d);
    if (axis == expr_rank(s, v))
        return derive_number(d, e, v, index, diags, span);
    Expr part[WRITTEN_OUT];
    for (long k = 0; k < dim[axis]; k++) {
        index[axis] = expr_int(s, k + 1);
        part[k] = derive_list(d, e, v, dim, axis + 1, index, diags, span);
        if (!part[k])
            return 0;
    }
    return expr_make(s, EXPR_LIST, 0, (size_t)dim[axis], part);
}

Expr derive_by(Defs *d, Expr e, Expr v, Diags *diags, Span span) {
    Store *s = defs_store(d);
    if (!e)
        return 0;
    int rank = expr_rank(s, e), axes = expr_rank(s, v);
    if (expr_op(s, e) == EXPR_LIST) {
        size_t count = expr_count(s, e);
        Expr *part = mem_new(count, sizeof *part);
        for (size_t i = 0; i < count; i++)
            part[i] = derive_by(d, expr_kid(s, e, i), v, diags, span);
        Expr res = expr_make(s, EXPR_LIST, 0, count, part);
        free(part);
        return res;
    }
    if (0 < rank) {
        unsigned k = expr_unused_free(s, expr_mask(s, e));
        if (k == EXPR_MOST_INDICES)
            return 0;
        Expr part = derive_by(d, expr_fuse(s, e, expr_free(s, k)), v, diags, span);
        return expr_loop(s, EXPR_VEC, k, expr_int(s, 1), expr_dim(s, e, 0), part);
    }
    unsigned number[2] = {0, 0};
    uint64_t mask = expr_mask(s, e);
    Expr index[2] = {0, 0};
    long dim[2];
    if (0 < axes && written_out(s, v, dim))
        return derive_list(d, e, v, dim, 0, index, diags, span);
    for (int i = 0; i < axes; i++) {
        number[i] = expr_unused_free(s, mask);
        mask |= UINT64_C(1) << (32 + number[i]);
        index[i] = expr_free(s, number[i]);
    }
    Expr res = derive_number(d, e, v, index, diags, span);
    for (int i = axes; 0 < i--;)
        res = expr_loop(s, EXPR_VEC, number[i], expr_int(s, 1), expr_kid(s, v, (size_t)i), res);
    return res;
}
