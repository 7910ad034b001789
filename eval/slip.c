/* Single edits of the user's tree, looked at in doubles and confirmed by the caller; see slip.h. */
#include "eval/slip.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/slip_parts.h"
#include "expr/functions.h"

/* ---- values at the points ---- */

bool slip_values(const SlipSearch *s, Expr e, double *out) {
    const SlipInput *in = s->in;
    BallCode *c = e ? ball_code_new(in->defs, in->param_count, in->param, in->dims, 1, &e, NULL) : NULL;
    if (!c)
        return false;
    BallRun *r = ball_run_new(c, &number_double, NULL);
    bool res = true;
    for (size_t i = 0; i < SLIP_POINTS && res; i++) {
        double none;
        ball_run_set(r, (const mpq_t *)s->x[i]);
        res = ball_run_root(r, 0);
        if (res)
            ball_run_get(r, 0, &out[i], &none);
    }
    ball_run_free(r);
    ball_code_free(c);
    return res;
}

bool slip_same(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

bool slip_try(SlipSearch *s, Expr candidate, Span place, const char *text) {
    double value[SLIP_POINTS];
    if (!candidate || candidate == s->in->yours || !slip_values(s, candidate, value))
        return false;
    for (size_t i = 0; i < SLIP_POINTS; i++)
        if (!slip_same(value[i], s->want[i]))
            return false;
    bool proved = false;
    if (!s->in->is_right(s->in->context, candidate, &proved))
        return false;
    s->out->place = place;
    s->out->text = text;
    s->out->proved = proved;
    return true;
}

const char *slip_slice(const SlipSearch *s, const Ast *a) {
    const char *text = arena_copy_text(s->in->arena, s->in->source + a->span.start, a->span.end - a->span.start);
    return a->bracketed ? arena_printf(s->in->arena, "(%s)", text) : text;
}

/* ---- edits in place ---- */

/* The tree with *at replaced for the moment. */
static bool try_as(SlipSearch *s, Ast *at, Ast with, Span place, const char *text) {
    Ast kept = *at;
    *at = with;
    Expr e = s->in->lower(s->in->context, s->tree);
    *at = kept;
    return slip_try(s, e, place, text);
}

static Ast number_ast(SlipSearch *s, const Ast *like, const char *text) {
    Ast res = *like;
    res.kind = AST_NUMBER;
    res.text = text;
    res.len = (uint32_t)strlen(text);
    res.count = 0;
    (void)s;
    return res;
}

/* As text inside its surroundings: an exponent is shown with its base. */
static bool try_leaf(SlipSearch *s, Ast *at, const Ast *parent, Ast with, const char *text) {
    Span place = at->span;
    if (parent && parent->kind == AST_POW && parent->kids[1] == at) {
        const char *before = arena_copy_text(s->in->arena, s->in->source + parent->span.start,
                                             at->span.start - parent->span.start);
        text = arena_printf(s->in->arena, "%s%s", before, text);
        place = parent->span;
        if (strcmp(with.text ? with.text : "", "1") == 0 && with.kind == AST_NUMBER)
            text = slip_slice(s, parent->kids[0]);
    }
    return try_as(s, at, with, place, text);
}

static bool try_number(SlipSearch *s, Ast *at, const Ast *parent) {
    char *end;
    long v = strtol(at->text, &end, 10);
    if (*end)
        return slip_try_decimal(s, at, try_as);
    const long other[] = {v + 1, v - 1, 2 * v, v % 2 ? -1 : v / 2, v * v, 3 * v, v % 3 ? -1 : v / 3};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        if (other[i] < 0 || other[i] == v)
            continue;
        const char *text = arena_printf(s->in->arena, "%ld", other[i]);
        if (try_leaf(s, at, parent, number_ast(s, at, text), text))
            return true;
    }
    return false;
}

static bool try_name(SlipSearch *s, Ast *at, const Ast *parent) {
    for (size_t i = 0; i < s->in->param_count; i++) {
        Ast with = *at;
        with.name = s->in->param[i].name;
        if (with.name != at->name && s->in->param[i].rank == 0 &&
            try_leaf(s, at, parent, with, names_text(store_names(defs_store(s->in->defs)), with.name)))
            return true;
    }
    return false;
}

