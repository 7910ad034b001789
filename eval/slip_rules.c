/* What is done wrong, rule by rule: the derivative of a node from those of its operands, as people
 * misremember it.  See slip_rules.h. */
#include "eval/slip_rules.h"

#include "expr/build.h"
#include "expr/functions.h"
#include "expr/partial.h"

static bool is_constant(const SlipAt *a, Expr derivative) {
    return build_is_zero(a->s, derivative);
}

static Expr square(Store *s, Expr e) {
    return build_pow(s, e, expr_int(s, 2));
}

/* The derivative of the outer function: of a function of one argument, a power, an exponential; 0. */
static Expr outer_of(const SlipAt *a) {
    if ((a->op == EXPR_FN && !a->v) || (a->op == EXPR_POW && is_constant(a, a->dv)))
        return a->outer[0];
    return a->op == EXPR_POW && is_constant(a, a->du) ? a->outer[1] : 0;
}

/* The derivative of a function of the table at an argument. */
static Expr table_of(const SlipAt *a, uint32_t function, Expr argument) {
    const char *why;
    Expr e = build_fn(a->s, function, 1, &argument);
    return expr_op(a->s, e) == EXPR_FN ? partial_of(a->d, e, 0, &why) : 0;
}

static bool is_chain(const SlipAt *a) {
    Expr inner = a->op == EXPR_POW && is_constant(a, a->du) ? a->dv : a->du;
    return outer_of(a) && !build_is_zero(a->s, inner) && !build_is_one(a->s, inner);
}

static Expr inner_of(const SlipAt *a) {
    return a->op == EXPR_POW && is_constant(a, a->du) ? a->dv : a->du;
}

/* ---- what is done wrong; 0: does not apply ---- */

static Expr chain_lost(const SlipAt *a) {
    if (a->op == EXPR_DIV && is_constant(a, a->du)) /* c/v */
        return build_neg(a->s, build_div(a->s, a->u, square(a->s, a->v)));
    return is_chain(a) ? outer_of(a) : 0;
}

static Expr chain_inner_only(const SlipAt *a) {
    return is_chain(a) ? build_mul(a->s, a->node, inner_of(a)) : 0;
}

static Expr chain_at_inner(const SlipAt *a) {
    if (a->op == EXPR_FN)
        return is_chain(a) ? table_of(a, expr_payload(a->s, a->node), a->du) : 0;
    if (a->op != EXPR_POW || !is_constant(a, a->dv))
        return 0;
    return build_mul(a->s, a->v, build_pow(a->s, a->du, build_sub(a->s, a->v, expr_int(a->s, 1))));
}

/* g(u') */
static Expr chain_argument_only(const SlipAt *a) {
    return a->op == EXPR_FN && is_chain(a) ? build_fn(a->s, expr_payload(a->s, a->node), 1, &a->du)
                                           : 0;
}

static Expr chain_added(const SlipAt *a) {
    return is_chain(a) ? build_add(a->s, outer_of(a), inner_of(a)) : 0;
}

static bool is_product(const SlipAt *a) {
    return a->op == EXPR_MUL && !is_constant(a, a->du) && !is_constant(a, a->dv);
}

static Expr product_of_derivatives(const SlipAt *a) {
    return is_product(a) ? build_mul(a->s, a->du, a->dv) : 0;
}

static Expr product_first_only(const SlipAt *a) {
    return is_product(a) ? build_mul(a->s, a->du, a->v) : 0;
}

static Expr product_second_only(const SlipAt *a) {
    return is_product(a) ? build_mul(a->s, a->u, a->dv) : 0;
}

static Expr product_minus(const SlipAt *a) {
    return is_product(a)
               ? build_sub(a->s, build_mul(a->s, a->du, a->v), build_mul(a->s, a->u, a->dv))
               : 0;
}

static Expr product_minus_turned(const SlipAt *a) {
    Expr e = product_minus(a);
    return e ? build_neg(a->s, e) : 0;
}

static bool is_quotient(const SlipAt *a) {
    return a->op == EXPR_DIV && !is_constant(a, a->dv);
}

/* (sign1*u'*v + sign2*u*v')/v^power */
static Expr quotient(const SlipAt *a, int first, int second, long power) {
    if (!is_quotient(a))
        return 0;
    Expr x = build_mul(a->s, build_mul(a->s, expr_int(a->s, first), a->du), a->v);
    Expr y = build_mul(a->s, build_mul(a->s, expr_int(a->s, second), a->u), a->dv);
    return build_div(a->s, build_add(a->s, x, y), build_pow(a->s, a->v, expr_int(a->s, power)));
}

