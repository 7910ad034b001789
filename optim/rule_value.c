/* Numbers that may depend on t: values of a rule's options. */
#include <math.h>
#include <stdlib.h>

#include "optim/rule_internal.h"

static bool has_name(const Store *s, Expr e, Expr symbol) {
    size_t count;
    Expr *node = expr_reachable(s, 1, &e, &count);
    bool res = false;
    for (size_t i = 0; i < count; i++) res |= node[i] == symbol;
    free(node);
    return res;
}

static Program *compile(Defs *defs, const Param *t, Expr e, Diags *diags, Span span) {
    Arena arena;
    arena_init(&arena);
    Plan plan;
    plan_init(&plan, &arena, defs, 1, t);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), e);
    Program *res = program_compile(&plan, diags, span);
    arena_done(&arena);
    return res;
}

bool rule_value_read(RuleValue *v, const Ast *tree, Name t, Defs *defs, Diags *diags) {
    Store *s = defs_store(defs);
    Param p = {.name = t, .symbol = expr_symbol(s, EXPR_SYM, t, 0, NULL)};
    Lower l = {.defs = defs, .param_count = 1, .param = &p, .diags = diags};
    *v = (RuleValue){.defs = defs};
    Expr e = lower_expression(&l, tree);
    free(l.free_name);
    if (!e) return false;
    if (expr_rank(s, e) != 0) {
        diag_error(diags, tree->span, NULL,
                   "an option of a rule is a number, or an expression in t");
        return false;
    }
    if (expr_is_constant(s, e)) {
        v->number = expr_double_of(s, e);
        return true;
    }
    v->moves = has_name(s, e, p.symbol);
    Expr whole = defs_expand(defs, e, 4096);
    v->program = whole ? compile(defs, &p, whole, diags, tree->span) : NULL;
    if (!v->program) return false;
    if (v->moves) return true;
    v->number = rule_value_at(v, 1);
    program_free(v->program);
    v->program = NULL;
    return true;
}

void rule_value_done(RuleValue *v) {
    program_free(v->program);
    *v = (RuleValue){.number = NAN};
}

double rule_value_at(const RuleValue *v, double t) {
    if (!v->program) return v->number;
    RunStatus status = RUN_OK;
    Buf what;
    buf_init(&what);
    static const size_t dims[1][2] = {{0, 0}};
    Workspace *w = workspace_new(v->program, v->defs, dims, 0, NULL, &status, &what);
    double res = NAN, *slots[] = {&res};
    if (w && program_run(v->program, w, &t, slots) != RUN_OK) res = NAN;
    workspace_free(w);
    buf_done(&what);
    return res;
}
