/* A claim A = B while it is judged: what judge_claim.c reads and judge_lengths.c runs for many
 * lengths. */
#ifndef REPL_JUDGE_CLAIM_H
#define REPL_JUDGE_CLAIM_H

#include "repl/judge.h"

enum { CLAIM_AXES = 8 }; /* lengths left open, at most */

typedef struct Claim {
    Task *task;
    const Ast *left_tree, *right_tree;
    Target target; /* the left side when it names a function; else only its parameters */
    bool named;
    const Ast *element; /* the left side df/dx[k]: judged for all k, as the claim about df/dx */
    Expr left, right;
    Param *param;
    size_t param_count;
    Evaluator *derivative, *yours, *function, *domain;
    Expr base; /* the function whose derivative is claimed, 0 for plain expressions */
    CheckOf of;
    size_t by, first; /* a partial derivative: by this parameter, whose first element is that one */
    Point point;
    const char *function_name;
    double digits, timeout;
    bool equation; /* no derivative is claimed: it holds where both sides are defined */
    size_t open_count; /* lengths that the definition leaves open: n of x[n] */
    Expr open[CLAIM_AXES];
    size_t length[CLAIM_AXES];     /* what they are now */
    Expr length_value[CLAIM_AXES]; /* the same as expressions, for claim_view */
    bool summary, unproved; /* all must be proved or it does not matter; one was not */
} Claim;

/* The point's dims from the lengths as they are now; evaluators over them.  False after a
 * diagnostic.  claim_done frees the evaluators. */
bool claim_make(Claim *c);
void claim_done(Claim *c);
/* Compares in doubles.  False after a diagnostic; r is to be released all the same. */
bool claim_compare(Claim *c, CheckResult *r);
/* What can be said for certain, at the lengths as they are now. */
void claim_certain(Claim *c, CheckResult *r);
/* The certain judge's view of it. */
CertainClaim claim_view(Claim *c);
/* Says the verdicts and counts them. */
void claim_say(Claim *c, const CheckResult *r);
/* Length of a row where the sides are matrices of `count` numbers, 0 where it is not known. */
size_t claim_columns(const Claim *c, size_t count);
/* The left side as typed. */
const char *claim_text(const Claim *c);

/* Lengths to judge at. */
typedef struct Choice {
    size_t length[CLAIM_AXES];
} Choice;

/* Drops repairs that are not proved; one that makes the claim wrong at one of the lengths where it was
 * right is forgotten with the slip that it names. */
void judge_repairs(Claim *c, CheckResult *r, size_t count, const Choice *at);

/* A claim with open lengths: a witness at some length refutes, a proof holds for all; else it is
 * shown for lengths 1 to 7 only.  False after a diagnostic. */
bool judge_all_lengths(Claim *c);

/* Is the gap 0 for certain wherever `given` holds, for all lengths?  They go as indices, which the
 * prover knows to be whole.  Other indices stand as FREE numbers 8 to 19, 28 and 29. */
bool judge_prove(const Claim *c, Expr gap, Expr given);

/* For certain: wherever `given` holds, e is defined if all that is in `known` (a conjunction) is,
 * for all lengths; elements outside an array count as undefined.  Indices of e stand as FREE
 * numbers 28 and 29. */
bool judge_is_defined(const Claim *c, Expr e, Expr given, Expr known);

#endif
