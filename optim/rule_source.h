/* Reading a rule's text that stands alone, with the built-in functions known and nothing else. */
#ifndef OPTIM_RULE_SOURCE_H
#define OPTIM_RULE_SOURCE_H

#include "base/diag.h"
#include "parser/ast.h"

/* The AST_RULE of the text, in the arena; NULL after a diagnostic. */
const Ast *rule_source_read(Names *names, const Source *source, Arena *arena, Diags *diags);

#endif
