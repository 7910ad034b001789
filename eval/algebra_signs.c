/* Signs: from what kernels are, from sums of terms of one sign, from bounds of sines, and from facts,
 * which are conditions that hold. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"
#include "parser/ast.h"

enum { MOST_ROOTS = 3, MOST_PAIRED = 6, MOST_TERMS = 1000 };

static unsigned sign_within(Kernels *k, Ratio a, int depth);

static unsigned flipped(unsigned bits) {
    return (bits & SIGN_ZERO) | (bits & SIGN_NEG ? SIGN_POS : 0) | (bits & SIGN_POS ? SIGN_NEG : 0);
}

static unsigned product(unsigned a, unsigned b) {
    unsigned res = (a | b) & SIGN_ZERO;
    if ((a & SIGN_POS && b & SIGN_POS) || (a & SIGN_NEG && b & SIGN_NEG))
        res |= SIGN_POS;
    if ((a & SIGN_POS && b & SIGN_NEG) || (a & SIGN_NEG && b & SIGN_POS))
        res |= SIGN_NEG;
    return res;
}

/* Worth a closer look? */
static bool is_small(Kernels *k, Ratio a) {
    return k->op->size(k->ring, a) < MOST_TERMS;
}

/* Of a sum. */
static unsigned total(unsigned a, unsigned b) {
    if ((a & SIGN_POS && b & SIGN_NEG) || (a & SIGN_NEG && b & SIGN_POS))
        return SIGN_ANY;
    return ((a | b) & (SIGN_POS | SIGN_NEG)) | (a & b & SIGN_ZERO);
}

static unsigned even(unsigned bits) {
    return (bits & SIGN_ZERO) | (bits & (SIGN_POS | SIGN_NEG) ? SIGN_POS : 0);
}

/* What the facts say of a single kernel. */
static unsigned kernel_sign(Kernels *k, unsigned g) {
    unsigned res = k->kernel[g].sign;
    for (size_t i = 0; i < k->fact_count; i++)
        if (k->op->terms(k->ring, k->fact[i].p, RING_NUMERATOR) == 1 && ratio_equal(k, k->fact[i].p, k->kernel[g].value))
            res &= k->fact[i].sign;
    return res;
}

/* Term by term; a product of sines lies between -1 and 1. */
static unsigned by_terms(Kernels *k, Ratio a, RingPart part) {
    unsigned long *exponent = mem_new(k->cap, sizeof *exponent);
    unsigned sum = SIGN_ZERO;
    mpz_t c, swing, constant;
    mpz_inits(c, swing, constant, NULL);
    for (size_t i = 0; i < k->op->terms(k->ring, a, part); i++) {
        k->op->term(k->ring, a, part, i, c, exponent);
        unsigned bits = mpz_sgn(c) < 0 ? SIGN_NEG : SIGN_POS;
        bool bounded = true, number = true;
        for (unsigned g = 0; g < k->count; g++) {
            if (!exponent[g])
                continue;
            unsigned own = kernel_sign(k, g);
            bits = product(bits, exponent[g] % 2 ? own : even(own));
            bounded = bounded && (k->kernel[g].kind == KERNEL_COS || k->kernel[g].kind == KERNEL_SIN);
            number = false;
        }
        if (number) {
            mpz_set(constant, c);
        } else if (bounded && (bits & SIGN_POS) && (bits & SIGN_NEG)) {
            mpz_abs(c, c);
            mpz_add(swing, swing, c);
        } else {
            sum = total(sum, bits);
        }
    }
    int against = mpz_cmpabs(constant, swing);
    unsigned of_constant = mpz_sgn(constant) < 0 ? SIGN_NEG : mpz_sgn(constant) ? SIGN_POS : SIGN_ZERO;
    if (mpz_sgn(swing) && against < 0)
        of_constant = SIGN_ANY;
    else if (mpz_sgn(swing) && against == 0)
        of_constant |= SIGN_ZERO;
    mpz_clears(c, swing, constant, NULL);
    free(exponent);
    return total(sum, of_constant);
}

