/* Bessel functions of real order through GSL; see bessel.h. */
#include "expr/bessel.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_bessel.h>
#include <math.h>
#include <stdbool.h>

#include "expr/special.h"

static const double pi = 3.14159265358979323846;

/* sin(pi*v) and cos(pi*v), exactly 0 where they should be. */
static double sin_pi(double v) {
    double r = remainder(v, 2);
    if (0.5 < fabs(r))
        r = copysign(1, r) - r;
    return sin(pi * r);
}

static double cos_pi(double v) {
    double r = fabs(remainder(v, 2));
    return r < 0.25 ? cos(pi * r) : sin(pi * (0.5 - r));
}

/* GSL's order is an int where it is whole. */
static bool is_whole(double n) {
    return n == floor(n) && fabs(n) < 1e9;
}

/* What a call gave; beyond the doubles GSL leaves the value open. */
static double taken(int status, const gsl_sf_result *res, double overflow) {
    switch (status) {
    case GSL_EDOM:
        return NAN;
    case GSL_EOVRFLW:
        return overflow;
    case GSL_EUNDRFLW:
        return 0;
    default:
        return res->val;
    }
}

/* Hankel's expansion (Abramowitz and Stegun 9.2.5 to 9.2.10), for x so large that it converges to
 * all digits.  GSL rounds the phase x - n*pi/2 - pi/4, which from x = 1e4 on shows. */
static bool is_far(double n, double x) {
    return 50 < x && n * n < 8 * x;
}

static double far_out(double n, double x, bool second) {
    double p = 1, q = 0, term = 1, m = 4 * n * n;
    for (int k = 1; k < 80 && 1e-17 < fabs(term); k++) {
        term *= (m - (2 * k - 1.0) * (2 * k - 1.0)) / (8 * x * k);
        double *sum = k % 2 ? &q : &p;
        *sum += k % 4 < 2 ? term : -term; /* q gets k = 1, -3, 5; p gets -2, 4, -6 */
    }
    double c = cos_pi(0.5 * n + 0.25), s = sin_pi(0.5 * n + 0.25);
    double cos_phase = cos(x) * c + sin(x) * s, sin_phase = sin(x) * c - cos(x) * s;
    double wave = second ? p * sin_phase + q * cos_phase : p * cos_phase - q * sin_phase;
    return sqrt(2 / pi / x) * wave;
}

/* J and Y of order n >= 0 at x > 0. */
static double plain_j(double n, double x) {
    gsl_sf_result res;
    if (is_far(n, x))
        return far_out(n, x, false);
    if (is_whole(n))
        return taken(gsl_sf_bessel_Jn_e((int)n, x, &res), &res, NAN);
    return taken(gsl_sf_bessel_Jnu_e(n, x, &res), &res, NAN);
}

static double plain_y(double n, double x) {
    gsl_sf_result res;
    if (is_far(n, x))
        return far_out(n, x, true);
    if (is_whole(n))
        return taken(gsl_sf_bessel_Yn_e((int)n, x, &res), &res, -INFINITY);
    return taken(gsl_sf_bessel_Ynu_e(n, x, &res), &res, -INFINITY);
}

/* a*b, where a that is exactly 0 leaves nothing of an infinite b. */
static double part(double a, double b) {
    return a == 0 ? 0 : a * b;
}

double bessel_j(double n, double x) {
    if (isnan(n) || isnan(x) || isinf(n))
        return NAN;
    if (n == floor(n)) { /* J of -n, and J at -x, are (-1)^n times J */
        double sign = (n < 0) != (x < 0) && fmod(n, 2) != 0 ? -1 : 1;
        if (isinf(x))
            return 0;
        return x == 0 ? (n == 0) : sign * plain_j(fabs(n), fabs(x));
    }
    if (x < 0 || (x == 0 && n < 0))
        return NAN;
    if (isinf(x) || x == 0)
        return 0;
    if (0 < n)
        return plain_j(n, x);
    /* Abramowitz and Stegun 9.1.2 */
    return part(cos_pi(n), plain_j(-n, x)) + part(sin_pi(n), plain_y(-n, x));
}

double bessel_y(double n, double x) {
    if (isnan(n) || isnan(x) || isinf(n) || x < 0)
        return NAN;
    if (isinf(x))
        return 0;
    if (x == 0)
        return -INFINITY;
    if (0 <= n)
        return plain_y(n, x);
    if (n == floor(n))
        return fmod(n, 2) != 0 ? -plain_y(-n, x) : plain_y(-n, x);
    return part(cos_pi(n), plain_y(-n, x)) - part(sin_pi(n), plain_j(-n, x));
}

/* I by its power series, all terms positive, for orders whose parts leave the doubles in GSL. */
static double series_i(double n, double x) {
    double sum = 1, term = 1;
    for (double k = 1; k < 1e5 && 1e-17 * sum < term; k++) {
        term *= x / 2 / k * (x / 2 / (n + k));
        sum += term;
    }
    return exp(n * log(x / 2) - special_lgamma(n + 1) + log(sum));
}

/* I and K of order n >= 0 at x > 0. */
static double plain_i(double n, double x) {
    gsl_sf_result res;
    double value = taken(is_whole(n) ? gsl_sf_bessel_In_e((int)n, x, &res)
                                     : gsl_sf_bessel_Inu_e(n, x, &res), &res, INFINITY);
    return value == 0 && x < 2 * n ? series_i(n, x) : value;
}

static double plain_k(double n, double x) {
    gsl_sf_result res;
    double value = taken(is_whole(n) ? gsl_sf_bessel_Kn_e((int)n, x, &res)
                                     : gsl_sf_bessel_Knu_e(n, x, &res), &res, INFINITY);
    if (isfinite(value) || n == 0)
        return value;
    return gsl_sf_bessel_lnKnu_e(n, x, &res) == GSL_SUCCESS ? exp(res.val) : value;
}

double bessel_i(double n, double x) {
    if (isnan(n) || isnan(x) || isinf(n))
        return NAN;
    if (n == floor(n)) { /* even in n; in x odd for odd n */
        double size = x == 0 ? (n == 0) : isinf(x) ? INFINITY : plain_i(fabs(n), fabs(x));
        return x < 0 && fmod(n, 2) != 0 ? -size : size;
    }
    if (x < 0 || (x == 0 && n < 0))
        return NAN;
    if (isinf(x) || x == 0)
        return x;
    if (0 < n)
        return plain_i(n, x);
    /* Abramowitz and Stegun 9.6.2 */
    return plain_i(-n, x) + 2 / pi * sin_pi(-n) * plain_k(-n, x);
}

double bessel_k(double n, double x) {
    if (isnan(n) || isnan(x) || isinf(n) || x < 0)
        return NAN;
    if (isinf(x))
        return 0;
    return x == 0 ? INFINITY : plain_k(fabs(n), x);
}