static Expr quotient_swapped(const SlipAt *a) {
    return is_constant(a, a->du) ? 0 : quotient(a, -1, 1, 2);
}
static Expr quotient_plus(const SlipAt *a) {
    return is_constant(a, a->du) ? 0 : quotient(a, 1, 1, 2);
}
static Expr reciprocal_sign(const SlipAt *a) {
    return is_constant(a, a->du) ? quotient(a, 0, 1, 2) : 0;
}
static Expr quotient_not_squared(const SlipAt *a) {
    return quotient(a, 1, -1, 1);
}
static Expr quotient_undivided(const SlipAt *a) {
    return quotient(a, 1, -1, 0);
}
static Expr quotient_first_only(const SlipAt *a) {
    return quotient(a, 1, 0, 2);
}
static Expr quotient_second_only(const SlipAt *a) {
    return is_constant(a, a->du) ? 0 : quotient(a, 0, -1, 2);
}
static Expr quotient_by_square_of_derivative(const SlipAt *a) {
    Expr e = quotient(a, 1, -1, 0);
    return e ? build_div(a->s, e, square(a->s, a->dv)) : 0;
}
static Expr quotient_inner_lost(const SlipAt *a) { /* (u'*v - u)/v^2 */
    if (!is_quotient(a) || is_constant(a, a->du))
        return 0;
    return build_div(a->s, build_sub(a->s, build_mul(a->s, a->du, a->v), a->u), square(a->s, a->v));
}
static Expr quotient_of_derivatives(const SlipAt *a) {
    return is_quotient(a) ? build_div(a->s, a->du, a->dv) : 0;
}

/* factor*u^(n + shift)*u', for a constant exponent n. */
static Expr power(const SlipAt *a, Expr factor, long shift) {
    if (a->op != EXPR_POW || !is_constant(a, a->dv) || is_constant(a, a->du))
        return 0;
    Expr p = build_pow(a->s, a->u, build_add(a->s, a->v, expr_int(a->s, shift)));
    return build_mul(a->s, build_mul(a->s, factor, p), a->du);
}

static Expr power_not_lowered(const SlipAt *a) {
    return power(a, a->v, 0);
}
static Expr power_no_factor(const SlipAt *a) {
    return power(a, expr_int(a->s, 1), -1);
}
static Expr power_raised(const SlipAt *a) {
    return power(a, a->v, 1);
}
static Expr power_lowered_twice(const SlipAt *a) {
    return power(a, a->v, -2);
}
static Expr power_factor_lowered(const SlipAt *a) {
    return power(a, build_sub(a->s, a->v, expr_int(a->s, 1)), -1);
}
static Expr power_integrated(const SlipAt *a) {
    Expr n = build_add(a->s, a->v ? a->v : a->u, expr_int(a->s, 1));
    return a->op == EXPR_POW && !build_is_zero(a->s, n)
               ? power(a, build_div(a->s, expr_int(a->s, 1), n), 1)
               : 0;
}

static bool is_function(const SlipAt *a, int f) {
    return a->op == EXPR_FN && expr_payload(a->s, a->node) == (uint32_t)f && !is_constant(a, a->du);
}

static Expr root_half_lost(const SlipAt *a) {
    return is_function(a, FUNCTION_sqrt) ? build_mul(a->s, expr_int(a->s, 2), a->right) : 0;
}

static bool is_exponential(const SlipAt *a) {
    return a->op == EXPR_POW && is_constant(a, a->du) && !is_constant(a, a->dv);
}

/* x*c^(x-1) for c^x. */
static Expr exponential_as_power(const SlipAt *a) {
    Expr one = expr_int(a->s, 1);
    if (is_function(a, FUNCTION_exp)) {
        Expr lower = build_sub(a->s, a->u, one);
        return build_mul(a->s, build_mul(a->s, a->u, build_fn(a->s, FUNCTION_exp, 1, &lower)),
                         a->du);
    }
    if (a->op == EXPR_POW && !is_constant(a, a->du) && !is_constant(a, a->dv)) /* u^v */
        return build_mul(a->s,
                         build_mul(a->s, a->v, build_pow(a->s, a->u, build_sub(a->s, a->v, one))),
                         a->du);
    if (!is_exponential(a))
        return 0;
    return build_mul(a->s, build_mul(a->s, a->v, build_pow(a->s, a->u, build_sub(a->s, a->v, one))),
                     a->dv);
}

