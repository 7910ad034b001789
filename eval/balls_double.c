/* Plain doubles as a kind of numbers, without any bound: for a first look at many candidates.  See
 * balls.h. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "eval/balls.h"
#include "expr/functions.h"
#include "parser/ast.h"

static void *double_make(size_t slots) {
    return mem_new(slots, sizeof(double));
}

static void double_set_bits(void *numbers, long bits) {
    (void)numbers, (void)bits;
}

static void double_set_rational(void *numbers, uint32_t to, mpq_srcptr value) {
    ((double *)numbers)[to] = mpq_get_d(value);
}

static void double_set_range(void *numbers, uint32_t to, mpq_srcptr lo, mpq_srcptr hi) {
    ((double *)numbers)[to] = (mpq_get_d(lo) + mpq_get_d(hi)) / 2;
}

static void double_copy(void *numbers, uint32_t to, uint32_t from) {
    ((double *)numbers)[to] = ((double *)numbers)[from];
}

static double double_relation(uint32_t rel, double a, double b) {
    if (isnan(a) || isnan(b))
        return NAN;
    switch ((AstRel)rel) {
    case REL_LT: return a < b;
    case REL_LE: return a <= b;
    case REL_GT: return a > b;
    case REL_GE: return a >= b;
    case REL_EQ: return !(a < b) && !(b < a);
    default: return a < b || b < a;
    }
}

static void double_apply(void *numbers, uint32_t op, uint32_t payload, uint32_t to, size_t count,
                         const uint32_t *kid) {
    double *v = numbers, x = count ? v[kid[0]] : 0, y = 1 < count ? v[kid[1]] : 0,
           z = 2 < count ? v[kid[2]] : 0;
    switch ((ExprOp)op) {
    case EXPR_PI: v[to] = 3.14159265358979323846; break;
    case EXPR_E: v[to] = 2.71828182845904523536; break;
    case EXPR_INF: v[to] = INFINITY; break;
    case EXPR_NEGZERO: v[to] = -0.0; break;
    case EXPR_ADD: v[to] = x + y; break;
    case EXPR_SUB: v[to] = x - y; break;
    case EXPR_MUL: v[to] = x * y; break;
    case EXPR_DIV: v[to] = x / y; break;
    case EXPR_POW: v[to] = pow(x, y); break;
    case EXPR_NEG: v[to] = -x; break;
    case EXPR_NOT: v[to] = isnan(x) ? x : !(x < 0 || 0 < x); break;
    case EXPR_REL: v[to] = double_relation(payload, x, y); break;
    case EXPR_FN: v[to] = function_at(payload)->value(x, y, z); break;
    default: v[to] = NAN; break;
    }
}

static void double_join(void *numbers, uint32_t to, uint32_t a, uint32_t b) {
    double *v = numbers;
    v[to] = v[a] < v[b] || v[b] < v[a] ? NAN : v[a];
}

static int double_truth(void *numbers, uint32_t at) {
    double v = ((double *)numbers)[at];
    return isnan(v) ? -1 : v < 0 || 0 < v;
}

static bool double_integer(void *numbers, uint32_t at, long *value) {
    double v = ((double *)numbers)[at];
    if (!(fabs(v) < 9e15) || floor(v) < v)
        return false;
    *value = (long)v;
    return true;
}

static bool double_finite(void *numbers, uint32_t at) {
    return isfinite(((double *)numbers)[at]);
}

static void double_get(void *numbers, uint32_t at, double *middle, double *radius) {
    *middle = ((double *)numbers)[at];
    *radius = 0;
}

const NumberKind number_double = {
    .version = NUMBER_KIND_VERSION,
    .make = double_make,
    .release = free,
    .set_bits = double_set_bits,
    .set_rational = double_set_rational,
    .set_range = double_set_range,
    .copy = double_copy,
    .apply = double_apply,
    .join = double_join,
    .truth = double_truth,
    .integer = double_integer,
    .finite = double_finite,
    .get = double_get,
};
