/* Bessel functions of real order through GSL; see bessel.h. */
#include "expr/bessel.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_bessel.h>
#include <math.h>
#include <stdbool.h>

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

/* What a call gave: also after underflow, overflow or a loss of digits GSL sets a sensible value;
 * outside the domain there is none. */
static double taken(int status, const gsl_sf_result *res) {
    return status == GSL_EDOM ? NAN : res->val;
}

double bessel_j(double n, double x) {
    gsl_sf_result res;
    if (isnan(n) || isnan(x))
        return NAN;
    if (isinf(x))
        return 0;
    if (is_whole(n))
        return taken(gsl_sf_bessel_Jn_e((int)n, x, &res), &res);
    if (x < 0)
        return NAN;
    if (0 < n)
        return taken(gsl_sf_bessel_Jnu_e(n, x, &res), &res);
    if (x == 0)
        return NAN;
    /* Abramowitz and Stegun 9.1.2 */
    double c = cos_pi(n), s = sin_pi(-n), res_c = 0;
    if (c != 0)
        res_c = c * taken(gsl_sf_bessel_Jnu_e(-n, x, &res), &res);
    return res_c - s * taken(gsl_sf_bessel_Ynu_e(-n, x, &res), &res);
}

double bessel_y(double n, double x) {
    gsl_sf_result res;
    if (isnan(n) || isnan(x) || x < 0)
        return NAN;
    if (isinf(x))
        return 0;
    if (x == 0)
        return -INFINITY;
    if (is_whole(n))
        return taken(gsl_sf_bessel_Yn_e((int)n, x, &res), &res);
    if (0 < n)
        return taken(gsl_sf_bessel_Ynu_e(n, x, &res), &res);
    double c = cos_pi(n), s = sin_pi(-n), res_c = 0;
    if (c != 0)
        res_c = c * taken(gsl_sf_bessel_Ynu_e(-n, x, &res), &res);
    return res_c + s * taken(gsl_sf_bessel_Jnu_e(-n, x, &res), &res);
}

double bessel_i(double n, double x) {
    gsl_sf_result res;
    if (isnan(n) || isnan(x))
        return NAN;
    if (is_whole(n)) {
        if (isinf(x))
            return x < 0 && fmod(n, 2) != 0 ? x : INFINITY;
        return taken(gsl_sf_bessel_In_e((int)n, x, &res), &res);
    }
    if (x < 0)
        return NAN;
    if (isinf(x))
        return x;
    if (0 < n)
        return taken(gsl_sf_bessel_Inu_e(n, x, &res), &res);
    if (x == 0)
        return NAN;
    /* Abramowitz and Stegun 9.6.2 */
    double i = taken(gsl_sf_bessel_Inu_e(-n, x, &res), &res);
    return i + 2 / pi * sin_pi(-n) * taken(gsl_sf_bessel_Knu_e(-n, x, &res), &res);
}

double bessel_k(double n, double x) {
    gsl_sf_result res;
    if (isnan(n) || isnan(x) || x < 0)
        return NAN;
    if (isinf(x))
        return 0;
    if (x == 0)
        return INFINITY;
    n = fabs(n);
    if (is_whole(n))
        return taken(gsl_sf_bessel_Kn_e((int)n, x, &res), &res);
    return taken(gsl_sf_bessel_Knu_e(n, x, &res), &res);
}
