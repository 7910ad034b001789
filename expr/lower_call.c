/* Calls: reductions, and functions of any kind with their arguments put in order. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/lower_internal.h"
#include "expr/print.h"

/* ---- reductions: sum(i=a..b, body) ---- */

bool lower_is_reduction(Lower *l, const Ast *call, ExprOp *op) {
    static const struct { const char *name; ExprOp op; } rows[] = {
        {"sum", EXPR_SUM}, {"prod", EXPR_PROD}, {"max", EXPR_MAX}, {"min", EXPR_MIN},
        {"argmax", EXPR_ARGMAX}, {"argmin", EXPR_ARGMIN}, {"vec", EXPR_VEC}};
    const Ast *callee = call->kids[0];
    if (callee->kind != AST_NAME)
        return false;
    const char *name = lower_text(l, callee->name);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(name, rows[i].name) == 0) {
            *op = rows[i].op;
            bool ranged = 2 <= call->count && call->kids[1]->kind == AST_NAMED &&
                          call->kids[1]->kids[0]->kind == AST_RANGE;
            return ranged || rows[i].op == EXPR_VEC;
        }
    return false;
}

Expr lower_reduction(Lower *l, const Ast *call, ExprOp op) {
    Store *s = lower_store(l);
    const char *name = lower_text(l, call->kids[0]->name);
    if (call->count != 3 || call->kids[1]->kind != AST_NAMED || call->kids[1]->kids[0]->kind != AST_RANGE) {
        char *hint = arena_printf(l->diags->arena, "for example %s(i=1..3, i^2)", name);
        diag_error(l->diags, call->span, hint, "%s takes a range and what to %s", name,
                   op == EXPR_VEC ? "put in the vector" : "combine");
        return 0;
    }
    const Ast *range = call->kids[1]->kids[0];
    Expr lo = lower_expression(l, range->kids[0]);
    Expr hi = lo ? lower_expression(l, range->kids[1]) : 0;
    if (!hi)
        return 0;
    if (0 < expr_rank(s, lo) || 0 < expr_rank(s, hi)) {
        diag_error(l->diags, range->span, NULL, "the ends of a range are numbers");
        return 0;
    }
    if (EXPR_MOST_INDICES <= l->open_loops) {
        diag_error(l->diags, call->span, NULL, "loops nest at most %d deep", EXPR_MOST_INDICES);
        return 0;
    }
    unsigned k = l->open_loops++;
    LowerScope bound = {call->kids[1]->name, expr_free(s, k), l->scope};
    l->scope = &bound;
    Expr body = lower_expression(l, call->kids[2]);
    l->scope = bound.outer;
    l->open_loops--;
    if (!body)
        return 0;
    if (op != EXPR_VEC && 0 < expr_rank(s, body)) {
        diag_error(l->diags, call->kids[2]->span, NULL, "%s combines numbers; this is a vector", name);
        return 0;
    }
    if (op == EXPR_VEC && 1 < expr_rank(s, body)) {
        diag_error(l->diags, call->span, NULL, "an array has at most two axes");
        return 0;
    }
    return expr_loop(s, op, k, lo, hi, body);
}

/* ---- arguments ---- */

static bool wrong_count(Lower *l, const Callee *c, const Ast *call, size_t count) {
    Buf name;
    buf_init(&name);
    lower_callee_name(&name, l->defs, c);
    diag_error(l->diags, call->span, NULL, "%s takes %zu %s, got %zu", buf_str(&name), c->param_count,
               c->param_count == 1 ? "argument" : "arguments", count);
    buf_done(&name);
    return false;
}

/* Named arguments into the order of the parameters. */
static bool place_named(Lower *l, const Callee *c, const Ast *call, size_t count, const Expr *args, Expr *out) {
    bool named = false;
    for (size_t i = 0; i < count; i++)
        named = named || call->kids[1 + i]->kind == AST_NAMED;
    if (!named) {
        memcpy(out, args, count * sizeof *out);
        return true;
    }
    if (c->param_count < count)
        return wrong_count(l, c, call, count);
    memset(out, 0, c->param_count * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        const Ast *kid = call->kids[1 + i];
        int k = kid->kind == AST_NAMED ? lower_param_index(c, kid->name) : (int)i;
        if (k < 0 || out[k]) {
            diag_error(l->diags, kid->span, NULL, k < 0 ? "there is no argument of that name"
                                                        : "this argument is given twice");
            return false;
        }
        out[k] = args[i];
    }
    for (size_t i = 0; i < c->param_count; i++)
        if (!out[i]) {
            diag_error(l->diags, call->span, NULL, "no value for %s", lower_text(l, c->param[i].name));
            return false;
        }
    return true;
}

static bool check_shapes(Lower *l, const Callee *c, const Ast *call, const Expr *args) {
    Store *s = lower_store(l);
    for (size_t i = 0; i < c->param_count; i++) {
        Span span = call->kids[i + 1 < call->count ? i + 1 : 0]->span;
        const char *name = lower_text(l, c->param[i].name);
        if (expr_rank(s, args[i]) != c->param[i].rank) {
            static const char *const words[] = {"a number", "a vector", "a matrix"};
            diag_error(l->diags, span, NULL, "%s is %s here, got %s", name, words[c->param[i].rank],
                       words[expr_rank(s, args[i]) < 3 ? expr_rank(s, args[i]) : 2]);
            return false;
        }
        long want, got;
        if (c->param[i].rank == 1 && c->kind != CALLEE_BUILTIN && expr_is_integer(s, c->param[i].dim[0], &want) &&
            expr_is_integer(s, expr_dim(s, args[i], 0), &got) && want != got) {
            diag_error(l->diags, span, NULL, "%s has %ld elements, the value given has %ld", name, want, got);
            return false;
        }
        for (int axis = 0; axis < c->param[i].rank; axis++)
            if (expr_rational(s, c->param[i].dim[axis]) && c->kind != CALLEE_BUILTIN &&
                !lower_same_length(l, c->param[i].symbol, args[i], axis, axis, span))
                return false;
    }
    for (size_t i = 0; i < c->param_count; i++) /* names of lengths that stand twice */
        for (size_t k = 0; k < i; k++)
            for (int a = 0; a < c->param[i].rank; a++)
                for (int b = 0; b < c->param[k].rank; b++)
                    if (c->param[i].dim[a] == c->param[k].dim[b] &&
                        !lower_same_length(l, args[k], args[i], b, a, call->span))
                        return false;
    return true;
}

