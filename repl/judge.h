/* Checks: reading what is to be judged, running the judgement, saying the verdict. */
#ifndef REPL_JUDGE_H
#define REPL_JUDGE_H

#include "eval/balls.h"
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
    size_t n;               /* numbers of a point */
    const Ast *tree;        /* as typed */
    Expr function;          /* whose derivative it is, or 0 */
    Expr (*lower)(void *context, const Ast *tree); /* a side of the claim, quietly; 0: none */
    void *context;
    bool equation;          /* no derivative is claimed: it holds where both sides are defined */
    double timeout;         /* seconds for all proofs together; 0: no limit */
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

/* Names the slip of a refuted component, if it can be found. */
void judge_name_slip(const CertainClaim *c, const NumberKind *balls, Expr yours, Expr derivative,
                     size_t i, CheckComponent *k);

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
void verdict_say_claim(Task *t, const VerdictNames *n, const CheckResult *r, size_t columns);

#endif
