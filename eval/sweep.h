/* The reverse sweep: value and gradient of an expression as a Plan (Griewank & Walther 2008,
 * section 3.2; Baur & Strassen 1983), and the directional derivative of a plan's expressions. */
#ifndef EVAL_SWEEP_H
#define EVAL_SWEEP_H

#include "eval/plan.h"

/* Adds to `p` steps that set slot `value` (rank 0) to `body` and add its gradient into slot
 * `gradient[i]` for parameter i (each of the parameter's shape).  `body` has rank 0 and is expanded
 * (defs_expand) already; remaining CALLs are differentiated through their partial derivatives.
 * False with a diagnostic where there is no derivative. */
bool sweep_gradient(Plan *p, Expr body, Expr value, const Expr *gradient, Diags *diags, Span span);

/* d/dt of e at parameters moving along `direction` (SLOT or SYM nodes of the parameters' shapes):
 * forward differentiation of an expression, loops staying loops.  0 with a diagnostic if impossible. */
Expr sweep_tangent(Defs *defs, Expr e, size_t params, const Param *param, const Expr *direction, Diags *diags,
                   Span span);
/* Adds to `p` steps that set slots `hv[i]` to the Hessian of `body` times the direction in slots
 * `direction[i]`: the tangent of the gradient sweep. */
bool sweep_hessian_times(Plan *p, Expr body, const Expr *direction, const Expr *hv, Diags *diags, Span span);

#endif
