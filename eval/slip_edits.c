/* Edits of one place of the claim: numbers, names, functions, operators, signs, squares, parts to
 * leave out.  Each is looked at in doubles and confirmed by the caller; see slip.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/slip_parts.h"
#include "expr/functions.h"

enum { ROUNDS = 4, LARGEST_NUMBER = 2000000000 };

static Ast number_ast(const Ast *like, const char *text) {
    Ast res = *like;
    res.kind = AST_NUMBER;
    res.text = text;
    res.len = (uint32_t)strlen(text);
    res.count = 0;
    return res;
}

static bool is_exponent(const Ast *at, const Ast *parent) {
    return parent && parent->kind == AST_POW && parent->kids[1] == at;
}

/* A leaf as text inside its surroundings: an exponent is shown with its base. */
static bool try_leaf(SlipSearch *s, Ast *at, const Ast *parent, Ast with, const char *text,
                     SlipEdit edit) {
    edit.place = at->span;
    edit.text = text;
    if (is_exponent(at, parent)) {
        const char *before = arena_copy_text(s->in->arena, s->in->source + parent->span.start,
                                             at->span.start - parent->span.start);
        edit.text = arena_printf(s->in->arena, "%s%s", before, text);
        edit.place = parent->span;
        if (strcmp(with.text ? with.text : "", "1") == 0 && with.kind == AST_NUMBER)
            edit.text = slip_slice(s, parent->kids[0]);
    }
    return slip_try_as(s, at, with, &edit);
}

static bool try_number(SlipSearch *s, Ast *at, const Ast *parent) {
    char *end;
    long v = strtol(at->text, &end, 10);
    if (*end)
        return slip_try_decimal(s, at);
    if (LARGEST_NUMBER < v) /* its square would not fit */
        return false;
    const long other[] = {v + 1, v - 1, 2 * v, v % 2 ? -1 : v / 2, v * v, 3 * v, v % 3 ? -1 : v / 3,
                          v + 2, v - 2};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        if (other[i] < 0 || other[i] == v)
            continue;
        bool one = labs(other[i] - v) == 1;
        const char *text = arena_printf(s->in->arena, "%ld", other[i]);
        SlipEdit edit = {.kind = SLIP_NUMBER,
                         .words = arena_printf(s->in->arena, "a wrong number: %ld for %ld", v,
                                               other[i])};
        if (is_exponent(at, parent))
            edit =
                (SlipEdit){.kind = SLIP_POWER,
                           .words = one ? "the exponent is off by one" : "the exponent is wrong"};
        if (try_leaf(s, at, parent, number_ast(at, text), text, edit))
            return true;
    }
    return false;
}

static bool try_name(SlipSearch *s, Ast *at, const Ast *parent) {
    const Names *names = store_names(defs_store(s->in->defs));
    for (size_t i = 0; i < s->in->param_count; i++) {
        Ast with = *at;
        with.name = s->in->param[i].name;
        const char *text = names_text(names, with.name);
        SlipEdit edit = {.kind = SLIP_NAME,
                         .words = arena_printf(s->in->arena, "a wrong name: %s for %s",
                                               names_text(names, at->name), text)};
        if (with.name != at->name && s->in->param[i].rank == 0 &&
            try_leaf(s, at, parent, with, text, edit))
            return true;
    }
    return false;
}

static bool is_pair(const char *a, const char *b, const char *p, const char *q) {
    return (strcmp(a, p) == 0 && strcmp(b, q) == 0) || (strcmp(a, q) == 0 && strcmp(b, p) == 0);
}

