/* Derivations rule by rule; see explain.h.  The derivative of each part is made by expr/derive.h; a
 * rule's answer is put together here from those of its parts, so the two can be compared. */
#include "expr/explain.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/partial.h"
#include "expr/pass.h"

typedef enum Grade { GRADE_NONE, GRADE_CONSTANT, GRADE_LINEAR, GRADE_OTHER } Grade;

typedef struct Explain {
    Defs *d;
    Store *s;
    Explanation *out;
    Diags *diags;
    Span span;
    Memo *grade;
    size_t most, cap, loop_cap;
    Expr body;
    bool failed;
} Explain;

static const char *const rule_name[EXPLAIN_RULES] = {
    "constant", "linear", "sum, term by term", "constant factor", "product", "quotient", "reciprocal",
    "power", "exponential", "power of powers", "table", "chain", "choice, branch by branch",
    "sum over an index", "product over an index", "largest or smallest", "by the definition",
};

static const char *const rule_formula[EXPLAIN_RULES] = {
    [EXPLAIN_FACTOR] = "(c*u)' = c*u'",
    [EXPLAIN_PRODUCT] = "(u*v)' = u'*v + u*v'",
    [EXPLAIN_QUOTIENT] = "(u/v)' = (u'*v - u*v')/v^2",
    [EXPLAIN_RECIPROCAL] = "(c/u)' = -c*u'/u^2",
    [EXPLAIN_POWER] = "(u^n)' = n*u^(n-1)*u'",
    [EXPLAIN_EXPONENTIAL] = "(c^u)' = c^u*log(c)*u'",
    [EXPLAIN_GENERAL_POWER] = "(u^v)' = u^v*(v'*log(u) + v*u'/u)",
    [EXPLAIN_CHAIN] = "g(u)' = g'(u)*u'",
    [EXPLAIN_PROD_LOOP] = "each factor in turn, times the others",
    [EXPLAIN_EXTREME] = "that of the term which it is",
};

const char *explain_rule_name(ExplainRule rule) {
    return rule_name[rule];
}

const char *explain_rule_formula(ExplainRule rule) {
    return rule_formula[rule];
}

/* ---- which parts are clear at once ---- */

static Grade grade_kid(const Explain *z, Expr e, size_t i) {
    Expr g = GRADE_CONSTANT;
    memo_get(z->grade, expr_kid(z->s, e, i), &g);
    return (Grade)g;
}

static Grade grade_node(const Explain *z, Expr e) {
    if (e == z->out->v) return GRADE_LINEAR;
    Grade most = GRADE_CONSTANT;
    size_t varying = 0;
    for (size_t i = 0; i < expr_count(z->s, e); i++) {
        Grade g = grade_kid(z, e, i);
        varying += g > GRADE_CONSTANT;
        if (most < g) most = g;
    }
    if (varying == 0) return GRADE_CONSTANT;
    switch (expr_op(z->s, e)) {
    case EXPR_ADD: case EXPR_SUB: case EXPR_NEG: return most;
    case EXPR_MUL: return varying == 1 ? most : GRADE_OTHER;
    case EXPR_DIV: case EXPR_ELEM: return grade_kid(z, e, 1) == GRADE_CONSTANT ? most : GRADE_OTHER;
    default: return GRADE_OTHER;
    }
}

static Grade grade_of(Explain *z, Expr e) {
    Expr x, g = GRADE_CONSTANT;
    Walk w;
    walk_init(&w, z->s, false);
    walk_push(&w, e);
    while (walk_next(&w, z->grade, &x)) memo_set(z->grade, x, grade_node(z, x));
    walk_done(&w);
    memo_get(z->grade, e, &g);
    return (Grade)g;
}

static bool is_sum(const Store *s, Expr e) {
    ExprOp op = expr_op(s, e);
    return op == EXPR_ADD || op == EXPR_SUB || op == EXPR_NEG;
}

