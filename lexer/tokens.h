/* The token filter: between scanner and parser.  It knows where a statement starts, the brackets,
 * the words of the command and the names, and turns plain tokens into those of the grammar; the
 * products without a sign are its work.  It reads one Source, statement by statement. */
#ifndef LEXER_TOKENS_H
#define LEXER_TOKENS_H

#include "base/arena.h"
#include "base/diag.h"
#include "lexer/scope.h"
#include "lexer/token.h"

typedef struct Filter Filter;

/* All arguments stay borrowed; the caller frees the result with filter_free. */
Filter *filter_new(Names *names, const Scope *scope, const Source *source);
void filter_free(Filter *f);

/* Starts a statement: what is told goes to diags, texts of echoes to arena.  With `expression` the
 * statement is a bare expression, whatever its first word. */
void filter_begin(Filter *f, Arena *arena, Diags *diags, bool expression);
/* The next token for the parser; T_BAD after a problem was reported, T_END at the end of text. */
Token filter_next(Filter *f);
/* The parser took a NEWLINE or ';' inside a rule's braces: a new line starts. */
void filter_next_line(Filter *f);
/* Ends a statement that went wrong: drops the rest of the line, or of the rule's braces. */
void filter_recover(Filter *f);

bool filter_at_start(const Filter *f);  /* nothing of a statement was read yet */
bool filter_in_rule(const Filter *f);   /* inside a rule's braces */
bool filter_is_done(const Filter *f);   /* all text was read */
bool filter_continued(const Filter *f); /* the text ends with a '\\' that asks for another line */
/* Parameters of a function: writes at most cap of them, returns how many there are. */
size_t filter_params(const Filter *f, Name function, Name *out, size_t cap);
/* Just after the last token that was read (typed text). */
uint32_t filter_end(const Filter *f);
/* Start of the statement's first token (typed text). */
uint32_t filter_begin_place(const Filter *f);
/* The innermost open bracket, "" when none; the opening sign's place in *span. */
const char *filter_open_bracket(const Filter *f, Span *span);
/* " of line 2 column 11" for a place at or after the statement's start; in the arena. */
const char *filter_place_text(Filter *f, uint32_t typed);
/* Readings worth showing, "xy as x*y": in the arena. */
const char *const *filter_echoes(const Filter *f, size_t *count);

/* What a statement of this Source defined; wins over what the scope says until the scope has
 * another answer than before.  params may be NULL; they are copied. */
void filter_define(Filter *f, Name name, NameKind kind, const Name *params, size_t count);
void filter_undefine(Filter *f, Name name);
/* What a name means at this place. */
NameKind filter_kind(const Filter *f, Name name);

/* The names that the statement itself made known: parameters, indices. */
void filter_bound_names(const Filter *f, void (*each)(void *to, const char *name, NameKind kind),
                        void *to);

/* What the filter knows about the place where the text ends, for completion. */
typedef struct FilterPlace {
    const CommandSyntax *row; /* of the command that is being typed, or NULL */
    bool start;               /* a statement starts here */
    bool words;               /* clause words, flags and options of the row may stand here */
    bool method;              /* the name of a method */
    Name method_options;      /* options of this method, or 0 */
    Name value_of;            /* the value of this option or setting, or 0 */
    bool setting;             /* a setting's name */
    bool file, text;          /* a file's name; the rest of the line */
    bool operand;             /* an operand is complete: names only after an operator */
} FilterPlace;

FilterPlace filter_place(const Filter *f);

#endif
