/* The run loop.  Order of a step: the step function moves x, x is projected on the box, f and g are
 * evaluated there, the step is measured and recorded, the stop tests judge the point. */
#include "optim/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "optim/stop.h"

struct Run {
    RunSetup set;
    StopLimits limits;
    size_t n;
    double sign; /* -1 for max */
    bool started, judged;
    double *x, *g, f;      /* the current point, of the minimized function */
    double *before, *move; /* x a step ago; the step that led there */
    double *best_g;
    double *lo, *hi; /* copies, NULL without a box */
    double *probe;   /* a point to evaluate at, for quotients */
    double *shown_g; /* the gradient of the function as given */
    double x_norm, g_norm;
    uint64_t t, f_evals, grad_evals;
    StopReason stop;
    RunStatus status;
    RunStats stats;
    History history;
    struct timespec begun;
    uint64_t clock_next, clock_every; /* the clock is read when t reaches clock_next */
    double clock_last;
    RunResult result;
    double *all; /* the one block that holds the vectors */
};

RunSetup run_defaults(void) {
    RunSetup res;
    memset(&res, 0, sizeof res);
    res.tol = 1e-8;
    res.steps = RUN_RULE_STEPS;
    res.history = RUN_HISTORY_BYTES;
    return res;
}

static double *copy_numbers(const double *from, size_t n) {
    double *res = mem_new(n, sizeof *res);
    memcpy(res, from, n * sizeof *res);
    return res;
}

/* x into the box; true if that moved it.  A NaN stays. */
static bool project(const Run *r, double *x) {
    bool res = false;
    for (size_t i = 0; i < r->n; i++) {
        double to = x[i] < r->lo[i] ? r->lo[i] : r->hi[i] < x[i] ? r->hi[i] : x[i];
        res |= to < x[i] || x[i] < to;
        x[i] = to;
    }
    return res;
}

Run *run_new(const RunSetup *setup, const double *start) {
    Run *r = mem_new(1, sizeof *r);
    size_t n = setup->objective.n;
    r->set = *setup;
    r->n = n;
    r->sign = setup->maximize ? -1 : 1;
    r->set.numeric = setup->numeric || !setup->objective.gradient;
    r->all = mem_new(7 * n + 1, sizeof *r->all);
    r->x = r->all;
    r->g = r->all + n;
    r->before = r->all + 2 * n;
    r->move = r->all + 3 * n;
    r->best_g = r->all + 4 * n;
    r->probe = r->all + 5 * n;
    r->shown_g = r->all + 6 * n;
    memcpy(r->x, start, n * sizeof *start);
    if (setup->lo && setup->hi) {
        r->lo = copy_numbers(setup->lo, n);
        r->hi = copy_numbers(setup->hi, n);
    }
    r->clock_every = 1;
    history_init(&r->history, n, setup->steps, setup->history);
    return r;
}

void run_free(Run *r) {
    if (!r) return;
    history_done(&r->history);
    free(r->lo);
    free(r->hi);
    free(r->all);
    free(r);
}

static bool is_interrupted(const Run *r) { return r->set.interrupt && *r->set.interrupt; }

static void tell(Run *r, RunEvent event) {
    if (r->set.event) r->set.event(r->set.context, r, event);
}

void run_stop(Run *r, StopReason reason) {
    if (r->stop) return;
    r->stop = reason;
    if (r->t != r->history.end_step || !r->history.has_end)
        history_set_end(&r->history, r->t, r->x);
    tell(r, RUN_EVENT_STOP);
}

/* An evaluation or a step function failed: the step under way is taken back. */
static bool fail(Run *r, RunStatus status) {
    memcpy(r->x, r->before, r->n * sizeof *r->x);
    r->status = status;
    run_stop(r, status == RUN_INTERRUPT ? STOP_INTERRUPT : STOP_ERROR);
    return false;
}

/* ---- evaluation ---- */

RunStatus run_value_at(Run *r, const double *x, double *f) {
    r->f_evals++;
    RunStatus res = r->set.objective.value(r->set.objective.context, x, f);
    *f *= r->sign;
    return res;
}

/* (f(x+h)-f(x-h))/(2*h), one component at a time, x+h, x-h and 2*h each rounded once. */
static RunStatus quotients(Run *r, const double *x, double *g) {
    double *p = r->probe;
    memcpy(p, x, r->n * sizeof *x);
    for (size_t i = 0; i < r->n; i++) {
        double size = fabs(x[i]), h = r->set.h;
        if (!(0 < h)) h = 6e-6 * (1 < size ? size : 1);
        double above, below;
        p[i] = x[i] + h;
        RunStatus res = run_value_at(r, p, &above);
        if (res != RUN_OK) return res;
        p[i] = x[i] - h;
        res = run_value_at(r, p, &below);
        if (res != RUN_OK) return res;
        p[i] = x[i];
        g[i] = (above - below) / (2 * h);
    }
    return RUN_OK;
}

