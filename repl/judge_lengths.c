/* Claims about functions of vectors whose length is left open.  A witness at some length refutes;
 * then the algebra, with the lengths and the component's indices as whole numbers of which only the
 * ranges are known, proves for all; what it does not prove is judged length by length. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/check_parts.h"
#include "expr/affine.h"
#include "expr/build.h"
#include "expr/domain.h"
#include "expr/pass.h"
#include "parser/ast.h"
#include "repl/json.h"
#include "repl/judge_claim.h"
#include "repl/show_value.h"

enum {
    MOST_CHOICES = 48,
    SHOWN = 7, /* lengths 1 to 7 are judged one by one */
    /* operations at one point, at most: lengths that need more are left out */
    NEAR_WORK = 2000000,
    FAR_WORK = 300000,
    CERTAIN_WORK = 100000,
    MOST_SYMBOLIC = 64,
    MOST_NODES = 4096,
    TOP_INDEX = 29, /* FREE number of the component's first index, */
    LAST_INDEX = 28 /* and its last: the worker uses those below */
};

/* ---- the choices of lengths ---- */

static const size_t one_by_one[] = {5, 1, 2, 3, 4, 6, 7};
static const size_t longer[] = {8, 9, 10, 11, 12, 13, 16, 20, 27};

/* 1 to 7; of several lengths each takes all of these, and every pair of 1 to 3 occurs. */
static size_t short_choices(const Claim *c, Choice *out) {
    size_t count = 0, combinations = 1;
    for (size_t i = 0; c->open_count == 1 && i < SHOWN; i++) out[count++].length[0] = one_by_one[i];
    if (count > 0) return count;
    for (size_t i = 0; i < c->open_count && combinations < 27; i++) combinations *= 3;
    for (size_t a = 0; a < c->open_count; a++) out[count].length[a] = 5 - a % 4;
    count++;
    for (size_t i = 0; i < combinations; i++, count++)
        for (size_t a = 0, rest = i; a < c->open_count; a++, rest /= 3)
            out[count].length[a] = 1 + (rest + a) % 3;
    for (size_t i = 0; i < 4; i++, count++)
        for (size_t a = 0; a < c->open_count; a++)
            out[count].length[a] = 4 + (a % 2 ? 3 - i : i + a / 2) % 4;
    return count;
}

static size_t long_choices(const Claim *c, Choice *out) {
    size_t count = sizeof longer / sizeof *longer;
    for (size_t i = 0; i < count; i++)
        for (size_t a = 0; a < c->open_count; a++) out[i].length[a] = longer[(i + 2 * a) % count];
    return count;
}

static const char *length_name(const Claim *c, size_t i) {
    return names_text(c->task->in->names, expr_payload(c->task->in->store, c->open[i]));
}

/* "m, n" */
static void list_lengths(const Claim *c, Buf *out) {
    for (size_t i = 0; i < c->open_count; i++)
        buf_printf(out, i ? ", %s" : "%s", length_name(c, i));
}

static void note_lengths(Claim *c) {
    Buf text;
    buf_init(&text);
    Buf *json = &c->task->report->json;
    json_key(json, "lengths");
    buf_char(json, '{');
    for (size_t i = 0; i < c->open_count; i++) {
        buf_printf(&text, i ? ", %s = %zu" : "%s = %zu", length_name(c, i), c->length[i]);
        json_count(json, length_name(c, i), c->length[i]);
    }
    buf_char(json, '}');
    report_note(c->task->report, "with %s", buf_str(&text));
    buf_done(&text);
}

/* Of one side: its nodes, each as often as the innermost loop goes round. */
static double work_of_side(const Claim *c, Expr side, size_t longest) {
    Defs *d = c->task->in->defs;
    Expr e = defs_expand(d, side, MOST_NODES);
    size_t nodes = 0;
    if (e) free(expr_reachable(defs_store(d), 1, &e, &nodes));
    return e ? pow((double)longest, store_height(defs_store(d), e)) * (double)nodes : 0;
}

