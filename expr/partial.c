/* The one derivative field, read from the table's texts on first use; see partial.h. */
#include "expr/partial.h"

#include <string.h>

#include "expr/build.h"
#include "expr/functions.h"
#include "expr/lower.h"
#include "parser/parse.h"

/* Names in a table text: its arguments x, y, z and its value f are numbers, functions are built in. */
static NameKind table_kind(void *context, Name name) {
    Store *s = context;
    const char *text = names_text(store_names(s), name);
    if (text[0] && !text[1] && strchr("xyzf", text[0]))
        return NAME_NUMBER;
    if (strcmp(text, "pi") == 0 || strcmp(text, "e") == 0 || strcmp(text, "inf") == 0 || strcmp(text, "nan") == 0)
        return NAME_CONSTANT;
    if (strcmp(text, "if") == 0 || 0 <= function_find(text, strlen(text)))
        return NAME_BUILTIN;
    return NAME_UNKNOWN;
}

static size_t no_params(void *context, Name function, Name *out, size_t cap) {
    (void)context, (void)function, (void)out, (void)cap;
    return 0;
}

static void no_names(void *context, void (*each)(void *to, const char *name, NameKind kind), void *to) {
    (void)context, (void)each, (void)to;
}

static void no_methods(void *context, void (*each)(void *to, const char *name), void *to) {
    (void)context, (void)each, (void)to;
}

static Expr symbol(Store *s, const char *name) {
    return expr_symbol(s, EXPR_SYM, names_intern_str(store_names(s), name), 0, NULL);
}

static const char *const argument_names[] = {"x", "y", "z", "f"};

Expr partial_text(Defs *d, const char *text) {
    Store *s = defs_store(d);
    Scope scope = {s, table_kind, no_params, no_names, no_methods, NULL, 0};
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    Param param[4];
    for (size_t i = 0; i < 4; i++)
        param[i] = (Param){.name = names_intern_str(store_names(s), argument_names[i]),
                           .symbol = symbol(s, argument_names[i])};
    Ast *tree = parse_expression(&arena, store_names(s), &scope, text, strlen(text), &diags);
    Lower l = {.defs = d, .param_count = 4, .param = param, .diags = &diags};
    Expr res = tree ? lower_expression(&l, tree) : 0;
    arena_done(&arena);
    return res;
}

Expr partial_apply(Defs *d, Expr text, Expr node) {
    Store *s = defs_store(d);
    Expr from[4], to[4];
    size_t count = expr_count(s, node);
    for (size_t i = 0; i < count; i++) {
        from[i] = symbol(s, argument_names[i]);
        to[i] = expr_kid(s, node, i);
    }
    from[count] = symbol(s, "f");
    to[count] = node;
    return expr_substitute(s, text, count + 1, from, to);
}

static Expr of_function(Defs *d, Expr node, size_t i, const char **why) {
    Store *s = defs_store(d);
    uint32_t id = expr_payload(s, node);
    const Function *f = function_at(id);
    if (!f->d[i]) {
        *why = f->no_d ? f->no_d : "this function has no derivative";
        return 0;
    }
    Expr text = partial_text(d, f->d[i]);
    return text ? partial_apply(d, text, node) : 0;
}

static Expr of_power(Defs *d, Expr node, size_t i) {
    Store *s = defs_store(d);
    Expr a = expr_kid(s, node, 0), b = expr_kid(s, node, 1);
    if (i == 0)
        return build_mul(s, b, build_pow(s, a, build_sub(s, b, expr_int(s, 1))));
    return expr_op(s, a) == EXPR_E ? node : build_mul(s, node, build_fn_named(s, "log", a));
}

/* One more derivative of the callee, by its operand i. */
static Expr of_call(Defs *d, Expr node, size_t i) {
    Store *s = defs_store(d);
    uint32_t by[32];
    FnId f = expr_payload(s, node);
    size_t order = defs_fn_order(d, f), count = expr_count(s, node);
    if (31 <= order)
        return 0;
    for (size_t k = 0; k < order; k++)
        by[k] = defs_fn_by(d, f, k);
    by[order] = (uint32_t)i;
    return expr_make(s, EXPR_CALL, defs_fn(d, defs_fn_base(d, f), order + 1, by), count, expr_kids(s, node));
}

Expr partial_of(Defs *d, Expr node, size_t i, const char **why) {
    Store *s = defs_store(d);
    if (!node)
        return 0;
    switch (expr_op(s, node)) {
    case EXPR_ADD: return expr_int(s, 1);
    case EXPR_SUB: return expr_int(s, i == 0 ? 1 : -1);
    case EXPR_NEG: return expr_int(s, -1);
    case EXPR_MUL: return expr_kid(s, node, 1 - i);
    case EXPR_DIV: {
        Expr b = expr_kid(s, node, 1);
        return i == 0 ? build_div(s, expr_int(s, 1), b) : build_neg(s, build_div(s, node, b));
    }
    case EXPR_POW: return of_power(d, node, i);
    case EXPR_FN: return of_function(d, node, i, why);
    case EXPR_CALL: return of_call(d, node, i);
    default: return expr_int(s, 0); /* REL, AND, OR, NOT: constant where they are not in doubt */
    }
}
