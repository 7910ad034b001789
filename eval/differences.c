/* Difference quotients; see differences.h. */
#include "eval/differences.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { STEPS = 9, SERIES = 6, NARROWER = 24 }; /* steps of one extrapolation; series tried, each with smaller steps */
enum { SPARED_LEAST = 3 }; /* the first entry with two to compare it with */

/* A spared bound: so many times the largest of the running bounds at x and at both ends of the segment
 * that the steps of a series lie on.  A running bound adds up the local errors as they happen to be:
 * between 0 and half a unit in the last place, on average half of that.  In a value of several
 * 100,000 operations, which is when bounds are spared, the sum is close to its average; so no point of
 * like intermediate values has more than twice the bound of another.  The other factor of 2 is for
 * the intermediate values: between the ends they are at most those at the ends where they are convex
 * along the segment, and else change by their curvature over a tenth of x. */
static const double SPARED = 4;

/* The values at the steps of one series: f(x + h[k]*v), f(x - h[k]*v) and their bounds. */
typedef struct Series {
    const VectorSource *source;
    double *at, *start;          /* the point; x */
    const double *v;
    size_t count;                /* steps taken */
    bool bounded;                /* a step with bounds, all finite, was had: the others are spared them */
    double h[STEPS], ratio;
    double *plus, *minus, *plus_bound, *minus_bound; /* STEPS rows of m */
    double *middle, *middle_bound, *spared_bound;
    bool settled; /* smaller steps cannot give a smaller bound for any component */
} Series;

static RunStatus undefined_unless_ok(RunStatus res, size_t m, double *f, double *bound) {
    if (res == RUN_OK || res == RUN_INTERRUPT)
        return res;
    for (size_t i = 0; i < m; i++)
        f[i] = bound[i] = NAN;
    return RUN_OK;
}

static RunStatus value_at(const VectorSource *s, const double *x, double *f, double *bound) {
    return undefined_unless_ok(s->value(s->context, x, f, bound), s->m, f, bound);
}

static RunStatus middle_at(const VectorSource *s, const double *x, double *f, double *bound) {
    if (!s->middle)
        return value_at(s, x, f, bound);
    memcpy(f, s->middle, s->m * sizeof *f);
    memcpy(bound, s->middle_bound, s->m * sizeof *bound);
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

/* An extrapolated slope: its error, and how much of that comes from rounding alone. */
typedef struct Slope {
    double value, bound, rounding;
} Slope;

/* Neville's scheme on q[0..], each with rounding error r; errors of the quotients are a series in
 * h^power.  The entry whose estimated error is least. */
static Slope extrapolate(size_t count, const double *q, const double *r, double ratio, int power) {
    double a[STEPS], b[STEPS], old[STEPS], old_b[STEPS];
    Slope res = {count ? q[count - 1] : NAN, INFINITY, 0};
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
            if (error < res.bound)
                res = (Slope){a[j], error, b[j]};
        }
    }
    return res;
}

