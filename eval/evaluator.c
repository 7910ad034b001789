/* The programs of one function: value, gradient, Hessian products, Jacobian; see evaluator.h. */
#include "eval/evaluator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/sweep.h"

enum { EXPAND_LIMIT = 4096 }; /* nodes up to which calls are inlined */

typedef enum PartKind { PART_VALUE, PART_GRADIENT, PART_HESSIAN, PART_ROW, PART_FORWARD, PART_COUNT } PartKind;

/* One program, made on first use. */
typedef struct Part {
    bool tried;
    Program *program;     /* owned; NULL when it could not be made */
    Workspace *workspace; /* owned */
    size_t slots;
    double **array, **bound; /* owned arrays of the caller's pointers, by slot */
    Buf why;
} Part;

struct Evaluator {
    Defs *defs;
    size_t params;
    Param *param;         /* owned copy; its dims and symbols are the store's */
    size_t (*dims)[2];    /* owned */
    size_t *offset;       /* owned: where parameter i starts in the vector */
    Expr body;
    int rank;
    const volatile int *interrupt;
    size_t points, results;
    Part part[PART_COUNT];
    Part *last;           /* the part that ran last */
    double *row, *zero;   /* owned: a direction and its bounds */
    double *column, *column_bound; /* owned: of the Jacobian */
};

/* ---- making programs ---- */

static void part_done(Part *q) {
    workspace_free(q->workspace);
    program_free(q->program);
    free(q->array);
    free(q->bound);
    buf_done(&q->why);
    *q = (Part){0};
}

/* A slot of each parameter's shape; the arena owns the result. */
static Expr *slots_like_params(Plan *p, SlotKind kind) {
    Expr *res = arena_array(p->arena, p->param_count + 1, sizeof *res);
    for (size_t i = 0; i < p->param_count; i++)
        res[i] = plan_slot(p, kind, p->param[i].rank, p->param[i].dim);
    return res;
}

static bool plan_value(Plan *p, const Evaluator *e, Expr body) {
    Store *s = defs_store(e->defs);
    Expr dims[2] = {0, 0};
    for (int i = 0; i < e->rank; i++)
        dims[i] = expr_dim(s, body, i);
    plan_store(p, plan_slot(p, SLOT_OUTPUT, e->rank, dims), body);
    return true;
}

/* The component of the body that a run asks for: its indices are inputs. */
static bool plan_row(Plan *p, const Evaluator *e, Expr body, Diags *diags, Span span) {
    Store *s = defs_store(e->defs);
    Expr value = plan_slot(p, SLOT_OUTPUT, 0, NULL), *gradient = slots_like_params(p, SLOT_OUTPUT);
    for (int i = 0; i < e->rank; i++)
        body = expr_fuse(s, body, plan_slot(p, SLOT_INPUT, 0, NULL));
    return sweep_gradient(p, body, value, gradient, diags, span);
}

static bool plan_forward(Plan *p, const Evaluator *e, Expr body, Diags *diags, Span span) {
    Store *s = defs_store(e->defs);
    Expr dims[2] = {0, 0}, *direction = slots_like_params(p, SLOT_INPUT);
    for (int i = 0; i < e->rank; i++)
        dims[i] = expr_dim(s, body, i);
    Expr out = plan_slot(p, SLOT_OUTPUT, e->rank, dims);
    Expr d = sweep_tangent(e->defs, body, e->params, e->param, direction, diags, span);
    if (d)
        plan_store(p, out, d);
    return d != 0;
}

static bool plan_part(Plan *p, const Evaluator *e, PartKind kind, Diags *diags, Span span) {
    Expr body = defs_expand(e->defs, e->body, EXPAND_LIMIT);
    if (body == 0) {
        diag_error(diags, span, NULL, "the expression is too large");
        return false;
    }
    switch (kind) {
    case PART_GRADIENT: {
        Expr value = plan_slot(p, SLOT_OUTPUT, 0, NULL);
        return sweep_gradient(p, body, value, slots_like_params(p, SLOT_OUTPUT), diags, span);
    }
    case PART_HESSIAN: {
        Expr *direction = slots_like_params(p, SLOT_INPUT);
        return sweep_hessian_times(p, body, direction, slots_like_params(p, SLOT_OUTPUT), diags, span);
    }
    case PART_ROW:
        return plan_row(p, e, body, diags, span);
    case PART_FORWARD:
        return plan_forward(p, e, body, diags, span);
    default:
        return plan_value(p, e, body);
    }
}