/* Those that people mix up first; all of them only when nothing else helps. */
static bool try_function(SlipSearch *s, Ast *at, bool all) {
    enum { LIKELY = 4 };
    static const char *const others[] = {"sin", "cos", "sinh", "cosh", "tan",   "tanh",
                                         "exp", "log", "sqrt", "asin", "acos",  "atan",
                                         "sec", "csc", "cot",  "log2", "log10", "erf"};
    Ast *callee = at->kids[0];
    Names *names = store_names(defs_store(s->in->defs));
    if (callee->kind != AST_NAME || at->count != 2 ||
        function_find(names_text(names, callee->name), names_length(names, callee->name)) < 0)
        return false;
    const char *own = names_text(names, callee->name);
    for (size_t i = 0; i < (all ? sizeof others / sizeof *others : LIKELY); i++) {
        Ast with = *callee;
        with.name = names_intern_str(names, others[i]);
        const char *words =
            is_pair(own, others[i], "sin", "cos") ? "sin and cos are mixed up"
            : is_pair(own, others[i], "sinh", "cosh")
                ? "sinh and cosh are mixed up"
                : arena_printf(s->in->arena, "a wrong function: %s for %s", own, others[i]);
        SlipEdit edit = {SLIP_FUNCTION, callee->span, others[i], words};
        if (with.name != callee->name && slip_try_as(s, callee, with, &edit))
            return true;
    }
    return false;
}

/* Where the operator stands between its operands, in one of its forms (a list with spaces); empty if it is
 * not written. */
static Span operator_place(const SlipSearch *s, const Ast *at, const char *forms) {
    for (uint32_t i = at->kids[0]->span.end; i < at->kids[1]->span.start; i++)
        for (const char *f = forms; *f; f += strcspn(f, " "), f += strspn(f, " ")) {
            size_t len = strcspn(f, " ");
            if (strncmp(s->in->source + i, f, len) == 0)
                return span_of(i, i + (uint32_t)len);
        }
    return span_of(0, 0);
}

