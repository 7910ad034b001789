/* Values of expressions: a program is compiled for the one evaluation and dropped again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/evaluator.h"
#include "expr/derive.h"
#include "repl/interp.h"
#include "repl/target.h"

enum { RANDOM_MOST = 1000000000 };

/* random(n): numbers of the session's generator, as a hidden variable of the statement. */
static Expr random_vector(void *context, size_t n) {
    Task *t = context;
    Interp *in = t->in;
    if (n == 0 || RANDOM_MOST < n) {
        diag_error(t->diags, t->span, NULL, "random takes a length from 1 to 1e9");
        return 0;
    }
    if (store_budget(in->store).memory / sizeof(double) < n) {
        diag_error(t->diags, t->span, NULL, "an array does not fit the memory limit");
        return 0;
    }
    Value v;
    size_t dim[2] = {n, 0};
    value_init_array(&v, 1, dim);
    for (size_t i = 0; i < n; i++) v.data[i] = interp_random(in);
    char text[40];
    snprintf(text, sizeof text, ".random%u", t->randoms++);
    Name name = names_intern_str(in->names, text);
    defs_set_variable(in->defs, name, v, 0);
    Expr length = expr_int(in->store, (long)n);
    return expr_symbol(in->store, EXPR_GLOBAL, name, 1, &length);
}

void evaluate_forget_random(Task *t) {
    for (unsigned i = 0; i < t->randoms; i++) {
        char text[40];
        snprintf(text, sizeof text, ".random%u", i);
        defs_remove(t->in->defs, names_find(t->in->names, text, strlen(text)));
    }
}

void evaluate_init(Task *t, Lower *l) {
    memset(l, 0, sizeof *l);
    l->defs = t->in->defs;
    l->diags = t->diags;
    l->random = random_vector;
    l->random_context = t;
}

void evaluate_done(Lower *l) {
    free(l->free_name);
    l->free_name = NULL;
}

void evaluate_fail(Task *t, RunStatus status, Span span, const Buf *what) {
    if (status == RUN_INTERRUPT) {
        t->in->outcome |= OUTCOME_INTERRUPT;
        diag_error(t->diags, span, NULL, "interrupted");
    } else if (what && what->len > 0) {
        diag_error(t->diags, span, NULL, "%s", buf_str(what));
    } else {
        diag_error(t->diags, span, NULL, "this cannot be evaluated");
    }
}

void evaluate_say_origin(Report *r, const double *data, size_t count, const Buf *origin) {
    if (origin->len == 0) return;
    if (strncmp(buf_str(origin), "an input", 8) == 0) return; /* inf was typed: nothing to tell */
    bool nan = false;
    for (size_t i = 0; i < count; i++) nan = nan || isnan(data[i]);
    report_note(r, "%s: %s", nan ? "NaN" : "infinity", buf_str(origin));
}

/* An expression without parameters, of any rank, into data of evaluator_results numbers. */
static double *run_closed(Task *t, Expr e, Span span, size_t *count, Buf *origin) {
    Evaluator *ev = evaluator_new(t->in->defs, 0, NULL, e, NULL, t->in->interrupt, t->diags, span);
    if (!ev) return NULL;
    *count = evaluator_results(ev);
    double none = 0, *data = mem_new(*count + 1, sizeof *data);
    RunStatus status = evaluator_value(ev, &none, data);
    if (status != RUN_OK) {
        Buf what;
        buf_init(&what);
        evaluator_explain(ev, status, &what);
        evaluate_fail(t, status, span, &what);
        buf_done(&what);
        free(data);
        data = NULL;
    } else if (origin) {
        bool finite = true;
        for (size_t i = 0; i < *count && finite; i++) finite = isfinite(data[i]);
        if (!finite) evaluator_origin(ev, &none, false, origin);
    }
    evaluator_free(ev);
    return data;
}

/* The length of an array along an axis, a number now that there are no parameters. */
static bool closed_dim(Task *t, Expr e, int axis, Span span, size_t *out) {
    Expr dim = expr_dim(t->in->store, e, axis);
    long n;
    if (dim && expr_is_integer(t->in->store, dim, &n) && 0 <= n) {
        *out = (size_t)n;
        return true;
    }
    size_t count = 0;
    double *data = dim ? run_closed(t, dim, span, &count, NULL) : NULL;
    bool res = data && 0 <= data[0] && data[0] <= 9e15;
    if (res) *out = (size_t)data[0];
    free(data);
    if (!res && t->diags->errors == 0)
        diag_error(t->diags, span, NULL, "the length of this array is not known");
    return res;
}

bool evaluate_expr(Task *t, Expr e, Span span, Value *out, Buf *origin) {
    int rank = expr_rank(t->in->store, e);
    if (rank > 2) {
        diag_error(t->diags, span, NULL,
                   "an array with %d indices cannot be shown; take a part of it", rank);
        return false;
    }
    Value v = {.rank = rank};
    size_t need = 1;
    for (int k = 0; k < rank; k++) {
        if (!closed_dim(t, e, k, span, &v.dim[k])) return false;
        need *= v.dim[k];
    }
    v.data = run_closed(t, e, span, &v.count, origin);
    if (!v.data) return false;
    if (v.count != need && rank == 1) v.dim[0] = need = v.count;
    if (v.count != need) {
        diag_error(t->diags, span, NULL, "the rows of this array differ in length");
        value_done(&v);
        return false;
    }
    *out = v;
    return true;
}

