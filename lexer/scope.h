/* What is known where a statement stands: names, methods, and the words of the commands.  The
 * reader only asks; the answers come from the interpreter. */
#ifndef LEXER_SCOPE_H
#define LEXER_SCOPE_H

#include <stddef.h>

#include "base/names.h"

/* What a name means to the reader of text. */
typedef enum NameKind {
    NAME_UNKNOWN,
    NAME_NUMBER,   /* a variable, or a parameter, that holds a number */
    NAME_ARRAY,    /* a variable that holds a vector or matrix */
    NAME_FUNCTION, /* a user's function */
    NAME_BUILTIN,  /* a function of the table, or a reduction */
    NAME_CONSTANT, /* pi, e, inf, nan */
    NAME_RESULT    /* ans */
} NameKind;

/* What a command accepts, for the reader; rows live with the commands. */
typedef enum CommandTraits {
    COMMAND_WRITES = 1,     /* > FILE outside brackets */
    COMMAND_FILE = 2,       /* its tail is a file name: load, save */
    COMMAND_TEXT = 4,       /* its tail is the rest of the line: help */
    COMMAND_METHODS = 8,    /* ':' opens a list of methods: race */
    COMMAND_NESTED = 16,    /* ':' opens a command: sweep */
    COMMAND_SETTING = 32,   /* items are NAME [=] value, the value may be a bare word: set */
    COMMAND_FREE = 64,      /* one-letter names may be free: check, explain */
    COMMAND_EQUATION = 128, /* an item may be A = B: check */
    COMMAND_SWEEP = 256,    /* items are NAME = range [log|linear [COUNT]] */
    COMMAND_BREAK = 512     /* nothing before its clause needs to stand: break if */
} CommandTraits;

typedef struct CommandSyntax {
    const char *word;
    const char *clauses; /* words with items, separated by spaces: "from by in subject"; `subject`
                            is followed by `to`, and s.t. is read as it */
    const char *flags;   /* words alone: "escape globally" */
    unsigned traits;     /* CommandTraits */
} CommandSyntax;

/* What is known where a statement stands.  All borrowed; the functions must not change anything.
 * Every known name was entered in Names before. */
typedef struct Scope {
    void *context;
    NameKind (*kind)(void *context, Name name);
    /* Parameters of a user's function: writes at most `cap` names, returns how many there are.  A
     * built-in function of one argument has one parameter named x. */
    size_t (*params)(void *context, Name function, Name *out, size_t cap);
    /* Calls `each` for every known name (for nearest names and completion). */
    void (*names)(void *context, void (*each)(void *to, const char *name, NameKind kind), void *to);
    /* Calls `each` for every method after `by`. */
    void (*methods)(void *context, void (*each)(void *to, const char *name), void *to);
    const CommandSyntax *commands;
    size_t command_count;
} Scope;

#endif
