/* A difference quotient in balls, beside the derivative in balls: for values that doubles cannot tell
 * apart. */
#ifndef EVAL_BALLS_SLOPE_H
#define EVAL_BALLS_SLOPE_H

#include "eval/balls.h"

typedef struct BallSlope BallSlope;

typedef enum SlopeAnswer {
    SLOPE_AGREES,  /* quotient and derivative are as close as they must be, to 16 digits if possible */
    SLOPE_DIFFERS, /* at two steps, one far smaller than the other, they are not */
    SLOPE_KINK,    /* the slopes left and right of the point are apart */
    SLOPE_OPEN     /* not defined there, not to be enclosed with 1,000 bits, or too long */
} SlopeAnswer;

typedef struct SlopePoint {
    double derivative, quotient; /* their nearest doubles */
    double difference, bound;    /* of the balls: bound holds whatever an exact derivative leaves */
    double left, right;          /* one-sided slopes */
    long bits;
} SlopePoint;

/* `value` and `derivative` are numbers, the second meant to be the derivative of the first by one of
 * the coordinates.  NULL with a static sentence in *why when they cannot be written out.  The caller
 * frees the result. */
BallSlope *ball_slope_new(Defs *d, size_t params, const Param *param, const size_t (*dims)[2], Expr value,
                          Expr derivative, const NumberKind *balls, const volatile int *interrupt, const char **why);
void ball_slope_free(BallSlope *s);
/* By coordinate i at x, each number of x read as its shortest decimal.  What is never enclosed to
 * 16 digits must be so to 3, beside `scale` at least.  *budget, in operations on numbers of 128 bits,
 * is drawn from.  `out` is filled
 * in where values were had, which is always but for some answers SLOPE_OPEN. */
SlopeAnswer ball_slope_at(BallSlope *s, const double *x, size_t i, double scale, uint64_t *budget, SlopePoint *out);
/* Encloses the derivative at the doubles x themselves; false where that cannot be done. */
bool ball_slope_derivative(BallSlope *s, const double *x, double *middle, double *radius);

#endif
