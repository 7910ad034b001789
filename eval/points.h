/* Generic points: where a wrong derivative has no chance to look right.  Never on an axis, at an
 * integer or at 0 and 1; of several scales and signs, so that most domains are met. */
#ifndef EVAL_POINTS_H
#define EVAL_POINTS_H

#include <stdbool.h>

#include "base/random.h"

typedef bool (*PointAccept)(void *context, const double *x);

/* Draws x (n numbers, at most four digits each) until `accept` takes it (NULL: the first).  False
 * when none of `tries` is taken. */
bool points_draw(Random *r, size_t n, double *x, size_t tries, PointAccept accept, void *context);

#endif
