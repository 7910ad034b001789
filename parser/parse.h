/* Text to statements.  The parser reads a Source one statement at a time, since what a statement
 * defines changes how the next one reads; between two calls the caller runs the first. */
#ifndef PARSER_PARSE_H
#define PARSER_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/names.h"
#include "lexer/scope.h"
#include "parser/ast.h"

typedef struct Statement {
    Ast *tree; /* NULL when a diagnostic was reported; AST_EMPTY for a ';' alone */
    Span span;
    bool silenced;           /* ended by ';' */
    const char *const *echo; /* readings worth showing, "xy as x*y" */
    size_t echo_count;
} Statement;

/* Reads one Source.  Owns nothing but its own state: trees, echoes and messages live in the arena.
 */
typedef struct Parse Parse;

/* All arguments are borrowed for the life of the result, which the caller frees.  Between two
 * statements the caller may reset the arena and start diags anew. */
Parse *parse_new(Arena *arena, Names *names, const Scope *scope, const Source *source,
                 Diags *diags);
void parse_free(Parse *p);
/* Reading a statement ends with an error when the flag is raised; it is borrowed. */
void parse_set_interrupt(Parse *p, const volatile int *flag);
/* The next statement; false at the end of the text.  After an error (told in diags, tree NULL) the
 * rest of the line, or of the rule's braces, is dropped and the next call goes on after it. */
bool parse_next(Parse *p, Statement *out);
/* The last statement could not be run: forget what it would have defined. */
void parse_forget(Parse *p);

/* Does the text end with a complete statement (or an error), so that it can be run?  Otherwise a
 * continuation line is asked for. */
bool parse_is_complete(Names *names, const Scope *scope, const char *text, size_t len);

/* One expression (it may have a `where`), no statement.  NULL after an error, which is told in
 * diags with places in `text`; the tree lives in the arena. */
Ast *parse_expression(Arena *arena, Names *names, const Scope *scope, const char *text, size_t len,
                      Diags *diags);

/* What may follow the text, for completion. */
typedef enum ExpectKind {
    EXPECT_COMMAND,       /* word: a command */
    EXPECT_NAME,          /* word: a known name; .name_kind says which kind */
    EXPECT_CLAUSE,        /* word: a clause word of the command */
    EXPECT_FLAG,          /* word: a flag of the command */
    EXPECT_OPTION,        /* an option of the command, whose word this is */
    EXPECT_METHOD,        /* word: a method */
    EXPECT_METHOD_OPTION, /* an option of the method, whose word this is */
    EXPECT_SETTING,       /* a setting's name */
    EXPECT_VALUE,         /* a bare word as the value of this option or setting */
    EXPECT_FILE,          /* a file's name */
    EXPECT_TOPIC,         /* the rest of the line of the command, whose word this is: help */
    EXPECT_SYMBOL         /* word: an operator or bracket */
} ExpectKind;

typedef struct Expect {
    ExpectKind kind;
    const char *word; /* borrowed for the call, "" where there is none */
    NameKind name_kind;
    const char *command; /* the word of the command that is being typed, or "" */
} Expect;

/* Calls `each` for all that may follow the text (which ends before the word that is completed);
 * returns how many there were, 0 when the text before is in error. */
size_t parse_expected(Names *names, const Scope *scope, const char *text, size_t len,
                      void (*each)(void *to, const Expect *what), void *to);

#endif
