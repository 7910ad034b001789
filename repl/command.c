/* Commands by name, and their trees taken apart. */
#include "repl/command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const Command *command_row(const char *name) {
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(command_list[i]->name, name) == 0) return command_list[i];
    return NULL;
}

CommandSyntax *command_syntax(void) {
    CommandSyntax *res = mem_new(command_count + 1, sizeof *res);
    for (size_t i = 0; i < command_count; i++) {
        const Command *c = command_list[i];
        res[i] = (CommandSyntax){c->name, c->clauses ? c->clauses : "", c->flags ? c->flags : "",
                                 c->traits};
    }
    return res;
}

size_t command_items(const Ast *tree) { return tree->op; }

static const Ast *find_kid(const Ast *tree, AstKind kind, const char *name, const Names *names) {
    for (size_t i = tree->op; i < tree->count; i++)
        if (tree->kids[i]->kind == kind &&
            strcmp(names_text(names, tree->kids[i]->name), name) == 0)
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

bool command_check_tail(Task *t, const Command *c) {
    if (c->alone && t->tree->count > 0) {
        diag_error(t->diags, t->tree->kids[0]->span, NULL, "%s stands alone", c->name);
        return false;
    }
    for (size_t i = t->tree->op; i < t->tree->count; i++) {
        const Ast *kid = t->tree->kids[i];
        for (size_t j = t->tree->op; j < i; j++)
            if (t->tree->kids[j]->kind == kid->kind && t->tree->kids[j]->name == kid->name) {
                diag_error(t->diags, kid->name ? kid->name_span : kid->span, NULL,
                           "%s is given twice",
                           kid->name ? names_text(t->in->names, kid->name) : "the file");
                return false;
            }
        if (kid->kind != AST_OPTION || c->method_options ||
            has_option(c, names_text(t->in->names, kid->name)))
            continue;
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

/* ---- where at the end of a command ---- */

static bool stays(Task *t, const Ast *item) {
    Lower l;
    evaluate_init(t, &l);
    bool res = item->kind == AST_STRING || item->kind == AST_RANGE || item->kind == AST_NAMED ||
               lower_is_callee(&l, item);
    evaluate_done(&l);
    return res;
}

static Ast *with_where(Task *t, Ast *item, const Ast *where) {
    Ast *res = arena_alloc(t->arena, sizeof *res);
    *res = *where;
    res->kind = AST_WHERE;
    res->span = item->span;
    res->count = where->count + 1;
    res->kids = arena_array(t->arena, res->count, sizeof(Ast *));
    res->kids[0] = item;
    memcpy(res->kids + 1, where->kids, where->count * sizeof(Ast *));
    return res;
}

/* `item where ...` with its kinds kept: the sides of a comparison and the arguments of a call are
 * wrapped, names of functions and texts stay as they are. */
static Ast *wrap_where(Task *t, Ast *item, const Ast *where) {
    bool parts = item->kind == AST_REL || item->kind == AST_EQUATION || item->kind == AST_CALL ||
                 item->kind == AST_NAMED || item->kind == AST_CLAUSE;
    if (!parts) return stays(t, item) ? item : with_where(t, item, where);
    Ast *res = arena_alloc(t->arena, sizeof *res);
    *res = *item;
    size_t first = item->kind == AST_CALL ? 1 : 0;
    res->kids = arena_array(t->arena, item->count, sizeof(Ast *));
    for (size_t i = 0; i < item->count; i++) /* one level: the parts are plain expressions */
        res->kids[i] = i < first || stays(t, item->kids[i]) ? item->kids[i]
                                                            : with_where(t, item->kids[i], where);
    return res;
}

void command_apply_where(Task *t) {
    const Ast *where = command_clause(t->tree, "where", t->in->names);
    if (!where) return;
    Ast *tree = arena_alloc(t->arena, sizeof *tree);
    *tree = *t->tree;
    tree->kids = arena_array(t->arena, tree->count, sizeof(Ast *));
    for (size_t i = 0; i < tree->count; i++) {
        Ast *kid = t->tree->kids[i];
        bool plain = i < tree->op || (kid->kind == AST_CLAUSE && kid != where);
        tree->kids[i] = plain ? wrap_where(t, kid, where) : kid;
    }
    t->tree = tree;
}
