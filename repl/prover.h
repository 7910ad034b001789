/* The exact judge as the interpreter's prover (Interp.prove): the algebra of eval/algebra.h behind one
 * yes or no.  Owned by the program; its worker starts with the first question. */
#ifndef REPL_PROVER_H
#define REPL_PROVER_H

#include "eval/algebra.h"
#include "repl/interp.h"

typedef struct Prover {
    Algebra *algebra;
} Prover;

/* Sets in->prove.  `p` is the caller's and outlives `in`; prover_done ends the worker. */
void prover_attach(Prover *p, Interp *in);
void prover_done(Prover *p);

#endif
