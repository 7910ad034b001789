/* The exact judge of equality: is an expression zero, in algebra over the rationals with functions as
 * kernels?  The work is done in a process of its own, plumb started with ALGEBRA_WORKER_FLAG, which
 * may be killed, run out of memory or die without harm. */
#ifndef EVAL_ALGEBRA_H
#define EVAL_ALGEBRA_H

#include "base/buf.h"
#include "expr/defs.h"

#define ALGEBRA_WORKER_FLAG "--algebra-worker"

typedef enum AlgebraAnswer {
    ALGEBRA_ZERO,      /* certain: zero wherever it is defined and the conditions hold */
    ALGEBRA_NOT_ZERO,  /* not zero as an algebraic expression in kernels not known to be related:
                          advice, to be confirmed by a witness */
    ALGEBRA_UNKNOWN,
    ALGEBRA_TIMEOUT,
    ALGEBRA_MEMORY,    /* the worker's memory (512 MiB) did not do */
    ALGEBRA_INTERRUPT,
    ALGEBRA_MISSING,   /* no library for it: *why says what to install */
    ALGEBRA_EXCEPT,    /* zero except, perhaps, where *why holds */
    ALGEBRA_DIED       /* the worker was killed from outside, or could not start; the next question
                          starts a new one */
} AlgebraAnswer;
const char *algebra_answer_text(AlgebraAnswer a); /* "zero", "not zero", "unknown", ... */

typedef struct Algebra Algebra;

/* The worker is started at the first question, kept, and started again after its death.  `program` is
 * the file to start, NULL: this one.  The caller frees the result, which ends the worker. */
Algebra *algebra_new(const char *program);
void algebra_free(Algebra *a);

/* Is e (rank 0; symbols and FREE indices as variables) zero?  `conditions` is a condition that holds
 * where the question is asked, or the constant 1; that e is defined is taken as given.  Ends after
 * `timeout` seconds (0: none) or soon after *interrupt (may be NULL) becomes nonzero; then the worker is
 * killed.  *why (may be NULL) gets: of NOT_ZERO and UNKNOWN the factored difference, of EXCEPT a
 * condition, else a sentence without a full stop.  What is made in the store is dropped again. */
AlgebraAnswer algebra_is_zero(Algebra *a, Defs *d, Expr e, Expr conditions, double timeout,
                              const volatile int *interrupt, Buf *why);

/* NULL, or a sentence without a full stop: what is missing and what to install. */
const char *algebra_missing(void);

/* Process number of the worker, 0 when none runs. */
long algebra_worker_id(const Algebra *a);

/* The worker's life: questions from `fd`, answers to it, until it closes.  Returns the exit status. */
int algebra_work(int fd);

#endif
