/* Domain and kinks of an expression; see domain.h.  A region is what is evaluated whenever its root
 * is: not the branches of a choice, the right side of `and` and `or`, or the body of a loop, which
 * are regions of their own.  Regions are finished innermost first, from a stack. */
#include "expr/domain.h"

#include <stdlib.h>

#include "base/memory.h"
#include "expr/affine.h"
#include "expr/build.h"
#include "expr/functions.h"
#include "expr/partial.h"
#include "expr/pass.h"
#include "parser/ast.h"

typedef struct Regions {
    Defs *defs;
    Store *store;
    bool kinks;    /* look for kinks, not for the domain */
    bool elements; /* look for the ranges of indices instead */
    Memo *done;  /* root of a region -> its condition */
    Expr *stack;
    size_t count, cap;
} Regions;

static Expr zero(Store *s) {
    return expr_int(s, 0);
}

static Expr one(Store *s) {
    return expr_int(s, 1);
}

static Expr either(Store *s, Expr a, Expr b) {
    if (a == 0 || b == 0)
        return 0;
    if (build_is_zero(s, a) || build_is_one(s, b) || a == b)
        return b;
    if (build_is_zero(s, b) || build_is_one(s, a))
        return a;
    return expr_binary(s, EXPR_OR, a, b);
}

static Expr both(Store *s, Expr a, Expr b) {
    if (a == 0 || b == 0)
        return 0;
    if (build_is_zero(s, a) || build_is_one(s, b) || a == b)
        return a;
    if (build_is_zero(s, b) || build_is_one(s, a))
        return b;
    return expr_binary(s, EXPR_AND, a, b);
}

static Expr negated(Store *s, Expr a) {
    mpq_srcptr q = expr_rational(s, a);
    if (q)
        return mpq_sgn(q) == 0 ? one(s) : zero(s);
    return expr_op(s, a) == EXPR_NOT ? expr_kid(s, a, 0) : expr_unary(s, EXPR_NOT, a);
}

static Expr rebuilt(Store *s, Expr like, const Expr *kids) {
    if (expr_op(s, like) == EXPR_AND)
        return both(s, kids[0], kids[1]);
    if (expr_op(s, like) == EXPR_OR)
        return either(s, kids[0], kids[1]);
    if (expr_op(s, like) == EXPR_NOT)
        return negated(s, kids[0]);
    return affine_tidy(s, build_node(s, like, kids));
}

/* A condition of the table with the node's operands in place, decided where that is certain. */
static Expr from_table(Regions *r, const char *condition, Expr node) {
    static const char *const names[] = {"x", "y", "z"};
    Store *s = r->store;
    Expr text = partial_text(r->defs, condition);
    if (text == 0)
        return 0;
    size_t count;
    Expr *list = expr_reachable(s, 1, &text, &count), res = 0;
    Memo *memo = memo_begin(s);
    for (size_t i = 0; i < expr_count(s, node) && i < 3; i++) {
        Name name = names_intern_str(store_names(s), names[i]);
        memo_set(memo, expr_symbol(s, EXPR_SYM, name, 0, NULL), expr_kid(s, node, i));
    }
    for (size_t i = 0; i < count; i++) {
        Expr kids[3] = {0, 0, 0}, made = list[i];
        if (memo_get(memo, list[i], &res))
            continue;
        size_t n = expr_count(s, list[i]);
        for (size_t k = 0; k < n && k < 3; k++)
            memo_get(memo, expr_kid(s, list[i], k), &kids[k]);
        if (n)
            made = rebuilt(s, list[i], kids);
        memo_set(memo, list[i], made);
    }
    memo_get(memo, text, &res);
    memo_end(s, memo);
    free(list);
    return res;
}

static Expr compare(Store *s, int rel, Expr a, long b) {
    Expr right = expr_int(s, b);
    mpq_srcptr x = expr_rational(s, a);
    if (!x && expr_is_constant(s, a)) /* pi, e */
        return (rel == REL_GT || rel == REL_GE || rel == REL_NE) && 0 < expr_double_of(s, a) ? one(s) : zero(s);
    return build_rel(s, rel, a, right);
}

/* a^b: the exponent mostly is a constant. */
static Expr of_power(Regions *r, Expr node) {
    Store *s = r->store;
    Expr a = expr_kid(s, node, 0), b = expr_kid(s, node, 1);
    mpq_srcptr q = expr_rational(s, b);
    bool positive = expr_is_constant(s, a) && 0 < expr_double_of(s, a);
    if (positive)
        return r->kinks ? zero(s) : one(s);
    if (!q) /* where the exponent varies, 0 is an edge of the domain */
        return r->kinks ? compare(s, REL_EQ, a, 0) : from_table(r, function_at(FUNCTION_pow)->domain, node);
    bool whole = mpz_cmp_ui(mpq_denref(q), 1) == 0;
    int sign = mpq_sgn(q);
    if (r->kinks)
        return whole || sign < 0 || 0 < mpq_cmp_ui(q, 1, 1) ? zero(s) : compare(s, REL_EQ, a, 0);
    if (whole)
        return 0 <= sign ? one(s) : compare(s, REL_NE, a, 0);
    return compare(s, 0 < sign ? REL_GE : REL_GT, a, 0);
}