static bool try_operator(SlipSearch *s, Ast *at, const Ast *parent) {
    static const struct {
        AstKind from, to;
        const char *sign, *text;
    } swaps[] = {
        {AST_ADD, AST_SUB, "+", "-"},
        {AST_SUB, AST_ADD, "- \u2212", "+"},
        {AST_MUL, AST_DIV, "* \u00d7 \u00b7", "/"},
        {AST_DIV, AST_MUL, "/ \u00f7", "*"},
        {AST_MUL, AST_ADD, "* \u00d7 \u00b7", "+"},
        {AST_ADD, AST_MUL, "+", "*"},
    };
    for (size_t i = 0; i < sizeof swaps / sizeof *swaps; i++) {
        Ast with = *at;
        with.kind = swaps[i].to;
        SlipEdit edit = {SLIP_SIGN, operator_place(s, at, swaps[i].sign), swaps[i].text,
                         "a sign is wrong"};
        if (1 < i) {
            edit.kind = SLIP_OPERATION;
            edit.words = arena_printf(s->in->arena, "a wrong operation: %c for %s", *swaps[i].sign,
                                      swaps[i].text);
        }
        bool here = at->kind == swaps[i].from && edit.place.start < edit.place.end;
        if (here && (slip_try_as(s, at, with, &edit) || (1 < i && slip_try_text(s, &edit))))
            return true;
    }
    if (at->kind != AST_SUB && at->kind != AST_DIV)
        return false;
    Ast with = *at;
    Ast *kids[2] = {at->kids[1], at->kids[0]};
    with.kids = kids;
    const char *text = arena_printf(s->in->arena, at->kind == AST_SUB ? "%s - %s" : "%s/%s",
                                    slip_slice(s, kids[0]), slip_slice(s, kids[1]));
    bool above = parent && parent->kind == AST_DIV && parent->kids[0] == at;
    SlipEdit edit = {SLIP_OPERATION, at->span, text, "numerator and denominator are swapped"};
    if (at->kind == AST_SUB) {
        edit.kind = above ? SLIP_QUOTIENT : SLIP_SIGN;
        edit.words = above ? "the terms of the numerator are swapped"
                           : "the two sides of a difference are swapped";
    }
    return slip_try_as(s, at, with, &edit);
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

static bool try_sign(SlipSearch *s, Ast *at) {
    SlipEdit edit = {SLIP_SIGN, at->span, slip_slice(s, at->kind == AST_NEG ? at->kids[0] : at),
                     "a sign is wrong"};
    if (at->kind == AST_NEG)
        return slip_try_as(s, at, *at->kids[0], &edit);
    if (*edit.text == '-' && !slip_is_sum(at)) { /* -2x is (-2)*x */
        edit.place.end = edit.place.start + 1;
        edit.text = "";
        return slip_try_as(s, at, *wrapped(s, AST_NEG, copied(s, at), NULL), &edit);
    }
    bool brackets = slip_is_sum(at) && !at->bracketed;
    edit.text = arena_printf(s->in->arena, brackets ? "-(%s)" : "-%s", edit.text);
    edit.place = slip_span(s, at);
    return slip_try_as(s, at, *wrapped(s, AST_NEG, copied(s, at), NULL), &edit);
}

static bool try_square(SlipSearch *s, Ast *at, const Ast *parent) {
    if (at->kind != AST_NAME && at->kind != AST_CALL && at->kind != AST_INDEX && !at->bracketed)
        return false;
    Ast *two = copied(s, at);
    *two = number_ast(at, "2");
    bool below = parent && parent->kind == AST_DIV && parent->kids[1] == at;
    SlipEdit edit = {.kind = below ? SLIP_QUOTIENT : SLIP_POWER,
                     .place = slip_span(s, at),
                     .text = arena_printf(s->in->arena, "%s^2", slip_slice(s, at)),
                     .words = below ? "the denominator is not squared" : "a square is missing"};
    return slip_try_as(s, at, *wrapped(s, AST_POW, copied(s, at), two), &edit);
}

/* Without one of its operands: a factor or term too many, an exponent. */
static bool try_without(SlipSearch *s, Ast *at) {
    bool sum = slip_is_sum(at);
    if (!sum && at->kind != AST_MUL && at->kind != AST_DIV && at->kind != AST_POW)
        return false;
    for (int keep = 0; keep < (at->kind == AST_DIV || at->kind == AST_POW ? 1 : 2); keep++) {
        Ast *kept = at->kids[keep];
        const char *gone = slip_slice(s, at->kids[1 - keep]), *text = slip_slice(s, kept);
        SlipEdit edit = {.kind = sum                   ? SLIP_EXTRA
                                 : at->kind == AST_POW ? SLIP_POWER
                                                       : SLIP_FACTOR,
                         .place = at->span,
                         .text = text};
        edit.words = arena_printf(s->in->arena,
                                  sum                   ? "a term too many: %s"
                                  : at->kind == AST_DIV ? "divided by %s too much"
                                  : at->kind == AST_POW ? "an exponent too many: %s"
                                                        : "a factor too many: %s",
                                  gone);
        Ast with = *kept;
        if (at->kind == AST_SUB && keep == 1) {
            with = *wrapped(s, AST_NEG, copied(s, kept), NULL);
            edit.text = arena_printf(s->in->arena, "-%s", text);
        }
        if (slip_try_as(s, at, with, &edit))
            return true;
    }
    return false;
}

static bool try_node(SlipSearch *s, const SlipPlace *p, int round) {
    Ast *at = p->at;
    switch (round) {
    case 1: return try_sign(s, at);
    case 2:
        return try_square(s, at, p->parent) || (at->kind == AST_CALL && try_function(s, at, true));
    case 3: return try_without(s, at);
    default: break;
    }
    switch (at->kind) {
    case AST_NUMBER: return try_number(s, at, p->parent);
    case AST_NAME: return try_name(s, at, p->parent);
    case AST_CALL: return try_function(s, at, false);
    case AST_ADD:
    case AST_SUB:
    case AST_MUL:
    case AST_DIV: return try_operator(s, at, p->parent);
    default: return false;
    }
}

bool slip_try_edits(SlipSearch *s) {
    bool res = false;
    for (int round = 0; round < ROUNDS && !res; round++)
        for (size_t i = 0; i < s->places && !res; i++)
            res = !slip_agrees_there(s, s->place[i].at) && try_node(s, &s->place[i], round);
    return res;
}
