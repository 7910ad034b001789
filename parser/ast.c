/* Making syntax trees; see build.h. */
#include "parser/ast.h"

#include <string.h>

#include "lexer/fold.h"
#include "parser/build.h"

AstList *list_add_op(Arena *a, AstList *list, Ast *item, uint8_t op) {
    AstList *res = arena_alloc(a, sizeof *res);
    *res = (AstList){.item = item, .before = list, .count = list ? list->count + 1 : 1, .op = op};
    return res;
}

AstList *list_add(Arena *a, AstList *list, Ast *item) {
    return list_add_op(a, list, item, 0);
}

/* The items of `more`, in order, after those of `list`. */
AstList *list_join(Arena *a, AstList *list, const AstList *more) {
    if (!more)
        return list;
    Ast **item = arena_array(a, more->count, sizeof *item);
    size_t count = more->count;
    for (const AstList *p = more; p; p = p->before)
        item[p->count - 1] = p->item;
    for (size_t i = 0; i < count; i++)
        list = list_add(a, list, item[i]);
    return list;
}

void list_rename(AstList *list, AstKind kind) {
    for (; list; list = list->before)
        list->item->kind = kind;
}

/* A node with room for its kids right behind it. */
static Ast *node(Arena *a, AstKind kind, Span span, size_t count) {
    Ast *res = arena_alloc(a, sizeof *res + count * sizeof(Ast *));
    res->kind = kind;
    res->span = span;
    res->count = (uint32_t)count;
    res->kids = count ? (Ast **)(void *)(res + 1) : NULL;
    return res;
}

Ast *ast_leaf(Arena *a, AstKind kind, Span span) {
    return node(a, kind, span, 0);
}

Ast *ast_one(Arena *a, AstKind kind, Span span, Ast *kid) {
    Ast *res = node(a, kind, span, 1);
    res->kids[0] = kid;
    return res;
}

Ast *ast_two(Arena *a, AstKind kind, Span span, Ast *left, Ast *right) {
    Ast *res = node(a, kind, span, 2);
    res->kids[0] = left;
    res->kids[1] = right;
    return res;
}

Ast *ast_list(Arena *a, AstKind kind, Span span, Ast *first, const AstList *rest) {
    size_t before = first != NULL;
    Ast *res = node(a, kind, span, before + (rest ? rest->count : 0));
    if (first)
        res->kids[0] = first;
    for (const AstList *p = rest; p; p = p->before)
        res->kids[before + p->count - 1] = p->item;
    return res;
}

Ast *ast_more(Arena *a, Ast *first, Span span, const AstList *kids) {
    if (!kids)
        return first;
    Ast *res = node(a, first->kind, span, first->count + kids->count);
    res->name = first->name;
    res->name_span = first->name_span;
    for (uint32_t i = 0; i < first->count; i++)
        res->kids[i] = first->kids[i];
    for (const AstList *p = kids; p; p = p->before)
        res->kids[first->count + p->count - 1] = p->item;
    return res;
}

Ast *ast_relation(Arena *a, Span span, const AstList *operands) {
    Ast *res = ast_list(a, AST_REL, span, NULL, operands);
    res->ops = arena_alloc(a, operands->count);
    for (const AstList *p = operands; p->before; p = p->before)
        res->ops[p->count - 2] = p->op;
    return res;
}

Ast *ast_text(Arena *a, AstKind kind, Span span, const char *text, size_t len) {
    Ast *res = node(a, kind, span, 0);
    res->text = arena_copy_text(a, text, len);
    res->len = (uint32_t)len;
    return res;
}

Ast *ast_name(Arena *a, Span span, Name name) {
    return ast_named(a, AST_NAME, span, name, span, NULL);
}

Ast *ast_number(Arena *a, Span span, const char *text, size_t len) {
    return ast_text(a, AST_NUMBER, span, text, len);
}

/* The text between the quotes, with \" \\ \n \t resolved; another \x stays as typed. */
Ast *ast_string(Arena *a, Span span, const char *quoted, size_t len) {
    char *text = arena_alloc(a, len);
    size_t used = 0;
    for (size_t i = 1; i + 1 < len; i++) {
        char c = quoted[i], next = quoted[i + 1];
        bool escape = c == '\\' && i + 2 < len && strchr("\"\\nt", next) && next;
        if (escape) {
            c = next == 'n' ? '\n' : next == 't' ? '\t' : next;
            i++;
        }
        text[used++] = c;
    }
    Ast *res = node(a, AST_STRING, span, 0);
    res->text = text;
    res->len = (uint32_t)used;
    return res;
}

Ast *ast_named(Arena *a, AstKind kind, Span span, Name name, Span name_span, Ast *kid) {
    Ast *res = node(a, kind, span, kid != NULL);
    if (kid)
        res->kids[0] = kid;
    res->name = name;
    res->name_span = name_span;
    return res;
}

Ast *ast_derivative(Arena *a, Span span, const Word *word) {
    Ast *res = node(a, AST_DERIV, span, word->len);
    res->name = word->name;
    res->name_span = span;
    for (uint32_t i = 0; i < word->len; i++)
        res->kids[i] = ast_name(a, span, word->vars[i]);
    return res;
}

Ast *ast_bars(Arena *a, Span open, Ast *inside, Span close, bool norm) {
    Span span = span_join(open, close);
    bool twice = !norm && inside->kind == AST_ABS && !inside->bracketed &&
                 inside->span.start == open.end && inside->span.end == close.start;
    if (twice) /* ||v|| */
        return ast_one(a, AST_NORM, span, inside->kids[0]);
    return ast_one(a, norm ? AST_NORM : AST_ABS, span, inside);
}

Ast *ast_raised(Arena *a, Span span, const char *text, size_t len) {
    bool minus = 0 < len && text[0] == FOLD_SUP_MINUS;
    bool sign = minus || (0 < len && text[0] == FOLD_SUP_PLUS);
    char *digits = arena_alloc(a, len + 1);
    size_t used = 0;
    for (size_t i = sign; i < len; i++) {
        bool raised = FOLD_SUP <= text[i] && text[i] <= FOLD_SUP + 9;
        digits[used++] = raised ? (char)('0' + text[i] - FOLD_SUP) : text[i];
    }
    Ast *number = ast_number(a, span, digits, used);
    return minus ? ast_one(a, AST_NEG, span, number) : number;
}
