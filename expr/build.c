/* Builders that fold what is certain; see build.h. */
#include "expr/build.h"

#include <stdlib.h>
#include <string.h>

#include "expr/functions.h"
#include "parser/ast.h"

enum { MOST_BITS = 65536 }; /* of a folded constant; beyond, the operation stays as it is */

bool build_is_zero(const Store *s, Expr e) {
    mpq_srcptr q = expr_rational(s, e);
    return q && mpq_sgn(q) == 0;
}

bool build_is_one(const Store *s, Expr e) {
    mpq_srcptr q = expr_rational(s, e);
    return q && mpq_cmp_ui(q, 1, 1) == 0;
}

static size_t bits_of(mpq_srcptr q) {
    return mpz_sizeinbase(mpq_numref(q), 2) + mpz_sizeinbase(mpq_denref(q), 2);
}

/* Folds two rationals by an operation of GMP; 0 when one is none or the result would be too large. */
static Expr fold(Store *s, Expr a, Expr b, void (*op)(mpq_ptr, mpq_srcptr, mpq_srcptr)) {
    mpq_srcptr x = expr_rational(s, a), y = expr_rational(s, b);
    if (!x || !y || MOST_BITS < bits_of(x) + bits_of(y))
        return 0;
    mpq_t q;
    mpq_init(q);
    op(q, x, y);
    Expr res = expr_const(s, q);
    mpq_clear(q);
    return res;
}

Expr build_neg(Store *s, Expr a) {
    if (!a)
        return 0;
    mpq_srcptr x = expr_rational(s, a);
    if (x) {
        mpq_t q;
        mpq_init(q);
        mpq_neg(q, x);
        Expr res = expr_const(s, q);
        mpq_clear(q);
        return res;
    }
    if (expr_op(s, a) == EXPR_NEG)
        return expr_kid(s, a, 0);
    if (expr_op(s, a) == EXPR_SUB)
        return expr_binary(s, EXPR_SUB, expr_kid(s, a, 1), expr_kid(s, a, 0));
    return expr_unary(s, EXPR_NEG, a);
}

Expr build_add(Store *s, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    if (build_is_zero(s, a))
        return b;
    if (build_is_zero(s, b))
        return a;
    Expr c = fold(s, a, b, mpq_add);
    if (c)
        return c;
    if (expr_op(s, b) == EXPR_NEG)
        return build_sub(s, a, expr_kid(s, b, 0));
    if (expr_op(s, a) == EXPR_NEG)
        return build_sub(s, b, expr_kid(s, a, 0));
    /* (u + c) + d and (u - c) + d with constants c, d: indices such as (i+1)-1 */
    if (expr_rational(s, b) && (expr_op(s, a) == EXPR_ADD || expr_op(s, a) == EXPR_SUB) &&
        expr_rational(s, expr_kid(s, a, 1))) {
        Expr u = expr_kid(s, a, 0), d = expr_kid(s, a, 1);
        return build_add(s, u, expr_op(s, a) == EXPR_ADD ? build_add(s, d, b) : build_sub(s, b, d));
    }
    mpq_srcptr y = expr_rational(s, b);
    if (y && mpq_sgn(y) < 0)
        return expr_binary(s, EXPR_SUB, a, build_neg(s, b));
    return expr_binary(s, EXPR_ADD, a, b);
}

Expr build_sub(Store *s, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    if (build_is_zero(s, b))
        return a;
    if (a == b)
        return expr_int(s, 0);
    if (build_is_zero(s, a))
        return build_neg(s, b);
    Expr c = fold(s, a, b, mpq_sub);
    if (c)
        return c;
    if (expr_op(s, b) == EXPR_NEG)
        return build_add(s, a, expr_kid(s, b, 0));
    if (expr_rational(s, b))
        return build_add(s, a, build_neg(s, b)) /* folds with a constant in a */;
    return expr_binary(s, EXPR_SUB, a, b);
}

