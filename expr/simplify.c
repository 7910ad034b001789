/* The reading form: sums and products are collected, constants folded, nothing is expanded and the
 * domain stays as it is (x/x stays).  Requires nothing; preserves the value wherever it is defined.
 *
 * A sum (product) that is used once is read as one list of terms (factors) with its parent; one that
 * is used more often stays a node of its own, so sharing is never lost. */
#include <stdlib.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/functions.h"
#include "expr/pass.h"

typedef struct Part {
    Expr node;  /* a term's core, or a factor's base */
    Expr count; /* CONST: the term's coefficient, or the factor's exponent */
} Part;

typedef struct Parts {
    Part *item;
    size_t count, cap;
} Parts;

typedef struct Simplify {
    Defs *d;
    Store *s;
    Memo *answer;
    Memo *uses; /* how many parents, within what is simplified at this loop level */
} Simplify;

static Expr simplify_level(Simplify *z, Expr e);

static void add_part(Parts *p, Expr node, Expr count) {
    p->item = mem_grow(p->item, &p->cap, p->count + 1, sizeof *p->item);
    p->item[p->count++] = (Part){node, count};
}

static bool is_sum(const Store *s, Expr e) {
    ExprOp op = expr_op(s, e);
    return op == EXPR_ADD || op == EXPR_SUB;
}

static bool is_product(const Store *s, Expr e) {
    ExprOp op = expr_op(s, e);
    return op == EXPR_MUL || op == EXPR_DIV;
}

/* ---- which nodes are read as one ---- */

static void count_uses(Simplify *z, Expr e) {
    Expr x, n;
    Memo *seen = memo_begin(z->s);
    Walk w;
    walk_init(&w, z->s, true);
    walk_push(&w, e);
    while (walk_next(&w, seen, &x)) {
        memo_set(seen, x, 1);
        if (expr_is_loop(z->s, x))
            continue;
        for (size_t i = 0; i < expr_count(z->s, x); i++) {
            Expr kid = expr_kid(z->s, x, i);
            memo_set(z->uses, kid, memo_get(z->uses, kid, &n) ? n + 1 : 1);
        }
    }
    walk_done(&w);
    memo_end(z->s, seen);
}

static bool used_once(const Simplify *z, Expr e) {
    Expr n;
    return memo_get(z->uses, e, &n) && n == 1;
}

/* The operands of e: of a sum (product) the terms (factors) of all sums (products) read with it. */
static void operands(const Simplify *z, Expr e, Parts *out) {
    const Store *s = z->s;
    bool sum = is_sum(s, e), product = is_product(s, e);
    if (!sum && !product) {
        for (size_t i = 0; i < expr_count(s, e); i++)
            add_part(out, expr_kid(s, e, i), 0);
        return;
    }
    Parts stack = {0};
    add_part(&stack, e, 0);
    while (stack.count) {
        Expr x = stack.item[--stack.count].node;
        bool through = x == e || (used_once(z, x) && (sum ? is_sum(s, x) : is_product(s, x)));
        if (!through) {
            add_part(out, x, 0);
            continue;
        }
        add_part(&stack, expr_kid(s, x, 1), 0);
        add_part(&stack, expr_kid(s, x, 0), 0);
    }
    free(stack.item);
}

/* ---- products ---- */

/* What stands first in a product: pi, then names and elements, then brackets and functions. */
static int factor_class(const Store *s, Expr e) {
    switch (expr_op(s, e)) {
    case EXPR_PI: case EXPR_E: case EXPR_INF: case EXPR_NAN: return 0;
    case EXPR_SYM: case EXPR_GLOBAL: case EXPR_SLOT: case EXPR_BOUND: case EXPR_FREE: case EXPR_ELEM: return 1;
    default: return 2;
    }
}

static Expr power_of(Store *s, Expr base, Expr exponent) {
    return build_pow(s, base, exponent);
}

/* Is the chain of sums (products) down the left side of e short?  Then it may be read into another
 * one even if it is used elsewhere too; a long one would be copied at each use. */
static bool is_short(const Store *s, Expr e, bool (*kind)(const Store *s, Expr e)) {
    enum { SHORT = 8 };
    int n = 0;
    for (; kind(s, e) && n <= SHORT; n++)
        e = expr_kid(s, e, 0);
    return n <= SHORT;
}

