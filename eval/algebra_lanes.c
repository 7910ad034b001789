/* The lanes of the lazy ring: arithmetic modulo primes at random points.  Both primes p are 3 mod 4
 * with (p-1)/2 prime, so that roots of odd degree always exist and half of the numbers have even ones. */
#include <stdlib.h>

#include "eval/algebra_lazy.h"

enum { REDRAWS = 64, MOST_TERMS = 2000, SMALL = 1 << 24 };

__extension__ typedef unsigned __int128 Wide;

uint64_t lanes_prime(int lane) {
    return lane < 2 ? (UINT64_C(1) << 61) - 2373 : (UINT64_C(1) << 61) - 3153;
}

/* p is one of the primes, 2^61 - c with a small c, so 2^61 is c: two foldings and a subtraction in the place of a division. */
static uint64_t times(uint64_t a, uint64_t b, uint64_t p) {
    const uint64_t top = UINT64_C(1) << 61, low = top - 1, c = top - p;
    Wide x = (Wide)a * b;
    x = (x & low) + (x >> 61) * c;
    uint64_t res = (uint64_t)(x & low) + (uint64_t)(x >> 61) * c;
    return res < p ? res : res - p;
}

static uint64_t power(uint64_t a, uint64_t n, uint64_t p) {
    uint64_t res = 1;
    for (; n; n >>= 1) {
        if (n & 1)
            res = times(res, a, p);
        a = times(a, a, p);
    }
    return res;
}

static uint64_t inverse(uint64_t a, uint64_t p) {
    return power(a, p - 2, p);
}

