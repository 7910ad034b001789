/* Balls: Arb's midpoint-radius numbers as a kind of numbers (see eval/balls.h).  A shared object of
 * its own, loaded on first use, so that plumb starts without FLINT.  Every result encloses the
 * value; what is undefined, or defined only on a part of the ball, is not finite. */
#include <math.h>
#include <stdlib.h>

#include <gmp.h>

#if defined __has_include && __has_include(<flint/arb.h>)
#include <flint/acb.h>
#include <flint/arb.h>
#include <flint/arb_hypgeom.h>
#else
#include <acb.h>
#include <arb.h>
#include <arb_hypgeom.h>
#endif

#include "eval/balls.h"
#include "expr/functions.h"
#include "parser/ast.h"

typedef struct Balls {
    arb_ptr v;
    slong count, bits;
} Balls;

extern const NumberKind number_ball;

static void *balls_make(size_t slots) {
    Balls *b = malloc(sizeof *b);
    if (!b)
        abort();
    b->count = (slong)slots;
    b->v = _arb_vec_init(b->count);
    b->bits = 128;
    return b;
}

static void balls_release(void *numbers) {
    Balls *b = numbers;
    _arb_vec_clear(b->v, b->count);
    free(b);
}

static void balls_set_bits(void *numbers, long bits) {
    ((Balls *)numbers)->bits = bits;
}

static void from_rational(arb_t to, mpq_srcptr value, slong bits) {
    fmpq_t q;
    fmpq_init(q);
    fmpq_set_mpq(q, value);
    arb_set_fmpq(to, q, bits);
    fmpq_clear(q);
}

static void balls_set_rational(void *numbers, uint32_t to, mpq_srcptr value) {
    Balls *b = numbers;
    from_rational(b->v + to, value, b->bits);
}

static void balls_set_range(void *numbers, uint32_t to, mpq_srcptr lo, mpq_srcptr hi) {
    Balls *b = numbers;
    arb_t end;
    arb_init(end);
    from_rational(b->v + to, lo, b->bits);
    from_rational(end, hi, b->bits);
    arb_union(b->v + to, b->v + to, end, b->bits);
    arb_clear(end);
}

static void balls_copy(void *numbers, uint32_t to, uint32_t from) {
    Balls *b = numbers;
    arb_set(b->v + to, b->v + from);
}

/* ---- conditions ---- */

/* 1, 0, or -1 where the balls overlap. */
static int decide(uint32_t rel, const arb_t a, const arb_t b) {
    switch ((AstRel)rel) {
    case REL_LT: return arb_lt(a, b) ? 1 : arb_ge(a, b) ? 0 : -1;
    case REL_LE: return arb_le(a, b) ? 1 : arb_gt(a, b) ? 0 : -1;
    case REL_GT: return arb_gt(a, b) ? 1 : arb_le(a, b) ? 0 : -1;
    case REL_GE: return arb_ge(a, b) ? 1 : arb_lt(a, b) ? 0 : -1;
    case REL_EQ: return arb_eq(a, b) ? 1 : arb_ne(a, b) ? 0 : -1;
    default: return arb_ne(a, b) ? 1 : arb_eq(a, b) ? 0 : -1;
    }
}

static void set_truth(arb_t to, int truth) {
    if (truth < 0)
        arb_unit_interval(to);
    else
        arb_set_si(to, truth);
}

static void choose(arb_t to, int truth, const arb_t yes, const arb_t no, slong bits) {
    if (truth < 0)
        arb_union(to, yes, no, bits);
    else
        arb_set(to, truth ? yes : no);
}

/* ---- functions ---- */

