/* Checks: from the command's tree to the evaluators that eval/check.h compares. */
#include "repl/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/derive.h"
#include "expr/domain.h"
#include "repl/describe.h"

enum { JUDGE_LENGTH = 5, JUDGE_EVALUATORS = 64 };

/* Evaluators over the same variables, freed together. */
typedef struct Bench {
    Task *task;
    size_t param_count;
    const Param *param;
    const size_t (*dims)[2];
    Span span;
    Evaluator *made[JUDGE_EVALUATORS];
    size_t count;
} Bench;

static Evaluator *bench_make(Bench *b, Expr body) {
    if (!body || b->count == JUDGE_EVALUATORS) return NULL;
    Task *t = b->task;
    Evaluator *res = evaluator_new(t->in->defs, b->param_count, b->param, body, b->dims,
                                   t->in->interrupt, t->diags, b->span);
    if (res) b->made[b->count++] = res;
    return res;
}

static void bench_done(Bench *b) {
    for (size_t i = 0; i < b->count; i++) evaluator_free(b->made[i]);
}

/* The condition as an evaluator, NULL where it always holds. */
static Evaluator *bench_domain(Bench *b, Expr body) {
    Expr domain = body ? domain_of(b->task->in->defs, body) : 0;
    return domain && !expr_is_constant(b->task->in->store, domain) ? bench_make(b, domain) : NULL;
}

/* ---- where ---- */

static bool lengths_known(Task *t, const Target *g) {
    long n;
    for (size_t i = 0; i < g->param_count; i++)
        for (int k = 0; k < g->param[i].rank; k++)
            if (!expr_is_integer(t->in->store, g->param[i].dim[k], &n)) return false;
    return true;
}

/* The point given, or only the lengths: those of the definition, 5 where it leaves them open. */
static bool judge_point(Task *t, const Target *g, const Ast *at, Point *out) {
    if (at) return point_read(t, g, at->count, at->kids, at->span, out);
    if (g->arg_count > 0 && !target_is_plain_call(g))
        return point_read(t, g, g->arg_count, g->args, g->span, out);
    out->count = 0;
    out->x = NULL;
    out->dims = arena_array(t->arena, g->param_count + 1, sizeof *out->dims);
    for (size_t i = 0; i < g->param_count; i++) {
        size_t size = 1;
        for (int k = 0; k < g->param[i].rank; k++) {
            long n = JUDGE_LENGTH;
            expr_is_integer(t->in->store, g->param[i].dim[k], &n);
            out->dims[i][k] = (size_t)n;
            size *= (size_t)n;
        }
        out->count += size;
    }
    if (!lengths_known(t, g)) report_note(t->report, "with vectors of length %d", JUDGE_LENGTH);
    return true;
}

/* ---- check f ---- */

static size_t make_readings(Bench *b, Expr body, Evaluator **reading) {
    Task *t = b->task;
    size_t before = t->diags->errors;
    for (size_t i = 0; i < b->param_count; i++) {
        Diags quiet;
        diags_init(&quiet, t->arena);
        Expr d = derive_by(t->in->defs, body, b->param[i].symbol, &quiet, b->span);
        reading[i] = d ? bench_make(b, d) : NULL;
        if (!reading[i]) {
            if (before < t->diags->errors) t->diags->count = t->diags->errors = before;
            return 0;
        }
    }
    return b->param_count;
}

/* Of grad f the Hessian of f is checked. */
static Expr function_body(Task *t, const Target *g, CheckOf *of) {
    *of = expr_rank(t->in->store, g->body) > 0 ? CHECK_JACOBIAN : CHECK_GRADIENT;
    if (!g->named || g->callee.kind != CALLEE_GRAD) return g->body;
    *of = CHECK_HESSIAN;
    return defs_fn_body(t->in->defs, g->callee.fn, t->diags, g->span);
}

