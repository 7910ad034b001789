/* Sums over ranges with symbolic ends, by prefix sums: sum(i=lo..hi, f(i)) = S(hi) - S(lo-1), where
 * S(t+1) = S(t) + f(t+1) and S(0) = 0.  S is a kernel for each f, shifted so that the smallest
 * offset of an array element by the index is 0, so sums that differ in their ends or by a shift of
 * the index are told in the same kernels.  Terms outside of an array's range may appear; they are
 * formal, and cancel where the sums are equal.  A flag (i == E), (i <= E) within the body picks a
 * term or cuts the range.  Products likewise. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"
#include "expr/affine.h"
#include "expr/build.h"
#include "parser/ast.h"

enum {
    MOST_STEPS = 16, /* terms written out at an end */
    MOST_FLAGS = 8,
    MOST_POWER = 12,    /* of an index whose sum has a closed form */
    FIRST_CLOSING = 20, /* indices from here on stand in bodies of kernels: no range is known */
    LAST_CLOSING = 27
};

/* What a prefix sum or product is of. */
typedef struct Prefix {
    ExprOp op;
    unsigned index; /* the body's FREE index, which stands in no other loop around it */
    Ratio body;
} Prefix;

unsigned kernels_loop_number(Kernels *k, uint64_t mask, Expr lo, Expr hi) {
    uint32_t used = (uint32_t)(mask >> 32) | k->given;
    for (unsigned i = 0; i < FIRST_CLOSING; i++) {
        LoopRange *r = &k->range[i];
        if (used >> i & 1 || (r->lo && (r->lo != lo || r->hi != hi)))
            continue;
        *r = (LoopRange){lo, hi};
        return i;
    }
    return EXPR_MOST_INDICES;
}

/* An index for the body of a kernel, not in `mask`; EXPR_MOST_INDICES: none is left. */
static unsigned closing_index(Kernels *k, uint32_t mask) {
    for (unsigned i = LAST_CLOSING; FIRST_CLOSING <= i; i--)
        if (!((mask | k->given) >> i & 1))
            return i;
    return EXPR_MOST_INDICES;
}

static bool has_index(Kernels *k, Ratio a, unsigned number) {
    return kernels_mask(k, a) >> number & 1;
}

/* a with FREE(number) = to. */
static Ratio at_index(Kernels *k, Ratio a, unsigned number, Expr to) {
    Store *s = k->store;
    Expr from = expr_free(s, number), e = kernels_express(k, a);
    return e && to ? kernels_convert(k, expr_substitute(s, e, 1, &from, &to)) : 0;
}

/* The comparison p <= 0 would have helped, if it is about the question's own indices. */
static void want(Kernels *k, Ratio p) {
    Expr e = kernels_express(k, p);
    if (!k->wanted && e && kernels_whole(k, p) && !(kernels_mask(k, p) & ~k->given))
        k->wanted = expr_rel(k->store, REL_LE, e, expr_int(k->store, 0));
}

/* ---- bodies in one form ---- */

/* Products and sums in the order of their structure. */
static Expr in_order(Store *s, ExprOp op, size_t count, Expr *list) {
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; 0 < j && expr_compare(s, list[j], list[j - 1]) < 0; j--) {
            Expr t = list[j];
            list[j] = list[j - 1];
            list[j - 1] = t;
        }
    Expr res = expr_int(s, op == EXPR_MUL ? 1 : 0);
    for (size_t i = 0; i < count; i++)
        res = op == EXPR_MUL ? build_mul(s, res, list[i]) : build_add(s, res, list[i]);
    return res;
}

static Expr ordered_part(Kernels *k, Ratio a, RingPart part) {
    Store *s = k->store;
    size_t count = k->op->terms(k->ring, a, part);
    Expr *term = mem_new(count + 1, sizeof *term), *factor = mem_new(k->count + 1, sizeof *factor);
    unsigned long *exponent = mem_new(k->cap, sizeof *exponent);
    mpz_t n;
    mpq_t q;
    mpz_init(n);
    mpq_init(q);
    for (size_t i = 0; i < count; i++) {
        size_t factors = 0;
        k->op->term(k->ring, a, part, i, n, exponent);
        mpq_set_z(q, n);
        for (unsigned g = 0; g < k->count; g++)
            if (exponent[g])
                factor[factors++] = build_pow(s, k->kernel[g].node, expr_int(s, (long)exponent[g]));
        term[i] = build_mul(s, expr_const(s, q), in_order(s, EXPR_MUL, factors, factor));
    }
    Expr res = in_order(s, EXPR_ADD, count, term);
    mpz_clear(n);
    mpq_clear(q);
    free(term);
    free(factor);
    free(exponent);
    return res;
}

