/* The ring of algebra_ring.h on FLINT's integer polynomials: numerator and denominator without
 * common factor, both reduced by the relations.  A module of its own, loaded by the worker alone. */
#include <flint/fmpz_mpoly.h>
#include <flint/fmpz_mpoly_factor.h>
#include <stdlib.h>

#include "eval/algebra_ring.h"

typedef struct Fraction {
    fmpz_mpoly_t num, den;
} Fraction;

typedef struct Relation {
    unsigned degree; /* 0: none */
    Ratio rhs;
} Relation;

struct Ring {
    fmpz_mpoly_ctx_t ctx;
    unsigned generators;
    Relation *relation; /* by generator */
    Fraction *item;     /* by handle; 0 is not used */
    size_t count, cap;
};

const RingOps plumb_algebra_ring;

static Ring *create(const RingOps *self, unsigned generators) {
    (void)self;
    Ring *r = calloc(1, sizeof *r);
    fmpz_mpoly_ctx_init(r->ctx, (slong)generators, ORD_LEX);
    r->generators = generators;
    r->relation = calloc(generators, sizeof *r->relation);
    r->cap = 256;
    r->item = calloc(r->cap, sizeof *r->item);
    r->count = 1;
    return r;
}

static void destroy(Ring *r) {
    for (size_t i = 1; i < r->count; i++) {
        fmpz_mpoly_clear(r->item[i].num, r->ctx);
        fmpz_mpoly_clear(r->item[i].den, r->ctx);
    }
    fmpz_mpoly_ctx_clear(r->ctx);
    free(r->item);
    free(r->relation);
    free(r);
}

/* A new fraction 0/1. */
static Ratio fresh(Ring *r) {
    if (r->count == r->cap) {
        r->cap *= 2;
        r->item = realloc(r->item, r->cap * sizeof *r->item);
        if (!r->item)
            abort();
    }
    fmpz_mpoly_init(r->item[r->count].num, r->ctx);
    fmpz_mpoly_init(r->item[r->count].den, r->ctx);
    fmpz_mpoly_one(r->item[r->count].den, r->ctx);
    return (Ratio)r->count++;
}

/* Generator g of plumb is variable n-1-g of FLINT, whose first variable is the largest. */
static slong variable(const Ring *r, unsigned g) {
    return (slong)(r->generators - 1 - g);
}

/* Replaces powers of g in p, whose right side may hold lower ones again; p stands for p/scale
 * afterwards, scale is multiplied in.  False when there was nothing to do. */
static bool reduce_by(Ring *r, fmpz_mpoly_t p, fmpz_mpoly_t scale, unsigned g) {
    slong v = variable(r, g), d = (slong)r->relation[g].degree;
    if (fmpz_mpoly_degree_si(p, v, r->ctx) < d)
        return false;
    Fraction *rhs = &r->item[r->relation[g].rhs];
    fmpz_mpoly_univar_t u;
    fmpz_mpoly_t c, t, sum, q;
    fmpz_mpoly_univar_init(u, r->ctx);
    fmpz_mpoly_init(c, r->ctx);
    fmpz_mpoly_init(t, r->ctx);
    fmpz_mpoly_init(sum, r->ctx);
    fmpz_mpoly_init(q, r->ctx);
    fmpz_mpoly_to_univar(u, p, v, r->ctx);
    slong top = fmpz_mpoly_univar_get_term_exp_si(u, 0, r->ctx) / d;
    for (slong i = 0; i < fmpz_mpoly_univar_length(u, r->ctx); i++) {
        slong e = fmpz_mpoly_univar_get_term_exp_si(u, i, r->ctx);
        fmpz_mpoly_univar_get_term_coeff(c, u, i, r->ctx);
        fmpz_mpoly_pow_ui(t, rhs->num, (ulong)(e / d), r->ctx);
        fmpz_mpoly_mul(c, c, t, r->ctx);
        if (!fmpz_mpoly_is_one(rhs->den, r->ctx)) {
            fmpz_mpoly_pow_ui(t, rhs->den, (ulong)(top - e / d), r->ctx);
            fmpz_mpoly_mul(c, c, t, r->ctx);
        }
        fmpz_mpoly_gen(t, v, r->ctx);
        fmpz_mpoly_pow_ui(t, t, (ulong)(e % d), r->ctx);
        fmpz_mpoly_mul(c, c, t, r->ctx);
        fmpz_mpoly_add(sum, sum, c, r->ctx);
    }
    fmpz_mpoly_pow_ui(q, rhs->den, (ulong)top, r->ctx);
    fmpz_mpoly_mul(scale, scale, q, r->ctx);
    fmpz_mpoly_swap(p, sum, r->ctx);
    fmpz_mpoly_univar_clear(u, r->ctx);
    fmpz_mpoly_clear(c, r->ctx);
    fmpz_mpoly_clear(t, r->ctx);
    fmpz_mpoly_clear(sum, r->ctx);
    fmpz_mpoly_clear(q, r->ctx);
    return true;
}

