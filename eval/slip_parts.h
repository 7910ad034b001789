/* What the files of the slip share. */
#ifndef EVAL_SLIP_PARTS_H
#define EVAL_SLIP_PARTS_H

#include "eval/slip.h"

enum { SLIP_PLACES = 2000, SLIP_TERMS = 64 };

typedef struct SlipPlace {
    Ast *at;
    const Ast *parent; /* or NULL */
} SlipPlace;

typedef struct SlipTerm {
    Ast *at;
    int sign;
} SlipTerm;

typedef struct SlipSearch {
    const SlipInput *in;
    Slip *out;
    Ast *tree; /* a copy that may be changed */
    SlipPlace *place; /* owned */
    size_t places;
    SlipTerm term[SLIP_TERMS];
    size_t terms;
    mpq_t *x[SLIP_POINTS];
    double want[SLIP_POINTS], have[SLIP_POINTS];
} SlipSearch;

/* Values in doubles at the points; false where one is not finite. */
bool slip_values(const SlipSearch *s, Expr e, double *out);
bool slip_same(double a, double b);
/* Keeps the repair if the candidate is right. */
bool slip_try(SlipSearch *s, Expr candidate, Span place, const char *text);
/* The node as typed, in its brackets. */
const char *slip_slice(const SlipSearch *s, const Ast *a);

typedef bool (*SlipTryAs)(SlipSearch *s, Ast *at, Ast with, Span place, const char *text);
/* A decimal for an exact number. */
bool slip_try_decimal(SlipSearch *s, Ast *at, SlipTryAs try_as);
/* A lost or wrong factor of a term or of all, a missing term. */
bool slip_try_factors(SlipSearch *s);

#endif
