/* The search for the slip: what is tried, in which order; see slip.h. */
#include "eval/slip.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "eval/slip_parts.h"
#include "expr/print.h"

enum { LARGEST = 120 };

const char *slip_kind_name(SlipKind kind) {
    static const char *const name[SLIP_KINDS] = {
        [SLIP_ROUNDING] = "rounding",
        [SLIP_CHAIN] = "chain rule",
        [SLIP_PRODUCT] = "product rule",
        [SLIP_QUOTIENT] = "quotient rule",
        [SLIP_POWER] = "power rule",
        [SLIP_SIGN] = "sign",
        [SLIP_FACTOR] = "factor",
        [SLIP_VARIABLE] = "variable",
        [SLIP_FUNCTION] = "function",
        [SLIP_INTEGRAL] = "integrated",
        [SLIP_KEPT] = "not differentiated",
        [SLIP_MISSING] = "missing term",
        [SLIP_OTHER_FUNCTION] = "other function",
        [SLIP_EXTRA] = "extra term",
        [SLIP_DOMAIN] = "domain",
        [SLIP_NAME] = "name",
        [SLIP_NUMBER] = "number",
        [SLIP_OPERATION] = "operation",
        [SLIP_TERM] = "term",
        [SLIP_SEVERAL] = "several",
    };
    return name[kind];
}

/* ---- values at the points ---- */

