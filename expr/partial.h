/* The one derivative field: the outer derivative of a node by one of its operands. */
#ifndef EXPR_PARTIAL_H
#define EXPR_PARTIAL_H

#include "expr/defs.h"

/* d(node)/d(kid i) of an arithmetic node or function (ADD SUB MUL DIV POW NEG FN, and CALL of rank 0
 * by an operand of rank 0), as an expression in the node's kids and, where the table says `f`, the
 * node itself.  REL, NOT, AND, OR have derivative 0.  For POW by its base with a constant exponent n:
 * n*a^(n-1).  0 (the error expression) when there is none; then *why is a sentence, static or owned
 * by the store. */
Expr partial_of(Defs *d, Expr node, size_t i, const char **why);
/* A text of the table (a derivative, a domain, a kink) as an expression in the symbols x, y, z (the
 * arguments) and f (the value); and that expression at a FN node's operands. */
Expr partial_text(Defs *d, const char *text);
Expr partial_apply(Defs *d, Expr text, Expr node);

#endif