static Expr ordered(Kernels *k, Ratio a) {
    return a ? build_div(k->store, ordered_part(k, a, RING_NUMERATOR),
                         ordered_part(k, a, RING_DENOMINATOR))
             : 0;
}

/* How elements use the index: the smallest constant beside +i, and whether there is an i, a -i. */
typedef struct Offsets {
    bool plus, minus;
    long least;
} Offsets;

static long constant_of(const Store *s, Expr e) {
    long n = 0;
    bool sub = expr_op(s, e) == EXPR_SUB;
    if (expr_is_integer(s, e, &n))
        return n;
    if ((sub || expr_op(s, e) == EXPR_ADD) && expr_is_integer(s, expr_kid(s, e, 1), &n))
        return sub ? -n : n;
    return 0;
}

static Offsets offsets(Kernels *k, Expr body, unsigned number) {
    Store *s = k->store;
    size_t count;
    Expr *list = expr_reachable(s, 1, &body, &count), index = expr_free(s, number), a, b;
    Offsets res = {false, false, 0};
    for (size_t i = 0; i < count; i++) {
        long step;
        if (expr_op(s, list[i]) != EXPR_ELEM ||
            !(expr_mask(s, expr_kid(s, list[i], 1)) >> (32 + number) & 1) ||
            !affine_in(s, expr_kid(s, list[i], 1), index, &a, &b) || !expr_is_integer(s, a, &step))
            continue;
        long c = constant_of(s, b);
        if (step == 1)
            res.least = !res.plus || c < res.least ? c : res.least;
        res.plus = res.plus || step == 1;
        res.minus = res.minus || step == -1;
    }
    free(list);
    return res;
}

/* ---- the kernel of a sum ---- */

/* The sign of a loop whose terms have the sign: `some` where it has one term at least. */
static unsigned sign_of_loop(ExprOp op, unsigned sign, bool some) {
    if (op == EXPR_PROD)
        return sign & SIGN_NEG ? SIGN_ANY : sign | SIGN_POS;
    bool mixed = sign & SIGN_NEG && sign & SIGN_POS;
    return mixed ? SIGN_ANY : some ? sign : sign | SIGN_ZERO;
}

/* From 1 on where it is a prefix, from 2 on where it may be empty: such sums are kernels apart. */
static Ratio kernel_of_loop(Kernels *k, const Prefix *f, Ratio hi, long lo) {
    Store *s = k->store;
    Expr node = expr_loop(s, f->op, f->index, expr_int(s, lo), ordered(k, hi), ordered(k, f->body));
    Ratio res = node ? kernel_for_node(k, node) : 0;
    int at = res ? kernel_of(k, res) : -1;
    k->doubtful = true;
    if (0 <= at) {
        bool some = !(kernels_sign(k, ratio_sub(k, hi, ratio_int(k, lo))) & SIGN_NEG);
        unsigned sign = k->kernel[at].sign & sign_of_loop(f->op, kernels_sign(k, f->body), some);
        k->kernel[at].sign = sign ? sign : SIGN_ANY;
    }
    return res;
}

/* Of sum(i, f(i) * sum(j, g(i,j))): the sums exchanged; 0. */
static Ratio exchanged(Kernels *k, const Prefix *f, Ratio base) {
    Store *s = k->store;
    Expr hi = ordered(k, base), one = expr_int(s, 1);
    for (unsigned g = 0; g < k->count; g++) {
        Expr inner = k->kernel[g].node;
        uint64_t bit = UINT64_C(1) << (32 + f->index);
        if (k->kernel[g].kind != KERNEL_NODE || expr_op(s, inner) != EXPR_SUM ||
            !(expr_mask(s, inner) & bit) || expr_mask(s, expr_kid(s, inner, 1)) & bit ||
            expr_kid(s, inner, 0) != one || !k->op->divides(k->ring, k->kernel[g].value, f->body))
            continue;
        Expr outside = kernels_express(k, ratio_div(k, f->body, k->kernel[g].value));
        unsigned second =
            closing_index(k, kernels_mask(k, f->body) | (uint32_t)(expr_mask(s, hi) >> 32));
        if (!outside || second == EXPR_MOST_INDICES)
            return 0;
        Expr body = build_mul(s, outside, expr_open(s, inner, second));
        body = expr_loop(s, EXPR_SUM, f->index, one, hi, body);
        body = expr_loop(s, EXPR_SUM, second, one, expr_kid(s, inner, 1), body);
        k->swapped = true;
        Ratio res = kernels_convert(k, body);
        k->swapped = false;
        return res;
    }
    return 0;
}

