/* The programs of one function: value, gradient, Hessian products, Jacobian; see evaluator.h. */
#include "eval/evaluator_parts.h"

#include <stdlib.h>

#include "base/memory.h"
#include "eval/sweep.h"

enum { EXPAND_LIMIT = 4096 }; /* nodes up to which calls are inlined */

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
    Expr body = e->body;
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

void evaluator_make(Evaluator *e, PartKind kind) {
    Part *q = &e->part[kind];
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
    e->body = body ? defs_expand(defs, body, EXPAND_LIMIT) : 0;
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

/* ---- what it says ---- */

bool evaluator_has_gradient(Evaluator *e, Buf *why) {
    bool forward;
    bool res = (e->rank == 0 ? evaluator_part(e, PART_GRADIENT) : evaluator_jacobian_part(e, &forward)) != NULL;
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
    Part *q = evaluator_part(e, of_gradient ? PART_GRADIENT : PART_VALUE);
    if (!q)
        return false;
    double value, *room = mem_new(e->points + e->results, sizeof *room);
    q->array[0] = of_gradient ? &value : room;
    if (of_gradient)
        evaluator_spread(e, q->array, 1, room);
    bool res = program_find_origin(q->program, q->workspace, x, q->array, out);
    free(room);
    return res;
}

uint64_t evaluator_operations(Evaluator *e, const double *x, bool with_gradient) {
    Part *q = evaluator_part(e, with_gradient ? PART_GRADIENT : PART_VALUE);
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
    Part *q = evaluator_part(e, PART_GRADIENT);
    q = q ? q : evaluator_part(e, PART_VALUE);
    return program_length(q->program);
}
