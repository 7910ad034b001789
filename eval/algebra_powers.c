/* Powers, roots, logarithms and sizes: u is taken apart into irreducible factors, each of which has
 * its own kernels.  Laws that need a sign are used where the sign is known: sqrt(x*y) for unknown x
 * and y stays the root of the product. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"
#include "expr/build.h"
#include "parser/ast.h"

enum { MOST_POWER = 100000, MOST_PARTS = 60, TRIAL = 1000 };

/* u = product of base^exponent, also with each factor raised to the same power. */
typedef struct Factors {
    Ratio *base;
    long *exponent;
    size_t count, base_cap, exponent_cap;
} Factors;

static void factors_add(Factors *f, Ratio base, long exponent) {
    f->base = mem_grow(f->base, &f->base_cap, f->count + 1, sizeof *f->base);
    f->exponent = mem_grow(f->exponent, &f->exponent_cap, f->count + 1, sizeof *f->exponent);
    f->base[f->count] = base;
    f->exponent[f->count++] = exponent;
}

static void factors_done(Factors *f) {
    free(f->base);
    free(f->exponent);
}

static Ratio whole_number(Kernels *k, mpz_srcptr n) {
    mpq_t q;
    mpq_init(q);
    mpq_set_z(q, n);
    Ratio res = k->op->rational(k->ring, q);
    mpq_clear(q);
    return res;
}

/* The primes of |n|; a large rest is left whole. */
static void add_primes(Kernels *k, Factors *f, mpz_srcptr n, long sign) {
    mpz_t rest;
    mpz_init(rest);
    mpz_abs(rest, n);
    for (unsigned long p = 2; p < TRIAL && 0 < mpz_cmp_ui(rest, 1); p++) {
        long e = 0;
        for (; mpz_divisible_ui_p(rest, p); e++)
            mpz_divexact_ui(rest, rest, p);
        if (e)
            factors_add(f, ratio_int(k, (long)p), sign * e);
    }
    if (0 < mpz_cmp_ui(rest, 1)) {
        factors_add(f, whole_number(k, rest), sign);
        k->doubtful = k->doubtful || 0 < mpz_cmp_ui(rest, TRIAL * TRIAL);
    }
    mpz_clear(rest);
}

/* The factors of abs(u)^e. */
static void add_sizes(Kernels *k, Factors *f, Ratio u, long e) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    mpq_init(c);
    if (u && k->op->factor(k->ring, u, c, &list, &count)) {
        add_primes(k, f, mpq_numref(c), e);
        add_primes(k, f, mpq_denref(c), -e);
        for (size_t i = 0; i < count; i++)
            factors_add(f, kernels_abs(k, list[i].base), e * list[i].exponent);
    } else {
        factors_add(f, kernels_abs(k, u), e);
    }
    free(list);
    mpq_clear(c);
}

static RingFactor *factor_like(Kernels *k, RingFactor *list, size_t count, Ratio base) {
    for (size_t i = 0; i < count; i++)
        if (list[i].exponent && ratio_equal(k, list[i].base, base))
            return &list[i];
    return NULL;
}

/* 1 + cos t as 2 cos(t/2)^2 and cos t - 1 as -2 sin(t/2)^2, taken out of the list; both together as
 * -sin(t)^2.  Returns the sign of what is taken out. */
