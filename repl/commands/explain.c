/* explain df/dx: a derivative rule by rule. */
#include <string.h>

#include "expr/print.h"
#include "repl/command.h"
#include "repl/astray.h"
#include "repl/derivation.h"
#include "repl/json.h"
#include "repl/statement.h"

extern const Command command_explain;

enum { EXPLAIN_STEPS = 9, EXPLAIN_FEWEST = 3, EXPLAIN_SHOWN = 3 };

static const char *parameter(Task *t, const Subject *u, size_t i) {
    return names_text(t->in->names, u->param[i].name);
}

static void head(Task *t, const Subject *u, size_t by) {
    Buf *out = &t->report->text;
    PrintStyle style = {.most = 100};
    if (u->count > 1 && by > u->first) buf_char(out, '\n');
    buf_printf(out, "by %s: ", parameter(t, u, by));
    expr_print(out, t->in->defs, u->body, &style);
    buf_char(out, '\n');
}

static void say_rest(Task *t, const Subject *u, size_t from) {
    Buf name;
    buf_init(&name);
    print_fn(&name, t->in->defs, u->callee.fn);
    buf_printf(&t->report->text, "\n... %zu more variables: explain d%s/d%s, ...\n", u->count - from, buf_str(&name),
               parameter(t, u, from));
    buf_done(&name);
}

static bool derive_all(Task *t, const Ast *item, const Subject *u, Derivation *v) {
    size_t most = EXPLAIN_STEPS / (u->count ? u->count : 1);
    if (most < EXPLAIN_FEWEST) most = EXPLAIN_FEWEST;
    for (size_t i = 0; i < u->count; i++) {
        if (i == EXPLAIN_SHOWN && u->count > EXPLAIN_SHOWN) {
            say_rest(t, u, i);
            break;
        }
        Explanation x;
        v->by = u->first + i;
        bool res = explain_derive(t->in->defs, u->body, u->param[v->by].symbol, most, t->diags, item->span, &x);
        if (res) {
            head(t, u, v->by);
            derivation_write(v, &x);
        }
        explain_done(&x);
        if (res && interp_interrupted(t->in)) {
            Buf what;
            buf_init(&what);
            evaluate_fail(t, RUN_INTERRUPT, item->span, &what);
            buf_done(&what);
            return false;
        }
        if (!res) return false;
    }
    return true;
}

static void conclude(Task *t, const Subject *u, const Derivation *v, Expr formula) {
    Report *r = t->report;
    if (v->undecided) report_note(r, "steps that could not be checked by numbers: %zu", v->undecided);
    Buf name;
    buf_init(&name);
    lower_callee_name(&name, t->in->defs, &u->callee);
    buf_printf(&r->text, "%s%s is\n", buf_str(&name), v->faults || v->undecided ? "" : ", each step checked by numbers,");
    statement_print_formula(&r->text, t->in->defs, formula);
    buf_char(&r->text, '\n');
    json_text(&r->json, "name", buf_str(&name), name.len);
    Buf text;
    buf_init(&text);
    expr_print(&text, t->in->defs, formula, NULL);
    json_text(&r->json, "text", buf_str(&text), text.len);
    json_string(&r->json, "verdict", verdict_text(v->faults ? VERDICT_DIFFERS : v->undecided ? VERDICT_UNDECIDED : VERDICT_AGREES));
    buf_done(&text);
    buf_done(&name);
    if (v->faults) t->in->outcome |= OUTCOME_FAILED;
}

/* The steps of `part`, then the derivative of the whole. */
static bool explain_subject(Task *t, const Ast *item, const Subject *u, const Subject *part, Expr formula, bool raw) {
    Derivation v = {.task = t, .param_count = u->param_count, .param = u->param, .span = item->span, .raw = raw};
    json_key(&t->report->json, "steps");
    buf_char(&t->report->json, '[');
    bool res = derive_all(t, item, part, &v);
    buf_char(&t->report->json, ']');
    if (res) conclude(t, u, &v, formula);
    return res;
}

/* ---- explain alone ---- */

