/* The rule that a refuted claim got wrong.  What the user wrote around the slip, mended, is compared
 * with the derivatives in the derivation, by their values at generic points: the smallest part that is
 * one of them is the place.  Without a repair the terms of a sum are compared.  A place is no verdict:
 * the check has given that. */
#include "repl/astray.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "eval/evaluator.h"
#include "eval/points.h"
#include "expr/print.h"

enum { ASTRAY_POINTS = 3, ASTRAY_STEPS = 60, ASTRAY_VARIABLES = 64, ASTRAY_DEPTH = 64, ASTRAY_TERMS = 24,
       ASTRAY_SEED = 23 };

typedef struct Sample {
    double at[ASTRAY_POINTS];
    bool known;
} Sample;

typedef struct Search {
    Task *task;
    const Subject *u;
    Explanation *x;
    double point[ASTRAY_POINTS][ASTRAY_VARIABLES];
    Expr v; /* by which */
} Search;

/* ---- values ---- */

static Evaluator *make(const Search *s, Expr e) {
    Interp *in = s->task->in;
    Diags quiet;
    diags_init(&quiet, s->task->arena);
    return e ? evaluator_new(in->defs, s->u->param_count, s->u->param, e, NULL, in->interrupt, &quiet, s->task->span)
             : NULL;
}

static Sample values_of(const Search *s, Expr e) {
    Sample res = {.known = false};
    if (!e || expr_rank(s->task->in->store, e) != 0) return res;
    Evaluator *f = make(s, e);
    res.known = f != NULL;
    for (int i = 0; i < ASTRAY_POINTS && res.known; i++)
        res.known = evaluator_value(f, s->point[i], &res.at[i]) == RUN_OK && isfinite(res.at[i]);
    evaluator_free(f);
    return res;
}

static bool is_near(double a, double b) {
    return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b)) + 1e-290;
}

/* Equal, or opposite: what is subtracted stands in the text without its sign. */
static bool is_match(const Sample *a, const Sample *b) {
    if (!a->known || !b->known) return false;
    bool equal = true, opposite = true;
    for (int i = 0; i < ASTRAY_POINTS; i++) {
        equal = equal && is_near(a->at[i], b->at[i]);
        opposite = opposite && is_near(a->at[i], -b->at[i]);
    }
    return equal || opposite;
}

static bool is_steady(const Sample *a) {
    for (int i = 1; i < ASTRAY_POINTS; i++)
        if (!is_near(a->at[i], a->at[0])) return false;
    return true;
}

/* Generic points at which f and its derivative have values. */
static bool find_points(Search *s, Expr formula) {
    Random random;
    random_seed(&random, ASTRAY_SEED);
    Evaluator *f = make(s, s->u->body), *d = make(s, formula);
    int found = 0;
    for (int i = 0; f && d && i < 400 && found < ASTRAY_POINTS; i++) {
        double value = NAN, slope = NAN, *x = s->point[found];
        points_draw(&random, s->u->param_count, x, 1, NULL, NULL);
        bool runs = evaluator_value(f, x, &value) == RUN_OK && evaluator_value(d, x, &slope) == RUN_OK;
        found += runs && isfinite(value) && isfinite(slope) && fabs(slope) < 1e12;
    }
    evaluator_free(f);
    evaluator_free(d);
    return found == ASTRAY_POINTS;
}

/* ---- the user's text ---- */

static Expr lower_text(const Search *s, const Ast *tree) {
    Diags quiet;
    diags_init(&quiet, s->task->arena);
    Lower l;
    evaluate_init(s->task, &l);
    l.diags = &quiet;
    l.param = s->u->param;
    l.param_count = s->u->param_count;
    Expr res = lower_expression(&l, tree);
    evaluate_done(&l);
    return quiet.errors ? 0 : res;
}

static bool holds(Span outer, Span inner) {
    return outer.start <= inner.start && inner.end <= outer.end;
}

