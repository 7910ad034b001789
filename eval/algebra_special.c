/* Functions of the table as kernels: odd ones by the sign of their argument, gamma and its
 * derivatives shifted to the lowest argument, Bessel functions to two orders. */
#include "eval/algebra_kernels.h"
#include "expr/build.h"

enum { MOST_SHIFT = 30 };

/* Functions of the sign of their argument, and positive ones. */
static unsigned sign_of_function(Kernels *k, uint32_t function, Ratio a) {
    switch (function) {
    case FUNCTION_atan: case FUNCTION_asin: case FUNCTION_erf: case FUNCTION_erfinv: return kernels_sign(k, a);
    case FUNCTION_gamma: return kernels_sign(k, a) == SIGN_POS ? SIGN_POS : SIGN_ANY;
    default: return 0;
    }
}

/* function(a) or function(a, b), as it is. */
static Ratio opaque(Kernels *k, uint32_t function, Ratio a, Ratio b) {
    if (!a)
        return 0;
    int at = kernel_find(k, KERNEL_FN, function, a, b);
    if (at < 0) {
        Expr arg[2] = {kernels_express(k, a), kernels_express(k, b)};
        Kernel made = {.kind = KERNEL_FN, .function = function, .arg = a, .arg2 = b};
        made.node = expr_fn(k->store, function, b ? 2 : 1, arg);
        made.sign = sign_of_function(k, function, a);
        made.whole = function == FUNCTION_floor || function == FUNCTION_round || function == FUNCTION_rint;
        at = kernel_add(k, made);
    }
    return at < 0 ? 0 : k->kernel[at].value;
}

static bool starts_negative(Kernels *k, Ratio a) {
    mpq_t q;
    mpq_init(q);
    k->op->piece(k->ring, a, 0, q);
    bool res = mpq_sgn(q) < 0;
    mpq_clear(q);
    return res;
}

Ratio kernels_odd(Kernels *k, uint32_t function, Ratio a) {
    if (!a || ratio_is_zero(k, a))
        return a;
    if (starts_negative(k, a))
        return ratio_neg(k, opaque(k, function, ratio_neg(k, a), 0));
    return opaque(k, function, a, 0);
}

/* a = rest + n, n a whole number, rest with a constant term in [0, 1); false if n is too large. */
static bool whole_part(Kernels *k, Ratio a, Ratio *rest, long *n) {
    mpq_t q, c;
    mpz_t down;
    mpq_init(q);
    mpq_init(c);
    mpz_init(down);
    for (size_t i = 0; i < k->op->terms(k->ring, a, RING_NUMERATOR); i++) {
        long one;
        Ratio t = k->op->piece(k->ring, a, i, q);
        if (ratio_integer(k, t, &one) && one == 1)
            mpq_set(c, q);
    }
    mpz_fdiv_q(down, mpq_numref(c), mpq_denref(c));
    bool res = mpz_cmpabs_ui(down, MOST_SHIFT) <= 0;
    *n = res ? mpz_get_si(down) : 0;
    *rest = ratio_sub(k, a, ratio_int(k, *n));
    if (ratio_is_zero(k, *rest)) { /* whole numbers from 1 on */
        *rest = ratio_int(k, 1);
        *n -= 1;
    }
    mpq_clear(q);
    mpq_clear(c);
    mpz_clear(down);
    return res;
}

static Ratio gamma_of(Kernels *k, Ratio a) {
    Ratio rest, res;
    long n, one;
    if (!whole_part(k, a, &rest, &n))
        return opaque(k, FUNCTION_gamma, a, 0);
    res = ratio_integer(k, rest, &one) && one == 1 ? rest : opaque(k, FUNCTION_gamma, rest, 0);
    if (ratio_equal(k, rest, ratio_fraction(k, 1, 2)))
        res = kernels_root(k, kernel_for_node(k, expr_make(k->store, EXPR_PI, 0, 0, NULL)), 1, 2);
    for (long i = 0; i < n; i++)
        res = ratio_mul(k, res, ratio_add(k, rest, ratio_int(k, i)));
    for (long i = n; i < 0; i++)
        res = ratio_div(k, res, ratio_add(k, rest, ratio_int(k, i)));
    return res;
}

/* polygamma(m, a) = polygamma(m, rest) + (-1)^m m! (sum of (rest + i)^(-m-1)) */
static Ratio polygamma_of(Kernels *k, long m, Ratio a) {
    Ratio rest, factor = ratio_int(k, m % 2 ? -1 : 1), order = ratio_int(k, m);
    long n;
    bool shift = whole_part(k, a, &rest, &n);
    Ratio at = shift ? rest : a;
    Ratio res = m == 0 ? opaque(k, FUNCTION_digamma, at, 0) : opaque(k, FUNCTION_polygamma, order, at);
    for (long i = 2; i <= m; i++)
        factor = ratio_mul(k, factor, ratio_int(k, i));
    for (long i = n < 0 ? n : 0; shift && i < (n < 0 ? 0 : n); i++) {
        Ratio step = ratio_mul(k, factor, ratio_pow(k, ratio_add(k, rest, ratio_int(k, i)), -m - 1));
        res = n < 0 ? ratio_sub(k, res, step) : ratio_add(k, res, step);
    }
    return res;
}

