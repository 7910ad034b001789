/* Syntax trees as text, in the notation of the tests: (+ x (* 2 y)).  The work still to do is a
 * stack of texts and nodes, so depth costs memory and no recursion. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "parser/ast.h"

typedef struct Work {
    const Ast *tree;  /* to be printed, or */
    const char *text; /* to be copied */
} Work;

typedef struct Printer {
    Buf *out;
    const Names *names;
    Work *work;
    size_t count, cap;
} Printer;

static void push(Printer *p, const Ast *tree, const char *text) {
    p->work = mem_grow(p->work, &p->cap, p->count + 1, sizeof *p->work);
    p->work[p->count++] = (Work){tree, text};
}

static void quoted(Buf *out, const Ast *t) {
    buf_char(out, '"');
    for (uint32_t i = 0; i < t->len; i++) {
        char c = t->text[i];
        if (c == '"' || c == '\\')
            buf_char(out, '\\');
        if (c == '\n')
            buf_text(out, "\\n");
        else if (c == '\t')
            buf_text(out, "\\t");
        else
            buf_char(out, c);
    }
    buf_char(out, '"');
}

/* The kids from `first` on, each after a space, then `end`. */
static void kids_from(Printer *p, const Ast *t, size_t first, size_t last, const char *end) {
    push(p, NULL, end);
    for (size_t i = last; first < i; i--) {
        push(p, t->kids[i - 1], NULL);
        if (first + 1 < i || *end)
            push(p, NULL, " ");
    }
}

static void head(Printer *p, const Ast *t, const char *word) {
    buf_printf(p->out, "(%s", word);
    kids_from(p, t, 0, t->count, ")");
}

static void head_name(Printer *p, const Ast *t, const char *word) {
    buf_printf(p->out, "(%s %s", word, names_text(p->names, t->name));
    kids_from(p, t, 0, t->count, ")");
}

static void relation(Printer *p, const Ast *t) {
    static const char *const sign[] = {" < ", " <= ", " > ", " >= ", " == ", " != "};
    buf_text(p->out, "(rel ");
    push(p, NULL, ")");
    for (size_t i = t->count; 0 < i; i--) {
        push(p, t->kids[i - 1], NULL);
        if (1 < i)
            push(p, NULL, sign[t->ops[i - 2]]);
    }
}

/* f (x y) BODY: the body is the first kid, and printed last. */
static void definition(Printer *p, const Ast *t) {
    buf_printf(p->out, "(def %s (", names_text(p->names, t->name));
    push(p, NULL, ")");
    push(p, t->kids[0], NULL);
    push(p, NULL, ") ");
    for (size_t i = t->count; 1 < i; i--) {
        push(p, t->kids[i - 1], NULL);
        if (2 < i)
            push(p, NULL, " ");
    }
}

static void rule(Printer *p, const Ast *t) {
    buf_printf(p->out, "(rule %s (", names_text(p->names, t->name));
    kids_from(p, t, t->op, t->count, ")");
    push(p, NULL, ")");
    for (size_t i = t->op; 0 < i; i--) {
        push(p, t->kids[i - 1], NULL);
        if (1 < i)
            push(p, NULL, " ");
    }
}

static void clause(Printer *p, const Ast *t) {
    const char *word = names_text(p->names, t->name);
    buf_printf(p->out, "(%s", strcmp(word, "subject") == 0 ? "st" : word);
    if (strcmp(word, "by") == 0 && t->count == 1) { /* its method stands without brackets */
        const Ast *method = t->kids[0];
        buf_printf(p->out, " %s", names_text(p->names, method->name));
        t = method;
    }
    kids_from(p, t, 0, t->count, ")");
}

static void leaf(Printer *p, const Ast *t) {
    switch (t->kind) {
    case AST_NUMBER: buf_add(p->out, t->text, t->len); break;
    case AST_STRING:
    case AST_TEXT: quoted(p->out, t); break;
    case AST_FILE:
        buf_text(p->out, t->op ? "(> " : "(file ");
        quoted(p->out, t);
        buf_char(p->out, ')');
        break;
    default: buf_text(p->out, names_text(p->names, t->name));
    }
}

static void print_one(Printer *p, const Ast *t) {
    static const char *const plain[AST_KINDS] = {
        [AST_ADD] = "+",     [AST_SUB] = "-",       [AST_MUL] = "*",       [AST_DIV] = "/",
        [AST_POW] = "^",     [AST_NEG] = "-",       [AST_AND] = "and",     [AST_OR] = "or",
        [AST_NOT] = "not",   [AST_IF] = "if",       [AST_CALL] = "call",   [AST_PRIME] = "'",
        [AST_GRAD] = "grad", [AST_HESS] = "hess",   [AST_JAC] = "jac",     [AST_DIFF] = "diff",
        [AST_VEC] = "vec",   [AST_INDEX] = "index", [AST_ABS] = "abs",     [AST_NORM] = "norm",
        [AST_RANGE] = "..",  [AST_EQUATION] = "=",  [AST_WHERE] = "where", [AST_STATE] = "state",
        [AST_CITE] = "cite",
    };
    static const char *const let[] = {"let", "+=", "-=", "*=", "/=", "let"};
    if (plain[t->kind]) {
        head(p, t, plain[t->kind]);
        return;
    }
    switch (t->kind) {
    case AST_EMPTY: break;
    case AST_REL: relation(p, t); break;
    case AST_DERIV: head_name(p, t, "d"); break;
    case AST_FIELD:
        buf_text(p->out, "(field ");
        push(p, NULL, ")");
        push(p, NULL, names_text(p->names, t->name));
        push(p, NULL, " ");
        push(p, t->kids[0], NULL);
        break;
    case AST_NAMED:
    case AST_OPTION: head_name(p, t, "="); break;
    case AST_LET: head_name(p, t, let[t->op]); break;
    case AST_DEF: definition(p, t); break;
    case AST_RULE: rule(p, t); break;
    case AST_PARAM:
        if (t->count == 0)
            leaf(p, t);
        else
            head(p, t, names_text(p->names, t->name));
        break;
    case AST_COMMAND:
    case AST_METHOD:
    case AST_SCALE: head(p, t, names_text(p->names, t->name)); break;
    case AST_CLAUSE: clause(p, t); break;
    default: leaf(p, t);
    }
}

void ast_print(Buf *out, const Names *names, const Ast *tree) {
    Printer p = {.out = out, .names = names};
    push(&p, tree, NULL);
    while (p.count) {
        Work w = p.work[--p.count];
        if (w.tree)
            print_one(&p, w.tree);
        else
            buf_text(out, w.text);
    }
    free(p.work);
}
