/* Methods by name: rules, and optimizers written in C. */
#include "repl/methods.h"

#include <string.h>

#include "optim/rule.h"
#include "repl/json.h"

void methods_init(Interp *in) { in->rules = rules_new(in->names); }
void methods_done(Interp *in) { rules_free(in->rules); }

void methods_each(Interp *in, void (*each)(void *to, const char *name), void *to) {
    for (size_t i = 0; i < rules_count(in->rules); i++) each(to, rules_name(in->rules, i));
}

const char *methods_summary(Interp *in, const char *name) {
    const Rule *rule = rules_has(in->rules, name) ? rules_find(in->rules, name) : NULL;
    return rule ? rule_summary(rule) : NULL;
}

bool methods_show(Interp *in, const char *name, Buf *out) {
    const Rule *rule = rules_has(in->rules, name) ? rules_find(in->rules, name) : NULL;
    if (!rule) return false;
    buf_printf(out, "%s\n", rule_text(rule));
    return true;
}

static void help_rule(const Rule *rule, Buf *out) {
    buf_printf(out, "%s: %s\n", rule_name(rule),
               rule_summary(rule)[0] ? rule_summary(rule) : "a rule of yours");
    if (rule_citation(rule)[0]) buf_printf(out, "  %s\n", rule_citation(rule));
    if (rule_options(rule) > 0) buf_text(out, "  options:");
    for (size_t i = 0; i < rule_options(rule); i++)
        buf_printf(out, " %s=%s", rule_option_name(rule, i), rule_option_default(rule, i));
    if (rule_options(rule) > 0) buf_char(out, '\n');
    buf_printf(out, "  for example: min f from (1,2) by %s; its text: show %s\n", rule_name(rule),
               rule_name(rule));
}

bool methods_help(Interp *in, const char *name, Buf *out) {
    const Rule *rule = rules_has(in->rules, name) ? rules_find(in->rules, name) : NULL;
    if (!rule) return false;
    help_rule(rule, out);
    return true;
}

void methods_options(Interp *in, const char *name, void (*each)(void *to, const char *name),
                     void *to) {
    const Rule *rule = rules_has(in->rules, name) ? rules_find(in->rules, name) : NULL;
    for (size_t i = 0; rule && i < rule_options(rule); i++) each(to, rule_option_name(rule, i));
}

bool methods_define_rule(Task *t) {
    const char *name = names_text(t->in->names, t->tree->name);
    t->report->kind = "rule";
    undo_save_rule(t->in, name);
    const Rule *rule = rules_define(t->in->rules, t->tree, t->source, t->diags);
    if (!rule) {
        undo_forget(t->in);
        return false;
    }
    json_string(&t->report->json, "name", name);
    json_string(&t->report->json, "text", rule_text(rule));
    json_key(&t->report->json, "options");
    buf_char(&t->report->json, '[');
    for (size_t i = 0; i < rule_options(rule); i++) {
        json_comma(&t->report->json);
        buf_json_string(&t->report->json, rule_option_name(rule, i),
                        strlen(rule_option_name(rule, i)));
    }
    buf_char(&t->report->json, ']');
    if (!t->in->quiet)
        buf_printf(&t->report->text, "%s: a rule%s; min f from (1,2) by %s\n", name,
                   rule_options(rule) > 0 ? " with options" : "", name);
    return true;
}

void methods_save(Interp *in, Buf *out) {
    for (size_t i = 0; i < rules_count(in->rules); i++) {
        const Rule *rule = rules_find(in->rules, rules_name(in->rules, i));
        if (rule && !rule_is_shipped(rule)) buf_printf(out, "%s;\n", rule_text(rule));
    }
}
