/* Reading a rule's text that stands alone, with the built-in functions known and nothing else. */
#ifndef OPTIM_RULE_SOURCE_H
#define OPTIM_RULE_SOURCE_H

#include "base/diag.h"
#include "parser/ast.h"
#include "parser/parse.h"

/* A scope that knows the built-in functions and constants only; borrows the names. */
Scope rule_source_scope(Names *names);
/* Is it the name of a built-in function, reduction or constant? */
bool rule_source_knows(Names *names, Name name);
/* The AST_RULE of the text, in the arena; NULL after a diagnostic. */
const Ast *rule_source_read(Names *names, const Source *source, Arena *arena, Diags *diags);

#endif
