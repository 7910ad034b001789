/* Values as text: shortest form, or the digits that were set; long vectors by head and tail. */
#ifndef REPL_SHOW_VALUE_H
#define REPL_SHOW_VALUE_H

#include "base/buf.h"
#include "expr/defs.h"

enum { SHOW_MOST = 20, SHOW_HEAD = 6, SHOW_TAIL = 3, SHOW_DIGITS = 6 };

/* digits 0: the shortest form that reads back. */
void show_number(Buf *out, double value, int digits);
/* "(1, 2, 3)", "[3]" for one element; beyond 20: head, tail and length. */
void show_row(Buf *out, const double *data, size_t count, int digits);
/* A number, a vector, or a matrix (rows on lines of their own when it is large). */
void show_value(Buf *out, const Value *v, int digits);
/* The whole value in a form that reads back exactly: for saved sessions. */
void show_value_exact(Buf *out, const Value *v);

#endif