static double work_of(const Claim *c, const Choice *at) {
    size_t longest = 0;
    for (size_t i = 0; i < c->open_count; i++)
        longest = longest < at->length[i] ? at->length[i] : longest;
    return work_of_side(c, c->left, longest) + work_of_side(c, c->right, longest);
}

/* ---- at one choice ---- */

typedef enum Outcome { OUTCOME_BROKEN, OUTCOME_REFUTES, OUTCOME_GOES_ON } Outcome;

/* What the choices so far have shown. */
typedef struct Shown {
    size_t judged; /* choices at which there was something to compare */
    size_t proved; /* of them, for certain */
    Verdict worst;
    size_t least, most; /* of the first length, at these choices */
    size_t points;      /* least */
    double error;       /* largest */
    char *reason;       /* of the worst; owned */
} Shown;

static void keep_reason(Shown *s, const CheckComponent *k, const CheckResult *r) {
    Buf text;
    buf_init(&text);
    if (k->reason || r->reason) buf_text(&text, k->reason ? k->reason : r->reason);
    else if (k->proved_where) verdict_say_where(&text, k->proved_where);
    if (text.len > 0) {
        free(s->reason);
        s->reason = mem_copy_text(buf_str(&text), text.len);
    }
    buf_done(&text);
}

static void add_shown(Shown *s, const CheckResult *r, size_t length) {
    s->least = s->judged == 0 || length < s->least ? length : s->least;
    s->most = s->most < length ? length : s->most;
    s->judged++;
    s->proved += r->verdict == VERDICT_PROVED;
    for (size_t i = 0; i < r->count; i++) {
        const CheckComponent *k = &r->component[i];
        s->points = k->points < s->points ? k->points : s->points;
        s->error = fmax(s->error, k->max_rel_error);
        if (k->verdict == r->verdict && s->worst < r->verdict) keep_reason(s, k, r);
    }
    s->worst = s->worst < r->verdict ? r->verdict : s->worst;
}

/* Did doubles find a point that may refute? */
static bool has_witness(const CheckResult *r) {
    for (size_t i = 0; i < r->count; i++)
        if (r->component[i].witness) return true;
    return false;
}

/* Judges at these lengths, for certain where `certain` or where doubles are not content. */
static Outcome judge_choice(Claim *c, const Choice *at, bool certain, Shown *shown) {
    CheckResult r;
    Outcome res = OUTCOME_GOES_ON;
    memcpy(c->length, at->length, sizeof c->length);
    if (!claim_make(c)) return OUTCOME_BROKEN;
    if (!claim_compare(c, &r)) {
        res = OUTCOME_BROKEN;
    } else if (!r.reason || certain) { /* a reason: nothing to compare at this length */
        c->summary = certain && !has_witness(&r);
        if (certain || has_witness(&r)) claim_certain(c, &r);
        if (r.verdict == VERDICT_REFUTED || r.verdict == VERDICT_DIFFERS) {
            res = OUTCOME_REFUTES;
            Choice near[MOST_CHOICES];
            judge_repairs(c, &r, short_choices(c, near), near);
            note_lengths(c);
            claim_say(c, &r);
        } else if (!r.reason) {
            add_shown(shown, &r, at->length[0]);
        }
    }
    check_result_done(&r);
    return res;
}

static Outcome judge_choices(Claim *c, size_t count, const Choice *at, bool certain, double most,
                             Shown *shown) {
    Outcome res = OUTCOME_GOES_ON;
    *shown = (Shown){.points = SIZE_MAX};
    for (size_t i = 0; i < count && res == OUTCOME_GOES_ON; i++)
        if (work_of(c, &at[i]) <= most) res = judge_choice(c, &at[i], certain, shown);
    return res;
}

/* ---- for all lengths ---- */

/* A component with symbolic indices, those of the two sides, and what is known of the indices. */
typedef struct Symbolic {
    Expr yours, derivative, given;
} Symbolic;

typedef struct Symbolics {
    Store *store;
    Symbolic item[MOST_SYMBOLIC];
    size_t count;
    bool all; /* there are no others */
} Symbolics;

