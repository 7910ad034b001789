/* Exponentials and angles.  exp(2*x) is the square of exp(x); exp(x/3), met later, is the cube root
 * of it: a tower for each monomial of the exponent.  Sines and cosines likewise, as pairs. */
#include "eval/algebra_kernels.h"
#include "expr/build.h"

enum { MOST_MULTIPLE = 200, MOST_PIECES = 4, MOST_PARTS = 60, MOST_STEP = 6, MOST_SUMMANDS = 12 };

static long gcd(long a, long b) {
    while (b) {
        long t = a % b;
        a = b;
        b = t;
    }
    return a;
}

static Expr part_node(Kernels *k, const char *function, Ratio t, long parts) {
    Expr a = kernels_express(k, ratio_mul(k, t, ratio_fraction(k, 1, parts)));
    return build_fn_named(k->store, function, a);
}

/* ---- exp ---- */

static Ratio exp_tower(Kernels *k, Ratio t, long num, long den) {
    int at = kernel_find(k, KERNEL_EXP, 0, t, 0);
    long parts = at < 0 ? 0 : k->kernel[at].parts;
    if (!parts || parts % den) {
        long more = parts ? parts / gcd(parts, den) * den : den;
        Ratio below = at < 0 ? 0 : k->kernel[at].value;
        if (MOST_PARTS < more)
            return 0;
        at = kernel_add(k, (Kernel){.kind = KERNEL_EXP, .arg = t, .parts = more, .sign = SIGN_POS, .node = part_node(k, "exp", t, more)});
        if (at < 0)
            return 0;
        if (below)
            k->op->relation(k->ring, (unsigned)at, (unsigned)(more / parts), below);
        parts = more;
    }
    return ratio_pow(k, k->kernel[at].value, num * (parts / den));
}

int kernels_log_within(Kernels *k, Ratio t) {
    for (unsigned g = 0; g < k->count; g++)
        if (k->kernel[g].kind == KERNEL_LOG && k->op->divides(k->ring, k->kernel[g].value, t))
            return (int)g;
    return -1;
}

/* exp(q*t) */
static Ratio exp_piece(Kernels *k, Ratio t, mpq_srcptr q) {
    int at = kernels_log_within(k, t);
    if (0 <= at) {
        Ratio rest = ratio_scale(k, ratio_div(k, t, k->kernel[at].value), q);
        return kernels_power(k, kernels_abs(k, k->kernel[at].arg), rest);
    }
    if (!mpz_fits_slong_p(mpq_numref(q)) || !mpz_fits_slong_p(mpq_denref(q)) || mpz_cmp_ui(mpq_denref(q), MOST_PARTS) > 0)
        return exp_tower(k, ratio_scale(k, t, q), 1, 1);
    long num = mpz_get_si(mpq_numref(q)), den = mpz_get_si(mpq_denref(q));
    at = den == 1 ? kernel_of(k, t) : -1;
    if (0 <= at && k->kernel[at].kind == KERNEL_FN && k->kernel[at].function == FUNCTION_lambertw)
        return ratio_pow(k, ratio_div(k, k->kernel[at].arg, t), num);
    return exp_tower(k, t, num, den);
}

/* The summands of e times factor, as they stand in e; false if there are too many. */
static bool summands(Kernels *k, Expr e, Ratio factor, Ratio *part, size_t *count) {
    Store *s = k->store;
    ExprOp op = expr_op(s, e);
    Expr a = expr_count(s, e) ? expr_kid(s, e, 0) : 0, b = 1 < expr_count(s, e) ? expr_kid(s, e, 1) : 0;
    if (op == EXPR_ADD || op == EXPR_SUB)
        return summands(k, a, factor, part, count) &&
               summands(k, b, op == EXPR_SUB ? ratio_neg(k, factor) : factor, part, count);
    if (op == EXPR_NEG)
        return summands(k, a, ratio_neg(k, factor), part, count);
    if (op == EXPR_MUL && expr_rational(s, a))
        return summands(k, b, ratio_mul(k, factor, kernels_convert(k, a)), part, count);
    if ((op == EXPR_MUL || op == EXPR_DIV) && expr_rational(s, b)) {
        Ratio c = kernels_convert(k, b);
        return summands(k, a, op == EXPR_MUL ? ratio_mul(k, factor, c) : ratio_div(k, factor, c), part, count);
    }
    if (*count == MOST_SUMMANDS)
        return false;
    part[(*count)++] = ratio_mul(k, factor, kernels_convert(k, e));
    return true;
}

