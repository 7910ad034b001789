/* A function of the session as a run's objective. */
#ifndef OPTIM_OBJECTIVE_H
#define OPTIM_OBJECTIVE_H

#include "eval/evaluator.h"
#include "optim/run.h"

/* Borrows the evaluator, of a scalar function.  Without derivatives (evaluator_has_gradient) only
 * gradient=numeric is possible, and the run does that. */
Objective objective_of(Evaluator *e);

#endif
