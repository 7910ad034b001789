/* The slip in a refuted claim.  Its terms are paired with those of the derivative; rules of
 * differentiation misapplied are compared with the claim as a whole; edits that people's errors call
 * for are tried at each place of what the user typed.  What makes the claim right is the repair. */
#ifndef EVAL_SLIP_H
#define EVAL_SLIP_H

#include "eval/balls.h"
#include "parser/ast.h"

enum { SLIP_POINTS = 3 };
#define SLIP_ROUNDING_WORDS "only the rounding of " /* before the exact numbers */

typedef enum SlipKind {
    SLIP_UNKNOWN,
    SLIP_ROUNDING,  /* nothing but a decimal in the place of an exact number */
    SLIP_CHAIN,     /* an inner derivative lost or misplaced */
    SLIP_PRODUCT,
    SLIP_QUOTIENT,
    SLIP_POWER,     /* an exponent, or the factor that it brings down */
    SLIP_SIGN,
    SLIP_FACTOR,    /* a constant or other factor lost */
    SLIP_VARIABLE,  /* by another variable */
    SLIP_FUNCTION,  /* sin and cos, ... mixed up */
    SLIP_INTEGRAL,  /* integrated instead of differentiated */
    SLIP_KEPT,      /* not differentiated */
    SLIP_OTHER_FUNCTION, /* the derivative of another function */
    SLIP_MISSING,   /* a term */
    SLIP_EXTRA,     /* a term too many */
    SLIP_DOMAIN,    /* right, but not everywhere defined */
    SLIP_NAME,
    SLIP_NUMBER,
    SLIP_OPERATION,
    SLIP_SEVERAL,   /* of different kinds */
    SLIP_TERM,      /* one term is wrong, all others agree */
    SLIP_KINDS
} SlipKind;
/* "chain rule", "sign", ...: static; NULL for SLIP_UNKNOWN. */
const char *slip_kind_name(SlipKind kind);

/* All borrowed. */
typedef struct SlipInput {
    Defs *defs;
    Arena *arena;
    const char *source; /* the text that spans refer to */
    const Ast *tree;    /* the claim, a number */
    size_t param_count;
    const Param *param;
    const size_t (*dims)[2];
    Expr yours, derivative;
    Expr function, variable; /* whose derivative it is, by what: a SYM or an element of one; or 0 */
    const double *point[SLIP_POINTS]; /* generic points at which both are defined */
    /* A changed tree as an expression, 0 if it makes no sense; a text as a tree, or NULL. */
    Expr (*lower)(void *context, const Ast *tree);
    Ast *(*parse)(void *context, const char *text);
    /* The claim read again with the text in the place, or NULL.  May be NULL: repairs are not read. */
    const Ast *(*mend)(void *context, Span place, const char *text);
    /* Are the two equal, as far as balls at points tell?  With `proved` not NULL: at many points, or for
     * certain, and then it is set. */
    bool (*is_equal)(void *context, Expr a, Expr b, bool *proved);
    void *context;
    const volatile int *interrupt; /* may be NULL */
    bool edits_only; /* of one place: no factors or terms are looked for */
} SlipInput;

typedef struct Slip {
    SlipKind kind;
    const char *words; /* what happened, a sentence without a full stop, or NULL; in the arena */
    const char *text;  /* the repair: stands instead ("": nothing does); NULL: none; in the arena */
    Span place;        /* in the source; empty: put the text in there */
    bool proved;
    size_t digits;     /* of a rounding: significant ones of the decimal, the fewest of several */
    size_t terms;      /* of the claim, at the top */
    const bool *agrees; /* each with one of the derivative's; in the arena */
    size_t term;       /* number of the term with the place or right after it, from 1; 0: none */
    Span term_span;
} Slip;

/* Number k of a point in the parameters: a SYM, or an element of one; 0 beyond the last. */
Expr slip_variable(Store *s, size_t params, const Param *param, const size_t (*dims)[2], size_t k);
/* The derivative by such a variable; 0 where there is none. */
Expr slip_derivative(Defs *d, Expr e, Expr variable);

/* What can be said; true if a kind or a repair was found. */
bool slip_find(const SlipInput *in, Slip *out);

#endif