/* sum(i=1..base, f(i)), in whichever order of two sums comes first. */
static Ratio prefix_kernel(Kernels *k, const Prefix *f, Ratio base) {
    Ratio plain = kernel_of_loop(k, f, base, 1);
    Ratio other = k->swapped || f->op != EXPR_SUM ? 0 : exchanged(k, f, base);
    if (!plain || !other)
        return plain;
    Expr a = ordered(k, plain), b = ordered(k, other);
    return a && b && expr_compare(k->store, b, a) < 0 ? other : plain;
}

/* ---- prefix sums and products ---- */

/* t = base + *c, c its constant; false where t is no whole number. */
static bool split_constant(Kernels *k, Ratio t, Ratio *base, long *c) {
    if (!t || !kernels_whole(k, t))
        return false;
    unsigned long *exponent = mem_new(k->cap, sizeof *exponent);
    mpz_t n;
    bool fits = true;
    mpz_init(n);
    *c = 0;
    for (size_t i = 0; i < k->op->terms(k->ring, t, RING_NUMERATOR); i++) {
        bool number = true;
        k->op->term(k->ring, t, RING_NUMERATOR, i, n, exponent);
        for (unsigned g = 0; g < k->count; g++)
            number = number && !exponent[g];
        fits = fits && (!number || mpz_fits_slong_p(n));
        if (number && fits)
            *c = mpz_get_si(n);
    }
    mpz_clear(n);
    free(exponent);
    *base = ratio_sub(k, t, ratio_int(k, *c));
    return fits;
}

/* sum(i=1..t, i^p), from (t+1)^(p+1) - 1 = sum of C(p+1,j) * sum(i^j). */
static Ratio power_sum(Kernels *k, Ratio t, unsigned long p) {
    Ratio sum[MOST_POWER + 1], next = ratio_add(k, t, ratio_int(k, 1));
    for (unsigned long q = 0; q <= p; q++) {
        Ratio res = ratio_sub(k, ratio_pow(k, next, (long)q + 1), ratio_int(k, 1));
        long binomial = 1;
        for (unsigned long j = 0; j < q; j++) {
            res = ratio_sub(k, res, ratio_mul(k, ratio_int(k, binomial), sum[j]));
            binomial = binomial * (long)(q + 1 - j) / (long)(j + 1);
        }
        sum[q] = ratio_mul(k, res, ratio_fraction(k, 1, (long)q + 1));
    }
    return sum[p];
}

/* Is f the index to a power? */
static bool index_power(Kernels *k, const Prefix *f, unsigned long *p) {
    Ratio index = kernel_for_node(k, expr_free(k->store, f->index));
    for (*p = 1; index && *p <= MOST_POWER; *p += 1)
        if (ratio_equal(k, f->body, ratio_pow(k, index, (long)*p)))
            return true;
    return false;
}

/* S(t), or the product likewise; 0 where it cannot be told. */
static Ratio prefix(Kernels *k, const Prefix *f, Ratio t) {
    Store *s = k->store;
    bool sum = f->op == EXPR_SUM;
    unsigned long p;
    long c;
    Ratio base, res = ratio_int(k, sum ? 0 : 1);
    if (sum && index_power(k, f, &p))
        return power_sum(k, t, p);
    if (!split_constant(k, t, &base, &c) || MOST_STEPS < labs(c) ||
        kernels_sign(k, base) & SIGN_NEG)
        return 0; /* S of what is below 0 would not be the loop's value */
    if (!ratio_is_zero(k, base))
        res = prefix_kernel(k, f, base);
    Expr from = kernels_express(k, base);
    for (long j = c < 0 ? c + 1 : 1; j <= (c < 0 ? 0 : c); j++) {
        Ratio one = at_index(k, f->body, f->index, build_add(s, from, expr_int(s, j)));
        if (sum)
            res = c < 0 ? ratio_sub(k, res, one) : ratio_add(k, res, one);
        else
            res = c < 0 ? ratio_div(k, res, one) : ratio_mul(k, res, one);
    }
    return res;
}

