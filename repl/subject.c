/* From the tree of a derivative to the function that is derived; see subject.h. */
#include "repl/subject.h"

#include <string.h>

#include "expr/derive.h"

bool subject_refuse(Task *t, const Ast *item) {
    diag_error(t->diags, item ? item->span : t->tree->span, "explain df/dx, explain f', explain grad f, explain diff(x^2*y, x)",
               "explain takes a derivative");
    return false;
}

/* The parameters and the free letters, which are parameters too. */
static void keep_params(Task *t, Subject *u, const Param *param, size_t count, const Lower *l) {
    Param *all = arena_array(t->arena, count + l->free_count + 1, sizeof *all);
    if (count > 0) memcpy(all, param, count * sizeof *all);
    for (size_t i = 0; i < l->free_count; i++)
        all[count++] = (Param){.name = l->free_name[i],
                               .symbol = expr_symbol(t->in->store, EXPR_SYM, l->free_name[i], 0, NULL)};
    u->param = all;
    u->param_count = count;
}

/* diff(E, x, ..): E by all but the last name, then by the last. */
static bool read_diff(Task *t, const Ast *item, Lower *l, Subject *u) {
    Callee *c = &u->callee;
    Store *s = t->in->store;
    Name last = item->kids[item->count - 1]->name;
    l->param = c->own;
    l->param_count = c->param_count;
    Expr e = lower_expression(l, item->kids[0]);
    for (size_t i = 1; i + 1 < item->count && e; i++)
        e = derive_by(t->in->defs, e, expr_symbol(s, EXPR_SYM, item->kids[i]->name, 0, NULL), t->diags, item->span);
    keep_params(t, u, c->own, c->param_count, l);
    for (size_t i = 0; i < c->param_count; i++)
        if (c->own[i].name == last) u->first = i;
    u->count = 1;
    u->body = e;
    return e != 0;
}

/* sin', sin'' */
static bool read_builtin(Task *t, const Ast *item, Subject *u) {
    Callee *c = &u->callee;
    if (c->primes == 0) return subject_refuse(t, item);
    c->primes--;
    Lower l;
    evaluate_init(t, &l);
    u->body = lower_callee_formula(&l, c, item->span);
    evaluate_done(&l);
    c->primes++;
    u->param = c->param;
    u->param_count = u->count = 1;
    return u->body != 0;
}

static bool read_function(Task *t, const Ast *item, Subject *u) {
    const Callee *c = &u->callee;
    Defs *d = t->in->defs;
    u->param = c->param;
    u->param_count = c->param_count;
    FnId of = c->fn;
    if (c->kind == CALLEE_GRAD) {
        u->count = c->param_count;
    } else {
        uint32_t by[32];
        size_t order = defs_fn_order(d, c->fn);
        if (c->kind != CALLEE_FN || order == 0 || order > 32) return subject_refuse(t, item);
        for (size_t i = 0; i < order; i++) by[i] = defs_fn_by(d, c->fn, i);
        u->first = by[order - 1];
        u->count = 1;
        of = defs_fn(d, defs_fn_base(d, c->fn), order - 1, by);
    }
    if (defs_fn_rank(d, of) > 0) {
        diag_error(t->diags, item->span, "give one component a name of its own: h(x) = f(x)[1]",
                   "explain takes functions whose value is a number");
        return false;
    }
    u->body = defs_fn_body(d, of, t->diags, item->span);
    return u->body != 0;
}

bool subject_read(Task *t, const Ast *item, Subject *u, Expr *formula) {
    Lower l;
    *u = (Subject){.first = 0};
    evaluate_init(t, &l);
    l.free_letters = true;
    bool res = lower_is_callee(&l, item) ? lower_callee(&l, item, &u->callee) : subject_refuse(t, item);
    if (res) u->callee.param = u->callee.kind == CALLEE_BUILTIN ? u->callee.own : u->callee.param;
    bool diff = res && u->callee.kind == CALLEE_BUILTIN && u->callee.formula;
    if (diff) res = item->kind == AST_DIFF ? read_diff(t, item, &l, u) : subject_refuse(t, item);
    *formula = res ? lower_callee_formula(&l, &u->callee, item->span) : 0;
    evaluate_done(&l);
    if (!res || !*formula) return false;
    if (diff) return true;
    return u->callee.kind == CALLEE_BUILTIN ? read_builtin(t, item, u) : read_function(t, item, u);
}