static void whole_part(arb_t to, const arb_t x, bool nearest_even, slong bits) {
    arb_t h, z;
    arb_init(h);
    arb_init(z);
    if (nearest_even || arb_is_nonnegative(x) || arb_is_negative(x)) { /* round: halves away from 0 */
        bool down = !nearest_even && arb_is_negative(x);
        arb_set_d(h, 0.5);
        if (down)
            arb_neg(z, x);
        else
            arb_set(z, x);
        arb_add(z, z, h, bits);
        arb_floor(z, z, bits);
        if (nearest_even) { /* a half between two whole numbers: the even one */
            arb_sub(h, z, x, bits);
            arb_mul_2exp_si(h, h, 1);
            if (arb_is_one(h)) {
                arb_mul_2exp_si(h, z, -1);
                if (!arb_is_int(h))
                    arb_sub_ui(z, z, 1, bits);
            }
        }
        if (down)
            arb_neg(z, z);
        arb_set(to, z);
    } else {
        arb_indeterminate(to);
    }
    arb_clear(h);
    arb_clear(z);
}

static void truncated(arb_t to, const arb_t x, slong bits) {
    if (arb_is_nonnegative(x))
        arb_floor(to, x, bits);
    else if (arb_is_negative(x))
        arb_ceil(to, x, bits);
    else
        arb_indeterminate(to);
}

/* x - y*round(x/y) for one of four ways to round. */
static void remainder_of(arb_t to, uint32_t id, const arb_t x, const arb_t y, slong bits) {
    arb_t q;
    arb_init(q);
    arb_div(q, x, y, bits);
    if (id == FUNCTION_mod)
        arb_floor(q, q, bits);
    else if (id == FUNCTION_fmod)
        truncated(q, q, bits);
    else
        whole_part(q, q, true, bits);
    arb_mul(q, q, y, bits);
    arb_sub(to, x, q, bits);
    arb_clear(q);
}

static void polygamma(arb_t to, const arb_t n, const arb_t x, slong bits) {
    acb_t s, z;
    acb_init(s);
    acb_init(z);
    if (arb_is_zero(n)) {
        arb_digamma(to, x, bits);
    } else if (arb_is_int(n) && arb_is_nonnegative(n)) {
        acb_set_arb(s, n);
        acb_set_arb(z, x);
        acb_polygamma(z, s, z, bits);
        arb_set(to, acb_realref(z));
    } else {
        arb_indeterminate(to);
    }
    acb_clear(s);
    acb_clear(z);
}

static void log_of_gamma(arb_t to, const arb_t x, slong bits) {
    if (arb_is_positive(x)) {
        arb_lgamma(to, x, bits);
        return;
    }
    arb_gamma(to, x, bits);
    arb_abs(to, to);
    arb_log(to, to, bits);
}

static void inverse_of_log(arb_t to, const arb_t x, slong bits) { /* 1/(1 + exp(-x)) */
    arb_neg(to, x);
    arb_exp(to, to, bits);
    arb_add_ui(to, to, 1, bits);
    arb_inv(to, to, bits);
}

static void power(arb_t to, const arb_t x, const arb_t y, slong bits) {
    if (arb_is_int(y) && arf_cmpabs_ui(arb_midref(y), 1000000) <= 0) {
        fmpz_t n;
        fmpz_init(n);
        arb_get_unique_fmpz(n, y);
        if (fmpz_is_even(n) && 0 < fmpz_sgn(n) && !arb_is_exact(x) && arb_contains_zero(x)) {
            arb_t zero; /* an even power over 0 does not go below it */
            arb_init(zero);
            arb_get_abs_ubound_arf(arb_midref(to), x, bits);
            mag_zero(arb_radref(to));
            arb_pow_fmpz(to, to, n, bits);
            arb_union(to, to, zero, bits);
            arb_nonnegative_part(to, to);
            arb_clear(zero);
        } else {
            arb_pow_fmpz(to, x, n, bits);
        }
        fmpz_clear(n);
    } else if (arb_is_zero(x)) {
        if (arb_is_positive(y))
            arb_zero(to);
        else
            arb_indeterminate(to);
    } else {
        arb_pow(to, x, y, bits);
    }
}

