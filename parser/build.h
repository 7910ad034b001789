/* Making syntax trees, for the grammar's actions. */
#ifndef PARSER_BUILD_H
#define PARSER_BUILD_H

#include "parser/ast.h"

/* A list while it grows, newest first. */
typedef struct AstList {
    Ast *item;
    struct AstList *before;
    uint32_t count;
    uint8_t op; /* between the item and the one before it */
} AstList;

/* What a token brings along. */
typedef struct Word {
    const char *text;
    const Name *vars;
    Name name;
    uint32_t len, aux;
} Word;

/* All results live in the arena. */
AstList *list_add(Arena *a, AstList *list, Ast *item);
AstList *list_add_op(Arena *a, AstList *list, Ast *item, uint8_t op);
AstList *list_join(Arena *a, AstList *list, const AstList *more);
void list_rename(AstList *list, AstKind kind); /* of all its items */

Ast *ast_leaf(Arena *a, AstKind kind, Span span);
Ast *ast_one(Arena *a, AstKind kind, Span span, Ast *kid);
Ast *ast_two(Arena *a, AstKind kind, Span span, Ast *left, Ast *right);
/* first may be NULL; then the items of the list in order. */
Ast *ast_list(Arena *a, AstKind kind, Span span, Ast *first, const AstList *rest);
Ast *ast_relation(Arena *a, Span span, const AstList *operands);

Ast *ast_name(Arena *a, Span span, Name name);
Ast *ast_number(Arena *a, Span span, const char *text, size_t len);
Ast *ast_string(Arena *a, Span span, const char *quoted, size_t len);
Ast *ast_text(Arena *a, AstKind kind, Span span, const char *text, size_t len);
/* A node that carries a name, with one kid or none. */
Ast *ast_named(Arena *a, AstKind kind, Span span, Name name, Span name_span, Ast *kid);
Ast *ast_derivative(Arena *a, Span span, const Word *word);
Ast *ast_bars(Arena *a, Span open, Ast *inside, Span close, bool norm);
/* The exponent that raised digits write. */
Ast *ast_raised(Arena *a, Span span, const char *text, size_t len);
/* The node with more kids after its own. */
Ast *ast_more(Arena *a, Ast *node, Span span, const AstList *kids);

#endif