static Expr power_as_exponential(const SlipAt *a) {
    if (a->op != EXPR_POW || is_constant(a, a->du) || is_constant(a, a->dv))
        return 0;
    return build_mul(a->s, build_mul(a->s, a->node, build_fn_named(a->s, "log", a->u)), a->dv);
}

static Expr exponential_no_log(const SlipAt *a) {
    return is_exponential(a) ? build_mul(a->s, a->node, a->dv) : 0;
}

/* The derivative of a function of the table with its sign turned, where signs are easily mistaken. */
static Expr table_sign(const SlipAt *a) {
    static const int list[] = {FUNCTION_sin,  FUNCTION_cos,  FUNCTION_sinh, FUNCTION_cosh,
                               FUNCTION_tan,  FUNCTION_tanh, FUNCTION_asin, FUNCTION_acos,
                               FUNCTION_atan, FUNCTION_sec,  FUNCTION_csc,  FUNCTION_cot,
                               FUNCTION_erfc};
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        if (is_function(a, list[i]))
            return build_neg(a->s, a->right);
    return 0;
}

/* As if it were the other of a pair. */
static Expr table_mixed(const SlipAt *a) {
    static const int pair[][2] = {{FUNCTION_sin, FUNCTION_cos},
                                  {FUNCTION_sinh, FUNCTION_cosh},
                                  {FUNCTION_tan, FUNCTION_cot},
                                  {FUNCTION_asin, FUNCTION_acos},
                                  {FUNCTION_asin, FUNCTION_atan}};
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        for (int k = 0; k < 2; k++)
            if (is_function(a, pair[i][k])) {
                Expr d = table_of(a, (uint32_t)pair[i][1 - k], a->u);
                return d ? build_mul(a->s, d, a->du) : 0;
            }
    return 0;
}

static bool is_sum(const SlipAt *a) {
    return a->op == EXPR_ADD || a->op == EXPR_SUB;
}

static Expr sum_sign(const SlipAt *a) {
    if (a->op == EXPR_NEG)
        return a->du;
    if (!is_sum(a) || is_constant(a, a->dv))
        return 0;
    return a->op == EXPR_SUB ? build_add(a->s, a->du, a->dv) : build_sub(a->s, a->du, a->dv);
}

static Expr constant_kept(const SlipAt *a) {
    if (!is_sum(a) || is_constant(a, a->du) == is_constant(a, a->dv))
        return 0;
    Expr x = is_constant(a, a->du) ? a->u : a->du, y = is_constant(a, a->dv) ? a->v : a->dv;
    return a->op == EXPR_ADD ? build_add(a->s, x, y) : build_sub(a->s, x, y);
}

static Expr factor_lost(const SlipAt *a) {
    if (a->op == EXPR_DIV && is_constant(a, a->dv))
        return a->du;
    if (a->op != EXPR_MUL || is_constant(a, a->du) == is_constant(a, a->dv))
        return 0;
    return is_constant(a, a->du) ? a->dv : a->du;
}

static Expr kept(const SlipAt *a) {
    return is_constant(a, a->right) || is_sum(a) || a->op == EXPR_NEG ? 0 : a->node;
}

/* A variable that is held fixed, differentiated as if it were the one. */
static Expr other_varies(const SlipAt *a) {
    return a->op == EXPR_SYM && a->node != a->variable && expr_rank(a->s, a->node) == 0
               ? expr_int(a->s, 1)
               : 0;
}

static Expr held_fixed(const SlipAt *a) {
    bool part = is_constant(a, a->right) || is_sum(a) || a->op == EXPR_NEG;
    return part ? 0 : expr_int(a->s, 0);
}

static Expr chain_detail(const SlipAt *a) {
    return a->op == EXPR_DIV ? a->dv : inner_of(a);
}
static Expr first_half(const SlipAt *a) {
    return build_mul(a->s, a->du, a->v);
}
static Expr constant_factor(const SlipAt *a) {
    return a->op == EXPR_DIV       ? build_div(a->s, expr_int(a->s, 1), a->v)
           : is_constant(a, a->du) ? a->u
                                   : a->v;
}
static Expr second_half(const SlipAt *a) {
    return build_mul(a->s, a->u, a->dv);
}
static Expr denominator(const SlipAt *a) {
    return a->dv;
}
Expr slip_right_of(const SlipAt *a) {
    return a->right;
}
static Expr log_of_base(const SlipAt *a) {
    return build_fn_named(a->s, "log", a->u);
}