/* How the index is replaced, i = to, so that sums that differ by it come out alike: backwards where
 * all elements run so, then shifted.  *least is what the ends are shifted by. */
static bool align(Kernels *k, Prefix *f, unsigned number, Ratio lo, Ratio hi, long *least) {
    Store *s = k->store;
    Expr index = expr_free(s, f->index);
    Offsets o = offsets(k, kernels_express(k, f->body), number);
    if (o.minus && !o.plus) {
        Expr ends = build_add(s, kernels_express(k, lo), kernels_express(k, hi));
        f->body = at_index(k, f->body, number, build_sub(s, ends, index));
        number = f->index;
        o = f->body ? offsets(k, kernels_express(k, f->body), number) : o;
    }
    *least = -o.least;
    if (!o.plus)
        *least = ratio_integer(k, lo, least) ? *least - 1 : 0;
    f->body = f->body ? at_index(k, f->body, number, build_add(s, index, expr_int(s, *least))) : 0;
    return f->body != 0;
}

static Ratio by_prefixes(Kernels *k, Prefix f, unsigned number, Ratio lo, Ratio hi) {
    long least;
    if (!align(k, &f, number, lo, hi, &least))
        return 0;
    Ratio above = prefix(k, &f, ratio_sub(k, hi, ratio_int(k, least)));
    Ratio below = above ? prefix(k, &f, ratio_sub(k, lo, ratio_int(k, least + 1))) : 0;
    return f.op == EXPR_SUM ? ratio_sub(k, above, below) : ratio_div(k, above, below);
}

/* body over FREE(number) = lo..hi, flags in it left as they are. */
static Ratio over_range(Kernels *k, ExprOp op, unsigned number, Ratio lo, Ratio hi, Ratio body) {
    Store *s = k->store;
    Ratio one = ratio_int(k, 1), length = ratio_add(k, ratio_sub(k, hi, lo), one);
    unsigned sign = kernels_sign(k, length);
    uint32_t around = kernels_mask(k, body) | kernels_mask(k, lo) | kernels_mask(k, hi);
    Prefix f = {op, closing_index(k, around), body};
    Expr low = kernels_express(k, lo);
    if (!length || !low || !body || f.index == EXPR_MOST_INDICES)
        return 0;
    if (!(sign & SIGN_POS))
        return ratio_int(k, op == EXPR_SUM ? 0 : 1);
    if (sign & SIGN_NEG) {
        want(k, ratio_neg(k, length));
    } else if (!has_index(k, body, number) && op == EXPR_SUM) {
        return ratio_mul(k, body, length);
    } else if (!has_index(k, body, number) &&
               !(sign & SIGN_ZERO && kernels_sign(k, body) & SIGN_ZERO)) {
        return kernels_power(k, body, length); /* not 0^0 */
    } else if (kernels_whole(k, lo) && kernels_whole(k, hi)) {
        Ratio res = by_prefixes(k, f, number, lo, hi);
        if (res)
            return res;
    }
    Expr back = build_sub(s, low, expr_int(s, 2));
    f.body = at_index(k, body, number, build_add(s, expr_free(s, f.index), back));
    return f.body ? kernel_of_loop(k, &f, ratio_add(k, length, one), 2) : 0;
}

/* ---- flags ---- */

typedef struct Flag {
    unsigned kernel;
    long step;  /* its argument is step*i + ..., step 1 or -1 */
    Ratio edge; /* where the argument is 0 */
} Flag;

/* A flag in a with the index alone on one side. */
static bool find_flag(Kernels *k, Ratio a, unsigned number, Flag *out) {
    Expr index = expr_free(k->store, number);
    Ratio i = kernel_for_node(k, index);
    int at = i ? kernel_of(k, i) : -1;
    for (unsigned g = 0; 0 <= at && g < k->count; g++) {
        const Kernel *f = &k->kernel[g];
        if ((f->kind != KERNEL_EQUAL && f->kind != KERNEL_TRUTH) || !(f->mask >> number & 1) ||
            !k->op->divides(k->ring, f->value, a))
            continue;
        Ratio step = k->op->coefficient(k->ring, f->arg, (unsigned)at, 1);
        Ratio rest = ratio_sub(k, f->arg, ratio_mul(k, step, i));
        if (!step || !rest || !ratio_integer(k, step, &out->step) || labs(out->step) != 1 ||
            has_index(k, rest, number) || !kernels_whole(k, rest))
            continue;
        out->kernel = g;
        out->edge = ratio_mul(k, rest, ratio_int(k, -out->step));
        return true;
    }
    return false;
}

