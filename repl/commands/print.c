/* print EXPR, ...: values and texts on one line. */
#include "repl/command.h"
#include "repl/json.h"
#include "repl/show_value.h"
#include "repl/statement.h"

static bool print_item(Task *t, const Ast *item) {
    Report *r = t->report;
    json_comma(&r->json);
    if (item->kind == AST_STRING) {
        buf_add(&r->text, item->text, item->len);
        buf_json_string(&r->json, item->text, item->len);
        return true;
    }
    Lower l;
    evaluate_init(t, &l);
    bool is_callee = lower_is_callee(&l, item);
    evaluate_done(&l);
    if (is_callee) return statement_show_callee(t, item, false);
    Value v;
    if (!evaluate_tree(t, item, &v, NULL)) return false;
    show_value(&r->text, &v, interp_digits(t->in));
    json_value(&r->json, &v, t->in->set.value[SET_json] > 0);
    value_done(&v);
    return true;
}

static bool print_run(Task *t) {
    Report *r = t->report;
    r->kind = "print";
    json_key(&r->json, "items");
    buf_char(&r->json, '[');
    for (size_t i = 0; i < command_items(t->tree); i++) {
        if (i > 0) buf_char(&r->text, ' ');
        if (!print_item(t, t->tree->kids[i])) return false;
    }
    buf_char(&r->json, ']');
    buf_char(&r->text, '\n');
    return true;
}

const Command command_print = {
    .name = "print",
    .usage = "print EXPR, \"text\", ...",
    .summary = "values and texts on one line",
    .clauses = "",
    .flags = "",
    .run = print_run,
    .examples = {"print \"two thirds:\", 2/3", "print 3 > 2, [1, 2]*0.731"},
};
