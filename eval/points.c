/* Generic points; see points.h. */
#include "eval/points.h"

#include <math.h>

enum { FEW = 200, AGAIN = 20 };

/* How one point's coordinates are drawn; each has its own kind of domain in mind. */
typedef enum Regime {
    REGIME_MIXED,    /* signed, magnitudes 0.1 .. 10: polynomials, anything */
    REGIME_NORMAL,   /* signed, around 0 */
    REGIME_POSITIVE, /* 0.1 .. 10: log, sqrt, powers */
    REGIME_INSIDE,   /* -1 .. 1: asin, atanh */
    REGIME_SMALL,    /* 0.05 .. 0.95: probabilities */
    REGIME_BEYOND,   /* 1.05 .. 5: acosh */
    REGIME_NEGATIVE, /* -10 .. -0.1 */
    REGIME_RISING,   /* each larger than the one before: x < y < z */
    REGIME_FALLING,
    REGIME_WIDE,     /* signed, magnitudes 0.001 .. 1000 */
    REGIMES
} Regime;

static double between(Random *r, double lo, double hi) {
    return lo + (hi - lo) * random_uniform(r);
}

static double log_between(Random *r, double lo, double hi) {
    return exp(between(r, log(lo), log(hi)));
}

static double signed_by(Random *r, double x) {
    return random_bits(r) >> 63 ? x : -x;
}

static double drawn(Random *r, Regime regime) {
    switch (regime) {
    case REGIME_NORMAL: return 2 * random_normal(r);
    case REGIME_POSITIVE: case REGIME_RISING: case REGIME_FALLING: return log_between(r, 0.1, 10);
    case REGIME_INSIDE: return signed_by(r, between(r, 0.05, 0.97));
    case REGIME_SMALL: return between(r, 0.05, 0.95);
    case REGIME_BEYOND: return between(r, 1.05, 5);
    case REGIME_NEGATIVE: return -log_between(r, 0.1, 10);
    case REGIME_WIDE: return signed_by(r, log_between(r, 1e-3, 1e3));
    default: return signed_by(r, log_between(r, 0.1, 10));
    }
}

/* To four significant digits, so that a witness can be read and typed. */
static double rounded(double x) {
    double unit = pow(10, 3 - floor(log10(fabs(x))));
    return 1 <= unit ? round(x * unit) / unit : x;
}

static double coordinate(Random *r, Regime regime) {
    for (;;) {
        double x = drawn(r, regime);
        if (fabs(x) < 1e-4)
            continue;
        x = rounded(x);
        if (1e-3 < fabs(x - round(x)) || (fabs(x) < 0.5 && x != 0))
            return x;
    }
}

static bool occurs(const double *x, size_t n, double value) {
    for (size_t i = 0; i < n; i++)
        if (x[i] == value)
            return true;
    return false;
}

static void draw(Random *r, Regime regime, size_t n, double *x) {
    for (size_t i = 0; i < n; i++) {
        x[i] = coordinate(r, regime);
        for (int again = 0; again < AGAIN && n <= FEW && occurs(x, i, x[i]); again++)
            x[i] = coordinate(r, regime); /* max(x) has a kink where two are equal */
    }
    if (regime != REGIME_RISING && regime != REGIME_FALLING)
        return;
    double at = x[0];
    for (size_t i = 1; i < n; i++) {
        at += x[i] / (double)n;
        x[i] = rounded(at);
    }
    for (size_t i = 0; regime == REGIME_FALLING && i < n / 2; i++) {
        double t = x[i];
        x[i] = x[n - 1 - i];
        x[n - 1 - i] = t;
    }
}

bool points_draw(Random *r, size_t n, double *x, size_t tries, PointAccept accept, void *context) {
    for (size_t i = 0; i < tries; i++) {
        Regime regime = random_below(r, 3) == 0 ? REGIME_MIXED : (Regime)random_below(r, REGIMES);
        draw(r, regime, n, x);
        if (!accept || accept(context, x))
            return true;
    }
    return false;
}
