/* Signs by bounds: constants by balls, polynomials in one kernel by Polya's theorem, and one quadratic
 * polynomial by another that is known not to be negative (the S-lemma). */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"
#include "eval/balls.h"

enum { FIRST_BITS = 64, MOST_BITS = 512, MOST_FACTOR = 64, MOST_COEFFICIENT = 1000000, MOST_SMALL = 10000 };

/* ---- constants ---- */

bool kernels_is_constant(const Store *s, Expr e) {
    size_t count;
    Expr *list = expr_reachable(s, 1, &e, &count);
    bool res = e != 0;
    for (size_t i = 0; i < count && res; i++) {
        ExprOp op = expr_op(s, list[i]);
        res = op != EXPR_SYM && op != EXPR_GLOBAL && op != EXPR_SLOT && op != EXPR_FREE && op != EXPR_CALL && op != EXPR_BOUND;
    }
    free(list);
    return res;
}

unsigned kernels_constant_sign(Kernels *k, Expr e) {
    const NumberKind *balls = balls_load(NULL);
    BallCode *code = balls ? ball_code_new(k->defs, 0, NULL, NULL, 1, &e, NULL) : NULL;
    unsigned res = SIGN_ANY;
    if (!code)
        return res;
    BallRun *run = ball_run_new(code, balls, NULL);
    for (long bits = FIRST_BITS; bits <= MOST_BITS && res == SIGN_ANY; bits *= 2) {
        double middle, radius;
        ball_run_bits(run, bits);
        ball_run_set(run, NULL);
        if (!ball_run_root(run, 0) || ball_run_truth(run, 0) != 1)
            continue;
        ball_run_get(run, 0, &middle, &radius);
        res = middle < 0 ? SIGN_NEG : 0 < middle ? SIGN_POS : SIGN_ANY;
    }
    ball_run_free(run);
    ball_code_free(code);
    return res;
}

/* ---- polynomials in one kernel ---- */

/* The one kernel of p, -1; *even: all its exponents are. */
static int only_kernel(Kernels *k, Ratio p, bool *even) {
    unsigned long *exponent = mem_new(k->cap, sizeof *exponent);
    mpz_t c;
    int res = -1;
    mpz_init(c);
    *even = true;
    for (size_t i = 0; i < k->op->terms(k->ring, p, RING_NUMERATOR) && res > -2; i++) {
        k->op->term(k->ring, p, RING_NUMERATOR, i, c, exponent);
        for (unsigned g = 0; g < k->count; g++) {
            if (!exponent[g])
                continue;
            res = res == -1 || res == (int)g ? (int)g : -2;
            *even = *even && exponent[g] % 2 == 0;
        }
    }
    mpz_clear(c);
    free(exponent);
    return res < 0 ? -1 : res;
}

/* A polynomial without zeros above 0 has coefficients of one sign after enough factors 1 + x
 * (Polya 1928). */
unsigned kernels_polya_sign(Kernels *k, Ratio p) {
    bool even;
    int g = only_kernel(k, p, &even);
    if (g < 0 || (k->kernel[g].sign != SIGN_POS && !even))
        return SIGN_ANY;
    Ratio x = k->kernel[g].value, one = ratio_int(k, 1);
    Ratio factor = ratio_add(k, one, k->kernel[g].sign == SIGN_POS ? x : ratio_mul(k, x, x));
    unsigned res = SIGN_ANY;
    for (long n = 2; n <= MOST_FACTOR && (res & (res - 1)); n *= 2)
        res = kernels_sign_by_terms(k, ratio_mul(k, p, ratio_pow(k, factor, n)));
    return res;
}

/* c[0] + c[1]*g + c[2]*g^2 with coefficients that are not large; the kernel g, -1. */
int kernels_quadratic(Kernels *k, Ratio p, long c[3]) {
    bool even, good = true;
    int g = only_kernel(k, p, &even);
    unsigned long *exponent = mem_new(k->cap, sizeof *exponent);
    mpz_t n;
    mpz_init(n);
    c[0] = c[1] = c[2] = 0;
    for (size_t i = 0; 0 <= g && good && i < k->op->terms(k->ring, p, RING_NUMERATOR); i++) {
        k->op->term(k->ring, p, RING_NUMERATOR, i, n, exponent);
        good = exponent[g] <= 2 && mpz_cmpabs_ui(n, MOST_COEFFICIENT) < 0;
        if (good)
            c[exponent[g]] = mpz_get_si(n);
    }
    mpz_clear(n);
    free(exponent);
    return good ? g : -1;
}

/* So that products of four fit. */
static bool are_small(const long c[3]) {
    return labs(c[0]) <= MOST_SMALL && labs(c[1]) <= MOST_SMALL && labs(c[2]) <= MOST_SMALL;
}

/* With p >= 0: is a - t*p >= 0 everywhere for some t >= 0, p and a of degree 2 in the same kernel?  The
 * discriminant of a - t*p, A*t^2 + B*t + C, is least at t = -B/(2A). */
unsigned kernels_sign_given(Kernels *k, Ratio a, Ratio p, unsigned sign) {
    long u[3], v[3];
    if (sign & SIGN_NEG ? sign & SIGN_POS : !(sign & SIGN_POS))
        return SIGN_ANY;
    int g = kernels_quadratic(k, a, u), h = g < 0 ? -1 : kernels_quadratic(k, p, v);
    if (g < 0 || g != h || !are_small(u) || !are_small(v))
        return SIGN_ANY;
    for (int flip = 1; -1 <= flip; flip -= 2) { /* a >= 0, then -a >= 0 */
        int of_p = sign & SIGN_NEG ? -1 : 1;
        int64_t u0 = flip * u[0], u1 = flip * u[1], u2 = flip * u[2], v0 = of_p * v[0], v1 = of_p * v[1], v2 = of_p * v[2];
        int64_t A = v1 * v1 - 4 * v2 * v0, B = 4 * (u2 * v0 + u0 * v2) - 2 * u1 * v1, C = u1 * u1 - 4 * u2 * u0;
        if (A <= 0 || 0 <= B || B * B < 4 * A * C)
            continue;
        int64_t top = 2 * A * u2 + B * v2, constant = 2 * A * u0 + B * v0; /* of 2A(a - t*p) */
        if (top < 0 || (top == 0 && constant < 0))
            continue;
        bool above = !(sign & SIGN_ZERO) || (top ? 4 * A * C < B * B : 0 < constant);
        return (flip < 0 ? SIGN_NEG : SIGN_POS) | (above ? 0 : SIGN_ZERO);
    }
    return SIGN_ANY;
}
