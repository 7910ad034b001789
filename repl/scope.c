/* What the names of the session mean to the reader of text. */
#include <stdlib.h>
#include <string.h>

#include "expr/functions.h"
#include "repl/command.h"
#include "repl/methods.h"

/* Functions of the language that are no rows of the table. */
static const char *const array_words[] = {"sum",    "prod",   "max", "min",       "vec",
                                          "dot",    "norm",   "len", "transpose", "fill",
                                          "argmax", "argmin", "if",  "random"};
static const char *const constant_words[] = {"pi", "e", "inf", "nan"};

enum { ARRAY_WORDS = sizeof array_words / sizeof *array_words, CONSTANT_WORDS = 4 };

static bool is_one_of(const char *text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], text) == 0) return true;
    return false;
}

bool scope_is_hidden(const char *name) {
    return strcmp(name, "ans") == 0 || strchr(name, '.') != NULL;
}

static NameKind scope_kind(void *context, Name name) {
    const Interp *in = context;
    if (name == in->ans) return NAME_RESULT;
    if (defs_function(in->defs, name)) return NAME_FUNCTION;
    const Var *var = defs_variable(in->defs, name);
    if (var) return var->value.rank == 0 ? NAME_NUMBER : NAME_ARRAY;
    const char *text = names_text(in->names, name);
    if (is_one_of(text, constant_words, CONSTANT_WORDS)) return NAME_CONSTANT;
    if (is_one_of(text, array_words, ARRAY_WORDS) || function_find(text, strlen(text)) >= 0)
        return NAME_BUILTIN;
    return NAME_UNKNOWN;
}

static size_t scope_params(void *context, Name function, Name *out, size_t cap) {
    const Interp *in = context;
    const Def *def = defs_function(in->defs, function);
    if (def) {
        for (size_t i = 0; i < def->param_count && i < cap; i++) out[i] = def->param[i].name;
        return def->param_count;
    }
    const char *text = names_text(in->names, function);
    int id = (int)function_find(text, strlen(text));
    if (id < 0 || function_at((size_t)id)->arity != 1) return 0;
    if (0 < cap) out[0] = names_intern_str(in->names, "x");
    return 1;
}

static void scope_names(void *context, void (*each)(void *to, const char *name, NameKind kind),
                        void *to) {
    const Interp *in = context;
    for (size_t i = 0; i < defs_function_count(in->defs); i++)
        each(to, names_text(in->names, defs_function_at(in->defs, i)->name), NAME_FUNCTION);
    for (size_t i = 0; i < defs_variable_count(in->defs); i++) {
        const Var *v = defs_variable_at(in->defs, i);
        const char *text = names_text(in->names, v->name);
        if (!scope_is_hidden(text)) each(to, text, v->value.rank == 0 ? NAME_NUMBER : NAME_ARRAY);
    }
    if (defs_variable(in->defs, in->ans)) each(to, "ans", NAME_RESULT);
    for (size_t i = 0; i < functions_count(); i++) each(to, function_at(i)->name, NAME_BUILTIN);
    for (size_t i = 0; i < ARRAY_WORDS; i++) each(to, array_words[i], NAME_BUILTIN);
    for (size_t i = 0; i < CONSTANT_WORDS; i++) each(to, constant_words[i], NAME_CONSTANT);
}

static void scope_methods(void *context, void (*each)(void *to, const char *name), void *to) {
    methods_each(context, each, to);
}

void scope_init(Interp *in) {
    in->syntax = command_syntax();
    in->scope = (Scope){
        .context = in,
        .kind = scope_kind,
        .params = scope_params,
        .names = scope_names,
        .methods = scope_methods,
        .commands = in->syntax,
        .command_count = command_count,
    };
}