static void reduce(Ring *r, fmpz_mpoly_t p, fmpz_mpoly_t scale) {
    for (unsigned g = r->generators; 0 < g--;)
        if (r->relation[g].degree)
            while (reduce_by(r, p, scale, g)) {
            }
}

static void cancel(Ring *r, Fraction *f) {
    fmpz_mpoly_t g;
    if (fmpz_mpoly_is_one(f->den, r->ctx))
        return;
    if (fmpz_mpoly_is_zero(f->num, r->ctx)) {
        fmpz_mpoly_one(f->den, r->ctx);
        return;
    }
    fmpz_mpoly_init(g, r->ctx);
    fmpz_mpoly_gcd_cofactors(g, f->num, f->den, f->num, f->den, r->ctx);
    if (fmpz_sgn(f->den->coeffs) < 0) {
        fmpz_mpoly_neg(f->num, f->num, r->ctx);
        fmpz_mpoly_neg(f->den, f->den, r->ctx);
    }
    fmpz_mpoly_clear(g, r->ctx);
}

/* A bound generator that divides the denominator goes over to the numerator: 1/g = g^(d-1)/R. */
static bool clear_denominator(Ring *r, Fraction *f) {
    bool res = false;
    fmpz_mpoly_t g, q;
    fmpz_mpoly_init(g, r->ctx);
    fmpz_mpoly_init(q, r->ctx);
    for (unsigned i = 0; i < r->generators; i++) {
        if (!r->relation[i].degree || fmpz_mpoly_degree_si(f->den, variable(r, i), r->ctx) < 1)
            continue;
        fmpz_mpoly_gen(g, variable(r, i), r->ctx);
        if (!fmpz_mpoly_divides(q, f->den, g, r->ctx))
            continue;
        slong e = fmpz_mpoly_degree_si(f->den, variable(r, i), r->ctx);
        fmpz_mpoly_pow_ui(g, g, (ulong)((slong)r->relation[i].degree - e), r->ctx);
        fmpz_mpoly_mul(f->num, f->num, g, r->ctx);
        fmpz_mpoly_mul(f->den, f->den, g, r->ctx);
        res = true;
    }
    fmpz_mpoly_clear(g, r->ctx);
    fmpz_mpoly_clear(q, r->ctx);
    return res;
}

