/* Bessel functions of real order n through GSL; about 1e-12 of their size, relative to the
 * amplitude where they oscillate.  GSL's error handler must be off.  NaN outside the domain:
 * x < 0 unless n is whole (j, i) or at all (y, k). */
#ifndef EXPR_BESSEL_H
#define EXPR_BESSEL_H

double bessel_j(double n, double x);
double bessel_y(double n, double x);
double bessel_i(double n, double x);
double bessel_k(double n, double x);

#endif
