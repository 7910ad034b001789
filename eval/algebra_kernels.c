/* The table of kernels and the walk from expressions to ratios; see algebra_kernels.h. */
#include "eval/algebra_kernels.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/partial.h"
#include "parser/ast.h"

enum { MOST_POWER = 100000, MOST_NEEDS = 64, MOST_STEPS = 40 };
static const Ratio NOT_YET = UINT32_MAX;

void kernels_init(Kernels *k, Defs *d, const RingOps *op, unsigned generators) {
    *k = (Kernels){.defs = d, .store = defs_store(d), .op = op, .cap = generators};
    k->ring = op->create(op, generators);
    k->kernel = mem_new(generators, sizeof *k->kernel);
}

void kernels_done(Kernels *k) {
    k->op->destroy(k->ring);
    free(k->kernel);
    free(k->memo);
    free(k->fact);
}

/* ---- numbers ---- */

Ratio ratio_fraction(Kernels *k, long num, long den) {
    mpq_t q;
    mpq_init(q);
    mpq_set_si(q, num, (unsigned long)den);
    mpq_canonicalize(q);
    Ratio res = k->op->rational(k->ring, q);
    mpq_clear(q);
    return res;
}

Ratio ratio_int(Kernels *k, long n) {
    return ratio_fraction(k, n, 1);
}

Ratio ratio_scale(Kernels *k, Ratio a, mpq_srcptr q) {
    return ratio_mul(k, a, k->op->rational(k->ring, q));
}

bool ratio_equal(Kernels *k, Ratio a, Ratio b) {
    return a && b && (a == b || ratio_is_zero(k, ratio_sub(k, a, b)));
}

bool ratio_integer(Kernels *k, Ratio a, long *n) {
    mpq_t q;
    mpq_init(q);
    bool res = k->op->value(k->ring, a, q) && mpz_cmp_ui(mpq_denref(q), 1) == 0 && mpz_fits_slong_p(mpq_numref(q));
    if (res)
        *n = mpz_get_si(mpq_numref(q));
    mpq_clear(q);
    return res;
}

/* ---- the table ---- */

int kernel_add(Kernels *k, Kernel like) {
    if (k->count == k->cap || !like.node) {
        k->overflow = k->overflow || k->count == k->cap;
        return -1;
    }
    like.value = k->op->generator(k->ring, k->count);
    like.mask = (uint32_t)(expr_mask(k->store, like.node) >> 32);
    like.constant = kernels_is_constant(k->store, like.node);
    if (!like.sign)
        like.sign = like.constant ? kernels_constant_sign(k, like.node) : SIGN_ANY;
    k->kernel[k->count] = like;
    return (int)k->count++;
}

int kernel_find(Kernels *k, KernelKind kind, uint32_t function, Ratio arg, Ratio arg2) {
    for (unsigned i = k->count; 0 < i--;) {
        const Kernel *at = &k->kernel[i];
        if (at->kind == kind && at->function == function && ratio_equal(k, at->arg, arg) &&
            (!arg2 || ratio_equal(k, at->arg2, arg2)))
            return (int)i;
    }
    return -1;
}

int kernel_of(Kernels *k, Ratio a) {
    for (unsigned i = 0; i < k->count; i++)
        if (ratio_equal(k, k->kernel[i].value, a))
            return (int)i;
    return -1;
}

static bool is_dimension(const Store *s, Expr node) {
    /* a symbol that is some array's length: symbols made for lengths have uses as dims only */
    for (Expr e = node + 1; e < store_count(s); e++) {
        ExprOp op = expr_op(s, e);
        if (op != EXPR_SYM && op != EXPR_GLOBAL)
            continue;
        for (size_t i = 0; i < expr_count(s, e); i++)
            if (expr_kid(s, e, i) == node)
                return true;
    }
    return false;
}

Ratio kernel_for_node(Kernels *k, Expr node) {
    for (unsigned i = 0; i < k->count; i++)
        if (k->kernel[i].node == node)
            return k->kernel[i].value;
    Kernel made = {.kind = KERNEL_NODE, .node = node};
    ExprOp op = expr_op(k->store, node);
    if (op == EXPR_FREE) {
        made.whole = true; /* its sign is not known: a loop's number may be an index of the caller's */
    } else if (op == EXPR_SYM && expr_count(k->store, node) == 0 && is_dimension(k->store, node)) {
        made.whole = true;
        made.sign = SIGN_POS | SIGN_ZERO;
    } else if (op == EXPR_PI) {
        made.sign = SIGN_POS;
    }
    int at = kernel_add(k, made);
    return at < 0 ? 0 : k->kernel[at].value;
}

typedef struct Term {
    mpz_t coefficient;
    unsigned long *exponent;
} Term;

