/* What the files of the slip share. */
#ifndef EVAL_SLIP_PARTS_H
#define EVAL_SLIP_PARTS_H

#include "eval/slip.h"

enum { SLIP_PLACES = 2000, SLIP_TERMS = 64, SLIP_WORK = 4000000, SLIP_TEXT = 120 };

typedef struct SlipPlace {
    Ast *at;
    const Ast *parent; /* or NULL */
} SlipPlace;

typedef struct SlipTerm {
    Ast *at;
    int sign;
    bool agrees;
    double value[SLIP_POINTS]; /* with its sign */
} SlipTerm;

typedef struct SlipSearch {
    const SlipInput *in;
    Slip *out;
    Ast *tree; /* a copy that may be changed */
    SlipPlace *place; /* owned */
    size_t places;
    SlipTerm term[SLIP_TERMS];
    size_t terms;
    Expr missing[SLIP_TERMS]; /* terms of the derivative that none of the claim's agrees with */
    size_t missing_count;
    mpq_t *x[SLIP_POINTS];
    double want[SLIP_POINTS], have[SLIP_POINTS];
    double work; /* nodes evaluated so far: the search ends beyond SLIP_WORK */
} SlipSearch;

/* A repair. */
typedef struct SlipEdit {
    SlipKind kind;
    Span place;
    const char *text, *words;
} SlipEdit;

/* Is the place within a term that agrees with the derivative? */
bool slip_agrees_there(const SlipSearch *s, const Ast *at);
/* Values in doubles at the points; false where one is not finite. */
bool slip_values(SlipSearch *s, Expr e, double *out);
bool slip_same(double a, double b);
bool slip_all_same(const double *a, const double *b);
/* Keeps the repair if the candidate is right, and the claim as well when it is read again with the text
 * in its place (in brackets where it needs them). */
bool slip_try(SlipSearch *s, Expr candidate, const SlipEdit *edit);
/* The same with *at of the tree replaced for the moment. */
bool slip_try_as(SlipSearch *s, Ast *at, Ast with, const SlipEdit *edit);
/* The same with the text in the place, where that may bind in another way than the node it comes from. */
bool slip_try_text(SlipSearch *s, const SlipEdit *edit);
/* The node as typed, in its brackets. */
const char *slip_slice(const SlipSearch *s, const Ast *a);
Span slip_span(const SlipSearch *s, const Ast *a); /* of that */
bool slip_is_sum(const Ast *a);
/* The expression as a text that reads back; in brackets if it is a sum and `factor`. */
const char *slip_print(SlipSearch *s, Expr e, bool factor);
/* The fraction with the smallest denominator within `room` of v; false if it is not short. */
bool slip_fraction(double v, double room, long *p, long *q);

/* Sums and products over short known ranges written out (slip_unroll.c). */
Expr slip_unrolled(const SlipInput *in, Expr e);

/* ---- the searches, each true when it has found a repair ---- */

/* One edit at one place (slip_edits.c). */
bool slip_try_edits(SlipSearch *s);
/* A decimal for an exact number (slip_rounding.c). */
bool slip_try_decimal(SlipSearch *s, Ast *at);
/* Several at once. */
bool slip_try_decimals(SlipSearch *s);
/* Pairs the terms (slip_terms.c): sets term[].agrees and missing[]. */
void slip_pair_terms(SlipSearch *s);
/* A term missing or too many. */
bool slip_try_terms(SlipSearch *s);
/* The terms that do not agree as the derivative has them: all, or only where others agree. */
bool slip_try_replaced(SlipSearch *s, bool all);
/* A lost factor of a term or of any part, a missing term (slip_factors.c). */
bool slip_try_factors(SlipSearch *s);
/* Each of several terms on its own (slip_several.c). */
bool slip_try_several(SlipSearch *s);
/* " + 2*x", " - y": e as a term to be added. */
const char *slip_addend(SlipSearch *s, Expr e);
/* Names the rule that was misapplied, if the claim is what follows from that (slip_derive.c); *whole:
 * there is nothing to mend in the claim but all of it. */
bool slip_name_rule(SlipSearch *s, bool *whole);

#endif