RunStatus run_gradient_at(Run *r, const double *x, double *f, double *g) {
    r->grad_evals++;
    if (r->set.numeric) {
        RunStatus res = f ? run_value_at(r, x, f) : RUN_OK;
        return res == RUN_OK ? quotients(r, x, g) : res;
    }
    RunStatus res = r->set.objective.gradient(r->set.objective.context, x, f, g);
    if (r->sign < 0) {
        if (f) *f = -*f;
        for (size_t i = 0; i < r->n; i++) g[i] = -g[i];
    }
    return res;
}

RunStatus run_gradient_call(void *run, const double *x, double *g) {
    return run_gradient_at(run, x, NULL, g);
}

/* ---- accepting a point ---- */

static void keep_best(Run *r) {
    r->stats.best_f = r->f;
    r->stats.best_step = r->t;
    history_set_best(&r->history, r->t, r->x);
    for (size_t i = 0; i < r->n; i++) r->best_g[i] = r->g[i];
}

/* The step from `before` to x: its length, whether it turned back, whether anything changed. */
static void measure(Run *r) {
    double turn = 0, length = 0, most = 0;
    bool same = true, bad = false;
    for (size_t i = 0; i < r->n; i++) {
        double x = r->x[i], step = x - r->before[i], size = fabs(x), by = fabs(step);
        turn += step * r->move[i];
        same &= x == r->before[i];
        if (length < by) length = by;
        if (most < size) most = size;
        bad |= x != x;
        r->move[i] = step;
        r->before[i] = x;
    }
    RunStats *s = &r->stats;
    r->x_norm = bad ? NAN : most;
    s->same = same ? s->same + 1 : 0;
    if (r->t == 1) s->first_length = length;
    s->growth = 0 < s->last_length ? length / s->last_length : 0;
    s->last_length = length;
    s->reversals += turn < 0;
    s->swing += ((turn < 0) - s->swing) * (1.0 / 16);
}

/* How f moves from its value before. */
static void follow(Run *r, double f_before) {
    RunStats *s = &r->stats;
    if (f_before < r->f) {
        s->rises++;
        if (!s->rising_since) {
            s->rising_since = r->t;
            s->rising_from = f_before;
        }
    } else if (r->f < f_before) {
        s->falls++;
        s->rising_since = 0;
    }
    if (r->t == 1 || s->peak_f < r->f) {
        s->peak_f = r->f;
        s->peak_step = r->t;
    }
    s->bounce += (r->f - s->bounce) * (1.0 / 16);
    if (r->f < s->best_f || s->best_f != s->best_f) keep_best(r);
}

static double seconds_since(const struct timespec *then) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + 1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

/* Reads the clock about once a millisecond. */
static bool is_late(Run *r) {
    if (r->t < r->clock_next) return false;
    double now = seconds_since(&r->begun), gap = now - r->clock_last;
    if (gap < 1e-3 && r->clock_every < 4096) r->clock_every *= 2;
    else if (2e-3 < gap && 1 < r->clock_every) r->clock_every /= 2;
    r->clock_last = now;
    r->clock_next = r->t + r->clock_every;
    return r->set.timeout <= now;
}

static bool judge(Run *r) {
    r->g_norm = r->lo ? stop_projected_norm(r->g, r->x, r->lo, r->hi, r->n) : stop_norm(r->g, r->n);
    StopPoint p = {r->x_norm, r->f, r->g_norm, r->t, r->stats.same};
    StopReason reason = stop_test(&r->limits, &p);
    if (!reason && 0 < r->set.timeout && is_late(r)) reason = STOP_TIME;
    if (!reason && is_interrupted(r)) reason = STOP_INTERRUPT;
    if (reason) run_stop(r, reason);
    return !reason;
}

bool run_start(Run *r) {
    if (r->started) return !r->stop;
    r->started = true;
    clock_gettime(CLOCK_MONOTONIC, &r->begun);
    r->stats.best_f = r->f = r->g_norm = NAN;
    for (size_t i = 0; r->lo && i < r->n; i++)
        if (!(r->lo[i] <= r->hi[i])) {
            run_stop(r, STOP_INFEASIBLE);
            return false;
        }
    if (r->lo) r->result.start_moved = project(r, r->x);
    memcpy(r->before, r->x, r->n * sizeof *r->x);
    history_add(&r->history, 0, r->x);
    RunStatus status = run_gradient_at(r, r->x, &r->f, r->g);
    if (status != RUN_OK) return fail(r, status);
    r->x_norm = stop_norm(r->x, r->n);
    r->limits = stop_limits(r->set.tol, r->set.steps, r->x_norm, r->f);
    keep_best(r);
    r->stats.f_start = r->stats.bounce = r->f;
    tell(r, RUN_EVENT_POINT);
    bool res = judge(r);
    r->stats.norm_start = r->g_norm;
    return res;
}

