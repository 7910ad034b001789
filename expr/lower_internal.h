/* What the files of lowering share. */
#ifndef EXPR_LOWER_INTERNAL_H
#define EXPR_LOWER_INTERNAL_H

#include "expr/functions.h"
#include "expr/lower.h"

/* A name bound inside an expression: a loop index, a where name, a variable of diff. */
typedef struct LowerScope {
    Name name;
    Expr value;
    struct LowerScope *outer;
} LowerScope;

static inline Store *lower_store(const Lower *l) { return defs_store(l->defs); }
static inline const char *lower_text(const Lower *l, Name name) {
    return names_text(store_names(defs_store(l->defs)), name);
}

/* A name as a value; 0 if it is none (no diagnostic). */
Expr lower_lookup(Lower *l, Name name);
Expr lower_unknown(Lower *l, Name name, Span span);

/* ---- arrays (lower_array.c) ---- */
/* Applies a scalar operation element by element: args of any ranks, numbers spread.  `apply` gets
 * operands of rank 0. */
typedef Expr (*ScalarOp)(Lower *l, const void *op, const Expr *args);
Expr lower_lift(Lower *l, ScalarOp apply, const void *op, size_t count, const Expr *args, Span span);
bool lower_same_length(Lower *l, Expr a, Expr b, int axis_a, int axis_b, Span span);
Expr lower_vector(Lower *l, size_t count, const Expr *elements, const Ast *tree);
Expr lower_index(Lower *l, const Ast *tree, Expr array, size_t count, const Expr *index);
/* dot norm len transpose fill sum prod max min argmax argmin of arrays; -1: not one of these. */
int lower_array_function(const char *name);
Expr lower_array_call(Lower *l, int which, const Ast *tree, size_t count, const Expr *args);

/* ---- calls (lower_call.c) ---- */
bool lower_is_reduction(Lower *l, const Ast *call, ExprOp *op);
Expr lower_reduction(Lower *l, const Ast *call, ExprOp op);
Expr lower_call(Lower *l, const Ast *call, size_t count, const Expr *args);
Expr lower_apply(Lower *l, const Callee *c, const Ast *call, size_t count, const Expr *args);
Expr lower_bare(Lower *l, const Ast *tree);

/* The known function whose name is nearest to the text, NULL if none is near. */
const char *lower_nearest_function(Lower *l, const char *text);

/* ---- callees (lower_callee.c) ---- */
/* The callee's value at arguments of the parameters' shapes. */
Expr lower_callee_at(Lower *l, const Callee *c, const Expr *args, Span span);
/* Number of the parameter of that name, -1 if there is none. */
int lower_param_index(const Callee *c, Name name);
/* Are all its parameters numbers? */
bool lower_all_numbers(const Callee *c);

#endif
