/* For tests: the values of the built-in functions to many bits with MPFR.  A reference computes to
 * about the precision of its result; arguments are exact. */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include <mpfr.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "expr/functions.h"

typedef void (*Reference)(mpfr_t r, mpfr_t x, mpfr_t y, mpfr_t z);

#define N MPFR_RNDN
#define REF(name) \
    static void ref_##name(mpfr_t r, mpfr_t x, mpfr_t y, mpfr_t z)
#define REF_ARGS (void)x, (void)y, (void)z
#define REF1(name, call) \
    REF(name) { REF_ARGS; call(r, x, N); }
#define REF2(name, call) \
    REF(name) { REF_ARGS; call(r, x, y, N); }

REF1(sqrt, mpfr_sqrt) REF1(cbrt, mpfr_cbrt) REF1(exp, mpfr_exp) REF1(exp2, mpfr_exp2)
REF1(expm1, mpfr_expm1) REF1(log, mpfr_log) REF1(log2, mpfr_log2) REF1(log10, mpfr_log10)
REF1(log1p, mpfr_log1p) REF1(sin, mpfr_sin) REF1(cos, mpfr_cos) REF1(tan, mpfr_tan)
REF1(sec, mpfr_sec) REF1(csc, mpfr_csc) REF1(cot, mpfr_cot) REF1(asin, mpfr_asin)
REF1(acos, mpfr_acos) REF1(atan, mpfr_atan) REF1(sinh, mpfr_sinh) REF1(cosh, mpfr_cosh)
REF1(tanh, mpfr_tanh) REF1(sech, mpfr_sech) REF1(csch, mpfr_csch) REF1(coth, mpfr_coth)
REF1(asinh, mpfr_asinh) REF1(acosh, mpfr_acosh) REF1(atanh, mpfr_atanh) REF1(abs, mpfr_abs)
REF1(rint, mpfr_rint) REF1(erf, mpfr_erf) REF1(erfc, mpfr_erfc) REF1(gamma, mpfr_gamma)
REF1(digamma, mpfr_digamma)
REF2(pow, mpfr_pow) REF2(hypot, mpfr_hypot) REF2(atan2, mpfr_atan2) REF2(min, mpfr_min)
REF2(max, mpfr_max) REF2(fdim, mpfr_dim) REF2(fmod, mpfr_fmod) REF2(remainder, mpfr_remainder)
REF2(copysign, mpfr_copysign)
REF(fma) { mpfr_fma(r, x, y, z, N); }
REF(floor) { REF_ARGS; mpfr_floor(r, x); }
REF(ceil) { REF_ARGS; mpfr_ceil(r, x); }
REF(round) { REF_ARGS; mpfr_round(r, x); }
REF(trunc) { REF_ARGS; mpfr_trunc(r, x); }

REF(lgamma) {
    REF_ARGS;
    int sign;
    mpfr_lgamma(r, &sign, x, N);
}

REF(mod) { /* fmod is exact however far apart x and y are; x/y rounded is not */
    REF_ARGS;
    mpfr_fmod(r, x, y, N);
    if (!mpfr_zero_p(r) && mpfr_signbit(r) != mpfr_signbit(y))
        mpfr_add(r, r, y, N);
}

REF(sign) { REF_ARGS; mpfr_set_si(r, mpfr_sgn(x), N); }
REF(heaviside) { REF_ARGS; mpfr_set_d(r, mpfr_sgn(x) > 0 ? 1 : mpfr_sgn(x) < 0 ? 0 : 0.5, N); }
REF(relu) { REF_ARGS; mpfr_set_ui(r, 0, N); mpfr_max(r, r, x, N); }
REF(logb) { REF_ARGS; mpfr_set_si(r, mpfr_get_exp(x) - 1, N); }
REF(ldexp) { REF_ARGS; mpfr_mul_2si(r, x, mpfr_get_si(y, N), N); }

REF(sigmoid) {
    REF_ARGS;
    mpfr_neg(r, x, N);
    mpfr_exp(r, r, N);
    mpfr_add_ui(r, r, 1, N);
    mpfr_ui_div(r, 1, r, N);
}

REF(softplus) { REF_ARGS; mpfr_exp(r, x, N); mpfr_log1p(r, r, N); }

