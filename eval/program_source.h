/* Parts of plumb's own sources, taken into files that are to compile alone: what a function needs,
 * and what that needs in turn.  One text, so the bits are the same. */
#ifndef EVAL_PROGRAM_SOURCE_H
#define EVAL_PROGRAM_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

typedef struct SourceText {
    const char *file, *text;
} SourceText;
/* Made by the Makefile from its TEXTS. */
extern const SourceText source_texts[];
extern const size_t source_text_count;

typedef struct Sources Sources;

/* The texts whose file name ends in `ending` (".c"), cut at blank lines into parts: a function, a
 * constant.  The caller frees it with sources_free. */
Sources *sources_new(const char *ending);
void sources_free(Sources *s);
/* Marks the part that defines the name (need not end in NUL), and all parts that it names; false if
 * there is none. */
bool sources_need(Sources *s, const char *name, size_t len);
/* Does a part define the name? */
bool sources_define(const Sources *s, const char *name, size_t len);
/* Does a marked part mention the text? */
bool sources_mention(const Sources *s, const char *text);
/* Appends the marked parts in their order, each after `before` unless it begins with it already. */
void sources_write(const Sources *s, const char *before, Buf *out);

#endif