/* How many steps e would take, itself included; sums within sums are one step. */
static size_t count_steps(Explain *z, Expr e) {
    grade_of(z, e);
    size_t count, res = 0;
    Expr *node = expr_reachable(z->s, 1, &e, &count);
    bool *inner = mem_new(count + 1, sizeof *inner);
    memset(inner, 0, (count + 1) * sizeof *inner);
    for (size_t i = count; 0 < i--;) {
        Expr g = GRADE_CONSTANT;
        memo_get(z->grade, node[i], &g);
        res += g == GRADE_OTHER && !inner[i];
        for (size_t k = 0; k < expr_count(z->s, node[i]) && is_sum(z->s, node[i]); k++) {
            Expr kid = expr_kid(z->s, node[i], k);
            size_t lo = 0, hi = i;
            while (lo < hi) {
                size_t mid = (lo + hi) / 2;
                if (node[mid] < kid) lo = mid + 1;
                else hi = mid;
            }
            if (is_sum(z->s, kid)) inner[lo] = true;
        }
    }
    free(inner);
    free(node);
    return res;
}

/* ---- pieces ---- */

static Expr times(Store *s, Expr a, Expr b) {
    return build_is_one(s, a) ? b : build_is_one(s, b) ? a : expr_binary(s, EXPR_MUL, a, b);
}

static Expr derivative(Explain *z, Expr e) {
    Expr v = z->out->v;
    if (grade_of(z, e) == GRADE_CONSTANT) return expr_int(z->s, 0);
    Expr res = expr_rank(z->s, v) > 0 ? derive_by_element(z->d, e, v, z->out->index, z->diags, z->span)
                                      : derive_by(z->d, e, v, z->diags, z->span);
    if (!res) z->failed = true;
    return res;
}

static bool varies(Explain *z, Expr e) {
    return grade_of(z, e) != GRADE_CONSTANT;
}

/* Adds a part; its derivative is returned. */
static Expr add_part(Explain *z, ExplainStep *t, Expr e) {
    Expr by = derivative(z, e);
    t->part[t->part_count++] = (ExplainPart){.expr = e, .derivative = by, .step = EXPLAIN_NONE};
    return by;
}

/* A symbol for an index: a letter that stands nowhere in the body. */
static Expr new_index(Explain *z, const char *letters) {
    Names *names = store_names(z->s);
    size_t count;
    Expr *node = expr_reachable(z->s, 1, &z->body, &count), res = 0;
    for (const char *c = letters; *c && !res; c++) {
        Name name = names_intern(names, c, 1);
        bool taken = z->out->index[0] && expr_payload(z->s, z->out->index[0]) == name;
        for (size_t i = 0; i < z->out->loop_count && !taken; i++)
            taken = expr_payload(z->s, z->out->loop[i].index) == name;
        for (size_t i = 0; i < count && !taken; i++) {
            ExprOp op = expr_op(z->s, node[i]);
            taken = (op == EXPR_SYM || op == EXPR_GLOBAL) && expr_payload(z->s, node[i]) == name;
        }
        if (!taken) res = expr_symbol(z->s, EXPR_SYM, name, 0, NULL);
    }
    free(node);
    return res;
}

/* ---- the rules ---- */

typedef struct SumTerm {
    Expr e;
    bool minus;
} SumTerm;

/* The terms of e with their signs, constants left out, in order; false if there are too many. */
static bool sum_terms(Explain *z, Expr e, SumTerm *out, size_t *count) {
    SumTerm stack[2 * EXPLAIN_PARTS + 2];
    size_t n = 0, seen = 0;
    *count = 0;
    stack[n++] = (SumTerm){e, false};
    while (n > 0) {
        SumTerm t = stack[--n];
        if (++seen > 4 * EXPLAIN_PARTS || n > 2 * EXPLAIN_PARTS - 2) return false;
        if (is_sum(z->s, t.e)) {
            ExprOp op = expr_op(z->s, t.e);
            if (op == EXPR_NEG) {
                stack[n++] = (SumTerm){expr_kid(z->s, t.e, 0), !t.minus};
                continue;
            }
            stack[n++] = (SumTerm){expr_kid(z->s, t.e, 1), op == EXPR_SUB ? !t.minus : t.minus};
            stack[n++] = (SumTerm){expr_kid(z->s, t.e, 0), t.minus};
        } else if (varies(z, t.e)) {
            if (*count == EXPLAIN_PARTS) return false;
            out[(*count)++] = t;
        }
    }
    return true;
}