REF(logit) { /* 2*atanh(2*x - 1) has its digits near 1/2, log(x) - log1p(-x) near 0 */
    REF_ARGS;
    mpfr_t a;
    mpfr_init2(a, mpfr_get_prec(r));
    mpfr_neg(a, x, N);
    mpfr_log1p(a, a, N);
    mpfr_log(r, x, N);
    mpfr_sub(r, r, a, N);
    mpfr_clear(a);
}

/* Newton's steps from the double that the tested function gives need only be many; the fixed point
 * is the reference's own. */
REF(erfinv) {
    REF_ARGS;
    mpfr_t a, b, one;
    mpfr_inits2(mpfr_get_prec(r) + 32, a, b, one, (mpfr_ptr)0);
    mpfr_set_ui(one, 1, N);
    mpfr_set_d(b, function_at(FUNCTION_erfinv)->value(mpfr_get_d(x, N), 0, 0), N);
    for (int i = 0; i < 12; i++) { /* b -= (erf(b) - x)*sqrt(pi)/2*exp(b^2) */
        mpfr_t c;
        mpfr_init2(c, mpfr_get_prec(a));
        mpfr_erf(a, b, N);
        mpfr_sub(a, a, x, N);
        mpfr_sqr(c, b, N);
        mpfr_exp(c, c, N);
        mpfr_mul(a, a, c, N);
        mpfr_const_pi(c, N);
        mpfr_sqrt(c, c, N);
        mpfr_mul(a, a, c, N);
        mpfr_div_2ui(a, a, 1, N);
        mpfr_sub(b, b, a, N);
        mpfr_clear(c);
        if (mpfr_zero_p(a) || mpfr_get_exp(a) < mpfr_get_exp(b) - (mpfr_exp_t)mpfr_get_prec(r))
            break;
    }
    mpfr_set(r, b, N);
    mpfr_clears(a, b, one, (mpfr_ptr)0);
}

REF(lambertw) { /* Newton on b - x*exp(-b) */
    REF_ARGS;
    mpfr_t a, b, c;
    mpfr_inits2(mpfr_get_prec(r) + 32, a, b, c, (mpfr_ptr)0);
    mpfr_set_d(b, function_at(FUNCTION_lambertw)->value(mpfr_get_d(x, N), 0, 0), N);
    for (int i = 0; i < 40; i++) {
        mpfr_neg(a, b, N);
        mpfr_exp(a, a, N);
        mpfr_mul(a, a, x, N);
        mpfr_add_ui(c, a, 1, N); /* slope 1 + x*exp(-b) */
        mpfr_sub(a, b, a, N);
        mpfr_div(a, a, c, N);
        mpfr_sub(b, b, a, N);
        if (mpfr_zero_p(a) || mpfr_get_exp(a) < mpfr_get_exp(b) - (mpfr_exp_t)mpfr_get_prec(r))
            break;
    }
    mpfr_set(r, b, N);
    mpfr_clears(a, b, c, (mpfr_ptr)0);
}

REF(beta) {
    REF_ARGS;
    mpfr_t a, b;
    mpfr_inits2(mpfr_get_prec(r) + 64, a, b, (mpfr_ptr)0);
    mpfr_add(a, x, y, N);
    mpfr_lngamma(a, a, N);
    mpfr_lngamma(b, x, N);
    mpfr_sub(a, b, a, N);
    mpfr_lngamma(b, y, N);
    mpfr_add(a, a, b, N);
    mpfr_exp(r, a, N);
    mpfr_clears(a, b, (mpfr_ptr)0);
}

/* c = |B[2*j]|/(2*j)! = 2*zeta(2*j)/(2*pi)^(2*j), remembered to 1000 bits. */
static void reference_bernoulli(mpfr_t c, unsigned long j) {
    enum { KEPT = 400 };
    static mpfr_t kept[KEPT];
    static bool known[KEPT];
    if (!known[j]) {
        mpfr_t power;
        mpfr_inits2(1000, kept[j], power, (mpfr_ptr)0);
        mpfr_const_pi(power, N);
        mpfr_mul_2ui(power, power, 1, N);
        mpfr_pow_si(power, power, -2 * (long)j, N);
        mpfr_zeta_ui(kept[j], 2 * j, N);
        mpfr_mul(kept[j], kept[j], power, N);
        mpfr_mul_2ui(kept[j], kept[j], 1, N);
        mpfr_clear(power);
        known[j] = true;
    }
    mpfr_set(c, kept[j], N);
}

