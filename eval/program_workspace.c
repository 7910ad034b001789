/* Workspaces: a program bound to lengths and to the values of variables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/interp.h"

enum { DEEPEST = 60 };

/* The value of a length; NaN where it is not known before the run. */
static double length_of(const Workspace *w, Expr e, int depth) {
    const Store *s = defs_store(w->program->defs);
    const Sub *main = &w->program->sub[0];
    if (!e || DEEPEST < depth)
        return NAN;
    if (expr_is_constant(s, e))
        return expr_double_of(s, e);
    for (uint32_t i = 0; i < main->pinned; i++)
        if (main->pin[i].e == e && main->pin[i].kind != PIN_PARAM)
            return w->main.reg[i];
    ExprOp op = expr_op(s, e);
    if (op != EXPR_ADD && op != EXPR_SUB && op != EXPR_MUL && op != EXPR_DIV && op != EXPR_NEG)
        return NAN;
    double a = length_of(w, expr_kid(s, e, 0), depth + 1);
    if (op == EXPR_NEG)
        return -a;
    double b = length_of(w, expr_kid(s, e, 1), depth + 1);
    return op == EXPR_ADD ? a + b : op == EXPR_SUB ? a - b : op == EXPR_MUL ? a * b : a / b;
}

static double *own(Workspace *w, size_t count) {
    double *res = calloc(count ? count : 1, sizeof *res);
    if (!res)
        return NULL;
    w->owned = mem_grow(w->owned, &w->owned_cap, w->owned_count + 1, sizeof *w->owned);
    w->owned[w->owned_count++] = res;
    return res;
}

static const char *text_of(const Program *p, Name name) {
    return names_text(store_names(defs_store(p->defs)), name);
}

/* ---- variables ---- */
static RunStatus bind_global(Workspace *w, const Defs *defs, const TableEntry *t, ArrayRef *ref, Buf *what) {
    const Var *var = defs_variable(defs, t->name);
    const Store *s = defs_store(w->program->defs);
    bool fits = var && var->value.rank == t->rank;
    for (int k = 0; fits && k < t->rank; k++) {
        long want;
        fits = !expr_is_integer(s, t->dim[k], &want) || (size_t)want == var->value.dim[k];
    }
    if (!fits) {
        buf_printf(what, "%s has changed its shape", text_of(w->program, t->name));
        return RUN_SIZE;
    }
    ref->at = own(w, var->value.count); /* a copy: a run keeps the values it started with */
    if (!ref->at) {
        buf_text(what, "out of memory");
        return RUN_MEMORY;
    }
    memcpy(ref->at, var->value.data, var->value.count * sizeof(double));
    ref->dim[0] = var->value.dim[0];
    ref->dim[1] = t->rank == 2 ? var->value.dim[1] : 1;
    return RUN_OK;
}

static RunStatus bind_sub(Workspace *w, const Defs *defs, size_t at, Buf *what) {
    const Sub *u = &w->program->sub[at];
    w->pins[at] = mem_new(u->pinned + 1, sizeof(double));
    w->globals[at] = mem_new(u->tables + 1, sizeof(ArrayRef));
    for (uint32_t i = 0; i < u->pinned; i++) {
        w->pins[at][i] = u->pin[i].value;
        if (u->pin[i].kind != PIN_GLOBAL)
            continue;
        const Var *var = defs_variable(defs, u->pin[i].name);
        if (!var || var->value.rank) {
            buf_printf(what, "%s is not a number any more", text_of(w->program, u->pin[i].name));
            return RUN_SIZE;
        }
        w->pins[at][i] = var->value.data[0];
    }
    for (uint32_t i = 0; i < u->tables; i++)
        if (u->table[i].kind == TABLE_GLOBAL) {
            RunStatus status = bind_global(w, defs, &u->table[i], &w->globals[at][i], what);
            if (status != RUN_OK)
                return status;
        }
    return RUN_OK;
}

/* ---- the main frame ---- */
static void bind_frame(Workspace *w) {
    const Sub *u = &w->program->sub[0];
    w->main.sub = u;
    w->main.reg = mem_new(2 * (size_t)u->registers + 2, sizeof(double));
    w->main.table = mem_new(u->tables + 1, sizeof(ArrayRef));
    w->main.state = mem_new(u->states + 1, sizeof(Reduction));
    memcpy(w->main.reg, w->pins[0], u->pinned * sizeof(double));
    memcpy(w->main.table, w->globals[0], u->tables * sizeof(ArrayRef));
}

static RunStatus bind_params(Workspace *w, const size_t (*dims)[2], Buf *what) {
    const Sub *u = &w->program->sub[0];
    bool *known = mem_new(u->pinned + 1, sizeof *known);
    RunStatus status = RUN_OK;
    w->param_at = mem_new(u->params + 1, sizeof *w->param_at);
    for (uint32_t i = 0; i < u->params && status == RUN_OK; i++) {
        const ParamInfo *info = &u->param[i];
        w->param_at[i] = w->points;
        if (info->rank && !frame_set_dims(w, u, i, dims[i], w->main.reg, known)) {
            workspace_explain(w, RUN_SIZE, what);
            status = RUN_SIZE;
        } else if (info->rank) {
            ArrayRef *ref = &w->main.table[info->table];
            ref->dim[0] = dims[i][0];
            ref->dim[1] = info->rank == 2 ? dims[i][1] : 1;
            w->points += ref->dim[0] * ref->dim[1];
        } else {
            w->points++;
        }
    }
    free(known);
    return status;
}