/* a = q*p + rest, p of known sign, for a q that makes the rest's sign known too. */
static unsigned by_fact(Kernels *k, Ratio a, const Fact *fact) {
    unsigned res = SIGN_ANY;
    mpq_t q, c;
    mpq_init(q);
    mpq_init(c);
    Ratio t = k->op->piece(k->ring, fact->p, 0, c);
    for (size_t i = 0; i < k->op->terms(k->ring, a, RING_NUMERATOR); i++) {
        if (!ratio_equal(k, t, k->op->piece(k->ring, a, i, q)))
            continue;
        mpq_div(q, q, c);
        Ratio rest = ratio_sub(k, a, ratio_scale(k, fact->p, q));
        unsigned sign = mpq_sgn(q) < 0 ? flipped(fact->sign) : fact->sign;
        res &= ratio_is_zero(k, rest) ? sign : total(sign, by_terms(k, rest, RING_NUMERATOR));
    }
    mpq_clear(q);
    mpq_clear(c);
    return res;
}

/* The fact is about p times something of known sign. */
static unsigned by_multiple(Kernels *k, Ratio p, const Fact *fact) {
    if (!k->op->divides(k->ring, p, fact->p))
        return SIGN_ANY;
    unsigned other = by_terms(k, ratio_div(k, fact->p, p), RING_NUMERATOR), sign = fact->sign;
    if (!(sign & SIGN_ZERO)) /* then neither is 0 */
        other &= SIGN_POS | SIGN_NEG;
    return other == SIGN_POS ? sign : other == SIGN_NEG ? flipped(sign) : sign & SIGN_ZERO ? SIGN_ANY : SIGN_POS | SIGN_NEG;
}

static unsigned polynomial_sign(Kernels *k, Ratio p) {
    unsigned res = by_terms(k, p, RING_NUMERATOR);
    for (size_t i = 0; i < k->fact_count && (res & (res - 1)); i++)
        res &= by_fact(k, p, &k->fact[i]) & by_multiple(k, p, &k->fact[i]) &
               kernels_sign_given(k, p, k->fact[i].p, k->fact[i].sign);
    for (size_t i = 1; i < k->fact_count && i < MOST_PAIRED && (res & (res - 1)); i++)
        for (size_t j = 0; j < i; j++) {
            unsigned sign = product(k->fact[i].sign, k->fact[j].sign);
            if (sign != SIGN_ANY)
                res &= kernels_sign_given(k, p, ratio_mul(k, k->fact[i].p, k->fact[j].p), sign);
        }
    return res;
}

unsigned kernels_sign_by_terms(Kernels *k, Ratio a) {
    return by_terms(k, a, RING_NUMERATOR);
}

/* A polynomial in one kernel of degree 2 without real zeros has the sign of its first term. */
static unsigned by_discriminant(Kernels *k, Ratio p) {
    long c[3];
    if (kernels_quadratic(k, p, c) < 0 || !c[2] || 0 <= c[1] * c[1] - 4 * c[0] * c[2])
        return SIGN_ANY;
    return c[2] < 0 ? SIGN_NEG : SIGN_POS;
}

/* p = a + second with a square root in the second: both of one sign, or, where (a + second)*(a - second) is
 * below 0, the second the larger one, else the first. */
static unsigned by_root(Kernels *k, Ratio p, int depth) {
    for (unsigned g = k->count; depth && 0 < g--;) {
        Ratio a, second;
        if (!kernels_linear(k, p, g, &a, &second))
            continue;
        unsigned of_a = sign_within(k, a, depth - 1), of_second = sign_within(k, second, depth - 1);
        unsigned sum = total(of_a, of_second);
        if (sum != SIGN_ANY)
            return sum;
        Ratio norm = ratio_sub(k, ratio_mul(k, a, a), ratio_mul(k, second, second));
        unsigned bits = sign_within(k, norm, depth - 1);
        if (bits == SIGN_NEG || bits == SIGN_POS)
            return (bits == SIGN_NEG ? of_second : of_a) & (SIGN_POS | SIGN_NEG);
    }
    return SIGN_ANY;
}

unsigned kernels_sign(Kernels *k, Ratio a) {
    return sign_within(k, a, MOST_ROOTS);
}

