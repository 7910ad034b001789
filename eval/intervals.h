/* Looking for a point of a domain by enclosures over boxes. */
#ifndef EVAL_INTERVALS_H
#define EVAL_INTERVALS_H

#include "eval/balls.h"

typedef enum IntervalAnswer { INTERVAL_FOUND, INTERVAL_NOWHERE, INTERVAL_UNKNOWN } IntervalAnswer;

enum { INTERVAL_VARIABLES = 4 };
#define INTERVAL_REACH 1e6 /* coordinates up to this are looked at */

/* A point x (n numbers, few digits) at which the condition holds for certain; NOWHERE: it holds nowhere
 * within reach, for certain.  Arb's balls do here, with even powers kept from going below 0: what is
 * asked is only which boxes can be dropped.  At most INTERVAL_VARIABLES variables. */
IntervalAnswer interval_find(Defs *d, size_t params, const Param *param, const size_t (*dims)[2],
                             Expr condition, const NumberKind *balls, const volatile int *interrupt,
                             double *x);

#endif
