/* A derivation as data: the derivative of an expression rule by rule, parts before the whole.  Parts
 * that are at once clear (constants, the variable itself, linear ones) have no step of their own. */
#ifndef EXPR_EXPLAIN_H
#define EXPR_EXPLAIN_H

#include "expr/defs.h"

typedef enum ExplainRule {
    EXPLAIN_CONSTANT, EXPLAIN_LINEAR, EXPLAIN_SUM, EXPLAIN_FACTOR, EXPLAIN_PRODUCT, EXPLAIN_QUOTIENT,
    EXPLAIN_RECIPROCAL, EXPLAIN_POWER, EXPLAIN_EXPONENTIAL, EXPLAIN_GENERAL_POWER, EXPLAIN_TABLE,
    EXPLAIN_CHAIN, EXPLAIN_CHOICE, EXPLAIN_SUM_LOOP, EXPLAIN_PROD_LOOP, EXPLAIN_EXTREME,
    EXPLAIN_OTHER, EXPLAIN_RULES
} ExplainRule;

/* "product"; and "(u*v)' = u'*v + u*v'", NULL where the name says it all. */
const char *explain_rule_name(ExplainRule rule);
const char *explain_rule_formula(ExplainRule rule);

enum { EXPLAIN_PARTS = 12 };
#define EXPLAIN_NONE ((size_t)-1)

typedef struct ExplainPart {
    Expr expr, derivative;
    size_t step;   /* the step that finds its derivative, EXPLAIN_NONE where it is clear or left out */
    size_t hidden; /* so many steps were left out here */
} ExplainPart;

typedef struct ExplainStep {
    ExplainRule rule;
    Expr expr;
    Expr outer;       /* the table's derivative at the argument (TABLE, CHAIN of one argument), else 0 */
    size_t part_count;
    ExplainPart part[EXPLAIN_PARTS];
    Expr raw, result; /* the rule's answer from the parts' derivatives, and simplified */
    size_t loop;      /* the innermost opened loop around it, or EXPLAIN_NONE */
} ExplainStep;

/* A loop that was opened: its index is a symbol of its own in the steps inside. */
typedef struct ExplainLoop {
    Expr index, lo, hi;
    size_t outer;
} ExplainLoop;

typedef struct Explanation {
    Store *store;
    Expr v;            /* by which; of an array: by its element v[index] */
    Expr index[2];     /* symbols */
    size_t count;
    ExplainStep *step; /* the last one is the whole */
    size_t loop_count;
    ExplainLoop *loop;
} Explanation;

/* d body/d v in at most `most` steps (at least 1), those nearest to the whole; body of rank 0, v a
 * SYM.  False after a diagnostic where there is no derivative.  *out is to be released all the
 * same. */
bool explain_derive(Defs *d, Expr body, Expr v, size_t most, Diags *diags, Span span, Explanation *out);
void explain_done(Explanation *x);
/* e of the step as an expression without indices of its own: summed over the opened loops; and if
 * `by_element`, the array of these over the elements of v. */
Expr explain_close(const Explanation *x, const ExplainStep *step, Expr e, bool by_element);

#endif
