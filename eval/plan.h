/* A Plan says what a program is to compute: statements over expressions of the store.  The reverse
 * sweep, the rules and plain evaluation make plans; eval/compile.c turns a plan into a Program.
 *
 * Inputs.  The parameters together are one vector, in order, rows first.  A parameter of shape x[n]
 * takes its n when the program is bound; a dimension symbol (SYM n of rank 0 that is no parameter)
 * may be used as a number.  GLOBALs are read from the definitions when the program is bound.
 *
 * Slots are arrays and numbers that statements write: outputs, inputs other than the parameters, and
 * temporaries.  As expressions they are SLOT nodes (payload = slot number, kids = dims).
 *
 * Statements run in order.  Expressions inside FOR, WHEN and REDUCE refer to opened indices FREE(k);
 * nested statements use distinct k.  An expression's value is computed where the compiler finds best
 * (once per loop level it depends on, in the branch that needs it); reading a SLOT sees the writes of
 * the statements before.  A statement never reads a slot element that the same loop writes later,
 * but for its own index.
 */
#ifndef EVAL_PLAN_H
#define EVAL_PLAN_H

#include "expr/defs.h"
#include "expr/expr.h"

typedef enum SlotKind {
    SLOT_OUTPUT, /* the caller's array, given at each run; PLAN_ADD needs it zeroed: the program does so */
    SLOT_INPUT,  /* the caller's array, given at each run, only read */
    SLOT_STATE,  /* the caller's array, given at each run, read and written; not zeroed */
    SLOT_TEMP    /* the workspace's; zeroed by PLAN_CLEAR */
} SlotKind;

typedef struct Slot {
    SlotKind kind;
    Expr symbol; /* SLOT node: rank and dims */
} Slot;

typedef enum PlanKind {
    PLAN_SET,    /* slot[index...] = value   (rank of the slot many indices; a number: none) */
    PLAN_ADD,    /* slot[index...] += value */
    PLAN_CLEAR,  /* slot = 0 */
    PLAN_FOR,    /* for FREE(index_number) = lo..hi do body */
    PLAN_WHEN,   /* if condition then body */
    PLAN_REDUCE, /* computes the loop node `loop` (SUM, PROD, MAX, MIN; its body opened as
                    FREE(index_number)) in one pass that also runs `body` at each index; afterwards the
                    loop node's value is known and not computed again */
    PLAN_GRADIENT /* slot = gradient of the run's function at the array `value` (a SLOT): rules */
} PlanKind;

typedef struct PlanStep PlanStep;
struct PlanStep {
    PlanKind kind;
    uint32_t slot;
    Expr index[2];
    Expr value;         /* SET, ADD, GRADIENT; the condition of WHEN; the loop of REDUCE */
    Expr lo, hi;        /* FOR */
    unsigned index_number; /* FOR, REDUCE */
    PlanStep *body;     /* first step of the body, or NULL */
    PlanStep *next;     /* next step at this level */
};

typedef struct Plan {
    Arena *arena;  /* borrowed: steps live in it */
    Defs *defs;    /* borrowed */
    size_t param_count;
    const Param *param; /* borrowed */
    size_t slot_count, slot_cap;
    Slot *slot;
    PlanStep *first, **end; /* *end is where the next step is appended */
} Plan;

void plan_init(Plan *p, Arena *arena, Defs *defs, size_t params, const Param *param);
/* Adds a slot; returns its SLOT node (its payload is the slot's number). */
Expr plan_slot(Plan *p, SlotKind kind, int rank, const Expr *dims);
/* Appends a step at the current level and returns it. */
PlanStep *plan_step(Plan *p, PlanKind kind);
/* Later steps go into the body of `step` (FOR, WHEN, REDUCE) until plan_leave. */
PlanStep **plan_enter(Plan *p, PlanStep *step);
void plan_leave(Plan *p, PlanStep **outer);
/* slot := e, e of any rank: a SET, or FOR loops around one. */
void plan_store(Plan *p, Expr slot, Expr e);

#endif
