/* check A = B: a derivative worked out by hand, or any two expressions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "eval/check_parts.h"
#include "expr/affine.h"
#include "expr/domain.h"
#include "parser/ast.h"
#include "repl/astray.h"
#include "repl/judge_claim.h"

enum { CLAIM_LENGTH = 5 };

/* ---- parameters of a plain equation: those of the functions named in it, then free letters ----
 */

static void add_params(Claim *c, Name function) {
    const Def *def = defs_function(c->task->in->defs, function);
    for (size_t i = 0; def && i < def->param_count; i++) {
        bool known = false;
        for (size_t k = 0; k < c->param_count; k++)
            known = known || c->param[k].name == def->param[i].name;
        if (known) continue;
        Param *more = arena_array(c->task->arena, c->param_count + 1, sizeof *more);
        if (c->param_count > 0) memcpy(more, c->param, c->param_count * sizeof *more);
        more[c->param_count++] = def->param[i];
        c->param = more;
    }
}

/* Functions that stand without arguments: f, df/dx, f', grad f, but not f(1,2). */
static void collect_functions(Claim *c, const Ast *tree) {
    const Ast **stack = NULL;
    size_t count = 0, cap = 0;
    stack = mem_grow(stack, &cap, 1, sizeof *stack);
    stack[count++] = tree;
    while (count > 0) {
        const Ast *at = stack[--count];
        if (at->kind == AST_NAME || at->kind == AST_DERIV) add_params(c, at->name);
        size_t skip = at->kind == AST_CALL ? 1 : 0;
        if (at->kind == AST_DERIV) continue;
        for (size_t i = at->count; i-- > skip;) {
            stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
            stack[count++] = at->kids[i];
        }
    }
    free(stack);
}

static Expr lower_side(Claim *c, const Ast *tree, Lower *l) {
    l->param = c->param;
    l->param_count = c->param_count;
    l->free_letters = true;
    if (c->element) return lower_for_all(l, c->element, c->left, tree);
    return lower_expression(l, tree);
}

static void add_free(Claim *c, const Lower *l) {
    for (size_t i = 0; i < l->free_count; i++) {
        Param *more = arena_array(c->task->arena, c->param_count + 1, sizeof *more);
        if (c->param_count > 0) memcpy(more, c->param, c->param_count * sizeof *more);
        more[c->param_count] = (Param){.name = l->free_name[i]};
        more[c->param_count].symbol =
            expr_symbol(c->task->in->store, EXPR_SYM, l->free_name[i], 0, NULL);
        c->param_count++;
        c->param = more;
    }
}

/* ---- the sides ---- */

/* The number of the first element of parameter `k` among all. */
static size_t param_offset(const Claim *c, size_t k) {
    size_t res = 0;
    for (size_t i = 0; i < k; i++) {
        size_t size = 1;
        for (int a = 0; a < c->param[i].rank; a++) size *= c->point.dims[i][a];
        res += size;
    }
    return res;
}

/* Which derivative of which function the left side is, so that its other form can be compared. */
static void find_base(Claim *c) {
    Defs *d = c->task->in->defs;
    const Callee *callee = &c->target.callee;
    if (callee->kind == CALLEE_BUILTIN || callee->formula) return;
    size_t order = defs_fn_order(d, callee->fn);
    c->function_name = names_text(c->task->in->names, defs_fn_base(d, callee->fn));
    if (callee->kind == CALLEE_FN) {
        if (order == 0 || order > 16) return;
        uint32_t by[16];
        for (size_t i = 0; i < order; i++) by[i] = defs_fn_by(d, callee->fn, i);
        FnId inner = defs_fn(d, defs_fn_base(d, callee->fn), order - 1, by);
        if (defs_fn_rank(d, inner) != 0) return;
        c->base = defs_fn_body(d, inner, c->task->diags, c->target.span);
        c->by = by[order - 1];
        c->of = CHECK_GRADIENT;
        return;
    }
    c->base = defs_fn_body(d, callee->fn, c->task->diags, c->target.span);
    c->of = callee->kind == CALLEE_GRAD   ? CHECK_GRADIENT
            : callee->kind == CALLEE_HESS ? CHECK_HESSIAN
                                          : CHECK_JACOBIAN;
}

