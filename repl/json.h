/* Writing JSON piece by piece into a Buf: members and elements take care of their commas. */
#ifndef REPL_JSON_H
#define REPL_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "expr/defs.h"

/* `,"key":` or `"key":` at the start of an object. */
void json_key(Buf *b, const char *key);
/* A comma unless an array or object has just been opened. */
void json_comma(Buf *b);
void json_string(Buf *b, const char *key, const char *text);
void json_text(Buf *b, const char *key, const char *text, size_t len);
void json_number(Buf *b, const char *key, double value);
void json_count(Buf *b, const char *key, unsigned long long value);
void json_bool(Buf *b, const char *key, bool value);

enum { JSON_SHORT = 10000 }; /* longer vectors are cut unless they are asked for in full */

/* `count` numbers in brackets; a long row is {"length":n,"head":[..]} unless `full`. */
void json_row(Buf *b, const double *data, size_t count, bool full);
/* A number, a row, or rows of numbers. */
void json_value(Buf *b, const Value *v, bool full);

#endif