/* From which step on all values of component i are finite. */
static size_t first_finite(const Series *e, size_t i) {
    size_t res = e->count, m = e->source->m;
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

typedef enum Side { SIDE_BOTH, SIDE_LEFT, SIDE_RIGHT } Side;

/* The quotients of component i, extrapolated. */
static Slope slope_of(const Series *e, size_t i, double unit, Side side) {
    size_t m = e->source->m, from = first_finite(e, i), count = e->count - from;
    double q[STEPS], r[STEPS];
    for (size_t k = 0; k < count; k++) {
        size_t at = (from + k) * m + i;
        const double *high = side == SIDE_LEFT ? &e->middle[i] : &e->plus[at];
        const double *low = side == SIDE_RIGHT ? &e->middle[i] : &e->minus[at];
        double high_bound = side == SIDE_LEFT ? e->middle_bound[i] : e->plus_bound[at];
        double low_bound = side == SIDE_RIGHT ? e->middle_bound[i] : e->minus_bound[at];
        double h = e->h[from + k], step = side == SIDE_BOTH ? 2 * h : h;
        double moved = DBL_EPSILON * unit / h; /* x+h is rounded: as if the slope were off so much */
        q[k] = (*high - *low) / step;
        r[k] = (high_bound + low_bound) / step + fabs(q[k]) * (moved + 2 * DBL_EPSILON);
    }
    return extrapolate(count, q, r, e->ratio, side == SIDE_BOTH ? 2 : 1);
}

/* Sparing: is truncation no more than rounding in all components?  Smaller steps only round more. */
static bool is_enough(const Series *e, double unit) {
    if (!e->source->plain || e->count < SPARED_LEAST)
        return false;
    for (size_t i = 0; i < e->source->m; i++) {
        Slope s = slope_of(e, i, unit, SIDE_BOTH);
        if (!(s.bound <= 2 * s.rounding))
            return false;
    }
    return true;
}

static void component(Series *e, size_t i, double unit, Quotient *out) {
    size_t m = e->source->m, last = e->count - 1, at = last * m + i;
    Slope both = slope_of(e, i, unit, SIDE_BOTH), left = slope_of(e, i, unit, SIDE_LEFT),
          right = slope_of(e, i, unit, SIDE_RIGHT);
    Quotient res = {.value = both.value, .bound = both.bound, .left = left.value, .right = right.value};
    double f = e->middle[i];
    if (first_finite(e, i) < e->count) /* at the smallest step: what is far away is no measure for here */
        res.scale = fmax(fabs(e->plus[at] - f), fabs(e->minus[at] - f)) / e->h[last];
    double gap = fabs(res.right - res.left);
    res.kink = 4 * (left.bound + right.bound) + 1e-6 * res.scale < gap;
    if (isfinite(res.bound) && is_better(&res, out))
        *out = res;
    /* the steps of the next series are smaller than the last one here, so the rounding of the values
     * alone comes to more than it does there */
    double rounding = (e->plus_bound[at] + e->minus_bound[at]) / (2 * e->h[last]);
    bool least = e->source->plain ? both.bound <= 2 * both.rounding : out->bound <= rounding;
    e->settled = e->settled && !out->kink && least;
}

/* The values at one end of step k. */
static RunStatus end_at(Series *e, size_t k, double t, double *f, double *bound) {
    const VectorSource *s = e->source;
    move(e, t);
    if (!e->bounded)
        return value_at(s, e->at, f + k * s->m, bound + k * s->m);
    for (size_t i = 0; i < s->m; i++)
        bound[k * s->m + i] = e->spared_bound[i];
    return undefined_unless_ok(s->plain(s->context, e->at, f + k * s->m), s->m, f + k * s->m, bound + k * s->m);
}

/* Do the bounds of step k, the largest so far, do for all further ones? */
static void spare(Series *e, size_t k) {
    size_t m = e->source->m, at = k * m;
    bool finite = e->source->plain != NULL;
    for (size_t i = 0; i < m && finite; i++) {
        e->spared_bound[i] = SPARED * fmax(e->middle_bound[i], fmax(e->plus_bound[at + i], e->minus_bound[at + i]));
        finite = isfinite(e->spared_bound[i]) && isfinite(e->plus[at + i]) && isfinite(e->minus[at + i]);
    }
    e->bounded = finite;
}

static RunStatus sample(Series *e, double first, double unit) {
    RunStatus res = RUN_OK;
    double h = first;
    e->bounded = false;
    for (e->count = 0; e->count < STEPS && res == RUN_OK && !is_enough(e, unit); h /= e->ratio) {
        size_t k = e->count++;
        bool had_bounds = !e->bounded;
        e->h[k] = h;
        res = end_at(e, k, h, e->plus, e->plus_bound);
        if (res == RUN_OK)
            res = end_at(e, k, -h, e->minus, e->minus_bound);
        if (had_bounds && res == RUN_OK)
            spare(e, k);
    }
    memcpy(e->at, e->start, e->source->n * sizeof *e->at);
    return res;
}

static bool all_good(size_t m, const Quotient *out) {
    for (size_t i = 0; i < m; i++)
        if (out[i].kink || !(out[i].bound <= 1e-9 * fmax(fabs(out[i].value), 1e-3 * out[i].scale)))
            return false;
    return true;
}

RunStatus difference_along(const VectorSource *s, double *x, const double *v, int choice, Quotient *out) {
    size_t m = s->m, rows = 4 * STEPS + 3;
    double *room = mem_new(rows * m + s->n, sizeof *room), unit = unit_of(s, x, v);
    size_t block = STEPS * m;
    Series e = {.source = s, .at = x, .start = room + rows * m, .v = v, .ratio = choice ? 1.7 : 1.4,
                .plus = room, .minus = room + block, .plus_bound = room + 2 * block,
                .minus_bound = room + 3 * block, .middle = room + 4 * block, .middle_bound = room + 4 * block + m,
                .spared_bound = room + 4 * block + 2 * m};
    memcpy(e.start, x, s->n * sizeof *x);
    for (size_t i = 0; i < m; i++)
        out[i] = (Quotient){.value = NAN, .bound = INFINITY};
    RunStatus res = middle_at(s, x, e.middle, e.middle_bound);
    double h = (choice ? 0.000037 : 0.1) * unit;
    for (int k = choice ? SERIES / 2 : 0; k < SERIES && res == RUN_OK && !(0 < k && (e.settled || all_good(m, out)));
         k++, h /= NARROWER) {
        e.settled = true;
        res = sample(&e, h, unit);
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
            res = step[k] == 0 ? middle_at(s, x, f[k], b[k]) : value_at(s, x, f[k], b[k]);
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