/* The lengths that the definition leaves open; those beyond CLAIM_AXES count as 5. */
static void find_open(Claim *c) {
    Store *s = c->task->in->store;
    for (size_t i = 0; i < c->param_count; i++)
        for (int k = 0; k < c->param[i].rank; k++) {
            Expr dim = c->param[i].dim[k];
            long n;
            size_t at = 0;
            if (expr_is_integer(s, dim, &n)) continue;
            while (at < c->open_count && c->open[at] != dim) at++;
            if (at == CLAIM_AXES) continue;
            c->open[at] = dim;
            c->length[at] = CLAIM_LENGTH;
            c->open_count = at == c->open_count ? at + 1 : c->open_count;
        }
}

/* The lengths of a point that was given. */
static void lengths_of_point(Claim *c) {
    for (size_t i = 0; i < c->param_count; i++)
        for (int k = 0; k < c->param[i].rank; k++)
            for (size_t a = 0; a < c->open_count; a++)
                if (c->open[a] == c->param[i].dim[k]) c->length[a] = c->point.dims[i][k];
}

static void set_dims(Claim *c) {
    Task *t = c->task;
    if (!c->point.dims)
        c->point.dims = arena_array(t->arena, c->param_count + 1, sizeof *c->point.dims);
    c->point.count = 0;
    for (size_t i = 0; i < c->param_count; i++) {
        size_t size = 1;
        for (int k = 0; k < c->param[i].rank; k++) {
            long n = CLAIM_LENGTH;
            if (!expr_is_integer(t->in->store, c->param[i].dim[k], &n))
                for (size_t a = 0; a < c->open_count; a++)
                    n = c->open[a] == c->param[i].dim[k] ? (long)c->length[a] : n;
            c->point.dims[i][k] = (size_t)n;
            size *= (size_t)n;
        }
        c->point.count += size;
    }
}

static bool lower_sides(Claim *c) {
    Task *t = c->task;
    Lower l;
    evaluate_init(t, &l);
    if (lower_is_open_element(&l, c->left_tree)) {
        c->element = c->left_tree;
        c->left_tree = c->element->kids[0];
    }
    c->named = lower_is_callee(&l, c->left_tree);
    if (c->named) {
        evaluate_done(&l);
        if (!target_read(t, c->left_tree, NULL, NULL, &c->target)) return false;
        c->param_count = c->target.param_count;
        c->param = arena_array(t->arena, c->param_count + 1, sizeof *c->param);
        memcpy(c->param, c->target.param, c->param_count * sizeof *c->param);
        evaluate_init(t, &l);
        c->left = lower_callee_formula(&l, &c->target.callee, c->left_tree->span);
    } else {
        collect_functions(c, c->left_tree);
        collect_functions(c, c->right_tree);
        c->left = lower_side(c, c->left_tree, &l);
    }
    if (c->left) c->right = lower_side(c, c->right_tree, &l);
    add_free(c, &l);
    evaluate_done(&l);
    return c->left && c->right;
}

static bool same_rank(Claim *c) {
    Store *s = c->task->in->store;
    int left = expr_rank(s, c->left), right = expr_rank(s, c->right);
    if (left == right) return true;
    static const char *const words[] = {"a number", "a vector", "a matrix"};
    diag_error(c->task->diags, c->right_tree->span, NULL,
               "the left side is %s, the right side is %s", left < 3 ? words[left] : "an array",
               right < 3 ? words[right] : "an array");
    return false;
}

static Evaluator *make(Claim *c, Expr body) {
    Task *t = c->task;
    return evaluator_new(t->in->defs, c->param_count, c->param, body, c->point.dims,
                         t->in->interrupt, t->diags, c->right_tree->span);
}

static void name_lengths(const Claim *c, Buf *out) {
    for (size_t i = 0; i < c->open_count; i++) {
        buf_text(out, i ? ", " : "with ");
        Name name = expr_payload(c->task->in->store, c->open[i]);
        buf_printf(out, "%s = %zu", names_text(c->task->in->names, name), c->length[i]);
    }
    buf_text(out, c->open_count ? " " : "");
}