static void add_base(Simplify *z, Parts *to, Expr base, long n) {
    size_t i = 0;
    while (i < to->count && to->item[i].node != base)
        i++;
    Expr count = expr_int(z->s, n);
    if (i < to->count)
        to->item[i].count = build_add(z->s, to->item[i].count, count);
    else
        add_part(to, base, count);
}

/* Multiplies (over) or divides by e: splits constants, signs, products down their left side and
 * integer powers.  Factors above and below the bar stay apart. */
static void add_factor(Simplify *z, Expr *coefficient, Parts *above, Parts *below, Expr e, bool over) {
    Store *s = z->s;
    Parts stack = {0};
    add_part(&stack, e, over ? 1 : 2);
    while (stack.count) {
        Part top = stack.item[--stack.count];
        Expr x = top.node;
        bool up = top.count & 1, closed = top.count & 4; /* closed: a product here stays whole */
        long n = 1;
        if (expr_rational(s, x) && (up || !build_is_zero(s, x))) {
            *coefficient = up ? build_mul(s, *coefficient, x) : build_div(s, *coefficient, x);
        } else if (expr_op(s, x) == EXPR_NEG) {
            *coefficient = build_neg(s, *coefficient);
            add_part(&stack, expr_kid(s, x, 0), top.count);
        } else if (is_product(s, x) && !closed) {
            bool times = expr_op(s, x) == EXPR_MUL;
            add_part(&stack, expr_kid(s, x, 1), times ? top.count | 4 : up ? 2 : 1);
            add_part(&stack, expr_kid(s, x, 0), top.count);
        } else if (expr_op(s, x) == EXPR_POW && expr_is_integer(s, expr_kid(s, x, 1), &n) && 1 < n) {
            add_base(z, up ? above : below, expr_kid(s, x, 0), n);
        } else {
            add_base(z, up ? above : below, x, 1);
        }
    }
    free(stack.item);
}

/* e to the base of natural logarithms: e^a * e^b is one power. */
static void merge_exponentials(Simplify *z, Parts *p) {
    Store *s = z->s;
    int id = function_find("exp", 3);
    size_t first = p->count;
    for (size_t i = 0; i < p->count; i++) {
        Expr x = p->item[i].node;
        if (expr_op(s, x) != EXPR_FN || expr_payload(s, x) != (uint32_t)id || !build_is_one(s, p->item[i].count))
            continue;
        if (first == p->count) {
            first = i;
            continue;
        }
        Expr sum = expr_binary(s, EXPR_ADD, expr_kid(s, p->item[first].node, 0), expr_kid(s, x, 0));
        p->item[first].node = expr_fn(s, (uint32_t)id, 1, &sum);
        for (size_t k = i; k + 1 < p->count; k++)
            p->item[k] = p->item[k + 1];
        p->count--;
        i--;
    }
}

static Expr chain_product(Simplify *z, Expr first, const Parts *p) {
    Store *s = z->s;
    Expr res = first;
    for (int class = 0; class < 3; class++)
        for (size_t i = 0; i < p->count; i++) {
            if (factor_class(s, p->item[i].node) != class)
                continue;
            Expr f = power_of(s, p->item[i].node, p->item[i].count);
            res = !res ? f : expr_binary(s, EXPR_MUL, res, f);
        }
    return res;
}

/* coefficient * above / below, left to right as it reads: 2*x*y/(3*z). */
static Expr make_product(Simplify *z, Expr coefficient, const Parts *above, const Parts *below) {
    Store *s = z->s;
    if (build_is_zero(s, coefficient))
        return coefficient;
    if (above->count == 0 && below->count == 0)
        return coefficient;
    mpq_srcptr q = expr_rational(s, coefficient);
    Expr lead = coefficient, bottom = 0;
    if (q && below->count && mpz_cmp_ui(mpq_denref(q), 1) != 0) { /* 2/3*x/y reads as 2*x/(3*y) */
        mpq_t part;
        mpq_init(part);
        mpq_set_z(part, mpq_denref(q));
        bottom = expr_const(s, part);
        mpq_set_z(part, mpq_numref(q));
        lead = expr_const(s, part);
        mpq_clear(part);
    }
    long c;
    bool unit = expr_is_integer(s, lead, &c) && (c == 1 || c == -1) && above->count;
    Expr top = chain_product(z, unit ? 0 : lead, above);
    if (unit && c == -1) { /* -x*y is (-x)*y */
        Expr *spine = NULL;
        size_t n = 0, cap = 0;
        for (; expr_op(s, top) == EXPR_MUL; top = expr_kid(s, top, 0)) {
            spine = mem_grow(spine, &cap, n + 1, sizeof *spine);
            spine[n++] = expr_kid(s, top, 1);
        }
        top = expr_unary(s, EXPR_NEG, top);
        while (0 < n)
            top = expr_binary(s, EXPR_MUL, top, spine[--n]);
        free(spine);
    }
    Expr under = below->count ? chain_product(z, bottom, below) : 0;
    return under ? expr_binary(s, EXPR_DIV, top, under) : top;
}