static int join_sines(Kernels *k, RingFactor *list, size_t count, Factors *f) {
    int res = 1;
    for (unsigned g = 0, known = k->count; g < known; g++) {
        if (k->kernel[g].kind != KERNEL_COS)
            continue;
        Ratio one = ratio_int(k, 1), two = ratio_int(k, 2), c, s;
        RingFactor *a = factor_like(k, list, count, ratio_add(k, k->kernel[g].value, one));
        RingFactor *b = factor_like(k, list, count, ratio_sub(k, k->kernel[g].value, one));
        if (a && b && a->exponent == b->exponent) {
            add_sizes(k, f, k->kernel[g].partner, 2 * a->exponent);
            res = a->exponent % 2 ? -res : res;
            a->exponent = b->exponent = 0;
            continue;
        }
        Ratio half = ratio_mul(k, k->kernel[g].arg, ratio_fraction(k, 1, 2 * k->kernel[g].parts));
        if ((!a && !b) || !kernels_cis_of(k, 0, half, &c, &s))
            continue;
        for (int side = 0; side < 2; side++) {
            RingFactor *at = side ? b : a;
            if (!at)
                continue;
            long e = at->exponent;
            if (side) /* abs(sin(t/2)) = abs(sin t)/(2 abs(cos(t/2))) */
                add_sizes(k, f, k->kernel[g].partner, 2 * e);
            add_sizes(k, f, c, side ? -2 * e : 2 * e);
            factors_add(f, two, side ? -e : e);
            res = side && at->exponent % 2 ? -res : res;
            at->exponent = 0;
        }
    }
    return res;
}

/* The odd exponent that all factors of unknown sign share: then their product has it, and is
 * positive where u is.  1 where they differ. */
static long shared_exponent(Kernels *k, const RingFactor *list, size_t count) {
    long res = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned bits = list[i].exponent % 2 ? kernels_sign(k, list[i].base) : 0;
        if (!(bits & SIGN_NEG) || !(bits & SIGN_POS))
            continue;
        if (res && res != list[i].exponent)
            return 1;
        res = list[i].exponent;
    }
    return res ? res : 1;
}

/* Takes the factors apart; *sign is the sign of what is left out.  What has no known sign stays
 * together, unless the power is whole. */
static void take_factors(Kernels *k, const RingFactor *list, size_t count, Factors *f, int *sign, bool whole) {
    long shared = shared_exponent(k, list, count);
    Ratio rest = ratio_int(k, 1);
    bool unknown = false;
    for (size_t i = 0; i < count; i++) {
        long e = list[i].exponent;
        unsigned bits = e ? kernels_sign(k, list[i].base) : 0;
        if (!e)
            continue;
        if (!(bits & SIGN_NEG) || whole) {
            factors_add(f, list[i].base, e);
        } else if (!(bits & SIGN_POS)) {
            factors_add(f, ratio_neg(k, list[i].base), e);
            *sign = e % 2 ? -*sign : *sign;
        } else if (e % 2 == 0) {
            factors_add(f, kernels_abs(k, list[i].base), e);
        } else {
            unknown = true;
            rest = ratio_mul(k, rest, list[i].base);
            if (e != shared) /* taken back when it is alone */
                factors_add(f, kernels_abs(k, list[i].base), e - shared);
        }
    }
    if (unknown) {
        factors_add(f, *sign < 0 ? ratio_neg(k, rest) : rest, shared);
        *sign = 1;
    }
}

/* Takes u apart, to be raised to a power that may be `whole`. */
static bool take_apart(Kernels *k, Ratio u, Factors *f, int *sign, bool whole) {
    RingFactor *list;
    size_t count;
    mpq_t c;
    mpq_init(c);
    bool res = k->op->factor(k->ring, u, c, &list, &count);
    if (res) {
        *sign = mpq_sgn(c);
        add_primes(k, f, mpq_numref(c), 1);
        add_primes(k, f, mpq_denref(c), -1);
        *sign *= join_sines(k, list, count, f);
        take_factors(k, list, count, f, sign, whole);
    }
    free(list);
    mpq_clear(c);
    return res;
}

/* ---- towers: base^(1/2), then base^(1/6) with cube base^(1/2), ... ---- */

static long gcd(long a, long b) {
    while (b) {
        long t = a % b;
        a = b;
        b = t;
    }
    return a;
}

