/* Commands by name, and their trees taken apart. */
#include "repl/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const Command *command_find(const char *name) {
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command_list[i]->name, name) == 0) return command_list[i];
    return NULL;
}

CommandSyntax *command_syntax(void) {
    CommandSyntax *res = mem_new(command_count + 1, sizeof *res);
    for (size_t i = 0; i < command_count; i++) {
        const Command *c = command_list[i];
        res[i] = (CommandSyntax){c->name, c->clauses ? c->clauses : "", c->flags ? c->flags : "", c->traits};
    }
    return res;
}

size_t command_items(const Ast *tree) { return tree->op; }

static const Ast *find_kid(const Ast *tree, AstKind kind, const char *name, const Names *names) {
    for (size_t i = tree->op; i < tree->count; i++)
        if (tree->kids[i]->kind == kind && strcmp(names_text(names, tree->kids[i]->name), name) == 0)
            return tree->kids[i];
    return NULL;
}

const Ast *command_clause(const Ast *tree, const char *name, const Names *names) {
    return find_kid(tree, AST_CLAUSE, name, names);
}

bool command_flag(const Ast *tree, const char *name, const Names *names) {
    return find_kid(tree, AST_FLAG, name, names) != NULL;
}

const Ast *command_option(const Ast *tree, const char *name, const Names *names) {
    const Ast *kid = find_kid(tree, AST_OPTION, name, names);
    return kid ? kid->kids[0] : NULL;
}

const Ast *command_file(const Ast *tree) {
    for (size_t i = 0; i < tree->count; i++)
        if (tree->kids[i]->kind == AST_FILE) return tree->kids[i];
    return NULL;
}

static bool has_option(const Command *c, const char *name) {
    for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++)
        if (strcmp(c->options[i].name, name) == 0) return true;
    return false;
}

static void unknown_option(Task *t, const Command *c, const Ast *option) {
    const char *name = names_text(t->in->names, option->name);
    const char *all[COMMAND_OPTIONS];
    size_t count = 0;
    while (count < COMMAND_OPTIONS && c->options[count].name) {
        all[count] = c->options[count].name;
        count++;
    }
    const char *near = names_nearest(name, strlen(name), all, count);
    char *hint = near ? arena_printf(t->arena, "did you mean %s=?", near)
                      : arena_printf(t->arena, "see: help %s", c->name);
    diag_error(t->diags, option->name_span, hint, "%s has no option %s", c->name, name);
}

bool command_check_options(Task *t, const Command *c) {
    for (size_t i = t->tree->op; i < t->tree->count; i++) {
        const Ast *kid = t->tree->kids[i];
        if (kid->kind != AST_OPTION) continue;
        for (size_t j = t->tree->op; j < i; j++)
            if (t->tree->kids[j]->kind == AST_OPTION && t->tree->kids[j]->name == kid->name) {
                diag_error(t->diags, kid->name_span, NULL, "%s is given twice",
                           names_text(t->in->names, kid->name));
                return false;
            }
        if (c->method_options || has_option(c, names_text(t->in->names, kid->name))) continue;
        unknown_option(t, c, kid);
        return false;
    }
    return true;
}

/* "(0,inf)", "[0,1]", "{0,1}". */
static bool in_range(double value, const char *range) {
    if (!range || !range[0] || isnan(value)) return !isnan(value);
    if (range[0] == '{') return value == 0 || value == 1;
    char *end;
    double lo = strtod(range + 1, &end);
    double hi = *end == ',' ? strtod(end + 1, &end) : INFINITY;
    if (range[0] == '(' ? !(lo < value) : !(lo <= value)) return false;
    return *end == ')' ? value < hi || (isinf(hi) && isinf(value)) : value <= hi;
}

bool command_number(Task *t, const Command *c, const char *name, double *value) {
    const Ast *tree = command_option(t->tree, name, t->in->names);
    for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++) {
        if (strcmp(c->options[i].name, name) != 0) continue;
        *value = c->options[i].start;
        if (!tree) return true;
        if (!evaluate_number(t, tree, value)) return false;
        if (in_range(*value, c->options[i].range)) return true;
        diag_error(t->diags, tree->span, NULL, "%s lies in %s", name, c->options[i].range);
        return false;
    }
    return true;
}
