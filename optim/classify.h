/* What a stationary point is: minimum, maximum, saddle, or flat, by the curvatures there. */
#ifndef OPTIM_CLASSIFY_H
#define OPTIM_CLASSIFY_H

#include "eval/evaluator.h"

typedef enum PointClass {
    CLASS_UNKNOWN,
    CLASS_MINIMUM,
    CLASS_MAXIMUM,
    CLASS_SADDLE,
    CLASS_FLAT,
    CLASS_KINK
} PointClass;

enum { CLASSIFY_MOST = 300 }; /* variables; beyond, the class is unknown */

typedef struct Classified {
    PointClass kind;
    size_t count;      /* how many curvatures there are: the variables that the box leaves free */
    double *curvature; /* owned: ascending */
    double bound;      /* on the error of each */
    double *downhill;  /* owned: n numbers, the direction of the least curvature, length 1 */
} Classified;

/* "minimum", "saddle", ...: static. */
const char *class_name(PointClass kind);
/* Classifies x for a scalar function.  lo, hi: the box or NULL; a variable on its border counts as
 * fixed.  A sign counts only beyond the error bound, and only if it is the same where a Newton step
 * puts the stationary point; otherwise the point is flat.  A point that is not stationary (no
 * gradient below `tol`) is unknown, with its curvatures all the same.  Release with
 * classified_done. */
void classify_point(Classified *out, Evaluator *e, const double *x, const double *lo,
                    const double *hi, double tol);
void classified_done(Classified *c);

#endif