static Expr root_node(Kernels *k, Ratio base, long parts) {
    Expr node = kernels_express(k, base), q = kernels_express(k, ratio_fraction(k, 1, parts));
    return parts == 2 ? build_fn_named(k->store, "sqrt", node) : build_pow(k->store, node, q);
}

/* base^(num/den) */
static Ratio root_of(Kernels *k, Ratio base, long num, long den) {
    if (den == 1)
        return num < -MOST_POWER || MOST_POWER < num ? 0 : ratio_pow(k, base, num);
    Ratio plainer = kernels_denest(k, base, num, den);
    if (plainer)
        return plainer;
    int size = den % 3 ? -1 : kernel_of(k, base);
    if (0 <= size && k->kernel[size].kind == KERNEL_ABS) /* the cube root of a size is that of a cube root */
        return kernels_power(k, kernels_abs(k, kernels_cbrt(k, k->kernel[size].arg)), ratio_fraction(k, 3 * num, den));
    int at = kernel_find(k, KERNEL_ROOT, 0, base, 0);
    long parts = at < 0 ? 1 : k->kernel[at].parts;
    if (parts % den) {
        long more = parts / gcd(parts, den) * den;
        Ratio below = at < 0 ? base : k->kernel[at].value;
        if (MOST_PARTS < more)
            return 0;
        unsigned sign = SIGN_POS | (kernels_sign(k, base) & SIGN_ZERO);
        at = kernel_add(k, (Kernel){.kind = KERNEL_ROOT, .arg = base, .parts = more, .sign = sign, .node = root_node(k, base, more)});
        if (at < 0)
            return 0;
        k->op->relation(k->ring, (unsigned)at, (unsigned)(more / parts), below);
        parts = more;
    }
    return ratio_pow(k, k->kernel[at].value, num * (parts / den));
}

static Ratio tower(Kernels *k, Ratio base, Ratio t, long num, long den) {
    int at = kernel_find(k, KERNEL_POWER, 0, base, t);
    long parts = at < 0 ? 0 : k->kernel[at].parts;
    if (!parts || parts % den) {
        long more = parts ? parts / gcd(parts, den) * den : den;
        Expr a = kernels_express(k, ratio_mul(k, t, ratio_fraction(k, 1, more)));
        Kernel made = {.kind = KERNEL_POWER, .arg = base, .arg2 = t, .parts = more};
        made.node = build_pow(k->store, kernels_express(k, base), a);
        made.sign = kernels_sign(k, base) == SIGN_POS ? SIGN_POS : SIGN_ANY;
        Ratio below = at < 0 ? 0 : k->kernel[at].value;
        long minus;
        bool unit = ratio_integer(k, base, &minus) && minus == -1;
        at = MOST_PARTS < more ? -1 : kernel_add(k, made);
        if (at < 0)
            return 0;
        if (below)
            k->op->relation(k->ring, (unsigned)at, (unsigned)(more / parts), below);
        else if (unit && more == 1 && kernels_whole(k, t))
            k->op->relation(k->ring, (unsigned)at, 2, ratio_int(k, 1));
        parts = more;
    }
    return ratio_pow(k, k->kernel[at].value, num * (parts / den));
}

/* base^(w/log(base)) = exp(w) */
static Ratio undo_log(Kernels *k, Ratio base, Ratio t, mpq_srcptr q) {
    int at = kernel_find(k, KERNEL_LOG, 0, base, 0);
    if (at < 0 || !k->op->divides(k->ring, k->kernel[at].value, ratio_div(k, ratio_int(k, 1), t)))
        return 0;
    return kernels_exp(k, ratio_scale(k, ratio_mul(k, t, k->kernel[at].value), q));
}

/* a^log(b) is b^log(a): the base whose logarithm is the earlier kernel stands below. */
static bool is_later_base(Kernels *k, Ratio base, Ratio t) {
    int within = kernels_log_within(k, t), own = kernel_find(k, KERNEL_LOG, 0, base, 0);
    return 0 <= within && (own < 0 || within < own) && kernels_sign(k, base) == SIGN_POS;
}

