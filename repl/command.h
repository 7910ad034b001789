/* A command is one file, repl/commands/NAME.c, with one constant row.  Parsing, help, completion
 * and tests are derived from the row.  The registry is generated from the folder. */
#ifndef REPL_COMMAND_H
#define REPL_COMMAND_H

#include <stdbool.h>

#include "parser/parse.h"
#include "repl/interp.h"

enum { COMMAND_OPTIONS = 16, COMMAND_EXAMPLES = 8 };

typedef struct CommandOption {
    const char *name;
    double start;      /* its value when not given; NAN: none */
    const char *range; /* "(0,inf)", "{0,1}", or words: "symbolic|numeric" */
    const char *help;
} CommandOption;

typedef struct Command {
    const char *name, *usage, *summary;
    const char *detail;          /* more lines for help, or NULL */
    const char *clauses, *flags; /* as in CommandSyntax; "" if none */
    unsigned traits;             /* CommandTraits */
    bool method_options;         /* options that are not its own belong to a method */
    bool alone;                  /* nothing stands after the word */
    CommandOption options[COMMAND_OPTIONS];
    const char *examples[COMMAND_EXAMPLES];
    void (*lacks)(Buf *out); /* adds to its help what is not installed here, in lines; may be NULL */
    /* Runs the statement in t->tree; false after a diagnostic. */
    bool (*run)(Task *t);
} Command;

extern const Command *const command_list[];
extern const size_t command_count;
/* NULL if there is none. */
const Command *command_row(const char *name);
/* The rows as the parser wants them, in the order of command_list; the caller frees the array. */
CommandSyntax *command_syntax(void);

/* ---- what a command asks of its tree ---- */
/* The items are the first tree->op kids. */
size_t command_items(const Ast *tree);
/* The clause of that name, or NULL. */
const Ast *command_clause(const Ast *tree, const char *name, const Names *names);
bool command_flag(const Ast *tree, const char *name, const Names *names);
/* The value of an option, or NULL. */
const Ast *command_option(const Ast *tree, const char *name, const Names *names);
/* The file after '>' or of load and save, or NULL. */
const Ast *command_file(const Ast *tree);
/* Is every option one of the row's, and every clause and option given once?  False after a
 * diagnostic. */
bool command_check_tail(Task *t, const Command *c);
/* Puts a `where` at the command's end into its items and clauses; t->tree is replaced. */
void command_apply_where(Task *t);
/* A numeric option within its range; *value keeps the row's start when it is not given. */
bool command_number(Task *t, const Command *c, const char *name, double *value);

#endif
