/* Which rule was misapplied: the function is differentiated once more with one rule wrong, at one place
 * or throughout; what comes out as the claim names the slip.  See slip_rules.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/slip_parts.h"
#include "eval/slip_rules.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/partial.h"

enum { MOST_NODES = 150, NAMED_TEXT = 40, MOST_OTHERS = 12 };

/* ---- differentiation as it is done ---- */

Expr slip_variable(Store *s, size_t params, const Param *param, const size_t (*dims)[2], size_t k) {
    for (size_t i = 0; i < params; i++) {
        const Param *p = &param[i];
        size_t rows = p->rank > 0 ? dims[i][0] : 1, columns = p->rank > 1 ? dims[i][1] : 1;
        if (rows * columns <= k) {
            k -= rows * columns;
            continue;
        }
        if (p->rank == 0)
            return p->symbol;
        Expr row = expr_elem(s, p->symbol, expr_int(s, (long)(k / columns) + 1));
        return p->rank == 1 ? row : expr_elem(s, row, expr_int(s, (long)(k % columns) + 1));
    }
    return 0;
}

Expr slip_derivative(Defs *d, Expr e, Expr variable) {
    Store *s = defs_store(d);
    Expr v = variable, index[2];
    size_t count = 0;
    if (e == v)
        return expr_int(s, 1);
    while (expr_op(s, v) == EXPR_ELEM && count < 2) {
        index[count++] = expr_kid(s, v, 1);
        v = expr_kid(s, v, 0);
    }
    if (count == 2) {
        Expr first = index[1];
        index[1] = index[0];
        index[0] = first;
    }
    return count ? derive_by_element(d, e, v, index, NULL, span_of(0, 0))
                 : derive_by(d, e, v, NULL, span_of(0, 0));
}

/* ---- differentiation with one rule wrong ---- */

typedef struct Nodes {
    Defs *d;
    Store *store;
    Expr variable;
    Expr *node; /* owned: children first */
    size_t count;
    Expr *right, *wrong; /* owned: derivatives by node */
    Expr (*outer)[2];    /* owned: of its operation by its operands, where these vary */
} Nodes;

static Expr answer_of(const Nodes *n, const Expr *answers, Expr e) {
    size_t lo = 0, hi = n->count;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (n->node[mid] < e)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n->count && n->node[lo] == e ? answers[lo] : 0;
}

static SlipAt at_node(const Nodes *n, const Expr *answers, size_t i) {
    Store *s = n->store;
    Expr e = n->node[i];
    SlipAt a = {.d = n->d, .s = s, .variable = n->variable, .node = e, .op = expr_op(s, e)};
    bool plain = a.op == EXPR_NEG || a.op == EXPR_FN || (EXPR_ADD <= a.op && a.op <= EXPR_POW);
    if (!plain)
        return a;
    a.u = expr_kid(s, e, 0);
    a.du = answer_of(n, answers, a.u);
    a.v = expr_count(s, e) > 1 ? expr_kid(s, e, 1) : 0;
    a.dv = a.v ? answer_of(n, answers, a.v) : expr_int(s, 0);
    memcpy(a.outer, n->outer[i], sizeof a.outer);
    return a;
}

/* The derivative of the node by the rules, from those of its operands. */
static Expr derive_node(const Nodes *n, const SlipAt *a) {
    Store *s = n->store;
    if (!a->u)
        return expr_rank(s, a->node) || expr_mask(s, a->node) ? 0 : slip_derivative(n->d, a->node, n->variable);
    if (a->op == EXPR_FN && expr_count(s, a->node) > 2)
        return slip_derivative(n->d, a->node, n->variable);
    Expr res = expr_int(s, 0);
    for (size_t k = 0; k < (a->v ? 2 : 1); k++) {
        Expr inner = k ? a->dv : a->du;
        if (!inner || !build_is_zero(s, inner))
            res = build_add(s, res, build_mul(s, a->outer[k], inner));
    }
    return res;
}

