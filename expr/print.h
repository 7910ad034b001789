/* Expressions to text.  Exact: reading the text in the same scope gives the same node (for trees
 * that lowering can make).  Shared subexpressions that would make the text longer than needed are
 * named: EXPR where t1 = .., t2 = .. */
#ifndef EXPR_PRINT_H
#define EXPR_PRINT_H

#include "base/buf.h"
#include "expr/defs.h"

typedef struct PrintStyle {
    size_t name_from; /* name shared parts when the tree has more nodes than this (0: 400) */
    size_t most;      /* cut the text after so many characters, with "..." (0: never) */
} PrintStyle;

void expr_print(Buf *out, Defs *d, Expr e, const PrintStyle *style /* NULL: default */);
/* "f", "df/dx", "d2f/dxdy", "grad f" of a callee. */
void print_fn(Buf *out, Defs *d, FnId f);
/* The nodes of e as a tree, counted up to `most` (a measure of how long it reads). */
size_t expr_tree_size(const Store *s, Expr e, size_t most);
void expr_dump(Buf *out, const Store *s, Expr e); /* the graph, one line a node: --dump=dag */

#endif