/* J, Y: f(v+1) = 2v/u f(v) - f(v-1); I: f(v-1) - 2v/u f(v); K: f(v-1) + 2v/u f(v). */
static Ratio bessel_of(Kernels *k, uint32_t function, Ratio order, Ratio u) {
    Ratio rest, one = ratio_int(k, 1);
    long n;
    if (!whole_part(k, order, &rest, &n))
        return opaque(k, function, order, u);
    if (ratio_equal(k, rest, one)) {
        rest = ratio_int(k, 0);
        n += 1;
    }
    Ratio low = opaque(k, function, rest, u), high = opaque(k, function, ratio_add(k, rest, one), u);
    bool plain = function == FUNCTION_besselj || function == FUNCTION_bessely;
    int up = function == FUNCTION_besseli ? -1 : 1, down = plain ? -1 : 1;
    for (long i = 1; i < n; i++) {
        Ratio v = ratio_div(k, ratio_mul(k, ratio_int(k, 2 * up), ratio_add(k, rest, ratio_int(k, i))), u);
        Ratio next = ratio_add(k, ratio_mul(k, v, high), ratio_mul(k, ratio_int(k, down), low));
        low = high;
        high = next;
    }
    for (long i = 0; n < i; i--) { /* f(v-1) = down*(f(v+1) - up*2v/u f(v)) */
        Ratio v = ratio_div(k, ratio_mul(k, ratio_int(k, 2 * up), ratio_add(k, rest, ratio_int(k, i))), u);
        Ratio before = ratio_mul(k, ratio_int(k, down), ratio_sub(k, high, ratio_mul(k, v, low)));
        high = low;
        low = before;
    }
    return 1 <= n ? high : low;
}

/* floor(u + n) = floor(u) + n: terms that are whole come out, and of a constant its whole part. */
static Ratio floor_of(Kernels *k, Ratio a) {
    Ratio inside = ratio_int(k, 0), outside = inside;
    mpq_t q, part;
    mpz_t down;
    mpq_inits(q, part, NULL);
    mpz_init(down);
    for (size_t i = 0; i < k->op->terms(k->ring, a, RING_NUMERATOR); i++) {
        Ratio t = k->op->piece(k->ring, a, i, q);
        mpz_fdiv_q(down, mpq_numref(q), mpq_denref(q));
        mpq_set_z(part, down);
        if (kernels_whole(k, t)) {
            outside = ratio_add(k, outside, ratio_scale(k, t, part));
            mpq_sub(q, q, part);
        }
        inside = ratio_add(k, inside, ratio_scale(k, t, q));
    }
    mpq_clears(q, part, NULL);
    mpz_clear(down);
    Ratio one = ratio_int(k, 1);
    if (!(kernels_sign(k, inside) & SIGN_NEG) && kernels_sign(k, ratio_sub(k, one, inside)) == SIGN_POS)
        return outside;
    return ratio_add(k, outside, opaque(k, FUNCTION_floor, inside, 0));
}

static Ratio right_angle(Kernels *k) {
    return ratio_mul(k, ratio_fraction(k, 1, 2), kernel_for_node(k, expr_make(k->store, EXPR_PI, 0, 0, NULL)));
}

static Ratio of_angle(Kernels *k, uint32_t function, Expr e, Ratio u) {
    Ratio c, s;
    if (!kernels_cis_of(k, e, u, &c, &s))
        return 0;
    return function == FUNCTION_cos ? c : s;
}

static Ratio sign_of(Kernels *k, Ratio u) {
    if (!u || ratio_is_zero(k, u))
        return u;
    return ratio_div(k, kernels_abs(k, u), u);
}

Ratio kernels_function(Kernels *k, Expr e, uint32_t function, size_t count, const Ratio *a) {
    long order;
    for (size_t i = 0; i < count; i++)
        if (!a[i])
            return 0;
    switch (function) {
    case FUNCTION_sqrt: return kernels_root(k, a[0], 1, 2);
    case FUNCTION_cbrt: return kernels_cbrt(k, a[0]);
    case FUNCTION_exp: return kernels_exp_of(k, expr_kid(k->store, e, 0), a[0]);
    case FUNCTION_log: return kernels_log(k, a[0]);
    case FUNCTION_sin: case FUNCTION_cos: return of_angle(k, function, expr_kid(k->store, e, 0), a[0]);
    case FUNCTION_abs: return kernels_abs(k, a[0]);
    case FUNCTION_sign: return sign_of(k, a[0]);
    case FUNCTION_erf: case FUNCTION_erfinv: return kernels_odd(k, function, a[0]);
    case FUNCTION_atan: return kernels_arctan(k, a[0]);
    case FUNCTION_asin: return kernels_arcsin(k, a[0]);
    case FUNCTION_acos: return ratio_sub(k, right_angle(k), kernels_arcsin(k, a[0]));
    case FUNCTION_floor: return floor_of(k, a[0]);
    case FUNCTION_ceil: case FUNCTION_round:
        if (kernels_whole(k, a[0]))
            return a[0];
        break;
    case FUNCTION_gamma: return gamma_of(k, a[0]);
    case FUNCTION_digamma: return polygamma_of(k, 0, a[0]);
    case FUNCTION_polygamma:
        if (ratio_integer(k, a[0], &order) && 0 <= order && order <= MOST_SHIFT)
            return polygamma_of(k, order, a[1]);
        break;
    case FUNCTION_besselj: case FUNCTION_bessely: case FUNCTION_besseli: case FUNCTION_besselk:
        return bessel_of(k, function, a[0], a[1]);
    default: break;
    }
    Ratio angle = function == FUNCTION_atan2 ? kernels_arctan2(k, a[0], a[1]) : 0;
    if (angle)
        return angle;
    k->doubtful = k->doubtful || function == FUNCTION_atan2;
    return count <= 2 ? opaque(k, function, a[0], count == 2 ? a[1] : 0) : 0;
}
