/* A derivation (expr/explain.h) checked step by step and written out. */
#ifndef REPL_DERIVATION_H
#define REPL_DERIVATION_H

#include "eval/check.h"
#include "expr/explain.h"
#include "repl/interp.h"

/* Where a derivation's numbers come from: the parameters of its function. */
typedef struct Derivation {
    Task *task;
    size_t param_count;
    const Param *param;
    size_t by;     /* the parameter by which */
    Span span;
    bool raw;      /* each rule's answer before simplification */
    size_t faults; /* steps found wrong */
    size_t undecided;
} Derivation;

/* The rule's answer, the simplified one and the sweep's at generic points. */
Verdict derivation_check_step(Derivation *v, const Explanation *x, size_t step);
/* Checks and writes every step: text and the elements of "steps". */
void derivation_write(Derivation *v, const Explanation *x);

#endif
