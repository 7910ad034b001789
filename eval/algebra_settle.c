/* Zero or not without multiplying out: a sum of products of sums.  Bases that are equal up to a number
 * become one, like terms are added, factors common to all terms are left aside; only the rest is
 * multiplied out.  Each step holds wherever all is defined. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/algebra_lazy.h"

enum { MOST_BASES = 48, MOST_TERMS = 200, MOST_FACTORS = 64, MOST_DEPTH = 20 };

/* Reads a product apart: numbers into c, the rest as bases with exponents. */
bool lazy_product(Ring *r, Ratio a, mpq_ptr c, Ratio **base, long **exponent, size_t *count) {
    typedef struct Item {
        Ratio node;
        long times;
    } Item;
    Item *stack = mem_new(2 * MOST_FACTORS, sizeof *stack);
    size_t depth = 0;
    bool good = true;
    *base = mem_new(MOST_FACTORS, sizeof **base);
    *exponent = mem_new(MOST_FACTORS, sizeof **exponent);
    *count = 0;
    mpq_set_ui(c, 1, 1);
    stack[depth++] = (Item){a, 1};
    while (depth && good) {
        Item at = stack[--depth];
        const LazyNode *x = &r->node[at.node];
        if (x->kind == LAZY_MUL || x->kind == LAZY_DIV) {
            stack[depth++] = (Item){x->a, at.times};
            stack[depth++] = (Item){x->b, x->kind == LAZY_DIV ? -at.times : at.times};
        } else if (x->kind == LAZY_POWER) {
            good = labs(at.times) < 1000000 && labs(x->n) < 1000000;
            stack[depth++] = (Item){x->a, good ? at.times * x->n : 0};
        } else if (x->kind == LAZY_NUMBER && at.times == 1) {
            mpq_t q;
            mpq_init(q);
            good = r->op->value(r->inner, x->exact, q);
            mpq_mul(c, c, q);
            mpq_clear(q);
        } else {
            (*base)[*count] = at.node;
            (*exponent)[(*count)++] = at.times;
        }
        good = good && depth + 2 < 2 * MOST_FACTORS && *count + 1 < MOST_FACTORS;
    }
    free(stack);
    if (good)
        return true;
    free(*base);
    free(*exponent);
    *base = NULL;
    *exponent = NULL;
    *count = 0;
    return false;
}

/* A sum of terms c[i] * product of base[k]^exponent[i][k]. */
typedef struct Sum {
    Ring *r;
    Ratio base[MOST_BASES];
    size_t bases, terms;
    mpq_t c[MOST_TERMS];
    long exponent[MOST_TERMS][MOST_BASES];
} Sum;

/* The number of a base that is it up to the factor q; a new one if there is none.  MOST_BASES: full. */
static size_t find_base(Sum *s, Ratio b, mpq_ptr q) {
    Ring *r = s->r;
    mpq_set_ui(q, 1, 1);
    for (size_t k = 0; k < s->bases; k++) {
        if (s->base[k] == b)
            return k;
        if (lanes_quotient(&r->node[b], &r->node[s->base[k]], q) &&
            lazy_is_zero(r, lazy_sub(r, b, lazy_mul(r, lazy_number(r, q), s->base[k]))))
            return k;
        mpq_set_ui(q, 1, 1);
    }
    if (s->bases < MOST_BASES)
        s->base[s->bases++] = b;
    return s->bases == MOST_BASES ? MOST_BASES : s->bases - 1;
}

static void raise(mpq_ptr q, long n) {
    unsigned long m = (unsigned long)labs(n);
    if (n < 0)
        mpq_inv(q, q);
    mpz_pow_ui(mpq_numref(q), mpq_numref(q), m);
    mpz_pow_ui(mpq_denref(q), mpq_denref(q), m);
}

