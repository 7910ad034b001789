/* What the passes of this room share: memo tables by node, and children-first traversal. */
#ifndef EXPR_PASS_H
#define EXPR_PASS_H

#include "expr/expr.h"

/* Answers of one pass, by node.  Borrowed from the store's pool between begin and end. */
typedef struct Memo Memo;
Memo *memo_begin(Store *s);
void memo_end(Store *s, Memo *m);
bool memo_get(const Memo *m, Expr e, Expr *answer);
void memo_set(Memo *m, Expr e, Expr answer);

/* Children-first order without recursion.  Usage:
 *     Walk w; walk_init(&w, s);  walk_push(&w, root);
 *     while (walk_next(&w, memo, &e)) memo_set(memo, e, answer_from_kids(e));
 * walk_next returns nodes that have no answer yet and whose kids all have one.  Kids of loops are
 * not visited when `stop_at_loops`: the pass opens them itself. */
typedef struct Walk {
    Store *store;
    Expr *stack;
    size_t count, cap;
    bool stop_at_loops;
    size_t ticks;
} Walk;
void walk_init(Walk *w, Store *s, bool stop_at_loops);
void walk_push(Walk *w, Expr e);
bool walk_next(Walk *w, const Memo *m, Expr *e); /* false also when interrupted */
void walk_done(Walk *w);

/* The node again with kids replaced by their answers (loops with the same height: only for passes
 * that change nothing but indices). */
Expr pass_rebuild(Store *s, const Memo *m, Expr e);
unsigned store_height(const Store *s, Expr e);

#endif
