/* What the files of the evaluator share. */
#ifndef EVAL_EVALUATOR_PARTS_H
#define EVAL_EVALUATOR_PARTS_H

#include "eval/evaluator.h"

typedef enum PartKind { PART_VALUE, PART_GRADIENT, PART_HESSIAN, PART_ROW, PART_FORWARD, PART_COUNT } PartKind;

/* One program, made on first use. */
typedef struct Part {
    bool tried;
    Program *program;     /* owned; NULL when it could not be made */
    Workspace *workspace; /* owned */
    size_t slots;
    double **array, **bound; /* owned arrays of the caller's pointers, by slot */
    Buf why;
} Part;

struct Evaluator {
    Defs *defs;
    size_t params;
    Param *param;         /* owned copy; its dims and symbols are the store's */
    size_t (*dims)[2];    /* owned */
    size_t *offset;       /* owned: where parameter i starts in the vector */
    Expr body;
    int rank;
    const volatile int *interrupt;
    size_t points, results;
    Part part[PART_COUNT];
    Part *last;           /* the part that ran last */
    double *row, *zero;   /* owned: a direction and its bounds */
    double *column, *column_bound; /* owned: of the Jacobian */
};

/* Makes the part, once. */
void evaluator_make(Evaluator *e, PartKind kind);
/* The part, made if need be; NULL when it cannot be made: the reason is in its text. */
static inline Part *evaluator_part(Evaluator *e, PartKind kind) {
    Part *q = &e->part[kind];
    if (!q->tried)
        evaluator_make(e, kind);
    e->last = q;
    return q->workspace ? q : NULL;
}
/* The part for the Jacobian: by columns (*forward) or by rows. */
Part *evaluator_jacobian_part(Evaluator *e, bool *forward);
/* Points the entries first .. of `array` to the parameters' parts of `vector`. */
void evaluator_spread(const Evaluator *e, double **array, size_t first, double *vector);

#endif
