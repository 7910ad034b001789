/* The reading form of a derivative: forward differentiation, node by node as a person does it, in
 * the simplified form that is printed.  Loops stay loops: the derivative by x[k] collapses a
 * reduction where the index equation can be solved. */
#ifndef EXPR_DERIVE_H
#define EXPR_DERIVE_H

#include "expr/defs.h"

/* d e/d v for v a SYM of rank 0.  For a SYM of rank r > 0: the array of the derivatives by its
 * elements, appended to e's own axes (VEC(k=1..n, ...)).  0 with a diagnostic where there is none. */
Expr derive_by(Defs *d, Expr e, Expr v, Diags *diags, Span span);
/* d e/d v[k...] for index expressions k (e of rank 0). */
Expr derive_by_element(Defs *d, Expr e, Expr v, const Expr *index, Diags *diags, Span span);
/* An equal expression in its reading form: like terms and factors collected, constants folded,
 * domain kept. */
Expr simplify(Defs *d, Expr e);

#endif