static Expr between(Store *s, Expr lo, Expr e, Expr hi) {
    return expr_binary(s, EXPR_AND, expr_rel(s, REL_LE, lo, e), expr_rel(s, REL_LE, e, hi));
}

/* The components of both sides: at each index of a known length, at a symbolic one else. */
static void find_components(Symbolics *out, Symbolic at, unsigned index) {
    Store *s = out->store;
    long n;
    if (!at.yours || !at.derivative || out->count == MOST_SYMBOLIC) {
        out->all = false;
        return;
    }
    if (expr_rank(s, at.derivative) == 0) {
        out->item[out->count++] = at;
        return;
    }
    Expr length = expr_dim(s, at.derivative, 0), mine = expr_dim(s, at.yours, 0);
    bool known = length && expr_is_integer(s, length, &n);
    if (!length || !mine || !build_is_zero(s, affine_normal(s, build_sub(s, length, mine))) ||
        (!known && index < LAST_INDEX)) {
        out->all = false;
        return;
    }
    for (long i = 1; i <= (known ? n : 1) && out->all; i++) {
        Expr k = known ? expr_int(s, i) : expr_free(s, index);
        Symbolic next = {expr_fuse(s, at.yours, k), expr_fuse(s, at.derivative, k), at.given};
        if (!known)
            next.given = expr_binary(s, EXPR_AND, at.given, between(s, expr_int(s, 1), k, length));
        find_components(out, next, index - 1);
    }
}

static bool is_conjunct(const Store *s, Expr whole, Expr part) {
    while (expr_op(s, whole) == EXPR_AND && whole != part) {
        if (is_conjunct(s, expr_kid(s, whole, 1), part)) return true;
        whole = expr_kid(s, whole, 0);
    }
    return whole == part;
}

/* The product that the relation keeps off 0; 0: none. */
static Expr nonzero_product(const Store *s, Expr relation) {
    if (expr_op(s, relation) != EXPR_REL) return 0;
    uint32_t rel = expr_payload(s, relation);
    Expr a = expr_kid(s, relation, 0), b = expr_kid(s, relation, 1), product = build_is_zero(s, b) ? a : b;
    bool off = rel == REL_NE || rel == REL_LT || rel == REL_GT;
    bool with_zero = build_is_zero(s, a) || build_is_zero(s, b);
    return off && with_zero && expr_op(s, product) == EXPR_PROD ? product : 0;
}

/* What a factor of a product that is not 0 says: that it is not 0, of if(c, 1, 0) that c holds. */
static Expr of_factor(Store *s, Expr factor) {
    if (expr_op(s, factor) != EXPR_IF) return build_rel(s, REL_NE, factor, expr_int(s, 0));
    bool condition = build_is_one(s, expr_kid(s, factor, 1)) && build_is_zero(s, expr_kid(s, factor, 2));
    return condition ? expr_kid(s, factor, 0) : 0;
}

/* The domain, and where it is a condition on all of x[1..n], the same on the component's x[k]. */
static Expr with_instances(Store *s, Expr domain, Expr given) {
    size_t count;
    Expr *list = expr_reachable(s, 1, &domain, &count), res = domain;
    for (size_t i = 0; i < count; i++) {
        long lo;
        Expr all = nonzero_product(s, list[i]);
        if (!all || !is_conjunct(s, domain, list[i]) || !expr_is_integer(s, expr_kid(s, all, 0), &lo) || lo != 1)
            continue;
        for (unsigned k = TOP_INDEX; LAST_INDEX <= k; k--) {
            Expr in_range = expr_rel(s, REL_LE, expr_free(s, k), expr_kid(s, all, 1));
            Expr body = is_conjunct(s, given, in_range) ? expr_open(s, all, k) : 0, said = body ? of_factor(s, body) : 0;
            if (said) res = expr_binary(s, EXPR_AND, res, said);
        }
    }
    free(list);
    return res;
}