/* The sign with which a factor of e enters: operands() lost it, so the tree is walked again. */
static void factors_of(Simplify *z, Expr e, Expr *coefficient, Parts *above, Parts *below) {
    Store *s = z->s;
    Parts stack = {0};
    add_part(&stack, e, 1);
    while (stack.count) {
        Part top = stack.item[--stack.count];
        bool through = top.node == e || (used_once(z, top.node) && is_product(s, top.node));
        if (!through) {
            Expr answer = top.node;
            memo_get(z->answer, top.node, &answer);
            if (used_once(z, top.node) || is_short(s, answer, is_product))
                add_factor(z, coefficient, above, below, answer, top.count != 0);
            else
                add_base(z, top.count ? above : below, answer, 1);
            continue;
        }
        bool times = expr_op(s, top.node) == EXPR_MUL;
        add_part(&stack, expr_kid(s, top.node, 1), times ? top.count : !top.count);
        add_part(&stack, expr_kid(s, top.node, 0), top.count);
    }
    free(stack.item);
}

static Expr simplify_product(Simplify *z, Expr e) {
    Parts above = {0}, below = {0};
    Expr coefficient = expr_int(z->s, 1);
    factors_of(z, e, &coefficient, &above, &below);
    merge_exponentials(z, &above);
    Expr res = make_product(z, coefficient, &above, &below);
    free(above.item);
    free(below.item);
    return res;
}

/* ---- sums ---- */

/* core * coefficient, rebuilt so that the coefficient leads. */
static Expr scaled(Simplify *z, Expr coefficient, Expr core) {
    if (build_is_one(z->s, coefficient))
        return core;
    Parts above = {0}, below = {0};
    add_factor(z, &coefficient, &above, &below, core, true);
    Expr res = make_product(z, coefficient, &above, &below);
    free(above.item);
    free(below.item);
    return res;
}

/* Splits coefficient and core of one term. */
static Expr core_of(Simplify *z, Expr e, Expr *coefficient) {
    Store *s = z->s;
    if (expr_rational(s, e) || !(is_product(s, e) || expr_op(s, e) == EXPR_NEG)) {
        *coefficient = expr_int(s, 1);
        return e;
    }
    Parts above = {0}, below = {0};
    *coefficient = expr_int(s, 1);
    add_factor(z, coefficient, &above, &below, e, true);
    Expr res = make_product(z, expr_int(s, 1), &above, &below);
    free(above.item);
    free(below.item);
    return res;
}

static void add_core(Simplify *z, Parts *terms, Expr core, Expr coefficient) {
    size_t i = terms->count < 64 ? 0 : terms->count - 64; /* like terms stand near each other */
    while (i < terms->count && terms->item[i].node != core)
        i++;
    if (i < terms->count)
        terms->item[i].count = build_add(z->s, terms->item[i].count, coefficient);
    else
        add_part(terms, core, coefficient);
}

static void place_constant(Parts *terms) {
    for (size_t i = 0; i < terms->count && i < 64; i++)
        if (terms->item[i].node == 0)
            return;
    if (terms->count < 64)
        add_part(terms, 0, 0);
}

