/* Exact rationals as a kind of numbers: values that a person can check by hand.  What leaves the
 * rationals is undefined.  See balls.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/balls.h"
#include "expr/functions.h"
#include "parser/ast.h"

enum { MOST_BITS = 4096, MOST_EXPONENT = 1000 };

typedef struct Exact {
    mpq_t *q;
    bool *known;
    size_t count;
} Exact;

static void *exact_make(size_t slots) {
    Exact *e = mem_new(1, sizeof *e);
    e->q = mem_new(slots, sizeof *e->q);
    e->known = mem_new(slots, sizeof *e->known);
    e->count = slots;
    for (size_t i = 0; i < slots; i++)
        mpq_init(e->q[i]);
    return e;
}

static void exact_release(void *numbers) {
    Exact *e = numbers;
    for (size_t i = 0; i < e->count; i++)
        mpq_clear(e->q[i]);
    free(e->q);
    free(e->known);
    free(e);
}

static void exact_set_bits(void *numbers, long bits) {
    (void)numbers, (void)bits;
}

static void exact_set_rational(void *numbers, uint32_t to, mpq_srcptr value) {
    Exact *e = numbers;
    mpq_set(e->q[to], value);
    e->known[to] = true;
}

static void exact_set_range(void *numbers, uint32_t to, mpq_srcptr lo, mpq_srcptr hi) {
    Exact *e = numbers;
    mpq_set(e->q[to], lo);
    e->known[to] = mpq_equal(lo, hi) != 0;
}

static void exact_copy(void *numbers, uint32_t to, uint32_t from) {
    Exact *e = numbers;
    mpq_set(e->q[to], e->q[from]);
    e->known[to] = e->known[from];
}

static bool exact_power(mpq_ptr to, mpq_srcptr a, mpq_srcptr b) {
    if (mpz_cmp_ui(mpq_denref(b), 1) != 0 || mpz_cmpabs_ui(mpq_numref(b), MOST_EXPONENT) > 0)
        return false;
    long n = mpz_get_si(mpq_numref(b));
    unsigned long size = (unsigned long)labs(n);
    if (n < 0 && mpq_sgn(a) == 0)
        return false;
    if (MOST_BITS < size * (mpz_sizeinbase(mpq_numref(a), 2) + mpz_sizeinbase(mpq_denref(a), 2)))
        return false;
    mpq_t q;
    mpq_init(q);
    mpz_pow_ui(mpq_numref(q), mpq_numref(a), size);
    mpz_pow_ui(mpq_denref(q), mpq_denref(a), size);
    if (n < 0)
        mpq_inv(q, q);
    mpq_swap(to, q);
    mpq_clear(q);
    return true;
}

/* Functions that stay within the rationals. */
static bool exact_function(uint32_t id, mpq_ptr to, mpq_srcptr a, mpq_srcptr b) {
    switch (id) {
    case FUNCTION_abs: mpq_abs(to, a); return true;
    case FUNCTION_sign: mpq_set_si(to, mpq_sgn(a), 1); return true;
    case FUNCTION_relu:
        if (mpq_sgn(a) < 0)
            mpq_set_ui(to, 0, 1);
        else
            mpq_set(to, a);
        return true;
    case FUNCTION_min: mpq_set(to, mpq_cmp(a, b) <= 0 ? a : b); return true;
    case FUNCTION_max: mpq_set(to, mpq_cmp(a, b) >= 0 ? a : b); return true;
    case FUNCTION_pow: return exact_power(to, a, b);
    case FUNCTION_floor: case FUNCTION_ceil: {
        mpz_t z;
        mpz_init(z);
        if (id == FUNCTION_floor)
            mpz_fdiv_q(z, mpq_numref(a), mpq_denref(a));
        else
            mpz_cdiv_q(z, mpq_numref(a), mpq_denref(a));
        mpq_set_z(to, z);
        mpz_clear(z);
        return true;
    }
    default: return false;
    }
}

