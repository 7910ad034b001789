/* A map from nodes to 32-bit items, for passes that meet few nodes of a large store. */
#ifndef EVAL_SWEEP_MAP_H
#define EVAL_SWEEP_MAP_H

#include "expr/expr.h"

typedef struct NodeMap {
    Expr *key; /* owned; 0 marks a free place */
    uint32_t *item;
    size_t cap, count;
} NodeMap;

void nodemap_init(NodeMap *m);
void nodemap_done(NodeMap *m);
/* The place of the item for `key`, entered as 0 if new; valid until the next call. */
uint32_t *nodemap_at(NodeMap *m, Expr key);
/* The item, 0 if the key was never entered. */
uint32_t nodemap_get(const NodeMap *m, Expr key);

#endif
