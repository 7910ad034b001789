/* From plans to programs: see compile.h for the passes.  Called functions that are left in the
 * expressions become Subs of their own, compiled once each. */
#include "eval/compile.h"

#include <stdlib.h>

#include "base/memory.h"
#include "expr/functions.h"

enum { EXPAND_LIMIT = 4096 };

void build_fail(Build *b, const char *hint, const char *message) {
    if (b->failed)
        return;
    b->failed = true;
    if (store_is_interrupted(b->s))
        message = "interrupted";
    else if (store_is_full(b->s))
        message = "the expression is too large";
    if (b->diags)
        diag_error(b->diags, b->span, hint, "%s", message);
}

void build_done(Build *b) {
    arena_done(&b->arena);
    free(b->affine.length);
    free(b->val);
    free(b->op);
    free(b->use);
    free(b->map);
    free(b->order);
    free(b->version);
    free(b->inst);
    free(b->region);
    free(b->need);
    free(b->event);
    free(b->code);
    free(b->loop_from);
    free(b->loop_to);
}

static void take_slots(Build *b) {
    Sub *u = b->sub;
    u->slots = b->plan->slot_count;
    u->slot = mem_new(u->slots + 1, sizeof *u->slot);
    for (size_t i = 0; i < u->slots; i++) {
        Expr symbol = b->plan->slot[i].symbol;
        SlotInfo *info = &u->slot[i];
        info->kind = b->plan->slot[i].kind;
        info->rank = expr_rank(b->s, symbol);
        info->table = NO_TABLE;
        if (2 < info->rank)
            build_fail(b, NULL, "an array of more than two axes cannot be evaluated");
        for (int k = 0; k < info->rank && k < 2; k++)
            info->dim[k] = expr_kid(b->s, symbol, (size_t)k);
    }
}

/* All passes for one Sub. */
static bool build_sub(Build *b) {
    b->affine.s = b->s;
    leaves_params(b);
    if (b->plan)
        take_slots(b);
    b->current = region_new(b, 0, REGION_TOP);
    if (!b->failed) {
        b->zero = values_of(b, expr_int(b->s, 0), NULL);
        b->one = values_of(b, expr_int(b->s, 1), NULL);
    }
    if (!b->failed && b->plan)
        steps_read(b);
    if (!b->failed && b->result) {
        b->result_val = values_of(b, b->result, NULL);
        values_use(b, b->result_val, b->current);
    }
    if (!b->failed)
        place_all(b);
    if (!b->failed)
        emit_all(b);
    if (!b->failed)
        registers_assign(b);
    return !b->failed;
}

static bool compile_plan(Program *p, const Plan *plan, Diags *diags, Span span) {
    Sub made = {0};
    Build b = {.program = p, .plan = plan, .s = defs_store(plan->defs), .defs = plan->defs, .diags = diags,
               .span = span, .sub = &made, .params = plan->param_count, .param = plan->param};
    arena_init(&b.arena);
    bool ok = build_sub(&b);
    p->sub[0] = made;
    build_done(&b);
    return ok;
}

/* A function's value is given back in a register; an array is stored in slot 0, the caller's. */
static void plan_result(Build *b, Plan *plan, Expr body) {
    int rank = expr_rank(b->s, body);
    Expr dim[2] = {0, 0};
    if (rank == 0) {
        b->result = body;
        return;
    }
    if (2 < rank) {
        build_fail(b, NULL, "an array of more than two axes cannot be evaluated");
        return;
    }
    for (int k = 0; k < rank; k++)
        dim[k] = expr_dim(b->s, body, k);
    plan_init(plan, &b->arena, b->defs, b->params, b->param);
    plan_store(plan, plan_slot(plan, SLOT_OUTPUT, rank, dim), body);
    b->plan = plan;
}

static bool compile_function(Program *p, size_t at, Diags *diags, Span span) {
    FnId fn = p->sub[at].fn;
    Sub made = {.fn = fn};
    Plan plan;
    Build b = {.program = p, .s = defs_store(p->defs), .defs = p->defs, .diags = diags, .span = span, .sub = &made};
    arena_init(&b.arena);
    const Def *def = defs_function(p->defs, defs_fn_base(p->defs, fn));
    Expr body = def ? defs_fn_expanded(p->defs, fn, EXPAND_LIMIT, diags, span) : 0;
    bool ok = body != 0;
    if (ok) {
        made.body = body;
        b.params = def->param_count;
        b.param = def->param;
        plan_result(&b, &plan, body);
        ok = !b.failed && build_sub(&b);
    }
    p->sub[at] = made;
    build_done(&b);
    return ok;
}

Program *program_compile(const Plan *plan, Diags *diags, Span span) {
    Program *p = mem_new(1, sizeof *p);
    p->defs = plan->defs;
    p->sub = mem_grow(NULL, &p->sub_cap, 1, sizeof *p->sub);
    p->sub[0] = (Sub){0};
    p->subs = 1;
    p->fns = functions_count();
    p->fn = mem_new(p->fns + 1, sizeof *p->fn);
    for (size_t i = 0; i < p->fns; i++)
        p->fn[i] = function_at(i)->value;
    bool ok = compile_plan(p, plan, diags, span);
    for (size_t i = 1; ok && i < p->subs; i++)
        ok = compile_function(p, i, diags, span);
    if (ok)
        return p;
    program_free(p);
    return NULL;
}
