/* Factors and terms that a part of the claim lacks.  Where the claim is a + b*part, the value that the
 * part ought to have follows from that of the derivative; its ratio to what the part is, and its
 * distance from it, are compared with fractions and with the parts of function, claim and
 * derivative.  See slip.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/slip_parts.h"
#include "expr/build.h"
#include "expr/print.h"

enum { PARTS = 400, MOST_PLACES = 120, SHORT_FRACTION = 60 };

typedef struct Parts {
    Expr part[PARTS];
    double value[PARTS][SLIP_POINTS];
    size_t count;
} Parts;

/* A place and what ought to be there. */
typedef struct Wanted {
    Ast *at;
    bool open;  /* a sum may stand there as it is */
    bool outer; /* the whole or a term of it */
    double value[SLIP_POINTS], ought[SLIP_POINTS];
} Wanted;

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

/* ---- what ought to be at a place ---- */

/* The claim with a number at the place. */
static bool with_number(SlipSearch *s, Ast *at, const char *number, double *out) {
    Ast kept = *at;
    *at = (Ast){.kind = AST_NUMBER, .span = kept.span, .text = number, .len = 1};
    Expr e = s->in->lower(s->in->context, s->tree);
    *at = kept;
    return e && slip_values(s, e, out);
}

/* False where the claim does not depend on the part as a straight line. */
static bool wanted_at(SlipSearch *s, Ast *at, Wanted *out) {
    double one[SLIP_POINTS], two[SLIP_POINTS];
    Expr e = at == s->tree ? s->in->yours : s->in->lower(s->in->context, at);
    out->at = at;
    if (!e || expr_rank(defs_store(s->in->defs), e) || !slip_values(s, e, out->value))
        return false;
    if (at == s->tree) {
        memcpy(out->ought, s->want, sizeof out->ought);
        return true;
    }
    if (!with_number(s, at, "1", one) || !with_number(s, at, "2", two))
        return false;
    for (size_t i = 0; i < SLIP_POINTS; i++) {
        double slope = two[i] - one[i], zero = one[i] - slope;
        if (slope == 0 || !slip_same(s->have[i] - zero, slope * out->value[i]))
            return false;
        out->ought[i] = (s->want[i] - zero) / slope;
    }
    return true;
}

/* The whole, its terms, then the parts within. */
static size_t collect_wanted(SlipSearch *s, Wanted *list) {
    size_t count = 0;
    for (size_t i = 0; i <= s->terms; i++) {
        Ast *at = i == 0 ? s->tree : s->term[i - 1].at;
        bool again = i > 0 && (at == s->tree || s->term[i - 1].agrees);
        list[count].open = i == 0;
        list[count].outer = true;
        if (!again && count < MOST_PLACES && wanted_at(s, at, &list[count]))
            count++;
    }
    for (size_t i = 0; i < s->places && count < MOST_PLACES; i++) {
        const SlipPlace *p = &s->place[i];
        bool seen = p->at == s->tree || slip_agrees_there(s, p->at);
        for (size_t k = 0; k < s->terms && !seen; k++)
            seen = s->term[k].at == p->at;
        list[count].outer = false;
        list[count].open = p->at->bracketed || (p->parent && p->parent->kind == AST_CALL);
        if (!seen && wanted_at(s, p->at, &list[count]))
            count++;
    }
    return count;
}

/* ---- repairs ---- */

static bool is_fraction(const double *v, long most, long *p, long *q) {
    return isfinite(v[0]) && slip_same(v[0], v[1]) && slip_same(v[0], v[2]) &&
           slip_fraction(v[0], 1e-9 * fabs(v[0]), p, q) && *p != 0 && labs(*p) <= most &&
           *q <= most;
}

/* "3", "1/2"; times a part unless it is NULL. */
static const char *scaled(SlipSearch *s, long p, long q, const char *part) {
    Arena *arena = s->in->arena;
    if (!part)
        return arena_printf(arena, q == 1 ? "%ld" : p < 0 ? "(%ld/%ld)" : "%ld/%ld", p, q);
    if (labs(p) == 1 && q == 1)
        return p < 0 ? arena_printf(arena, "-%s", part) : part;
    return q == 1 ? arena_printf(arena, "%ld*%s", p, part)
                  : arena_printf(arena, "%ld/%ld*%s", p, q, part);
}

static Ast *joined(SlipSearch *s, AstKind kind, Ast *a, const Ast *b) {
    Ast *res = arena_alloc(s->in->arena, sizeof *res);
    *res = (Ast){.kind = kind, .span = b->span, .count = 2};
    res->kids = arena_array(s->in->arena, 2, sizeof *res->kids);
    res->kids[0] = a;
    res->kids[1] = arena_alloc(s->in->arena, sizeof *b);
    *res->kids[1] = *b;
    return res;
}

