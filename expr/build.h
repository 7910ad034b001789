/* Builders that fold what is certain: exact arithmetic on constants, x+0, 1*x, 0*x, x^1, x-x of the
 * same node, choice with a constant condition, sums of 0.  For derivatives, which may be improved;
 * text as typed is lowered with expr_make.  0*x is 0 also where x is undefined: the domain of a
 * derivative is that of its function.  Any argument 0 (the error expression) gives 0. */
#ifndef EXPR_BUILD_H
#define EXPR_BUILD_H

#include "expr/expr.h"

Expr build_add(Store *s, Expr a, Expr b);
Expr build_sub(Store *s, Expr a, Expr b);
Expr build_mul(Store *s, Expr a, Expr b);
Expr build_div(Store *s, Expr a, Expr b);
Expr build_neg(Store *s, Expr a);
Expr build_pow(Store *s, Expr a, Expr b);
Expr build_fn(Store *s, uint32_t function, size_t count, const Expr *args);
Expr build_fn_named(Store *s, const char *function, Expr a); /* of one argument, by name */
Expr build_if(Store *s, Expr condition, Expr a, Expr b);
Expr build_rel(Store *s, int rel, Expr a, Expr b); /* decided when both sides are rational */
Expr build_and(Store *s, Expr a, Expr b);
Expr build_or(Store *s, Expr a, Expr b); /* 1 where either side is certainly true */
Expr build_not(Store *s, Expr a);
/* A loop over FREE(number); a body that is 0 gives 0 for SUM, an empty constant range its value. */
Expr build_loop(Store *s, ExprOp op, unsigned number, Expr lo, Expr hi, Expr body);
bool build_is_zero(const Store *s, Expr e);
bool build_is_one(const Store *s, Expr e);
/* Any node again with other kids, by the builder that fits its kind (loops excepted). */
Expr build_node(Store *s, Expr like, const Expr *kids);

#endif
