/* Difference quotients in balls; see balls_slope.h.
 *
 * By the mean value theorem the quotient over [x-h, x+h] is the derivative somewhere between.  So,
 * g being the derivative, q must lie in g([x-h, x+h]), which balls enclose: |q - g(x)| is at most the
 * distance of that range from g(x).  This bound is certain, truncation included; no higher derivative
 * and no estimate is needed.  The slopes on both sides of x lie in that range too. */
#include "eval/balls_slope.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { VALUE, DERIVATIVE, ROOTS };
enum { HERE, BEFORE, AFTER, SLOPE, RANGE, STEP, LEFT, RIGHT }; /* registers */

/* Precisions, and -log2(h) beside the size of x.  Rounding of the quotient is |f|/h * 2^-bits, so the
 * later ones leave most bits to values that cancel. */
static const struct {
    long bits, step;
} levels[] = {{128, 60}, {256, 100}, {512, 170}, {1000, 300}};
enum { LEVELS = sizeof levels / sizeof *levels };

struct BallSlope {
    Store *s;
    BallCode *code;
    BallRun *run;
    size_t n;
    mpq_t *x, *low, *high; /* the point; the ends of the step */
    mpq_t h, t;
};

/* What one precision shows. */
typedef struct Level {
    SlopePoint p;
    double gap, gap_bound; /* right - left */
    double usual;          /* the one-sided slopes are at least so large */
    double size;           /* of the value */
} Level;

BallSlope *ball_slope_new(Defs *d, size_t params, const Param *param, const size_t (*dims)[2], Expr value,
                          Expr derivative, const NumberKind *balls, const volatile int *interrupt, const char **why) {
    const Expr root[ROOTS] = {value, derivative};
    BallCode *code = ball_code_new(d, params, param, dims, ROOTS, root, why);
    if (!code)
        return NULL;
    BallSlope *s = mem_new(1, sizeof *s);
    s->s = defs_store(d);
    s->code = code;
    s->run = ball_run_new(code, balls, interrupt);
    s->n = ball_code_inputs(code);
    s->x = mem_new(3 * s->n + 1, sizeof *s->x);
    s->low = s->x + s->n;
    s->high = s->low + s->n;
    for (size_t i = 0; i < 3 * s->n; i++)
        mpq_init(s->x[i]);
    mpq_inits(s->h, s->t, NULL);
    return s;
}

void ball_slope_free(BallSlope *s) {
    if (!s)
        return;
    for (size_t i = 0; i < 3 * s->n; i++)
        mpq_clear(s->x[i]);
    mpq_clears(s->h, s->t, NULL);
    free(s->x);
    ball_run_free(s->run);
    ball_code_free(s->code);
    free(s);
}

/* ---- one precision ---- */

static bool keep(BallSlope *s, size_t root, uint32_t to, uint64_t *cost) {
    bool res = ball_run_root(s->run, root);
    if (res)
        ball_run_keep(s->run, to, root);
    *cost += ball_run_cost(s->run) + s->n;
    return res;
}

/* h, 2^-step times a power of 2 near x[i], and the ends of the step. */
static void set_step(BallSlope *s, double at, size_t i, long step) {
    long exponent = (long)ceil(log2(fmax(fabs(at), 0.1))) - step;
    mpq_set_ui(s->h, 1, 1);
    if (exponent < 0)
        mpq_div_2exp(s->h, s->h, (mp_bitcnt_t)-exponent);
    else
        mpq_mul_2exp(s->h, s->h, (mp_bitcnt_t)exponent);
    for (size_t k = 0; k < s->n; k++) {
        mpq_set(s->low[k], s->x[k]);
        mpq_set(s->high[k], s->x[k]);
    }
    mpq_sub(s->low[i], s->x[i], s->h);
    mpq_add(s->high[i], s->x[i], s->h);
}

/* Values at the point and at both ends, the derivative at the point and over the step. */
static bool take_values(BallSlope *s, uint64_t *cost) {
    BallRun *r = s->run;
    ball_run_set(r, (const mpq_t *)s->x);
    if (!keep(s, VALUE, HERE, cost) || !keep(s, DERIVATIVE, SLOPE, cost))
        return false;
    ball_run_set(r, (const mpq_t *)s->low);
    if (!keep(s, VALUE, BEFORE, cost))
        return false;
    ball_run_set(r, (const mpq_t *)s->high);
    if (!keep(s, VALUE, AFTER, cost))
        return false;
    ball_run_set_box(r, (const mpq_t *)s->low, (const mpq_t *)s->high);
    return keep(s, DERIVATIVE, RANGE, cost);
}

static void slope_between(BallSlope *s, uint32_t to, uint32_t a, uint32_t b, double *middle, double *radius) {
    ball_run_combine(s->run, EXPR_SUB, to, b, a);
    ball_run_combine(s->run, EXPR_DIV, to, to, STEP);
    ball_run_read(s->run, to, middle, radius);
}