/* Brings a fresh fraction to its normal form; 0 if the denominator turns out zero. */
static Ratio normal(Ring *r, Ratio a) {
    Fraction *f = &r->item[a];
    fmpz_mpoly_t s, t;
    fmpz_mpoly_init(s, r->ctx);
    fmpz_mpoly_init(t, r->ctx);
    for (int round = 0; round < 4; round++) {
        fmpz_mpoly_one(s, r->ctx);
        fmpz_mpoly_one(t, r->ctx);
        reduce(r, f->num, s);
        reduce(r, f->den, t);
        fmpz_mpoly_mul(f->num, f->num, t, r->ctx);
        fmpz_mpoly_mul(f->den, f->den, s, r->ctx);
        if (fmpz_mpoly_is_zero(f->den, r->ctx))
            break;
        cancel(r, f);
        if (!clear_denominator(r, f) && fmpz_mpoly_is_one(s, r->ctx) && fmpz_mpoly_is_one(t, r->ctx))
            break;
    }
    fmpz_mpoly_clear(s, r->ctx);
    fmpz_mpoly_clear(t, r->ctx);
    return fmpz_mpoly_is_zero(f->den, r->ctx) ? 0 : a;
}

static Ratio rational(Ring *r, mpq_srcptr q) {
    Ratio a = fresh(r);
    fmpz_t c;
    fmpz_init(c);
    fmpz_set_mpz(c, mpq_numref(q));
    fmpz_mpoly_set_fmpz(r->item[a].num, c, r->ctx);
    fmpz_set_mpz(c, mpq_denref(q));
    fmpz_mpoly_set_fmpz(r->item[a].den, c, r->ctx);
    fmpz_clear(c);
    return a;
}

static Ratio generator(Ring *r, unsigned g) {
    Ratio a = fresh(r);
    fmpz_mpoly_gen(r->item[a].num, variable(r, g), r->ctx);
    return a;
}

static void relation(Ring *r, unsigned g, unsigned degree, Ratio rhs) {
    if (rhs)
        r->relation[g] = (Relation){degree, rhs};
}

static Ratio sum(Ring *r, Ratio a, Ratio b, bool minus) {
    if (!a || !b)
        return 0;
    Ratio c = fresh(r);
    Fraction *x = &r->item[a], *y = &r->item[b], *z = &r->item[c];
    fmpz_mpoly_t t;
    fmpz_mpoly_init(t, r->ctx);
    if (fmpz_mpoly_equal(x->den, y->den, r->ctx)) {
        fmpz_mpoly_set(z->den, x->den, r->ctx);
        (minus ? fmpz_mpoly_sub : fmpz_mpoly_add)(z->num, x->num, y->num, r->ctx);
    } else {
        fmpz_mpoly_mul(z->num, x->num, y->den, r->ctx);
        fmpz_mpoly_mul(t, y->num, x->den, r->ctx);
        (minus ? fmpz_mpoly_sub : fmpz_mpoly_add)(z->num, z->num, t, r->ctx);
        fmpz_mpoly_mul(z->den, x->den, y->den, r->ctx);
    }
    fmpz_mpoly_clear(t, r->ctx);
    return normal(r, c);
}

static Ratio add(Ring *r, Ratio a, Ratio b) {
    return sum(r, a, b, false);
}

static Ratio sub(Ring *r, Ratio a, Ratio b) {
    return sum(r, a, b, true);
}

static Ratio product(Ring *r, Ratio a, Ratio b, bool divide) {
    if (!a || !b)
        return 0;
    Ratio c = fresh(r);
    Fraction *x = &r->item[a], *y = &r->item[b], *z = &r->item[c];
    fmpz_mpoly_mul(z->num, x->num, divide ? y->den : y->num, r->ctx);
    fmpz_mpoly_mul(z->den, x->den, divide ? y->num : y->den, r->ctx);
    if (fmpz_mpoly_is_zero(z->den, r->ctx))
        return 0;
    if (fmpz_sgn(z->den->coeffs) < 0) {
        fmpz_mpoly_neg(z->num, z->num, r->ctx);
        fmpz_mpoly_neg(z->den, z->den, r->ctx);
    }
    return normal(r, c);
}

static Ratio mul(Ring *r, Ratio a, Ratio b) {
    return product(r, a, b, false);
}