/* Temporaries whose lengths are known now are made now. */
static RunStatus bind_arrays(Workspace *w, Buf *what) {
    const Sub *u = &w->program->sub[0];
    w->slot_length = mem_new(u->slots + 1, sizeof *w->slot_length);
    w->slot_shadow = mem_new(u->slots + 1, sizeof *w->slot_shadow);
    for (size_t i = 0; i < u->slots; i++) {
        const SlotInfo *slot = &u->slot[i];
        double a = slot->rank ? length_of(w, slot->dim[0], 0) : 1;
        double b = slot->rank == 2 ? length_of(w, slot->dim[1], 0) : 1;
        a = a < 0 ? 0 : a;
        b = b < 0 ? 0 : b;
        if (!(a * b * sizeof(double) <= (double)w->memory)) {
            buf_text(what, a == a && b == b ? "an array does not fit the memory limit" : "a length is not known");
            return a == a && b == b ? RUN_MEMORY : RUN_SIZE;
        }
        w->slot_length[i] = (size_t)a * (size_t)b;
        if (slot->table == NO_TABLE)
            continue;
        ArrayRef *ref = &w->main.table[slot->table];
        ref->dim[0] = (size_t)a;
        ref->dim[1] = (size_t)b;
        if (slot->kind == SLOT_TEMP && !(ref->at = own(w, w->slot_length[i]))) {
            buf_text(what, "out of memory");
            return RUN_MEMORY;
        }
    }
    for (uint32_t i = 0; i < u->tables; i++) {
        const TableEntry *t = &u->table[i];
        double a = length_of(w, t->dim[0], 0), b = t->rank == 2 ? length_of(w, t->dim[1], 0) : 1;
        if (t->kind != TABLE_TEMP || !(a == a) || !(b == b) || expr_op(defs_store(w->program->defs), t->e) == EXPR_ELEM)
            continue;
        if (frame_temp(w, &w->main.table[i], a, b, t->rank) != RUN_OK) {
            buf_printf(what, "an array of %.0f numbers does not fit the memory limit", a * b);
            return RUN_MEMORY;
        }
    }
    return RUN_OK;
}

/* What each run has to look at. */
static void list_inputs(Workspace *w) {
    const Sub *u = &w->program->sub[0];
    w->scalar = mem_new(u->params + 1, sizeof *w->scalar);
    w->vector = mem_new(u->params + 1, sizeof *w->vector);
    w->given = mem_new(u->slots + 1, sizeof *w->given);
    w->zeroed = mem_new(u->slots + 1, sizeof *w->zeroed);
    for (uint32_t i = 0; i < u->params; i++) {
        const ParamInfo *info = &u->param[i];
        if (info->rank == 0)
            w->scalar[w->scalars++] = (Scalar){&w->main.reg[info->reg], w->param_at[i]};
        else
            w->vector[w->vectors++] = (Array){&w->main.table[info->table].at, w->param_at[i], 0};
    }
    for (uint32_t i = 0; i < u->slots; i++) {
        if (u->slot[i].kind != SLOT_TEMP && u->slot[i].table != NO_TABLE)
            w->given[w->givens++] = (Array){&w->main.table[u->slot[i].table].at, i, w->slot_length[i]};
        if (u->slot[i].zeroed && w->slot_length[i])
            w->zeroed[w->zeroed_count++] = i;
    }
}

Workspace *workspace_new(const Program *p, const Defs *defs, const size_t (*dims)[2], size_t memory,
                         const volatile int *interrupt, RunStatus *status, Buf *what) {
    Workspace *w = mem_new(1, sizeof *w);
    w->program = p;
    Budget budget = store_budget(defs_store(p->defs));
    w->memory = memory ? memory : budget.memory;
    w->most_rounds = budget.rounds;
    w->interrupt = interrupt;
    w->pins = mem_new(p->subs, sizeof *w->pins);
    w->globals = mem_new(p->subs, sizeof *w->globals);
    *status = RUN_OK;
    for (size_t i = 0; i < p->subs && *status == RUN_OK; i++)
        *status = bind_sub(w, defs, i, what);
    if (*status == RUN_OK) {
        bind_frame(w);
        *status = bind_params(w, dims, what);
    }
    if (*status == RUN_OK)
        *status = bind_arrays(w, what);
    if (*status == RUN_OK) {
        list_inputs(w);
        workspace_prove(w);
        workspace_unroll(w);
        return w;
    }
    workspace_free(w);
    return NULL;
}

void workspace_free(Workspace *w) {
    if (!w)
        return;
    for (size_t i = 0; i < w->program->subs; i++) {
        free(w->pins[i]);
        free(w->globals[i]);
    }
    free(w->pins);
    free(w->globals);
    for (size_t i = 0; i < w->owned_count; i++)
        free(w->owned[i]);
    free(w->owned);
    free(w->bound.code);
    free(w->unrolled.code);
    free(w->unrolled.origin);
    free(w->main.reg);
    free(w->main.table);
    free(w->main.state);
    free(w->param_at);
    free(w->slot_length);
    free(w->scalar);
    free(w->vector);
    free(w->given);
    free(w->zeroed);
    for (size_t i = 0; w->slot_shadow && i < w->program->sub[0].slots; i++)
        free(w->slot_shadow[i]);
    free(w->slot_shadow);
    stack_release(w, NULL, 0);
    free(w->call);
    free(w->trace);
    free(w);
}

size_t workspace_points(const Workspace *w) {
    return w->points;
}

size_t workspace_slot_length(const Workspace *w, uint32_t slot) {
    return w->slot_length[slot];
}

void workspace_set_gradient(Workspace *w, GradientCall call, void *context) {
    w->gradient = call;
    w->gradient_context = context;
}

void workspace_count(Workspace *w, bool on) {
    if (on)
        w->operations = 0;
    w->counting = on;
}

uint64_t workspace_operations(const Workspace *w) {
    return w->operations;
}