const SlipRule slip_rules[] = {
    {SLIP_CHAIN, chain_lost, "the inner derivative of %s is lost", chain_detail},
    {SLIP_PRODUCT, product_first_only, "the product rule for %s: one of its two terms is missing",
     second_half},
    {SLIP_PRODUCT, product_second_only, "the product rule for %s: one of its two terms is missing",
     first_half},
    {SLIP_PRODUCT, product_of_derivatives,
     "the derivative of the product %s is not the product of the derivatives", slip_right_of},
    {SLIP_SIGN, table_sign, "the sign of the derivative of %s is wrong", slip_right_of},
    {SLIP_PRODUCT, product_minus,
     "the product rule for %s: the two terms are added, not subtracted", slip_right_of},
    {SLIP_PRODUCT, product_minus_turned,
     "the product rule for %s: the two terms are added, not subtracted", slip_right_of},
    {SLIP_QUOTIENT, quotient_swapped,
     "the quotient rule for %s: the two terms of the numerator are swapped", NULL},
    {SLIP_SIGN, reciprocal_sign, "the sign of the derivative of %s is wrong", slip_right_of},
    {SLIP_CHAIN, quotient_inner_lost,
     "the quotient rule for %s: the derivative of the denominator is lost", denominator},
    {SLIP_QUOTIENT, quotient_plus,
     "the quotient rule for %s: the terms of the numerator are subtracted, not added", NULL},
    {SLIP_QUOTIENT, quotient_not_squared,
     "the quotient rule for %s: the denominator is not squared", NULL},
    {SLIP_QUOTIENT, quotient_undivided, "the quotient rule for %s: the denominator is lost", NULL},
    {SLIP_QUOTIENT, quotient_first_only,
     "the quotient rule for %s: the second term of the numerator is missing", second_half},
    {SLIP_QUOTIENT, quotient_second_only,
     "the quotient rule for %s: the first term of the numerator is missing", first_half},
    {SLIP_QUOTIENT, quotient_by_square_of_derivative,
     "the quotient rule for %s: the denominator is the square of its derivative", NULL},
    {SLIP_QUOTIENT, quotient_of_derivatives,
     "the derivative of the quotient %s is not the quotient of the derivatives", slip_right_of},
    {SLIP_POWER, power_not_lowered, "the power rule for %s: the exponent is not lowered by one",
     NULL},
    {SLIP_POWER, power_no_factor,
     "the power rule for %s: the exponent does not come down as a factor", NULL},
    {SLIP_POWER, power_raised, "the power rule for %s: the exponent is raised, not lowered", NULL},
    {SLIP_POWER, power_lowered_twice, "the power rule for %s: the exponent is lowered by two",
     NULL},
    {SLIP_POWER, power_factor_lowered,
     "the power rule for %s: the exponent comes down as it was, not lowered", NULL},
    {SLIP_INTEGRAL, power_integrated, "%s is integrated, not differentiated", slip_right_of},
    {SLIP_FACTOR, root_half_lost, "the factor 1/2 of the derivative of %s is lost", NULL},
    {SLIP_POWER, exponential_as_power,
     "%s is differentiated by the power rule, but its exponent varies", slip_right_of},
    {SLIP_POWER, power_as_exponential,
     "%s is differentiated as an exponential, but its base varies", slip_right_of},
    {SLIP_FACTOR, exponential_no_log, "the derivative of %s lacks the logarithm of the base",
     log_of_base},
    {SLIP_FUNCTION, table_mixed, "the derivative of %s is taken for that of another function",
     slip_right_of},
    {SLIP_FACTOR, factor_lost, "the constant factor of %s is lost", constant_factor},
    {SLIP_SIGN, sum_sign, "a sign is wrong in the derivative of %s", NULL},
    {SLIP_KEPT, constant_kept, "the constant term of %s is kept: its derivative is 0", NULL},
    {SLIP_CHAIN, chain_inner_only,
     "only the inner function of %s is differentiated, the outer one is kept", slip_right_of},
    {SLIP_CHAIN, chain_argument_only, "only the argument of %s is differentiated", slip_right_of},
    {SLIP_CHAIN, chain_at_inner, "the outer derivative of %s is taken at the inner derivative",
     slip_right_of},
    {SLIP_CHAIN, chain_added, "the inner derivative of %s is added: it is a factor", chain_detail},
    {SLIP_KEPT, kept, "%s is kept as it is, not differentiated", slip_right_of},
    {SLIP_VARIABLE, other_varies, "%s is differentiated too, though it is held fixed", NULL},
    {SLIP_MISSING, held_fixed, "%s is held fixed, though it varies", slip_right_of},
};
const size_t slip_rule_count = sizeof slip_rules / sizeof *slip_rules;