static void add_term(Simplify *z, Parts *terms, Expr *constant, Expr e, Expr sign) {
    Store *s = z->s;
    Parts stack = {0};
    add_part(&stack, e, sign);
    while (stack.count) {
        Part top = stack.item[--stack.count];
        if (expr_rational(s, top.node)) { /* the constant keeps the place where one stood first */
            *constant = build_add(s, *constant, build_mul(s, top.count, top.node));
            place_constant(terms);
        } else if (is_sum(s, top.node)) { /* down the left side; a sum on the right was left whole */
            bool minus = expr_op(s, top.node) == EXPR_SUB;
            Expr right = expr_kid(s, top.node, 1), sign_right = minus ? build_neg(s, top.count) : top.count;
            if (expr_rational(s, right) || !is_sum(s, right))
                add_part(&stack, right, sign_right);
            else
                add_core(z, terms, right, sign_right);
            add_part(&stack, expr_kid(s, top.node, 0), top.count);
        } else {
            Expr coefficient, core = core_of(z, top.node, &coefficient);
            add_core(z, terms, core, build_mul(s, coefficient, top.count));
        }
    }
    free(stack.item);
}

static bool is_negative(const Store *s, Expr c) {
    mpq_srcptr q = expr_rational(s, c);
    return q && mpq_sgn(q) < 0;
}

static Expr append_term(Simplify *z, Expr res, Expr coefficient, Expr core) {
    Store *s = z->s;
    if (build_is_zero(s, coefficient))
        return res;
    if (build_is_one(s, core)) { /* the constant itself */
        bool minus = res && is_negative(s, coefficient);
        return !res ? coefficient : expr_binary(s, minus ? EXPR_SUB : EXPR_ADD, res, minus ? build_neg(s, coefficient) : coefficient);
    }
    if (!res)
        return scaled(z, coefficient, core);
    if (is_negative(s, coefficient))
        return expr_binary(s, EXPR_SUB, res, scaled(z, build_neg(s, coefficient), core));
    return expr_binary(s, EXPR_ADD, res, scaled(z, coefficient, core));
}

/* Terms in the order of their first appearance, but a positive one leads if there is one.  A part
 * without a node marks the constant's place. */
static Expr make_sum(Simplify *z, const Parts *terms, Expr constant) {
    Store *s = z->s;
    size_t lead = terms->count;
    bool placed = false;
    for (size_t i = terms->count; 0 < i--;) {
        Expr c = terms->item[i].node ? terms->item[i].count : constant;
        placed = placed || !terms->item[i].node;
        if (!is_negative(s, c) && !build_is_zero(s, c))
            lead = i;
    }
    Expr res = 0, one = expr_int(s, 1);
    for (size_t n = 0; n <= terms->count; n++) { /* the lead first, then all others in order */
        size_t i = n == 0 ? lead : n - 1;
        if (i == terms->count || (0 < n && i == lead))
            continue;
        bool is_constant = !terms->item[i].node;
        res = append_term(z, res, is_constant ? constant : terms->item[i].count, is_constant ? one : terms->item[i].node);
    }
    if (!placed)
        res = append_term(z, res, constant, one);
    return res ? res : constant;
}

static Expr simplify_sum(Simplify *z, Expr e) {
    Store *s = z->s;
    Parts stack = {0}, terms = {0};
    Expr constant = expr_int(s, 0);
    add_part(&stack, e, expr_int(s, 1));
    while (stack.count) {
        Part top = stack.item[--stack.count];
        bool through = top.node == e || (used_once(z, top.node) && is_sum(s, top.node));
        if (!through) {
            Expr answer = top.node;
            memo_get(z->answer, top.node, &answer);
            if (used_once(z, top.node) || is_short(s, answer, is_sum))
                add_term(z, &terms, &constant, answer, top.count);
            else
                add_part(&terms, answer, top.count);
            continue;
        }
        bool minus = expr_op(s, top.node) == EXPR_SUB;
        add_part(&stack, expr_kid(s, top.node, 1), minus ? build_neg(s, top.count) : top.count);
        add_part(&stack, expr_kid(s, top.node, 0), top.count);
    }
    Expr res = make_sum(z, &terms, constant);
    free(stack.item);
    free(terms.item);
    return res;
}

/* ---- everything else ---- */

static Expr simplify_neg(Simplify *z, Expr a) {
    Expr coefficient = expr_int(z->s, -1);
    if (is_sum(z->s, a)) {
        Parts terms = {0};
        Expr constant = expr_int(z->s, 0);
        add_term(z, &terms, &constant, a, coefficient);
        Expr res = make_sum(z, &terms, constant);
        free(terms.item);
        return res;
    }
    return expr_rational(z->s, a) ? build_neg(z->s, a) : scaled(z, coefficient, a);
}

