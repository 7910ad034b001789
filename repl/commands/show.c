/* show NAME: a function or a method as it was typed; its domain; the limits. */
#include <string.h>

#include "expr/functions.h"
#include "repl/command.h"
#include "repl/export.h"
#include "repl/files.h"
#include "repl/json.h"
#include "repl/methods.h"
#include "repl/show_value.h"
#include "repl/statement.h"

static void show_limits(Task *t) {
    Report *r = t->report;
    json_key(&r->json, "limits");
    buf_char(&r->json, '{');
    static const SettingId rows[] = {SET_history, SET_memory, SET_rounds, SET_nodes};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const SettingRow *row = &setting_rows[rows[i]];
        Buf value;
        buf_init(&value);
        setting_print(&t->in->set, rows[i], &value);
        buf_printf(&r->text, "%-10s %-10s %s (set %s N)\n", row->name, buf_str(&value), row->help,
                   row->name);
        json_number(&r->json, row->name, t->in->set.value[rows[i]]);
        buf_done(&value);
    }
    buf_char(&r->json, '}');
    buf_text(&r->text, "recursion  10000      calls within calls\n"
                       "literals   65536      bits of an exact number\n");
}

static bool show_domain(Task *t, const Ast *item) {
    const Def *def = item->kind == AST_NAME ? defs_function(t->in->defs, item->name) : NULL;
    if (!def) {
        diag_error(t->diags, item->span, NULL, "the domain of a function of yours: show f domain");
        return false;
    }
    Buf domain;
    buf_init(&domain);
    describe_domain(t->in, def, &domain);
    buf_printf(&t->report->text, "%s\n", buf_str(&domain));
    json_string(&t->report->json, "name", names_text(t->in->names, def->name));
    json_string(&t->report->json, "domain", buf_str(&domain));
    buf_done(&domain);
    return true;
}

static void show_builtin(Report *r, const Function *f) {
    static const char *const args[] = {"", "x", "x, y", "x, y, z"};
    buf_printf(&r->text, "%s(%s): %s\n", f->name, args[f->arity], f->help);
    if (f->domain) buf_printf(&r->text, "  defined where %s\n", f->domain);
    for (int i = 0; i < f->arity; i++)
        if (f->d[i])
            buf_printf(&r->text, "  derivative by %c: %s   (f: its own value)\n", 'x' + i, f->d[i]);
    json_string(&r->json, "name", f->name);
    json_string(&r->json, "text", f->help);
}

static bool show_name(Task *t, const Ast *item) {
    Report *r = t->report;
    const char *text = names_text(t->in->names, item->name);
    const Def *def = defs_function(t->in->defs, item->name);
    const Var *var = defs_variable(t->in->defs, item->name);
    int builtin = function_find(text, strlen(text));
    Buf method;
    buf_init(&method);
    bool found = true;
    if (def) {
        buf_printf(&r->text, "%s\n", def->text);
        json_string(&r->json, "name", text);
        json_string(&r->json, "text", def->text);
    } else if (var) {
        buf_printf(&r->text, "%s = ", text);
        show_value(&r->text, &var->value, interp_digits(t->in));
        buf_char(&r->text, '\n');
        json_string(&r->json, "name", text);
        json_key(&r->json, "value");
        json_value(&r->json, &var->value, t->in->set.value[SET_json] > 0);
    } else if (methods_show(t->in, text, &method)) {
        buf_add(&r->text, buf_str(&method), method.len);
        json_string(&r->json, "name", text);
        json_text(&r->json, "text", buf_str(&method), method.len);
    } else if (strcmp(text, "limits") == 0) {
        show_limits(t);
    } else if (builtin >= 0) {
        show_builtin(r, function_at((size_t)builtin));
    } else {
        found = false;
    }
    buf_done(&method);
    return found;
}

/* show NAME > FILE: the same text into a file. */
static bool show_to_file(Task *t, const Ast *file) {
    Buf why;
    buf_init(&why);
    bool res = file_replace(file->text, &t->report->text, &why);
    if (!res) diag_error(t->diags, file->span, NULL, "%s", buf_str(&why));
    buf_done(&why);
    buf_clear(&t->report->text);
    if (res) json_string(&t->report->json, "written", file->text);
    return res;
}

/* show df/dx as latex: the same text as export. */
static bool show_as(Task *t, const Ast *as) {
    Buf text;
    buf_init(&text);
    bool res = export_text(t, t->tree->kids[0], as, &text);
    buf_add(&t->report->text, buf_str(&text), text.len);
    const Ast *file = command_file(t->tree);
    if (res && file)
        res = show_to_file(t, file);
    else if (res)
        json_text(&t->report->json, "text", buf_str(&text), text.len);
    buf_done(&text);
    return res;
}

static bool show_run(Task *t) {
    t->report->kind = "show";
    const Ast *tree = t->tree, *as = command_clause(tree, "as", t->in->names);
    if (command_items(tree) != 1) {
        diag_error(t->diags, tree->span, NULL,
                   "show takes one name: show f, show adam, show limits");
        return false;
    }
    if (as) return show_as(t, as);
    const Ast *item = tree->kids[0];
    if (command_flag(tree, "domain", t->in->names)) return show_domain(t, item);
    if (item->kind == AST_NAME && show_name(t, item)) {
        const Ast *file = command_file(tree);
        return !file || show_to_file(t, file);
    }
    Lower l;
    evaluate_init(t, &l);
    bool callee = lower_is_callee(&l, item);
    evaluate_done(&l);
    if (callee) {
        bool res = statement_show_callee(t, item, true);
        t->report->kind = "show";
        return res;
    }
    if (item->kind == AST_NAME)
        diag_error(t->diags, item->span, "vars lists your own, help lists the others",
                   "%s is not a known name", names_text(t->in->names, item->name));
    else
        diag_error(t->diags, item->span, NULL, "show takes a name: show f, show adam, show limits");
    return false;
}

const Command command_show = {
    .name = "show",
    .usage = "show NAME [domain] [as c | python | json | latex] [> FILE]",
    .summary = "a function, variable or method as it was typed",
    .detail = "show f domain tells where f is defined, show limits the budgets of the session.",
    .clauses = "as",
    .flags = "domain",
    .traits = COMMAND_WRITES,
    .run = show_run,
    .examples = {"f(x) = log(x - 0.731); show f; show f domain", "show adam", "show limits",
                 "show tanh"},
};
