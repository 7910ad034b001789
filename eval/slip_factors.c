/* Factors and terms that the claim lacks: the factor that each term would need is compared with
 * fractions and with the parts of function and derivative.  See slip.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "eval/slip_parts.h"
#include "expr/build.h"
#include "expr/print.h"

enum { LARGEST = 120, PARTS = 400 };

/* The fraction with the smallest denominator within `room` of v; false if it is not short. */
static bool fraction_of(double v, double room, long *p, long *q) {
    for (*q = 1; *q <= LARGEST; ++*q) {
        double n = round(v * (double)*q);
        if (1e6 < fabs(n))
            return false;
        *p = (long)n;
        if (fabs(v - n / (double)*q) <= room)
            return true;
    }
    return false;
}

bool slip_try_decimal(SlipSearch *s, Ast *at, SlipTryAs try_as) {
    const char *dot = strchr(at->text, '.');
    long p, q;
    size_t places = dot ? strspn(dot + 1, "0123456789") : 0;
    double v = atof(at->text);
    if (places < 2 || !fraction_of(v, pow(10, -(double)places), &p, &q) || q < 2)
        return false;
    Arena *arena = s->in->arena;
    Ast *top = arena_alloc(arena, sizeof *top), *under = arena_alloc(arena, sizeof *under);
    *top = *under = *at;
    top->text = arena_printf(arena, "%ld", p);
    under->text = arena_printf(arena, "%ld", q);
    top->len = (uint32_t)strlen(top->text);
    under->len = (uint32_t)strlen(under->text);
    Ast with = {.kind = AST_DIV, .span = at->span, .count = 2};
    with.kids = arena_array(arena, 2, sizeof *with.kids);
    with.kids[0] = top;
    with.kids[1] = under;
    const char *text = arena_printf(arena, "%ld/%ld", p, q);
    if (!try_as(s, at, with, at->span, text))
        return false;
    s->out->rounding = true;
    return true;
}

static const char *printed(SlipSearch *s, Expr e, bool factor) {
    Buf b;
    buf_init(&b);
    expr_print(&b, s->in->defs, e, NULL);
    ExprOp op = expr_op(defs_store(s->in->defs), e);
    bool brackets = factor && (op == EXPR_ADD || op == EXPR_SUB || op == EXPR_NEG || op == EXPR_IF);
    const char *res = arena_printf(s->in->arena, brackets ? "(%s)" : "%s", buf_str(&b));
    buf_done(&b);
    return res;
}

static const char *times(SlipSearch *s, const char *factor, const Ast *at) {
    const char *own = slip_slice(s, at);
    bool brackets = (at->kind == AST_ADD || at->kind == AST_SUB || at->kind == AST_NEG) && !at->bracketed;
    return arena_printf(s->in->arena, brackets ? "%s*(%s)" : "%s*%s", factor, own);
}

static Expr constant(Store *store, long p, long q) {
    return build_div(store, expr_int(store, p), expr_int(store, q));
}

typedef struct Parts {
    Expr part[PARTS];
    double value[PARTS][SLIP_POINTS];
    size_t count;
} Parts;

/* Numbers within the function, the derivative and the claim that stand on their own. */
static void collect_parts(SlipSearch *s, Parts *parts) {
    Store *store = defs_store(s->in->defs);
    Expr root[3] = {s->in->derivative, s->in->yours, s->in->function};
    size_t count, whole = expr_tree_size(store, s->in->derivative, 1000);
    Expr *list = expr_reachable(store, s->in->function ? 3 : 2, root, &count);
    for (size_t i = 0; i < count && parts->count < PARTS; i++) {
        Expr e = list[i];
        if (expr_rank(store, e) || expr_mask(store, e) || expr_is_constant(store, e) ||
            expr_op(store, e) == EXPR_REL || e == s->in->derivative)
            continue;
        size_t size = expr_tree_size(store, e, 1000);
        if (6 < size && whole < 2 * size) /* most of the answer itself is no repair of a slip */
            continue;
        parts->part[parts->count] = e;
        if (slip_values(s, e, parts->value[parts->count]))
            parts->count++;
    }
    free(list);
}

/* The term (or all) multiplied: yours + sign*(factor - 1)*term. */
static bool try_factor(SlipSearch *s, const SlipTerm *t, Expr term, Expr factor, const char *text) {
    Store *store = defs_store(s->in->defs);
    Expr more = build_mul(store, build_sub(store, factor, expr_int(store, 1)), term);
    Expr candidate = t->sign < 0 ? build_sub(store, s->in->yours, more) : build_add(store, s->in->yours, more);
    return slip_try(s, candidate, t->at->span, text);
}

