/* Diagnostics: everything a user can cause becomes a Diag; one door makes it, one draws it. */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"

/* A text that spans refer to: a script, a prompt's line, the text of -e. */
typedef struct Source {
    const char *name; /* as shown: a file's name, "-e", or NULL for the prompt */
    const char *text; /* borrowed */
    size_t len;
    size_t first_line; /* number of the text's first line, 1 for a whole file */
} Source;

typedef enum DiagSeverity { DIAG_NOTE, DIAG_WARNING, DIAG_ERROR } DiagSeverity;

typedef struct Diag {
    DiagSeverity severity;
    Span span;           /* in the Source; start == end: a place between characters */
    const char *message; /* one sentence without a full stop; owned by the arena of its Diags */
    const char *hint;    /* what to try, or NULL; may hold several lines */
} Diag;

typedef struct Diags {
    Arena *arena; /* borrowed: the statement's */
    Diag *item;
    size_t count, cap;
    size_t errors; /* how many of them are errors */
} Diags;

void diags_init(Diags *d, Arena *arena);
/* Adds one; the texts are copied into the arena.  hint may be NULL. */
void diag_add(Diags *d, DiagSeverity severity, Span span, const char *hint, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same, as an error. */
void diag_error(Diags *d, Span span, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Line (from first_line) and column (characters, from 1) of a byte offset. */
void source_place(const Source *s, size_t offset, size_t *line, size_t *column);
/* Draws "error: message", the line, carets under the span, the hint. */
void diag_draw(Buf *out, const Source *s, const Diag *d);

#endif
