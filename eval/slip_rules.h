/* The rules of differentiation as people misapply them: one row a rule.  See slip_rules.c. */
#ifndef EVAL_SLIP_RULES_H
#define EVAL_SLIP_RULES_H

#include "eval/slip.h"

/* A node of the function: op(u, v) with the derivatives of its operands. */
typedef struct SlipAt {
    Defs *d;
    Store *s;
    Expr variable, node, u, v, du, dv;
    ExprOp op;
    Expr right; /* its derivative */
    Expr outer[2]; /* the derivatives of op by its operands */
} SlipAt;

/* `words`: %s is the place; `detail` tells what the place's part is that was lost, or NULL. */
typedef struct SlipRule {
    SlipKind kind;
    Expr (*wrong)(const SlipAt *a);
    const char *words;
    Expr (*detail)(const SlipAt *a);
} SlipRule;

extern const SlipRule slip_rules[];
extern const size_t slip_rule_count;
/* The derivative of f (without calls) by the variable with the rule misapplied at node number `place` of
 * its expr_reachable, or throughout for their count.  0: there is nothing to misapply it to. */
Expr slip_misapplied(Defs *d, Expr f, Expr variable, size_t rule, size_t place);
/* As detail: the right derivative of the place. */
Expr slip_right_of(const SlipAt *a);

#endif