static bool part_make(Evaluator *e, PartKind kind, Diags *diags, Span span) {
    Part *q = &e->part[kind];
    q->tried = true;
    Arena arena;
    arena_init(&arena);
    Plan plan;
    plan_init(&plan, &arena, e->defs, e->params, e->param);
    if (plan_part(&plan, e, kind, diags, span))
        q->program = program_compile(&plan, diags, span);
    if (q->program) {
        RunStatus status = RUN_OK;
        q->workspace = workspace_new(q->program, e->defs, e->dims, 0, e->interrupt, &status, &q->why);
        q->slots = plan.slot_count;
        q->array = mem_new(q->slots, sizeof *q->array);
        q->bound = mem_new(q->slots, sizeof *q->bound);
        if (!q->workspace)
            diag_error(diags, span, NULL, "%s", buf_str(&q->why));
    }
    arena_done(&arena);
    return q->workspace != NULL;
}

/* The part, made if need be; NULL when it cannot be made: the reason is in its text. */
static Part *part_of(Evaluator *e, PartKind kind) {
    Part *q = &e->part[kind];
    if (!q->tried) {
        Arena arena;
        Diags diags;
        arena_init(&arena);
        diags_init(&diags, &arena);
        if (!part_make(e, kind, &diags, span_of(0, 0))) {
            buf_clear(&q->why);
            buf_text(&q->why, diags.count ? diags.item[diags.count - 1].message : "there is no derivative");
        }
        arena_done(&arena);
    }
    e->last = q;
    return q->workspace ? q : NULL;
}

/* ---- life ---- */

static bool measure(Evaluator *e) {
    const Workspace *w = e->part[PART_VALUE].workspace;
    e->results = workspace_slot_length(w, 0);
    e->points = 0;
    for (size_t i = 0; i < e->params; i++) {
        e->offset[i] = e->points;
        size_t count = 1;
        for (int k = 0; k < e->param[i].rank; k++)
            count *= e->dims[i][k];
        e->points += count;
    }
    e->row = mem_new(e->points, sizeof *e->row);
    e->zero = mem_new(e->points, sizeof *e->zero);
    e->column = mem_new(e->results, sizeof *e->column);
    e->column_bound = mem_new(e->results, sizeof *e->column_bound);
    return e->points == workspace_points(w);
}

Evaluator *evaluator_new(Defs *defs, size_t params, const Param *param, Expr body, const size_t (*dims)[2],
                         const volatile int *interrupt, Diags *diags, Span span) {
    Evaluator *e = mem_new(1, sizeof *e);
    e->defs = defs;
    e->params = params;
    e->param = mem_new(params, sizeof *e->param);
    e->dims = mem_new(params, sizeof *e->dims);
    e->offset = mem_new(params, sizeof *e->offset);
    for (size_t i = 0; i < params; i++) {
        e->param[i] = param[i];
        e->dims[i][0] = dims ? dims[i][0] : 0;
        e->dims[i][1] = dims ? dims[i][1] : 0;
    }
    e->body = body;
    e->rank = expr_rank(defs_store(defs), body);
    e->interrupt = interrupt;
    bool fits = e->rank <= 2;
    if (!fits)
        diag_error(diags, span, NULL, "an array of %d axes cannot be evaluated; 2 is the most", e->rank);
    if (!fits || !part_make(e, PART_VALUE, diags, span) || !measure(e)) {
        evaluator_free(e);
        return NULL;
    }
    e->last = &e->part[PART_VALUE];
    return e;
}

void evaluator_free(Evaluator *e) {
    if (!e)
        return;
    for (int i = 0; i < PART_COUNT; i++)
        part_done(&e->part[i]);
    free(e->param);
    free(e->dims);
    free(e->offset);
    free(e->row);
    free(e->zero);
    free(e->column);
    free(e->column_bound);
    free(e);
}

size_t evaluator_points(const Evaluator *e) {
    return e->points;
}

size_t evaluator_results(const Evaluator *e) {
    return e->results;
}

/* ---- running ---- */

/* Points slots first .. to the parameters' parts of `vector`. */
static void spread(const Evaluator *e, double **array, size_t first, double *vector) {
    for (size_t i = 0; i < e->params; i++)
        array[first + i] = vector ? vector + e->offset[i] : NULL;
}