/* cos t + 1 and cos t - 1 are 0 only where sin t is. */
static unsigned by_sine(Kernels *k, Ratio p) {
    for (int n = -1; n <= 1; n += 2) {
        int g = kernel_of(k, ratio_add(k, p, ratio_int(k, n)));
        if (0 <= g && k->kernel[g].kind == KERNEL_COS && !(sign_within(k, k->kernel[g].partner, 0) & SIGN_ZERO))
            return SIGN_POS | SIGN_NEG;
    }
    return SIGN_ANY;
}

/* Of an irreducible polynomial. */
static unsigned factor_sign(Kernels *k, Ratio p, int depth) {
    unsigned res = polynomial_sign(k, p);
    if (!is_small(k, p))
        return res;
    if (res & (res - 1))
        res &= by_sine(k, p);
    if (res & (res - 1))
        res &= by_discriminant(k, p);
    if (res & (res - 1))
        res &= kernels_polya_sign(k, p);
    if (res & (res - 1))
        res &= by_root(k, p, depth);
    return res;
}

/* The product of facts, and what is left. */
static unsigned by_product_of_facts(Kernels *k, Ratio p) {
    unsigned res = SIGN_POS;
    for (size_t i = 0; i < k->fact_count; i++)
        if (!(k->fact[i].sign & SIGN_POS && k->fact[i].sign & SIGN_NEG) && k->op->divides(k->ring, k->fact[i].p, p)) {
            p = ratio_div(k, p, k->fact[i].p);
            res = product(res, k->fact[i].sign);
        }
    return product(res, by_terms(k, p, RING_NUMERATOR));
}

/* The square of a sine, which stands as (cos - 1)*(cos + 1) in the list, is taken out of it; the sign of
 * what is taken out. */
static unsigned take_sines(Kernels *k, RingFactor *list, size_t count) {
    unsigned res = SIGN_POS;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count && list[i].exponent; j++) {
            Ratio one = ratio_int(k, 1), c = ratio_sub(k, list[i].base, one);
            if (list[j].exponent != list[i].exponent || !ratio_equal(k, list[j].base, ratio_sub(k, c, one)))
                continue;
            int g = kernel_of(k, c);
            if (g < 0 || k->kernel[g].kind != KERNEL_COS)
                continue;
            unsigned square = flipped(even(sign_within(k, k->kernel[g].partner, 0)));
            res = product(res, list[i].exponent % 2 ? square : even(square));
            list[i].exponent = list[j].exponent = 0;
        }
    return res;
}

/* Factor by factor; facts may know the sign of the product of those of which nothing is known. */
static unsigned by_factors(Kernels *k, mpq_srcptr c, RingFactor *list, size_t count, int depth) {
    unsigned known = product(mpq_sgn(c) < 0 ? SIGN_NEG : SIGN_POS, take_sines(k, list, count)), res = known;
    size_t unknown = 0;
    Ratio rest = ratio_int(k, 1);
    for (size_t i = 0; i < count; i++) {
        if (!list[i].exponent)
            continue;
        unsigned own = factor_sign(k, list[i].base, depth), bits = list[i].exponent % 2 ? own : even(own);
        res = product(res, bits);
        if (bits & SIGN_NEG && bits & SIGN_POS) {
            rest = ratio_mul(k, rest, list[i].base);
            unknown++;
        } else {
            known = product(known, bits);
        }
    }
    return 1 < unknown && is_small(k, rest) ? res & product(known, polynomial_sign(k, rest) & by_product_of_facts(k, rest)) : res;
}

static unsigned sign_within(Kernels *k, Ratio a, int depth) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    if (!a)
        return SIGN_ANY;
    if (ratio_is_zero(k, a))
        return SIGN_ZERO;
    mpq_init(c);
    unsigned res = SIGN_ANY;
    if (k->op->terms(k->ring, a, RING_DENOMINATOR) == 1)
        res = product(by_terms(k, a, RING_NUMERATOR), by_terms(k, a, RING_DENOMINATOR));
    if ((res & (res - 1)) && k->op->factor(k->ring, a, c, &list, &count)) {
        res &= by_factors(k, c, list, count, depth);
        if (k->op->terms(k->ring, a, RING_DENOMINATOR) == 1)
            res &= product(polynomial_sign(k, a), by_terms(k, a, RING_DENOMINATOR));
    }
    free(list);
    mpq_clear(c);
    if ((res & (res - 1)) && is_small(k, a) && kernels_constant(k, a))
        res &= kernels_constant_sign(k, kernels_express(k, a));
    if (res & (res - 1))
        res &= kernels_whole_sign(k, a);
    return res ? res : SIGN_ANY;
}