/* False where something is not defined, or too long. */
static bool take_level(BallSlope *s, const double *x, size_t i, size_t number, uint64_t *budget, Level *out) {
    long bits = levels[number].bits;
    double weight = (double)bits / (double)levels[0].bits, radius[2], middle, rad;
    uint64_t cost = 0;
    ball_run_bits(s->run, bits);
    ball_run_limit(s->run, (uint64_t)((double)*budget / weight));
    set_step(s, x[i], i, levels[number].step);
    bool res = take_values(s, &cost);
    cost = (uint64_t)((double)cost * weight);
    *budget = cost < *budget ? *budget - cost : 0;
    if (!res)
        return false;
    *out = (Level){.p.bits = bits};
    ball_run_read(s->run, SLOPE, &out->p.derivative, &rad);
    ball_run_read(s->run, HERE, &out->size, &rad);
    ball_run_load(s->run, STEP, s->h);
    slope_between(s, LEFT, BEFORE, HERE, &out->p.left, &radius[0]);
    slope_between(s, RIGHT, HERE, AFTER, &out->p.right, &radius[1]);
    out->usual = fmax(fabs(out->p.left) - radius[0], fabs(out->p.right) - radius[1]);
    ball_run_combine(s->run, EXPR_SUB, LEFT, RIGHT, LEFT);
    ball_run_read(s->run, LEFT, &out->gap, &out->gap_bound);
    mpq_mul_2exp(s->t, s->h, 1);
    ball_run_load(s->run, STEP, s->t);
    slope_between(s, AFTER, BEFORE, AFTER, &out->p.quotient, &rad);
    ball_run_combine(s->run, EXPR_SUB, AFTER, AFTER, SLOPE); /* q - g(x) */
    ball_run_read(s->run, AFTER, &middle, &rad);
    out->p.difference = fabs(middle);
    out->p.bound = rad;
    ball_run_combine(s->run, EXPR_SUB, RANGE, RANGE, SLOPE); /* g(step) - g(x) */
    ball_run_read(s->run, RANGE, &middle, &rad);
    out->p.bound = (out->p.bound + fabs(middle) + rad) * (1 + 1e-9); /* read as doubles */
    return isfinite(out->p.bound) && isfinite(out->p.difference);
}

/* ---- all precisions ---- */

/* The quotient is not among the derivative's values over the step. */
static bool is_off(const Level *l) {
    return l->p.bound < l->p.difference;
}

/* The slopes on both sides are further from each other than any two of these values. */
static bool is_split(const Level *l) {
    return 2 * l->p.bound < fabs(l->gap) - l->gap_bound;
}

/* Off at two steps whose quotients tell the same: over a jump they grow without end. */
static bool is_different(const Level *wide, const Level *narrow) {
    return is_off(wide) && is_off(narrow) &&
           fabs(wide->p.quotient - narrow->p.quotient) <= 0.5 * fmin(wide->p.difference, narrow->p.difference);
}

/* One-sided slopes of a smooth function come together as h falls, those beside a jump go apart. */
static bool is_kink(const Level *wide, const Level *narrow) {
    return narrow->gap_bound < 1e-3 * fabs(narrow->gap) &&
           fabs(wide->gap - narrow->gap) < 0.5 * fmin(fabs(wide->gap), fabs(narrow->gap)) &&
           1e-6 * fmax(fabs(narrow->p.left), fabs(narrow->p.right)) < fabs(narrow->gap);
}

/* A slope of 0 with nothing beside it to measure it by: f does not change in its first 100 digits. */
static bool is_constant(const Level *l) {
    return l->p.derivative == 0 && l->p.bound <= 1e-100 * fabs(l->size);
}

SlopeAnswer ball_slope_at(BallSlope *s, const double *x, size_t i, double scale, uint64_t *budget, SlopePoint *out) {
    Level level[LEVELS], *last = NULL;
    double own = 0; /* size of the slope, or, where it is 0, of those beside it */
    for (size_t k = 0; k < s->n; k++)
        ball_rational_of(s->s, x[k], s->x[k]);
    for (size_t k = 0; k < LEVELS && 0 < *budget; k++) {
        Level *l = &level[k], *before = last;
        if (!take_level(s, x, i, k, budget, l))
            continue;
        last = l;
        *out = l->p;
        if (before && is_kink(before, l))
            return SLOPE_KINK;
        if (before && is_different(before, l))
            return SLOPE_DIFFERS;
        own = fmax(fmax(own, l->usual), fmax(fabs(l->p.derivative), fabs(l->p.quotient)));
        if (!is_off(l) && !is_split(l) && l->p.bound <= 0x1p-54 * own)
            return SLOPE_AGREES;
    }
    bool close = last == &level[LEVELS - 1] && !is_off(last) && !is_split(last) &&
                 (last->p.bound <= 1e-3 * fmax(own, scale) || is_constant(last));
    return close ? SLOPE_AGREES : SLOPE_OPEN;
}

bool ball_slope_derivative(BallSlope *s, const double *x, double *middle, double *radius) {
    for (size_t k = 0; k < s->n; k++)
        mpq_set_d(s->x[k], x[k]);
    ball_run_bits(s->run, levels[LEVELS - 1].bits);
    ball_run_set(s->run, (const mpq_t *)s->x);
    if (!ball_run_root(s->run, DERIVATIVE))
        return false;
    ball_run_get(s->run, DERIVATIVE, middle, radius);
    return true;
}