Ratio kernels_exp_of(Kernels *k, Expr e, Ratio u) {
    Ratio part[MOST_SUMMANDS], res = ratio_int(k, 1);
    size_t count = 0;
    if (!k->split_angles || !summands(k, e, res, part, &count))
        return kernels_exp(k, u);
    for (size_t i = 0; i < count; i++)
        res = ratio_mul(k, res, kernels_exp(k, part[i]));
    return res;
}

Ratio kernels_exp(Kernels *k, Ratio u) {
    if (!u)
        return 0;
    Ratio res = ratio_int(k, 1), part[2];
    size_t parts = kernels_divide_out(k, u, part);
    mpq_t q;
    mpq_init(q);
    for (size_t n = 0; n < parts; n++)
        for (size_t i = 0; i < k->op->terms(k->ring, part[n], RING_NUMERATOR); i++) {
            Ratio t = k->op->piece(k->ring, part[n], i, q);
            res = ratio_mul(k, res, exp_piece(k, t, q));
        }
    mpq_clear(q);
    return res;
}

/* ---- angles ---- */

typedef struct Pair {
    Ratio c, s;
} Pair;

static Pair turn(Kernels *k, Pair a, Pair b) {
    Pair res = {ratio_sub(k, ratio_mul(k, a.c, b.c), ratio_mul(k, a.s, b.s)),
                ratio_add(k, ratio_mul(k, a.s, b.c), ratio_mul(k, a.c, b.s))};
    return res;
}

static Pair multiple(Kernels *k, Pair a, long n) {
    Pair res = {ratio_int(k, 1), ratio_int(k, 0)};
    if (n < -MOST_MULTIPLE || MOST_MULTIPLE < n)
        return (Pair){0, 0};
    if (n < 0)
        a.s = ratio_neg(k, a.s);
    for (n = n < 0 ? -n : n; n; n >>= 1) {
        if (n & 1)
            res = turn(k, res, a);
        a = n > 1 ? turn(k, a, a) : a;
    }
    return res;
}

/* cos(t/more) for the first time, or as the part of an angle met before. */
static int angle_new(Kernels *k, Ratio t, long more, int before) {
    Kernel cosine = {.kind = KERNEL_COS, .arg = t, .parts = more, .node = part_node(k, "cos", t, more)};
    int c = kernel_add(k, cosine);
    if (c < 0)
        return -1;
    Ratio x = k->kernel[c].value, one = ratio_int(k, 1);
    if (before < 0) {
        int s = kernel_add(k, (Kernel){.kind = KERNEL_SIN, .arg = t, .parts = more, .node = part_node(k, "sin", t, more)});
        if (s < 0)
            return -1;
        k->op->relation(k->ring, (unsigned)s, 2, ratio_sub(k, one, ratio_mul(k, x, x)));
        k->kernel[c].partner = k->kernel[s].value;
        return c;
    }
    /* T_m(x) = cos of the old angle; its sine over U_(m-1)(x) is the new sine */
    long m = more / k->kernel[before].parts;
    Ratio t0 = one, t1 = x, u0 = ratio_int(k, 0), u1 = one, two = ratio_int(k, 2);
    for (long i = 1; i < m; i++) {
        Ratio t2 = ratio_sub(k, ratio_mul(k, two, ratio_mul(k, x, t1)), t0);
        Ratio u2 = ratio_sub(k, ratio_mul(k, two, ratio_mul(k, x, u1)), u0);
        t0 = t1, t1 = t2, u0 = u1, u1 = u2;
    }
    Ratio top = ratio_mul(k, ratio_int(k, 1L << (m - 1)), ratio_pow(k, x, m));
    Ratio rhs = ratio_add(k, k->kernel[before].value, ratio_sub(k, top, t1));
    k->op->relation(k->ring, (unsigned)c, (unsigned)m, ratio_mul(k, rhs, ratio_fraction(k, 1, 1L << (m - 1))));
    k->kernel[c].partner = ratio_div(k, k->kernel[before].partner, u1);
    return c;
}

