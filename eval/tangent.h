/* Forward differentiation of expressions along a direction; loops stay loops.  Used by the sweep's
 * header and by the tangent of whole plans. */
#ifndef EVAL_TANGENT_H
#define EVAL_TANGENT_H

#include "base/diag.h"
#include "eval/sweep_map.h"
#include "expr/defs.h"

typedef struct Tangent Tangent;
struct Tangent {
    Defs *defs;
    Store *store;
    NodeMap memo; /* node -> its tangent; a constant 0 stands for a zero of any rank */
    Diags *diags;
    Span span;
    bool failed;
    /* The tangent of a running product (PREFIX, SUFFIX) whose array moves by `moved`, made by
     * statements; NULL, or if it returns 0: as a double sum. */
    Expr (*running)(void *context, Expr node, Expr moved);
    void *context;
};

void tangent_init(Tangent *t, Defs *defs, Diags *diags, Span span);
void tangent_done(Tangent *t);
/* Says how a node (a symbol, a slot) moves. */
void tangent_seed(Tangent *t, Expr node, Expr moved);
/* Forgets all tangents, the seeds too. */
void tangent_forget(Tangent *t);
/* The tangent; a constant 0 if e does not move, whatever its rank.  0 after a failure. */
Expr tangent_of(Tangent *t, Expr e);

#endif
