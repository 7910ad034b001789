/* A function ready to be evaluated with its derivatives: the programs that belong to one user
 * function (or expression in parameters), compiled on first use, bound for given lengths. */
#ifndef EVAL_EVALUATOR_H
#define EVAL_EVALUATOR_H

#include "eval/program.h"

typedef struct Evaluator Evaluator;

/* For `body` (any rank) in the parameters.  dims[i]: actual lengths of parameter i.  NULL with a
 * diagnostic on failure.  Keeps defs borrowed; the definitions of that moment are compiled in. */
Evaluator *evaluator_new(Defs *defs, size_t params, const Param *param, Expr body, const size_t (*dims)[2],
                         const volatile int *interrupt, Diags *diags, Span span);
void evaluator_free(Evaluator *e);
size_t evaluator_points(const Evaluator *e);  /* n: length of the parameter vector */
size_t evaluator_results(const Evaluator *e); /* m: numbers in the value, 1 for a scalar function */

/* Value (m numbers). */
RunStatus evaluator_value(Evaluator *e, const double *x, double *f);
/* Scalar functions: value and gradient (n numbers) in one pass, by the reverse sweep; f may be NULL. */
RunStatus evaluator_gradient(Evaluator *e, const double *x, double *f, double *g);
/* Hessian times v, by forward differentiation of the sweep; scalar functions. */
RunStatus evaluator_hessian_times(Evaluator *e, const double *x, const double *v, double *hv);
/* The whole Hessian, n*n, symmetrised by nothing: column k is hessian_times(e_k). */
RunStatus evaluator_hessian(Evaluator *e, const double *x, double *h);
/* Jacobian, m*n rows first: gradients of the components (forward if n is smaller than m). */
RunStatus evaluator_jacobian(Evaluator *e, const double *x, double *j);

/* The same with error bounds (running error analysis). */
RunStatus evaluator_value_bounds(Evaluator *e, const double *x, double *f, double *f_bound);
RunStatus evaluator_gradient_bounds(Evaluator *e, const double *x, double *f, double *f_bound, double *g,
                                    double *g_bound);
RunStatus evaluator_hessian_bounds(Evaluator *e, const double *x, double *h, double *h_bound);
RunStatus evaluator_jacobian_bounds(Evaluator *e, const double *x, double *j, double *j_bound);

/* False when derivatives cannot be made; the reason is in the text ("besselj has no derivative by
 * its order"). */
bool evaluator_has_gradient(Evaluator *e, Buf *why);
/* The sentence behind the last status other than RUN_OK. */
void evaluator_explain(const Evaluator *e, RunStatus status, Buf *out);
/* Where a NaN or infinity of the value (or of the gradient) at x comes from; false if finite. */
bool evaluator_origin(Evaluator *e, const double *x, bool of_gradient, Buf *out);
uint64_t evaluator_operations(Evaluator *e, const double *x, bool with_gradient); /* executed at x */
size_t evaluator_program_length(Evaluator *e);

#endif
