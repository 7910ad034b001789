/* min and max: one run, from the command's tree to the result in words. */
#ifndef REPL_MINIMIZE_H
#define REPL_MINIMIZE_H

#include "eval/evaluator.h"
#include "optim/rule.h"
#include "optim/run.h"
#include "repl/command.h"
#include "repl/target.h"

/* What is known of the point where a run ended. */
typedef enum EndClass {
    END_UNKNOWN,
    END_MINIMUM,
    END_MAXIMUM,
    END_SADDLE,
    END_FLAT,
    END_KINK
} EndClass;
const char *end_class_name(EndClass c); /* "minimum", ... */

typedef struct Minimize {
    Task *task;
    bool maximize, numeric, steps_given;
    double h, tol, steps, timeout;
    Target target;
    Point start;
    double *lo, *hi; /* box, NULL: none; in the statement's arena */
    const char *method;
    RuleChoice *choice;
    RuleRun *rule;
    Evaluator *f;
    Run *run;
    double lr; /* for the words; NaN if it moves or there is none */
    EndClass end;
    double *curvature; /* of the free coordinates, ascending, or NULL; owned */
    size_t curvatures;
    double *direction; /* n numbers: downhill from a saddle or maximum, or NULL; owned */
    bool default_method;
    double began, shown; /* seconds: for the progress line */
    uint64_t ticks;
} Minimize;

/* Runs the command in t->tree; `c` is its row. */
bool minimize_run(Task *t, const Command *c, bool maximize);
/* The class of the end point from the Hessian there (classify.c); sets m->end and the curvatures.
 */
void minimize_classify(Minimize *m, const RunResult *r);
/* The result as text, JSON and fields of ans (minimize_say.c). */
void minimize_say(Minimize *m, const RunResult *r);
/* The method and its options from the tree; false after a diagnostic (minimize_method.c). */
bool minimize_choose(Minimize *m, const Command *c);

#endif