/* ---- facts ---- */

static void enter(Kernels *k, Ratio d, unsigned sign);

/* Kernel g is not zero: what that says of what is in it. */
static void enter_within(Kernels *k, int g) {
    Kernel at = g < 0 ? (Kernel){.kind = KERNEL_NODE} : k->kernel[g];
    if (at.kind == KERNEL_ROOT)
        enter(k, at.arg, SIGN_POS);
    if (at.kind == KERNEL_ABS || at.kind == KERNEL_CBRT)
        enter(k, at.arg, SIGN_POS | SIGN_NEG);
    for (unsigned c = 0; c < k->count && at.kind == KERNEL_SIN; c++) /* 1 - cos^2 = sin^2 */
        if (k->kernel[c].kind == KERNEL_COS && k->kernel[c].partner && ratio_equal(k, k->kernel[c].partner, at.value))
            enter(k, ratio_sub(k, ratio_int(k, 1), ratio_mul(k, k->kernel[c].value, k->kernel[c].value)), SIGN_POS);
}

static void add_fact(Kernels *k, Ratio p, unsigned sign) {
    k->fact = mem_grow(k->fact, &k->fact_cap, k->fact_count + 1, sizeof *k->fact);
    k->fact[k->fact_count++] = (Fact){p, sign};
    if (!(sign & SIGN_ZERO))
        enter_within(k, kernel_of(k, p));
}

/* The sign of d lies in `sign`: told of its one factor that is unknown, or of their product. */
static void enter(Kernels *k, Ratio d, unsigned sign) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    if (!d)
        return;
    unsigned known = ratio_is_zero(k, d) ? SIGN_ZERO : kernels_sign(k, d);
    if (!(known & sign))
        k->impossible = true;
    if (!(known & ~sign) || k->impossible)
        return;
    sign &= known;
    if (kernels_whole(k, d) && !(sign & SIGN_ZERO) && sign != (SIGN_POS | SIGN_NEG)) {
        Ratio one = ratio_int(k, 1); /* d > 0: d - 1 >= 0 */
        Ratio less = sign == SIGN_POS ? ratio_sub(k, d, one) : ratio_add(k, d, one);
        if (!ratio_is_zero(k, less) && ((kernels_sign(k, less) & ~(sign | SIGN_ZERO)) != 0))
            add_fact(k, less, sign | SIGN_ZERO);
    }
    mpq_init(c);
    if (k->op->factor(k->ring, d, c, &list, &count)) {
        Ratio rest = ratio_int(k, 1);
        sign = mpq_sgn(c) < 0 ? flipped(sign) : sign;
        for (size_t i = 0; i < count; i++) {
            unsigned own = kernels_sign(k, list[i].base);
            if (sign & SIGN_ZERO && own & SIGN_ZERO && (own != SIGN_ANY || list[i].exponent % 2 == 0)) {
                rest = ratio_mul(k, rest, ratio_pow(k, list[i].base, list[i].exponent < 0 ? -list[i].exponent : list[i].exponent));
            } else if (list[i].exponent % 2 == 0) {
                if (!(sign & SIGN_ZERO) && own & SIGN_ZERO)
                    add_fact(k, list[i].base, SIGN_POS | SIGN_NEG);
            } else if (own == SIGN_NEG || own == (SIGN_NEG | SIGN_ZERO)) {
                sign = flipped(sign);
            } else if (own & SIGN_NEG) {
                rest = ratio_mul(k, rest, list[i].base);
            } else if (!(sign & SIGN_ZERO) && own != SIGN_POS) {
                add_fact(k, list[i].base, SIGN_POS);
            }
        }
        if (!ratio_equal(k, rest, ratio_int(k, 1)))
            add_fact(k, rest, sign);
    }
    free(list);
    mpq_clear(c);
}