static Ratio divide(Ring *r, Ratio a, Ratio b) {
    return product(r, a, b, true);
}

static Ratio power(Ring *r, Ratio a, long n) {
    if (!a)
        return 0;
    Ratio c = fresh(r);
    Fraction *x = &r->item[a], *z = &r->item[c];
    ulong m = n < 0 ? 0 - (ulong)n : (ulong)n;
    fmpz_mpoly_pow_ui(n < 0 ? z->den : z->num, x->num, m, r->ctx);
    fmpz_mpoly_pow_ui(n < 0 ? z->num : z->den, x->den, m, r->ctx);
    if (fmpz_mpoly_is_zero(z->den, r->ctx))
        return 0;
    if (fmpz_sgn(z->den->coeffs) < 0) {
        fmpz_mpoly_neg(z->num, z->num, r->ctx);
        fmpz_mpoly_neg(z->den, z->den, r->ctx);
    }
    return normal(r, c);
}

static bool is_zero(Ring *r, Ratio a) {
    return a && fmpz_mpoly_is_zero(r->item[a].num, r->ctx);
}

static bool value(Ring *r, Ratio a, mpq_ptr q) {
    if (!a || !fmpz_mpoly_is_fmpz(r->item[a].num, r->ctx) || !fmpz_mpoly_is_fmpz(r->item[a].den, r->ctx))
        return false;
    fmpz_t c;
    fmpz_init(c);
    fmpz_mpoly_get_fmpz(c, r->item[a].num, r->ctx);
    fmpz_get_mpz(mpq_numref(q), c);
    fmpz_mpoly_get_fmpz(c, r->item[a].den, r->ctx);
    fmpz_get_mpz(mpq_denref(q), c);
    fmpz_clear(c);
    mpq_canonicalize(q);
    return true;
}

static fmpz_mpoly_struct *part_of(Ring *r, Ratio a, RingPart part) {
    return part == RING_NUMERATOR ? r->item[a].num : r->item[a].den;
}

static size_t terms(Ring *r, Ratio a, RingPart part) {
    return a ? (size_t)fmpz_mpoly_length(part_of(r, a, part), r->ctx) : 0;
}

static void term(Ring *r, Ratio a, RingPart part, size_t i, mpz_ptr coefficient, unsigned long *exponent) {
    fmpz_mpoly_struct *p = part_of(r, a, part);
    fmpz_t c;
    fmpz_init(c);
    fmpz_mpoly_get_term_coeff_fmpz(c, p, (slong)i, r->ctx);
    fmpz_get_mpz(coefficient, c);
    fmpz_clear(c);
    ulong *e = calloc(r->generators, sizeof *e);
    fmpz_mpoly_get_term_exp_ui(e, p, (slong)i, r->ctx);
    for (unsigned g = 0; g < r->generators; g++)
        exponent[g] = e[variable(r, g)];
    free(e);
}

static Ratio piece(Ring *r, Ratio a, size_t i, mpq_ptr q) {
    Ratio b = fresh(r);
    fmpz_mpoly_struct *above = part_of(r, a, RING_NUMERATOR), *below = part_of(r, a, RING_DENOMINATOR);
    fmpz_t c;
    fmpz_init(c);
    fmpz_mpoly_get_term_coeff_fmpz(c, above, (slong)i, r->ctx);
    fmpz_get_mpz(mpq_numref(q), c);
    fmpz_mpoly_get_term_monomial(part_of(r, b, RING_NUMERATOR), above, (slong)i, r->ctx);
    _fmpz_vec_content(c, below->coeffs, below->length);
    fmpz_get_mpz(mpq_denref(q), c);
    fmpz_mpoly_scalar_divexact_fmpz(part_of(r, b, RING_DENOMINATOR), below, c, r->ctx);
    fmpz_clear(c);
    mpq_canonicalize(q);
    return normal(r, b);
}