static RunStatus run(Part *q, const double *x, bool bounds) {
    if (bounds)
        return program_run_bounds(q->program, q->workspace, x, NULL, q->array, q->bound);
    return program_run(q->program, q->workspace, x, q->array);
}

/* -0 and 0 are the same slope: 0 is shown. */
static void plain_zeros(size_t count, double *g) {
    for (size_t i = 0; i < count; i++)
        g[i] += 0.0;
}

static RunStatus unavailable(size_t count, double *out) {
    for (size_t i = 0; out && i < count; i++)
        out[i] = NAN;
    return RUN_SIZE;
}

static RunStatus value_at(Evaluator *e, const double *x, double *f, double *bound) {
    Part *q = part_of(e, PART_VALUE);
    q->array[0] = f;
    q->bound[0] = bound;
    return run(q, x, bound != NULL);
}

RunStatus evaluator_value(Evaluator *e, const double *x, double *f) {
    return value_at(e, x, f, NULL);
}

RunStatus evaluator_value_bounds(Evaluator *e, const double *x, double *f, double *f_bound) {
    return value_at(e, x, f, f_bound);
}

static RunStatus gradient_at(Evaluator *e, const double *x, double *f, double *fb, double *g, double *gb) {
    Part *q = e->rank == 0 ? part_of(e, PART_GRADIENT) : NULL;
    double unused, unused_bound;
    if (!q)
        return unavailable(e->points, g);
    q->array[0] = f ? f : &unused;
    q->bound[0] = fb ? fb : &unused_bound;
    spread(e, q->array, 1, g);
    spread(e, q->bound, 1, gb);
    RunStatus res = run(q, x, gb != NULL);
    plain_zeros(e->points, g);
    return res;
}

RunStatus evaluator_gradient(Evaluator *e, const double *x, double *f, double *g) {
    return gradient_at(e, x, f, NULL, g, NULL);
}

RunStatus evaluator_gradient_bounds(Evaluator *e, const double *x, double *f, double *f_bound, double *g,
                                    double *g_bound) {
    return gradient_at(e, x, f, f_bound, g, g_bound);
}

static RunStatus hessian_times(Evaluator *e, const double *x, double *v, double *hv, double *bound) {
    Part *q = e->rank == 0 ? part_of(e, PART_HESSIAN) : NULL;
    if (!q)
        return unavailable(e->points, hv);
    spread(e, q->array, 0, v);
    spread(e, q->array, e->params, hv);
    spread(e, q->bound, 0, bound ? e->zero : NULL);
    spread(e, q->bound, e->params, bound);
    RunStatus res = run(q, x, bound != NULL);
    plain_zeros(e->points, hv);
    return res;
}

RunStatus evaluator_hessian_times(Evaluator *e, const double *x, const double *v, double *hv) {
    memcpy(e->row, v, e->points * sizeof *v);
    return hessian_times(e, x, e->row, hv, NULL);
}

/* Column k goes to row k first, then the matrix is transposed in place. */
static RunStatus hessian_at(Evaluator *e, const double *x, double *h, double *bound) {
    size_t n = e->points;
    RunStatus res = RUN_OK;
    memset(e->zero, 0, n * sizeof *e->zero);
    for (size_t k = 0; k < n && res == RUN_OK; k++) {
        memset(e->row, 0, n * sizeof *e->row);
        e->row[k] = 1;
        res = hessian_times(e, x, e->row, h + k * n, bound ? bound + k * n : NULL);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            double t = h[i * n + k];
            h[i * n + k] = h[k * n + i];
            h[k * n + i] = t;
            if (bound) {
                t = bound[i * n + k];
                bound[i * n + k] = bound[k * n + i];
                bound[k * n + i] = t;
            }
        }
    return res;
}

RunStatus evaluator_hessian(Evaluator *e, const double *x, double *h) {
    return hessian_at(e, x, h, NULL);
}

RunStatus evaluator_hessian_bounds(Evaluator *e, const double *x, double *h, double *h_bound) {
    return hessian_at(e, x, h, h_bound);
}