static void term_init(const Kernels *k, Term *t) {
    mpz_init(t->coefficient);
    t->exponent = mem_new(k->cap, sizeof *t->exponent);
}

static void term_done(Term *t) {
    mpz_clear(t->coefficient);
    free(t->exponent);
}

/* Which generators are in it: used[g] for each. */
static void mark_used(Kernels *k, Ratio a, bool *used) {
    Term t;
    term_init(k, &t);
    for (RingPart part = RING_NUMERATOR; part <= RING_DENOMINATOR; part++)
        for (size_t i = 0; i < k->op->terms(k->ring, a, part); i++) {
            k->op->term(k->ring, a, part, i, t.coefficient, t.exponent);
            for (unsigned g = 0; g < k->count; g++)
                used[g] = used[g] || t.exponent[g];
        }
    term_done(&t);
}

uint32_t kernels_mask(Kernels *k, Ratio a) {
    bool *used = mem_new(k->cap, sizeof *used);
    uint32_t res = 0;
    mark_used(k, a, used);
    for (unsigned g = 0; g < k->count; g++)
        res |= used[g] ? k->kernel[g].mask : 0;
    free(used);
    return res;
}

bool kernels_constant(Kernels *k, Ratio a) {
    bool *used = mem_new(k->cap, sizeof *used), res = true;
    mark_used(k, a, used);
    for (unsigned g = 0; g < k->count; g++)
        res = res && (!used[g] || k->kernel[g].constant);
    free(used);
    return res;
}

bool kernels_whole(Kernels *k, Ratio a) {
    bool res = a != 0;
    Term t;
    term_init(k, &t);
    for (size_t i = 0; res && i < k->op->terms(k->ring, a, RING_NUMERATOR); i++) {
        k->op->term(k->ring, a, RING_NUMERATOR, i, t.coefficient, t.exponent);
        for (unsigned g = 0; g < k->count; g++)
            res = res && (!t.exponent[g] || k->kernel[g].whole);
    }
    if (res && k->op->terms(k->ring, a, RING_DENOMINATOR) == 1) {
        k->op->term(k->ring, a, RING_DENOMINATOR, 0, t.coefficient, t.exponent);
        res = mpz_cmp_ui(t.coefficient, 1) == 0;
        for (unsigned g = 0; g < k->count; g++)
            res = res && !t.exponent[g];
    } else {
        res = false;
    }
    term_done(&t);
    return res;
}

/* The first term of the numerator over that of the denominator, 0 unless it is a monomial. */
static Ratio first_quotient(Kernels *k, Ratio a) {
    Term n, d;
    mpq_t q;
    term_init(k, &n);
    term_init(k, &d);
    mpq_init(q);
    k->op->term(k->ring, a, RING_NUMERATOR, 0, n.coefficient, n.exponent);
    k->op->term(k->ring, a, RING_DENOMINATOR, 0, d.coefficient, d.exponent);
    mpq_set_num(q, n.coefficient);
    mpq_set_den(q, d.coefficient);
    mpq_canonicalize(q);
    Ratio res = k->op->rational(k->ring, q);
    for (unsigned g = 0; g < k->count && res; g++) {
        long e = (long)n.exponent[g] - (long)d.exponent[g];
        res = e < 0 ? 0 : e ? ratio_mul(k, res, ratio_pow(k, k->kernel[g].value, e)) : res;
    }
    mpq_clear(q);
    term_done(&n);
    term_done(&d);
    return res;
}

size_t kernels_divide_out(Kernels *k, Ratio a, Ratio part[2]) {
    size_t count = 0;
    Ratio whole = ratio_int(k, 0);
    for (int i = 0; i < MOST_STEPS && 1 < k->op->terms(k->ring, a, RING_DENOMINATOR) && !ratio_is_zero(k, a); i++) {
        Ratio q = first_quotient(k, a);
        if (!q)
            break;
        whole = ratio_add(k, whole, q);
        a = ratio_sub(k, a, q);
    }
    if (!ratio_is_zero(k, whole))
        part[count++] = whole;
    if (!ratio_is_zero(k, a))
        part[count++] = a;
    return count;
}

/* ---- back to expressions ---- */

static Expr polynomial(Kernels *k, Ratio a, RingPart part) {
    Store *s = k->store;
    Expr res = expr_int(s, 0);
    Term t;
    mpq_t q;
    mpq_init(q);
    term_init(k, &t);
    for (size_t i = 0; i < k->op->terms(k->ring, a, part); i++) {
        k->op->term(k->ring, a, part, i, t.coefficient, t.exponent);
        mpq_set_z(q, t.coefficient);
        bool minus = mpq_sgn(q) < 0 && !build_is_zero(s, res);
        if (minus)
            mpq_neg(q, q);
        Expr product = expr_const(s, q);
        for (unsigned g = 0; g < k->count; g++)
            if (t.exponent[g])
                product = build_mul(s, product, build_pow(s, k->kernel[g].node, expr_int(s, (long)t.exponent[g])));
        res = minus ? build_sub(s, res, product) : build_add(s, res, product);
    }
    term_done(&t);
    mpq_clear(q);
    return res;
}