Ratio kernels_base_power(Kernels *k, Ratio base, Ratio t, mpq_srcptr q) {
    if (!mpz_fits_slong_p(mpq_numref(q)) || !mpz_fits_slong_p(mpq_denref(q)) || mpz_cmp_ui(mpq_denref(q), MOST_PARTS) > 0)
        return 0;
    long one, num = mpz_get_si(mpq_numref(q)), den = mpz_get_si(mpq_denref(q));
    bool constant = ratio_integer(k, t, &one) && one == 1;
    if (constant && den == 1)
        return root_of(k, base, num, den);
    if (ratio_integer(k, base, &one) && one == 1)
        return base;
    int at = kernel_of(k, base);
    Kernel like = at < 0 ? (Kernel){.kind = KERNEL_NODE} : k->kernel[at];
    if (like.kind == KERNEL_EXP)
        return kernels_exp(k, ratio_mul(k, ratio_scale(k, t, q), ratio_mul(k, like.arg, ratio_fraction(k, 1, like.parts))));
    if (like.kind == KERNEL_ROOT)
        return kernels_power(k, like.arg, ratio_mul(k, ratio_scale(k, t, q), ratio_fraction(k, 1, like.parts)));
    if (like.kind == KERNEL_POWER && kernels_sign(k, like.arg) == SIGN_POS)
        return kernels_power(k, like.arg, ratio_mul(k, ratio_mul(k, ratio_scale(k, t, q), like.arg2), ratio_fraction(k, 1, like.parts)));
    if (constant)
        return root_of(k, base, num, den);
    if (is_later_base(k, base, t))
        return kernels_exp(k, ratio_scale(k, ratio_mul(k, t, kernels_log(k, base)), q));
    Ratio undone = undo_log(k, base, t, q);
    return undone ? undone : tower(k, base, t, num, den);
}

static Ratio raise_all(Kernels *k, const Factors *f, Ratio a) {
    Ratio res = ratio_int(k, 1), part[2];
    size_t parts = kernels_divide_out(k, a, part);
    mpq_t q, e;
    mpq_init(q);
    mpq_init(e);
    for (size_t n = 0; n < parts; n++)
        for (size_t p = 0; p < k->op->terms(k->ring, part[n], RING_NUMERATOR); p++) {
            Ratio t = k->op->piece(k->ring, part[n], p, q);
            for (size_t i = 0; i < f->count; i++) {
                mpq_set_si(e, f->exponent[i], 1);
                mpq_mul(e, e, q);
                res = ratio_mul(k, res, kernels_base_power(k, f->base[i], t, e));
            }
        }
    mpq_clear(q);
    mpq_clear(e);
    return res;
}

Ratio kernels_power(Kernels *k, Ratio u, Ratio a) {
    long n;
    mpq_t q;
    if (!u || !a)
        return 0;
    if (ratio_integer(k, a, &n))
        return n < -MOST_POWER || MOST_POWER < n ? 0 : ratio_pow(k, u, n);
    mpq_init(q);
    bool number = k->op->value(k->ring, a, q), positive = number && 0 < mpq_sgn(q);
    mpq_clear(q);
    if (ratio_is_zero(k, u)) /* 0^a is 1 if a is 0 */
        return positive ? u : number || kernels_sign(k, a) & SIGN_NEG ? 0 : kernels_relation(k, REL_EQ, a, u);
    Factors f = {0};
    int sign = 1;
    Ratio res = 0;
    if (take_apart(k, u, &f, &sign, kernels_whole(k, a)) && (0 < sign || !number)) {
        if (sign < 0)
            factors_add(&f, ratio_int(k, -1), 1);
        res = raise_all(k, &f, a);
    }
    factors_done(&f);
    return res;
}

Ratio kernels_root(Kernels *k, Ratio u, long num, long den) {
    return kernels_power(k, u, ratio_fraction(k, num, den));
}