static bool try_term(SlipSearch *s, const SlipTerm *t, const Parts *parts) {
    Store *store = defs_store(s->in->defs);
    Expr term = s->in->lower(s->in->context, t->at);
    double value[SLIP_POINTS], ratio[SLIP_POINTS];
    if (!term || !slip_values(s, term, value))
        return false;
    for (size_t i = 0; i < SLIP_POINTS; i++) {
        if (value[i] == 0)
            return false;
        ratio[i] = 1 + t->sign * (s->want[i] - s->have[i]) / value[i];
    }
    long p, q;
    bool same = slip_same(ratio[0], ratio[1]) && slip_same(ratio[0], ratio[2]);
    if (same && fraction_of(ratio[0], 1e-9 * fabs(ratio[0]), &p, &q) && p != 0) {
        const char *factor = arena_printf(s->in->arena, q == 1 ? "%ld" : p < 0 ? "(%ld/%ld)" : "%ld/%ld", p, q);
        return try_factor(s, t, term, constant(store, p, q), times(s, factor, t->at));
    }
    for (size_t k = 0; k < parts->count; k++) {
        double c[SLIP_POINTS], d[SLIP_POINTS];
        for (size_t i = 0; i < SLIP_POINTS; i++) {
            c[i] = ratio[i] / parts->value[k][i];
            d[i] = ratio[i] * parts->value[k][i];
        }
        bool over = slip_same(d[0], d[1]) && slip_same(d[0], d[2]);
        bool by = slip_same(c[0], c[1]) && slip_same(c[0], c[2]);
        double scale = by ? c[0] : d[0];
        if ((!by && !over) || !fraction_of(scale, 1e-9 * fabs(scale), &p, &q) || p == 0)
            continue;
        const char *text = printed(s, parts->part[k], true);
        Expr e = build_mul(store, constant(store, p, q), parts->part[k]);
        if (over) {
            e = build_div(store, constant(store, p, q), parts->part[k]);
            text = q == 1 ? arena_printf(s->in->arena, "%ld/%s", p, text)
                          : arena_printf(s->in->arena, "%ld/%ld/%s", p, q, text);
        } else if (p != 1 || q != 1) {
            text = q == 1 ? arena_printf(s->in->arena, "%ld*%s", p, text)
                          : arena_printf(s->in->arena, "%ld/%ld*%s", p, q, text);
        }
        if (try_factor(s, t, term, e, times(s, text, t->at)))
            return true;
    }
    return false;
}

/* A part of the derivative that is missing altogether. */
static bool try_missing(SlipSearch *s, const Parts *parts) {
    Store *store = defs_store(s->in->defs);
    uint32_t end = s->in->tree->span.end + (s->in->tree->bracketed ? 1 : 0);
    for (size_t k = 0; k < parts->count; k++) {
        double c[SLIP_POINTS];
        for (size_t i = 0; i < SLIP_POINTS; i++)
            c[i] = (s->want[i] - s->have[i]) / parts->value[k][i];
        long p, q;
        if (!slip_same(c[0], c[1]) || !slip_same(c[0], c[2]) || !fraction_of(c[0], 1e-9 * fabs(c[0]), &p, &q) ||
            p == 0)
            continue;
        const char *part = printed(s, parts->part[k], true), *sign = p < 0 ? "-" : "+";
        const char *text = labs(p) == 1 && q == 1 ? arena_printf(s->in->arena, " %s %s", sign, part)
                           : q == 1 ? arena_printf(s->in->arena, " %s %ld*%s", sign, labs(p), part)
                                    : arena_printf(s->in->arena, " %s %ld/%ld*%s", sign, labs(p), q, part);
        Expr more = build_mul(store, constant(store, p, q), parts->part[k]);
        if (slip_try(s, build_add(store, s->in->yours, more), span_of(end, end), text))
            return true;
    }
    return false;
}

bool slip_try_factors(SlipSearch *s) {
    Parts *parts = arena_alloc(s->in->arena, sizeof *parts);
    collect_parts(s, parts);
    SlipTerm whole = {s->tree, 1};
    bool res = 1 < s->terms && try_term(s, &whole, parts);
    for (size_t i = 0; i < s->terms && !res; i++)
        res = try_term(s, &s->term[i], parts);
    return res || try_missing(s, parts);
}
