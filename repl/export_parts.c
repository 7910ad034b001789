/* What is written in other languages, compiled; see export_parts.h. */
#include "repl/export_parts.h"

#include "eval/sweep.h"

Expr export_body(Task *t, const Target *g) {
    return defs_expand(t->in->defs, g->body, EXPORT_EXPAND);
}

Program *export_compile_value(Task *t, const Target *g, Expr body) {
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

static Expr *slots_like_params(Plan *plan, SlotKind kind) {
    Expr *res = arena_array(plan->arena, plan->param_count + 1, sizeof *res);
    for (size_t i = 0; i < plan->param_count; i++)
        res[i] = plan_slot(plan, kind, plan->param[i].rank, plan->param[i].dim);
    return res;
}

Program *export_compile_derivative(Task *t, const Target *g, Expr body, bool second, Buf *why) {
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Plan plan;
    plan_init(&plan, &arena, t->in->defs, g->param_count, g->param);
    bool made;
    if (second) {
        Expr *direction = slots_like_params(&plan, SLOT_INPUT);
        made = sweep_hessian_times(&plan, body, direction, slots_like_params(&plan, SLOT_OUTPUT), &diags, g->span);
    } else {
        Expr value = plan_slot(&plan, SLOT_OUTPUT, 0, NULL);
        made = sweep_gradient(&plan, body, value, slots_like_params(&plan, SLOT_OUTPUT), &diags, g->span);
    }
    Program *res = made ? program_compile(&plan, &diags, g->span) : NULL;
    if (!res)
        buf_text(why, diags.count ? diags.item[diags.count - 1].message : "there is no derivative");
    arena_done(&arena);
    return res;
}

void export_comment(Task *t, const Target *g, Buf *out) {
    const Callee *c = &g->callee;
    bool own = c->kind != CALLEE_BUILTIN && !c->formula;
    const Def *def = own ? defs_function(t->in->defs, defs_fn_base(t->in->defs, c->fn)) : NULL;
    bool itself = own && c->kind == CALLEE_FN && defs_fn_order(t->in->defs, c->fn) == 0;
    if (!itself) buf_text(out, g->name);
    if (def) buf_printf(out, "%s%s", itself ? "" : ", where ", def->text);
}

const char *export_name(Task *t, const Target *g) {
    Buf b;
    buf_init(&b);
    for (const char *at = g->name; *at; at++)
        if (*at == '\'')
            buf_text(&b, "_prime");
        else
            buf_char(&b, *at == '/' || *at == ' ' ? '_' : *at);
    const char *res = arena_copy_text(t->arena, buf_str(&b), b.len);
    buf_done(&b);
    return res;
}