/* (u^m)^n with whole m, n >= 1 is u^(m*n) everywhere. */
static Expr simplify_power(Simplify *z, Expr a, Expr b) {
    Store *s = z->s;
    long m, n;
    if (expr_op(s, a) == EXPR_POW && expr_is_integer(s, b, &n) && expr_is_integer(s, expr_kid(s, a, 1), &m) &&
        1 <= n && n < 1000 && 1 <= m && m < 1000)
        return build_pow(s, expr_kid(s, a, 0), expr_int(s, m * n));
    if (expr_op(s, a) == EXPR_NEG && expr_is_integer(s, b, &n) && n % 2 == 0)
        return build_pow(s, expr_kid(s, a, 0), b);
    return build_pow(s, a, b);
}

static Expr simplify_loop(Simplify *z, Expr e) {
    Store *s = z->s;
    unsigned k = expr_unused_free(s, expr_mask(s, e));
    if (k == EXPR_MOST_INDICES)
        return e;
    Expr lo = simplify(z->d, expr_kid(s, e, 0)), hi = simplify(z->d, expr_kid(s, e, 1));
    Expr body = simplify(z->d, expr_open(s, e, k));
    if (expr_op(s, e) == EXPR_SUM && body) { /* a constant factor comes out of the sum */
        Expr coefficient, core = core_of(z, body, &coefficient);
        if (!build_is_one(s, coefficient))
            return scaled(z, coefficient, build_loop(s, EXPR_SUM, k, lo, hi, core));
    }
    return build_loop(s, expr_op(s, e), k, lo, hi, body);
}

static Expr simplify_node(Simplify *z, Expr e) {
    Store *s = z->s;
    if (expr_is_loop(s, e))
        return simplify_loop(z, e);
    if (is_sum(s, e))
        return simplify_sum(z, e);
    if (is_product(s, e))
        return simplify_product(z, e);
    size_t count = expr_count(s, e);
    if (count == 0)
        return e;
    Expr few[8], *kids = count <= 8 ? few : mem_new(count, sizeof *kids);
    for (size_t i = 0; i < count; i++)
        if (!memo_get(z->answer, expr_kid(s, e, i), &kids[i]))
            kids[i] = expr_kid(s, e, i);
    ExprOp op = expr_op(s, e);
    bool symbol = op == EXPR_SYM || op == EXPR_GLOBAL || op == EXPR_SLOT;
    Expr res = symbol ? e
             : op == EXPR_NEG ? simplify_neg(z, kids[0])
             : op == EXPR_POW ? simplify_power(z, kids[0], kids[1])
             : build_node(s, e, kids);
    if (kids != few)
        free(kids);
    return res;
}

static Expr simplify_level(Simplify *z, Expr e) {
    Store *s = z->s;
    Parts kids = {0};
    Expr *stack = NULL, answer, res = 0;
    size_t count = 0, cap = 0;
    stack = mem_grow(stack, &cap, 1, sizeof *stack);
    stack[count++] = e;
    while (count && !store_is_interrupted(s)) {
        Expr x = stack[count - 1];
        size_t before = count;
        if (!memo_get(z->answer, x, &answer)) {
            kids.count = 0;
            if (!expr_is_loop(s, x))
                operands(z, x, &kids);
            for (size_t i = 0; i < kids.count; i++)
                if (!memo_get(z->answer, kids.item[i].node, &answer)) {
                    stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
                    stack[count++] = kids.item[i].node;
                }
            if (before < count)
                continue;
            memo_set(z->answer, x, simplify_node(z, x));
        }
        count--;
    }
    free(stack);
    free(kids.item);
    return memo_get(z->answer, e, &res) ? res : 0;
}

Expr simplify(Defs *d, Expr e) {
    Store *s = defs_store(d);
    if (!e)
        return 0;
    Simplify z = {d, s, memo_begin(s), memo_begin(s)};
    count_uses(&z, e);
    Expr res = simplify_level(&z, e);
    memo_end(s, z.answer);
    memo_end(s, z.uses);
    return res;
}