/* r = the sum over k >= 0 of (x + k)^-s, s >= 2, by Euler and Maclaurin far out. */
static void reference_hurwitz(mpfr_t r, unsigned long s, mpfr_t x) {
    mpfr_prec_t prec = mpfr_get_prec(r) + 64;
    mpfr_t q, t, sum, term;
    mpfr_inits2(prec, q, t, sum, term, (mpfr_ptr)0);
    mpfr_set(q, x, N);
    mpfr_set_ui(sum, 0, N);
    while (mpfr_cmp_si(q, prec / 4 + (long)s) < 0) {
        mpfr_pow_si(t, q, -(long)s, N);
        mpfr_add(sum, sum, t, N);
        mpfr_add_ui(q, q, 1, N);
    }
    mpfr_pow_si(t, q, 1 - (long)s, N);
    mpfr_div_ui(term, t, s - 1, N);
    mpfr_add(sum, sum, term, N);
    mpfr_div(t, t, q, N);
    mpfr_div_2ui(term, t, 1, N);
    mpfr_add(sum, sum, term, N);
    /* The terms of Bernoulli's numbers; t holds s*(s + 1)*...*q^-(s + 2*j - 1). */
    mpfr_mul_ui(t, t, s, N);
    mpfr_div(t, t, q, N);
    for (unsigned long j = 1; j < 400; j++) {
        reference_bernoulli(term, j);
        mpfr_mul(term, term, t, N);
        if (j % 2 == 0)
            mpfr_neg(term, term, N);
        mpfr_add(sum, sum, term, N);
        if (mpfr_get_exp(term) < mpfr_get_exp(sum) - (mpfr_exp_t)prec)
            break;
        mpfr_mul_ui(t, t, (s + 2 * j - 1) * (s + 2 * j), N);
        mpfr_div(t, t, q, N);
        mpfr_div(t, t, q, N);
    }
    mpfr_set(r, sum, N);
    mpfr_clears(q, t, sum, term, (mpfr_ptr)0);
}

REF(polygamma) {
    REF_ARGS;
    unsigned long n = mpfr_get_ui(x, N);
    if (n == 0) {
        mpfr_digamma(r, y, N);
        return;
    }
    mpfr_t a;
    mpfr_init2(a, mpfr_get_prec(r));
    reference_hurwitz(r, n + 1, y);
    mpfr_fac_ui(a, n, N);
    mpfr_mul(r, r, a, N);
    if (n % 2 == 0)
        mpfr_neg(r, r, N);
    mpfr_clear(a);
}

REF(polygammadiff) {
    mpfr_t a;
    mpfr_init2(a, mpfr_get_prec(r) + 64);
    mpfr_add(a, y, z, N);
    mpfr_t b;
    mpfr_init2(b, mpfr_get_prec(a));
    ref_polygamma(b, x, a, z);
    ref_polygamma(a, x, y, z);
    mpfr_sub(r, b, a, N);
    mpfr_clears(a, b, (mpfr_ptr)0);
}

/* r = gamma(v); a few are remembered, because many points share an order. */
static void reference_gamma(mpfr_t r, mpfr_t v) {
    enum { KEPT = 64 };
    static mpfr_t at[KEPT], value[KEPT];
    static size_t count;
    for (size_t i = 0; i < count && i < KEPT; i++)
        if (mpfr_equal_p(at[i], v) && mpfr_get_prec(r) <= mpfr_get_prec(value[i])) {
            mpfr_set(r, value[i], N);
            return;
        }
    size_t slot = count++ % KEPT;
    if (KEPT < count)
        mpfr_clears(at[slot], value[slot], (mpfr_ptr)0);
    mpfr_init2(at[slot], mpfr_get_prec(v));
    mpfr_set(at[slot], v, N);
    mpfr_init2(value[slot], mpfr_get_prec(r) + 300);
    mpfr_gamma(value[slot], v, N);
    mpfr_set(r, value[slot], N);
}

