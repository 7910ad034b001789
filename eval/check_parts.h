/* What the files of the checks share. */
#ifndef EVAL_CHECK_PARTS_H
#define EVAL_CHECK_PARTS_H

#include "eval/check.h"

/* A derivative's components with their bounds. */
typedef struct Derivative {
    size_t count;
    double *value, *bound; /* owned */
} Derivative;

void derivative_init(Derivative *d, size_t count);
void derivative_done(Derivative *d);
/* The sweep's form at x; entries that cannot be had become NaN. */
RunStatus derivative_by_sweep(const CheckForm *form, const double *x, Derivative *d);

void check_result_init(CheckResult *r, size_t n, size_t count);
void check_say(char **reason, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Not differentiable at the point: left and right are known and apart. */
void check_say_kink(CheckComponent *k);
/* The verdict of the whole, from the components. */
void check_conclude(CheckResult *r);
/* Does the condition hold at x?  true for NULL. */
bool check_in_domain(Evaluator *domain, const double *x);

/* Judges again in balls what doubles left undecided, differing, or with a bound beyond 1e-10 of its size;
 * corners stay corners where the function has any.  Components are those of all columns, row by row; `largest` is the largest
 * symbolic one.  Up to so many operations are drawn from *budget. */
RunStatus check_in_balls(const CheckInput *in, const Derivative *sweep, double largest, uint64_t *budget,
                         CheckResult *out);

enum { CHECK_TRIES = 4000, CHECK_BALL_BUDGET = 4 * 1000 * 1000 }; /* the latter: a second or two */

#endif