static Pair angle(Kernels *k, Ratio t, long num, long den) {
    int at = kernel_find(k, KERNEL_COS, 0, t, 0);
    long parts = at < 0 ? 0 : k->kernel[at].parts;
    if (!parts || parts % den) {
        long more = parts ? parts / gcd(parts, den) * den : den;
        if (MOST_PARTS < more || (parts && MOST_STEP < more / parts))
            return (Pair){0, 0};
        at = angle_new(k, t, more, at);
        if (at < 0)
            return (Pair){0, 0};
        parts = more;
    }
    return multiple(k, (Pair){k->kernel[at].value, k->kernel[at].partner}, num * (parts / den));
}

/* (a + b*sqrt(n))/4 */
static Ratio quarter(Kernels *k, long a, long b, long n) {
    Ratio root = ratio_mul(k, ratio_int(k, b), kernels_root(k, ratio_int(k, n), 1, 2));
    return ratio_mul(k, ratio_fraction(k, 1, 4), ratio_add(k, ratio_int(k, a), root));
}

/* pi/den where it has roots of its own. */
static bool known_part(Kernels *k, long den, Pair *out) {
    Pair a, b;
    switch (den) {
    case 1: *out = (Pair){ratio_int(k, -1), ratio_int(k, 0)}; return true;
    case 2: *out = (Pair){ratio_int(k, 0), ratio_int(k, 1)}; return true;
    case 3: *out = (Pair){quarter(k, 2, 0, 1), quarter(k, 0, 2, 3)}; return true;
    case 4: *out = (Pair){quarter(k, 0, 2, 2), quarter(k, 0, 2, 2)}; return true;
    case 5:
        out->c = quarter(k, 1, 1, 5);
        out->s = kernels_root(k, quarter(k, 5, -1, 5), 1, 2); /* sin^2 = (5 - sqrt(5))/8 */
        out->s = ratio_mul(k, out->s, kernels_root(k, ratio_int(k, 2), -1, 2));
        return true;
    case 6: *out = (Pair){quarter(k, 0, 2, 3), quarter(k, 2, 0, 1)}; return true;
    case 8:
        out->c = kernels_root(k, quarter(k, 2, 1, 2), 1, 2); /* cos^2 = (2 + sqrt(2))/4 */
        out->s = ratio_div(k, quarter(k, 0, 1, 2), out->c);
        return true;
    case 10: /* pi/2 - 2 pi/5 */
        known_part(k, 5, &a);
        b = multiple(k, a, 2);
        *out = (Pair){b.s, b.c};
        return true;
    case 12: /* pi/3 - pi/4 */
        known_part(k, 3, &a);
        known_part(k, 4, &b);
        *out = turn(k, a, multiple(k, b, -1));
        return true;
    default: return false;
    }
}

/* q*pi, where that is a known angle. */
static bool known_angle(Kernels *k, long num, long den, Pair *out) {
    Pair unit;
    if (!known_part(k, den, &unit))
        return false;
    *out = multiple(k, unit, num % (2 * den));
    return true;
}

/* The angle is an inverse function's value. */
static bool inverse_angle(Kernels *k, const Kernel *f, Pair *out) {
    Ratio u = f->arg, one = ratio_int(k, 1), square = ratio_mul(k, u, u);
    if (f->kind != KERNEL_FN || (f->function != FUNCTION_asin && f->function != FUNCTION_atan))
        return false;
    if (f->function == FUNCTION_asin) {
        *out = (Pair){kernels_root(k, ratio_sub(k, one, square), 1, 2), u};
    } else {
        Ratio c = kernels_root(k, ratio_add(k, one, square), -1, 2);
        *out = (Pair){c, ratio_mul(k, u, c)};
    }
    return true;
}