/* ---- sizes ---- */

static Ratio size_of(Kernels *k, Ratio f) {
    unsigned bits = kernels_sign(k, f);
    if (!(bits & SIGN_NEG))
        return f;
    if (!(bits & SIGN_POS))
        return ratio_neg(k, f);
    int at = kernel_find(k, KERNEL_ABS, 0, f, 0);
    if (at < 0) {
        Expr node = build_fn_named(k->store, "abs", kernels_express(k, f));
        at = kernel_add(k, (Kernel){.kind = KERNEL_ABS, .arg = f, .node = node, .sign = SIGN_POS | (kernels_sign(k, f) & SIGN_ZERO)});
        if (at < 0)
            return 0;
        k->op->relation(k->ring, (unsigned)at, 2, ratio_mul(k, f, f));
    }
    return k->kernel[at].value;
}

/* Factors of u; the caller frees. */
static bool factor(Kernels *k, Ratio u, mpq_ptr c, RingFactor **list, size_t *count) {
    return u && k->op->factor(k->ring, u, c, list, count);
}

Ratio kernels_abs(Kernels *k, Ratio u) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    if (!u || ratio_is_zero(k, u))
        return u;
    unsigned bits = kernels_sign(k, u);
    if (!(bits & SIGN_NEG))
        return u;
    if (!(bits & SIGN_POS))
        return ratio_neg(k, u);
    mpq_init(c);
    Ratio res = 0;
    if (factor(k, u, c, &list, &count)) {
        mpq_abs(c, c);
        res = k->op->rational(k->ring, c);
        for (size_t i = 0; i < count; i++) {
            bool even = list[i].exponent % 2 == 0;
            res = ratio_mul(k, res, ratio_pow(k, even ? list[i].base : size_of(k, list[i].base), list[i].exponent));
        }
    }
    free(list);
    mpq_clear(c);
    return res;
}

/* ---- cube roots, of negative numbers too ---- */

static Ratio cube_root(Kernels *k, Ratio f) {
    unsigned bits = kernels_sign(k, f);
    if (!(bits & SIGN_NEG))
        return kernels_power(k, f, ratio_fraction(k, 1, 3));
    if (!(bits & SIGN_POS))
        return ratio_neg(k, kernels_power(k, ratio_neg(k, f), ratio_fraction(k, 1, 3)));
    int at = kernel_find(k, KERNEL_CBRT, 0, f, 0);
    if (at < 0) {
        Expr node = build_fn_named(k->store, "cbrt", kernels_express(k, f));
        at = kernel_add(k, (Kernel){.kind = KERNEL_CBRT, .arg = f, .node = node, .sign = kernels_sign(k, f)});
        if (at < 0)
            return 0;
        k->op->relation(k->ring, (unsigned)at, 3, f);
    }
    return k->kernel[at].value;
}

Ratio kernels_cbrt(Kernels *k, Ratio u) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    if (!u || ratio_is_zero(k, u))
        return u;
    mpq_init(c);
    Ratio res = 0;
    if (factor(k, u, c, &list, &count)) {
        int sign = mpq_sgn(c);
        mpq_abs(c, c);
        res = kernels_power(k, k->op->rational(k->ring, c), ratio_fraction(k, 1, 3));
        res = sign < 0 ? ratio_neg(k, res) : res;
        for (size_t i = 0; i < count; i++)
            res = ratio_mul(k, res, ratio_pow(k, cube_root(k, list[i].base), list[i].exponent));
    }
    free(list);
    mpq_clear(c);
    return res;
}

/* ---- logarithms: log(u) = sum of e*log(abs(base)), whatever the signs, as u > 0 ---- */