static bool exact_relation(uint32_t rel, mpq_srcptr a, mpq_srcptr b) {
    int c = mpq_cmp(a, b);
    switch ((AstRel)rel) {
    case REL_LT: return c < 0;
    case REL_LE: return c <= 0;
    case REL_GT: return c > 0;
    case REL_GE: return c >= 0;
    case REL_EQ: return c == 0;
    default: return c != 0;
    }
}

static bool exact_compute(uint32_t op, uint32_t payload, mpq_ptr to, mpq_srcptr a, mpq_srcptr b) {
    switch ((ExprOp)op) {
    case EXPR_ADD: mpq_add(to, a, b); return true;
    case EXPR_SUB: mpq_sub(to, a, b); return true;
    case EXPR_MUL: mpq_mul(to, a, b); return true;
    case EXPR_DIV:
        if (mpq_sgn(b) == 0)
            return false;
        mpq_div(to, a, b);
        return true;
    case EXPR_POW: return exact_power(to, a, b);
    case EXPR_NEG: mpq_neg(to, a); return true;
    case EXPR_NOT: mpq_set_si(to, mpq_sgn(a) == 0, 1); return true;
    case EXPR_REL: mpq_set_si(to, exact_relation(payload, a, b), 1); return true;
    case EXPR_NEGZERO: mpq_set_ui(to, 0, 1); return true;
    case EXPR_FN: return exact_function(payload, to, a, b);
    default: return false;
    }
}

static void exact_apply(void *numbers, uint32_t op, uint32_t payload, uint32_t to, size_t count,
                        const uint32_t *kid) {
    Exact *e = numbers;
    bool known = true;
    for (size_t i = 0; i < count; i++)
        known = known && e->known[kid[i]];
    mpq_srcptr a = count ? e->q[kid[0]] : e->q[to], b = 1 < count ? e->q[kid[1]] : a;
    known = known && exact_compute(op, payload, e->q[to], a, b);
    if (known && MOST_BITS < mpz_sizeinbase(mpq_numref(e->q[to]), 2) + mpz_sizeinbase(mpq_denref(e->q[to]), 2))
        known = false;
    e->known[to] = known;
}

static void exact_join(void *numbers, uint32_t to, uint32_t a, uint32_t b) {
    Exact *e = numbers;
    bool same = e->known[a] && e->known[b] && mpq_equal(e->q[a], e->q[b]);
    mpq_set(e->q[to], e->q[a]);
    e->known[to] = same;
}

static int exact_truth(void *numbers, uint32_t at) {
    Exact *e = numbers;
    return e->known[at] ? mpq_sgn(e->q[at]) != 0 : -1;
}

static bool exact_integer(void *numbers, uint32_t at, long *value) {
    Exact *e = numbers;
    if (!e->known[at] || mpz_cmp_ui(mpq_denref(e->q[at]), 1) != 0 || !mpz_fits_slong_p(mpq_numref(e->q[at])))
        return false;
    *value = mpz_get_si(mpq_numref(e->q[at]));
    return true;
}

static bool exact_finite(void *numbers, uint32_t at) {
    Exact *e = numbers;
    return e->known[at];
}

static void exact_get(void *numbers, uint32_t at, double *middle, double *radius) {
    Exact *e = numbers;
    *middle = mpq_get_d(e->q[at]);
    *radius = 0;
}

static bool exact_rational(void *numbers, uint32_t at, mpq_ptr out) {
    Exact *e = numbers;
    if (e->known[at])
        mpq_set(out, e->q[at]);
    return e->known[at];
}

const NumberKind number_exact = {
    .version = NUMBER_KIND_VERSION,
    .make = exact_make,
    .release = exact_release,
    .set_bits = exact_set_bits,
    .set_rational = exact_set_rational,
    .set_range = exact_set_range,
    .copy = exact_copy,
    .apply = exact_apply,
    .join = exact_join,
    .truth = exact_truth,
    .integer = exact_integer,
    .finite = exact_finite,
    .get = exact_get,
    .rational = exact_rational,
};
