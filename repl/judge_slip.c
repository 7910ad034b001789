/* The slip of a refuted claim, and where it does not show. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/balls_gap.h"
#include "eval/check_parts.h"
#include "eval/points.h"
#include "eval/slip.h"
#include "repl/judge.h"

enum { CONFIRM_POINTS = 40, CONFIRM_TRIES = 400, SLIP_SEED = 21, HIDDEN_MOST = 4, HIDDEN_VARIABLES = 8 };

typedef struct Confirm {
    const CertainClaim *claim;
    const NumberKind *balls;
    Expr derivative;
} Confirm;

/* Of many points, is there one at which the gap is not zero?  At least one must be met. */
static bool gap_is_zero(const CertainClaim *c, const NumberKind *balls, Expr yours, Expr derivative) {
    Interp *in = c->task->in;
    Gap *g = gap_new(in->defs, c->param_count, c->param, c->dims, yours, derivative, c->domain, balls,
                     in->interrupt, NULL);
    if (!g) return false;
    Random random;
    random_seed(&random, SLIP_SEED);
    double *x = mem_new(c->n + 1, sizeof *x);
    size_t met = 0;
    bool differs = false;
    for (size_t i = 0; i < CONFIRM_TRIES && met < CONFIRM_POINTS && !differs && !interp_interrupted(in); i++) {
        points_draw(&random, c->n, x, 1, NULL, NULL);
        GapPoint p;
        GapAnswer a = gap_at(g, x, &p);
        differs = a == GAP_CERTAIN || a == GAP_LACKING;
        met += a == GAP_NONE;
        gap_point_done(&p);
    }
    free(x);
    gap_free(g);
    return !differs && met > 0;
}

static bool is_right(void *context, Expr candidate, bool *proved) {
    Confirm *k = context;
    Interp *in = k->claim->task->in;
    *proved = false;
    if (!gap_is_zero(k->claim, k->balls, candidate, k->derivative)) return false;
    Expr gap = expr_binary(in->store, EXPR_SUB, candidate, k->derivative);
    *proved = in->prove && in->prove(in->prove_context, in, gap, k->claim->domain);
    return true;
}

static Expr lower_number(void *context, const Ast *tree) {
    const CertainClaim *c = ((Confirm *)context)->claim;
    Expr e = c->lower(c->context, tree);
    return e && expr_rank(c->task->in->store, e) == 0 ? e : 0;
}

/* The part of the user's tree that is component i, NULL where it is not written out. */
static const Ast *tree_of(const CertainClaim *c, size_t i) {
    int rank = expr_rank(c->task->in->store, c->yours);
    const Ast *at = c->tree;
    if (rank == 0) return at;
    if (at->kind != AST_VEC) return NULL;
    if (rank == 1) return i < at->count ? at->kids[i] : NULL;
    if (c->columns == 0 || at->count <= i / c->columns) return NULL;
    at = at->kids[i / c->columns];
    return at->kind == AST_VEC && i % c->columns < at->count ? at->kids[i % c->columns] : NULL;
}

/* Generic points at which both sides have values: the first SLIP_POINTS that are found. */
static bool find_points(const CertainClaim *c, Gap *g, double *x[SLIP_POINTS]) {
    Random random;
    random_seed(&random, SLIP_SEED + 1);
    size_t met = 0;
    for (size_t i = 0; i < CONFIRM_TRIES && met < SLIP_POINTS; i++) {
        points_draw(&random, c->n, x[met], 1, NULL, NULL);
        GapPoint p;
        GapAnswer a = gap_at(g, x[met], &p);
        double size = fmax(fabs(p.yours), fabs(p.derivative));
        met += (a == GAP_CERTAIN || a == GAP_NONE) && size < 1e12 && isfinite(p.yours);
        gap_point_done(&p);
    }
    return met == SLIP_POINTS;
}