Expr kernels_express(Kernels *k, Ratio a) {
    if (!a)
        return 0;
    return build_div(k->store, polynomial(k, a, RING_NUMERATOR), polynomial(k, a, RING_DENOMINATOR));
}

/* ---- choices ---- */

static Ratio flag(Kernels *k, KernelKind kind, Ratio arg) {
    int at = kernel_find(k, kind, 0, arg, 0);
    if (at < 0) {
        Expr zero = expr_int(k->store, 0), node = kernels_express(k, arg);
        node = expr_rel(k->store, kind == KERNEL_TRUTH ? REL_LE : REL_EQ, node, zero);
        at = kernel_add(k, (Kernel){.kind = kind, .arg = arg, .node = node, .sign = SIGN_POS | SIGN_ZERO, .whole = true});
        if (at < 0)
            return 0;
        k->op->relation(k->ring, (unsigned)at, 2, k->kernel[at].value);
    }
    return k->kernel[at].value;
}

static bool leading_negative(Kernels *k, Ratio a) {
    Term t;
    term_init(k, &t);
    k->op->term(k->ring, a, RING_NUMERATOR, 0, t.coefficient, t.exponent);
    bool res = mpz_sgn(t.coefficient) < 0;
    term_done(&t);
    return res;
}

static Ratio equal_flag(Kernels *k, Ratio d) {
    unsigned sign = kernels_sign(k, d);
    if (!(sign & SIGN_ZERO))
        return ratio_int(k, 0);
    if (sign == SIGN_ZERO)
        return ratio_int(k, 1);
    return flag(k, KERNEL_EQUAL, leading_negative(k, d) ? ratio_neg(k, d) : d);
}

/* 1 if d <= 0. */
static Ratio truth(Kernels *k, Ratio d) {
    unsigned sign = kernels_sign(k, d);
    Ratio one = ratio_int(k, 1);
    if (!(sign & SIGN_POS))
        return one;
    if (sign == SIGN_POS)
        return ratio_int(k, 0);
    if (!leading_negative(k, d))
        return flag(k, KERNEL_TRUTH, d);
    if (kernels_whole(k, d)) /* d <= 0 unless 1 - d <= 0 */
        return ratio_sub(k, one, truth(k, ratio_sub(k, one, d)));
    Ratio minus = flag(k, KERNEL_TRUTH, ratio_neg(k, d));
    return ratio_add(k, ratio_sub(k, one, minus), equal_flag(k, d));
}

Ratio kernels_relation(Kernels *k, int rel, Ratio a, Ratio b) {
    Ratio d = ratio_sub(k, a, b), one = ratio_int(k, 1);
    if (!d)
        return 0;
    switch (rel) {
    case REL_LE: return truth(k, d);
    case REL_GT: return ratio_sub(k, one, truth(k, d));
    case REL_GE: return truth(k, ratio_neg(k, d));
    case REL_LT: return ratio_sub(k, one, truth(k, ratio_neg(k, d)));
    case REL_EQ: return equal_flag(k, d);
    default: return ratio_sub(k, one, equal_flag(k, d));
    }
}

/* ---- the walk ---- */

static Ratio *memo_at(Kernels *k, Expr e) {
    if (k->memo_count <= e) {
        size_t before = k->memo_count, want = store_count(k->store) + 64;
        k->memo = mem_grow(k->memo, &k->memo_count, want, sizeof *k->memo);
        for (size_t i = before; i < k->memo_count; i++)
            k->memo[i] = NOT_YET;
    }
    return &k->memo[e];
}

/* The function in plainer ones, 0 if there are none. */
static Expr plainer(Kernels *k, Expr e) {
    uint32_t id = expr_payload(k->store, e);
    const Function *f = function_at(id);
    if (!f->means || expr_count(k->store, e) > 3)
        return 0;
    if (!k->means[id])
        k->means[id] = partial_text(k->defs, f->means);
    return partial_apply(k->defs, k->means[id], e);
}

static size_t needs(Kernels *k, Expr e, Expr *need) {
    Store *s = k->store;
    size_t count = 0;
    ExprOp op = expr_op(s, e);
    if (op == EXPR_ELEM || expr_is_loop(s, e))
        return kernels_loop_needs(k, e, need);
    if (op == EXPR_SYM || op == EXPR_GLOBAL || op == EXPR_CALL || op == EXPR_LIST)
        return 0;
    if (op == EXPR_FN && plainer(k, e)) {
        need[0] = plainer(k, e);
        return 1;
    }
    mpq_srcptr decided = op == EXPR_IF ? expr_rational(s, expr_kid(s, e, 0)) : NULL;
    if (decided) {
        need[0] = expr_kid(s, e, mpq_sgn(decided) ? 1 : 2);
        return 1;
    }
    for (size_t i = 0; i < expr_count(s, e) && i < MOST_NEEDS; i++)
        need[count++] = expr_kid(s, e, i);
    return count;
}