bool run_step(Run *r) {
    if (r->stop || (!r->started && !run_start(r))) return false;
    RunStep s = {r, r->n, r->x, r->g, r->f, r->t + 1, false};
    double f_before = r->f;
    RunStatus status = r->set.stepper.step(r->set.stepper.context, &s);
    if (status != RUN_OK) return fail(r, status);
    if (r->lo && project(r, r->x)) s.evaluated = false;
    if (s.evaluated) r->f = s.f;
    else status = run_gradient_at(r, r->x, &r->f, r->g);
    if (status != RUN_OK) return fail(r, status);
    r->t++;
    tell(r, RUN_EVENT_POINT);
    measure(r);
    follow(r, f_before);
    history_add(&r->history, r->t, r->x);
    tell(r, RUN_EVENT_STEP);
    return judge(r);
}

void run_go(Run *r) {
    while (run_step(r)) {
    }
}

/* ---- the verdict ---- */

/* With quotients: is the gradient itself small too? */
static void compare_exact(Run *r) {
    RunResult *res = &r->result;
    res->exact_norm = NAN;
    if (!r->set.numeric || !r->set.objective.gradient) return;
    double f;
    if (r->set.objective.gradient(r->set.objective.context, r->x, &f, r->probe) != RUN_OK) return;
    res->exact_norm = r->lo ? stop_projected_norm(r->probe, r->x, r->lo, r->hi, r->n)
                            : stop_norm(r->probe, r->n);
    double most = 1e-3 * (1 < r->stats.norm_start ? r->stats.norm_start : 1);
    res->blind = r->g_norm < 1e-3 * most && most < res->exact_norm;
}

/* After an interrupt, and where an evaluation failed half way, the point that counts is the best.
 */
static void take_best(Run *r) {
    memcpy(r->x, r->history.best, r->n * sizeof *r->x);
    memcpy(r->g, r->best_g, r->n * sizeof *r->x);
    r->f = r->stats.best_f;
    r->g_norm = r->lo ? stop_projected_norm(r->g, r->x, r->lo, r->hi, r->n) : stop_norm(r->g, r->n);
}

static void verdict(Run *r) {
    r->judged = true;
    bool whole = r->stop != STOP_INTERRUPT && r->stop != STOP_ERROR && r->stop != STOP_INFEASIBLE;
    if (whole) {
        uint64_t f_evals = r->f_evals, grad_evals = r->grad_evals;
        RunStatus status = run_gradient_at(r, r->x, &r->f, r->g);
        r->f_evals = f_evals;
        r->grad_evals = grad_evals;
        if (status == RUN_INTERRUPT) whole = false;
    }
    if (!whole && r->history.has_best) take_best(r);
    else if (whole)
        r->g_norm = r->lo ? stop_projected_norm(r->g, r->x, r->lo, r->hi, r->n)
                          : stop_norm(r->g, r->n);
    compare_exact(r);
    r->result.converged = r->stop == STOP_GRADIENT && isfinite(r->f) && r->g_norm < r->set.tol &&
                          !r->result.blind;
    r->result.seconds = seconds_since(&r->begun);
}

const RunResult *run_result(Run *r) {
    RunResult *res = &r->result;
    if (r->stop && !r->judged) verdict(r);
    res->n = r->n;
    res->stop = r->stop;
    res->status = r->status;
    res->maximize = r->set.maximize;
    res->numeric = r->set.numeric;
    res->x = r->x;
    for (size_t i = 0; i < r->n; i++) r->shown_g[i] = r->sign * r->g[i];
    res->g = r->shown_g;
    res->f = r->sign * r->f;
    res->grad_norm = r->g_norm;
    res->steps = r->t;
    res->f_evals = r->f_evals;
    res->grad_evals = r->grad_evals;
    res->best_x = r->history.best;
    res->best_f = r->sign * r->stats.best_f;
    res->best_step = r->stats.best_step;
    res->tol = r->set.tol;
    res->stats = r->stats;
    return res;
}

const History *run_history(const Run *r) { return &r->history; }
double *run_take_path(Run *r, size_t *count) { return history_take(&r->history, count); }
size_t run_n(const Run *r) { return r->n; }
uint64_t run_steps(const Run *r) { return r->t; }
const double *run_x(const Run *r) { return r->x; }
double run_f(const Run *r) { return r->sign * r->f; }
StopReason run_stopped(const Run *r) { return r->stop; }
