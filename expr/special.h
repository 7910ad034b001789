/* Special functions that C's library does not have, or not in a usable form.  Accurate to a few
 * units in the last place unless said otherwise, tails and tiny arguments included.  Outside the
 * domain NaN; at a pole NaN or an infinity.  No state: any thread may call them. */
#ifndef EXPR_SPECIAL_H
#define EXPR_SPECIAL_H

/* 1/(1 + exp(-x)), log(1 + exp(x)), log(x/(1 - x)), none of which overflows or cancels. */
double special_sigmoid(double x);
double special_softplus(double x);
double special_logit(double x);

/* x - y*floor(x/y), exact; NaN for y = 0. */
double special_mod(double x, double y);
/* x*2^y; NaN unless y is a whole number. */
double special_ldexp(double x, double y);

/* The inverse of erf. */
double special_erfinv(double x);
/* The w >= -1 with w*exp(w) = x, for x >= -1/e. */
double special_lambertw(double x);

/* log(|gamma(x)|), without the C library's global signgam. */
double special_lgamma(double x);
/* The derivative of lgamma; and its derivatives of whole order n, 0 being digamma itself. */
double special_digamma(double x);
double special_polygamma(double n, double x);
/* polygamma(n, x + z) - polygamma(n, x) for x > 0, x + z > 0: also for small z to full accuracy. */
double special_polygammadiff(double n, double x, double z);
/* gamma(x)*gamma(y)/gamma(x + y) for x > 0, y > 0. */
double special_beta(double x, double y);

#endif