static void cube_root(arb_t to, const arb_t x, slong bits) {
    if (arb_is_negative(x)) {
        arb_neg(to, x);
        arb_root_ui(to, to, 3, bits);
        arb_neg(to, to);
    } else if (arb_is_nonnegative(x)) {
        arb_root_ui(to, x, 3, bits);
    } else {
        arb_indeterminate(to);
    }
}

static void exponent_of(arb_t to, const arb_t x, slong bits) { /* floor(log2(|x|)) */
    arb_abs(to, x);
    if (arb_is_exact(to) && arb_is_positive(to)) {
        fmpz_t e;
        fmpz_init(e);
        arf_abs_bound_lt_2exp_fmpz(e, arb_midref(to));
        arb_set_fmpz(to, e);
        arb_sub_ui(to, to, 1, bits);
        fmpz_clear(e);
        return;
    }
    arb_log_base_ui(to, to, 2, bits);
    arb_floor(to, to, bits);
}

static bool apply_elementary(uint32_t id, arb_t to, const arb_t x, const arb_t y, slong bits) {
    switch (id) {
    case FUNCTION_sqrt: arb_sqrt(to, x, bits); break;
    case FUNCTION_cbrt: cube_root(to, x, bits); break;
    case FUNCTION_pow: power(to, x, y, bits); break;
    case FUNCTION_hypot: arb_hypot(to, x, y, bits); break;
    case FUNCTION_exp: arb_exp(to, x, bits); break;
    case FUNCTION_exp2:
        arb_set_ui(to, 2);
        arb_pow(to, to, x, bits);
        break;
    case FUNCTION_expm1: arb_expm1(to, x, bits); break;
    case FUNCTION_log: arb_log(to, x, bits); break;
    case FUNCTION_log2: arb_log_base_ui(to, x, 2, bits); break;
    case FUNCTION_log10: arb_log_base_ui(to, x, 10, bits); break;
    case FUNCTION_log1p: arb_log1p(to, x, bits); break;
    case FUNCTION_sin: arb_sin(to, x, bits); break;
    case FUNCTION_cos: arb_cos(to, x, bits); break;
    case FUNCTION_tan: arb_tan(to, x, bits); break;
    case FUNCTION_sec: arb_sec(to, x, bits); break;
    case FUNCTION_csc: arb_csc(to, x, bits); break;
    case FUNCTION_cot: arb_cot(to, x, bits); break;
    case FUNCTION_asin: arb_asin(to, x, bits); break;
    case FUNCTION_acos: arb_acos(to, x, bits); break;
    case FUNCTION_atan: arb_atan(to, x, bits); break;
    case FUNCTION_atan2: arb_atan2(to, x, y, bits); break;
    case FUNCTION_sinh: arb_sinh(to, x, bits); break;
    case FUNCTION_cosh: arb_cosh(to, x, bits); break;
    case FUNCTION_tanh: arb_tanh(to, x, bits); break;
    case FUNCTION_sech: arb_sech(to, x, bits); break;
    case FUNCTION_csch: arb_csch(to, x, bits); break;
    case FUNCTION_coth: arb_coth(to, x, bits); break;
    case FUNCTION_asinh: arb_asinh(to, x, bits); break;
    case FUNCTION_acosh: arb_acosh(to, x, bits); break;
    case FUNCTION_atanh: arb_atanh(to, x, bits); break;
    case FUNCTION_sigmoid: inverse_of_log(to, x, bits); break;
    case FUNCTION_softplus:
        arb_exp(to, x, bits);
        arb_log1p(to, to, bits);
        break;
    default: return false;
    }
    return true;
}

