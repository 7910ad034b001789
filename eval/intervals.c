/* Branch and drop: boxes on which the condition certainly fails are dropped, the others are tried at
 * their middle and halved.  See intervals.h. */
#include "eval/intervals.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { MOST_BOXES = 4000 };

typedef struct Box {
    double lo[INTERVAL_VARIABLES], hi[INTERVAL_VARIABLES];
} Box;

typedef struct Search {
    Store *s;
    BallRun *run;
    size_t n;
    mpq_t lo[INTERVAL_VARIABLES], hi[INTERVAL_VARIABLES];
} Search;

/* 1, 0, -1 undecided. */
static int holds(Search *q, const double *lo, const double *hi) {
    for (size_t i = 0; i < q->n; i++) {
        ball_rational_of(q->s, lo[i], q->lo[i]);
        ball_rational_of(q->s, hi[i], q->hi[i]);
    }
    ball_run_set_box(q->run, (const mpq_t *)q->lo, (const mpq_t *)q->hi);
    return ball_run_root(q->run, 0) ? ball_run_truth(q->run, 0) : -1;
}

/* Geometrically where the box spans scales, so that small numbers are reached soon. */
static double cut(double lo, double hi) {
    if (lo < 0 && 0 < hi)
        return 0;
    if (lo == 0)
        return hi < 1e-9 ? hi / 2 : fmin(hi / 2, fmax(hi / 1000, 1e-9));
    if (hi == 0)
        return -cut(0, -lo);
    if (4 < hi / lo || hi / lo < 0.25)
        return lo < 0 ? -sqrt(lo * hi) : sqrt(lo * hi);
    return lo + 0.47 * (hi - lo);
}

static double width(double lo, double hi) {
    return (hi - lo) / (1e-6 + fmin(fabs(lo), fabs(hi)));
}

/* A point inside, with as few digits as will do. */
static bool try_inside(Search *q, const Box *b, double *x) {
    for (int digits = 1; digits <= 12; digits++) {
        for (size_t i = 0; i < q->n; i++) {
            double at = b->lo[i] + 0.4731 * (b->hi[i] - b->lo[i]);
            double unit = at == 0 ? 1 : pow(10, digits - 1 - floor(log10(fabs(at))));
            x[i] = round(at * unit) / unit;
        }
        if (holds(q, x, x) == 1)
            return true;
    }
    return false;
}

static IntervalAnswer search(Search *q, const volatile int *interrupt, double *x) {
    size_t cap = 0, count = 0;
    Box *box = mem_grow(NULL, &cap, 1, sizeof *box);
    for (size_t i = 0; i < q->n; i++) {
        box[0].lo[i] = -INTERVAL_REACH;
        box[0].hi[i] = INTERVAL_REACH;
    }
    count = 1;
    IntervalAnswer res = INTERVAL_NOWHERE;
    for (size_t i = 0; i < count && res == INTERVAL_NOWHERE; i++) {
        Box b = box[i];
        if (holds(q, b.lo, b.hi) == 0)
            continue;
        if (MOST_BOXES < i || (interrupt && *interrupt)) {
            res = INTERVAL_UNKNOWN;
        } else if (try_inside(q, &b, x)) {
            res = INTERVAL_FOUND;
        } else {
            size_t widest = 0;
            for (size_t k = 1; k < q->n; k++)
                if (width(b.lo[widest], b.hi[widest]) < width(b.lo[k], b.hi[k]))
                    widest = k;
            box = mem_grow(box, &cap, count + 2, sizeof *box);
            box[count] = box[count + 1] = b;
            box[count].hi[widest] = box[count + 1].lo[widest] = cut(b.lo[widest], b.hi[widest]);
            count += 2;
        }
    }
    free(box);
    return res;
}

IntervalAnswer interval_find(Defs *d, size_t params, const Param *param, const size_t (*dims)[2],
                             Expr condition, const NumberKind *balls, const volatile int *interrupt,
                             double *x) {
    BallCode *c = ball_code_new(d, params, param, dims, 1, &condition, NULL);
    size_t n = c ? ball_code_inputs(c) : 0;
    IntervalAnswer res = INTERVAL_UNKNOWN;
    if (0 < n && n <= INTERVAL_VARIABLES) {
        Search q = {.s = defs_store(d), .n = n, .run = ball_run_new(c, balls, interrupt)};
        for (size_t i = 0; i < n; i++) {
            mpq_init(q.lo[i]);
            mpq_init(q.hi[i]);
        }
        res = search(&q, interrupt, x);
        for (size_t i = 0; i < n; i++) {
            mpq_clear(q.lo[i]);
            mpq_clear(q.hi[i]);
        }
        ball_run_free(q.run);
    }
    ball_code_free(c);
    return res;
}
