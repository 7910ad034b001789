/* Questions as text between plumb and its algebra worker: the nodes of a graph, one a line. */
#ifndef EVAL_ALGEBRA_WIRE_H
#define EVAL_ALGEBRA_WIRE_H

#include "base/buf.h"
#include "eval/algebra.h"
#include "eval/algebra_ring.h"

/* Two expressions as text; false when they hold something that cannot be sent (a call). */
bool wire_write(Buf *out, const Store *s, Expr e, Expr conditions);
/* Back, into another store; false if the text is damaged. */
bool wire_read(const char *text, size_t len, Store *s, Expr *e, Expr *conditions);

/* The judgement itself, in the worker; `text` gets what algebra_is_zero gives as *why. */
AlgebraAnswer judge_zero(Defs *d, const RingOps *op, Expr e, Expr conditions, Buf *text);

#endif