/* What the refuted claim is about; of a gradient the wrong component. */
static bool read_refuted(Task *t, const RefutedClaim *claim, Subject *u, Expr *formula) {
    Diags quiet; /* places in the older text would be drawn wrongly */
    diags_init(&quiet, t->arena);
    Task again = *t;
    again.diags = &quiet;
    if (!subject_read(&again, claim->left, u, formula)) {
        diag_error(t->diags, t->tree->span, "explain df/dx, explain f', explain grad f, explain diff(x^2*y, x)",
                   "the refuted check was about %s, which explain does not derive",
                   arena_copy_text(t->arena, claim->text + claim->left->span.start,
                                   claim->left->span.end - claim->left->span.start));
        return false;
    }
    if (u->callee.kind != CALLEE_GRAD || u->count <= claim->component) return true;
    for (size_t i = 0; i < u->param_count; i++)
        if (u->param[i].rank > 0) return true;
    Defs *d = t->in->defs;
    uint32_t by[2] = {(uint32_t)claim->component, 0};
    if (defs_fn_order(d, u->callee.fn) > 0) return true;
    u->callee.fn = defs_fn(d, defs_fn_base(d, u->callee.fn), 1, by);
    u->callee.kind = CALLEE_FN;
    u->first = claim->component;
    u->count = 1;
    Lower l;
    evaluate_init(&again, &l);
    *formula = lower_callee_formula(&l, &u->callee, t->tree->span);
    evaluate_done(&l);
    return *formula != 0;
}

static void say_astray(Task *t, const Astray *where) {
    Report *r = t->report;
    Buf of;
    buf_init(&of);
    expr_print(&of, t->in->defs, where->of, &(PrintStyle){.most = 100});
    const char *rule = explain_rule_name(where->rule);
    buf_printf(&r->text, "The claim went astray in the derivative of %s   (%s)\n", buf_str(&of), rule);
    json_key(&r->json, "astray");
    buf_char(&r->json, '{');
    json_text(&r->json, "of", buf_str(&of), of.len);
    json_string(&r->json, "rule", rule);
    if (where->missing) {
        buf_printf(&r->text, "  yours lacks  %s\n", where->missing);
        json_string(&r->json, "missing", where->missing);
    } else if (where->yours) {
        buf_printf(&r->text, "  yours  %s\n  right  %s\n", where->yours, where->right);
        json_string(&r->json, "yours", where->yours);
        json_string(&r->json, "right", where->right);
    }
    buf_char(&r->json, '}');
    buf_done(&of);
}

static bool explain_refuted(Task *t, bool raw) {
    RefutedClaim claim;
    Subject u;
    Expr formula;
    Astray where = {.of = 0};
    if (!refuted_read(t, &claim) || !read_refuted(t, &claim, &u, &formula)) return false;
    if (u.count == 1) astray_find(t, &u, u.first, formula, &claim, &where);
    Subject part = u;
    if (where.of) {
        part.body = where.of;
        say_astray(t, &where);
    } else if (where.mended) {
        report_note(t->report, "by its numbers the claim is right for the function as it is now: check it again");
    } else {
        report_note(t->report,
                    "this is the whole derivation: the place in it is found where all variables are numbers");
    }
    return explain_subject(t, t->tree, &u, &part, formula, raw);
}

static bool explain_run(Task *t) {
    t->report->kind = "explain";
    double raw = 1;
    size_t items = command_items(t->tree);
    if (!command_number(t, &command_explain, "raw", &raw)) return false;
    if (items == 0) return explain_refuted(t, raw > 0);
    if (items > 1) return subject_refuse(t, NULL);
    const Ast *item = t->tree->kids[0];
    Subject u;
    Expr formula;
    return subject_read(t, item, &u, &formula) && explain_subject(t, item, &u, &u, formula, raw > 0);
}

const Command command_explain = {
    .name = "explain",
    .usage = "explain df/dx | explain f' | explain grad f | explain diff(EXPR, x) | explain",
    .summary = "a derivative rule by rule, each step checked by numbers",
    .detail =
        "Parts come before the whole: sum, product, quotient, power, chain rule, the table of functions.\n"
        "Each step shows what is differentiated, the rule, the derivatives of its parts, the rule's answer\n"
        "and the same simplified; the last line is the derivative as df/dx prints it. Clear parts\n"
        "(constants, x, linear ones) have no step. Long derivations show the steps nearest to the whole\n"
        "and say how to see the others. explain alone, after a refuted check, starts at the rule where the\n"
        "claim went astray, and shows what you wrote beside what is right.",
    .clauses = "",
    .flags = "",
    .traits = COMMAND_FREE,
    .options = {{"raw", 1, "{0,1}", "1 shows each rule's answer before it is simplified"}},
    .examples = {"f(x,y) = (1.5-x+x*y)^2*sin(x); explain df/dx", "explain grad f raw=0",
                 "g(x) = x/(1+x^2); explain g'", "explain diff(a*exp(-t^2), t)",
                 "check df/dx = 2(1.5-x+x*y)*y*sin(x) + (1.5-x+x*y)^2*cos(x); explain"},
    .run = explain_run,
};