/* f: calls and short loops written out.  False where it is too large; to be released all the same. */
static bool nodes_init(Nodes *n, Defs *d, Expr f, Expr variable) {
    *n = (Nodes){.d = d, .store = defs_store(d), .variable = variable};
    if (!f || expr_rank(n->store, f))
        return false;
    n->node = expr_reachable(n->store, 1, &f, &n->count);
    n->right = mem_new(n->count + 1, sizeof *n->right);
    n->wrong = mem_new(n->count + 1, sizeof *n->wrong);
    n->outer = mem_new(n->count + 1, sizeof *n->outer);
    memset(n->outer, 0, (n->count + 1) * sizeof *n->outer);
    for (size_t i = 0; i < n->count && n->count <= MOST_NODES; i++) {
        SlipAt a = at_node(n, n->right, i);
        for (size_t k = 0; k < 2 && a.u; k++) {
            const char *why;
            Expr inner = k ? a.dv : a.du;
            if (inner && !build_is_zero(n->store, inner))
                a.outer[k] = n->outer[i][k] = partial_of(d, n->node[i], k, &why);
        }
        n->right[i] = derive_node(n, &a);
    }
    return n->count <= MOST_NODES && n->right[n->count - 1];
}

static void nodes_done(Nodes *n) {
    free(n->node);
    free(n->right);
    free(n->wrong);
    free(n->outer);
}

/* Has nothing gone wrong below the node? */
static bool same_operands(const Nodes *n, const SlipAt *a) {
    return !a->u || (a->du == answer_of(n, n->right, a->u) &&
                     (!a->v || a->dv == answer_of(n, n->right, a->v)));
}

/* At node `only`, or everywhere (n->count); *applied: how often the rule was wrong. */
static Expr derive_wrongly(Nodes *n, const SlipRule *row, size_t only, size_t *applied) {
    *applied = 0;
    for (size_t i = 0; i < n->count; i++) {
        if (only < n->count && i < only) {
            n->wrong[i] = n->right[i];
            continue;
        }
        SlipAt a = at_node(n, n->wrong, i);
        if (only < i && only < n->count && same_operands(n, &a)) {
            n->wrong[i] = n->right[i];
            continue;
        }
        a.right = only == i ? n->right[i] : derive_node(n, &a);
        bool here = (only == i || only == n->count) && n->right[i] && a.right;
        Expr wrong = here && (!a.u || (a.du && (!a.v || a.dv))) ? row->wrong(&a) : 0;
        *applied += wrong && wrong != a.right;
        n->wrong[i] = wrong ? wrong : a.right;
    }
    return n->wrong[n->count - 1];
}

Expr slip_misapplied(Defs *d, Expr f, Expr variable, size_t rule, size_t place) {
    Nodes n;
    size_t applied;
    Expr res = 0;
    if (nodes_init(&n, d, f, variable) && place <= n.count) {
        res = derive_wrongly(&n, &slip_rules[rule], place, &applied);
        if (applied <= (place == n.count))
            res = 0;
    }
    nodes_done(&n);
    return res;
}

/* Is the claim this? */
static bool is_claim(SlipSearch *s, Expr e) {
    double value[SLIP_POINTS];
    return e && slip_values(s, e, value) && slip_all_same(value, s->have) &&
           (e == s->in->yours || s->in->is_equal(s->in->context, s->in->yours, e, NULL));
}

static const char *short_text(SlipSearch *s, Expr e) {
    Expr plain = e ? simplify(s->in->defs, e) : 0;
    const char *text = plain ? slip_print(s, plain, false) : "";
    return *text && strlen(text) <= NAMED_TEXT ? text : NULL;
}

static void say_row(SlipSearch *s, Nodes *n, const SlipRule *row, size_t at) {
    const char *place = at < n->count ? slip_print(s, n->node[at], false) : "each part";
    if (NAMED_TEXT < strlen(place))
        place = "one part";
    s->out->kind = row->kind;
    s->out->words = arena_printf(s->in->arena, row->words, place);
    bool answer = at + 1 == n->count &&
                  row->detail == slip_right_of; /* of the whole: that would be the answer */
    if (at == n->count || !row->detail || answer)
        return;
    SlipAt a = at_node(n, n->right, at);
    a.right = n->right[at];
    const char *detail = short_text(s, row->detail(&a));
    if (detail)
        s->out->words =
            arena_printf(s->in->arena,
                         row->detail == slip_right_of ? "%s (its derivative is %s)" : "%s: %s",
                         s->out->words, detail);
}

