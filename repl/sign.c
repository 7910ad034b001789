/* Signs of expressions by simple rules: squares, sums of squares, exp, cosh, roots. */
#include <math.h>
#include <string.h>

#include "expr/functions.h"
#include "repl/describe.h"

size_t sign_place(const Expr *node, size_t count, Expr e) {
    size_t lo = 0, hi = count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (node[mid] < e)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static Sign sign_of_constant(const Store *s, Expr e) {
    double v = expr_double_of(s, e);
    return v > 0 ? SIGN_POSITIVE : v == 0 && !signbit(v) ? SIGN_NONNEGATIVE : SIGN_ANY;
}

static Sign weaker(Sign a, Sign b) { return a < b ? a : b; }

static Sign sign_of_function(const Store *s, Expr e) {
    static const char *const positive[] = {"exp",     "exp2",     "cosh", "sech",
                                           "sigmoid", "softplus", "erfc"};
    static const char *const nonnegative[] = {"sqrt", "abs", "hypot", "relu"};
    const char *name = function_at(expr_payload(s, e))->name;
    for (size_t i = 0; i < sizeof positive / sizeof *positive; i++)
        if (strcmp(positive[i], name) == 0) return SIGN_POSITIVE;
    for (size_t i = 0; i < sizeof nonnegative / sizeof *nonnegative; i++)
        if (strcmp(nonnegative[i], name) == 0) return SIGN_NONNEGATIVE;
    return SIGN_ANY;
}

static Sign sign_of_power(const Store *s, Expr e, Sign base) {
    long n;
    if (base == SIGN_POSITIVE) return SIGN_POSITIVE;
    if (!expr_is_integer(s, expr_kid(s, e, 1), &n)) return base;
    if (n == 0) return SIGN_POSITIVE;
    return n % 2 == 0 ? SIGN_NONNEGATIVE : n > 0 ? base : SIGN_ANY;
}

static Sign sign_of_product(const Store *s, Expr e, Sign a, Sign b) {
    if (expr_kid(s, e, 0) == expr_kid(s, e, 1)) return a == SIGN_POSITIVE ? a : SIGN_NONNEGATIVE;
    return weaker(a, b);
}

static Sign sign_of(const Store *s, const Expr *node, size_t count, const Sign *sign, Expr e) {
    if (expr_is_constant(s, e)) return sign_of_constant(s, e);
    size_t kids = expr_count(s, e);
    Sign k[3] = {SIGN_ANY, SIGN_ANY, SIGN_ANY};
    for (size_t i = 0; i < kids && i < 3; i++)
        k[i] = sign[sign_place(node, count, expr_kid(s, e, i))];
    switch (expr_op(s, e)) {
    case EXPR_ADD:
        if (weaker(k[0], k[1]) == SIGN_ANY) return SIGN_ANY;
        return k[0] == SIGN_POSITIVE || k[1] == SIGN_POSITIVE ? SIGN_POSITIVE : SIGN_NONNEGATIVE;
    case EXPR_MUL: return sign_of_product(s, e, k[0], k[1]);
    case EXPR_DIV: return weaker(k[0], k[1]) == SIGN_ANY ? SIGN_ANY : k[0];
    case EXPR_POW: return sign_of_power(s, e, k[0]);
    case EXPR_FN: return sign_of_function(s, e);
    case EXPR_IF: return weaker(k[1], k[2]);
    case EXPR_SUM: return k[2] == SIGN_ANY ? SIGN_ANY : SIGN_NONNEGATIVE;
    case EXPR_PROD: return k[2];
    case EXPR_REL:
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_NOT: return SIGN_NONNEGATIVE;
    default: return SIGN_ANY;
    }
}

void sign_of_nodes(const Store *s, const Expr *node, size_t count, Sign *sign) {
    for (size_t i = 0; i < count; i++) sign[i] = sign_of(s, node, count, sign, node[i]);
}
