/* What the files of the balls share: the layout of a BallCode. */
#ifndef EVAL_BALLS_PARTS_H
#define EVAL_BALLS_PARTS_H

#include "eval/balls.h"

enum { BALL_INDICES = 32 };

typedef struct BallNode {
    ExprOp op;
    uint32_t payload; /* as in the store; of a loop: the number of its index */
    uint32_t first, count; /* kids, in BallCode.kid: numbers of nodes */
    uint32_t mask;    /* open indices that the value depends on */
    uint32_t region;  /* 1 + the region whose root this is, or 0 */
    int rank;
    size_t input;     /* SYM, GLOBAL: the first of its numbers */
    size_t dim[2];
    uint32_t value;   /* CONST: number in BallCode.constant */
} BallNode;

/* What is evaluated whenever its root is, children first: not the branches of a choice, the right
 * side of `and` and `or`, the body of a loop or the elements of an array, which have their own. */
typedef struct BallRegion {
    uint32_t root, first, count; /* in BallCode.order */
} BallRegion;

struct BallCode {
    BallNode *node;
    uint32_t *kid, *order;
    BallRegion *region;
    mpq_t *constant;
    uint32_t *root; /* nodes, each of a region */
    size_t nodes, kids, orders, regions, constants, roots;
    size_t node_cap, kid_cap, order_cap, region_cap, constant_cap;
    size_t inputs;  /* of the parameters; those of variables of the session follow: */
    double *global; /* owned */
    size_t globals, global_cap;
    mpq_t *global_value;
};

#endif
