/* The slip of a refuted claim, and where it does not show. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/balls_gap.h"
#include "eval/check_parts.h"
#include "eval/points.h"
#include "eval/slip.h"
#include "expr/derive.h"
#include "expr/print.h"
#include "parser/parse.h"
#include "expr/build.h"
#include "expr/domain.h"
#include "repl/judge.h"

enum {
    CONFIRM_POINTS = 40,
    FEW_POINTS = 8,
    CONFIRM_TRIES = 400,
    SLIP_SEED = 21,
    RESIDUAL_TEXT = 100,
    SHARED_MOST = 40, /* components, at most, in which a repair of their text is proved */
    SHARED_TRIES = 5
};

typedef struct Confirm {
    const CertainClaim *claim;
    const NumberKind *balls;
    size_t component;
    bool shared; /* one text for all components */
} Confirm;

/* Of so many points, is there one at which the gap is not zero?  At least one must be met. */
static bool gap_is_zero(const CertainClaim *c, const NumberKind *balls, Expr yours, Expr derivative,
                        size_t points) {
    Interp *in = c->task->in;
    Gap *g = gap_new(in->defs, c->param_count, c->param, c->dims, yours, derivative, c->domain,
                     balls, in->interrupt, NULL);
    if (!g) return false;
    Random random;
    random_seed(&random, SLIP_SEED);
    double *x = mem_new(c->n + 1, sizeof *x);
    size_t met = 0;
    bool differs = false;
    for (size_t i = 0; i < CONFIRM_TRIES && met < points && !differs && !interp_interrupted(in);
         i++) {
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

/* Has the mended claim a value wherever it is judged?  1/x*(3*x^3 - 8*x^2) is no repair. */
static bool is_defined(const CertainClaim *c, Expr mended, Expr derivative) {
    Interp *in = c->task->in;
    Expr own = domain_of(in->defs, mended), theirs = domain_of(in->defs, derivative);
    Expr set = theirs ? build_and(in->store, c->domain, theirs) : c->domain;
    return own && build_is_one(in->store, where_open(c, where_elements(c, set, mended), own));
}

/* Parts of the claim too, so only where both are defined; of a repair (proved is not NULL) all of it. */
static bool is_equal(void *context, Expr a, Expr b, bool *proved) {
    Confirm *k = context;
    Interp *in = k->claim->task->in;
    if (proved) *proved = false;
    if (!gap_is_zero(k->claim, k->balls, a, b, FEW_POINTS)) return false;
    if (!proved) return true;
    Expr gap = expr_binary(in->store, EXPR_SUB, a, b);
    *proved = in->prove && in->prove(in->prove_context, in, gap, k->claim->domain);
    if (*proved && !k->claim->equation && !is_defined(k->claim, a, b)) return *proved = false;
    return *proved || gap_is_zero(k->claim, k->balls, a, b, CONFIRM_POINTS);
}

static Ast *parse_quietly(void *context, const char *text) {
    Task *t = ((Confirm *)context)->claim->task;
    Diags quiet;
    diags_init(&quiet, t->arena);
    return parse_expression(t->arena, t->in->names, &t->in->scope, text, strlen(text), &quiet);
}

static Expr lower_number(void *context, const Ast *tree) {
    const Confirm *k = context;
    return claim_lower_component(k->claim, k->component, k->shared, tree);
}

static const Ast *mend(void *context, Span place, const char *text) {
    const Confirm *k = context;
    return claim_mended_tree(k->claim, k->component, place, text);
}

/* Generic points at which both sides have values: the first SLIP_POINTS that are found.  *same stays true
 * when these are the same at all. */
static bool find_points(const CertainClaim *c, Gap *g, double *x[SLIP_POINTS], bool *same) {
    Random random;
    random_seed(&random, SLIP_SEED + 1);
    size_t met = 0;
    for (size_t i = 0; i < CONFIRM_TRIES && met < SLIP_POINTS; i++) {
        points_draw(&random, c->n, x[met], 1, NULL, NULL);
        GapPoint p;
        GapAnswer a = gap_at(g, x[met], &p);
        double size = fmax(fabs(p.yours), fabs(p.derivative));
        bool good = (a == GAP_CERTAIN || a == GAP_NONE) && size < 1e12 && isfinite(p.yours);
        met += good;
        *same = *same && (!good || a == GAP_NONE);
        gap_point_done(&p);
    }
    return met == SLIP_POINTS;
}

/* Asked for with digits=: the decimal counts as the fraction that it rounds. */
static void accept_rounding(CheckComponent *k) {
    k->verdict = VERDICT_AGREES;
    k->points = 0;
    free(k->witness);
    k->witness = NULL;
    check_say(&k->reason, "read as %s",
              k->slip ? k->slip + strlen(SLIP_ROUNDING_WORDS) : k->repair);
    free(k->repair);
    free(k->slip);
    k->repair = k->slip = NULL;
    k->slip_kind = NULL;
}

static Expr variable_at(const CertainClaim *c, size_t k) {
    return slip_variable(c->task->in->store, c->param_count, c->param, c->dims, k);
}

/* Of which function, by which variable, component i is the derivative. */
static void find_function(const CertainClaim *c, size_t i, SlipInput *s) {
    Interp *in = c->task->in;
    size_t n = c->n ? c->n : 1, row = i / n, column = i % n;
    int rank = c->function ? expr_rank(in->store, c->function) : -1;
    s->function = 0;
    if (c->of == CHECK_GRADIENT && rank == 0) {
        s->function = c->function;
        s->variable = variable_at(c, c->first + i);
    } else if (c->of == CHECK_JACOBIAN && rank == 1) {
        s->function = expr_fuse(in->store, c->function, expr_int(in->store, (long)row + 1));
        s->variable = variable_at(c, column);
    } else if (c->of == CHECK_HESSIAN && rank == 0) {
        Expr by = variable_at(c, row);
        s->function = by ? slip_derivative(in->defs, c->function, by) : 0;
        s->variable = variable_at(c, column);
    }
    if (!s->variable) s->function = 0;
}

static void keep_slip(const Slip *slip, const Ast *tree, CheckComponent *k) {
    if (slip->text) k->repair = mem_copy_text(slip->text, strlen(slip->text));
    if (slip->words) k->slip = mem_copy_text(slip->words, strlen(slip->words));
    k->slip_kind = slip_kind_name(slip->kind);
    k->repair_span = slip->place;
    k->repair_proved = slip->proved;
    k->rounding = slip->kind == SLIP_ROUNDING;
    k->rounding_digits = slip->digits;
    k->term = slip->term;
    k->term_span = slip->term ? slip->term_span : tree->span;
    if (!slip->agrees) return;
    k->terms = slip->terms;
    k->agrees = mem_new(k->terms + 1, sizeof *k->agrees);
    memcpy(k->agrees, slip->agrees, k->terms * sizeof *k->agrees);
}

/* What the claim is off by: a product if there is algebra, else as it reads.  As an expression, read from
 * the text that is kept; 0: none that is short. */
static Expr find_residual(const Confirm *confirm, Expr yours, Expr derivative, CheckComponent *k) {
    const CertainClaim *c = confirm->claim;
    Interp *in = c->task->in;
    Expr gap = expr_binary(in->store, EXPR_SUB, yours, derivative), res = 0;
    Buf text, plain;
    buf_init(&text);
    buf_init(&plain);
    expr_print(&plain, in->defs, simplify(in->defs, gap), &(PrintStyle){.most = 2 * RESIDUAL_TEXT});
    /* angles taken apart may make the product longer than it was */
    bool factored = in->factor && in->factor(in->prove_context, in, gap, c->domain, &text) &&
                    text.len <= plain.len + plain.len / 5;
    for (int way = factored ? 0 : 1; way < 2 && !res; way++) {
        if (way == 1) {
            buf_clear(&text);
            buf_text(&text, buf_str(&plain));
        }
        Ast *tree =
            text.len <= RESIDUAL_TEXT ? parse_quietly((void *)confirm, buf_str(&text)) : NULL;
        res = tree ? lower_number((void *)confirm, tree) : 0;
        if (res && !is_equal((void *)confirm, gap, res, NULL)) res = 0;
    }
    if (res) k->residual = mem_copy_text(buf_str(&text), text.len);
    buf_done(&text);
    buf_done(&plain);
    return res;
}

/* Where it has a value it is right. */
static void keep_domain(CheckComponent *k) {
    static const char words[] = "right where it is defined, which is not everywhere";
    k->slip = mem_copy_text(words, strlen(words));
    k->slip_kind = slip_kind_name(SLIP_DOMAIN);
}

/* A repair of the shared text is one of all components. */
static void check_others(Confirm *confirm, Slip *slip) {
    const CertainClaim *c = confirm->claim;
    const Ast *tree = mend(confirm, slip->place, slip->text);
    Expr whole = tree ? claim_lower_whole(c, true, tree) : 0;
    bool right = whole != 0;
    for (size_t j = 0; j < SHARED_MOST && right; j++) {
        bool proved = false;
        Expr yours = certain_component(c, whole, j), ours = certain_component(c, c->derivative, j);
        if (j >= c->count || !yours || !ours) break;
        right = is_equal(confirm, yours, ours, &proved);
        slip->proved = slip->proved && proved;
    }
    if (!right) slip->text = NULL;
}

/* Of a text for all components: the slip that was found in it at an earlier one.  True too when it was
 * looked for in vain at some. */
static bool copy_slip(const CheckComponent *first, size_t i, CheckComponent *k) {
    const CheckComponent *from = NULL;
    size_t in_vain = 0;
    for (size_t j = 0; j < i && !from; j++) {
        if (first[j].repair) from = &first[j];
        in_vain += first[j].verdict == VERDICT_REFUTED;
    }
    if (!from) return in_vain >= SHARED_TRIES;
    k->repair = mem_copy_text(from->repair, strlen(from->repair));
    if (from->slip) k->slip = mem_copy_text(from->slip, strlen(from->slip));
    k->slip_kind = from->slip_kind;
    k->repair_span = from->repair_span;
    k->repair_proved = from->repair_proved && i < SHARED_MOST;
    k->rounding = from->rounding;
    k->rounding_digits = from->rounding_digits;
    k->slip_again = true;
    return true;
}

static void search_slip(Confirm *confirm, const Ast *tree, Expr yours, Expr derivative,
                        double *const x[SLIP_POINTS], CheckComponent *k) {
    const CertainClaim *c = confirm->claim;
    Task *t = c->task;
    SlipInput s = {.defs = t->in->defs,
                   .arena = t->arena,
                   .source = t->source->text,
                   .tree = tree,
                   .param_count = c->param_count,
                   .param = c->param,
                   .dims = c->dims,
                   .yours = yours,
                   .derivative = derivative,
                   .lower = lower_number,
                   .parse = parse_quietly,
                   .mend = mend,
                   .is_equal = is_equal,
                   .interrupt = t->in->interrupt,
                   .context = confirm};
    Slip slip;
    find_function(c, confirm->component, &s);
    for (size_t p = 0; p < SLIP_POINTS; p++) s.point[p] = x[p];
    slip_find(&s, &slip);
    if (confirm->shared && slip.text) check_others(confirm, &slip);
    keep_slip(&slip, tree, k);
}

void judge_name_slip(const CertainClaim *c, const NumberKind *balls, Expr yours, Expr derivative,
                     size_t i, CheckComponent *k) {
    Interp *in = c->task->in;
    bool shared, same = true;
    const Ast *tree = claim_component_tree(c, c->tree, i, &shared);
    bool again = tree && shared && copy_slip(k - i, i, k);
    if (again && SHARED_TRIES <= i && !k->rounding) return;
    Gap *g = gap_new(in->defs, c->param_count, c->param, c->dims, yours, derivative, c->domain,
                     balls, in->interrupt, NULL);
    if (!g) return;
    double *x[SLIP_POINTS];
    Confirm confirm = {c, balls, i, shared};
    for (size_t p = 0; p < SLIP_POINTS; p++) x[p] = mem_new(c->n + 1, sizeof **x);
    bool found = !again && find_points(c, g, x, &same);
    if (found && same)
        keep_domain(k);
    else if (found && tree)
        search_slip(&confirm, tree, yours, derivative, x, k);
    if (k->rounding && 0 < c->digits && c->digits <= (double)k->rounding_digits)
        accept_rounding(k);
    else if (!k->rounding && !isnan(k->yours)) /* without a value it is off by nothing */
        judge_find_hidden(c, g, find_residual(&confirm, yours, derivative, k), k);
    for (size_t p = 0; p < SLIP_POINTS; p++) free(x[p]);
    gap_free(g);
}
