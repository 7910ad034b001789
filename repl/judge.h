/* Checks: reading what is to be judged, running the judgement, saying the verdict. */
#ifndef REPL_JUDGE_H
#define REPL_JUDGE_H

#include "eval/balls_gap.h"
#include "eval/check.h"
#include "repl/target.h"

/* check f [at P] [h=..]: the derivative of a function against difference quotients. */
bool judge_function(Task *t, const Ast *item, const Ast *at, double h);
/* check A = B [at P] [digits=N] [timeout=S]; no limit for 0 s. */
bool judge_claim(Task *t, const Ast *item, const Ast *at, double digits, double timeout);

/* A claim as expressions, to be judged for certain. */
typedef struct CertainClaim {
    Task *task;
    size_t param_count;
    const Param *param;
    const size_t (*dims)[2];
    Expr derivative, yours; /* of one rank */
    size_t columns;         /* of a matrix */
    Expr domain;            /* the set on which it is judged: a condition, or the constant 1 */
    size_t count;           /* components */
    size_t n;               /* numbers of a point */
    const Ast *tree;        /* as typed */
    Expr function;          /* whose derivative it is, or 0 */
    CheckOf of;             /* which; component 0 is by number `first` of the point */
    size_t first;
    Expr (*lower)(void *context, const Ast *tree); /* a side of the claim, quietly; 0: none */
    void *context;
    bool equation;          /* no derivative is claimed: it holds where both sides are defined */
    double timeout;         /* seconds for all proofs together; 0: no limit */
    size_t lengths;         /* that are left open, and what they are here: for the proof */
    const Expr *length, *length_value;
    bool *unproved;         /* set by a component that is not proved; then no other is tried; or NULL */
    double digits;          /* decimals of so many digits are taken for what they round; 0: exactly */
} CertainClaim;

/* ---- where (judge_where.c) ---- */
/* The set on which claims about the derivative of f (rank 0) are judged, as a condition: where f is
 * defined, less its kinks. */
Expr where_smooth(Defs *d, Expr f);
/* The set, with what it says of each single element that the claim names. */
Expr where_elements(const CertainClaim *c, Expr set, Expr claim);
/* Those parts of `conditions` that cannot be shown to hold on all of `set`; the constant 1: none. */
Expr where_open(const CertainClaim *c, Expr set, Expr conditions);
/* The parts of a condition as text, one a line, those left out that plainly hold; NULL: none is left.
 * The caller frees it. */
char *where_text(Interp *in, Expr conditions);

/* Component number i of an array, from 0; 0 where it cannot be had. */
Expr certain_component(const CertainClaim *c, Expr e, size_t i);
/* Turns what doubles say into certain verdicts: a witness enclosed in balls refutes, the prover
 * (Interp.prove) proves; else the digits that agree and the reason for the missing proof are kept. */
void certain_judge(const CertainClaim *c, CheckResult *r);

/* A line for each library that verdicts lack here; nothing where all are there. */
void certain_lacks(Buf *out);

/* Names the slip of a refuted component, if it can be found.  k is number i of the array of components;
 * those before it have been judged. */
void judge_name_slip(const CertainClaim *c, const NumberKind *balls, Expr yours, Expr derivative,
                     size_t i, CheckComponent *k);

/* ---- the text of a claim (judge_tree.c) ---- */

/* The part of the right side `at` that is component i; all of it, or the body of its loops, where one
 * text stands for all components (*shared).  NULL where it is neither. */
const Ast *claim_component_tree(const CertainClaim *c, const Ast *at, size_t i, bool *shared);
/* The tree, or a part of it, as an expression: of the whole claim, of component i (a number).  0: it
 * makes no sense on its own. */
Expr claim_lower_whole(const CertainClaim *c, bool shared, const Ast *tree);
Expr claim_lower_component(const CertainClaim *c, size_t i, bool shared, const Ast *tree);
/* The component's tree when the statement is read with the text in the place; NULL when it cannot be. */
const Ast *claim_mended_tree(const CertainClaim *c, size_t i, Span place, const char *text);

/* Where it does not show: on lines on which the residual (claim less derivative, 0: not known) is zero, and
 * at a minimum of the function.  Sets k->hidden. */
void judge_find_hidden(const CertainClaim *c, Gap *g, Expr residual, CheckComponent *k);

/* ---- saying it (verdict.c) ---- */

/* Names of the components: "df/dx", "df/dw[1,2]", "d2f/dxdy". */
typedef struct VerdictNames {
    const Names *names;
    const Target *target;
    const Point *point;   /* for the dims */
    const char *function; /* "f" */
    CheckOf of;
    bool derivative; /* a derivative was claimed, not just any equation */
    bool plain;      /* one component, named `whole`, or whole[1], whole[2], ... */
    bool matrix;     /* plain: whole[1,1], whole[1,2], ... */
    const char *whole;
} VerdictNames;

void verdict_component_name(Buf *out, const VerdictNames *n, const CheckComponent *c,
                            size_t columns);
void verdict_say_function(Task *t, const VerdictNames *n, const CheckResult *r);
/* The slip of a refuted component (verdict_slip.c): its place, its name, where it hides; as JSON. */
void verdict_say_slip(Task *t, const VerdictNames *n, const CheckComponent *c);
void verdict_json_slip(Buf *out, const Task *t, const CheckComponent *c);
void verdict_say_claim(Task *t, const VerdictNames *n, const CheckResult *r, size_t columns);
/* "proved where x != 0; elsewhere yours is undefined: ..." from conditions, one a line. */
void verdict_say_where(Buf *out, const char *lines);

#endif
