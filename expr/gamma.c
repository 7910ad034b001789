/* The gamma function's family: lgamma, digamma, polygamma, beta; see special.h. */
#define _DEFAULT_SOURCE /* lgamma_r */
#include <math.h>
#include <stddef.h>

#include "expr/special.h"

static const double pi = 3.14159265358979323846;

double special_lgamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

/* digamma on [1, 2]: (x - root)*rational, the root in three parts; the coefficients are those of
 * Boost's digamma.hpp (John Maddock, 2006), good to 1e-17. */
static double digamma_middle(double x) {
    static const double root1 = 1569415565.0 / 1073741824;
    static const double root2 = 381566830.0 / 1073741824 / 1073741824;
    static const double root3 = 0.9016312093258695918615325266959189453125e-19;
    static const double y = 0.99558162689208984;
    static const double p[] = {0.25479851061131551, -0.32555031186804491, -0.65031853770896507,
        -0.28919126444774784, -0.045251321448739056, -0.0020713321167745952};
    static const double q[] = {1.0, 2.0767117023730469, 1.4606242909763515, 0.43593529692665969,
        0.054151797245674225, 0.0021284987017821144, -0.55789841321675513e-6};
    double g = ((x - root1) - root2) - root3, t = x - 1, num = 0, den = 0;
    for (int i = 6; i-- > 0;)
        num = num * t + p[i];
    for (int i = 7; i-- > 0;)
        den = den * t + q[i];
    return g * y + g * (num / den);
}

double special_digamma(double x) {
    if (x <= 0) { /* reflection; r is exact */
        double r = x - round(x);
        return r == 0 || isinf(x) ? NAN : special_digamma(1 - x) - pi / tan(pi * r);
    }
    if (x < 1)
        return digamma_middle(1 + x) - 1 / x;
    if (x < 10) {
        double res = 0;
        for (; 2 < x; res += 1 / x)
            x -= 1;
        return digamma_middle(x) + res;
    }
    /* log(x) - 1/(2*x) - sum of B[2*j]/(2*j*x^(2*j)) */
    static const double c[] = {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132,
        -691.0 / 32760, 1.0 / 12, -3617.0 / 8160};
    double z = 1 / x / x, sum = 0;
    for (int i = 8; i-- > 0;)
        sum = (sum + c[i]) * z;
    return log(x) - 0.5 / x - sum;
}

/* With L = log1p(z/q): ((q + z)^-p - q^-p)/q^-p; for z = 0 the factor 1, of q^-p itself. */
static double growth(double z, double p, double L) {
    return z == 0 ? 1 : expm1(-p * L);
}

/* x^s times the sum over k >= 0 of (x + k)^-s, for x > 0 and whole s >= 2, by Euler and Maclaurin;
 * with z != 0 the same of (x + z + k)^-s - (x + k)^-s, then also for s = 1. */
static double hurwitz(double s, double x, double z) {
    /* B[2*j]/(2*j)! */
    static const double c[] = {1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160,
        -691.0 / 1307674368000, 1.0 / 74724249600, -3617.0 / 10670622842880000,
        43867.0 / 5109094217170944000, -174611.0 / 802857662698291200000.0};
    double sum = 0, q = x, low = z < 0 ? z : 0;
    for (double k = 0; x + k + low < 10 + s; q = x + k) {
        double t = pow(x / q, s) * growth(z, s, log1p(z / q));
        sum += t;
        if (z == 0 && t * q < 1e-18 * sum) /* all that follows is less than t*q */
            return sum;
        k += 1;
    }
    double L = log1p(z / q);
    double tail = q * (s == 1 ? -L : growth(z, s - 1, L) / (s - 1)) + 0.5 * growth(z, s, L);
    double rise = s / q; /* s*(s + 1)*...*(s + 2*j)/q^(2*j + 1) */
    for (int j = 0; j < 10; j++) {
        double p = s + 2 * j + 1;
        tail += c[j] * rise * growth(z, p, L);
        rise *= p / q * ((p + 1) / q);
    }
    return sum + pow(x / q, s) * tail;
}

/* n!*x^-(n + 1)*h, in an order that overflows only if the result does. */
static double factorial_over_power(double n, double x, double h) {
    if (170 < n)
        return exp(special_lgamma(n + 1) - (n + 1) * log(x)) * h;
    double half = pow(x, -(n + 1) / 2);
    return half * tgamma(n + 1) * half * h;
}

/* n! times the sum over k >= 0 of (x + k)^-(n + 1), x > 0. */
static double zeta_factorial(double n, double x) {
    return factorial_over_power(n, x, hurwitz(n + 1, x, 0));
}

double special_polygamma(double n, double x) {
    if (isnan(n) || isnan(x) || n < 0 || n != floor(n) || isinf(n))
        return NAN;
    if (n == 0)
        return special_digamma(x);
    if (isinf(x))
        return x > 0 ? 0 : NAN;
    double sign = fmod(n, 2) == 0 ? -1 : 1; /* -(-1)^n */
    if (x > 0)
        return sign * zeta_factorial(n, x);
    /* The sum over all whole k of (x + k)^-(n + 1), which depends on the distance r to the nearest
     * one only, less the part from 1 - x on. */
    double r = x - round(x);
    if (r == 0)
        return NAN;
    double all = factorial_over_power(n, fabs(r), 1) * (r < 0 ? sign : 1) + zeta_factorial(n, 1 + r)
                 + sign * zeta_factorial(n, 1 - r);
    return sign * all - zeta_factorial(n, 1 - x);
}

double special_polygammadiff(double n, double x, double z) {
    if (isnan(n) || n < 0 || n != floor(n) || !(0 < x) || !(0 < x + z))
        return NAN;
    if (z == 0)
        return 0;
    if (z < -0.5 * x) /* x + z is exact */
        return -special_polygammadiff(n, x + z, -z);
    if (170 < n || isinf(z) || isinf(x))
        return special_polygamma(n, x + z) - special_polygamma(n, x);
    double sign = fmod(n, 2) == 0 ? -1 : 1;
    return sign * factorial_over_power(n, x, hurwitz(n + 1, x, z));
}

/* log(gamma(x)) less Stirling's (x - 1/2)*log(x) - x + log(2*pi)/2, for x >= 10. */
static double stirling_rest(double x) {
    static const double c[] = {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188,
        -691.0 / 360360, 1.0 / 156, -3617.0 / 122400};
    double z = 1 / x / x, sum = 0;
    for (int i = 8; i-- > 0;)
        sum = sum * z + c[i];
    return sum / x;
}

/* (part/sum)^power, where `lost` is what rounding took from the sum. */
static double share_power(double part, double sum, double lost, double power) {
    double share = part / sum;
    double gap = (fma(-share, sum, part) - share * lost) / part;
    return pow(share, power) * exp(power * gap);
}

double special_beta(double x, double y) {
    if (!(0 < x && 0 < y))
        return NAN;
    double a = fmin(x, y), b = fmax(x, y), sum = a + b;
    if (isinf(sum))
        return 0;
    double lost = a - (sum - b);
    if (sum < 170)
        return tgamma(a) * (tgamma(b) / tgamma(sum)) * (1 - lost * special_digamma(sum));
    /* Stirling's formula for the large ones. */
    double rest = stirling_rest(b) - stirling_rest(sum);
    if (a < 10)
        return tgamma(a) * pow(b, -a) * exp(a - (sum - 0.5) * log1p(a / b) + rest);
    return sqrt(2 * pi / b) * share_power(a, sum, lost, a - 0.5) * share_power(b, sum, lost, b)
           * exp(stirling_rest(a) + rest);
}
