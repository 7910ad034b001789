/* Definitions and assignments: entering them; what else they change is in dependants.c. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/functions.h"
#include "repl/command.h"
#include "repl/cycle.h"
#include "repl/json.h"
#include "repl/reader.h"
#include "repl/show_value.h"

static bool is_reserved(const char *name) {
    static const char *const words[] = {"pi",   "inf", "nan",  "ans", "grad", "hess", "jac",
                                        "diff", "sum", "prod", "vec", "and",  "or",   "not"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], name) == 0) return true;
    return false;
}

static bool name_is_free(Task *t, Name name, Span span) {
    const char *text = names_text(t->in->names, name);
    if (!is_reserved(text)) return true;
    diag_error(t->diags, span, NULL, "%s is a word of the language and cannot be defined", text);
    return false;
}

/* Grammar.md, section 5: said once when a name hides a built-in or is also a command. */
static void say_once(Task *t, Name name) {
    const char *text = names_text(t->in->names, name);
    bool command = command_row(text) != NULL;
    bool builtin = strcmp(text, "e") == 0 || function_find(text, strlen(text)) >= 0;
    if ((!command && !builtin) || interp_said(t->in, name)) return;
    if (command)
        report_note(t->report, "%s is also a command: at the start of a line write (%s) for yours",
                    text, text);
    else
        report_note(t->report, "%s is now yours; the built-in %s is hidden", text, text);
}

/* ---- functions ---- */

static bool same_shape(Store *s, const Def *a, const Def *b) {
    if (a->param_count != b->param_count || !a->body || !b->body) return false;
    int rank = expr_rank(s, a->body);
    if (rank != expr_rank(s, b->body)) return false;
    for (int k = 0; k < rank; k++)
        if (expr_dim(s, a->body, k) != expr_dim(s, b->body, k)) return false;
    for (size_t i = 0; i < a->param_count; i++) {
        if (a->param[i].rank != b->param[i].rank) return false;
        for (int k = 0; k < a->param[i].rank; k++)
            if (a->param[i].dim[k] != b->param[i].dim[k]) return false;
    }
    return true;
}

static void report_definition(Task *t, const Def *def) {
    Report *r = t->report;
    const char *name = names_text(t->in->names, def->name);
    json_string(&r->json, "name", name);
    json_key(&r->json, "params");
    buf_char(&r->json, '[');
    for (size_t i = 0; i < def->param_count; i++) {
        json_comma(&r->json);
        const char *p = names_text(t->in->names, def->param[i].name);
        buf_json_string(&r->json, p, strlen(p));
    }
    buf_char(&r->json, ']');
    json_string(&r->json, "text", def->text);
    Buf about;
    buf_init(&about);
    describe_function(t->in, def, &about);
    json_string(&r->json, "about", buf_str(&about));
    if (!t->in->quiet) {
        buf_printf(&r->text, "%s: %s", name, buf_str(&about));
        for (size_t i = 0; i < t->reading_count; i++)
            buf_printf(&r->text, "%s%s%s", i == 0 ? "        (read " : ", ", t->reading[i],
                       i + 1 == t->reading_count ? ")" : "");
        buf_char(&r->text, '\n');
    }
    buf_done(&about);
}

bool define_function(Task *t) {
    Interp *in = t->in;
    const Ast *tree = t->tree;
    t->report->kind = "definition";
    if (!name_is_free(t, tree->name, tree->name_span)) return false;
    const char *text = t->source->text + t->span.start;
    Def def;
    if (!lower_definition(in->defs, tree, text, t->span.end - t->span.start, t->diags, &def))
        return false;
    if (!cycle_check(t, &def)) {
        free(def.param);
        free(def.text);
        return false;
    }
    const Def *old = defs_function(in->defs, tree->name);
    bool known = old || defs_variable(in->defs, tree->name);
    bool same = old && same_shape(in->store, old, &def);
    undo_save_name(in, tree->name);
    const Def *now = defs_set_function(in->defs, &def);
    report_definition(t, now);
    say_once(t, tree->name);
    define_refresh_users(t, tree->name, known, !same);
    return true;
}

/* ---- variables ---- */

