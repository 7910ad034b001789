/* Verdicts on derivatives by numbers: a symbolic derivative against difference quotients, a claimed
 * derivative against the symbolic one at generic points.  Results are data; nothing is printed. */
#ifndef EVAL_CHECK_H
#define EVAL_CHECK_H

#include "base/random.h"
#include "base/span.h"
#include "eval/balls.h"
#include "eval/evaluator.h"

/* In order of gravity: the verdict of a check is the largest of its components'. */
typedef enum Verdict {
    VERDICT_PROVED, /* certain: equal in exact algebra */
    VERDICT_AGREES,
    VERDICT_UNDECIDED,
    VERDICT_DIFFERS,
    VERDICT_REFUTED /* certain: a witness, enclosed in balls */
} Verdict;
const char *verdict_text(Verdict v); /* "proved", "agrees", ... */

enum {
    CHECK_POINTS = 40,         /* points at which a claim is judged */
    CHECK_MOST_VARIABLES = 1000, /* beyond, samples are taken: */
    CHECK_SAMPLES = 20         /* so many components and as many directions */
};

typedef enum CheckOf { CHECK_GRADIENT, CHECK_JACOBIAN, CHECK_HESSIAN } CheckOf;

/* Another form of the derivative, which must agree with the first. */
typedef struct CheckForm {
    Evaluator *function; /* whose derivative it is; borrowed */
    CheckOf of;
    size_t first;        /* the components from this one on */
} CheckForm;

typedef struct CheckComponent {
    size_t row, column; /* value `row` (0 of a scalar function) by variable `column`, from 0; of a
                           claim: `row` is the component */
    bool direction;     /* along random direction number `column` instead */
    Verdict verdict;
    char *reason;       /* a sentence without a full stop, or NULL; owned */
    /* check of a function */
    double symbolic, numeric, difference, bound;
    double usual;       /* slopes hereabouts in doubles, 0 where values do not change at all */
    long bits;          /* of the balls in which both sides were computed; 0: doubles */
    bool kink;          /* not differentiable here: slopes left and right of it differ */
    double left, right;
    /* check of a claim */
    size_t points;        /* at which it was compared */
    double max_rel_error; /* at these */
    double *witness;      /* the point at which it differs, or NULL; owned */
    double yours, derivative; /* there */
    char *yours_exact, *derivative_exact; /* the same as fractions, or NULL; owned */
    char *repair;         /* what makes the claim right at repair_span of the source, or NULL; owned */
    Span repair_span, term_span;
    bool repair_proved, rounding; /* rounding: only a decimal in the place of an exact number */
    size_t rounding_digits; /* of the decimal */
    const char *slip_kind; /* static, or NULL */
    char *slip;           /* what happened, a sentence without a full stop, or NULL; owned */
    size_t term, terms;   /* the repair is in term number `term` of so many; 0: in all */
    bool *agrees;         /* each term with one of the derivative's; or NULL; owned */
    bool slip_again;      /* the same as that of an earlier component, in one text for all */
    char *residual;       /* claim less derivative, factored, or NULL; owned */
    char *hidden;         /* where it does not show: "where y = 0 or x = y", or NULL; owned */
    char *conditions;     /* of the set on which it was judged, one a line, NULL: everywhere; owned */
    char *proved_where;   /* more conditions, where the proof needs them; or NULL; owned */
    double digits;        /* that agree in balls of 1024 bits at every point; 0: not looked at */
} CheckComponent;

typedef struct CheckResult {
    Verdict verdict;
    size_t n;             /* variables */
    size_t count;
    CheckComponent *component; /* owned */
    double *x;            /* owned: where a function was checked */
    bool sampled;         /* more than CHECK_MOST_VARIABLES variables: components and directions by lot */
    char *reason;         /* why nothing was compared ("no point of the domain found"), or NULL; owned */
    RunStatus status;     /* of the run that ended the check, RUN_OK if none did */
    const char *lacking;  /* why balls did not settle what they might (not there: what to install); static, or NULL */
} CheckResult;

void check_result_done(CheckResult *r);

/* The function as an expression, for balls.  All borrowed. */
typedef struct CheckExact {
    Defs *defs;
    size_t params;
    const Param *param;
    const size_t (*dims)[2];
    Expr body;
    bool smooth; /* it has no kinks anywhere: one that doubles see is only sharp */
    const volatile int *interrupt;
} CheckExact;

/* What a check may use.  All borrowed. */
typedef struct CheckInput {
    Evaluator *f;
    CheckOf of;                /* which derivative of f */
    size_t readings;           /* the reading form of the same: one evaluator for each parameter, in */
    Evaluator *const *reading; /* order, of shape (values of f, elements of the parameter); or none */
    Evaluator *domain;         /* condition over the same variables, or NULL */
    const double *x;           /* where, or NULL: a generic point of the domain */
    double h;                  /* of the quotients; 0: Ridders' extrapolation */
    Random *random;
    const CheckExact *exact;   /* to go on in balls where doubles run out, or NULL */
} CheckInput;

/* The derivative against difference quotients (for CHECK_HESSIAN: of the gradient), one component
 * each; in balls where doubles leave it open or loose (not along directions, nor with a given h).  False when interrupted; the result is to be released all the same. */
bool check_function(const CheckInput *in, CheckResult *out);

/* A claim against the derivative, component by component, at generic points at which the derivative
 * is finite and `domain` (or NULL) holds.  All evaluators have the same variables; claim and
 * derivative as many values.  `other` (or NULL) is a second form of the derivative.  `x` (or NULL)
 * is a point at which to judge in addition.  False when interrupted. */
bool check_claim(Evaluator *claim, Evaluator *derivative, const CheckForm *other, Evaluator *domain,
                 const double *x, Random *random, CheckResult *out);

#endif
