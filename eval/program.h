/* Register programs: what a Plan compiles to, and its executors.  A Program is immutable and may be
 * shared by threads; each thread runs it in a Workspace of its own.  Nothing is allocated while it
 * runs. */
#ifndef EVAL_PROGRAM_H
#define EVAL_PROGRAM_H

#include "base/diag.h"
#include "eval/plan.h"

typedef struct Program Program;
typedef struct Workspace Workspace;

typedef enum RunStatus {
    RUN_OK,
    RUN_INDEX,     /* an index outside its array, or not whole */
    RUN_DEPTH,     /* more than 10,000 nested calls */
    RUN_INTERRUPT, /* the flag was raised */
    RUN_MEMORY,    /* an array would not fit the budget */
    RUN_EMPTY,     /* max or min of nothing */
    RUN_SIZE,      /* lengths disagree */
    RUN_ROUNDS,    /* more rounds of loops than the budget allows */
    RUN_RANGE      /* an end of a range that is no whole number */
} RunStatus;

/* NULL with an error in diags when the plan cannot be compiled (too large, rank of a called function
 * not supported, ...).  The caller frees it with program_free. */
Program *program_compile(const Plan *plan, Diags *diags, Span span);
void program_free(Program *p);
size_t program_length(const Program *p);           /* instructions, subprograms included */
void program_dump(const Program *p, Buf *out);     /* --dump=code */

/* Binds the dimension symbols by the lengths of the parameters: dims[i] are parameter i's actual
 * lengths (dims[i][0..rank-1]).  Reads the globals' values from `defs`.  Checks affine index ranges
 * that need checking only once.  NULL and *status (with a message in `what`) when lengths disagree
 * or a temporary exceeds `memory` bytes (0: the store's budget).  interrupt may be NULL. */
Workspace *workspace_new(const Program *p, const Defs *defs, const size_t (*dims)[2], size_t memory,
                         const volatile int *interrupt, RunStatus *status, Buf *what);
void workspace_free(Workspace *w);
size_t workspace_points(const Workspace *w); /* length of the parameter vector */
size_t workspace_slot_length(const Workspace *w, uint32_t slot);

/* Called for PLAN_GRADIENT: at[n] -> out[n]; a nonzero result stops the run with that status. */
typedef RunStatus (*GradientCall)(void *context, const double *at, double *out);
void workspace_set_gradient(Workspace *w, GradientCall call, void *context);

/* Runs once at x (workspace_points numbers).  slots[i] is the caller's array for slot i, NULL for
 * temporaries. */
RunStatus program_run(const Program *p, Workspace *w, const double *x, double *const *slots);
/* Runs at `points` points, rows of x; slot arrays hold `points` rows likewise.  Stops at the first
 * status that is not RUN_OK. */
RunStatus program_run_batch(const Program *p, Workspace *w, size_t points, const double *x, double *const *slots);
/* After a status other than RUN_OK: a sentence with index, length and loop values. */
void workspace_explain(const Workspace *w, RunStatus status, Buf *out);
/* Arithmetic operations executed so far (functions, arithmetic, comparisons, accumulations; not
 * loads, stores, jumps or index arithmetic). Counted only between start and stop. */
void workspace_count(Workspace *w, bool on);
uint64_t workspace_operations(const Workspace *w);

/* Running error analysis (Higham 2002, section 3.3): the same program with a bound beside every
 * value.  x_error may be NULL (inputs exact).  bounds[i] has the shape of slots[i]. */
RunStatus program_run_bounds(const Program *p, Workspace *w, const double *x, const double *x_error,
                             double *const *slots, double *const *bounds);
/* Re-runs slowly and says where the first NaN (or infinity, if no NaN) of the results came from:
 * "log(x-2) has argument -0.5 at x=1.5".  False if all is finite. */
bool program_find_origin(const Program *p, Workspace *w, const double *x, double *const *slots, Buf *out);

#endif