void define_set(Task *t, Name name, Value value, Expr exact) {
    Interp *in = t->in;
    const Var *old = defs_variable(in->defs, name);
    bool known = old || defs_function(in->defs, name);
    bool same = old && old->value.rank == value.rank &&
                (value.rank < 1 || old->value.dim[0] == value.dim[0]) &&
                (value.rank < 2 || old->value.dim[1] == value.dim[1]);
    undo_save_name(in, name);
    defs_set_variable(in->defs, name, value, exact);
    say_once(t, name);
    define_refresh_users(t, name, known, !same);
}

/* a += 1 as a + 1. */
static const Ast *assigned_tree(Task *t) {
    static const AstKind kinds[] = {
        [LET_ADD] = AST_ADD, [LET_SUB] = AST_SUB, [LET_MUL] = AST_MUL, [LET_DIV] = AST_DIV};
    const Ast *tree = t->tree;
    if (tree->op == LET_SET || tree->op == LET_DEFINE) return tree->kids[0];
    Ast *name = arena_alloc(t->arena, sizeof *name);
    name->kind = AST_NAME;
    name->name = tree->name;
    name->span = name->name_span = tree->name_span;
    Ast *sum = arena_alloc(t->arena, sizeof *sum);
    sum->kind = kinds[tree->op];
    sum->span = tree->span;
    sum->count = 2;
    sum->kids = arena_array(t->arena, 2, sizeof(Ast *));
    sum->kids[0] = name;
    sum->kids[1] = tree->kids[0];
    return sum;
}

static bool refuse_function(Task *t, const Ast *value) {
    Lower l;
    evaluate_init(t, &l);
    bool is = lower_is_callee(&l, value);
    evaluate_done(&l);
    if (!is) return false;
    const char *name = names_text(t->in->names, t->tree->name);
    const char *text = t->source->text + value->span.start;
    char *hint = arena_printf(t->arena, "name its parameters: %s(x) = %.*s(x)", name,
                              (int)(value->span.end - value->span.start), text);
    diag_error(t->diags, value->span, hint,
               "a variable holds a number or a vector, this is a function");
    return true;
}

bool define_variable(Task *t) {
    Interp *in = t->in;
    const Ast *tree = t->tree, *value_tree = assigned_tree(t);
    t->report->kind = "assignment";
    if (!name_is_free(t, tree->name, tree->name_span)) return false;
    if (tree->op != LET_SET && tree->op != LET_DEFINE && defs_function(in->defs, tree->name)) {
        diag_error(t->diags, tree->name_span, NULL,
                   "%s is a function; only a variable can be changed so",
                   names_text(in->names, tree->name));
        return false;
    }
    if (refuse_function(t, value_tree)) return false;
    Value value;
    Buf origin;
    buf_init(&origin);
    Expr exact = 0;
    bool res = evaluate_exactly(t, value_tree, &value, &origin, &exact);
    if (res) {
        const char *name = names_text(in->names, tree->name);
        json_string(&t->report->json, "name", name);
        json_key(&t->report->json, "value");
        json_value(&t->report->json, &value, in->set.value[SET_json] > 0);
        buf_printf(&t->report->text, "%s = ", name);
        show_value(&t->report->text, &value, interp_digits(in));
        buf_char(&t->report->text, '\n');
        evaluate_say_origin(t->report, value.data, value.count, &origin);
        define_set(t, tree->name, value, exact);
    }
    buf_done(&origin);
    return res;
}

/* ---- ans ---- */

void define_result(Interp *in, const char *field, Value value) {
    Name name = in->ans;
    if (field) {
        Buf full;
        buf_init(&full);
        buf_printf(&full, "ans.%s", field);
        name = names_intern(in->names, buf_str(&full), full.len);
        buf_done(&full);
    }
    defs_set_variable(in->defs, name, value, 0);
}

void define_forget_result(Interp *in) {
    size_t i = 0;
    while (i < defs_variable_count(in->defs)) {
        Name name = defs_variable_at(in->defs, i)->name;
        if (strncmp(names_text(in->names, name), "ans.", 4) == 0)
            defs_remove(in->defs, name);
        else
            i++;
    }
}