static bool add_term(Sum *s, Ratio product, bool minus) {
    Ratio *base;
    long *exponent;
    size_t count;
    if (s->terms == MOST_TERMS)
        return false;
    size_t at = s->terms;
    mpq_t q;
    if (!lazy_product(s->r, product, s->c[at], &base, &exponent, &count))
        return false;
    if (minus)
        mpq_neg(s->c[at], s->c[at]);
    for (size_t k = 0; k < MOST_BASES; k++)
        s->exponent[at][k] = 0;
    mpq_init(q);
    bool good = true, zero = mpq_sgn(s->c[at]) == 0;
    for (size_t i = 0; i < count && good && !zero; i++) {
        zero = 0 < exponent[i] && lazy_is_zero(s->r, base[i]);
        size_t k = zero ? 0 : find_base(s, base[i], q);
        good = k < MOST_BASES && mpq_sgn(q) != 0;
        if (zero || !good)
            continue;
        raise(q, exponent[i]);
        mpq_mul(s->c[at], s->c[at], q);
        s->exponent[at][k] += exponent[i];
    }
    s->terms += !zero;
    mpq_clear(q);
    free(base);
    free(exponent);
    return good;
}

/* All terms of the sum a. */
static bool read_sum(Sum *s, Ratio a) {
    typedef struct Item {
        Ratio node;
        bool minus;
    } Item;
    Item *stack = mem_new(2 * MOST_TERMS, sizeof *stack);
    size_t depth = 0;
    bool good = true;
    stack[depth++] = (Item){a, false};
    while (depth && good) {
        Item at = stack[--depth];
        const LazyNode *x = &s->r->node[at.node];
        if (x->kind == LAZY_ADD || x->kind == LAZY_SUB) {
            stack[depth++] = (Item){x->a, at.minus};
            stack[depth++] = (Item){x->b, x->kind == LAZY_SUB ? !at.minus : at.minus};
            good = depth + 2 < 2 * MOST_TERMS;
        } else {
            good = add_term(s, at.node, at.minus);
        }
    }
    free(stack);
    return good;
}

static bool is_like(const Sum *s, size_t i, size_t j) {
    for (size_t k = 0; k < s->bases; k++)
        if (s->exponent[i][k] != s->exponent[j][k])
            return false;
    return true;
}

/* Adds like terms; those that cancel go. */
static void collect(Sum *s) {
    size_t kept = 0;
    for (size_t i = 0; i < s->terms; i++) {
        for (size_t j = i + 1; j < s->terms; j++)
            if (mpq_sgn(s->c[i]) && is_like(s, i, j)) {
                mpq_add(s->c[i], s->c[i], s->c[j]);
                mpq_set_ui(s->c[j], 0, 1);
            }
        if (mpq_sgn(s->c[i]) == 0)
            continue;
        mpq_set(s->c[kept], s->c[i]);
        for (size_t k = 0; k < s->bases; k++)
            s->exponent[kept][k] = s->exponent[i][k];
        kept++;
    }
    s->terms = kept;
}

/* The sum without the factors common to all terms. */
static Ratio without_common(Sum *s) {
    Ring *r = s->r;
    Ratio sum = 0;
    for (size_t i = 0; i < s->terms; i++) {
        Ratio product = lazy_number(r, s->c[i]);
        for (size_t k = 0; k < s->bases; k++) {
            long least = s->exponent[0][k];
            for (size_t j = 1; j < s->terms; j++)
                least = s->exponent[j][k] < least ? s->exponent[j][k] : least;
            if (s->exponent[i][k] > least)
                product = lazy_mul(r, product, lazy_power(r, s->base[k], s->exponent[i][k] - least));
        }
        sum = sum ? lazy_add(r, sum, product) : product;
    }
    return sum;
}

static bool settle(Sum *s, Ratio a) {
    Ring *r = s->r;
    if (!read_sum(s, a))
        return false;
    collect(s);
    if (s->terms == 0)
        return true;
    if (s->terms == 1)
        return false;
    Ratio rest = without_common(s);
    for (int lane = 0; lane < LAZY_LANES; lane++)
        if (r->node[rest].value[lane] != LAZY_UNKNOWN && r->node[rest].value[lane])
            return false; /* the common factor alone is zero */
    return r->node[rest].above < r->node[a].above && r->op->is_zero(r->inner, lazy_exact(r, rest));
}

bool lazy_settle(Ring *r, Ratio a) {
    if (MOST_DEPTH <= r->depth)
        return false;
    Sum *s = mem_new(1, sizeof *s);
    s->r = r;
    for (size_t i = 0; i < MOST_TERMS; i++)
        mpq_init(s->c[i]);
    r->depth++;
    bool res = settle(s, a);
    r->depth--;
    for (size_t i = 0; i < MOST_TERMS; i++)
        mpq_clear(s->c[i]);
    free(s);
    return res;
}
