/* Difference quotients; see differences.h. */
#include "eval/differences.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { STEPS = 9, SERIES = 6, NARROWER = 24 }; /* steps of one extrapolation; series tried, each with smaller steps */

/* The values at the steps of one series: f(x + h[k]*v), f(x - h[k]*v) and their bounds. */
typedef struct Series {
    const VectorSource *source;
    double *at, *start;          /* the point; x */
    const double *v;
    double h[STEPS], ratio;
    double *plus, *minus, *plus_bound, *minus_bound; /* STEPS rows of m */
    double *middle, *middle_bound;
    bool settled; /* smaller steps cannot give a smaller bound for any component */
} Series;

static RunStatus value_at(const VectorSource *s, const double *x, double *f, double *bound) {
    RunStatus res = s->value(s->context, x, f, bound);
    if (res == RUN_OK || res == RUN_INTERRUPT)
        return res;
    for (size_t i = 0; i < s->m; i++)
        f[i] = bound[i] = NAN;
    return RUN_OK;
}

/* Largest coordinate that moves, measured in the direction: the natural unit of t. */
static double unit_of(const VectorSource *s, const double *x, const double *v) {
    double size = 0, speed = 0;
    for (size_t i = 0; i < s->n; i++)
        if (v[i] != 0) {
            size = fmax(size, fabs(x[i]));
            speed = fmax(speed, fabs(v[i]));
        }
    return fmax(size, 0.1) / (speed == 0 ? 1 : speed);
}

static void move(Series *e, double t) {
    for (size_t i = 0; i < e->source->n; i++)
        if (e->v[i] != 0)
            e->at[i] = e->start[i] + t * e->v[i];
}

static RunStatus sample(Series *e, double first) {
    size_t m = e->source->m;
    RunStatus res = RUN_OK;
    double h = first;
    for (size_t k = 0; k < STEPS && res == RUN_OK; k++, h /= e->ratio) {
        e->h[k] = h;
        move(e, h);
        res = value_at(e->source, e->at, e->plus + k * m, e->plus_bound + k * m);
        move(e, -h);
        if (res == RUN_OK)
            res = value_at(e->source, e->at, e->minus + k * m, e->minus_bound + k * m);
    }
    memcpy(e->at, e->start, e->source->n * sizeof *e->at);
    return res;
}

/* Neville's scheme on q[0..], each with rounding error r; errors of the quotients are a series in
 * h^power.  The entry whose estimated error is least. */
static void extrapolate(size_t count, const double *q, const double *r, double ratio, int power, double *value,
                        double *bound) {
    double a[STEPS], b[STEPS], old[STEPS], old_b[STEPS];
    *value = count ? q[count - 1] : NAN;
    *bound = INFINITY;
    for (size_t k = 0; k < count; k++) {
        memcpy(old, a, sizeof a);
        memcpy(old_b, b, sizeof b);
        a[0] = q[k];
        b[0] = r[k];
        double factor = 1;
        for (size_t j = 1; j <= k; j++) {
            factor *= pow(ratio, power);
            a[j] = (a[j - 1] * factor - old[j - 1]) / (factor - 1);
            b[j] = (b[j - 1] * factor + old_b[j - 1]) / (factor - 1);
            double error = fmax(fabs(a[j] - a[j - 1]), fabs(a[j] - old[j - 1])) + b[j];
            if (error < *bound) {
                *bound = error;
                *value = a[j];
            }
        }
    }
}

/* From which step on all values of component i are finite. */
static size_t first_finite(const Series *e, size_t i) {
    size_t res = STEPS, m = e->source->m;
    while (0 < res && isfinite(e->plus[(res - 1) * m + i]) && isfinite(e->minus[(res - 1) * m + i]))
        res--;
    return res;
}

/* A corner or jump near the point, inside the larger steps, looks like one at the point: smaller
 * steps that see none are believed.  Else the smaller bound. */
static bool is_better(const Quotient *a, const Quotient *b) {
    if (isnan(b->value) || a->kink == b->kink)
        return isnan(b->value) || a->bound < b->bound;
    const Quotient *smooth = a->kink ? b : a;
    bool good = smooth->bound <= 1e-5 * fmax(fabs(smooth->value), smooth->scale);
    return (smooth == a) == good;
}