typedef struct LiftCall {
    const Callee *callee;
    Span span;
} LiftCall;

static Expr apply_callee(Lower *l, const void *op, const Expr *args) {
    const LiftCall *call = op;
    return lower_callee_at(l, call->callee, args, call->span);
}

/* max(a, b, c, ...) and min: folded from the left. */
static Expr fold_variadic(Lower *l, const Callee *c, const Ast *call, size_t count, const Expr *args) {
    LiftCall lift = {c, call->span};
    Expr res = args[0];
    for (size_t i = 1; i < count && res; i++) {
        Expr pair[] = {res, args[i]};
        res = lower_lift(l, apply_callee, &lift, 2, pair, call->span);
    }
    return res;
}

Expr lower_apply(Lower *l, const Callee *c, const Ast *call, size_t count, const Expr *args) {
    Store *s = lower_store(l);
    if (c->kind == CALLEE_BUILTIN && !c->formula && function_at(c->builtin)->variadic && 2 < count)
        return fold_variadic(l, c, call, count, args);
    size_t room = count < c->param_count ? c->param_count : count;
    Expr *arg = mem_new(room, sizeof *arg), res = 0;
    long n;
    bool ok = place_named(l, c, call, count, args, arg);
    if (ok && count == 1 && expr_rank(s, arg[0]) == 1 && lower_all_numbers(c) && 1 < c->param_count &&
        expr_is_integer(s, expr_dim(s, arg[0], 0), &n) && (size_t)n == c->param_count) {
        Expr point = arg[0]; /* f(P) */
        for (size_t i = 0; i < c->param_count; i++)
            arg[i] = expr_fuse(s, point, expr_int(s, (long)i + 1));
    } else if (ok && c->param_count == 1 && c->param[0].rank == 1 && 0 < count && expr_rank(s, arg[0]) == 0) {
        arg[0] = lower_vector(l, count, arg, call); /* q(5, -5) */
        ok = arg[0] != 0;
    } else if (ok && count != c->param_count) {
        ok = wrong_count(l, c, call, count);
    }
    if (ok && c->param_count <= 8 && lower_all_numbers(c) && (c->kind == CALLEE_BUILTIN || c->param_count == 1) && !c->formula) {
        LiftCall lift = {c, call->span};
        res = lower_lift(l, apply_callee, &lift, c->param_count, arg, call->span);
    } else if (ok && check_shapes(l, c, call, arg)) {
        res = lower_callee_at(l, c, arg, call->span);
    }
    free(arg);
    return res;
}

Expr lower_call(Lower *l, const Ast *call, size_t count, const Expr *args) {
    const Ast *callee = call->kids[0];
    if (callee->kind == AST_NAME && !defs_function(l->defs, callee->name) && callee->name != l->defining) {
        const char *name = lower_text(l, callee->name);
        int which = lower_array_function(name);
        bool folds = which >= 0 && 0 <= function_find(name, strlen(name)); /* max(a,b) and max(v) */
        if (0 <= which && (!folds || (count == 1 && 0 < expr_rank(lower_store(l), args[0]))))
            return lower_array_call(l, which, call, count, args);
        if (strcmp(name, "if") == 0) {
            diag_error(l->diags, call->span, "if(condition, then, else)", "if takes 3 arguments, got %zu", count);
            return 0;
        }
        if (folds && count == 1)
            return args[0]; /* of one number */
    }
    Callee c;
    if (!lower_callee(l, callee, &c))
        return 0;
    return lower_apply(l, &c, call, count, args);
}

/* A function without brackets inside arithmetic: its value at the parameters of the same names. */
Expr lower_bare(Lower *l, const Ast *tree) {
    Callee c;
    if (!lower_callee(l, tree, &c))
        return 0;
    Expr *args = mem_new(c.param_count, sizeof *args), res = 0;
    bool ok = true;
    for (size_t i = 0; i < c.param_count && ok; i++) {
        args[i] = c.formula && !lower_lookup(l, c.param[i].name) ? c.param[i].symbol : lower_lookup(l, c.param[i].name);
        if (!args[i]) {
            Buf name;
            buf_init(&name);
            lower_callee_name(&name, l->defs, &c);
            char *hint = arena_printf(l->diags->arena, "give it an argument: %s(...)", buf_str(&name));
            diag_error(l->diags, tree->span, hint, "%s needs a value for %s here", buf_str(&name),
                       lower_text(l, c.param[i].name));
            buf_done(&name);
            ok = false;
        }
    }
    Ast *self[] = {(Ast *)(uintptr_t)tree};
    Ast call = {.kind = AST_CALL, .span = tree->span, .count = 1, .kids = self};
    if (ok && check_shapes(l, &c, &call, args))
        res = lower_callee_at(l, &c, args, tree->span);
    free(args);
    return res;
}