/* x == floor(x): x is whole. */
static void assume_whole(Kernels *k, Expr e) {
    for (size_t side = 0; side < 2; side++) {
        Expr x = expr_kid(k->store, e, side), other = expr_kid(k->store, e, 1 - side);
        if (expr_op(k->store, other) != EXPR_FN || expr_payload(k->store, other) != FUNCTION_floor ||
            expr_kid(k->store, other, 0) != x)
            continue;
        Ratio u = kernels_convert(k, x);
        for (unsigned g = 0; g < k->count; g++) { /* x = n + g or n - g */
            long n;
            Ratio v = k->kernel[g].value;
            if (ratio_integer(k, ratio_sub(k, u, v), &n) || ratio_integer(k, ratio_add(k, u, v), &n))
                k->kernel[g].whole = true;
        }
    }
}

static unsigned relation_bits(const Store *s, Expr e, bool holds) {
    static const unsigned bits[] = {[REL_LT] = SIGN_NEG, [REL_LE] = SIGN_NEG | SIGN_ZERO, [REL_GT] = SIGN_POS,
                                    [REL_GE] = SIGN_POS | SIGN_ZERO, [REL_EQ] = SIGN_ZERO, [REL_NE] = SIGN_NEG | SIGN_POS};
    unsigned sign = bits[expr_payload(s, e)];
    return holds ? sign : SIGN_ANY & ~sign;
}

static void assume_relation(Kernels *k, Expr e, unsigned bits) {
    if (bits == SIGN_ZERO)
        assume_whole(k, e);
    Ratio a = kernels_convert(k, expr_kid(k->store, e, 0)), b = kernels_convert(k, expr_kid(k->store, e, 1));
    enter(k, ratio_sub(k, a, b), bits);
}

/* What a condition that holds says of the two sides of `like`. */
static unsigned says_of(const Store *s, Expr e, Expr like) {
    ExprOp op = expr_op(s, e);
    if (op == EXPR_REL)
        return expr_kid(s, e, 0) == expr_kid(s, like, 0) && expr_kid(s, e, 1) == expr_kid(s, like, 1) ? relation_bits(s, e, true)
                                                                                                     : SIGN_ANY;
    if (op != EXPR_AND)
        return SIGN_ANY;
    Expr b = expr_kid(s, e, 1); /* a conjunction leans to the left */
    return (expr_op(s, b) == EXPR_REL ? says_of(s, b, like) : SIGN_ANY) & says_of(s, expr_kid(s, e, 0), like);
}

/* u > 0 or u == 0 and ..: u >= 0. */
static void assume_either(Kernels *k, Expr e) {
    Store *s = k->store;
    Expr like = expr_kid(s, e, 0);
    while (expr_op(s, like) == EXPR_OR || expr_op(s, like) == EXPR_AND)
        like = expr_kid(s, like, 0);
    if (expr_op(s, like) != EXPR_REL)
        return;
    unsigned bits = 0;
    for (; expr_op(s, e) == EXPR_OR; e = expr_kid(s, e, 0))
        bits |= says_of(s, expr_kid(s, e, 1), like);
    bits |= says_of(s, e, like);
    if (bits != SIGN_ANY)
        assume_relation(k, like, bits);
}

void kernels_assume(Kernels *k, Expr condition) {
    typedef struct Item {
        Expr e;
        bool holds;
    } Item;
    size_t count = 0, cap = 0;
    Item *stack = mem_grow(NULL, &cap, 1, sizeof *stack);
    if (condition)
        stack[count++] = (Item){condition, true};
    while (count && !k->overflow) {
        Item at = stack[--count];
        ExprOp op = expr_op(k->store, at.e);
        long n;
        if (op == EXPR_REL) {
            assume_relation(k, at.e, relation_bits(k->store, at.e, at.holds));
        } else if (op == EXPR_NOT) {
            stack[count++] = (Item){expr_kid(k->store, at.e, 0), !at.holds};
        } else if (op == (at.holds ? EXPR_AND : EXPR_OR)) {
            stack = mem_grow(stack, &cap, count + 2, sizeof *stack);
            stack[count++] = (Item){expr_kid(k->store, at.e, 1), at.holds};
            stack[count++] = (Item){expr_kid(k->store, at.e, 0), at.holds};
        } else if (op == EXPR_OR) {
            assume_either(k, at.e);
        } else if (expr_is_integer(k->store, at.e, &n) && (n != 0) != at.holds) {
            k->impossible = true;
        }
    }
    free(stack);
}