static bool apply_pieces(uint32_t id, arb_t to, const arb_t x, const arb_t y, slong bits) {
    arb_t zero, other;
    arb_init(zero);
    arb_init(other);
    bool res = true;
    switch (id) {
    case FUNCTION_relu: arb_max(to, x, zero, bits); break;
    case FUNCTION_abs: arb_abs(to, x); break;
    case FUNCTION_sign: arb_sgn(to, x); break;
    case FUNCTION_heaviside:
        arb_sgn(to, x);
        arb_add_ui(to, to, 1, bits);
        arb_mul_2exp_si(to, to, -1);
        break;
    case FUNCTION_copysign:
        arb_abs(to, x);
        arb_neg(other, to);
        choose(to, decide(REL_LT, y, zero), other, to, bits);
        break;
    case FUNCTION_min: arb_min(to, x, y, bits); break;
    case FUNCTION_max: arb_max(to, x, y, bits); break;
    case FUNCTION_fdim:
        arb_sub(to, x, y, bits);
        arb_max(to, to, zero, bits);
        break;
    case FUNCTION_floor: arb_floor(to, x, bits); break;
    case FUNCTION_ceil: arb_ceil(to, x, bits); break;
    case FUNCTION_round: whole_part(to, x, false, bits); break;
    case FUNCTION_rint: whole_part(to, x, true, bits); break;
    case FUNCTION_trunc: truncated(to, x, bits); break;
    case FUNCTION_mod: case FUNCTION_fmod: case FUNCTION_remainder: remainder_of(to, id, x, y, bits); break;
    case FUNCTION_logb: exponent_of(to, x, bits); break;
    default: res = false; break;
    }
    arb_clear(zero);
    arb_clear(other);
    return res;
}

static bool apply_special(uint32_t id, arb_t to, const arb_t x, const arb_t y, const arb_t z, slong bits) {
    arb_t a, b;
    arb_init(a);
    arb_init(b);
    bool res = true;
    switch (id) {
    case FUNCTION_logit:
        arb_sub_ui(a, x, 1, bits);
        arb_neg(a, a);
        arb_div(a, x, a, bits);
        arb_log(to, a, bits);
        break;
    case FUNCTION_fma:
        arb_mul(a, x, y, bits);
        arb_add(to, a, z, bits);
        break;
    case FUNCTION_ldexp:
        arb_set_ui(a, 2);
        power(a, a, y, bits);
        arb_mul(to, x, a, bits);
        break;
    case FUNCTION_erf: arb_hypgeom_erf(to, x, bits); break;
    case FUNCTION_erfc: arb_hypgeom_erfc(to, x, bits); break;
    case FUNCTION_erfinv: arb_hypgeom_erfinv(to, x, bits); break;
    case FUNCTION_gamma: arb_gamma(to, x, bits); break;
    case FUNCTION_lgamma: log_of_gamma(to, x, bits); break;
    case FUNCTION_digamma: arb_digamma(to, x, bits); break;
    case FUNCTION_polygamma: polygamma(to, x, y, bits); break;
    case FUNCTION_polygammadiff:
        arb_add(a, y, z, bits);
        polygamma(a, x, a, bits);
        polygamma(b, x, y, bits);
        arb_sub(to, a, b, bits);
        break;
    case FUNCTION_beta:
        arb_add(b, x, y, bits);
        arb_rgamma(b, b, bits);
        arb_gamma(a, x, bits);
        arb_mul(b, b, a, bits);
        arb_gamma(a, y, bits);
        arb_mul(to, b, a, bits);
        break;
    case FUNCTION_besselj: arb_hypgeom_bessel_j(to, x, y, bits); break;
    case FUNCTION_bessely: arb_hypgeom_bessel_y(to, x, y, bits); break;
    case FUNCTION_besseli: arb_hypgeom_bessel_i(to, x, y, bits); break;
    case FUNCTION_besselk: arb_hypgeom_bessel_k(to, x, y, bits); break;
    case FUNCTION_lambertw: arb_lambertw(to, x, 0, bits); break;
    default: res = false; break;
    }
    arb_clear(a);
    arb_clear(b);
    return res;
}