/* That the elements which the function always reads are there: of x[3] that 3 <= n. */
static Expr with_elements(Store *s, Expr function, Expr given) {
    size_t count = 0, cap = 0, steps = 0;
    Expr *stack = mem_grow(NULL, &cap, 1, sizeof *stack);
    stack[count++] = function;
    while (count > 0 && steps++ < MOST_NODES) {
        Expr e = stack[--count];
        ExprOp op = expr_op(s, e);
        if (op == EXPR_IF || op == EXPR_AND || op == EXPR_OR || op == EXPR_CALL ||
            expr_is_loop(s, e))
            continue;
        Expr length = op == EXPR_ELEM ? expr_dim(s, expr_kid(s, e, 0), 0) : 0;
        if (length)
            given = expr_binary(s, EXPR_AND, given,
                                between(s, expr_int(s, 1), expr_kid(s, e, 1), length));
        stack = mem_grow(stack, &cap, count + expr_count(s, e), sizeof *stack);
        for (size_t i = 0; i < expr_count(s, e); i++) stack[count++] = expr_kid(s, e, i);
    }
    free(stack);
    return given;
}

static bool prove_component(Claim *c, const Symbolic *k, Expr domain) {
    Interp *in = c->task->in;
    Store *s = in->store;
    Expr own = domain_of(in->defs, k->derivative);
    Expr known = own ? expr_binary(s, EXPR_AND, domain, own) : domain;
    Expr facts = expr_binary(s, EXPR_AND, k->given, with_instances(s, domain, k->given));
    Expr gap = expr_binary(s, EXPR_SUB, k->yours, k->derivative);
    bool same = k->yours == k->derivative;
    return (same || judge_prove(c, gap, facts)) && judge_is_defined(c, k->yours, facts, known);
}

/* Proved for every length from 1 on? */
static bool prove_all(Claim *c) {
    Interp *in = c->task->in;
    Store *s = in->store;
    Symbolics parts = {.store = s, .all = true};
    Expr given = expr_int(s, 1);
    for (size_t i = 0; i < c->open_count; i++) {
        if (expr_op(s, c->open[i]) != EXPR_SYM) return false;
        Expr positive = expr_rel(s, REL_LE, expr_int(s, 1), c->open[i]);
        given = i ? expr_binary(s, EXPR_AND, given, positive) : positive;
    }
    Expr domain = defs_expand(in->defs, claim_view(c).domain, MOST_NODES);
    Expr function = defs_expand(in->defs, c->base ? c->base : c->left, MOST_NODES);
    if (function && expr_rank(s, function) == 0) given = with_elements(s, function, given);
    Expr yours = defs_expand(in->defs, c->right, MOST_NODES),
         left = defs_expand(in->defs, c->left, MOST_NODES);
    find_components(&parts, (Symbolic){yours, left, given}, TOP_INDEX);
    bool res = parts.all && parts.count > 0 && domain && in->prove;
    for (size_t i = 0; i < parts.count && res; i++)
        res = !interp_interrupted(in) && prove_component(c, &parts.item[i], domain);
    return res;
}

/* ---- saying it ---- */

/* "grad f[k]": the one component that stands for all. */
static void component_name(const Claim *c, Buf *out) {
    static const char *const letter[] = {"[k]", "[k,l]", "[k,l,m]", "[k,l,m,n]"};
    int rank = expr_rank(c->task->in->store, c->left);
    buf_text(out, claim_text(c));
    if (0 < rank) buf_text(out, letter[rank < 4 ? rank - 1 : 3]);
}

/* "1..7", or what of it could be judged. */
static const char *range_text(const Claim *c, const Shown *s) {
    Buf b;
    buf_init(&b);
    if (c->open_count == 1)
        buf_printf(&b, "%zu..%zu", s->least, s->most);
    else
        buf_printf(&b, "1..%d", SHOWN);
    const char *res = arena_copy_text(c->task->arena, buf_str(&b), b.len);
    buf_done(&b);
    return res;
}