/* A term put in as a whole: the largest part of the tree that lies within the repair. */
static const Ast *whole_within(const Ast *at, Span repair) {
    for (int depth = 0; at && depth < ASTRAY_DEPTH; depth++) {
        const Ast *next = NULL;
        for (uint32_t i = 0; i < at->count; i++) {
            if (holds(repair, at->kids[i]->span)) return at->kids[i];
            if (holds(at->kids[i]->span, repair)) next = at->kids[i];
        }
        at = next;
    }
    return NULL;
}

/* The parts of the tree around the repair, outermost first. */
static size_t parts_around(const Ast *at, Span repair, const Ast *out[ASTRAY_DEPTH]) {
    size_t count = 0;
    while (at && count < ASTRAY_DEPTH) {
        out[count++] = at;
        const Ast *next = NULL;
        for (uint32_t i = at->kind == AST_CALL; i < at->count; i++)
            if (holds(at->kids[i]->span, repair)) next = at->kids[i];
        at = next;
    }
    return count;
}

static const char *cut_text(Task *t, const char *text, size_t start, size_t end) {
    return arena_copy_text(t->arena, text + start, end - start);
}

static const char *print_text(const Search *s, Expr e) {
    Buf b;
    buf_init(&b);
    expr_print(&b, s->task->in->defs, e, &(PrintStyle){.most = 100});
    const char *res = arena_copy_text(s->task->arena, buf_str(&b), b.len);
    buf_done(&b);
    return res;
}

/* ---- the derivation ---- */

/* The derivative of a clear part, and in a product each half of the answer. */
static bool part_matches(const Search *s, const ExplainStep *step, const Sample *a) {
    Store *store = s->task->in->store;
    for (size_t k = 0; k < step->part_count; k++) {
        const ExplainPart *p = &step->part[k];
        Sample own = values_of(s, p->derivative);
        if (p->step == EXPLAIN_NONE && p->hidden == 0 && is_match(a, &own)) return true;
        if (step->rule != EXPLAIN_PRODUCT) continue;
        Sample half = values_of(s, expr_binary(store, EXPR_MUL, p->derivative, step->part[1 - k].expr));
        if (is_match(a, &half)) return true;
    }
    return false;
}

/* The step, parts before the whole, that has a as its answer or uses it; count: none. */
static size_t find_step(const Search *s, const Sample *a) {
    size_t i = 0;
    if (!a->known || is_steady(a)) return s->x->count;
    for (; i < s->x->count; i++) {
        const ExplainStep *step = &s->x->step[i];
        if (step->loop != EXPLAIN_NONE) continue;
        Sample result = values_of(s, step->result);
        if (is_match(a, &result) || part_matches(s, step, a)) break;
    }
    return i;
}

static void keep_step(const Search *s, size_t i, Astray *out) {
    out->rule = s->x->step[i].rule;
    out->of = s->x->step[i].expr;
}

/* The mended text of the part and what stood there: in the text as it was, its end lies elsewhere. */
static void keep_texts(const Search *s, const RefutedClaim *claim, Span at, Astray *out) {
    out->right = cut_text(s->task, claim->mended, at.start, at.end);
    out->yours = cut_text(s->task, claim->text, at.start,
                          at.end + claim->removed - (claim->repair.end - claim->repair.start));
}

/* Step i answers to the part; where a larger part around it is the step's whole answer, that is shown. */
static void keep_part(const Search *s, const RefutedClaim *claim, size_t i, Span at, size_t count,
                      const Ast *const *part, Astray *out) {
    keep_step(s, i, out);
    Sample whole = values_of(s, s->x->step[i].result);
    for (size_t k = 0; k < count; k++) { /* outermost first */
        Sample a = values_of(s, lower_text(s, part[k]));
        if (!is_match(&a, &whole)) continue;
        at = part[k]->span;
        break;
    }
    keep_texts(s, claim, at, out);
}

