/* The claim's terms paired with the derivative's.  The derivative is taken apart in several ways (as
 * it reads, multiplied out, rule by rule); the way counts in which most of the claim's terms are found,
 * each one term or the sum of a few.  Values in doubles find a pair, balls confirm it.  See slip.h. */
#include <math.h>
#include <string.h>

#include "eval/slip_parts.h"
#include "expr/build.h"
#include "expr/derive.h"

enum { FEW = 14, SUBSET = 4 }; /* sums of up to so many terms, out of so many */

typedef struct Terms {
    Expr e[SLIP_TERMS];
    double value[SLIP_TERMS][SLIP_POINTS];
    bool used[SLIP_TERMS];
    size_t count;
} Terms;

typedef struct Pairing {
    bool agrees[SLIP_TERMS];
    size_t found, left;
    Expr missing[SLIP_TERMS];
} Pairing;

static bool add_term(Terms *t, Expr e) {
    if (!e || t->count == SLIP_TERMS)
        return false;
    t->e[t->count++] = e;
    return true;
}

/* The sum at the top of e, with the sign in the terms. */
static bool sum_terms(Store *store, Expr e, Terms *out) {
    struct {
        Expr e;
        bool minus;
    } stack[2 * SLIP_TERMS];
    size_t depth = 0;
    stack[depth].e = e;
    stack[depth++].minus = false;
    while (depth) {
        Expr at = stack[--depth].e;
        bool minus = stack[depth].minus;
        ExprOp op = expr_op(store, at);
        bool sum = op == EXPR_ADD || op == EXPR_SUB;
        if (2 * SLIP_TERMS - 2 < depth)
            return false;
        if (sum) {
            stack[depth].e = expr_kid(store, at, 1);
            stack[depth++].minus = minus != (op == EXPR_SUB);
        }
        if (sum || op == EXPR_NEG) {
            stack[depth].e = expr_kid(store, at, 0);
            stack[depth++].minus = minus != (op == EXPR_NEG);
        } else if (!add_term(out, minus ? build_neg(store, at) : at)) {
            return false;
        }
    }
    return true;
}

static Expr sum_of(Store *store, const Expr *e, size_t count) {
    Expr res = expr_int(store, 0);
    for (size_t i = 0; i < count; i++)
        res = build_add(store, res, e[i]);
    return res;
}

/* Products, quotients and squares of sums at the top of e multiplied out, once. */
static bool spread(Store *store, const Terms *in, Terms *out) {
    for (size_t i = 0; i < in->count; i++) {
        Expr e = in->e[i];
        bool minus = expr_op(store, e) == EXPR_NEG;
        if (minus)
            e = expr_kid(store, e, 0);
        ExprOp op = expr_op(store, e);
        Terms a = {.count = 0}, b = {.count = 0};
        long n;
        bool square = op == EXPR_POW && expr_is_integer(store, expr_kid(store, e, 1), &n) && n == 2;
        if (op != EXPR_MUL && op != EXPR_DIV && !square) {
            if (!add_term(out, in->e[i]))
                return false;
            continue;
        }
        if (!sum_terms(store, expr_kid(store, e, 0), &a) ||
            !(op == EXPR_DIV ? add_term(&b, expr_kid(store, e, 1))
                             : sum_terms(store, expr_kid(store, e, square ? 0 : 1), &b)))
            return false;
        for (size_t k = 0; k < a.count * b.count; k++) {
            Expr x = a.e[k / b.count], y = b.e[k % b.count];
            Expr term = op == EXPR_DIV ? build_div(store, x, y) : build_mul(store, x, y);
            if (!add_term(out, minus ? build_neg(store, term) : term))
                return false;
        }
    }
    return true;
}

/* Term by term of the function, each product in its two halves. */
static bool by_rules(const SlipInput *in, Terms *out) {
    Store *store = defs_store(in->defs);
    Terms of = {.count = 0};
    if (!in->function || !in->variable ||
        !sum_terms(store, defs_expand(in->defs, in->function, 2000), &of))
        return false;
    for (size_t i = 0; i < of.count; i++) {
        Expr e = of.e[i];
        bool product = expr_op(store, e) == EXPR_MUL;
        for (size_t k = 0; k < (product ? 2 : 1); k++) {
            Expr part = product ? expr_kid(store, e, k) : e;
            Expr d = slip_derivative(in->defs, part, in->variable);
            if (product && d)
                d = build_mul(store, d, expr_kid(store, e, 1 - k));
            if (!d || (!build_is_zero(store, d) && !add_term(out, d)))
                return false;
        }
    }
    return true;
}

static bool is_zero(const double *v) {
    bool res = true;
    for (size_t i = 0; i < SLIP_POINTS; i++)
        res = res && v[i] == 0;
    return res;
}

/* A few terms by their numbers. */
typedef struct Subset {
    size_t at[SUBSET], count;
} Subset;