/* r = J (sign -1) or I (sign 1) of order n at x > 0, by the power series. */
static void reference_bessel(mpfr_t r, mpfr_t n, mpfr_t x, int sign) {
    double size = mpfr_get_d(x, N);
    mpfr_prec_t prec = mpfr_get_prec(r) + 128 + (mpfr_prec_t)(3 * size);
    mpfr_t t, sum, q, v;
    mpfr_inits2(prec, t, sum, q, v, (mpfr_ptr)0);
    bool flip = false;
    mpfr_set(v, n, N);
    if (mpfr_integer_p(n) && mpfr_sgn(n) < 0) { /* J of -n is (-1)^n J of n */
        flip = sign < 0 && mpfr_get_si(n, N) % 2 != 0;
        mpfr_neg(v, v, N);
    }
    mpfr_div_2ui(q, x, 1, N);
    mpfr_pow(t, q, v, N);
    mpfr_sqr(q, q, N);
    mpfr_add_ui(sum, v, 1, N);
    reference_gamma(sum, sum);
    mpfr_div(t, t, sum, N);
    mpfr_set(sum, t, N);
    for (unsigned long k = 1; k < 100000; k++) {
        mpfr_mul(t, t, q, N);
        mpfr_div_ui(t, t, k, N);
        mpfr_add_ui(v, v, 1, N);
        mpfr_div(t, t, v, N);
        if (sign < 0)
            mpfr_neg(t, t, N);
        mpfr_add(sum, sum, t, N);
        if (size < (double)k && (mpfr_zero_p(t) || mpfr_get_exp(t) < mpfr_get_exp(sum) - prec))
            break;
    }
    mpfr_set(r, sum, N);
    if (flip)
        mpfr_neg(r, r, N);
    mpfr_clears(t, sum, q, v, (mpfr_ptr)0);
}

REF(besselj) { REF_ARGS; reference_bessel(r, x, y, -1); }
REF(besseli) { REF_ARGS; reference_bessel(r, x, y, 1); }

/* Y and K from J and I of orders n and -n; at a whole order from one that is 2^-400 beside it. */
static void reference_bessel_second(mpfr_t r, mpfr_t n, mpfr_t x, int sign) {
    mpfr_prec_t work = mpfr_get_prec(r) + 1000 + (mpfr_prec_t)(3 * mpfr_get_d(x, N));
    mpfr_t v, a, b, angle;
    mpfr_inits2(work, v, a, b, angle, (mpfr_ptr)0);
    mpfr_set(v, n, N);
    if (mpfr_integer_p(n)) {
        mpfr_set_ui_2exp(a, 1, -400, N);
        mpfr_add(v, v, a, N);
    }
    mpfr_const_pi(angle, N);
    mpfr_mul(angle, angle, v, N);
    reference_bessel(a, v, x, sign);
    mpfr_neg(v, v, N);
    reference_bessel(b, v, x, sign);
    if (sign < 0) { /* (J_n*cos(pi*n) - J_-n)/sin(pi*n) */
        mpfr_cos(v, angle, N);
        mpfr_mul(a, a, v, N);
        mpfr_sub(a, a, b, N);
    } else { /* pi/2*(I_-n - I_n)/sin(pi*n) */
        mpfr_sub(a, b, a, N);
        mpfr_const_pi(v, N);
        mpfr_div_2ui(v, v, 1, N);
        mpfr_mul(a, a, v, N);
    }
    mpfr_sin(v, angle, N);
    mpfr_div(r, a, v, N);
    mpfr_clears(v, a, b, angle, (mpfr_ptr)0);
}

REF(bessely) {
    REF_ARGS;
    if (mpfr_integer_p(x))
        mpfr_yn(r, mpfr_get_si(x, N), y, N);
    else
        reference_bessel_second(r, x, y, -1);
}
REF(besselk) { REF_ARGS; reference_bessel_second(r, x, y, 1); }

#undef N
#undef REF_ARGS
#undef REF1
#undef REF2
#undef REF

/* Of each row, so a new row without a reference does not compile. */
static const Reference references[] = {
#define FN(name, ...) ref_##name,
#include "expr/functions.def"
#undef FN
};

#endif
