/* Running one statement. */
#include "repl/statement.h"

#include <string.h>

#include "expr/print.h"
#include "repl/command.h"
#include "repl/json.h"
#include "repl/methods.h"
#include "repl/show_value.h"

enum { FORMULA_LINE = 100 }; /* arrays longer than this get a line for each element */

void statement_print_formula(Buf *out, Defs *d, Expr e) {
    const Store *s = defs_store(d);
    size_t start = out->len;
    expr_print(out, d, e, NULL);
    if (out->len - start <= FORMULA_LINE || expr_op(s, e) != EXPR_LIST) return;
    out->len = start;
    size_t count = expr_count(s, e);
    bool round = count > 1;
    for (size_t i = 0; i < count; i++) {
        buf_text(out, i > 0 ? ",\n " : round ? "(" : "[");
        expr_print(out, d, expr_kid(s, e, i), NULL);
    }
    buf_text(out, round ? ")" : "]");
}

/* A text, or for arrays written out a list of them. */
static void json_formula(Buf *out, Defs *d, Expr e) {
    const Store *s = defs_store(d);
    if (expr_op(s, e) == EXPR_LIST) {
        buf_char(out, '[');
        for (size_t i = 0; i < expr_count(s, e); i++) { /* at most two levels: a matrix */
            if (i > 0) buf_char(out, ',');
            json_formula(out, d, expr_kid(s, e, i));
        }
        buf_char(out, ']');
        return;
    }
    Buf text;
    buf_init(&text);
    expr_print(&text, d, e, NULL);
    buf_json_string(out, buf_str(&text), text.len);
    buf_done(&text);
}

static void json_params(Buf *out, const Names *names, const Callee *c) {
    json_key(out, "params");
    buf_char(out, '[');
    for (size_t i = 0; i < c->param_count; i++) {
        const char *name = names_text(names, c->param[i].name);
        json_comma(out);
        buf_json_string(out, name, strlen(name));
    }
    buf_char(out, ']');
}

bool statement_show_callee(Task *t, const Ast *tree, bool whole) {
    Interp *in = t->in;
    Lower l;
    evaluate_init(t, &l);
    Callee c;
    bool found = lower_callee(&l, tree, &c);
    Expr e = found ? lower_callee_formula(&l, &c, tree->span) : 0;
    evaluate_done(&l);
    if (!e) return false;
    Report *r = t->report;
    statement_print_formula(&r->text, in->defs, e);
    if (whole) {
        r->kind = "function";
        buf_char(&r->text, '\n');
        Buf name;
        buf_init(&name);
        lower_callee_name(&name, in->defs, &c);
        json_text(&r->json, "name", buf_str(&name), name.len);
        buf_done(&name);
        json_params(&r->json, in->names, &c);
        json_key(&r->json, "text");
    }
    json_formula(&r->json, in->defs, e);
    return true;
}

/* df/dx[2]: the formula of one element. */
static bool show_element(Task *t) {
    Report *r = t->report;
    Lower l;
    evaluate_init(t, &l);
    Expr e = lower_element_formula(&l, t->tree);
    evaluate_done(&l);
    if (!e) return false;
    Span span = t->tree->span;
    r->kind = "function";
    statement_print_formula(&r->text, t->in->defs, e);
    buf_char(&r->text, '\n');
    json_text(&r->json, "name", t->source->text + span.start, span.end - span.start);
    json_key(&r->json, "text");
    json_formula(&r->json, t->in->defs, e);
    return true;
}

static bool run_value(Task *t) {
    Interp *in = t->in;
    Report *r = t->report;
    Lower l;
    evaluate_init(t, &l);
    bool callee = lower_is_callee(&l, t->tree), element = lower_is_element(&l, t->tree);
    evaluate_done(&l);
    if (element) return show_element(t);
    if (callee) return statement_show_callee(t, t->tree, true);
    r->kind = "value";
    Value v;
    Buf origin;
    buf_init(&origin);
    bool res = evaluate_tree(t, t->tree, &v, &origin);
    if (res) {
        show_value(&r->text, &v, interp_digits(in));
        buf_char(&r->text, '\n');
        json_key(&r->json, "value");
        json_value(&r->json, &v, in->set.value[SET_json] > 0);
        evaluate_say_origin(r, v.data, v.count, &origin);
        define_result(in, NULL, v);
    }
    buf_done(&origin);
    return res;
}

static bool run_command(Task *t) {
    const char *name = names_text(t->in->names, t->tree->name);
    const Command *c = command_row(name);
    if (!c) {
        diag_error(t->diags, t->tree->name_span, NULL, "unknown command %s", name);
        return false;
    }
    t->report->kind = "command";
    const Ast *file = command_file(t->tree);
    if (file && t->in->safe) {
        diag_error(t->diags, file->span, "without --safe, if you trust the script",
                   "--safe: no file is read or written");
        return false;
    }
    if (!(c->traits & COMMAND_SETTING) && !command_check_tail(t, c)) return false;
    command_apply_where(t);
    return c->run(t);
}

bool statement_run(Task *t) {
    switch (t->tree->kind) {
    case AST_EMPTY: return true;
    case AST_DEF: return define_function(t);
    case AST_LET: return define_variable(t);
    case AST_COMMAND: return run_command(t);
    case AST_RULE: return methods_define_rule(t);
    default: return run_value(t);
    }
}