bool slip_values(SlipSearch *s, Expr e, double *out) {
    const SlipInput *in = s->in;
    if (SLIP_WORK < s->work || (in->interrupt && *in->interrupt))
        return false;
    BallCode *c =
        e ? ball_code_new(in->defs, in->param_count, in->param, in->dims, 1, &e, NULL) : NULL;
    if (!c)
        return false;
    s->work += 100 + (double)ball_code_nodes(c) * SLIP_POINTS;
    BallRun *r = ball_run_new(c, &number_double, in->interrupt);
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

bool slip_agrees_there(const SlipSearch *s, const Ast *at) {
    bool res = false;
    for (size_t i = 0; i < s->terms && !res; i++) {
        Span term = s->term[i].at->span;
        res = s->term[i].agrees && term.start <= at->span.start && at->span.end <= term.end;
    }
    return res;
}

bool slip_same(double a, double b) {
    return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

bool slip_all_same(const double *a, const double *b) {
    bool res = true;
    for (size_t i = 0; i < SLIP_POINTS; i++)
        res = res && slip_same(a[i], b[i]);
    return res;
}

/* The claim as it reads with the edit: is it right? */
static bool reads_right(SlipSearch *s, Expr candidate, const SlipEdit *edit, const char *text,
                        bool *proved) {
    const SlipInput *in = s->in;
    if (!in->mend)
        return in->is_equal(in->context, candidate, in->derivative, proved);
    const Ast *tree = in->mend(in->context, edit->place, text);
    Expr e = tree ? in->lower(in->context, tree) : 0;
    double value[SLIP_POINTS];
    return e && slip_values(s, e, value) && slip_all_same(value, s->want) &&
           in->is_equal(in->context, e, in->derivative, proved);
}

bool slip_try(SlipSearch *s, Expr candidate, const SlipEdit *edit) {
    double value[SLIP_POINTS];
    if (!candidate || candidate == s->in->yours || !slip_values(s, candidate, value) ||
        !slip_all_same(value, s->want) || SLIP_TEXT < strlen(edit->text))
        return false;
    bool proved = false;
    const char *text = edit->text;
    if (!reads_right(s, candidate, edit, text, &proved)) {
        text = arena_printf(s->in->arena, "(%s)", text);
        if (edit->place.start == edit->place.end || !reads_right(s, candidate, edit, text, &proved))
            return false;
    }
    s->out->place = edit->place;
    s->out->text = text;
    s->out->proved = proved;
    if (s->out->kind == SLIP_UNKNOWN) { /* a rule that was misapplied says more */
        s->out->kind = edit->kind;
        s->out->words = edit->words;
    }
    return true;
}

bool slip_try_as(SlipSearch *s, Ast *at, Ast with, const SlipEdit *edit) {
    Ast kept = *at;
    if (SLIP_WORK < s->work)
        return false;
    s->work += 6 * (double)s->places;
    *at = with;
    Expr e = s->in->lower(s->in->context, s->tree);
    *at = kept;
    return slip_try(s, e, edit);
}

bool slip_try_text(SlipSearch *s, const SlipEdit *edit) {
    const SlipInput *in = s->in;
    if (!in->mend || SLIP_WORK < s->work)
        return false;
    s->work += 12 * (double)s->places;
    const Ast *tree = in->mend(in->context, edit->place, edit->text);
    return tree && slip_try(s, in->lower(in->context, tree), edit);
}

/* ---- texts ---- */

const char *slip_slice(const SlipSearch *s, const Ast *a) {
    const char *text =
        arena_copy_text(s->in->arena, s->in->source + a->span.start, a->span.end - a->span.start);
    return a->bracketed ? arena_printf(s->in->arena, "(%s)", text) : text;
}

Span slip_span(const SlipSearch *s, const Ast *a) {
    const char *text = s->in->source;
    Span res = a->span;
    if (!a->bracketed)
        return res;
    while (res.start > 0 && text[res.start - 1] != '(')
        res.start--;
    while (text[res.end] && text[res.end] != ')')
        res.end++;
    return span_of(res.start ? res.start - 1 : 0, text[res.end] ? res.end + 1 : res.end);
}

bool slip_is_sum(const Ast *a) {
    return a->kind == AST_ADD || a->kind == AST_SUB;
}

const char *slip_print(SlipSearch *s, Expr e, bool factor) {
    Buf b;
    buf_init(&b);
    PrintStyle style = {.most = 4 * SLIP_TEXT};
    expr_print(&b, s->in->defs, e, &style);
    ExprOp op = expr_op(defs_store(s->in->defs), e);
    bool brackets = factor && (op == EXPR_ADD || op == EXPR_SUB || op == EXPR_NEG || op == EXPR_IF);
    const char *res = arena_printf(s->in->arena, brackets ? "(%s)" : "%s", buf_str(&b));
    buf_done(&b);
    return res;
}

bool slip_fraction(double v, double room, long *p, long *q) {
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

/* ---- the whole search ---- */

static Ast *copied(SlipSearch *s, const Ast *a) {
    Ast *res = arena_alloc(s->in->arena, sizeof *res);
    *res = *a;
    return res;
}

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
        bool array = at->kind == AST_INDEX && at->kids[0]->kind == AST_NAME; /* x of x[k] */
        for (size_t k = array || at->kind == AST_CALL ? 1 : 0; k < at->count; k++) {
            s->place = mem_grow(s->place, &cap, s->places + 1, sizeof *s->place);
            s->place[s->places++] = (SlipPlace){kids[k], at};
        }
    }
}

static void collect_terms(SlipSearch *s) {
    struct {
        Ast *at;
        int sign;
    } stack[SLIP_TERMS];
    size_t depth = 0;
    stack[depth].at = s->tree;
    stack[depth++].sign = 1;
    while (depth && s->terms < SLIP_TERMS) {
        Ast *at = stack[--depth].at;
        int sign = stack[depth].sign;
        if (slip_is_sum(at) && depth + 2 < SLIP_TERMS) {
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

/* The term that the place lies in, or belongs to: a sign before it, or it with its sign; none of several. */
static size_t term_of(const SlipSearch *s, Span place) {
    size_t within = 0, after = 0, inside = 0;
    for (size_t i = s->terms; 0 < i--;) {
        Span span = s->term[i].at->span;
        if (span.start <= place.start && place.end <= span.end)
            within = i + 1;
        if (place.end <= span.start)
            after = i + 1;
        inside += place.start <= span.start && span.end <= place.end;
        if (place.start < span.start && span.end <= place.end)
            after = i + 1;
    }
    return within ? within : inside > 1 ? 0 : after;
}

/* Which term the repair is in, and that the others agree, once it is proved. */
static void name_term(SlipSearch *s) {
    Slip *out = s->out;
    bool *agrees = arena_array(s->in->arena, s->terms + 1, sizeof *agrees);
    if (out->text && out->place.start < out->place.end)
        out->term = term_of(s, out->place);
    if (out->term) {
        Span span = s->term[out->term - 1].at->span;
        out->term_span = span_of(out->place.start < span.start ? out->place.start : span.start,
                                 span.end < out->place.end ? out->place.end : span.end);
    }
    for (size_t i = 0; i < s->terms; i++)
        agrees[i] = out->term ? i + 1 != out->term : s->term[i].agrees;
    out->terms = s->terms;
    out->agrees = agrees;
}

static void search(SlipSearch *s) {
    bool whole = false;
    if (s->in->edits_only) {
        slip_try_edits(s);
        return;
    }
    slip_pair_terms(s);
    slip_name_rule(s, &whole);
    if (slip_try_terms(s) || slip_try_edits(s) || slip_try_decimals(s))
        return;
    if (whole) {
        slip_try_replaced(s, true);
        return;
    }
    if (!slip_try_factors(s) && !slip_try_several(s))
        slip_try_replaced(s, s->out->kind != SLIP_UNKNOWN);
}

bool slip_find(const SlipInput *in, Slip *out) {
    SlipSearch s = {.in = in, .out = out};
    *out = (Slip){.text = NULL};
    size_t n = 0;
    for (size_t i = 0; i < in->param_count; i++)
        n += (in->param[i].rank > 0 ? in->dims[i][0] : 1) *
             (in->param[i].rank > 1 ? in->dims[i][1] : 1);
    for (size_t i = 0; i < SLIP_POINTS; i++) {
        s.x[i] = mem_new(n + 1, sizeof *s.x[i]);
        for (size_t k = 0; k < n; k++) {
            mpq_init(s.x[i][k]);
            ball_rational_of(defs_store(in->defs), in->point[i][k], s.x[i][k]);
        }
    }
    copy_tree(&s);
    collect_terms(&s);
    if (slip_values(&s, in->derivative, s.want) && slip_values(&s, in->yours, s.have)) {
        search(&s);
        name_term(&s);
    }
    for (size_t i = 0; i < SLIP_POINTS; i++) {
        for (size_t k = 0; k < n; k++)
            mpq_clear(s.x[i][k]);
        free(s.x[i]);
    }
    free(s.place);
    return out->kind != SLIP_UNKNOWN || out->text;
}