Expr build_mul(Store *s, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    if (build_is_zero(s, a) || build_is_one(s, b))
        return a;
    if (build_is_zero(s, b) || build_is_one(s, a))
        return b;
    Expr c = fold(s, a, b, mpq_mul);
    if (c)
        return c;
    long k;
    if (expr_is_integer(s, a, &k) && k == -1)
        return build_neg(s, b);
    if (expr_is_integer(s, b, &k) && k == -1)
        return build_neg(s, a);
    if (expr_op(s, a) == EXPR_NEG && expr_op(s, b) == EXPR_NEG)
        return build_mul(s, expr_kid(s, a, 0), expr_kid(s, b, 0));
    if (expr_op(s, a) == EXPR_NEG)
        return build_neg(s, build_mul(s, expr_kid(s, a, 0), b));
    if (expr_op(s, b) == EXPR_NEG)
        return build_neg(s, build_mul(s, a, expr_kid(s, b, 0)));
    return expr_binary(s, EXPR_MUL, a, b);
}

Expr build_div(Store *s, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    if (build_is_one(s, b) || (build_is_zero(s, a) && !build_is_zero(s, b)))
        return a;
    if (!build_is_zero(s, b)) {
        Expr c = fold(s, a, b, mpq_div);
        if (c)
            return c;
    }
    if (expr_op(s, a) == EXPR_NEG)
        return build_neg(s, build_div(s, expr_kid(s, a, 0), b));
    return expr_binary(s, EXPR_DIV, a, b);
}

/* c^n for a rational c and a small integer n, exactly. */
static Expr fold_power(Store *s, mpq_srcptr c, long n) {
    unsigned long m = n < 0 ? (unsigned long)-n : (unsigned long)n;
    if ((n < 0 && mpq_sgn(c) == 0) || MOST_BITS < m || MOST_BITS < bits_of(c) * m)
        return 0;
    mpq_t q;
    mpq_init(q);
    mpz_pow_ui(mpq_numref(q), mpq_numref(c), m);
    mpz_pow_ui(mpq_denref(q), mpq_denref(c), m);
    if (n < 0)
        mpq_inv(q, q);
    Expr res = expr_const(s, q);
    mpq_clear(q);
    return res;
}

Expr build_pow(Store *s, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    if (build_is_zero(s, b) || build_is_one(s, a))
        return expr_int(s, 1);
    if (build_is_one(s, b))
        return a;
    long n;
    mpq_srcptr c = expr_rational(s, a);
    if (c && expr_is_integer(s, b, &n)) {
        Expr res = fold_power(s, c, n);
        if (res)
            return res;
    }
    return expr_binary(s, EXPR_POW, a, b);
}

/* Functions whose value at a rational is a rational found without rounding. */
static Expr fold_function(Store *s, uint32_t function, mpq_srcptr x) {
    mpq_t q;
    mpq_init(q);
    bool ok = true;
    switch (function) {
    case FUNCTION_floor: mpz_fdiv_q(mpq_numref(q), mpq_numref(x), mpq_denref(x)); break;
    case FUNCTION_ceil: mpz_cdiv_q(mpq_numref(q), mpq_numref(x), mpq_denref(x)); break;
    case FUNCTION_trunc: mpz_tdiv_q(mpq_numref(q), mpq_numref(x), mpq_denref(x)); break;
    case FUNCTION_abs: mpq_abs(q, x); break;
    case FUNCTION_sign: mpq_set_si(q, mpq_sgn(x), 1); break;
    default: ok = false;
    }
    /* ceil(-0.3) is -0: atan2 and 1/x tell it from 0 */
    bool minus = ok && mpq_sgn(q) == 0 && mpq_sgn(x) < 0;
    Expr res = minus ? expr_make(s, EXPR_NEGZERO, 0, 0, NULL) : ok ? expr_const(s, q) : 0;
    mpq_clear(q);
    return res;
}

Expr build_fn(Store *s, uint32_t function, size_t count, const Expr *args) {
    mpq_srcptr x = count == 1 && args[0] ? expr_rational(s, args[0]) : NULL;
    Expr res = x ? fold_function(s, function, x) : 0;
    return res ? res : expr_fn(s, function, count, args);
}