static uint64_t draw(Ring *r) {
    r->random += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = r->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint64_t *letter(Ring *r, int lane, unsigned g) {
    return &r->letter[(size_t)lane * r->generators + g];
}

void lanes_draw(Ring *r, unsigned g) {
    for (int lane = 0; lane < LAZY_LANES; lane++)
        *letter(r, lane, g) = draw(r) % lanes_prime(lane);
}

/* ---- values of nodes ---- */

static uint64_t of_integer(mpz_srcptr n, uint64_t p) {
    mpz_t rest;
    mpz_init(rest);
    uint64_t res = mpz_fdiv_r_ui(rest, n, p);
    mpz_clear(rest);
    return res;
}

/* A polynomial of the inner ring. */
static uint64_t of_polynomial(Ring *r, Ratio exact, RingPart part, int lane) {
    uint64_t p = lanes_prime(lane), sum = 0;
    size_t count = r->op->terms(r->inner, exact, part);
    if (MOST_TERMS < count)
        return LAZY_UNKNOWN;
    unsigned long *exponent = calloc(r->generators, sizeof *exponent);
    mpz_t c;
    mpz_init(c);
    for (size_t i = 0; exponent && i < count; i++) {
        r->op->term(r->inner, exact, part, i, c, exponent);
        uint64_t product = of_integer(c, p);
        for (unsigned g = 0; g < r->generators; g++)
            if (exponent[g])
                product = times(product, power(*letter(r, lane, g), exponent[g], p), p);
        sum = (sum + product) % p;
    }
    mpz_clear(c);
    free(exponent);
    return sum;
}

static uint64_t quotient(uint64_t a, uint64_t b, uint64_t p) {
    if (a == LAZY_UNKNOWN || b == LAZY_UNKNOWN || b == 0)
        return LAZY_UNKNOWN;
    return b == 1 ? a : times(a, inverse(b, p), p);
}

static uint64_t compute(Ring *r, const LazyNode *x, int lane) {
    uint64_t p = lanes_prime(lane), a = x->a ? r->node[x->a].value[lane] : 0, b = x->b ? r->node[x->b].value[lane] : 0;
    if (r->dead[lane] || a == LAZY_UNKNOWN || b == LAZY_UNKNOWN)
        return LAZY_UNKNOWN;
    switch (x->kind) {
    case LAZY_EXACT: case LAZY_NUMBER:
        return quotient(of_polynomial(r, x->exact, RING_NUMERATOR, lane), of_polynomial(r, x->exact, RING_DENOMINATOR, lane), p);
    case LAZY_GENERATOR: return *letter(r, lane, (unsigned)x->n);
    case LAZY_ADD: return (a + b) % p;
    case LAZY_SUB: return (a + p - b) % p;
    case LAZY_MUL: return times(a, b, p);
    case LAZY_DIV: return quotient(a, b, p);
    case LAZY_POWER: {
        uint64_t n = x->n < 0 ? 0 - (uint64_t)x->n : (uint64_t)x->n, up = power(a, n, p);
        return x->n < 0 ? quotient(1, up, p) : up;
    }
    }
    return LAZY_UNKNOWN;
}

void lanes_compute(Ring *r, LazyNode *x) {
    for (int lane = 0; lane < LAZY_LANES; lane++)
        x->value[lane] = compute(r, x, lane);
}

/* ---- relations ---- */

/* e with e*d = 1 mod q, q prime. */
static uint64_t invert(uint64_t d, uint64_t q) {
    uint64_t res = 1, a = d % q;
    for (uint64_t n = q - 2; n; n >>= 1) {
        if (n & 1)
            res = (uint64_t)((Wide)res * a % q);
        a = (uint64_t)((Wide)a * a % q);
    }
    return res;
}

/* Some v with v^d = a. */
static bool root(Ring *r, uint64_t a, unsigned d, uint64_t p, uint64_t *v) {
    uint64_t q = (p - 1) / 2, e = invert(d, q), square = power(a, q, p);
    if (a == 0 || square == 1) {
        *v = power(a, e, p);
    } else if (d % 2 == 1) { /* -a is a square */
        *v = p - power(p - a, e, p);
    } else {
        return false;
    }
    if (d % 2 == 0 && *v && draw(r) % 2)
        *v = p - *v;
    return power(*v, d, p) == a;
}

static void recompute(Ring *r, int lane, size_t from, size_t end) {
    for (size_t i = from; i < end; i++)
        r->node[i].value[lane] = compute(r, &r->node[i], lane);
}

/* Gives the bound generator a value; the nodes before its relation's right side are known. */
static bool bind(Ring *r, int lane, unsigned g) {
    uint64_t p = lanes_prime(lane), *v = letter(r, lane, g);
    Ratio rhs = r->relation[g].rhs, own = r->generator[g];
    if (rhs == own) { /* g^2 = g */
        *v = draw(r) % 2;
        return r->relation[g].degree == 2;
    }
    recompute(r, lane, own, (size_t)rhs + 1);
    uint64_t a = r->node[rhs].value[lane];
    if (a == LAZY_UNKNOWN || !root(r, a, r->relation[g].degree, p, v))
        return false;
    recompute(r, lane, own, (size_t)rhs + 1);
    return r->node[rhs].value[lane] == a; /* it does not hold g itself */
}

/* A new point for all generators; nodes after the last relation stay as they were. */
static bool redraw(Ring *r, int lane) {
    size_t first = r->count, last = 0;
    for (unsigned g = 0; g < r->generators; g++) {
        Ratio own = r->generator[g], rhs = r->relation[g].rhs;
        if (own && !r->relation[g].degree)
            *letter(r, lane, g) = draw(r) % lanes_prime(lane);
        first = own && own < first ? own : first;
        last = r->relation[g].degree && last < rhs ? rhs : last;
    }
    bool res = true;
    recompute(r, lane, first, last + 1);
    for (unsigned g = 0; g < r->generators && res; g++) {
        if (!r->relation[g].degree)
            continue;
        res = bind(r, lane, g);
        recompute(r, lane, r->generator[g], last + 1);
    }
    return res;
}

void lanes_bind(Ring *r, unsigned g) {
    for (int lane = 0; lane < LAZY_LANES; lane++) {
        if (r->dead[lane])
            continue;
        bool good = bind(r, lane, g);
        for (int i = 0; i < REDRAWS && !good; i++)
            good = redraw(r, lane);
        r->dead[lane] = !good;
        recompute(r, lane, 1, r->count);
    }
}

/* ---- a quotient of small numbers ---- */

/* n/d = c mod p with both below SMALL, by the continued fraction of c/p. */
static bool small_fraction(uint64_t c, uint64_t p, long *n, long *d) {
    int64_t r0 = (int64_t)p, r1 = (int64_t)c, t0 = 0, t1 = 1;
    while (SMALL <= r1) {
        int64_t q = r0 / r1, r2 = r0 - q * r1, t2 = t0 - q * t1;
        r0 = r1, r1 = r2, t0 = t1, t1 = t2;
    }
    *n = t1 < 0 ? -r1 : r1;
    *d = t1 < 0 ? -t1 : t1;
    return 0 < *d && *d < SMALL;
}

bool lanes_quotient(const LazyNode *a, const LazyNode *b, mpq_ptr q) {
    uint64_t p = lanes_prime(0);
    long n, d;
    for (int lane = 0; lane < LAZY_LANES; lane++)
        if (a->value[lane] == LAZY_UNKNOWN || b->value[lane] == LAZY_UNKNOWN || !a->value[lane] || !b->value[lane])
            return false;
    if (times(a->value[0], b->value[1], p) != times(a->value[1], b->value[0], p) ||
        !small_fraction(quotient(a->value[0], b->value[0], p), p, &n, &d))
        return false;
    for (int lane = 1; lane < LAZY_LANES; lane++) {
        uint64_t own = lanes_prime(lane), up = n < 0 ? own - (uint64_t)-n : (uint64_t)n;
        if (times(up, b->value[lane], own) != times((uint64_t)d, a->value[lane], own))
            return false;
    }
    mpq_set_si(q, n, (unsigned long)d);
    mpq_canonicalize(q);
    return true;
}
