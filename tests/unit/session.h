/* A small session for unit tests: definitions from text, evaluators of them. */
#ifndef TESTS_UNIT_SESSION_H
#define TESTS_UNIT_SESSION_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eval/evaluator.h"
#include "expr/derive.h"
#include "expr/functions.h"
#include "expr/lower.h"
#include "expr/print.h"
#include "parser/parse.h"

typedef struct Session {
    Names *names;
    Store *store;
    Defs *defs;
    Arena arena;
    Diags diags;
} Session;

static NameKind session_kind(void *context, Name name) {
    Session *s = context;
    const char *text = names_text(s->names, name);
    static const char *const words[] = {"sum", "prod", "max", "min", "argmax", "argmin", "vec", "if", "len", "dot",
                                        "norm", "transpose"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return NAME_BUILTIN;
    if (strcmp(text, "pi") == 0 || strcmp(text, "e") == 0)
        return NAME_CONSTANT;
    if (defs_function(s->defs, name))
        return NAME_FUNCTION;
    return 0 <= function_find(text, strlen(text)) ? NAME_BUILTIN : NAME_UNKNOWN;
}

static size_t session_params(void *context, Name function, Name *out, size_t cap) {
    Session *s = context;
    Def *def = defs_function(s->defs, function);
    for (size_t i = 0; def && i < def->param_count && i < cap; i++)
        out[i] = def->param[i].name;
    return def ? def->param_count : 0;
}

static void session_names(void *c, void (*each)(void *, const char *, NameKind), void *to) {
    (void)c, (void)each, (void)to;
}

static void session_methods(void *c, void (*each)(void *, const char *), void *to) {
    (void)c, (void)each, (void)to;
}

static void session_init(Session *s) {
    memset(s, 0, sizeof *s);
    s->names = names_new();
    s->store = store_new(s->names);
    s->defs = defs_new(s->store);
    arena_init(&s->arena);
    diags_init(&s->diags, &s->arena);
}

static void session_done(Session *s) {
    defs_free(s->defs);
    store_free(s->store);
    names_free(s->names);
    arena_done(&s->arena);
}

static void session_fail(Session *s, const char *text) {
    for (size_t i = 0; i < s->diags.count; i++)
        fprintf(stderr, "%s: %s\n", text, s->diags.item[i].message);
    fail_msg("%s", text);
}

/* Defines a function from "f(x, y[n]) = ...". */
static Def *session_define(Session *s, const char *text) {
    Scope scope = {s, session_kind, session_params, session_names, session_methods, NULL, 0};
    Source source = {"test", text, strlen(text), 1};
    Statement statement;
    Parse *p = parse_new(&s->arena, s->names, &scope, &source, &s->diags);
    Def def;
    if (!parse_next(p, &statement) || !statement.tree ||
        !lower_definition(s->defs, statement.tree, text, strlen(text), &s->diags, &def))
        session_fail(s, text);
    parse_free(p);
    return defs_set_function(s->defs, &def);
}

/* An evaluator of `body` in the parameters of `def`; every dimension that is not a number is n. */
static inline Evaluator *session_evaluator(Session *s, const Def *def, Expr body, size_t n) {
    size_t dims[16][2] = {{0}};
    for (size_t i = 0; i < def->param_count; i++)
        for (int k = 0; k < def->param[i].rank; k++) {
            long fixed;
            dims[i][k] = expr_is_integer(s->store, def->param[i].dim[k], &fixed) ? (size_t)fixed : n;
        }
    Evaluator *e = body ? evaluator_new(s->defs, def->param_count, def->param, body, (const size_t(*)[2])dims, NULL,
                                        &s->diags, span_of(0, 0))
                        : NULL;
    if (!e)
        session_fail(s, def->text);
    return e;
}

#endif