static Ratio if_within(Kernels *k, Ratio lo, Ratio hi, Ratio at) {
    return ratio_mul(k, kernels_relation(k, REL_LE, lo, at), kernels_relation(k, REL_LE, at, hi));
}

/* The smaller of two ends, of lower ones the larger; false where that cannot be told. */
static bool narrower(Kernels *k, Ratio *end, Ratio edge, bool upper) {
    Ratio gap = upper ? ratio_sub(k, edge, *end) : ratio_sub(k, *end, edge);
    unsigned sign = kernels_sign(k, gap);
    if (sign & SIGN_NEG && sign & SIGN_POS) {
        want(k, gap);
        return false;
    }
    if (sign & SIGN_NEG)
        *end = edge;
    return true;
}

Ratio kernels_sum(Kernels *k, unsigned number, Ratio lo, Ratio hi, Ratio body) {
    for (int i = 0; i < MOST_FLAGS && body && lo && hi; i++) {
        Flag f;
        if (!find_flag(k, body, number, &f))
            break;
        Ratio rest = ratio_div(k, body, k->kernel[f.kernel].value);
        if (k->kernel[f.kernel].kind == KERNEL_EQUAL) {
            Ratio within = if_within(k, lo, hi, f.edge);
            if (!within || ratio_is_zero(k, within))
                return within;
            return ratio_mul(k, within, at_index(k, rest, number, kernels_express(k, f.edge)));
        }
        if (!narrower(k, f.step == 1 ? &hi : &lo, f.edge, f.step == 1))
            break;
        body = rest;
    }
    return body && lo && hi ? over_range(k, EXPR_SUM, number, lo, hi, body) : 0;
}

/* The body of a product with its flag (i == E) being 0, 1. */
static bool split_body(Kernels *k, Ratio body, unsigned number, Flag *f, Ratio *without,
                       Ratio *with) {
    for (unsigned g = 0; g < k->count; g++) {
        Kernel *at = &k->kernel[g];
        if (at->kind != KERNEL_EQUAL || !(at->mask >> number & 1) ||
            !find_flag(k, at->value, number, f))
            continue;
        Ratio more = k->op->coefficient(k->ring, body, f->kernel, 1);
        *without = k->op->coefficient(k->ring, body, f->kernel, 0);
        *with = ratio_add(k, more, *without);
        if (more && *without && !ratio_is_zero(k, more) && !ratio_is_zero(k, *without))
            return true;
    }
    return false;
}

/* A product is multiplicative; a factor without the index comes to a power. */
static Ratio by_factors(Kernels *k, unsigned number, Ratio lo, Ratio hi, Ratio body) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    mpq_init(c);
    Ratio length = ratio_add(k, ratio_sub(k, hi, lo), ratio_int(k, 1)), res = 0;
    if (kernels_sign(k, length) & SIGN_NEG || ratio_is_zero(k, body) ||
        !k->op->factor(k->ring, body, c, &list, &count)) {
        res = over_range(k, EXPR_PROD, number, lo, hi, body);
    } else {
        res = mpq_cmp_si(c, 1, 1) == 0 ? ratio_int(k, 1)
                                       : kernels_power(k, k->op->rational(k->ring, c), length);
        for (size_t i = 0; i < count && res; i++) {
            Ratio one = over_range(k, EXPR_PROD, number, lo, hi, list[i].base);
            res = one ? ratio_mul(k, res, ratio_pow(k, one, list[i].exponent)) : 0;
        }
    }
    free(list);
    mpq_clear(c);
    return res;
}

Ratio kernels_product(Kernels *k, unsigned number, Ratio lo, Ratio hi, Ratio body) {
    Flag f;
    Ratio without, with;
    if (!lo || !hi || !body)
        return 0;
    if (!split_body(k, body, number, &f, &without, &with))
        return by_factors(k, number, lo, hi, body);
    Ratio all = kernels_product(k, number, lo, hi, without);
    Ratio within = if_within(k, lo, hi, f.edge);
    if (!within || ratio_is_zero(k, within))
        return within ? all : 0;
    Expr edge = kernels_express(k, f.edge);
    Ratio there = ratio_div(k, at_index(k, with, number, edge), at_index(k, without, number, edge));
    return ratio_mul(
        k, all,
        ratio_add(k, ratio_int(k, 1), ratio_mul(k, within, ratio_sub(k, there, ratio_int(k, 1)))));
}