static bool make_evaluators(Claim *c) {
    Task *t = c->task;
    c->derivative = make(c, c->left);
    c->yours = c->derivative ? make(c, c->right) : NULL;
    if (!c->yours) return false;
    size_t m = evaluator_results(c->derivative), mine = evaluator_results(c->yours);
    if (m != mine) {
        Buf lengths;
        buf_init(&lengths);
        name_lengths(c, &lengths);
        diag_error(t->diags, c->right_tree->span, NULL,
                   "%sthe left side has %zu numbers, the right side has %zu", buf_str(&lengths), m,
                   mine);
        buf_done(&lengths);
        return false;
    }
    if (c->base) c->function = make(c, c->base);
    if (c->base && !c->function) return false;
    Expr domain = domain_of(t->in->defs, c->base ? c->base : c->left);
    if (domain && !expr_is_constant(t->in->store, domain)) c->domain = make(c, domain);
    return true;
}

bool claim_make(Claim *c) {
    claim_done(c);
    if (!c->point.x) set_dims(c);
    if (c->named && c->base) c->first = param_offset(c, c->by);
    return make_evaluators(c);
}

void claim_done(Claim *c) {
    evaluator_free(c->derivative);
    evaluator_free(c->yours);
    evaluator_free(c->function);
    evaluator_free(c->domain);
    c->derivative = c->yours = c->function = c->domain = NULL;
}

const char *claim_text(const Claim *c) {
    Span at = c->left_tree->span;
    return arena_copy_text(c->task->arena, c->task->source->text + at.start, at.end - at.start);
}

static bool names_derivative(const Ast *tree) {
    while (tree->kind == AST_CALL || tree->kind == AST_INDEX) tree = tree->kids[0];
    return tree->kind == AST_DERIV || tree->kind == AST_PRIME || tree->kind == AST_GRAD ||
           tree->kind == AST_HESS || tree->kind == AST_JAC || tree->kind == AST_DIFF;
}

size_t claim_columns(const Claim *c, size_t count) {
    Store *s = c->task->in->store;
    Expr lengths[CLAIM_AXES], dim = expr_rank(s, c->left) == 2 ? expr_dim(s, c->left, 1) : 0;
    long n;
    for (size_t i = 0; i < c->open_count; i++) lengths[i] = expr_int(s, (long)c->length[i]);
    dim = affine_normal(s, dim ? expr_substitute(s, dim, c->open_count, c->open, lengths) : 0);
    bool known = dim && expr_is_integer(s, dim, &n) && 0 < n && count % (size_t)n == 0;
    return known ? (size_t)n : 0;
}

void claim_say(Claim *c, const CheckResult *r) {
    Task *t = c->task;
    VerdictNames n = {.names = t->in->names,
                      .target = &c->target,
                      .point = &c->point,
                      .of = c->of,
                      .function = c->function_name ? c->function_name : "",
                      .whole = claim_text(c)};
    n.derivative = names_derivative(c->left_tree);
    n.plain = !c->base || c->target.callee.kind == CALLEE_FN;
    size_t columns = claim_columns(c, r->count);
    n.matrix = n.plain && columns > 0;
    verdict_say_claim(t, &n, r, n.matrix ? columns : r->count == 1 ? 0 : r->count);
    if (r->verdict == VERDICT_DIFFERS || r->verdict == VERDICT_REFUTED)
        t->in->outcome |= OUTCOME_FAILED;
    if (r->verdict == VERDICT_UNDECIDED) t->in->outcome |= OUTCOME_UNDECIDED;
    refuted_keep(t, r);
}

/* A changed right side; its messages go nowhere. */
static Expr lower_changed(void *context, const Ast *tree) {
    Claim *c = context;
    Diags quiet;
    diags_init(&quiet, c->task->arena);
    Lower l;
    evaluate_init(c->task, &l);
    l.diags = &quiet;
    Expr res = lower_side(c, tree, &l);
    bool same = l.free_count == 0;
    evaluate_done(&l);
    return same && quiet.errors == 0 ? res : 0;
}

