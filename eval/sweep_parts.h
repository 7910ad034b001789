/* What the files of the reverse sweep share.  A Level is the inside of one loop (level 0: outside of
 * all); a node belongs to the level of the innermost index in it.  Each level keeps the nodes whose
 * adjoints are pending and takes them in descending order, so that an adjoint is complete when its
 * node is taken.  A node that belongs to an outer level gets its contributions by way of a slot. */
#ifndef EVAL_SWEEP_PARTS_H
#define EVAL_SWEEP_PARTS_H

#include "eval/plan.h"
#include "eval/sweep_map.h"

/* d(result)/d(node).  It is (negative ? -value : value) where `guard` holds (0: everywhere), else 0
 * and then neither `value` nor the node may be evaluated: the branch of a choice that is not taken.
 * For an array the value is a slot that holds the adjoints of the elements; `sparse` says that
 * elements which stayed 0 may not be evaluated. */
typedef struct Adjoint {
    Expr value, guard;
    bool negative, sparse;
} Adjoint;

typedef struct Export { /* contributions to a node of this level, from inside one of its loops */
    Expr node, slot;
    bool guarded, open; /* only guarded contributions came; at least one that was not */
} Export;

typedef struct Level Level;
struct Level {
    Level *outer;
    unsigned depth;    /* number of loops around; this level's index is FREE(depth - 1) */
    bool guarded;      /* the loop stands under a guard of the outer level */
    Expr lo, hi;
    PlanStep **anchor; /* where the level's steps begin: slots are cleared there */
    Expr *heap;        /* owned; pending nodes, the largest first */
    size_t heap_count, heap_cap;
    NodeMap place;     /* node -> 1 + index in adjoint */
    Adjoint *adjoint;  /* owned */
    size_t adjoint_count, adjoint_cap;
    Export *export;    /* owned */
    size_t export_count, export_cap;
};

/* A condition "this slot's value is not 0" that stands in the plan. */
typedef struct ZeroGuard {
    Expr condition, value;
} ZeroGuard;

typedef struct Sweep {
    Plan *plan;
    Store *store;
    const Expr *gradient; /* slot of each parameter */
    Diags *diags;
    Span span;
    bool failed;
    unsigned char *active; /* owned; by node: 0 not known, 1 constant, 2 depends on a parameter */
    size_t active_cap;
    NodeMap used;          /* nodes that steps so far have evaluated */
    Level *level;          /* innermost */
    ZeroGuard *zero_guard; /* owned */
    size_t zero_count, zero_cap;
} Sweep;

/* ---- sweep.c ---- */
void sweep_init(Sweep *w, Plan *p, const Expr *gradient, Diags *diags, Span span);
void sweep_done(Sweep *w);
/* The steps that add the gradient, without the value. */
bool sweep_run(Sweep *w, Expr body);
void sweep_fail(Sweep *w, const char *message);

/* ---- sweep_level.c ---- */
void sweep_level_init(Sweep *w, Level *l, unsigned depth);
void sweep_level_done(Sweep *w, Level *l);
Level *sweep_home(const Sweep *w, Expr node);
/* Adds a contribution to the adjoint of a node of rank 0. */
void sweep_give(Sweep *w, Expr node, Adjoint a);
/* Takes the largest pending node; 0 when there is none. */
Expr sweep_take(Level *l, Adjoint *a);
/* Passes a node's adjoint on to its home level. */
void sweep_export(Sweep *w, Expr node, Adjoint a);
/* After a loop of the current level: what was exported becomes contributions. */
void sweep_import(Sweep *w);
/* The slot of adjoints of a temporary array, cleared at the start of its home level. */
Expr sweep_array_slot(Sweep *w, Expr array, bool sparse);
Expr sweep_temporary(Sweep *w, Level *home, int rank, const Expr *dims);
bool sweep_under_guard(const Sweep *w, const Level *home, Expr guard);

/* Appends slot[index..] += a. */
void sweep_add(Sweep *w, Expr slot, size_t rank, const Expr *index, Adjoint a);
void sweep_use(Sweep *w, Expr e);
bool sweep_is_used(const Sweep *w, Expr e);
PlanStep *sweep_when(Sweep *w, Expr guard, PlanStep ***outer);
PlanStep *sweep_for(Sweep *w, unsigned number, Expr lo, Expr hi);

/* ---- sweep_adjoint.c ---- */
/* Does the node depend on a parameter? */
bool sweep_is_active(Sweep *w, Expr node);
Adjoint sweep_plain(Expr value);
/* The adjoint times a partial derivative, the branch-safe way. */
Adjoint sweep_times(Sweep *w, Adjoint a, Expr partial);
Adjoint sweep_joined(Sweep *w, Adjoint a, Adjoint b);
/* The adjoint as an expression: with its sign; and 0 where its guard does not hold. */
Expr sweep_signed(Sweep *w, Adjoint a);
Expr sweep_guarded(Sweep *w, Adjoint a);
Expr sweep_guard_and(Sweep *w, Expr guard, Expr condition);
/* value != 0, remembered: the tangent of the plan looks at it again. */
Expr sweep_not_zero(Sweep *w, Expr value);

/* ---- sweep_loop.c ---- */
void sweep_loop(Sweep *w, Expr node, Adjoint a);
/* Takes everything pending at the current level. */
void sweep_drain(Sweep *w);

/* ---- sweep_array.c ---- */
/* An element of rank 0. */
void sweep_element(Sweep *w, Expr node, Adjoint a);
/* All elements of an array at once: element i.. gets at[i..], times `scale` if that is given. */
void sweep_give_array(Sweep *w, Expr array, Expr at, const Adjoint *scale);
/* A temporary array whose adjoints are complete. */
void sweep_array(Sweep *w, Expr array, Adjoint a);
void sweep_call(Sweep *w, Expr node, Adjoint a);

/* ---- sweep_polish.c ---- */
/* First contributions become assignments; slots that nothing writes are cleared. */
void sweep_polish(Sweep *w, PlanStep **first);

#endif
