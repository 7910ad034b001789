/* at f(1,2): value, gradient and curvature at a point. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optim/classify.h"
#include "repl/command.h"
#include "repl/json.h"
#include "repl/show_value.h"
#include "repl/target.h"

enum { AT_HESSIAN = 8 }; /* variables up to which the Hessian is shown */

typedef struct At {
    Task *task;
    Target target;
    Point point;
    Evaluator *ev;
    size_t m;
    double *f, *g, *h; /* m; m*n (gradient or Jacobian); n*n or NULL */
    bool derivatives;
} At;

static bool at_status(At *a, RunStatus status) {
    if (status == RUN_OK) return true;
    Buf what;
    buf_init(&what);
    evaluator_explain(a->ev, status, &what);
    evaluate_fail(a->task, status, a->target.span, &what);
    buf_done(&what);
    return false;
}

static bool at_compute(At *a) {
    Task *t = a->task;
    size_t n = a->point.count;
    a->ev = evaluator_new(t->in->defs, a->target.param_count, a->target.param, a->target.body,
                          a->point.dims, t->in->interrupt, t->diags, a->target.span);
    if (!a->ev) return false;
    a->m = evaluator_results(a->ev);
    a->f = mem_new(a->m + 1, sizeof(double));
    if (!at_status(a, evaluator_value(a->ev, a->point.x, a->f))) return false;
    Buf why;
    buf_init(&why);
    a->derivatives = evaluator_has_gradient(a->ev, &why);
    if (!a->derivatives && why.len > 0) report_note(t->report, "no gradient: %s", buf_str(&why));
    buf_done(&why);
    if (!a->derivatives) return true;
    a->g = mem_new(a->m * n + 1, sizeof(double));
    bool scalar = expr_rank(t->in->store, a->target.body) == 0;
    if (!at_status(a, scalar ? evaluator_gradient(a->ev, a->point.x, NULL, a->g)
                             : evaluator_jacobian(a->ev, a->point.x, a->g)))
        return false;
    if (!scalar || CLASSIFY_MOST < n) return true;
    a->h = mem_new(n * n + 1, sizeof(double));
    if (evaluator_hessian(a->ev, a->point.x, a->h) != RUN_OK) {
        free(a->h);
        a->h = NULL;
    }
    return true;
}

static void keep(Interp *in, const char *field, int rank, size_t rows, size_t columns,
                 const double *data) {
    Value v;
    size_t dim[2] = {rows, columns};
    if (rank == 0)
        value_init_number(&v, data[0]);
    else
        value_init_array(&v, rank, dim);
    if (rank > 0) memcpy(v.data, data, v.count * sizeof(double));
    define_result(in, field, v);
}

static void say_row(Report *r, const char *name, const Value *v, int digits, bool full) {
    Buf shown;
    buf_init(&shown);
    show_value(&shown, v, digits);
    buf_printf(&r->text, "  %-10s =%s%s\n", name, strchr(buf_str(&shown), '\n') ? "\n" : " ",
               buf_str(&shown));
    buf_done(&shown);
    json_key(&r->json, name);
    json_value(&r->json, v, full);
}

/* The curvatures, and where the gradient is exactly 0 what kind of point it is. */
static void at_say_curvatures(At *a) {
    Report *r = a->task->report;
    size_t n = a->point.count;
    Classified c;
    classify_point(&c, a->ev, a->point.x, NULL, NULL, INFINITY);
    if (n > 1 && c.count > 0) {
        buf_text(&r->text, "  curvatures = ");
        show_row(&r->text, c.curvature, c.count, interp_sentence_digits(a->task->in));
        buf_char(&r->text, '\n');
        json_key(&r->json, "curvatures");
        json_row(&r->json, c.curvature, c.count, false);
    }
    bool stationary = c.kind != CLASS_UNKNOWN;
    for (size_t i = 0; i < n; i++) stationary = stationary && a->g[i] == 0;
    if (stationary) {
        buf_printf(&r->text, "  the gradient is 0: %s%s\n", c.kind == CLASS_FLAT ? "" : "a ",
                   class_name(c.kind));
        json_string(&r->json, "stationary", class_name(c.kind));
    }
    classified_done(&c);
}