/* That an element stands inside its array. */
static Expr in_range(Store *s, Expr e) {
    Expr at = expr_kid(s, e, 1), length = expr_dim(s, expr_kid(s, e, 0), 0);
    if (!length)
        return one(s);
    return both(s, build_rel(s, REL_LE, one(s), at), build_rel(s, REL_LE, at, length));
}

/* What the node itself asks for, its operands given. */
static Expr own_condition(Regions *r, Expr e) {
    Store *s = r->store;
    Expr none = r->kinks ? zero(s) : one(s);
    if (r->elements)
        return expr_op(s, e) == EXPR_ELEM ? in_range(s, e) : none;
    switch (expr_op(s, e)) {
    case EXPR_DIV:
        return r->kinks ? none : compare(s, REL_NE, expr_kid(s, e, 1), 0);
    case EXPR_POW:
        return of_power(r, e);
    case EXPR_FN: {
        const Function *f = function_at(expr_payload(s, e));
        const char *text = r->kinks ? f->kink : f->domain;
        return text ? from_table(r, text, e) : none;
    }
    default:
        return none;
    }
}

/* ---- regions ---- */

static Expr opened(Store *s, Expr loop, unsigned *number) {
    *number = expr_unused_free(s, expr_mask(s, loop));
    return expr_open(s, loop, *number);
}

/* The roots of the regions inside e. */
static size_t inner_roots(Regions *r, Expr e, Expr root[2]) {
    Store *s = r->store;
    unsigned k;
    switch (expr_op(s, e)) {
    case EXPR_IF:
        root[0] = expr_kid(s, e, 1);
        root[1] = expr_kid(s, e, 2);
        return 2;
    case EXPR_AND: case EXPR_OR:
        root[0] = expr_kid(s, e, 1);
        return 1;
    default:
        if (!expr_is_loop(s, e))
            return 0;
        root[0] = opened(s, e, &k);
        return 1;
    }
}

/* How many kids of e are evaluated whenever e is. */
static size_t certain_kids(const Store *s, Expr e) {
    switch (expr_op(s, e)) {
    case EXPR_IF: case EXPR_AND: case EXPR_OR: return 1;
    case EXPR_SYM: case EXPR_GLOBAL: case EXPR_SLOT: return 0;
    default: return expr_is_loop(s, e) ? 2 : expr_count(s, e);
    }
}

/* Where a comparison inside a condition is on its edge. */
static Expr edges(Regions *r, Expr condition) {
    Store *s = r->store;
    size_t count;
    Expr *list = expr_reachable(s, 1, &condition, &count), res = zero(s);
    for (size_t i = 0; i < count; i++) {
        int rel = (int)expr_payload(s, list[i]);
        bool ordered = expr_op(s, list[i]) == EXPR_REL && rel != REL_EQ && rel != REL_NE;
        if (ordered && (expr_mask(s, list[i]) & UINT32_MAX) == 0)
            res = either(s, res, build_rel(s, REL_EQ, expr_kid(s, list[i], 0), expr_kid(s, list[i], 1)));
    }
    free(list);
    return res;
}

static bool depends(const Store *s, Expr e) {
    unsigned long bits = (unsigned long)expr_count(s, e);
    return bits != 0 || expr_op(s, e) == EXPR_SYM;
}

static Expr of_choice(Regions *r, Expr e, Expr a, Expr b) {
    Store *s = r->store;
    Expr c = expr_kid(s, e, 0), not_c = negated(s, c);
    if (r->kinks)
        return either(s, depends(s, c) ? edges(r, c) : zero(s), either(s, both(s, c, a), both(s, not_c, b)));
    a = a == c ? one(s) : a; /* the choice sees to it */
    b = b == not_c ? one(s) : b;
    if (build_is_one(s, a) || build_is_one(s, b))
        return build_is_one(s, b) ? either(s, not_c, a) : either(s, c, b);
    return build_if(s, c, a, b);
}