static void sum_rule(Explain *z, ExplainStep *t) {
    SumTerm term[EXPLAIN_PARTS];
    size_t count;
    if (!sum_terms(z, t->expr, term, &count)) { /* a long sum: its last term apart */
        bool minus = expr_op(z->s, t->expr) == EXPR_SUB;
        count = 0;
        for (size_t i = 0; i < expr_count(z->s, t->expr); i++)
            if (varies(z, expr_kid(z->s, t->expr, i)))
                term[count++] = (SumTerm){expr_kid(z->s, t->expr, i), i > 0 && minus};
        if (expr_op(z->s, t->expr) == EXPR_NEG) term[0].minus = true;
    }
    t->rule = count == 1 && expr_op(z->s, t->expr) == EXPR_NEG ? EXPLAIN_FACTOR : EXPLAIN_SUM;
    for (size_t i = 0; i < count; i++) {
        Expr by = add_part(z, t, term[i].e);
        if (t->raw)
            t->raw = expr_binary(z->s, term[i].minus ? EXPR_SUB : EXPR_ADD, t->raw, by);
        else
            t->raw = term[i].minus ? expr_unary(z->s, EXPR_NEG, by) : by;
    }
}

static void product_rule(Explain *z, ExplainStep *t) {
    Store *s = z->s;
    Expr a = expr_kid(s, t->expr, 0), b = expr_kid(s, t->expr, 1);
    t->rule = EXPLAIN_FACTOR;
    if (!varies(z, b)) {
        t->raw = times(s, add_part(z, t, a), b);
    } else if (!varies(z, a)) {
        t->raw = times(s, a, add_part(z, t, b));
    } else {
        t->rule = EXPLAIN_PRODUCT;
        Expr da = add_part(z, t, a), db = add_part(z, t, b);
        t->raw = expr_binary(s, EXPR_ADD, times(s, da, b), times(s, a, db));
    }
}

static void quotient_rule(Explain *z, ExplainStep *t) {
    Store *s = z->s;
    Expr a = expr_kid(s, t->expr, 0), b = expr_kid(s, t->expr, 1), square = expr_binary(s, EXPR_POW, b, expr_int(s, 2));
    if (!varies(z, b)) {
        t->rule = EXPLAIN_FACTOR;
        t->raw = expr_binary(s, EXPR_DIV, add_part(z, t, a), b);
    } else if (!varies(z, a)) {
        t->rule = EXPLAIN_RECIPROCAL;
        Expr top = times(s, a, add_part(z, t, b));
        t->raw = expr_unary(s, EXPR_NEG, expr_binary(s, EXPR_DIV, top, square));
    } else {
        t->rule = EXPLAIN_QUOTIENT;
        Expr da = add_part(z, t, a), db = add_part(z, t, b);
        Expr top = expr_binary(s, EXPR_SUB, times(s, da, b), times(s, a, db));
        t->raw = expr_binary(s, EXPR_DIV, top, square);
    }
}

static void power_rule(Explain *z, ExplainStep *t) {
    Store *s = z->s;
    Expr e = t->expr, a = expr_kid(s, e, 0), b = expr_kid(s, e, 1), one = expr_int(s, 1);
    Expr log_a = expr_op(s, a) == EXPR_E ? one : build_fn_named(s, "log", a);
    if (!varies(z, b)) {
        t->rule = EXPLAIN_POWER;
        Expr outer = times(s, b, build_pow(s, a, build_sub(s, b, one)));
        t->raw = times(s, outer, add_part(z, t, a));
    } else if (!varies(z, a)) {
        t->rule = EXPLAIN_EXPONENTIAL;
        t->raw = times(s, times(s, e, log_a), add_part(z, t, b));
    } else {
        t->rule = EXPLAIN_GENERAL_POWER;
        Expr da = add_part(z, t, a), db = add_part(z, t, b);
        Expr second = expr_binary(s, EXPR_DIV, times(s, b, da), a);
        t->raw = times(s, e, expr_binary(s, EXPR_ADD, times(s, db, log_a), second));
    }
}

static void chain_rule(Explain *z, ExplainStep *t) {
    Store *s = z->s;
    size_t count = expr_count(s, t->expr), used = 0;
    t->rule = EXPLAIN_CHAIN;
    for (size_t i = 0; i < count && used < EXPLAIN_PARTS; i++) {
        Expr arg = expr_kid(s, t->expr, i);
        if (!varies(z, arg)) continue;
        const char *why = NULL;
        Expr outer = partial_of(z->d, t->expr, i, &why), inner = add_part(z, t, arg);
        Expr one = times(s, outer, inner);
        t->raw = t->raw ? expr_binary(s, EXPR_ADD, t->raw, one) : one;
        t->outer = outer;
        used++;
    }
    if (used != 1) t->outer = 0;
    if (used == 1 && t->part[0].expr == z->out->v) t->rule = EXPLAIN_TABLE;
}

