/* Linear forms in loop indices and lengths, to prove that an index lies inside its array. */
#ifndef EVAL_RANGES_H
#define EVAL_RANGES_H

#include "expr/expr.h"

enum { AFFINE_TERMS = 8, AFFINE_LOOPS = 30 };

/* constant + sum of coef[i]*var[i]; the vars are FREE indices and length symbols, all whole. */
typedef struct Affine {
    int count;
    Expr var[AFFINE_TERMS];
    long coef[AFFINE_TERMS];
    long constant;
} Affine;

typedef struct AffineEnv {
    const Store *s;
    size_t lengths;
    Expr *length;  /* symbols that are lengths: whole numbers from 0; owned by the user of the Env */
    const double *value; /* their values, or NULL: to hold for all */
    int loops;     /* around, outermost first */
    unsigned number[AFFINE_LOOPS];
    Expr lo[AFFINE_LOOPS], hi[AFFINE_LOOPS];
} AffineEnv;

/* False when e is not such a form with small whole coefficients. */
bool affine_of(const AffineEnv *env, Expr e, Affine *out);
/* Is a <= b for all values of indices within their loops and of lengths?  False: not known. */
bool affine_is_at_most(const AffineEnv *env, Expr a, Expr b, long plus /* a <= b + plus */);
/* Is e within 1..length, always, and whole? */
bool affine_is_inside(const AffineEnv *env, Expr e, Expr length);
/* Splits e into base + *offset with an index FREE(k) as base; else base is e, the offset 0. */
Expr affine_split(const Store *s, Expr e, long *offset);

#endif
