/* vars: what has been defined. */
#include <string.h>

#include "repl/command.h"
#include "repl/json.h"
#include "repl/show_value.h"

static size_t vars_functions(Task *t) {
    Report *r = t->report;
    json_key(&r->json, "functions");
    buf_char(&r->json, '[');
    size_t count = defs_function_count(t->in->defs);
    for (size_t i = 0; i < count; i++) {
        const Def *f = defs_function_at(t->in->defs, i);
        buf_printf(&r->text, "%s\n", f->text);
        json_comma(&r->json);
        buf_char(&r->json, '{');
        json_string(&r->json, "name", names_text(t->in->names, f->name));
        json_string(&r->json, "text", f->text);
        buf_char(&r->json, '}');
    }
    buf_char(&r->json, ']');
    return count;
}

static size_t vars_variables(Task *t) {
    Report *r = t->report;
    json_key(&r->json, "variables");
    buf_char(&r->json, '[');
    size_t shown = 0;
    for (size_t i = 0; i < defs_variable_count(t->in->defs); i++) {
        const Var *v = defs_variable_at(t->in->defs, i);
        const char *name = names_text(t->in->names, v->name);
        if (scope_is_hidden(name)) continue;
        shown++;
        buf_printf(&r->text, "%s = ", name);
        show_value(&r->text, &v->value, interp_digits(t->in));
        buf_char(&r->text, '\n');
        json_comma(&r->json);
        buf_char(&r->json, '{');
        json_string(&r->json, "name", name);
        json_key(&r->json, "value");
        json_value(&r->json, &v->value, t->in->set.value[SET_json] > 0);
        buf_char(&r->json, '}');
    }
    buf_char(&r->json, ']');
    return shown;
}

static bool vars_run(Task *t) {
    t->report->kind = "vars";
    size_t count = vars_variables(t);
    count += vars_functions(t);
    if (count == 0)
        buf_text(&t->report->text, "nothing is defined yet; for example f(x,y) = (x-1)^2 + y^2\n");
    return true;
}

const Command command_vars = {
    .name = "vars",
    .usage = "vars",
    .summary = "your variables and functions",
    .clauses = "",
    .flags = "",
    .alone = true,
    .run = vars_run,
    .examples = {"a = 0.731; f(x) = a*x^2; vars"},
};
