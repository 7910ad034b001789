/* Elementary special functions, the inverse of erf and Lambert's W; see special.h. */
#include "expr/special.h"

#include <math.h>
#include <stddef.h>

static const double sqrt_pi = 1.7724538509055160273;

/* c[0] + c[1]*x + ... + c[n-1]*x^(n-1) */
static double polynomial(const double *c, size_t n, double x) {
    double res = c[n - 1];
    for (size_t i = n - 1; i-- > 0;)
        res = res * x + c[i];
    return res;
}

double special_sigmoid(double x) {
    if (x < 0) {
        double t = exp(x);
        return t / (1 + t);
    }
    return 1 / (1 + exp(-x));
}

double special_softplus(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

double special_logit(double x) {
    if (0.25 <= x && x <= 0.75) /* 2*x - 1 is exact here, and the result may be near 0 */
        return 2 * atanh(2 * x - 1);
    return x < 0.25 ? log(x) - log1p(-x) : log(x / (1 - x));
}

double special_mod(double x, double y) {
    double res = fmod(x, y);
    if (res == 0)
        return copysign(res, y);
    return (res < 0) != (y < 0) ? res + y : res;
}

double special_ldexp(double x, double y) {
    if (y != floor(y))
        return NAN;
    return scalbn(x, y < -5000 ? -5000 : 5000 < y ? 5000 : (int)y);
}

/* A first value for erfinv, x >= 0: Giles, "Approximating the erfinv function", GPU Computing Gems
 * (2011), table 5, good to 7 digits; where 1 - x < 1e-7, the leading terms of the tail. */
static double erfinv_start(double x) {
    static const double middle[] = {1.50140941, 0.246640727, -0.00417768164, -0.00125372503,
        0.00021858087, -4.39150654e-06, -3.5233877e-06, 3.43273939e-07, 2.81022636e-08};
    static const double tail[] = {2.83297682, 1.00167406, 0.00943887047, -0.0076224613,
        0.00573950773, -0.00367342844, 0.00134934322, 0.000100950558, -0.000200214257};
    double w = -log((1 - x) * (1 + x));
    if (w < 5)
        return x * polynomial(middle, 9, w - 2.5);
    if (w < 16)
        return x * polynomial(tail, 9, sqrt(w) - 3);
    double u = -log(1 - x);
    return sqrt(u - 0.5 * log(u * sqrt_pi * sqrt_pi));
}

double special_erfinv(double x) {
    double a = fabs(x);
    if (!(a < 1))
        return a == 1 ? copysign(INFINITY, x) : NAN;
    double res = erfinv_start(a);
    /* Halley on erf(res) = a, through erfc where that keeps the digits. */
    for (int i = 0; i < 3; i++) {
        double gap = a < 0.5 ? erf(res) - a : (1 - a) - erfc(res);
        double step = gap * (sqrt_pi / 2) * exp(res * res);
        res -= step / (1 + res * step);
    }
    return copysign(res, x);
}

/* W near its branch point by powers of p = sqrt(2*(e*x + 1)): Corless and others, "On the Lambert W
 * function", Adv. Comput. Math. 5 (1996), (4.22). */
static double lambertw_branch(double p) {
    static const double mu[] = {-1, 1, -1.0 / 3, 11.0 / 72, -43.0 / 540, 769.0 / 17280,
        -221.0 / 8505, 680863.0 / 43545600, -0.009616892024299432, 0.006014543252956118,
        -0.0038112980348919993, 0.0024408779911439826, -0.0015769303446867841,
        0.0010262633205076071, -0.0006720616311561362, 0.0004424730618146209,
        -0.00029267722472962746, 0.00019438727605453933, -0.00012957426685274883,
        8.665035805208128e-05, -5.811360750441382e-05, 3.907668486743905e-05};
    return polynomial(mu, sizeof mu / sizeof *mu, p);
}

double special_lambertw(double x) {
    /* 1/e in two parts, so that x + 1/e keeps its digits where it is small. */
    static const double inv_e = 0.36787944117144233, inv_e_low = -1.2428753672788363e-17;
    static const double e = 2.7182818284590452354;
    if (isnan(x) || x == INFINITY || fabs(x) < 1e-300)
        return x;
    if (x <= -inv_e) /* the double nearest to -1/e stands for it */
        return x == -inv_e ? -1 : NAN;
    double p = sqrt(2 * e * ((x + inv_e) + inv_e_low));
    if (p < 0.25)
        return lambertw_branch(p);
    /* Winitzki's approximation, good to 1e-2, then Halley on w - x*exp(-w) = 0. */
    double u = log1p(x);
    double w = p < 1 ? lambertw_branch(p) : u * (1 - log1p(u) / (2 + u));
    for (int i = 0; i < 8; i++) {
        double gap = w - x * exp(-w);
        double step = gap / (1 + w - gap * (w + 2) / (2 * (w + 1)));
        w -= step;
        if (fabs(step) <= 1e-8 * fabs(w)) /* the next would be below 1e-20 of w */
            break;
    }
    return w;
}
