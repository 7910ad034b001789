/* explain df/dx: a derivative rule by rule. */
#include <string.h>

#include "expr/derive.h"
#include "expr/print.h"
#include "repl/command.h"
#include "repl/derivation.h"
#include "repl/json.h"
#include "repl/statement.h"

extern const Command command_explain;

enum { EXPLAIN_STEPS = 9, EXPLAIN_FEWEST = 3, EXPLAIN_SHOWN = 3 };

/* What is derived: `body` by one parameter, or by each. */
typedef struct Subject {
    Callee callee;
    Expr body;
    size_t param_count;
    const Param *param;
    size_t first, count; /* the parameters by which */
} Subject;

static bool refuse(Task *t, const Ast *item) {
    diag_error(t->diags, item ? item->span : t->tree->span, "explain df/dx, explain f', explain grad f, explain diff(x^2*y, x)",
               "explain takes a derivative");
    return false;
}

/* The parameters and the free letters, which are parameters too. */
static void keep_params(Task *t, Subject *u, const Param *param, size_t count, const Lower *l) {
    Param *all = arena_array(t->arena, count + l->free_count + 1, sizeof *all);
    if (count > 0) memcpy(all, param, count * sizeof *all);
    for (size_t i = 0; i < l->free_count; i++)
        all[count++] = (Param){.name = l->free_name[i],
                               .symbol = expr_symbol(t->in->store, EXPR_SYM, l->free_name[i], 0, NULL)};
    u->param = all;
    u->param_count = count;
}

/* diff(E, x, ..): E by all but the last name, then by the last. */
static bool read_diff(Task *t, const Ast *item, Lower *l, Subject *u) {
    Callee *c = &u->callee;
    Store *s = t->in->store;
    Name last = item->kids[item->count - 1]->name;
    l->param = c->own;
    l->param_count = c->param_count;
    Expr e = lower_expression(l, item->kids[0]);
    for (size_t i = 1; i + 1 < item->count && e; i++)
        e = derive_by(t->in->defs, e, expr_symbol(s, EXPR_SYM, item->kids[i]->name, 0, NULL), t->diags, item->span);
    keep_params(t, u, c->own, c->param_count, l);
    for (size_t i = 0; i < c->param_count; i++)
        if (c->own[i].name == last) u->first = i;
    u->count = 1;
    u->body = e;
    return e != 0;
}

/* sin', sin'' */
static bool read_builtin(Task *t, const Ast *item, Subject *u) {
    Callee *c = &u->callee;
    if (c->primes == 0) return refuse(t, item);
    c->primes--;
    Lower l;
    evaluate_init(t, &l);
    u->body = lower_callee_formula(&l, c, item->span);
    evaluate_done(&l);
    c->primes++;
    u->param = c->param;
    u->param_count = u->count = 1;
    return u->body != 0;
}

static bool read_function(Task *t, const Ast *item, Subject *u) {
    const Callee *c = &u->callee;
    Defs *d = t->in->defs;
    u->param = c->param;
    u->param_count = c->param_count;
    FnId of = c->fn;
    if (c->kind == CALLEE_GRAD) {
        u->count = c->param_count;
    } else {
        uint32_t by[32];
        size_t order = defs_fn_order(d, c->fn);
        if (c->kind != CALLEE_FN || order == 0 || order > 32) return refuse(t, item);
        for (size_t i = 0; i < order; i++) by[i] = defs_fn_by(d, c->fn, i);
        u->first = by[order - 1];
        u->count = 1;
        of = defs_fn(d, defs_fn_base(d, c->fn), order - 1, by);
    }
    if (defs_fn_rank(d, of) > 0) {
        diag_error(t->diags, item->span, "give one component a name of its own: h(x) = f(x)[1]",
                   "explain takes functions whose value is a number");
        return false;
    }
    u->body = defs_fn_body(d, of, t->diags, item->span);
    return u->body != 0;
}

/* The subject and its derivative as the name alone prints it. */
static bool read_subject(Task *t, const Ast *item, Subject *u, Expr *formula) {
    Lower l;
    *u = (Subject){.first = 0};
    evaluate_init(t, &l);
    l.free_letters = true;
    bool res = lower_is_callee(&l, item) ? lower_callee(&l, item, &u->callee) : refuse(t, item);
    if (res) u->callee.param = u->callee.kind == CALLEE_BUILTIN ? u->callee.own : u->callee.param;
    bool diff = res && u->callee.kind == CALLEE_BUILTIN && u->callee.formula;
    if (diff) res = item->kind == AST_DIFF ? read_diff(t, item, &l, u) : refuse(t, item);
    *formula = res ? lower_callee_formula(&l, &u->callee, item->span) : 0;
    evaluate_done(&l);
    if (!res || !*formula) return false;
    if (diff) return true;
    return u->callee.kind == CALLEE_BUILTIN ? read_builtin(t, item, u) : read_function(t, item, u);
}

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

static bool explain_run(Task *t) {
    t->report->kind = "explain";
    double raw = 1;
    if (command_items(t->tree) != 1) return refuse(t, NULL);
    if (!command_number(t, &command_explain, "raw", &raw)) return false;
    const Ast *item = t->tree->kids[0];
    Subject u;
    Expr formula;
    if (!read_subject(t, item, &u, &formula)) return false;
    Derivation v = {.task = t, .param_count = u.param_count, .param = u.param, .span = item->span, .raw = raw > 0};
    json_key(&t->report->json, "steps");
    buf_char(&t->report->json, '[');
    bool res = derive_all(t, item, &u, &v);
    buf_char(&t->report->json, ']');
    if (res) conclude(t, &u, &v, formula);
    return res;
}

const Command command_explain = {
    .name = "explain",
    .usage = "explain df/dx | explain f' | explain grad f | explain diff(EXPR, x) [raw=0]",
    .summary = "a derivative rule by rule, each step checked by numbers",
    .detail =
        "Parts come before the whole: sum, product, quotient, power, chain rule, the table of functions.\n"
        "Each step shows what is differentiated, the rule, the derivatives of its parts, the rule's answer\n"
        "and the same simplified; the last line is the derivative as df/dx prints it. Clear parts\n"
        "(constants, x, linear ones) have no step. Long derivations show the steps nearest to the whole\n"
        "and say how to see the others.",
    .clauses = "",
    .flags = "",
    .traits = COMMAND_FREE,
    .options = {{"raw", 1, "{0,1}", "1 shows each rule's answer before it is simplified"}},
    .examples = {"f(x,y) = (1.5-x+x*y)^2*sin(x); explain df/dx", "explain grad f raw=0",
                 "g(x) = x/(1+x^2); explain g'", "explain diff(a*exp(-t^2), t)"},
    .run = explain_run,
};