static void component(Series *e, size_t i, double unit, Quotient *out) {
    size_t m = e->source->m, from = first_finite(e, i), count = STEPS - from;
    double q[3][STEPS], r[3][STEPS], f = e->middle[i], fb = e->middle_bound[i], side_bound[2];
    for (size_t k = 0; k < count; k++) {
        size_t at = (from + k) * m + i;
        double h = e->h[from + k], p = e->plus[at], n = e->minus[at];
        double pb = e->plus_bound[at], nb = e->minus_bound[at];
        double moved = DBL_EPSILON * unit / h; /* x+h is rounded: as if the slope were off so much */
        q[0][k] = (p - n) / (2 * h);
        q[1][k] = (f - n) / h;
        q[2][k] = (p - f) / h;
        r[0][k] = (pb + nb) / (2 * h) + fabs(q[0][k]) * (moved + 2 * DBL_EPSILON);
        r[1][k] = (fb + nb) / h + fabs(q[1][k]) * (moved + 2 * DBL_EPSILON);
        r[2][k] = (pb + fb) / h + fabs(q[2][k]) * (moved + 2 * DBL_EPSILON);
    }
    Quotient res = {.scale = 0};
    extrapolate(count, q[0], r[0], e->ratio, 2, &res.value, &res.bound);
    extrapolate(count, q[1], r[1], e->ratio, 1, &res.left, &side_bound[0]);
    extrapolate(count, q[2], r[2], e->ratio, 1, &res.right, &side_bound[1]);
    if (count) /* at the smallest step: what is far away is no measure for here */
        res.scale = fmax(fabs(e->plus[(STEPS - 1) * m + i] - f), fabs(e->minus[(STEPS - 1) * m + i] - f)) / e->h[STEPS - 1];
    double gap = fabs(res.right - res.left);
    res.kink = 4 * (side_bound[0] + side_bound[1]) + 1e-6 * res.scale < gap;
    if (isfinite(res.bound) && is_better(&res, out))
        *out = res;
    /* the steps of the next series are smaller than the last one here, so the rounding of the values
     * alone comes to more than it does there */
    size_t last = (STEPS - 1) * m + i;
    double rounding = (e->plus_bound[last] + e->minus_bound[last]) / (2 * e->h[STEPS - 1]);
    e->settled = e->settled && !out->kink && out->bound <= rounding;
}

static bool all_good(size_t m, const Quotient *out) {
    for (size_t i = 0; i < m; i++)
        if (out[i].kink || !(out[i].bound <= 1e-9 * fmax(fabs(out[i].value), 1e-3 * out[i].scale)))
            return false;
    return true;
}

RunStatus difference_along(const VectorSource *s, double *x, const double *v, int choice, Quotient *out) {
    size_t m = s->m, rows = 4 * STEPS + 2;
    double *room = mem_new(rows * m + s->n, sizeof *room), unit = unit_of(s, x, v);
    size_t block = STEPS * m;
    Series e = {.source = s, .at = x, .start = room + rows * m, .v = v, .ratio = choice ? 1.7 : 1.4,
                .plus = room, .minus = room + block, .plus_bound = room + 2 * block,
                .minus_bound = room + 3 * block, .middle = room + 4 * block, .middle_bound = room + 4 * block + m};
    memcpy(e.start, x, s->n * sizeof *x);
    for (size_t i = 0; i < m; i++)
        out[i] = (Quotient){.value = NAN, .bound = INFINITY};
    RunStatus res = value_at(s, x, e.middle, e.middle_bound);
    double h = (choice ? 0.000037 : 0.1) * unit;
    for (int k = choice ? SERIES / 2 : 0; k < SERIES && res == RUN_OK && !(0 < k && (e.settled || all_good(m, out)));
         k++, h /= NARROWER) {
        e.settled = true;
        res = sample(&e, h);
        for (size_t i = 0; i < m && res == RUN_OK; i++)
            component(&e, i, unit, &out[i]);
    }
    free(room);
    return res;
}

RunStatus difference_fixed(const VectorSource *s, double *x, size_t i, double h, Quotient *out) {
    size_t m = s->m;
    double *room = mem_new(10 * m, sizeof *room), kept = x[i];
    double *f[5], *b[5];
    const double step[5] = {h, -h, 2 * h, -2 * h, 0};
    RunStatus res = RUN_OK;
    for (size_t k = 0; k < 5; k++) {
        f[k] = room + 2 * k * m;
        b[k] = f[k] + m;
        x[i] = kept + step[k];
        if (res == RUN_OK)
            res = value_at(s, x, f[k], b[k]);
        x[i] = kept;
    }
    for (size_t k = 0; k < m && res == RUN_OK; k++) {
        double twice = 2 * h, q = (f[0][k] - f[1][k]) / twice, wide = (f[2][k] - f[3][k]) / (2 * twice);
        double left = (f[4][k] - f[1][k]) / h, right = (f[0][k] - f[4][k]) / h;
        double rounding = (b[0][k] + b[1][k]) / fabs(twice) + fabs(q) * DBL_EPSILON * (2 + fabs(kept / h));
        double truncation = 2 * fabs(wide - q) / 3 + (b[2][k] + b[3][k]) / (6 * fabs(twice));
        double scale = fmax(fabs(left), fabs(right));
        out[k] = (Quotient){.value = q, .bound = truncation + rounding, .scale = scale, .left = left, .right = right};
        /* one-sided slopes of a smooth function come together as h falls, those of a corner do not */
        double gap = fabs(right - left), wide_gap = fabs(f[2][k] - 2 * f[4][k] + f[3][k]) / fabs(twice);
        double noise = 4 * (b[0][k] + b[1][k] + 2 * b[4][k]) / fabs(h);
        out[k].kink = noise + 1e-3 * scale < gap && wide_gap < 1.5 * gap;
        if (!isfinite(out[k].bound))
            out[k].bound = INFINITY;
    }
    free(room);
    return res;
}
