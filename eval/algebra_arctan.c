/* Arcs: all as arctangents, asin(u) = atan(u/sqrt(1 - u^2)), each told by an earlier one where a
 * relation of two binds them (reciprocals, doubles, halves), whose signs are known. */
#include "eval/algebra_kernels.h"
#include "expr/build.h"

static Ratio pi_times(Kernels *k, long num, long den) {
    return ratio_mul(k, ratio_fraction(k, num, den), kernel_for_node(k, expr_make(k->store, EXPR_PI, 0, 0, NULL)));
}

/* tan(2 atan(v)) */
static Ratio doubled(Kernels *k, Ratio v) {
    Ratio one = ratio_int(k, 1);
    return ratio_div(k, ratio_mul(k, ratio_int(k, 2), v), ratio_sub(k, one, ratio_mul(k, v, v)));
}

static bool not_negative(Kernels *k, Ratio v) {
    return !(kernels_sign(k, v) & SIGN_NEG);
}

/* Within -1..1: at the ends tan(2 atan(v)) has no value. */
static bool within_one(Kernels *k, Ratio v) {
    Ratio one = ratio_int(k, 1);
    return not_negative(k, ratio_sub(k, one, ratio_mul(k, v, v))) ||
           (not_negative(k, ratio_sub(k, one, v)) && not_negative(k, ratio_add(k, one, v)));
}

/* 1 if a is b, -1 if it is -b, 0 else. */
static int same(Kernels *k, Ratio a, Ratio b) {
    if (!a || !b)
        return 0;
    return ratio_equal(k, a, b) ? 1 : ratio_equal(k, a, ratio_neg(k, b)) ? -1 : 0;
}

/* atan(u) by value = atan(v), 0 where they are not bound. */
static Ratio by_another(Kernels *k, Ratio u, Ratio v, Ratio value) {
    Ratio over = ratio_div(k, ratio_int(k, 1), v), of_u = doubled(k, u), of_v = doubled(k, v);
    int sign = same(k, u, over);
    unsigned own = sign ? kernels_sign(k, u) : 0;
    if (own == SIGN_POS || own == SIGN_NEG) { /* u = 1/v: both of one sign */
        Ratio half = pi_times(k, own == SIGN_POS ? 1 : -1, 2);
        return sign < 0 ? ratio_add(k, half, value) : ratio_sub(k, half, value);
    }
    sign = same(k, u, of_v);
    if (sign && within_one(k, v))
        return ratio_mul(k, ratio_int(k, 2 * sign), value);
    sign = same(k, of_u, v);
    if (sign && within_one(k, u))
        return ratio_mul(k, ratio_fraction(k, sign, 2), value);
    sign = same(k, ratio_mul(k, of_u, v), ratio_int(k, 1)); /* pi/2 - 2 atan(u) = atan(1/tan(2 atan(u))) for u >= 0 */
    if (sign && not_negative(k, u))
        return ratio_sub(k, pi_times(k, 1, 4), ratio_mul(k, ratio_fraction(k, sign, 2), value));
    sign = same(k, ratio_mul(k, of_v, u), ratio_int(k, 1));
    if (sign && not_negative(k, v))
        return ratio_mul(k, ratio_int(k, sign), ratio_sub(k, pi_times(k, 1, 2), ratio_mul(k, ratio_int(k, 2), value)));
    return 0;
}

/* atan of 1, sqrt(3), 1/sqrt(3). */
static Ratio known(Kernels *k, Ratio u) {
    static const struct {
        long num, den, part;
    } squares[] = {{1, 1, 4}, {3, 1, 3}, {1, 3, 6}};
    Ratio square = ratio_mul(k, u, u);
    unsigned sign = kernels_sign(k, u);
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        if (ratio_equal(k, square, ratio_fraction(k, squares[i].num, squares[i].den)) && (sign == SIGN_POS || sign == SIGN_NEG))
            return pi_times(k, sign == SIGN_POS ? 1 : -1, squares[i].part);
    return 0;
}

Ratio kernels_arctan(Kernels *k, Ratio u) {
    if (!u || ratio_is_zero(k, u))
        return u;
    unsigned sign_of_u = kernels_sign(k, u);
    if (sign_of_u == SIGN_ZERO)
        return ratio_int(k, 0);
    if (!(sign_of_u & SIGN_POS))
        return ratio_neg(k, kernels_arctan(k, ratio_neg(k, u)));
    Ratio res = known(k, u);
    for (unsigned g = 0; !res && g < k->count; g++) {
        Kernel at = k->kernel[g];
        int sign = at.kind == KERNEL_FN && at.function == FUNCTION_atan ? same(k, u, at.arg) : 0;
        if (sign)
            res = sign < 0 ? ratio_neg(k, at.value) : at.value;
    }
    for (unsigned g = 0; !res && g < k->count; g++)
        if (k->kernel[g].kind == KERNEL_FN && k->kernel[g].function == FUNCTION_atan)
            res = by_another(k, u, k->kernel[g].arg, k->kernel[g].value);
    return res ? res : kernels_odd(k, FUNCTION_atan, u);
}

Ratio kernels_arcsin(Kernels *k, Ratio u) {
    Ratio one = ratio_int(k, 1);
    int end = same(k, u, one);
    if (!u || ratio_is_zero(k, u))
        return u;
    if (end)
        return pi_times(k, end, 2);
    Ratio root = kernels_root(k, ratio_sub(k, one, ratio_mul(k, u, u)), 1, 2);
    Ratio res = root ? kernels_arctan(k, ratio_div(k, u, root)) : 0;
    return res ? res : kernels_odd(k, FUNCTION_asin, u);
}

/* By the half-plane in which (x, y) is known to lie; 0 if it is not known. */
Ratio kernels_arctan2(Kernels *k, Ratio y, Ratio x) {
    unsigned of_x = kernels_sign(k, x), of_y = kernels_sign(k, y);
    if (of_x == SIGN_POS)
        return kernels_arctan(k, ratio_div(k, y, x));
    if (of_y == SIGN_POS || of_y == SIGN_NEG)
        return ratio_sub(k, pi_times(k, of_y == SIGN_POS ? 1 : -1, 2), kernels_arctan(k, ratio_div(k, x, y)));
    if (of_x == SIGN_NEG && !(of_y & SIGN_NEG))
        return ratio_add(k, pi_times(k, 1, 1), kernels_arctan(k, ratio_div(k, y, x)));
    return 0;
}