static bool sums_to(const Terms *t, const Subset *of, const double *value) {
    for (size_t p = 0; p < SLIP_POINTS; p++) {
        double sum = 0, size = fabs(value[p]);
        for (size_t i = 0; i < of->count; i++) {
            sum += t->value[of->at[i]][p];
            size = fmax(size, fabs(t->value[of->at[i]][p]));
        }
        if (!(fabs(sum - value[p]) <= 1e-9 * size))
            return false;
    }
    return true;
}

/* The next choice of so many out of `count` numbers, ascending; false after the last. */
static bool next_choice(size_t *at, size_t size, size_t count) {
    for (size_t i = size; 0 < i--;)
        if (at[i] + (size - i) < count) {
            at[i]++;
            for (size_t k = i + 1; k < size; k++)
                at[k] = at[k - 1] + 1;
            return true;
        }
    return false;
}

/* Unused terms, `least` to `most` of them, that make the value.  One may be any, of more only the first
 * FEW are looked at. */
static bool find_subset(const Terms *t, const double *value, size_t least, size_t most,
                        Subset *out) {
    size_t open[SLIP_TERMS], count = 0, at[SUBSET];
    for (size_t i = 0; i < t->count; i++)
        if (!t->used[i])
            open[count++] = i;
    for (size_t size = least; size <= most; size++) {
        size_t among = size > 1 && FEW < count ? FEW : count;
        for (size_t i = 0; i < size; i++)
            at[i] = i;
        bool more = size <= among;
        while (more) {
            out->count = size;
            for (size_t i = 0; i < size; i++)
                out->at[i] = open[at[i]];
            if (sums_to(t, out, value))
                return true;
            more = next_choice(at, size, among);
        }
    }
    return false;
}

static Expr subset_sum(SlipSearch *s, const Terms *t, const Subset *of) {
    Expr list[SUBSET];
    for (size_t i = 0; i < of->count; i++)
        list[i] = t->e[of->at[i]];
    return sum_of(defs_store(s->in->defs), list, of->count);
}

static bool confirmed(SlipSearch *s, Expr a, Expr b) {
    return a == b || s->in->is_equal(s->in->context, a, b, NULL);
}

/* Each unused term of `a` is so many of `b`. */
static void pair_off(SlipSearch *s, Terms *a, Terms *b, size_t least, size_t most) {
    Subset of;
    for (size_t i = 0; i < a->count; i++) {
        if (a->used[i] || !find_subset(b, a->value[i], least, most, &of) ||
            !confirmed(s, a->e[i], subset_sum(s, b, &of)))
            continue;
        a->used[i] = true;
        for (size_t k = 0; k < of.count; k++)
            b->used[of.at[k]] = true;
    }
}

/* One to one, then one of the claim's to a few of the derivative's, then the other way round. */
static void pair(SlipSearch *s, Terms *yours, Terms *theirs) {
    pair_off(s, yours, theirs, 1, 1);
    pair_off(s, yours, theirs, 2, SUBSET);
    pair_off(s, theirs, yours, 2, SUBSET);
}

static bool evaluate(SlipSearch *s, Terms *t) {
    size_t kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        t->e[kept] = t->e[i];
        if (!slip_values(s, t->e[i], t->value[kept]))
            return false;
        kept += !is_zero(t->value[kept]);
    }
    t->count = kept;
    return true;
}

static void attempt(SlipSearch *s, const Terms *yours, Terms *theirs, Pairing *best) {
    Terms mine = *yours;
    Pairing p = {.found = 0};
    if (!evaluate(s, theirs))
        return;
    pair(s, &mine, theirs);
    for (size_t i = 0; i < mine.count; i++) {
        p.agrees[i] = mine.used[i];
        p.found += mine.used[i];
    }
    for (size_t i = 0; i < theirs->count; i++)
        if (!theirs->used[i])
            p.missing[p.left++] = theirs->e[i];
    if (best->found < p.found || (best->found == p.found && p.left < best->left))
        *best = p;
}

void slip_pair_terms(SlipSearch *s) {
    Store *store = defs_store(s->in->defs);
    Terms *yours = arena_alloc(s->in->arena, sizeof *yours),
          *theirs = arena_array(s->in->arena, 3, sizeof *theirs);
    Pairing best = {.left = SIZE_MAX};
    for (size_t i = 0; i < s->terms; i++) {
        Expr e = s->in->lower(s->in->context, s->term[i].at);
        if (!add_term(yours, e && s->term[i].sign < 0 ? build_neg(store, e) : e))
            return;
        if (!slip_values(s, yours->e[i], yours->value[i]))
            return;
        memcpy(s->term[i].value, yours->value[i], sizeof s->term[i].value);
    }
    bool have[3] = {sum_terms(store, s->in->derivative, &theirs[0])};
    have[1] = have[0] && spread(store, &theirs[0], &theirs[1]);
    have[2] = by_rules(s->in, &theirs[2]);
    for (int way = 0; way < 3; way++)
        if (have[way])
            attempt(s, yours, &theirs[way], &best);
    if (best.left == SIZE_MAX)
        return;
    for (size_t i = 0; i < s->terms; i++)
        s->term[i].agrees = best.agrees[i];
    s->missing_count = best.left;
    memcpy(s->missing, best.missing, sizeof s->missing);
}