/* A logarithm of roots by another: log(a + b*r) = log(a^2 - b^2*r^2) - log(a - b*r), or as a power. */
static Ratio log_by_another(Kernels *k, Ratio base) {
    mpq_t c;
    long n, m;
    mpq_init(c);
    int at = kernels_power_of(k, KERNEL_LOG, base, c, &n, &m);
    Ratio res = at < 0 ? 0 : ratio_mul(k, ratio_fraction(k, n, (long)m), k->kernel[at].value);
    if (res)
        res = ratio_add(k, res, kernels_log(k, k->op->rational(k->ring, c)));
    mpq_clear(c);
    for (unsigned g = 0; !res && g < k->count; g++) {
        Ratio a, second;
        if (!kernels_linear(k, base, g, &a, &second))
            continue;
        Ratio other = ratio_sub(k, a, second), norm = ratio_mul(k, base, other);
        at = kernel_find(k, KERNEL_LOG, 0, other, 0);
        at = at < 0 ? kernel_find(k, KERNEL_LOG, 0, ratio_neg(k, other), 0) : at;
        if (0 <= at && !ratio_is_zero(k, norm) && ratio_equal(k, norm, k->op->coefficient(k->ring, norm, g, 0)))
            res = ratio_sub(k, kernels_log(k, norm), k->kernel[at].value);
    }
    return res;
}

static Ratio log_of(Kernels *k, Ratio base) {
    long one;
    if (ratio_integer(k, base, &one) && (one == 1 || one == -1))
        return ratio_int(k, 0);
    int at = kernel_of(k, base);
    if (0 <= at) {
        Kernel like = k->kernel[at];
        Ratio part = ratio_fraction(k, 1, like.parts ? like.parts : 1);
        if (like.kind == KERNEL_EXP)
            return ratio_mul(k, like.arg, part);
        if (like.kind == KERNEL_ROOT)
            return ratio_mul(k, kernels_log(k, like.arg), part);
        if (like.kind == KERNEL_POWER && kernels_sign(k, like.arg) == SIGN_POS)
            return ratio_mul(k, ratio_mul(k, kernels_log(k, like.arg), like.arg2), part);
        if (like.kind == KERNEL_ABS)
            return kernels_log(k, like.arg);
        if (like.kind == KERNEL_CBRT)
            return ratio_mul(k, kernels_log(k, like.arg), ratio_fraction(k, 1, 3));
    }
    at = kernel_find(k, KERNEL_LOG, 0, base, 0);
    Ratio bound = at < 0 ? log_by_another(k, base) : 0;
    if (bound)
        return bound;
    if (at < 0) {
        Expr node = kernels_express(k, base);
        if (kernels_sign(k, base) & SIGN_NEG)
            node = build_fn_named(k->store, "abs", node);
        Kernel made = {.kind = KERNEL_LOG, .arg = base, .node = build_fn_named(k->store, "log", node)};
        if (kernels_sign(k, base) == SIGN_POS)
            made.sign = kernels_sign(k, ratio_sub(k, base, ratio_int(k, 1)));
        at = kernel_add(k, made);
    }
    return at < 0 ? 0 : k->kernel[at].value;
}

Ratio kernels_log(Kernels *k, Ratio u) {
    RingFactor *list = NULL;
    size_t count;
    mpq_t c;
    if (!u || ratio_is_zero(k, u))
        return 0;
    Factors f = {0};
    mpq_init(c);
    Ratio res = 0;
    if (factor(k, u, c, &list, &count)) {
        add_primes(k, &f, mpq_numref(c), 1);
        add_primes(k, &f, mpq_denref(c), -1);
        join_sines(k, list, count, &f);
        for (size_t i = 0; i < count; i++)
            if (list[i].exponent)
                factors_add(&f, list[i].base, list[i].exponent);
        res = ratio_int(k, 0);
        for (size_t i = 0; i < f.count; i++)
            res = ratio_add(k, res, ratio_mul(k, ratio_int(k, f.exponent[i]), log_of(k, f.base[i])));
    }
    factors_done(&f);
    free(list);
    mpq_clear(c);
    return res;
}