static Pair angle_piece(Kernels *k, Ratio t, mpq_srcptr q) {
    Pair res;
    if (!mpz_fits_slong_p(mpq_numref(q)) || !mpz_fits_slong_p(mpq_denref(q)) || mpz_cmp_ui(mpq_denref(q), MOST_PARTS) > 0 ||
        mpz_cmpabs_ui(mpq_numref(q), MOST_MULTIPLE) > 0) {
        int sign = mpq_sgn(q);
        mpq_t size;
        mpq_init(size);
        mpq_abs(size, q);
        res = angle(k, ratio_scale(k, t, size), sign, 1);
        mpq_clear(size);
        return res;
    }
    long num = mpz_get_si(mpq_numref(q)), den = mpz_get_si(mpq_denref(q));
    int at = kernel_of(k, t);
    if (0 <= at && expr_op(k->store, k->kernel[at].node) == EXPR_PI && known_angle(k, num, den, &res))
        return res;
    if (0 <= at && den == 1) {
        Kernel like = k->kernel[at];
        if (inverse_angle(k, &like, &res))
            return multiple(k, res, num);
    }
    return angle(k, t, num, den);
}

/* u less its multiples of pi, which go to *turned. */
static Ratio without_pi(Kernels *k, Ratio u, Pair *turned) {
    unsigned g = 0;
    mpq_t q;
    mpq_init(q);
    while (g < k->count && expr_op(k->store, k->kernel[g].node) != EXPR_PI)
        g++;
    if (g < k->count && k->op->value(k->ring, k->op->coefficient(k->ring, u, g, 1), q) && mpq_sgn(q)) {
        Ratio part = ratio_scale(k, k->kernel[g].value, q);
        *turned = angle_piece(k, k->kernel[g].value, q);
        u = ratio_sub(k, u, part);
    }
    mpq_clear(q);
    return u;
}

/* As one angle. */
static Pair whole_angle(Kernels *k, Ratio u) {
    mpq_t q, inverse;
    mpq_init(q);
    mpq_init(inverse);
    k->op->piece(k->ring, u, 0, q);
    mpq_inv(inverse, q);
    Pair res = angle_piece(k, ratio_scale(k, u, inverse), q);
    mpq_clear(q);
    mpq_clear(inverse);
    return res;
}

static Pair angle_of(Kernels *k, Ratio u) {
    Pair res = {ratio_int(k, 1), ratio_int(k, 0)};
    u = without_pi(k, u, &res);
    if (!u)
        return (Pair){0, 0};
    size_t count = k->op->terms(k->ring, u, RING_NUMERATOR);
    if (1 < count && (!k->split_angles || MOST_PIECES < count))
        return turn(k, res, whole_angle(k, u));
    Ratio part[2];
    size_t parts = kernels_divide_out(k, u, part);
    mpq_t q;
    mpq_init(q);
    for (size_t n = 0; n < parts; n++)
        for (size_t i = 0; i < k->op->terms(k->ring, part[n], RING_NUMERATOR); i++) {
            Ratio t = k->op->piece(k->ring, part[n], i, q);
            res = turn(k, res, angle_piece(k, t, q));
        }
    mpq_clear(q);
    return res;
}

bool kernels_cis_of(Kernels *k, Expr e, Ratio u, Ratio *c, Ratio *s) {
    Ratio part[MOST_SUMMANDS];
    Pair res = {ratio_int(k, 1), ratio_int(k, 0)};
    size_t count = 0;
    if (e && k->split_angles && summands(k, e, res.c, part, &count)) {
        for (size_t i = 0; i < count; i++)
            res = turn(k, res, angle_of(k, part[i]));
    } else {
        res = angle_of(k, u);
    }
    *c = res.c;
    *s = res.s;
    return res.c && res.s;
}
