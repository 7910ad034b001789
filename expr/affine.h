/* Affine forms of index expressions: sums of rational multiples of other nodes. */
#ifndef EXPR_AFFINE_H
#define EXPR_AFFINE_H

#include "expr/expr.h"

/* e as a sum of rational multiples, like terms collected, in one order: equal forms are one node.
 * Nodes that are no sum stand for themselves. */
Expr affine_normal(Store *s, Expr e);
/* e = *a * x + *b with *a rational and *b free of the node x.  False where x occurs otherwise. */
bool affine_in(Store *s, Expr e, Expr x, Expr *a, Expr *b);
/* A relation of one quantity, solved for it: x > 2 for x - 2 > 0, x <= 2 for 4 - 2*x >= 0.  Other
 * expressions come back as they are. */
Expr affine_tidy(Store *s, Expr relation);

#endif