/* Does the gap vanish wherever variable k has the value? */
static bool hides_at(const CertainClaim *c, Gap *g, size_t k, double value) {
    Random random;
    random_seed(&random, SLIP_SEED + 2);
    double *x = mem_new(c->n + 1, sizeof *x);
    size_t met = 0;
    bool shows = false;
    for (int i = 0; i < 12 && met < 3 && !shows; i++) {
        points_draw(&random, c->n, x, 1, NULL, NULL);
        x[k] = value;
        GapPoint p;
        GapAnswer a = gap_at(g, x, &p);
        shows = a == GAP_CERTAIN || a == GAP_LACKING;
        met += a == GAP_NONE;
        gap_point_done(&p);
    }
    free(x);
    return met > 0 && !shows;
}

static void find_hidden(const CertainClaim *c, Gap *g, CheckComponent *k) {
    static const double values[] = {0, 1, -1};
    Buf b;
    buf_init(&b);
    int found = 0;
    size_t at = 0;
    for (size_t i = 0; i < c->param_count && at < HIDDEN_VARIABLES; i++) {
        if (c->param[i].rank > 0) break;
        for (int v = 0; v < 3 && found < HIDDEN_MOST; v++)
            if (hides_at(c, g, at, values[v])) {
                buf_printf(&b, "%s%s=%g", found++ ? ", " : "", names_text(c->task->in->names, c->param[i].name),
                           values[v]);
            }
        at++;
    }
    if (found) k->hidden = mem_copy_text(buf_str(&b), b.len);
    buf_done(&b);
}

/* Significant digits of the number there. */
static double digits_within(const char *source, Span place) {
    double res = 0;
    for (uint32_t i = place.start; i < place.end && source[i] != 'e' && source[i] != 'E'; i++)
        res += ('1' <= source[i] && source[i] <= '9') || (source[i] == '0' && res > 0);
    return res;
}

/* Asked for with digits=: the decimal counts as the fraction that it rounds. */
static void accept_rounding(CheckComponent *k) {
    k->verdict = VERDICT_AGREES;
    k->points = 0;
    free(k->witness);
    k->witness = NULL;
    check_say(&k->reason, "read as %s", k->repair);
    free(k->repair);
    k->repair = NULL;
}

void judge_name_slip(const CertainClaim *c, const NumberKind *balls, Expr yours, Expr derivative,
                     size_t i, CheckComponent *k) {
    Interp *in = c->task->in;
    const Ast *tree = tree_of(c, i);
    Gap *g = gap_new(in->defs, c->param_count, c->param, c->dims, yours, derivative, c->domain, balls,
                     in->interrupt, NULL);
    if (!g) return;
    double *x[SLIP_POINTS];
    for (size_t p = 0; p < SLIP_POINTS; p++) x[p] = mem_new(c->n + 1, sizeof **x);
    if (tree && find_points(c, g, x)) {
        Confirm confirm = {c, balls, derivative};
        SlipInput s = {.defs = in->defs, .arena = c->task->arena, .source = c->task->source->text, .tree = tree,
                       .param_count = c->param_count, .param = c->param, .dims = c->dims, .yours = yours,
                       .derivative = derivative, .function = c->function, .lower = lower_number,
                       .is_right = is_right, .context = &confirm};
        if (s.function && expr_rank(in->store, s.function) > 0) s.function = 0;
        for (size_t p = 0; p < SLIP_POINTS; p++) s.point[p] = x[p];
        Slip slip;
        if (slip_find(&s, &slip)) {
            k->repair = mem_copy_text(slip.text, strlen(slip.text));
            k->repair_span = slip.place;
            k->repair_proved = slip.proved;
            k->rounding = slip.rounding;
            k->term = slip.term;
            k->terms = slip.terms;
            k->term_span = slip.term ? slip.term_span : tree->span;
        }
    }
    if (!k->rounding)
        find_hidden(c, g, k);
    else if (0 < c->digits && c->digits <= digits_within(c->task->source->text, k->repair_span))
        accept_rounding(k);
    for (size_t p = 0; p < SLIP_POINTS; p++) free(x[p]);
    gap_free(g);
}