/* ---- what follows from it ---- */

static Expr missing_sum(SlipSearch *s) {
    Store *store = defs_store(s->in->defs);
    Expr res = s->missing_count == 1 ? s->missing[0] : sum_of(store, s->missing, s->missing_count);
    return res ? simplify(s->in->defs, res) : 0;
}

const char *slip_addend(SlipSearch *s, Expr e) {
    Store *store = defs_store(s->in->defs);
    const char *text = slip_print(s, e, false);
    ExprOp op = expr_op(store, e);
    if (*text == '-' && op != EXPR_ADD && op != EXPR_SUB)
        return arena_printf(s->in->arena, " - %s", text + 1 + strspn(text + 1, " "));
    return arena_printf(s->in->arena,
                        op == EXPR_SUB || op == EXPR_ADD || op == EXPR_NEG ? " + (%s)" : " + %s",
                        text);
}

static bool try_missing(SlipSearch *s) {
    Store *store = defs_store(s->in->defs);
    Expr more = missing_sum(s);
    uint32_t end = s->tree->span.end + (s->tree->bracketed ? 1 : 0);
    if (!more)
        return false;
    const char *text = slip_addend(s, more);
    SlipEdit edit = {SLIP_MISSING, span_of(end, end), text,
                     arena_printf(s->in->arena, "a term is missing:%s", text)};
    return slip_try(s, build_add(store, s->in->yours, more), &edit);
}

/* The term with the sign before it, of the first the one after it. */
static Span with_sign(const SlipSearch *s, size_t i) {
    const Ast *at = s->term[i].at;
    Span res =
        span_of(at->span.start - (at->bracketed ? 1 : 0), at->span.end + (at->bracketed ? 1 : 0));
    for (uint32_t k = res.start;
         i > 0 && s->tree->span.start < k && strchr("+- ", s->in->source[k - 1]); k--)
        res.start = k - 1;
    while (s->in->source[res.start] == ' ')
        res.start++;
    return res;
}

static bool try_extra(SlipSearch *s, size_t i) {
    Store *store = defs_store(s->in->defs);
    const SlipTerm *t = &s->term[i];
    Expr e = s->in->lower(s->in->context, t->at);
    SlipEdit edit = {SLIP_EXTRA, with_sign(s, i), i == 0 ? "0" : "",
                     arena_printf(s->in->arena, "a term too many: %s", slip_slice(s, t->at))};
    return e && slip_try(s,
                         t->sign < 0 ? build_add(store, s->in->yours, e)
                                     : build_sub(store, s->in->yours, e),
                         &edit);
}

/* Nothing varies: whatever was claimed is too much. */
static bool try_nothing(SlipSearch *s) {
    SlipEdit edit = {SLIP_EXTRA, s->tree->span, "0", "the derivative is 0"};
    return is_zero(s->want) && slip_try(s, expr_int(defs_store(s->in->defs), 0), &edit);
}

bool slip_try_terms(SlipSearch *s) {
    size_t off = 0, last = 0;
    if (try_nothing(s))
        return true;
    for (size_t i = 0; i < s->terms; i++)
        if (!s->term[i].agrees) {
            off++;
            last = i;
        }
    if (off == 0 && s->missing_count > 0)
        return try_missing(s);
    return off == 1 && 1 < s->terms && s->missing_count == 0 && try_extra(s, last);
}

bool slip_try_replaced(SlipSearch *s, bool all) {
    size_t first = s->terms, last = 0, off = 0;
    for (size_t i = 0; i < s->terms; i++)
        if (!s->term[i].agrees) {
            first = i < first ? i : first;
            last = i;
            off++;
        }
    bool one = off == 1 && 1 < s->terms && s->missing_count > 0;
    if (!one && !all)
        return false;
    Store *store = defs_store(s->in->defs);
    Expr with = one ? missing_sum(s) : s->in->derivative;
    const Ast *at = one ? s->term[last].at : s->tree;
    SlipEdit edit = {.kind = SLIP_TERM, .place = at->span};
    if (!with)
        return false;
    Expr candidate = with;
    if (one) {
        Expr e = s->in->lower(s->in->context, at);
        Expr rest = s->term[last].sign < 0 ? build_add(store, s->in->yours, e)
                                           : build_sub(store, s->in->yours, e);
        candidate = build_add(store, rest, with);
        if (s->term[last].sign < 0)
            with = simplify(s->in->defs, build_neg(store, with));
    }
    edit.text = slip_print(s, with, one && s->term[last].sign < 0);
    return with && slip_try(s, candidate, &edit);
}
