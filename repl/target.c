/* Reading the function and the point of a command. */
#include "repl/target.h"

#include <string.h>

static bool param_named(const Param *param, size_t count, Name name) {
    for (size_t i = 0; i < count; i++)
        if (param[i].name == name) return true;
    return false;
}

/* The names that a clause gives to coordinates become parameters. */
static bool params_of_clause(Task *t, const Ast *clause, Param *param, size_t *count) {
    for (size_t i = 0; clause && i < clause->count; i++) {
        const Ast *kid = clause->kids[i];
        if (kid->kind != AST_NAMED && kid->kind != AST_EQUATION) continue;
        Name name = kid->kind == AST_NAMED ? kid->name : kid->kids[0]->name;
        if (!name || param_named(param, *count, name)) continue;
        int rank = 0;
        Expr dim = 0;
        const Ast *value = kid->kids[kid->count - 1];
        if (value->kind == AST_VEC) {
            rank = 1;
            dim = expr_int(t->in->store, (long)value->count);
        }
        param[*count] = (Param){.name = name, .rank = rank, .dim = {dim, 0}};
        param[*count].symbol = expr_symbol(t->in->store, EXPR_SYM, name, rank, param[*count].dim);
        (*count)++;
    }
    return true;
}

static bool target_expression(Task *t, const Ast *item, const Ast *point, const Ast *box,
                              Target *out) {
    size_t most = (point ? point->count : 0) + (box ? box->count : 0);
    Param *param = arena_array(t->arena, most + 1, sizeof *param);
    size_t count = 0;
    params_of_clause(t, point, param, &count);
    params_of_clause(t, box, param, &count);
    Lower l;
    evaluate_init(t, &l);
    if (count == 0 && !lower_expression(&l, item)) { /* an unknown name is told as such */
        evaluate_done(&l);
        return false;
    }
    if (count == 0) {
        diag_error(t->diags, item->span, "for example f(x) = x^2, then: min f from 3",
                   "expected a function here; give it a name first, or say from x=...");
        evaluate_done(&l);
        return false;
    }
    l.param = param;
    l.param_count = count;
    out->body = lower_expression(&l, item);
    evaluate_done(&l);
    out->param = param;
    out->param_count = count;
    out->name = arena_copy_text(t->arena, t->source->text + item->span.start,
                                item->span.end - item->span.start);
    return out->body != 0;
}

static bool target_callee(Task *t, Lower *l, const Ast *tree, bool body, Target *out) {
    if (!lower_callee(l, tree, &out->callee)) return false;
    out->named = true;
    out->param = out->callee.param;
    out->param_count = out->callee.param_count;
    if (body) out->body = lower_callee_body(l, &out->callee, tree->span);
    Buf name;
    buf_init(&name);
    lower_callee_name(&name, t->in->defs, &out->callee);
    out->name = arena_copy_text(t->arena, buf_str(&name), name.len);
    buf_done(&name);
    return !body || out->body != 0;
}

bool target_read_call(Task *t, const Ast *call, Target *out) {
    memset(out, 0, sizeof *out);
    out->span = call->span;
    Lower l;
    evaluate_init(t, &l);
    bool res = target_callee(t, &l, call->kids[0], false, out);
    evaluate_done(&l);
    out->arg_count = call->count - 1;
    out->args = call->kids + 1;
    return res;
}

bool target_read(Task *t, const Ast *item, const Ast *point, const Ast *box, Target *out) {
    memset(out, 0, sizeof *out);
    out->span = item->span;
    Lower l;
    evaluate_init(t, &l);
    bool res;
    if (lower_is_callee(&l, item)) {
        res = target_callee(t, &l, item, true, out);
    } else if (item->kind == AST_CALL && lower_is_callee(&l, item->kids[0])) {
        res = target_callee(t, &l, item->kids[0], true, out);
        out->arg_count = item->count - 1;
        out->args = item->kids + 1;
    } else {
        res = target_expression(t, item, point, box, out);
    }
    evaluate_done(&l);
    return res;
}

bool target_is_plain_call(const Target *g) {
    if (g->arg_count != g->param_count) return false;
    for (size_t i = 0; i < g->arg_count; i++)
        if (g->args[i]->kind != AST_NAME || g->args[i]->name != g->param[i].name) return false;
    return true;
}
