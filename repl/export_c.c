/* A function and its gradient as C. */
#include "eval/program_c.h"
#include "eval/sweep.h"
#include "expr/print.h"
#include "repl/export.h"

enum { EXPORT_EXPAND = 4096 }; /* nodes up to which calls are put in, as where functions are run */

static Program *compile_value(Task *t, const Target *g, Expr body) {
    Arena arena;
    arena_init(&arena);
    Plan plan;
    plan_init(&plan, &arena, t->in->defs, g->param_count, g->param);
    Expr dims[2] = {0, 0};
    int rank = expr_rank(t->in->store, body);
    for (int k = 0; k < rank && k < 2; k++) dims[k] = expr_dim(t->in->store, body, k);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, rank, dims), body);
    Program *res = program_compile(&plan, t->diags, g->span);
    arena_done(&arena);
    return res;
}

/* NULL where there is no derivative: the reason goes to `why`. */
static Program *compile_gradient(Task *t, const Target *g, Expr body, Buf *why) {
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Plan plan;
    plan_init(&plan, &arena, t->in->defs, g->param_count, g->param);
    Expr value = plan_slot(&plan, SLOT_OUTPUT, 0, NULL);
    Expr *slot = arena_array(&arena, g->param_count + 1, sizeof *slot);
    for (size_t i = 0; i < g->param_count; i++)
        slot[i] = plan_slot(&plan, SLOT_OUTPUT, g->param[i].rank, g->param[i].dim);
    Program *res = NULL;
    if (sweep_gradient(&plan, body, value, slot, &diags, g->span))
        res = program_compile(&plan, &diags, g->span);
    if (!res)
        buf_text(why, diags.count ? diags.item[diags.count - 1].message : "there is no derivative");
    arena_done(&arena);
    return res;
}

static void comment_of(Task *t, const Target *g, Buf *out) {
    const Def *def = g->callee.kind == CALLEE_FN && defs_fn_order(t->in->defs, g->callee.fn) == 0
                         ? defs_function(t->in->defs, defs_fn_base(t->in->defs, g->callee.fn))
                         : NULL;
    buf_text(out, def ? def->text : g->name);
}

bool export_c(Task *t, const Target *g, Buf *out) {
    Expr body = defs_expand(t->in->defs, g->body, EXPORT_EXPAND);
    if (!body || 2 < expr_rank(t->in->store, body)) {
        diag_error(t->diags, g->span, NULL, "%s is too large to be written as C", g->name);
        return false;
    }
    Buf why, comment;
    buf_init(&why);
    buf_init(&comment);
    Program *value = compile_value(t, g, body), *gradient = NULL;
    if (value && expr_rank(t->in->store, body) == 0) gradient = compile_gradient(t, g, body, &why);
    comment_of(t, g, &comment);
    if (why.len) buf_printf(&comment, "\nIt has no gradient: %s.", buf_str(&why));
    buf_clear(&why);
    bool res = value && program_write_c(value, gradient, g->name, buf_str(&comment), out, &why);
    if (value && !res) diag_error(t->diags, g->span, NULL, "%s", buf_str(&why));
    program_free(value);
    program_free(gradient);
    buf_done(&why);
    buf_done(&comment);
    return res;
}