static bool find_by_repair(const Search *s, const RefutedClaim *claim, Astray *out) {
    const Ast *part[ASTRAY_DEPTH], *whole = whole_within(claim->mended_tree, claim->repair);
    size_t count = parts_around(claim->mended_tree, claim->repair, part);
    if (whole) {
        Sample a = values_of(s, lower_text(s, whole));
        size_t i = find_step(s, &a);
        if (i < s->x->count && claim->removed == 0) {
            keep_step(s, i, out);
            out->missing = cut_text(s->task, claim->mended, whole->span.start, whole->span.end);
        } else if (i < s->x->count) {
            keep_part(s, claim, i, claim->repair, count, part, out);
        }
        if (out->of) return true;
    }
    for (size_t k = count; 0 < k--;) {
        Sample a = values_of(s, lower_text(s, part[k]));
        size_t i = find_step(s, &a);
        if (i == s->x->count) continue;
        keep_part(s, claim, i, part[k]->span, k, part, out);
        return true;
    }
    return false;
}

/* ---- without a repair ---- */

static size_t terms_of(const Ast *tree, const Ast *out[ASTRAY_TERMS]) {
    const Ast *stack[ASTRAY_TERMS];
    size_t depth = 0, count = 0;
    stack[depth++] = tree;
    while (depth && count < ASTRAY_TERMS) {
        const Ast *at = stack[--depth];
        bool sum = at->kind == AST_ADD || at->kind == AST_SUB;
        if (sum && depth + 2 <= ASTRAY_TERMS) {
            stack[depth++] = at->kids[1];
            stack[depth++] = at->kids[0];
        } else {
            out[count++] = at;
        }
    }
    return depth ? 0 : count;
}

/* Of a sum's parts the only one that no term is the derivative of; and the only term left over. */
static void find_by_terms(const Search *s, const RefutedClaim *claim, Astray *out) {
    const ExplainStep *step = &s->x->step[s->x->count - 1];
    keep_step(s, s->x->count - 1, out);
    if (claim->tree) {
        out->yours = cut_text(s->task, claim->text, claim->tree->span.start, claim->tree->span.end);
        out->right = print_text(s, step->result);
    }
    const Ast *term[ASTRAY_TERMS];
    size_t count = step->rule == EXPLAIN_SUM && claim->tree ? terms_of(claim->tree, term) : 0, lost = 0, left = 0;
    bool used[ASTRAY_TERMS] = {false};
    const ExplainPart *part = NULL;
    for (size_t k = 0; k < step->part_count && count; k++) {
        Sample own = values_of(s, step->part[k].derivative);
        size_t i = 0;
        for (; i < count; i++) {
            Sample a = values_of(s, lower_text(s, term[i]));
            if (!used[i] && is_match(&a, &own)) break;
        }
        if (i < count) used[i] = true;
        else part = &step->part[k], lost++;
    }
    if (lost != 1 || part->step == EXPLAIN_NONE) return;
    keep_step(s, part->step, out);
    const Ast *other = NULL;
    for (size_t i = 0; i < count; i++)
        if (!used[i]) other = term[i], left++;
    out->yours = out->right = NULL;
    if (left != 1) return;
    out->yours = cut_text(s->task, claim->text, other->span.start, other->span.end);
    out->right = print_text(s, part->derivative);
}

void astray_find(Task *t, const Subject *u, size_t by, Expr formula, const RefutedClaim *claim, Astray *out) {
    *out = (Astray){.of = 0};
    for (size_t i = 0; i < u->param_count; i++)
        if (u->param[i].rank > 0) return;
    Search s = {.task = t, .u = u, .v = u->param[by].symbol};
    if (ASTRAY_VARIABLES < u->param_count || !find_points(&s, formula)) return;
    Sample mine = values_of(&s, claim->tree ? lower_text(&s, claim->tree) : 0), ours = values_of(&s, formula);
    out->mended = is_match(&mine, &ours) && is_near(mine.at[0], ours.at[0]);
    Explanation x;
    Diags quiet;
    diags_init(&quiet, t->arena);
    s.x = &x;
    if (!out->mended && explain_derive(t->in->defs, u->body, s.v, ASTRAY_STEPS, &quiet, t->span, &x) && x.count > 0 &&
        !(claim->mended_tree && find_by_repair(&s, claim, out)))
        find_by_terms(&s, claim, out);
    if (!out->mended) explain_done(&x);
}