static bool try_row(SlipSearch *s, Nodes *n, const SlipRule *row) {
    size_t applied;
    for (size_t i = 0; i <= n->count && s->work < SLIP_WORK; i++) {
        Expr e = derive_wrongly(n, row, i, &applied);
        if (applied > (i == n->count) && is_claim(s, e)) {
            say_row(s, n, row, i);
            return true;
        }
    }
    return false;
}

/* ---- what the claim is as a whole ---- */

static bool say_whole(SlipSearch *s, SlipKind kind, const char *words) {
    s->out->kind = kind;
    s->out->words = words;
    return true;
}

static bool try_other_variable(SlipSearch *s) {
    const SlipInput *in = s->in;
    Store *store = defs_store(in->defs);
    for (size_t k = 0; k < MOST_OTHERS; k++) {
        Expr v = slip_variable(store, in->param_count, in->param, in->dims, k);
        Expr e = v && v != in->variable ? slip_derivative(in->defs, in->function, v) : 0;
        if (e && !build_is_zero(store, e) && is_claim(s, e))
            return say_whole(s, SLIP_VARIABLE,
                             arena_printf(in->arena, "this is the derivative by %s",
                                          slip_print(s, v, false)));
    }
    return false;
}

/* A function of the session whose parameters have the same names. */
static bool try_other_function(SlipSearch *s) {
    const SlipInput *in = s->in;
    Store *store = defs_store(in->defs);
    for (size_t i = 0; i < defs_function_count(in->defs) && s->work < SLIP_WORK; i++) {
        const Def *f = defs_function_at(in->defs, i);
        bool same = f->body && f->param_count == in->param_count && expr_rank(store, f->body) == 0;
        for (size_t k = 0; same && k < f->param_count; k++)
            same = f->param[k].symbol == in->param[k].symbol;
        if (!same || f->body == in->function || f->recursive)
            continue;
        Expr e = slip_derivative(in->defs, f->body, in->variable);
        if (e && !expr_is_constant(store, e) && is_claim(s, e))
            return say_whole(s, SLIP_OTHER_FUNCTION,
                             arena_printf(in->arena, "this is the derivative of %s",
                                          names_text(store_names(store), f->name)));
    }
    return false;
}

static bool try_whole(SlipSearch *s) {
    const SlipInput *in = s->in;
    if (expr_op(defs_store(in->defs), in->function) != EXPR_POW && is_claim(s, in->function))
        return say_whole(s, SLIP_KEPT, "this is the function itself, not differentiated");
    double turned[SLIP_POINTS];
    for (size_t i = 0; i < SLIP_POINTS; i++)
        turned[i] = -s->want[i];
    if (slip_all_same(s->have, turned)) /* a sign, though -cos is an integral as well */
        return false;
    if (try_other_variable(s))
        return true;
    Expr back = slip_derivative(in->defs, in->yours, in->variable);
    double have[SLIP_POINTS], want[SLIP_POINTS];
    if (back && slip_values(s, back, have) && slip_values(s, in->function, want) &&
        slip_all_same(have, want) && in->is_equal(in->context, back, in->function, NULL))
        return say_whole(s, SLIP_INTEGRAL, "this is integrated, not differentiated");
    return try_other_function(s);
}

bool slip_name_rule(SlipSearch *s, bool *whole) {
    Nodes n;
    bool res = false;
    if (!s->in->function || !s->in->variable)
        return false;
    *whole = try_whole(s);
    if (*whole)
        return true;
    Expr f = defs_expand(s->in->defs, s->in->function, 2000);
    if (nodes_init(&n, s->in->defs, f ? slip_unrolled(s->in, f) : 0, s->in->variable))
        for (size_t i = 0; i < slip_rule_count && !res; i++)
            res = try_row(s, &n, &slip_rules[i]);
    nodes_done(&n);
    if (!res && is_claim(s, slip_derivative(s->in->defs, s->in->derivative, s->in->variable))) {
        *whole = say_whole(s, SLIP_KEPT, "this is differentiated once too often");
        return true;
    }
    *whole = s->out->kind == SLIP_INTEGRAL ||
             (s->out->kind == SLIP_KEPT && is_claim(s, s->in->function));
    return res;
}
