/* Shipped rules are read here, apart from the session whose names must not change their meaning. */
#include "optim/rule_source.h"

#include <string.h>

#include "expr/functions.h"
#include "parser/parse.h"

/* Functions of the language that are no rows of the table, and the constants. */
static const char *const array_words[] = {"sum",    "prod",   "max", "min",       "vec",
                                          "dot",    "norm",   "len", "transpose", "fill",
                                          "argmax", "argmin", "if"};
static const char *const constant_words[] = {"pi", "e", "inf", "nan"};
enum { ARRAY_WORDS = sizeof array_words / sizeof *array_words, CONSTANT_WORDS = 4 };

static bool is_one_of(const char *text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], text) == 0) return true;
    return false;
}

static NameKind kind(void *context, Name name) {
    const char *text = names_text(context, name);
    if (is_one_of(text, constant_words, CONSTANT_WORDS)) return NAME_CONSTANT;
    if (is_one_of(text, array_words, ARRAY_WORDS) || 0 <= function_find(text, strlen(text)))
        return NAME_BUILTIN;
    return NAME_UNKNOWN;
}

bool rule_source_knows(Names *names, Name name) { return kind(names, name) != NAME_UNKNOWN; }

static size_t params(void *context, Name function, Name *out, size_t cap) {
    const char *text = names_text(context, function);
    int id = function_find(text, strlen(text));
    if (id < 0 || function_at((size_t)id)->arity != 1) return 0;
    if (0 < cap) out[0] = names_intern_str(context, "x");
    return 1;
}

static void names_each(void *context, void (*each)(void *to, const char *name, NameKind kind),
                       void *to) {
    (void)context;
    for (size_t i = 0; i < functions_count(); i++) each(to, function_at(i)->name, NAME_BUILTIN);
    for (size_t i = 0; i < ARRAY_WORDS; i++) each(to, array_words[i], NAME_BUILTIN);
    for (size_t i = 0; i < CONSTANT_WORDS; i++) each(to, constant_words[i], NAME_CONSTANT);
}

static void methods_each(void *context, void (*each)(void *to, const char *name), void *to) {
    (void)context, (void)each, (void)to;
}

Scope rule_source_scope(Names *names) {
    return (Scope){.context = names,
                   .kind = kind,
                   .params = params,
                   .names = names_each,
                   .methods = methods_each};
}

const Ast *rule_source_read(Names *names, const Source *source, Arena *arena, Diags *diags) {
    Scope scope = rule_source_scope(names);
    Parse *p = parse_new(arena, names, &scope, source, diags);
    const Ast *res = NULL;
    Statement s;
    while (!res && parse_next(p, &s))
        if (s.tree && s.tree->kind == AST_RULE) res = s.tree;
        else if (!s.tree) break;
    parse_free(p);
    return res;
}
