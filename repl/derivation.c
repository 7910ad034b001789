/* Derivations: each step compared with the next by numbers, then text and JSON. */
#include "repl/derivation.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/domain.h"
#include "expr/print.h"
#include "repl/json.h"

enum { DERIVATION_LENGTH = 3, DERIVATION_TEXT = 100, DERIVATION_INNER = 44, DERIVATION_PARAMS = 64 };

/* ---- checking ---- */

static Evaluator *make(Derivation *v, Expr e, const size_t (*dims)[2], Diags *quiet) {
    Interp *in = v->task->in;
    return e ? evaluator_new(in->defs, v->param_count, v->param, e, dims, in->interrupt, quiet, v->span) : NULL;
}

static void lengths(const Derivation *v, size_t (*dims)[2], size_t *first) {
    *first = 0;
    for (size_t i = 0; i < v->param_count; i++) {
        size_t size = 1;
        for (int k = 0; k < v->param[i].rank; k++) {
            long n = DERIVATION_LENGTH;
            expr_is_integer(v->task->in->store, v->param[i].dim[k], &n);
            dims[i][k] = (size_t)n;
            size *= (size_t)n;
        }
        if (i < v->by) *first += size;
    }
}

Verdict derivation_check_step(Derivation *v, const Explanation *x, size_t step) {
    const ExplainStep *t = &x->step[step];
    Interp *in = v->task->in;
    size_t (*dims)[2] = arena_array(v->task->arena, v->param_count + 1, sizeof *dims);
    CheckForm other = {.of = CHECK_GRADIENT};
    lengths(v, dims, &other.first);
    Diags quiet;
    diags_init(&quiet, v->task->arena);
    Expr whole = explain_close(x, t, t->expr, false), domain = whole ? domain_of(in->defs, whole) : 0;
    Evaluator *raw = make(v, explain_close(x, t, t->raw, true), dims, &quiet);
    Evaluator *result = make(v, explain_close(x, t, t->result, true), dims, &quiet);
    Evaluator *where = domain && !expr_is_constant(in->store, domain) ? make(v, domain, dims, &quiet) : NULL;
    other.function = make(v, whole, dims, &quiet);
    if (other.function && !evaluator_has_gradient(other.function, NULL)) {
        evaluator_free(other.function);
        other.function = NULL;
    }
    Verdict res = VERDICT_UNDECIDED;
    if (raw && result) {
        CheckResult r;
        Random random = in->random; /* the session's own numbers stay as they are */
        if (check_claim(raw, result, other.function ? &other : NULL, where, NULL, &random, &r)) {
            res = r.verdict;
            if (r.reason && strncmp(r.reason, "two forms", 9) == 0) res = VERDICT_DIFFERS;
        }
        check_result_done(&r);
    }
    evaluator_free(raw);
    evaluator_free(result);
    evaluator_free(where);
    evaluator_free(other.function);
    return res;
}

/* ---- writing ---- */

static void print_cut(Buf *out, Derivation *v, Expr e, size_t most) {
    PrintStyle style = {.most = most};
    expr_print(out, v->task->in->defs, e, &style);
}

/* "x", "x[k]" */
static void print_by(Buf *out, const Derivation *v, const Explanation *x) {
    const Names *names = v->task->in->names;
    buf_text(out, names_text(names, v->param[v->by].name));
    for (int i = 0; i < expr_rank(x->store, x->v); i++)
        buf_printf(out, "%s%s", i > 0 ? "," : "[", names_text(names, expr_payload(x->store, x->index[i])));
    if (expr_rank(x->store, x->v) > 0) buf_char(out, ']');
}

/* u', v' of the rule's formula: from an earlier step, or at once. */
static void print_inner(Buf *out, Derivation *v, const ExplainStep *t) {
    static const char letter[] = "uv";
    if (t->rule == EXPLAIN_SUM || t->rule == EXPLAIN_CHOICE || t->rule == EXPLAIN_SUM_LOOP || t->part_count > 2) {
        const char *word = "; parts from step";
        for (size_t i = 0; i < t->part_count; i++)
            if (t->part[i].step != EXPLAIN_NONE) {
                buf_printf(out, "%s %zu", word, t->part[i].step + 1);
                word = ",";
            }
        return;
    }
    for (size_t i = 0; i < t->part_count; i++) {
        const ExplainPart *p = &t->part[i];
        if (t->rule == EXPLAIN_TABLE) continue;
        buf_printf(out, "%s%c' ", i > 0 ? ", " : "; ", letter[i]);
        if (p->step != EXPLAIN_NONE) {
            buf_printf(out, "from step %zu", p->step + 1);
        } else {
            buf_text(out, "= ");
            print_cut(out, v, p->derivative, DERIVATION_INNER);
        }
    }
}