static void choice_rule(Explain *z, ExplainStep *t) {
    Expr part[2];
    t->rule = EXPLAIN_CHOICE;
    for (size_t i = 0; i < 2; i++) {
        Expr e = expr_kid(z->s, t->expr, i + 1);
        part[i] = varies(z, e) ? add_part(z, t, e) : expr_int(z->s, 0);
    }
    t->raw = expr_if(z->s, expr_kid(z->s, t->expr, 0), part[0], part[1]);
}

/* The loop again around a body in which its index is a symbol. */
static Expr close_loop(Store *s, ExprOp op, Expr index, Expr lo, Expr hi, Expr body) {
    if (!body) return 0;
    unsigned number = expr_unused_free(s, expr_mask(s, body));
    Expr to = expr_free(s, number);
    return expr_loop(s, op, number, lo, hi, expr_substitute(s, body, 1, &index, &to));
}

static bool loop_rule(Explain *z, ExplainStep *t) {
    Store *s = z->s;
    ExprOp op = expr_op(s, t->expr);
    Expr index = op == EXPR_ARGMAX || op == EXPR_ARGMIN || op == EXPR_VEC ? 0 : new_index(z, "ijmpqrhst");
    if (!index) return false;
    Expr lo = expr_kid(s, t->expr, 0), hi = expr_kid(s, t->expr, 1);
    unsigned number = expr_unused_free(s, expr_mask(s, t->expr));
    Expr opened = expr_free(s, number), body = expr_open(s, t->expr, number);
    body = expr_substitute(s, body, 1, &opened, &index);
    z->out->loop = mem_grow(z->out->loop, &z->loop_cap, z->out->loop_count + 1, sizeof *z->out->loop);
    z->out->loop[z->out->loop_count++] = (ExplainLoop){index, lo, hi, t->loop};
    Expr by = add_part(z, t, body);
    if (op == EXPR_SUM) {
        t->rule = EXPLAIN_SUM_LOOP;
        t->raw = close_loop(s, EXPR_SUM, index, lo, hi, by);
    } else if (op == EXPR_PROD) {
        t->rule = EXPLAIN_PROD_LOOP;
        Expr other = new_index(z, "jmpqrhst");
        if (!other) return false;
        Expr factor = expr_substitute(s, body, 1, &index, &other);
        factor = expr_if(s, expr_rel(s, 4 /* REL_EQ */, other, index), expr_int(s, 1), factor);
        t->raw = close_loop(s, EXPR_SUM, index, lo, hi, times(s, by, close_loop(s, EXPR_PROD, other, lo, hi, factor)));
    } else {
        t->rule = EXPLAIN_EXTREME;
        Expr at = expr_loop(s, op == EXPR_MAX ? EXPR_ARGMAX : EXPR_ARGMIN, number, lo, hi, expr_open(s, t->expr, number));
        t->raw = expr_substitute(s, by, 1, &index, &at);
    }
    return true;
}

/* Finds the rule for the step's expression, its parts and the answer. */
static void apply_rule(Explain *z, ExplainStep *t) {
    Store *s = z->s;
    bool known = true;
    Grade g = grade_of(z, t->expr);
    t->rule = g == GRADE_CONSTANT ? EXPLAIN_CONSTANT : EXPLAIN_LINEAR;
    if (g == GRADE_OTHER) switch (expr_op(s, t->expr)) {
        case EXPR_ADD: case EXPR_SUB: case EXPR_NEG: sum_rule(z, t); break;
        case EXPR_MUL: product_rule(z, t); break;
        case EXPR_DIV: quotient_rule(z, t); break;
        case EXPR_POW: power_rule(z, t); break;
        case EXPR_IF: choice_rule(z, t); break;
        case EXPR_FN: chain_rule(z, t); break;
        case EXPR_CALL:
            for (size_t i = 0; i < expr_count(s, t->expr); i++)
                known = known && expr_rank(s, expr_kid(s, t->expr, i)) == 0;
            if (known) chain_rule(z, t);
            break;
        default: known = expr_is_loop(s, t->expr) && loop_rule(z, t);
        }
    if (!known) {
        t->rule = EXPLAIN_OTHER;
        t->part_count = 0;
    }
    if (!t->raw) t->raw = t->result;
}