static Ratio choice(Kernels *k, Ratio c, Ratio a, Ratio b) {
    long n;
    if (ratio_integer(k, c, &n))
        return n ? a : b;
    return ratio_add(k, b, ratio_mul(k, c, ratio_sub(k, a, b)));
}

static Ratio finish(Kernels *k, Expr e) {
    Store *s = k->store;
    Expr need[MOST_NEEDS];
    ExprOp op = expr_op(s, e);
    size_t count = needs(k, e, need);
    Ratio a[3] = {0, 0, 0};
    for (size_t i = 0; i < count && i < 3; i++)
        a[i] = *memo_at(k, need[i]);
    if (op == EXPR_ELEM || expr_is_loop(s, e))
        return op == EXPR_ELEM ? kernels_element(k, e) : kernels_loop(k, e);
    switch (op) {
    case EXPR_CONST: return k->op->rational(k->ring, expr_rational(s, e));
    case EXPR_E: return kernels_exp(k, ratio_int(k, 1));
    case EXPR_PI: case EXPR_SYM: case EXPR_GLOBAL: case EXPR_FREE: return kernel_for_node(k, e);
    case EXPR_ADD: return ratio_add(k, a[0], a[1]);
    case EXPR_SUB: return ratio_sub(k, a[0], a[1]);
    case EXPR_MUL: return ratio_mul(k, a[0], a[1]);
    case EXPR_DIV: return ratio_div(k, a[0], a[1]);
    case EXPR_NEG: return ratio_neg(k, a[0]);
    case EXPR_POW: return kernels_power(k, a[0], a[1]);
    case EXPR_REL: return kernels_relation(k, (int)expr_payload(s, e), a[0], a[1]);
    case EXPR_AND: return ratio_mul(k, a[0], a[1]);
    case EXPR_OR: return ratio_sub(k, ratio_add(k, a[0], a[1]), ratio_mul(k, a[0], a[1]));
    case EXPR_NOT: return ratio_sub(k, ratio_int(k, 1), a[0]);
    case EXPR_IF: return count == 1 ? a[0] : choice(k, a[0], a[1], a[2]);
    case EXPR_FN:
        if (count == 1 && need[0] != expr_kid(s, e, 0))
            return a[0];
        return kernels_function(k, e, expr_payload(s, e), count, a);
    case EXPR_CALL:
        k->doubtful = true;
        return kernel_for_node(k, e);
    default: return 0; /* INF, NAN, arrays */
    }
}

/* A condition as an operand of AND, OR, NOT, IF may be any number: only flags are taken. */
static bool is_flag(const Store *s, Expr e) {
    ExprOp op = expr_op(s, e);
    long n;
    return op == EXPR_REL || op == EXPR_AND || op == EXPR_OR || op == EXPR_NOT ||
           (expr_is_integer(s, e, &n) && (n == 0 || n == 1));
}

static bool acceptable(const Store *s, Expr e) {
    ExprOp op = expr_op(s, e);
    bool res = expr_rank(s, e) == 0;
    size_t flags = op == EXPR_AND || op == EXPR_OR ? 2 : op == EXPR_NOT || op == EXPR_IF ? 1 : 0;
    for (size_t i = 0; i < flags; i++)
        res = res && is_flag(s, expr_kid(s, e, i));
    return res;
}

Ratio kernels_convert(Kernels *k, Expr e) {
    Expr *stack = NULL;
    size_t count = 0, cap = 0;
    if (!e)
        return 0;
    stack = mem_grow(stack, &cap, 1, sizeof *stack);
    stack[count++] = e;
    while (count) {
        Expr at = stack[count - 1], need[MOST_NEEDS];
        if (!at || *memo_at(k, at) != NOT_YET) {
            count--;
            continue;
        }
        if (k->overflow || !acceptable(k->store, at)) {
            *memo_at(k, at) = 0;
            continue;
        }
        size_t wanted = needs(k, at, need), before = count;
        for (size_t i = 0; i < wanted; i++) {
            if (!need[i] || *memo_at(k, need[i]) != NOT_YET)
                continue;
            stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
            stack[count++] = need[i];
        }
        if (count == before) {
            Ratio res = finish(k, at);
            *memo_at(k, at) = res;
        }
    }
    free(stack);
    return *memo_at(k, e);
}