static void say_json(Claim *c, const Shown *s, bool all, const char *reason) {
    Buf *json = &c->task->report->json, name;
    const char *verdict = verdict_text(all ? VERDICT_PROVED : s->worst);
    buf_init(&name);
    component_name(c, &name);
    json_string(json, "what", claim_text(c));
    json_string(json, "verdict", verdict);
    json_key(json, "lengths");
    buf_char(json, '{');
    for (size_t i = 0; i < c->open_count; i++)
        json_string(json, length_name(c, i), all ? "all" : range_text(c, s));
    buf_char(json, '}');
    json_key(json, "components");
    buf_text(json, "[{");
    json_string(json, "what", buf_str(&name));
    json_string(json, "verdict", verdict);
    json_count(json, "points", s->points);
    json_number(json, "max_rel_error", s->error);
    if (reason) json_string(json, "reason", reason);
    buf_text(json, "}]");
    buf_done(&name);
}

/* No length refuted: proved for all, or so far as it goes. */
static void say_shown(Claim *c, Shown *s, size_t choices, bool all) {
    Task *t = c->task;
    Buf *out = &t->report->text, where;
    bool shown = s->proved == s->judged && s->judged == choices;
    buf_init(&where);
    list_lengths(c, &where);
    if (!all && s->worst == VERDICT_PROVED) s->worst = VERDICT_AGREES;
    buf_printf(out, "%s %s", claim_text(c), verdict_text(all ? VERDICT_PROVED : s->worst));
    if (all) {
        buf_printf(out, " for all %s\n", buf_str(&where));
        say_json(c, s, true, NULL);
    } else {
        Buf reason;
        buf_init(&reason);
        buf_printf(&reason, "%s for %s = %s only",
                   shown                        ? "shown"
                   : s->worst == VERDICT_AGREES ? "judged"
                                                : "looked at",
                   buf_str(&where), range_text(c, s));
        if (c->open_count > 1) buf_printf(&reason, " (%zu choices)", choices);
        if (!shown) {
            buf_printf(&reason, ", at %zu points each, largest relative error ", s->points);
            show_number(&reason, s->error, 2);
        }
        if (s->reason) buf_printf(&reason, ": %s", s->reason);
        buf_printf(out, ": %s\n", buf_str(&reason));
        say_json(c, s, false, buf_str(&reason));
        buf_done(&reason);
    }
    if (!all && s->worst == VERDICT_UNDECIDED) t->in->outcome |= OUTCOME_UNDECIDED;
    buf_done(&where);
}

/* Nothing to compare at any length: as for one of 5. */
static bool judge_at_five(Claim *c) {
    CheckResult r;
    for (size_t i = 0; i < c->open_count; i++) c->length[i] = one_by_one[0];
    if (!claim_make(c)) return false;
    bool res = claim_compare(c, &r);
    if (res) {
        claim_certain(c, &r);
        note_lengths(c);
        claim_say(c, &r);
    }
    check_result_done(&r);
    return res;
}

bool judge_all_lengths(Claim *c) {
    Choice near[MOST_CHOICES], far[MOST_CHOICES];
    Shown s = {0}, beyond = {0}, again = {0};
    size_t count = short_choices(c, near);
    Outcome o = judge_choices(c, count, near, false, NEAR_WORK, &s);
    if (o == OUTCOME_GOES_ON && s.judged > 0) {
        o = judge_choices(c, long_choices(c, far), far, false, FAR_WORK, &beyond);
        bool all = o == OUTCOME_GOES_ON && prove_all(c);
        if (o == OUTCOME_GOES_ON && !all)
            o = judge_choices(c, count, near, true, CERTAIN_WORK, &again);
        if (o == OUTCOME_GOES_ON) say_shown(c, again.judged ? &again : &s, s.judged, all);
    } else if (o == OUTCOME_GOES_ON) {
        o = judge_at_five(c) ? OUTCOME_REFUTES : OUTCOME_BROKEN;
    }
    free(s.reason);
    free(beyond.reason);
    free(again.reason);
    return o != OUTCOME_BROKEN;
}
