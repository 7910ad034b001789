/* What can be said of a function at a glance; shared by describe.c and sign.c. */
#ifndef REPL_DESCRIBE_H
#define REPL_DESCRIBE_H

#include "repl/interp.h"

/* What is certain of a node's value wherever it is defined. */
typedef enum Sign { SIGN_ANY, SIGN_NONNEGATIVE, SIGN_POSITIVE } Sign;

/* The signs of `count` nodes, ascending as expr_reachable gives them, into sign[] (indexed like
 * node[]).  Simple rules; ANY where they do not tell. */
void sign_of_nodes(const Store *s, const Expr *node, size_t count, Sign *sign);
/* Is an expression known to have no corners or other places without a derivative? */
bool describe_is_smooth(Interp *in, Expr body);
/* The place of e in node[] (ascending). */
size_t sign_place(const Expr *node, size_t count, Expr e);

#endif
