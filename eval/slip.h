/* The slip in a refuted claim: edits that people's errors call for are tried at each place of what
 * the user typed; one that makes the claim right names the place and the repair. */
#ifndef EVAL_SLIP_H
#define EVAL_SLIP_H

#include "eval/balls.h"
#include "parser/ast.h"

enum { SLIP_POINTS = 3 };

/* All borrowed. */
typedef struct SlipInput {
    Defs *defs;
    Arena *arena;
    const char *source; /* the text that spans refer to */
    const Ast *tree;    /* the claim, a number */
    size_t param_count;
    const Param *param;
    const size_t (*dims)[2];
    Expr yours, derivative, function; /* function: whose derivative it is, or 0 */
    const double *point[SLIP_POINTS]; /* generic points at which both are defined */
    /* A changed tree as an expression, 0 if it makes no sense. */
    Expr (*lower)(void *context, const Ast *tree);
    /* Is this right, as far as can be told?  Sets *proved when for certain. */
    bool (*is_right)(void *context, Expr candidate, bool *proved);
    void *context;
} SlipInput;

typedef struct Slip {
    Span place;       /* in the source; empty: put the text in there */
    const char *text; /* what stands there instead; in the arena */
    bool proved;
    bool rounding;    /* nothing but a decimal in the place of an exact number */
    size_t term, terms; /* number of the term with the place, from 1, of all at the top */
    Span term_span;
} Slip;

bool slip_find(const SlipInput *in, Slip *out);

#endif