/* factor*part in the place of the part. */
static bool try_factor(SlipSearch *s, const Wanted *w, const char *factor, const char *words) {
    Ast *f = s->in->parse(s->in->context, factor);
    const char *own = slip_slice(s, w->at);
    bool brackets = (slip_is_sum(w->at) || *own == '-') && !w->at->bracketed;
    SlipEdit edit = {SLIP_FACTOR, slip_span(s, w->at),
                     arena_printf(s->in->arena, brackets ? "%s*(%s)" : "%s*%s", factor, own),
                     words};
    return f && slip_try_as(s, w->at, *joined(s, AST_MUL, f, w->at), &edit);
}

/* Another number in the place of one. */
static bool try_literal(SlipSearch *s, const Wanted *w) {
    long p, q;
    if (w->at->kind != AST_NUMBER || !is_fraction(w->ought, 1000000, &p, &q))
        return false;
    const char *text = scaled(s, p, q, NULL);
    Ast *with = s->in->parse(s->in->context, text);
    SlipEdit edit = {SLIP_NUMBER, w->at->span, text,
                     arena_printf(s->in->arena, "a wrong number: %s for %s", slip_slice(s, w->at),
                                  text)};
    return with && slip_try_as(s, w->at, *with, &edit);
}

static bool try_number(SlipSearch *s, const Wanted *w) {
    double ratio[SLIP_POINTS];
    long p, q;
    for (size_t i = 0; i < SLIP_POINTS; i++)
        ratio[i] = w->ought[i] / w->value[i];
    if (!is_fraction(ratio, 1000000, &p, &q))
        return false;
    const char *factor = scaled(s, p, q, NULL);
    return try_factor(s, w, factor, arena_printf(s->in->arena, "the factor %s is lost", factor));
}

/* A part of the function or the derivative as factor; `over`: as divisor. */
static bool try_part(SlipSearch *s, const Wanted *w, const Parts *parts, bool over) {
    for (size_t k = 0; k < parts->count; k++) {
        double c[SLIP_POINTS];
        long p, q;
        for (size_t i = 0; i < SLIP_POINTS; i++) {
            double ratio = w->ought[i] / w->value[i], v = parts->value[k][i];
            c[i] = over ? ratio * v : ratio / v;
        }
        if (!is_fraction(c, SHORT_FRACTION, &p, &q))
            continue;
        const char *part = slip_print(s, parts->part[k], true);
        const char *factor = over ? arena_printf(s->in->arena, "%s/%s", scaled(s, p, q, NULL), part)
                                  : scaled(s, p, q, part);
        bool simple = !over || !strpbrk(part, "*/"); /* a/b*c would read as (a/b)*c */
        const char *words =
            over && p == 1 && q == 1 ? "a factor too many: %s" : "a factor is lost: %s";
        words = arena_printf(s->in->arena, words, over && p == 1 && q == 1 ? part : factor);
        if (simple && try_factor(s, w, factor, words))
            return true;
    }
    return false;
}

/* A part that is missing as a term. */
static bool try_missing(SlipSearch *s, const Wanted *w, const Parts *parts) {
    uint32_t end = w->at->span.end;
    static const double nothing[SLIP_POINTS];
    if (slip_all_same(w->ought, nothing)) /* it would be taken away again */
        return false;
    for (size_t k = 0; k < parts->count; k++) {
        double c[SLIP_POINTS];
        long p, q;
        for (size_t i = 0; i < SLIP_POINTS; i++)
            c[i] = (w->ought[i] - w->value[i]) / parts->value[k][i];
        if (!is_fraction(c, SHORT_FRACTION, &p, &q))
            continue;
        const char *more = scaled(s, labs(p), q, slip_print(s, parts->part[k], true));
        const char *text = arena_printf(s->in->arena, p < 0 ? " - %s" : " + %s", more);
        SlipEdit edit = {SLIP_MISSING, span_of(end, end), text,
                         arena_printf(s->in->arena, "a term is missing:%s", text)};
        Ast *b = s->in->parse(s->in->context, more);
        if (!b)
            continue;
        Ast *sum = joined(s, p < 0 ? AST_SUB : AST_ADD, w->at, b);
        Ast *own = arena_alloc(s->in->arena, sizeof *own);
        *own = *w->at;
        sum->kids[0] = own;
        if (slip_try_as(s, w->at, *sum, &edit))
            return true;
    }
    return false;
}

bool slip_try_factors(SlipSearch *s) {
    enum { LITERAL, NUMBER, OUTER, OPEN, INNER, OVER, WAYS };
    Parts *parts = arena_alloc(s->in->arena, sizeof *parts);
    Wanted *list = arena_array(s->in->arena, MOST_PLACES + 1, sizeof *list);
    collect_parts(s, parts);
    size_t count = collect_wanted(s, list);
    for (int way = LITERAL; way < WAYS; way++)
        for (size_t i = 0; i < count; i++) {
            const Wanted *w = &list[i];
            bool found = way == LITERAL  ? try_literal(s, w)
                         : way == NUMBER ? try_number(s, w)
                         : way == OPEN   ? w->open && try_missing(s, w, parts)
                         : way == OVER   ? try_part(s, w, parts, true)
                                       : w->outer == (way == OUTER) && try_part(s, w, parts, false);
            if (found)
                return true;
        }
    return false;
}