static void at_say(At *a) {
    Task *t = a->task;
    Report *r = t->report;
    size_t n = a->point.count;
    int digits = interp_digits(t->in);
    bool full = t->in->set.value[SET_json] > 0,
         scalar = expr_rank(t->in->store, a->target.body) == 0;
    json_string(&r->json, "function", a->target.name);
    json_key(&r->json, "x");
    point_json(&r->json, &a->target, &a->point, full);
    buf_printf(&r->text, "%s at ", a->target.name);
    point_show(&r->text, t->in->names, &a->target, &a->point, digits);
    buf_char(&r->text, '\n');
    Value f = {.rank = scalar ? 0 : 1, .dim = {a->m, 0}, .count = a->m, .data = a->f};
    say_row(r, "value", &f, digits, full);
    define_forget_result(t->in);
    keep(t->in, NULL, f.rank, a->m, 0, a->f);
    keep(t->in, "f", f.rank, a->m, 0, a->f);
    keep(t->in, "x", 1, n, 0, a->point.x);
    if (a->g) {
        bool one = scalar && n == 1 && a->target.param[0].rank == 0;
        Value g = {.rank = one      ? 0
                           : scalar ? 1
                                    : 2,
                   .dim = {scalar ? n : a->m, n},
                   .count = a->m * n,
                   .data = a->g};
        say_row(r, one ? "derivative" : scalar ? "gradient" : "jacobian", &g, digits, full);
        keep(t->in, scalar ? "grad" : "jac", g.rank, g.dim[0], n, a->g);
        if (scalar) keep(t->in, "gradient", g.rank, g.dim[0], n, a->g);
    }
    if (!a->h) return;
    if (n == 1) {
        Value second = {.rank = 0, .count = 1, .data = a->h};
        say_row(r, "second", &second, digits, full);
        keep(t->in, "hess", 0, 0, 0, a->h);
        at_say_curvatures(a);
        return;
    }
    Value h = {.rank = 2, .dim = {n, n}, .count = n * n, .data = a->h};
    if (n <= AT_HESSIAN) say_row(r, "hessian", &h, digits, full);
    keep(t->in, "hess", 2, n, n, a->h);
    at_say_curvatures(a);
}

static bool all_finite(const double *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i])) return false;
    return true;
}

static void at_origin(At *a) {
    bool f_good = all_finite(a->f, a->m);
    size_t count = a->m * a->point.count;
    if (f_good && (!a->g || all_finite(a->g, count))) return;
    Buf where;
    buf_init(&where);
    evaluator_origin(a->ev, a->point.x, f_good, &where);
    evaluate_say_origin(a->task->report, f_good ? a->g : a->f, f_good ? count : a->m, &where);
    buf_done(&where);
}

static bool at_read(At *a) {
    Task *t = a->task;
    const Ast *tree = t->tree;
    if (command_items(tree) != 1) {
        diag_error(t->diags, tree->span, "for example at f(1,2)",
                   "at takes a function with its point");
        return false;
    }
    if (!target_read(t, tree->kids[0], NULL, NULL, &a->target)) return false;
    if (a->target.arg_count == 0) {
        diag_error(t->diags, tree->kids[0]->span, "for example at f(1,2)", "say at which point");
        return false;
    }
    return point_read(t, &a->target, a->target.arg_count, a->target.args, tree->kids[0]->span,
                      &a->point);
}

static bool at_run(Task *t) {
    At a = {.task = t};
    t->report->kind = "at";
    bool res = at_read(&a) && at_compute(&a);
    if (res) {
        at_say(&a);
        at_origin(&a);
    }
    evaluator_free(a.ev);
    free(a.f);
    free(a.g);
    free(a.h);
    return res;
}

const Command command_at = {
    .name = "at",
    .usage = "at f(1,2)",
    .summary = "value, gradient and curvature at a point",
    .detail =
        "Curvatures are the eigenvalues of the Hessian. Afterwards ans.f, ans.grad and ans.hess hold them.",
    .clauses = "",
    .flags = "",
    .run = at_run,
    .examples = {"f(x,y) = (x-1)^2 + x*y^2; at f(0.731, 2.385)", "f(x) = x^3; at f(0)"},
};
