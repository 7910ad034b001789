/* The one run loop.  A Run owns x, the gradient, the stop tests, the history and the counts; rules
 * and own methods are pulled by it one step at a time.  It is a state machine of three events: a
 * point was evaluated, a step was accepted, the run stopped.
 *
 * Inside, everything is minimized: with `maximize` the step function sees -f and -g, and what the
 * result reports is f and g again. */
#ifndef OPTIM_RUN_H
#define OPTIM_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "eval/program.h"
#include "optim/history.h"

/* The function of n variables.  The callbacks write f and g and return RUN_OK, or why they could
 * not; NaN and infinities are results, not failures. */
typedef struct Objective {
    size_t n;
    void *context;
    RunStatus (*value)(void *context, const double *x, double *f);
    /* Value and gradient in one pass; NULL when only gradient=numeric is possible. */
    RunStatus (*gradient)(void *context, const double *x, double *f, double *g);
} Objective;

typedef enum StopReason {
    STOP_NONE,      /* still running */
    STOP_GRADIENT,  /* the largest |g| is below tol */
    STOP_NO_CHANGE, /* ten steps in a row left x the same to the last bit */
    STOP_STEPS,
    STOP_TIME,
    STOP_DIVERGED,   /* |x| or f passed 1e100 times the larger of 1 and its start */
    STOP_UNBOUNDED,  /* f fell below -1e100 */
    STOP_NAN,        /* x, f or g is no number */
    STOP_INFEASIBLE, /* the box is empty */
    STOP_INTERRUPT,
    STOP_LIBRARY, /* a library's own reason */
    STOP_ERROR    /* an evaluation failed; `status` says how.  The prompt reports an error */
} StopReason;

/* "gradient", "no_change", ...: the word of JSON; static. */
const char *stop_name(StopReason reason);

typedef struct Run Run;

/* One step in the making.  The step function moves x; g, f and t (from 1) are those of the step's
 * start.  One that has evaluated the new point itself writes f and g too and sets `evaluated`. */
typedef struct RunStep {
    Run *run;
    size_t n;
    double *x, *g;
    double f;
    uint64_t t;
    bool evaluated;
} RunStep;

typedef struct Stepper {
    void *context;
    RunStatus (*step)(void *context, RunStep *s);
} Stepper;

typedef enum RunEvent { RUN_EVENT_POINT, RUN_EVENT_STEP, RUN_EVENT_STOP } RunEvent;

enum { RUN_RULE_STEPS = 100000, RUN_METHOD_STEPS = 1000, RUN_HISTORY_BYTES = 64 << 20 };

typedef struct RunSetup {
    Objective objective;
    Stepper stepper;
    bool maximize;
    bool numeric; /* gradient=numeric */
    double h;     /* of it; 0: 6e-6*max(1,|x[i]|) */
    double tol;   /* 0 never stops the run */
    uint64_t steps;
    double timeout;        /* seconds; 0: none */
    size_t history;        /* bytes; 0: only best and end */
    const double *lo, *hi; /* the box, n numbers each, may be infinite; NULL: none.  Copied */
    const volatile int *interrupt;                                /* may be NULL */
    void *context;                                                /* of `event` */
    void (*event)(void *context, const Run *run, RunEvent event); /* may be NULL */
} RunSetup;

/* tol 1e-8, 100,000 steps, 64 MiB of history; everything else none. */
RunSetup run_defaults(void);

/* What the steps looked like, kept as the run goes; of the minimized function. */
typedef struct RunStats {
    double f_start, norm_start; /* at step 0; norm: the largest |g| */
    double best_f;
    uint64_t best_step;
    double peak_f; /* largest f after the start */
    uint64_t peak_step;
    uint64_t rising_since; /* first step of the last unbroken rise of f; 0: f fell last */
    double rising_from;    /* f before it */
    uint64_t falls, rises; /* steps after which f was lower, higher */
    uint64_t reversals;    /* steps that turned back on the one before */
    double swing;          /* how often lately, 0..1 */
    double bounce;         /* recent average of f */
    double first_length, last_length; /* of steps, largest component */
    double growth;                    /* the last step's length over that of the one before */
    unsigned same;                    /* steps in a row without a change */
} RunStats;

typedef struct RunResult {
    size_t n;
    StopReason stop;
    RunStatus status; /* RUN_OK but for STOP_ERROR and STOP_INTERRUPT */
    bool converged;   /* stopped on the gradient, and f and g at x bear it out */
    bool blind;       /* the quotient was below tol where the gradient is not small */
    bool maximize, numeric;
    const double *x, *g; /* owned by the run */
    double f, grad_norm; /* the largest |g[i]|, in a box of the projected gradient */
    double exact_norm;   /* with `numeric`: that of the gradient without quotients; NaN if there is
                            none */
    uint64_t steps, f_evals, grad_evals;
    const double *best_x;
    double best_f;
    uint64_t best_step;
    double tol;
    double seconds;
    bool start_moved; /* the start lay outside the box */
    RunStats stats;
} RunResult;

/* Copies the start (n numbers).  Never NULL; evaluates nothing.  The caller frees it. */
Run *run_new(const RunSetup *setup, const double *start);
void run_free(Run *r);
/* Evaluates the start (step 0), once.  True while the run goes on. */
bool run_start(Run *r);
/* One step; starts a run that has not started.  True while the run goes on. */
bool run_step(Run *r);
/* Steps until it stops. */
void run_go(Run *r);
/* Stops it for a reason of the caller's. */
void run_stop(Run *r, StopReason reason);
/* The verdict, made once from x, f and g evaluated again; before the run has stopped, the state so
 * far.  After an interrupt x is the best point.  Owned by the run. */
const RunResult *run_result(Run *r);
const History *run_history(const Run *r);
/* The run's path, taken out of its history: history_take. */
double *run_take_path(Run *r, size_t *count);

/* For step functions and libraries: evaluates at any point, counted. */
RunStatus run_value_at(Run *r, const double *x, double *f);
RunStatus run_gradient_at(Run *r, const double *x, double *f /* may be NULL */, double *g);
/* The same as a GradientCall, context being the Run: grad(p) of a rule. */
RunStatus run_gradient_call(void *run, const double *x, double *g);

size_t run_n(const Run *r);
uint64_t run_steps(const Run *r);
const double *run_x(const Run *r);
double run_f(const Run *r); /* of the function as given */
StopReason run_stopped(const Run *r);

#endif
