/* Roots within roots: sqrt(a + b*r) = sqrt((a + d)/2) + sqrt((a - d)/2) where d^2 = a^2 - b^2*r^2, and powers
 * of one another that factoring cannot see. */
#include <stdlib.h>

#include "eval/algebra_kernels.h"

enum { MOST_POWER = 3 };

bool kernels_linear(Kernels *k, Ratio p, unsigned g, Ratio *a, Ratio *second) {
    if (k->kernel[g].kind != KERNEL_ROOT)
        return false;
    Ratio b = k->op->coefficient(k->ring, p, g, 1);
    if (!b || ratio_is_zero(k, b))
        return false;
    *a = k->op->coefficient(k->ring, p, g, 0);
    *second = ratio_mul(k, b, k->kernel[g].value);
    return ratio_equal(k, p, ratio_add(k, *a, *second));
}

/* The root of a square, of either sign; 0 if it is none. */
static Ratio root_of_square(Kernels *k, Ratio u) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    mpq_init(c);
    Ratio res = 0;
    if (u && ratio_is_zero(k, u)) {
        res = u;
    } else if (u && k->op->factor(k->ring, u, c, &list, &count) && 0 < mpq_sgn(c) && mpz_perfect_square_p(mpq_numref(c)) &&
               mpz_perfect_square_p(mpq_denref(c))) {
        mpz_sqrt(mpq_numref(c), mpq_numref(c));
        mpz_sqrt(mpq_denref(c), mpq_denref(c));
        res = k->op->rational(k->ring, c);
        for (size_t i = 0; i < count && res; i++)
            res = list[i].exponent % 2 ? 0 : ratio_mul(k, res, ratio_pow(k, list[i].base, list[i].exponent / 2));
    }
    free(list);
    mpq_clear(c);
    return res;
}

static bool holds_roots(Kernels *k, Ratio p) {
    Ratio a, second;
    for (unsigned g = 0; g < k->count; g++)
        if (kernels_linear(k, p, g, &a, &second))
            return true;
    return false;
}

int kernels_power_of(Kernels *k, KernelKind kind, Ratio p, mpq_ptr c, long *n, long *m) {
    if (!holds_roots(k, p))
        return -1;
    for (unsigned g = 0; g < k->count; g++) {
        if (k->kernel[g].kind != kind)
            continue;
        Ratio v = k->kernel[g].arg;
        for (long e = 2; e <= MOST_POWER; e++) {
            *n = e;
            *m = 1;
            if (k->op->value(k->ring, ratio_div(k, p, ratio_pow(k, v, e)), c))
                return (int)g;
            *n = 1;
            *m = e;
            if (k->op->value(k->ring, ratio_div(k, ratio_pow(k, p, e), v), c) && mpq_cmp_ui(c, 1, 1) == 0)
                return (int)g;
        }
    }
    return -1;
}

/* a + second and a - second have the product d^2, so one sign: a is not negative where the sum is not,
 * and not smaller than abs(d). */
static Ratio of_square(Kernels *k, Ratio base, long num, long den) {
    for (unsigned g = 0; den % 2 == 0 && g < k->count; g++) {
        Ratio a, second;
        if (!kernels_linear(k, base, g, &a, &second))
            continue;
        unsigned sign = kernels_sign(k, second);
        Ratio norm = ratio_sub(k, ratio_mul(k, a, a), ratio_mul(k, second, second));
        if ((sign & SIGN_NEG && sign & SIGN_POS) || !ratio_equal(k, norm, k->op->coefficient(k->ring, norm, g, 0)))
            continue;
        Ratio d = root_of_square(k, norm);
        if (!d)
            continue;
        Ratio half = ratio_fraction(k, 1, 2);
        Ratio p = kernels_root(k, ratio_mul(k, half, ratio_add(k, a, d)), 1, 2);
        Ratio q = kernels_root(k, ratio_mul(k, half, ratio_sub(k, a, d)), 1, 2);
        Ratio root = sign & SIGN_NEG ? kernels_abs(k, ratio_sub(k, p, q)) : ratio_add(k, p, q);
        return den == 2 ? ratio_pow(k, root, num) : kernels_root(k, root, num, den / 2);
    }
    return 0;
}

Ratio kernels_denest(Kernels *k, Ratio base, long num, long den) {
    mpq_t c;
    long n, m;
    Ratio res = of_square(k, base, num, den);
    if (res)
        return res;
    mpq_init(c);
    int at = kernels_power_of(k, KERNEL_ROOT, base, c, &n, &m);
    if (0 <= at && 0 < mpq_sgn(c)) {
        Ratio of_c = kernels_root(k, k->op->rational(k->ring, c), num, den);
        res = ratio_mul(k, of_c, kernels_root(k, k->kernel[at].arg, n * num, m * den));
    }
    mpq_clear(c);
    return res;
}