/* Can people type the expression after `explain diff(`? */
static bool is_typeable(const Store *s, const Explanation *x, Expr e) {
    size_t count;
    Expr *node = expr_reachable(s, 1, &e, &count);
    bool res = expr_rank(s, x->v) == 0;
    for (size_t i = 0; i < count && res; i++) {
        if (expr_op(s, node[i]) != EXPR_SYM) continue;
        const char *name = names_text(store_names(s), expr_payload(s, node[i]));
        res = expr_rank(s, node[i]) == 0 && strspn(name + 1, "0123456789") == strlen(name + 1);
    }
    free(node);
    return res;
}

static void print_hidden(Buf *out, Derivation *v, const Explanation *x, const ExplainStep *t) {
    for (size_t i = 0; i < t->part_count; i++) {
        const ExplainPart *p = &t->part[i];
        if (p->hidden == 0) continue;
        buf_printf(out, "    ... %zu more step%s: ", p->hidden, p->hidden == 1 ? "" : "s");
        bool typeable = is_typeable(x->store, x, p->expr);
        if (typeable) buf_text(out, "explain diff(");
        print_cut(out, v, p->expr, 4 * DERIVATION_TEXT);
        if (typeable) buf_printf(out, ", %s)", names_text(v->task->in->names, v->param[v->by].name));
        buf_char(out, '\n');
    }
}

static void print_answer(Buf *out, Derivation *v, Expr e) {
    buf_text(out, "      = ");
    print_cut(out, v, e, DERIVATION_TEXT);
    buf_char(out, '\n');
}

static void print_step(Buf *out, Derivation *v, const Explanation *x, size_t i) {
    const ExplainStep *t = &x->step[i];
    const char *formula = explain_rule_formula(t->rule);
    buf_printf(out, "%3zu. %s", i + 1, explain_rule_name(t->rule));
    if (t->rule == EXPLAIN_CHAIN && expr_op(x->store, t->expr) == EXPR_FN && t->part_count == 1) {
        buf_text(out, ": g(u)' = g'(u)*u', g'(u) = ");
        print_cut(out, v, t->outer, DERIVATION_INNER);
    } else if (formula) {
        buf_printf(out, ": %s", formula);
    }
    print_inner(out, v, t);
    buf_text(out, "\n    d/d");
    print_by(out, v, x);
    buf_text(out, " (");
    print_cut(out, v, t->expr, DERIVATION_TEXT);
    buf_text(out, ")\n");
    Buf raw, result;
    buf_init(&raw);
    buf_init(&result);
    print_answer(&raw, v, t->raw);
    print_answer(&result, v, t->result);
    if (v->raw && strcmp(buf_str(&raw), buf_str(&result)) != 0) buf_add(out, buf_str(&raw), raw.len);
    buf_add(out, buf_str(&result), result.len);
    buf_done(&raw);
    buf_done(&result);
    print_hidden(out, v, x, t);
}

static void json_expr(Buf *out, Derivation *v, const char *key, Expr e) {
    Buf text;
    buf_init(&text);
    expr_print(&text, v->task->in->defs, e, NULL);
    json_text(out, key, buf_str(&text), text.len);
    buf_done(&text);
}

static void json_step(Buf *out, Derivation *v, const Explanation *x, size_t i, Verdict checked) {
    const ExplainStep *t = &x->step[i];
    Buf by;
    buf_init(&by);
    print_by(&by, v, x);
    json_comma(out);
    buf_char(out, '{');
    json_count(out, "step", i + 1);
    json_text(out, "by", buf_str(&by), by.len);
    json_string(out, "rule", explain_rule_name(t->rule));
    json_expr(out, v, "of", t->expr);
    json_key(out, "parts");
    buf_char(out, '[');
    for (size_t k = 0; k < t->part_count; k++) {
        const ExplainPart *p = &t->part[k];
        json_comma(out);
        buf_char(out, '{');
        json_expr(out, v, "of", p->expr);
        json_expr(out, v, "derivative", p->derivative);
        if (p->step != EXPLAIN_NONE) json_count(out, "step", p->step + 1);
        if (p->hidden > 0) json_count(out, "hidden", p->hidden);
        buf_char(out, '}');
    }
    buf_char(out, ']');
    if (v->raw) json_expr(out, v, "raw", t->raw);
    json_expr(out, v, "result", t->result);
    json_string(out, "verdict", verdict_text(checked));
    buf_char(out, '}');
    buf_done(&by);
}

void derivation_write(Derivation *v, const Explanation *x) {
    Report *r = v->task->report;
    for (size_t i = 0; i < x->count && !interp_interrupted(v->task->in); i++) {
        Verdict checked = derivation_check_step(v, x, i);
        v->faults += checked == VERDICT_DIFFERS;
        v->undecided += checked == VERDICT_UNDECIDED;
        print_step(&r->text, v, x, i);
        if (checked == VERDICT_DIFFERS) buf_text(&r->text, "    this step is wrong by its numbers: a fault of plumb, please report it\n");
        json_step(&r->json, v, x, i, checked);
    }
}