Expr build_fn_named(Store *s, const char *function, Expr a) {
    return expr_fn(s, (uint32_t)function_find(function, strlen(function)), 1, &a);
}

Expr build_if(Store *s, Expr condition, Expr a, Expr b) {
    if (!condition || !a || !b)
        return 0;
    mpq_srcptr c = expr_rational(s, condition);
    if (c)
        return mpq_sgn(c) != 0 ? a : b;
    return a == b ? a : expr_if(s, condition, a, b);
}

static bool decide(int rel, int sign) {
    switch (rel) {
    case REL_LT: return sign < 0;
    case REL_LE: return sign <= 0;
    case REL_GT: return sign > 0;
    case REL_GE: return sign >= 0;
    case REL_EQ: return sign == 0;
    default: return sign != 0;
    }
}

Expr build_rel(Store *s, int rel, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    mpq_srcptr x = expr_rational(s, a), y = expr_rational(s, b);
    if (x && y)
        return expr_int(s, decide(rel, mpq_cmp(x, y)));
    return expr_rel(s, rel, a, b);
}

Expr build_and(Store *s, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    mpq_srcptr x = expr_rational(s, a), y = expr_rational(s, b);
    if (x)
        return mpq_sgn(x) != 0 ? b : a;
    if (y && mpq_sgn(y) != 0)
        return a;
    return a == b ? a : expr_binary(s, EXPR_AND, a, b);
}

Expr build_or(Store *s, Expr a, Expr b) {
    if (!a || !b)
        return 0;
    mpq_srcptr x = expr_rational(s, a), y = expr_rational(s, b);
    if (x)
        return mpq_sgn(x) != 0 ? expr_int(s, 1) : b;
    if (y)
        return mpq_sgn(y) != 0 ? expr_int(s, 1) : a;
    return a == b ? a : expr_binary(s, EXPR_OR, a, b);
}

Expr build_not(Store *s, Expr a) {
    if (!a)
        return 0;
    mpq_srcptr x = expr_rational(s, a);
    return x ? expr_int(s, mpq_sgn(x) == 0) : expr_unary(s, EXPR_NOT, a);
}

Expr build_loop(Store *s, ExprOp op, unsigned number, Expr lo, Expr hi, Expr body) {
    if (!lo || !hi || !body)
        return 0;
    if (op == EXPR_SUM && build_is_zero(s, body))
        return body;
    mpq_srcptr x = expr_rational(s, lo), y = expr_rational(s, hi);
    bool empty = x && y && 0 < mpq_cmp(x, y);
    if (empty && (op == EXPR_SUM || op == EXPR_PROD))
        return expr_int(s, op == EXPR_PROD);
    return expr_loop(s, op, number, lo, hi, body);
}

Expr build_node(Store *s, Expr like, const Expr *kids) {
    switch (expr_op(s, like)) {
    case EXPR_ADD: return build_add(s, kids[0], kids[1]);
    case EXPR_SUB: return build_sub(s, kids[0], kids[1]);
    case EXPR_MUL: return build_mul(s, kids[0], kids[1]);
    case EXPR_DIV: return build_div(s, kids[0], kids[1]);
    case EXPR_POW: return build_pow(s, kids[0], kids[1]);
    case EXPR_NEG: return build_neg(s, kids[0]);
    case EXPR_IF: return build_if(s, kids[0], kids[1], kids[2]);
    case EXPR_REL: return build_rel(s, (int)expr_payload(s, like), kids[0], kids[1]);
    case EXPR_AND: return build_and(s, kids[0], kids[1]);
    case EXPR_OR: return build_or(s, kids[0], kids[1]);
    case EXPR_NOT: return build_not(s, kids[0]);
    case EXPR_FN: return build_fn(s, expr_payload(s, like), expr_count(s, like), kids);
    case EXPR_ELEM: return expr_elem(s, kids[0], kids[1]);
    default: return expr_make(s, expr_op(s, like), expr_payload(s, like), expr_count(s, like), kids);
    }
}