/* What e asks for beyond its certain kids. */
static Expr contribution(Regions *r, Expr e) {
    Store *s = r->store;
    Expr root[2], c[2] = {0, 0};
    size_t inner = inner_roots(r, e, root);
    for (size_t i = 0; i < inner; i++)
        memo_get(r->done, root[i], &c[i]);
    switch (expr_op(s, e)) {
    case EXPR_IF:
        return of_choice(r, e, c[0], c[1]);
    case EXPR_AND: case EXPR_OR: {
        Expr left = expr_kid(s, e, 0), met = expr_op(s, e) == EXPR_AND ? left : negated(s, left);
        return r->kinks ? zero(s) : either(s, negated(s, met), c[0]);
    }
    default:
        break;
    }
    if (!expr_is_loop(s, e))
        return own_condition(r, e);
    if (r->kinks ? build_is_zero(s, c[0]) : build_is_one(s, c[0]))
        return c[0];
    unsigned k;
    opened(s, e, &k);
    Expr lo = expr_kid(s, e, 0), hi = expr_kid(s, e, 1), yes = one(s), no = zero(s);
    if (!r->kinks) /* all of them: their product */
        return expr_rel(s, REL_NE, build_loop(s, EXPR_PROD, k, lo, hi, build_if(s, c[0], yes, no)), no);
    return expr_rel(s, REL_GT, build_loop(s, EXPR_SUM, k, lo, hi, build_if(s, c[0], yes, no)), no);
}

/* The nodes of a region, each once, children first: a condition then stands after those it needs
 * itself, as in x > 0 and log(x) != 0. */
static Expr *region(Regions *r, Expr root, size_t *count) {
    Store *s = r->store;
    Memo *seen = memo_begin(s); /* 1: on the stack with its children above, 2: in the list */
    Expr *list = NULL, *stack = NULL, met;
    size_t depth = 0, stack_cap = 0, list_cap = 0;
    *count = 0;
    stack = mem_grow(stack, &stack_cap, 1, sizeof *stack);
    stack[depth++] = root;
    while (depth) {
        Expr e = stack[depth - 1];
        if (memo_get(seen, e, &met)) {
            depth--;
            if (met == 2)
                continue;
            memo_set(seen, e, 2);
            list = mem_grow(list, &list_cap, *count + 1, sizeof *list);
            list[(*count)++] = e;
            continue;
        }
        memo_set(seen, e, 1);
        size_t kids = certain_kids(s, e);
        stack = mem_grow(stack, &stack_cap, depth + kids, sizeof *stack);
        for (size_t i = kids; 0 < i--;)
            if (!memo_get(seen, expr_kid(s, e, i), &met))
                stack[depth++] = expr_kid(s, e, i);
    }
    free(stack);
    memo_end(s, seen);
    return list;
}

/* Finishes the region, or puts those inside it that are needed first on the stack. */
static bool region_done(Regions *r, Expr root) {
    Store *s = r->store;
    size_t count, waiting = r->count;
    Expr *list = region(r, root, &count), inside[2], met;
    for (size_t i = 0; i < count; i++) {
        size_t inner = inner_roots(r, list[i], inside);
        for (size_t k = 0; k < inner; k++)
            if (inside[k] && !memo_get(r->done, inside[k], &met)) {
                r->stack = mem_grow(r->stack, &r->cap, r->count + 1, sizeof *r->stack);
                r->stack[r->count++] = inside[k];
            }
    }
    bool ready = r->count == waiting;
    Expr res = r->kinks ? zero(s) : one(s);
    Memo *used = memo_begin(s);
    for (size_t i = 0; ready && i < count; i++) {
        Expr c = contribution(r, list[i]);
        if (memo_get(used, c, &met))
            continue;
        memo_set(used, c, 1);
        res = r->kinks ? either(s, res, c) : both(s, res, c);
    }
    memo_end(s, used);
    if (ready)
        memo_set(r->done, root, res);
    free(list);
    return ready;
}

static Expr conditions(Defs *d, Expr e, bool kinks, bool elements) {
    enum { LIMIT = 4096 };
    Expr root = defs_expand(d, e, LIMIT), res = 0;
    if (root == 0)
        return 0;
    Regions r = {.defs = d, .store = defs_store(d), .kinks = kinks, .elements = elements};
    r.done = memo_begin(r.store);
    r.stack = mem_grow(NULL, &r.cap, 1, sizeof *r.stack);
    r.stack[r.count++] = root;
    while (r.count && !store_is_interrupted(r.store)) {
        Expr at = r.stack[r.count - 1];
        if (memo_get(r.done, at, &res))
            r.count--;
        else
            region_done(&r, at);
    }
    if (!memo_get(r.done, root, &res))
        res = 0;
    memo_end(r.store, r.done);
    free(r.stack);
    return res;
}

Expr domain_of(Defs *d, Expr e) {
    return conditions(d, e, false, false);
}

Expr elements_of(Defs *d, Expr e) {
    return conditions(d, e, false, true);
}

Expr kinks_of(Defs *d, Expr e) {
    return conditions(d, e, true, false);
}
