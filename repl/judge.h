/* Checks: reading what is to be judged, running the judgement, saying the verdict. */
#ifndef REPL_JUDGE_H
#define REPL_JUDGE_H

#include "eval/check.h"
#include "repl/target.h"

/* check f [at P] [h=..]: the derivative of a function against difference quotients. */
bool judge_function(Task *t, const Ast *item, const Ast *at, double h);
/* check A = B [at P]. */
bool judge_claim(Task *t, const Ast *item, const Ast *at);

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