/* Those that people mix up first; all of them only when nothing else helps. */
static bool try_function(SlipSearch *s, Ast *at, bool all) {
    enum { LIKELY = 4 };
    static const char *const others[] = {"sin", "cos", "sinh", "cosh", "tan", "tanh", "exp", "log", "sqrt", "asin",
                                         "acos", "atan", "sec", "csc", "cot", "log2", "log10", "abs", "erf"};
    Ast *callee = at->kids[0];
    Names *names = store_names(defs_store(s->in->defs));
    if (callee->kind != AST_NAME || at->count != 2 ||
        function_find(names_text(names, callee->name), names_length(names, callee->name)) < 0)
        return false;
    for (size_t i = 0; i < (all ? sizeof others / sizeof *others : LIKELY); i++) {
        Ast with = *callee;
        with.name = names_intern_str(names, others[i]);
        if (with.name != callee->name && try_as(s, callee, with, callee->span, others[i]))
            return true;
    }
    return false;
}

/* Where the operator stands between its operands; empty if it is not written. */
static Span operator_place(const SlipSearch *s, const Ast *at, char sign) {
    for (uint32_t i = at->kids[0]->span.end; i < at->kids[1]->span.start; i++)
        if (s->in->source[i] == sign)
            return span_of(i, i + 1);
    return span_of(0, 0);
}

static bool try_operator(SlipSearch *s, Ast *at) {
    static const struct { AstKind from, to; char sign; const char *text; } swaps[] = {
        {AST_ADD, AST_SUB, '+', "-"}, {AST_SUB, AST_ADD, '-', "+"}, {AST_MUL, AST_DIV, '*', "/"},
        {AST_DIV, AST_MUL, '/', "*"}, {AST_MUL, AST_ADD, '*', "+"}, {AST_ADD, AST_MUL, '+', "*"},
    };
    for (size_t i = 0; i < sizeof swaps / sizeof *swaps; i++) {
        Ast with = *at;
        with.kind = swaps[i].to;
        Span place = operator_place(s, at, swaps[i].sign);
        if (at->kind == swaps[i].from && place.start < place.end && try_as(s, at, with, place, swaps[i].text))
            return true;
    }
    if (at->kind != AST_SUB && at->kind != AST_DIV)
        return false;
    Ast with = *at;
    Ast *kids[2] = {at->kids[1], at->kids[0]};
    with.kids = kids;
    const char *text = arena_printf(s->in->arena, at->kind == AST_SUB ? "%s - %s" : "%s/%s",
                                    slip_slice(s, kids[0]), slip_slice(s, kids[1]));
    return try_as(s, at, with, at->span, text);
}

static Ast *wrapped(SlipSearch *s, AstKind kind, Ast *a, Ast *b) {
    Ast *res = arena_alloc(s->in->arena, sizeof *res);
    *res = (Ast){.kind = kind, .span = a->span, .count = b ? 2 : 1};
    res->kids = arena_array(s->in->arena, 2, sizeof *res->kids);
    res->kids[0] = a;
    res->kids[1] = b;
    return res;
}

static Ast *copied(SlipSearch *s, const Ast *a) {
    Ast *res = arena_alloc(s->in->arena, sizeof *res);
    *res = *a;
    return res;
}

static bool is_sum(const Ast *a) {
    return a->kind == AST_ADD || a->kind == AST_SUB;
}

static bool try_sign(SlipSearch *s, Ast *at) {
    if (at->kind == AST_NEG)
        return try_as(s, at, *at->kids[0], at->span, slip_slice(s, at->kids[0]));
    const char *text = slip_slice(s, at);
    bool brackets = is_sum(at) && !at->bracketed;
    text = arena_printf(s->in->arena, brackets ? "-(%s)" : "-%s", text);
    return try_as(s, at, *wrapped(s, AST_NEG, copied(s, at), NULL), at->span, text);
}

static bool try_square(SlipSearch *s, Ast *at) {
    if (at->kind != AST_NAME && at->kind != AST_CALL && !at->bracketed)
        return false;
    Ast *two = copied(s, at);
    *two = number_ast(s, at, "2");
    const char *text = arena_printf(s->in->arena, "%s^2", slip_slice(s, at));
    return try_as(s, at, *wrapped(s, AST_POW, copied(s, at), two), at->span, text);
}