CertainClaim claim_view(Claim *c) {
    Task *t = c->task;
    CertainClaim res = {.task = t,
                        .param_count = c->param_count,
                        .param = c->param,
                        .dims = (const size_t(*)[2])c->point.dims,
                        .derivative = c->left,
                        .yours = c->right,
                        .n = c->point.count,
                        .tree = c->right_tree,
                        .function = c->base,
                        .of = c->of,
                        .first = c->first,
                        .lower = lower_changed,
                        .digits = c->digits,
                        .timeout = c->timeout,
                        .equation = c->equation,
                        .context = c,
                        .lengths = c->open_count,
                        .length = c->open,
                        .length_value = c->length_value,
                        .unproved = c->summary ? &c->unproved : NULL};
    for (size_t i = 0; i < c->open_count; i++)
        c->length_value[i] = expr_int(t->in->store, (long)c->length[i]);
    Expr of = c->base ? c->base : c->left;
    if (expr_rank(t->in->store, of) == 0)
        res.domain = c->base ? where_smooth(t->in->defs, of) : domain_of(t->in->defs, of);
    if (res.domain == 0) res.domain = expr_int(t->in->store, 1);
    for (size_t i = 0; i < c->open_count; i++) { /* no vector is empty */
        Expr some = expr_rel(t->in->store, REL_LE, expr_int(t->in->store, 1), c->open[i]);
        res.domain = expr_binary(t->in->store, EXPR_AND, some, res.domain);
    }
    return res;
}

void claim_certain(Claim *c, CheckResult *r) {
    CertainClaim certain = claim_view(c);
    certain.columns = claim_columns(c, r->count);
    certain.count = r->count;
    if (r->count > 0 && c->task->diags->errors == 0) certain_judge(&certain, r);
}

bool claim_compare(Claim *c, CheckResult *r) {
    Task *t = c->task;
    CheckForm other = {.function = c->function, .of = c->of, .first = c->first};
    if (check_claim(c->yours, c->derivative, c->function ? &other : NULL, c->domain, c->point.x,
                    &t->in->random, r) &&
        r->status == RUN_OK)
        return true;
    Buf what;
    buf_init(&what);
    RunStatus status = r->status == RUN_OK ? RUN_INTERRUPT : r->status;
    evaluator_explain(c->yours, status, &what);
    evaluate_fail(t, status, c->right_tree->span, &what);
    buf_done(&what);
    return false;
}

static bool run_claim(Claim *c) {
    CheckResult r;
    if (!claim_make(c)) return false;
    if (c->point.x && !check_in_domain(c->domain, c->point.x))
        report_note(c->task->report,
                    "the point given lies outside the domain: judged at other points");
    bool res = claim_compare(c, &r);
    if (res) claim_certain(c, &r);
    res = res && !interp_interrupted(c->task->in); /* half a judgement is none */
    if (res) claim_say(c, &r);
    check_result_done(&r);
    return res;
}

bool judge_claim(Task *t, const Ast *item, const Ast *at, double digits, double timeout) {
    Claim c = {.task = t,
               .left_tree = item->kids[0],
               .right_tree = item->kids[1],
               .digits = digits,
               .timeout = timeout,
               .equation = !names_derivative(item->kids[0])};
    const CheckResult none = {.count = 0};
    refuted_keep(t, &none); /* the last check is this one now */
    if (!lower_sides(&c) || !same_rank(&c)) return false;
    c.target.param = c.param;
    c.target.param_count = c.param_count;
    find_open(&c);
    set_dims(&c);
    if (at && !point_read(t, &c.target, at->count, at->kids, at->span, &c.point)) return false;
    if (at) lengths_of_point(&c);
    if (c.named) find_base(&c);
    if (t->diags->errors != 0) return false;
    t->in->proof.end = 0 < timeout ? clock_seconds() + timeout : HUGE_VAL;
    bool res = c.open_count > 0 && !at ? judge_all_lengths(&c) : run_claim(&c);
    t->in->proof.end = 0;
    claim_done(&c);
    return res;
}