/* ---- choosing the steps: those nearest to the whole, then in the order in which one writes them ---- */

static size_t find_step(const Explain *z, Expr e, size_t loop) {
    for (size_t i = 0; i < z->out->count; i++)
        if (z->out->step[i].expr == e && z->out->step[i].loop == loop) return i;
    return EXPLAIN_NONE;
}

static size_t new_step(Explain *z, Expr e, Expr result, size_t loop) {
    Explanation *x = z->out;
    x->step = mem_grow(x->step, &z->cap, x->count + 1, sizeof *x->step);
    x->step[x->count] = (ExplainStep){.expr = e, .result = result, .loop = loop};
    return x->count++;
}

static void choose_steps(Explain *z) {
    Explanation *x = z->out;
    new_step(z, z->body, derivative(z, z->body), EXPLAIN_NONE);
    for (size_t i = 0; i < x->count && !z->failed; i++) {
        ExplainStep t = x->step[i];
        size_t loops = x->loop_count;
        apply_rule(z, &t);
        size_t loop = x->loop_count > loops ? x->loop_count - 1 : t.loop;
        for (size_t k = 0; k < t.part_count && !z->failed; k++) {
            ExplainPart *p = &t.part[k];
            if (grade_of(z, p->expr) != GRADE_OTHER) continue;
            p->step = find_step(z, p->expr, loop);
            if (p->step != EXPLAIN_NONE) continue;
            if (x->count < z->most)
                p->step = new_step(z, p->expr, p->derivative, loop);
            else
                p->hidden = count_steps(z, p->expr);
        }
        x->step[i] = t;
    }
}

/* Steps were found parents first; writes them parts first, the whole last. */
static void order_steps(Explanation *x) {
    size_t *place = mem_new(x->count, sizeof *place), *next = mem_new(x->count, sizeof *next);
    size_t *stack = mem_new(x->count + 1, sizeof *stack), depth = 0, done = 0;
    ExplainStep *sorted = mem_new(x->count, sizeof *sorted);
    for (size_t i = 0; i < x->count; i++) {
        place[i] = EXPLAIN_NONE;
        next[i] = 0;
    }
    stack[depth++] = 0;
    while (depth > 0) {
        size_t i = stack[depth - 1];
        ExplainStep *t = &x->step[i];
        if (next[i] < t->part_count) {
            size_t kid = t->part[next[i]++].step;
            if (kid != EXPLAIN_NONE && place[kid] == EXPLAIN_NONE && next[kid] == 0) stack[depth++] = kid;
            continue;
        }
        depth--;
        if (place[i] != EXPLAIN_NONE) continue;
        place[i] = done;
        sorted[done++] = *t;
    }
    for (size_t i = 0; i < done; i++)
        for (size_t k = 0; k < sorted[i].part_count; k++)
            if (sorted[i].part[k].step != EXPLAIN_NONE) sorted[i].part[k].step = place[sorted[i].part[k].step];
    free(x->step);
    x->step = sorted;
    x->count = done;
    free(place);
    free(next);
    free(stack);
}

bool explain_derive(Defs *d, Expr body, Expr v, size_t most, Diags *diags, Span span, Explanation *out) {
    Store *s = defs_store(d);
    *out = (Explanation){.store = s, .v = v};
    Explain z = {.d = d, .s = s, .out = out, .diags = diags, .span = span, .most = most, .body = body};
    for (int i = 0; i < expr_rank(s, v) && i < 2; i++) out->index[i] = new_index(&z, i == 0 ? "kpq" : "lrh");
    z.grade = memo_begin(s);
    choose_steps(&z);
    memo_end(s, z.grade);
    if (!z.failed) order_steps(out);
    return !z.failed;
}

void explain_done(Explanation *x) {
    free(x->step);
    free(x->loop);
    *x = (Explanation){0};
}

Expr explain_close(const Explanation *x, const ExplainStep *step, Expr e, bool by_element) {
    Store *s = x->store;
    for (size_t l = step->loop; l != EXPLAIN_NONE; l = x->loop[l].outer)
        e = close_loop(s, EXPR_SUM, x->loop[l].index, x->loop[l].lo, x->loop[l].hi, e);
    for (int i = by_element ? expr_rank(s, x->v) : 0; 0 < i--;)
        e = close_loop(s, EXPR_VEC, x->index[i], expr_int(s, 1), expr_kid(s, x->v, (size_t)i), e);
    return e;
}