/* ---- grad f(3,4), hess f(3,4), jac g(3,4): by the sweep, at once ---- */

static void derivative_shape(Value *out, const Target *g, CalleeKind kind, size_t m, size_t n,
                             const Point *p) {
    size_t dim[2] = {n, n};
    if (kind == CALLEE_GRAD) {
        bool matrix = g->param_count == 1 && g->param[0].rank == 2;
        if (matrix) memcpy(dim, p->dims[0], sizeof dim);
        value_init_array(out, matrix ? 2 : 1, dim);
    } else {
        dim[0] = kind == CALLEE_HESS ? n : m;
        value_init_array(out, 2, dim);
    }
}

/* Does a matrix of m times n numbers, beside the programs' own, fit the memory limit? */
static bool check_size(Task *t, const Target *g, double m, double n) {
    size_t memory = store_budget(t->in->store).memory;
    if (m * n * sizeof(double) <= (double)memory) return true;
    diag_error(t->diags, g->span, "set memory N allows more MiB",
               "%.0f by %.0f numbers do not fit the memory limit", m, n);
    return false;
}

static bool run_derivative(Task *t, const Target *g, CalleeKind kind, const Point *p, Value *out,
                           Buf *origin) {
    Def *def = defs_function(t->in->defs, defs_fn_base(t->in->defs, g->callee.fn));
    Expr body = defs_fn_order(t->in->defs, g->callee.fn) == 0 && def
                    ? def->body
                    : defs_fn_body(t->in->defs, g->callee.fn, t->diags, g->span);
    if (!body) return false;
    Evaluator *ev = evaluator_new(t->in->defs, g->param_count, g->param, body, p->dims,
                                  t->in->interrupt, t->diags, g->span);
    if (!ev) return false;
    size_t m = evaluator_results(ev);
    double rows = kind == CALLEE_GRAD ? 1 : kind == CALLEE_HESS ? (double)p->count : (double)m;
    if (!check_size(t, g, rows, (double)p->count)) {
        evaluator_free(ev);
        return false;
    }
    derivative_shape(out, g, kind, m, p->count, p);
    Buf why;
    buf_init(&why);
    RunStatus status = RUN_OK;
    bool res = evaluator_has_gradient(ev, &why);
    if (res) {
        status = kind == CALLEE_GRAD   ? evaluator_gradient(ev, p->x, NULL, out->data)
                 : kind == CALLEE_HESS ? evaluator_hessian(ev, p->x, out->data)
                                       : evaluator_jacobian(ev, p->x, out->data);
        if (status != RUN_OK) evaluator_explain(ev, status, &why);
    }
    if (!res || status != RUN_OK) {
        evaluate_fail(t, status, g->span, &why);
        value_done(out);
        res = false;
    } else if (origin) {
        bool finite = true;
        for (size_t i = 0; i < out->count && finite; i++) finite = isfinite(out->data[i]);
        if (!finite) evaluator_origin(ev, p->x, true, origin);
    }
    buf_done(&why);
    evaluator_free(ev);
    return res;
}

/* Is it such a call of a scalar function of the user's (or, for jac, of any)? */
static bool is_derivative_call(Task *t, const Ast *tree, Target *g) {
    if (tree->kind != AST_CALL || tree->count < 2) return false;
    AstKind k = tree->kids[0]->kind;
    if (k != AST_GRAD && k != AST_HESS && k != AST_JAC) return false;
    size_t before = t->diags->errors;
    if (!target_read_call(t, tree, g)) return false;
    if (t->diags->errors > before || !g->named || g->callee.kind == CALLEE_FN ||
        g->callee.kind == CALLEE_BUILTIN)
        return false;
    int rank = defs_fn_rank(t->in->defs, g->callee.fn);
    if (g->callee.kind == CALLEE_JAC) return rank == 1;
    return rank == 0;
}

/* ---- trees ---- */

/* A rational constant if e simplifies to one, else 0. */
static Expr exact_of(Task *t, Expr e) {
    if (expr_rank(t->in->store, e) != 0 || expr_flags(t->in->store, e) != 0) return 0;
    Expr res = simplify(t->in->defs, e);
    return res && expr_rational(t->in->store, res) ? res : 0;
}

bool evaluate_exactly(Task *t, const Ast *tree, Value *out, Buf *origin, Expr *exact) {
    Target g;
    if (exact) *exact = 0;
    if (is_derivative_call(t, tree, &g)) {
        Point p;
        return point_read(t, &g, g.arg_count, g.args, tree->span, &p) &&
               run_derivative(t, &g, g.callee.kind, &p, out, origin);
    }
    if (t->diags->errors > 0) return false;
    Lower l;
    evaluate_init(t, &l);
    Expr e = lower_expression(&l, tree);
    evaluate_done(&l);
    if (e && exact) *exact = exact_of(t, e);
    return e != 0 && evaluate_expr(t, e, tree->span, out, origin);
}

bool evaluate_tree(Task *t, const Ast *tree, Value *out, Buf *origin) {
    return evaluate_exactly(t, tree, out, origin, NULL);
}

bool evaluate_number(Task *t, const Ast *tree, double *out) {
    Value v;
    if (!evaluate_tree(t, tree, &v, NULL)) return false;
    bool res = v.rank == 0;
    if (res)
        *out = v.data[0];
    else
        diag_error(t->diags, tree->span, NULL, "expected a number here, this is a %s",
                   v.rank == 1 ? "vector" : "matrix");
    value_done(&v);
    return res;
}