static void apply_operator(Balls *n, ExprOp op, uint32_t payload, arb_t to, const arb_t x, const arb_t y) {
    switch (op) {
    case EXPR_PI: arb_const_pi(to, n->bits); break;
    case EXPR_E: arb_const_e(to, n->bits); break;
    case EXPR_NEGZERO: arb_zero(to); break;
    case EXPR_ADD: arb_add(to, x, y, n->bits); break;
    case EXPR_SUB: arb_sub(to, x, y, n->bits); break;
    case EXPR_MUL: arb_mul(to, x, y, n->bits); break;
    case EXPR_DIV: arb_div(to, x, y, n->bits); break;
    case EXPR_POW: power(to, x, y, n->bits); break;
    case EXPR_NEG: arb_neg(to, x); break;
    case EXPR_NOT: set_truth(to, arb_is_zero(x) ? 1 : arb_contains_zero(x) ? -1 : 0); break;
    case EXPR_REL:
        if (arb_is_finite(x) && arb_is_finite(y))
            set_truth(to, decide(payload, x, y));
        else
            arb_indeterminate(to);
        break;
    default: arb_indeterminate(to); break;
    }
}

static void balls_apply(void *numbers, uint32_t op, uint32_t payload, uint32_t to, size_t count,
                        const uint32_t *kid) {
    Balls *n = numbers;
    arb_t res, none;
    arb_init(res); /* apart from the operands: `to` may be one of them */
    arb_init(none);
    arb_srcptr x = count ? n->v + kid[0] : none, y = 1 < count ? n->v + kid[1] : none,
               z = 2 < count ? n->v + kid[2] : none;
    if (op != EXPR_FN)
        apply_operator(n, (ExprOp)op, payload, res, x, y);
    else if (!arb_is_finite(x) || !arb_is_finite(y) || !arb_is_finite(z))
        arb_indeterminate(res);
    else if (!apply_elementary(payload, res, x, y, n->bits) && !apply_pieces(payload, res, x, y, n->bits) &&
             !apply_special(payload, res, x, y, z, n->bits))
        arb_indeterminate(res);
    arb_swap(n->v + to, res);
    arb_clear(res);
    arb_clear(none);
}

static void balls_join(void *numbers, uint32_t to, uint32_t a, uint32_t b) {
    Balls *n = numbers;
    if (arb_is_finite(n->v + a) && arb_is_finite(n->v + b))
        arb_union(n->v + to, n->v + a, n->v + b, n->bits);
    else
        arb_indeterminate(n->v + to);
}

static int balls_truth(void *numbers, uint32_t at) {
    arb_srcptr v = ((Balls *)numbers)->v + at;
    return !arb_contains_zero(v) ? 1 : arb_is_zero(v) ? 0 : -1;
}

static bool balls_integer(void *numbers, uint32_t at, long *value) {
    arb_srcptr v = ((Balls *)numbers)->v + at;
    if (!arb_is_int(v) || 0 < arf_cmpabs_2exp_si(arb_midref(v), 60))
        return false;
    *value = arf_get_si(arb_midref(v), ARF_RND_NEAR);
    return true;
}

static bool balls_finite(void *numbers, uint32_t at) {
    return arb_is_finite(((Balls *)numbers)->v + at);
}

static void balls_get(void *numbers, uint32_t at, double *middle, double *radius) {
    arb_srcptr v = ((Balls *)numbers)->v + at;
    *middle = arf_get_d(arb_midref(v), ARF_RND_NEAR);
    *radius = mag_get_d(arb_radref(v));
}

const NumberKind number_ball = {
    .version = NUMBER_KIND_VERSION,
    .make = balls_make,
    .release = balls_release,
    .set_bits = balls_set_bits,
    .set_rational = balls_set_rational,
    .set_range = balls_set_range,
    .copy = balls_copy,
    .apply = balls_apply,
    .join = balls_join,
    .truth = balls_truth,
    .integer = balls_integer,
    .finite = balls_finite,
    .get = balls_get,
};

/* What FLINT keeps for reuse goes when the program ends. */
__attribute__((destructor)) static void balls_forget(void) {
    flint_cleanup();
}