/* Column k of the Jacobian: the tangent along coordinate k. */
static RunStatus jacobian_forward(Evaluator *e, Part *q, const double *x, double *j, double *bound) {
    size_t n = e->points, m = e->results;
    RunStatus res = RUN_OK;
    memset(e->zero, 0, n * sizeof *e->zero);
    for (size_t k = 0; k < n && res == RUN_OK; k++) {
        memset(e->row, 0, n * sizeof *e->row);
        e->row[k] = 1;
        spread(e, q->array, 0, e->row);
        spread(e, q->bound, 0, e->zero);
        q->array[e->params] = e->column;
        q->bound[e->params] = e->column_bound;
        res = run(q, x, bound != NULL);
        plain_zeros(m, e->column);
        for (size_t i = 0; i < m; i++) {
            j[i * n + k] = e->column[i];
            if (bound)
                bound[i * n + k] = e->column_bound[i];
        }
    }
    return res;
}

static RunStatus jacobian_rows(Evaluator *e, Part *q, const double *x, double *j, double *bound) {
    size_t n = e->points, m = e->results;
    RunStatus res = RUN_OK;
    for (size_t i = 0; i < m && res == RUN_OK; i++) {
        double unused, unused_bound, exact = 0, at = (double)(i + 1);
        q->array[0] = &unused;
        q->bound[0] = &unused_bound;
        spread(e, q->array, 1, j + i * n);
        spread(e, q->bound, 1, bound ? bound + i * n : NULL);
        if (e->rank == 1) {
            q->array[1 + e->params] = &at;
            q->bound[1 + e->params] = &exact;
        }
        res = run(q, x, bound != NULL);
        plain_zeros(n, j + i * n);
    }
    return res;
}

/* Rows by the reverse sweep, or columns by forward differentiation: where these are fewer, for a
 * matrix, and where the lengths inside a row depend on which row it is. */
static Part *jacobian_part(Evaluator *e, bool *forward) {
    *forward = (0 < e->rank && e->points < e->results) || e->rank == 2;
    Part *q = part_of(e, *forward ? PART_FORWARD : PART_ROW);
    if (q || *forward)
        return q;
    *forward = true;
    return part_of(e, PART_FORWARD);
}

RunStatus evaluator_jacobian_bounds(Evaluator *e, const double *x, double *j, double *j_bound) {
    bool forward;
    Part *q = jacobian_part(e, &forward);
    if (!q)
        return unavailable(e->points * e->results, j);
    return forward ? jacobian_forward(e, q, x, j, j_bound) : jacobian_rows(e, q, x, j, j_bound);
}

RunStatus evaluator_jacobian(Evaluator *e, const double *x, double *j) {
    return evaluator_jacobian_bounds(e, x, j, NULL);
}

/* ---- what it says ---- */

bool evaluator_has_gradient(Evaluator *e, Buf *why) {
    bool forward;
    bool res = (e->rank == 0 ? part_of(e, PART_GRADIENT) : jacobian_part(e, &forward)) != NULL;
    if (!res && why)
        buf_text(why, buf_str(&e->last->why));
    return res;
}

void evaluator_explain(const Evaluator *e, RunStatus status, Buf *out) {
    if (!e->last->workspace)
        buf_text(out, buf_str(&e->last->why));
    else
        workspace_explain(e->last->workspace, status, out);
}

bool evaluator_origin(Evaluator *e, const double *x, bool of_gradient, Buf *out) {
    of_gradient = of_gradient && e->rank == 0;
    Part *q = part_of(e, of_gradient ? PART_GRADIENT : PART_VALUE);
    if (!q)
        return false;
    double value, *room = mem_new(e->points + e->results, sizeof *room);
    q->array[0] = of_gradient ? &value : room;
    if (of_gradient)
        spread(e, q->array, 1, room);
    bool res = program_find_origin(q->program, q->workspace, x, q->array, out);
    free(room);
    return res;
}

uint64_t evaluator_operations(Evaluator *e, const double *x, bool with_gradient) {
    Part *q = part_of(e, with_gradient ? PART_GRADIENT : PART_VALUE);
    if (!q)
        return 0;
    uint64_t before = workspace_operations(q->workspace);
    double *room = mem_new(e->points + e->results, sizeof *room);
    workspace_count(q->workspace, true);
    if (with_gradient)
        evaluator_gradient(e, x, NULL, room);
    else
        evaluator_value(e, x, room);
    workspace_count(q->workspace, false);
    free(room);
    return workspace_operations(q->workspace) - before;
}

size_t evaluator_program_length(Evaluator *e) {
    Part *q = part_of(e, PART_GRADIENT);
    q = q ? q : part_of(e, PART_VALUE);
    return program_length(q->program);
}