static void status_error(Task *t, Evaluator *f, RunStatus status, Span span) {
    Buf what;
    buf_init(&what);
    evaluator_explain(f, status, &what);
    evaluate_fail(t, status, span, &what);
    buf_done(&what);
}

static void count_verdict(Task *t, const CheckResult *r) {
    if (r->verdict == VERDICT_DIFFERS) t->in->outcome |= OUTCOME_FAILED;
    if (r->verdict == VERDICT_UNDECIDED) t->in->outcome |= OUTCOME_UNDECIDED;
}

static void keep_column(Interp *in, const char *field, const CheckResult *r, size_t offset) {
    Value v;
    size_t dim[2] = {r->count, 0};
    if (r->count == 1)
        value_init_number(&v, 0);
    else
        value_init_array(&v, 1, dim);
    for (size_t i = 0; i < r->count; i++)
        memcpy(&v.data[i], (const char *)&r->component[i] + offset, sizeof(double));
    define_result(in, field, v);
}

static void keep_columns(Interp *in, const CheckResult *r) {
    define_forget_result(in);
    if (r->count == 0) return;
    keep_column(in, "symbolic", r, offsetof(CheckComponent, symbolic));
    keep_column(in, "numeric", r, offsetof(CheckComponent, numeric));
    keep_column(in, "difference", r, offsetof(CheckComponent, difference));
    keep_column(in, "bound", r, offsetof(CheckComponent, bound));
}

static bool has_derivative(Task *t, Evaluator *f, Span span) {
    Buf why;
    buf_init(&why);
    bool res = evaluator_has_gradient(f, &why);
    if (!res)
        diag_error(t->diags, span, NULL, "%s",
                   why.len > 0 ? buf_str(&why) : "this has no derivative");
    buf_done(&why);
    return res;
}

bool judge_function(Task *t, const Ast *item, const Ast *at, double h) {
    Target g;
    Point p;
    if (!target_read(t, item, at, NULL, &g) || !judge_point(t, &g, at, &p)) return false;
    if (g.param_count == 0 ||
        (g.named && (g.callee.kind == CALLEE_HESS || g.callee.kind == CALLEE_JAC))) {
        diag_error(t->diags, item->span, "check f, check grad f",
                   "check takes a function of variables");
        return false;
    }
    Bench b = {.task = t,
               .param_count = g.param_count,
               .param = g.param,
               .dims = p.dims,
               .span = item->span};
    CheckOf of;
    Expr body = function_body(t, &g, &of);
    Evaluator *f = bench_make(&b, body);
    bool res = f && has_derivative(t, f, item->span);
    if (res) {
        Evaluator **reading = arena_array(t->arena, g.param_count + 1, sizeof *reading);
        CheckInput in = {
            .f = f, .of = of, .reading = reading, .x = p.x, .h = h, .random = &t->in->random};
        CheckExact exact = {.defs = t->in->defs,
                            .params = g.param_count,
                            .param = g.param,
                            .dims = p.dims,
                            .body = body,
                            .smooth = describe_is_smooth(t->in, body),
                            .interrupt = t->in->interrupt};
        in.exact = &exact;
        in.readings = of == CHECK_GRADIENT && g.param_count + 4 < JUDGE_EVALUATORS
                          ? make_readings(&b, body, reading)
                          : 0;
        in.domain = bench_domain(&b, body);
        CheckResult r;
        res = check_function(&in, &r) && r.status == RUN_OK;
        if (!res) {
            status_error(t, f, r.status == RUN_OK ? RUN_INTERRUPT : r.status, item->span);
        } else {
            if (r.x) p.x = r.x;
            VerdictNames n = {
                .names = t->in->names, .target = &g, .point = &p, .function = g.name, .of = of};
            if (of == CHECK_HESSIAN)
                n.function = names_text(t->in->names, defs_fn_base(t->in->defs, g.callee.fn));
            verdict_say_function(t, &n, &r);
            keep_columns(t->in, &r);
            count_verdict(t, &r);
        }
        check_result_done(&r);
    }
    bench_done(&b);
    return res;
}