static bool try_node(SlipSearch *s, const SlipPlace *p, int round) {
    Ast *at = p->at;
    if (round == 1)
        return try_sign(s, at);
    if (round == 2)
        return try_square(s, at) || (at->kind == AST_CALL && try_function(s, at, true));
    switch (at->kind) {
    case AST_NUMBER: return try_number(s, at, p->parent);
    case AST_NAME: return try_name(s, at, p->parent);
    case AST_CALL: return try_function(s, at, false);
    case AST_ADD: case AST_SUB: case AST_MUL: case AST_DIV: return try_operator(s, at);
    default: return false;
    }
}

/* ---- the whole search ---- */

static void copy_tree(SlipSearch *s) {
    size_t cap = 0;
    s->tree = copied(s, s->in->tree);
    s->place = mem_grow(NULL, &cap, 1, sizeof *s->place);
    s->place[s->places++] = (SlipPlace){s->tree, NULL};
    for (size_t i = 0; i < s->places && s->places < SLIP_PLACES; i++) {
        Ast *at = s->place[i].at;
        Ast **kids = arena_array(s->in->arena, at->count + 1, sizeof *kids);
        for (size_t k = 0; k < at->count; k++)
            kids[k] = copied(s, at->kids[k]);
        at->kids = kids;
        if (at->kind == AST_DERIV || at->kind == AST_NAMED)
            continue;
        for (size_t k = at->kind == AST_CALL ? 1 : 0; k < at->count; k++) {
            s->place = mem_grow(s->place, &cap, s->places + 1, sizeof *s->place);
            s->place[s->places++] = (SlipPlace){kids[k], at};
        }
    }
}

static void name_term(SlipSearch *s) {
    s->out->terms = s->terms;
    for (size_t i = 0; i < s->terms; i++)
        if (s->term[i].at->span.start <= s->out->place.start && s->out->place.end <= s->term[i].at->span.end) {
            s->out->term = i + 1;
            s->out->term_span = s->term[i].at->span;
        }
}

static void collect_terms(SlipSearch *s) {
    struct { Ast *at; int sign; } stack[SLIP_TERMS];
    size_t depth = 0;
    stack[depth].at = s->tree;
    stack[depth++].sign = 1;
    while (depth && s->terms < SLIP_TERMS) {
        Ast *at = stack[--depth].at;
        int sign = stack[depth].sign;
        if (is_sum(at) && depth + 2 < SLIP_TERMS) {
            stack[depth].at = at->kids[1];
            stack[depth++].sign = at->kind == AST_SUB ? -sign : sign;
            stack[depth].at = at->kids[0];
            stack[depth++].sign = sign;
        } else {
            s->term[s->terms].at = at;
            s->term[s->terms++].sign = sign;
        }
    }
}

bool slip_find(const SlipInput *in, Slip *out) {
    SlipSearch s = {.in = in, .out = out};
    *out = (Slip){.text = NULL};
    size_t n = 0;
    for (size_t i = 0; i < in->param_count; i++)
        n += (in->param[i].rank > 0 ? in->dims[i][0] : 1) * (in->param[i].rank > 1 ? in->dims[i][1] : 1);
    for (size_t i = 0; i < SLIP_POINTS; i++) {
        s.x[i] = mem_new(n + 1, sizeof *s.x[i]);
        for (size_t k = 0; k < n; k++) {
            mpq_init(s.x[i][k]);
            ball_rational_of(defs_store(in->defs), in->point[i][k], s.x[i][k]);
        }
    }
    copy_tree(&s);
    collect_terms(&s);
    bool res = false;
    if (slip_values(&s, in->derivative, s.want) && slip_values(&s, in->yours, s.have)) {
        for (int round = 0; round < 3 && !res; round++)
            for (size_t i = 0; i < s.places && !res; i++)
                res = try_node(&s, &s.place[i], round);
        res = res || slip_try_factors(&s);
    }
    if (res)
        name_term(&s);
    for (size_t i = 0; i < SLIP_POINTS; i++) {
        for (size_t k = 0; k < n; k++)
            mpq_clear(s.x[i][k]);
        free(s.x[i]);
    }
    free(s.place);
    return res;
}