static bool add_factors(Ring *r, Ratio a, RingPart part, mpz_ptr constant, RingFactor **list, size_t *count) {
    fmpz_mpoly_factor_t f;
    fmpz_mpoly_factor_init(f, r->ctx);
    bool good = fmpz_mpoly_factor(f, part_of(r, a, part), r->ctx);
    if (good) {
        fmpz_get_mpz(constant, f->constant);
        *list = realloc(*list, (*count + (size_t)f->num + 1) * sizeof **list);
        for (slong i = 0; i < f->num; i++) {
            Ratio b = fresh(r);
            fmpz_mpoly_set(r->item[b].num, f->poly + i, r->ctx);
            long e = (long)fmpz_get_si(f->exp + i);
            if (fmpz_sgn(f->poly[i].coeffs) < 0) {
                fmpz_mpoly_neg(r->item[b].num, r->item[b].num, r->ctx);
                if (e & 1)
                    mpz_neg(constant, constant);
            }
            (*list)[(*count)++] = (RingFactor){b, part == RING_NUMERATOR ? e : -e};
        }
    }
    fmpz_mpoly_factor_clear(f, r->ctx);
    return good;
}

static bool factor(Ring *r, Ratio a, mpq_ptr constant, RingFactor **list, size_t *count) {
    *list = NULL;
    *count = 0;
    if (!a || is_zero(r, a))
        return false;
    bool res = add_factors(r, a, RING_NUMERATOR, mpq_numref(constant), list, count) &&
               add_factors(r, a, RING_DENOMINATOR, mpq_denref(constant), list, count);
    if (res)
        mpq_canonicalize(constant);
    return res;
}

static Ratio coefficient(Ring *r, Ratio a, unsigned g, unsigned long degree) {
    if (!a)
        return 0;
    Ratio b = fresh(r);
    fmpz_mpoly_univar_t u;
    fmpz_mpoly_univar_init(u, r->ctx);
    fmpz_mpoly_to_univar(u, r->item[a].num, variable(r, g), r->ctx);
    for (slong i = 0; i < fmpz_mpoly_univar_length(u, r->ctx); i++)
        if ((ulong)fmpz_mpoly_univar_get_term_exp_si(u, i, r->ctx) == degree)
            fmpz_mpoly_univar_get_term_coeff(r->item[b].num, u, i, r->ctx);
    fmpz_mpoly_univar_clear(u, r->ctx);
    fmpz_mpoly_set(r->item[b].den, r->item[a].den, r->ctx);
    return normal(r, b);
}

static bool divides(Ring *r, Ratio d, Ratio a) {
    if (!a || !d)
        return false;
    fmpz_mpoly_struct *p = r->item[d].num;
    fmpz_mpoly_t q;
    fmpz_t c;
    if (fmpz_mpoly_is_zero(p, r->ctx))
        return is_zero(r, a);
    fmpz_mpoly_init(q, r->ctx);
    fmpz_init(c);
    _fmpz_vec_content(c, p->coeffs, p->length); /* over Q a numerical factor does not count */
    fmpz_mpoly_scalar_divexact_fmpz(q, p, c, r->ctx);
    bool res = fmpz_mpoly_divides(q, r->item[a].num, q, r->ctx);
    fmpz_clear(c);
    fmpz_mpoly_clear(q, r->ctx);
    return res;
}

static double size(Ring *r, Ratio a) {
    size_t above = terms(r, a, RING_NUMERATOR), below = terms(r, a, RING_DENOMINATOR);
    return (double)(above < below ? below : above);
}

const RingOps plumb_algebra_ring = {.create = create, .destroy = destroy, .rational = rational, .generator = generator,
                                    .relation = relation, .add = add, .sub = sub, .mul = mul, .div = divide,
                                    .power = power, .is_zero = is_zero, .value = value, .terms = terms, .term = term,
                                    .piece = piece, .factor = factor, .coefficient = coefficient, .divides = divides,
                                    .size = size};
