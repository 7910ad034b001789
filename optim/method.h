/* What stands after `by`: an update rule, or a method that is more than a rule (a line search, a
 * trust region, a library's algorithm), which is a constant struct in a file of optim/methods/. */
#ifndef OPTIM_METHOD_H
#define OPTIM_METHOD_H

#include "optim/run.h"

typedef enum OptimizerNeeds { OPT_VALUE = 1, OPT_GRADIENT = 2, OPT_HESSIAN = 4 } OptimizerNeeds;

enum { OPTIMIZER_OPTIONS = 12 };

typedef struct OptimizerOption {
    const char *name;
    double start;      /* its value when not given */
    const char *range; /* "(0,inf)" */
    const char *help;
} OptimizerOption;

/* The state of a method belongs to the run: made by `start` for n variables with the options'
 * values in the order of the row, released by `finish`.  `step` is a Stepper's. */
typedef struct Optimizer {
    const char *name;
    unsigned needs; /* OptimizerNeeds */
    void *(*start)(size_t n, const double *options);
    RunStatus (*step)(void *state, RunStep *s);
    void (*finish)(void *state);
    OptimizerOption options[OPTIMIZER_OPTIONS];
    const char *summary, *reference;
} Optimizer;

#endif
