/* The method of a run and the options of command and method. */
#include <math.h>
#include <string.h>

#include "repl/methods.h"
#include "repl/minimize.h"

#define DEFAULT_METHOD "adam" /* with lr=DEFAULT_LR where no method is named */
#define DEFAULT_LR 0.05

static bool is_own_option(const Command *c, const char *name) {
    for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++)
        if (strcmp(c->options[i].name, name) == 0) return true;
    return false;
}

typedef struct NameList {
    const char *name[256];
    size_t count;
} NameList;

static void add_name(void *to, const char *name) {
    NameList *list = to;
    if (list->count < 256) list->name[list->count++] = name;
}

static bool no_method(Task *t, const Ast *method) {
    const char *name = names_text(t->in->names, method->name);
    NameList all = {.count = 0};
    methods_each(t->in, add_name, &all);
    const char *near = names_nearest(name, strlen(name), all.name, all.count);
    Buf hint;
    buf_init(&hint);
    if (near) buf_printf(&hint, "did you mean %s?", near);
    for (size_t i = 0; !near && i < all.count; i++)
        buf_printf(&hint, "%s%s", i == 0 ? "this version has " : ", ", all.name[i]);
    diag_error(t->diags, method->name_span, buf_str(&hint), "there is no method %s", name);
    buf_done(&hint);
    return false;
}

static bool read_method_options(Minimize *m, const Ast *tree, size_t from, const Command *own) {
    Task *t = m->task;
    for (size_t i = from; i < tree->count; i++) {
        const Ast *kid = tree->kids[i];
        if (kid->kind != AST_OPTION) continue;
        const char *name = names_text(t->in->names, kid->name);
        if (own && is_own_option(own, name)) continue;
        if (!rule_choice_read(m->choice, kid, t->in->defs, t->diags)) return false;
        int which = rule_find_option(rule_choice_rule(m->choice), name);
        bool is_lr =
            which >= 0 &&
            strcmp(rule_option_name(rule_choice_rule(m->choice), (size_t)which), "lr") == 0;
        const Ast *value = kid->kids[0];
        if (is_lr && value->kind != AST_NUMBER &&
            !(value->kind == AST_NEG && value->kids[0]->kind == AST_NUMBER))
            m->lr = NAN; /* it may move with t */
    }
    return true;
}

static bool read_gradient(Minimize *m) {
    Task *t = m->task;
    const Ast *value = command_option(t->tree, "gradient", t->in->names);
    if (!value) return true;
    const char *word = value->kind == AST_NAME ? names_text(t->in->names, value->name) : "";
    m->numeric = strcmp(word, "numeric") == 0;
    if (m->numeric || strcmp(word, "symbolic") == 0) return true;
    diag_error(t->diags, value->span, NULL, "gradient is symbolic or numeric");
    return false;
}

static bool read_numbers(Minimize *m, const Command *c) {
    Task *t = m->task;
    if (!command_number(t, c, "steps", &m->steps) || !command_number(t, c, "tol", &m->tol) ||
        !command_number(t, c, "timeout", &m->timeout) || !command_number(t, c, "h", &m->h))
        return false;
    m->steps_given = command_option(t->tree, "steps", t->in->names) != NULL;
    const Ast *h = command_option(t->tree, "h", t->in->names);
    if (h && !m->numeric) {
        diag_error(t->diags, h->span, "gradient=numeric h=1e-6", "h belongs to gradient=numeric");
        return false;
    }
    if (floor(m->steps) == m->steps) return true;
    diag_error(t->diags, command_option(t->tree, "steps", t->in->names)->span, NULL,
               "steps is a whole number");
    return false;
}

bool minimize_choose(Minimize *m, const Command *c) {
    Task *t = m->task;
    if (!read_gradient(m) || !read_numbers(m, c)) return false;
    const Ast *by = command_clause(t->tree, "by", t->in->names), *method = by ? by->kids[0] : NULL;
    m->method = method ? names_text(t->in->names, method->name) : DEFAULT_METHOD;
    const Rule *rule =
        rules_has(t->in->rules, m->method) ? rules_find(t->in->rules, m->method) : NULL;
    if (!rule) return method ? no_method(t, method) : false;
    m->choice = rule_choose(rule);
    m->lr = 0;
    m->default_method = !method && !command_option(t->tree, "lr", t->in->names);
    if (m->default_method) rule_choice_set(m->choice, "lr", DEFAULT_LR);
    if (method && !read_method_options(m, method, 0, NULL)) return false;
    if (!read_method_options(m, t->tree, t->tree->op, c)) return false;
    if (!isnan(m->lr)) m->lr = rule_choice_number(m->choice, "lr");
    return true;
}
