/* The set on which a claim is judged: where its function is defined, less its kinks; and which
 * conditions of the claim do not follow from it. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/domain.h"
#include "expr/functions.h"
#include "parser/ast.h"
#include "repl/judge.h"

enum { WHERE_PARTS = 64 };

/* The parts of a conjunction, at most WHERE_PARTS: the last holds what there was no room for. */
static size_t split(Store *s, Expr e, Expr *part) {
    Expr stack[WHERE_PARTS];
    size_t depth = 0, count = 0;
    stack[depth++] = e;
    while (depth > 0 && count < WHERE_PARTS) {
        Expr at = stack[--depth];
        if (expr_op(s, at) == EXPR_AND && depth + 2 <= WHERE_PARTS) {
            stack[depth++] = expr_kid(s, at, 1);
            stack[depth++] = expr_kid(s, at, 0);
        } else if (!build_is_one(s, at)) {
            part[count++] = at;
        }
    }
    while (depth > 0) part[count - 1] = build_and(s, part[count - 1], stack[--depth]);
    return count;
}

static Expr negated(Store *s, Expr e);

/* Not sum(i=lo..hi, if(c, 1, 0)) > 0, which is how some i makes c true:
 * prod(i=lo..hi, if(not c, 1, 0)) != 0.  0 where it is nothing of the kind. */
static Expr for_none(Store *s, Expr e) {
    Expr loop = expr_op(s, e) == EXPR_REL && expr_payload(s, e) == REL_GT ? expr_kid(s, e, 0) : 0;
    if (!loop || expr_op(s, loop) != EXPR_SUM || !build_is_zero(s, expr_kid(s, e, 1))) return 0;
    unsigned number = expr_unused_free(s, expr_mask(s, loop));
    Expr body = expr_open(s, loop, number), yes = expr_int(s, 1), no = expr_int(s, 0);
    if (expr_op(s, body) != EXPR_IF || expr_kid(s, body, 1) != yes || expr_kid(s, body, 2) != no)
        return 0;
    body = build_if(s, negated(s, expr_kid(s, body, 0)), yes, no);
    Expr lo = expr_kid(s, loop, 0), hi = expr_kid(s, loop, 1);
    return expr_rel(s, REL_NE, build_loop(s, EXPR_PROD, number, lo, hi, body), no);
}

/* Not e, said without `not` where e is a comparison or alternatives of them. */
static Expr negated(Store *s, Expr e) {
    static const int other[] = {[REL_LT] = REL_GE, [REL_LE] = REL_GT, [REL_GT] = REL_LE,
                                [REL_GE] = REL_LT, [REL_EQ] = REL_NE, [REL_NE] = REL_EQ};
    Expr stack[WHERE_PARTS], res = expr_int(s, 1);
    size_t depth = 0;
    stack[depth++] = e;
    while (depth > 0) {
        Expr at = stack[--depth], own;
        if (expr_op(s, at) == EXPR_OR && depth + 2 <= WHERE_PARTS) {
            stack[depth++] = expr_kid(s, at, 1);
            stack[depth++] = expr_kid(s, at, 0);
            continue;
        }
        own = for_none(s, at);
        if (!own && expr_op(s, at) == EXPR_REL)
            own = expr_rel(s, other[expr_payload(s, at)], expr_kid(s, at, 0), expr_kid(s, at, 1));
        else if (!own)
            own = build_not(s, at);
        res = build_and(s, res, own);
    }
    return res;
}

Expr where_smooth(Defs *d, Expr f) {
    Store *s = defs_store(d);
    Expr domain = domain_of(d, f), kinks = kinks_of(d, f);
    if (!domain) return expr_int(s, 1);
    return kinks && !build_is_zero(s, kinks) ? build_and(s, domain, negated(s, kinks)) : domain;
}

/* The condition that prod(i=lo..hi, if(c, 1, 0)) != 0 sets for element k of an array of length
 * `dim`; 0: none. */
static Expr for_element(Store *s, Expr e, long k, Expr dim) {
    Expr loop = expr_op(s, e) == EXPR_REL && expr_payload(s, e) == REL_NE ? expr_kid(s, e, 0) : 0;
    long lo, hi;
    if (!loop || expr_op(s, loop) != EXPR_PROD || !expr_is_integer(s, expr_kid(s, loop, 0), &lo) ||
        k < lo)
        return 0;
    Expr end = expr_kid(s, loop, 1);
    bool within = expr_is_integer(s, end, &hi) ? k <= hi : end == dim;
    unsigned number = expr_unused_free(s, expr_mask(s, loop));
    Expr body = expr_open(s, loop, number), index = expr_free(s, number), at = expr_int(s, k);
    if (!within || expr_op(s, body) != EXPR_IF || !build_is_zero(s, expr_kid(s, body, 2))) return 0;
    return expr_substitute(s, expr_kid(s, body, 0), 1, &index, &at);
}

Expr where_elements(const CertainClaim *c, Expr set, Expr claim) {
    Store *s = c->task->in->store;
    Expr part[WHERE_PARTS], res = set;
    size_t parts = split(s, set, part), count;
    Expr *list = expr_reachable(s, 1, &claim, &count);
    for (size_t i = 0; i < count; i++) {
        long k;
        if (expr_op(s, list[i]) != EXPR_ELEM || expr_count(s, list[i]) != 2 ||
            !expr_is_integer(s, expr_kid(s, list[i], 1), &k) ||
            expr_count(s, expr_kid(s, list[i], 0)) == 0)
            continue;
        for (size_t p = 0; p < parts; p++) {
            Expr own = for_element(s, part[p], k, expr_kid(s, expr_kid(s, list[i], 0), 0));
            if (own) res = build_and(s, res, own);
        }
    }
    free(list);
    return res;
}

/* Of a*b != 0, a/b != 0, -a != 0, a^2 != 0, sqrt(a) != 0: the parts that must not be 0 (b is
 * defined).  0: it has no parts. */
static size_t factors(const Store *s, Expr e, Expr factor[2]) {
    mpq_srcptr q;
    switch (expr_op(s, e)) {
    case EXPR_MUL: factor[1] = expr_kid(s, e, 1); factor[0] = expr_kid(s, e, 0); return 2;
    case EXPR_DIV: case EXPR_NEG: factor[0] = expr_kid(s, e, 0); return 1;
    case EXPR_POW:
        q = expr_rational(s, expr_kid(s, e, 1));
        factor[0] = expr_kid(s, e, 0);
        return q && mpq_sgn(q) > 0;
    case EXPR_FN: {
        uint32_t f = expr_payload(s, e);
        factor[0] = expr_kid(s, e, 0);
        return f == FUNCTION_sqrt || f == FUNCTION_cbrt || f == FUNCTION_abs;
    }
    default: return 0;
    }
}

/* The condition as smaller ones that together say the same; the last holds what there was no room for. */
static size_t smaller(Store *s, Expr condition, Expr *part) {
    Expr stack[WHERE_PARTS], zero = expr_int(s, 0), own[2];
    size_t depth = 0, count = 0;
    if (expr_op(s, condition) != EXPR_REL || expr_payload(s, condition) != REL_NE ||
        !build_is_zero(s, expr_kid(s, condition, 1))) {
        part[0] = condition;
        return 1;
    }
    stack[depth++] = expr_kid(s, condition, 0);
    while (depth > 0 && count < WHERE_PARTS) {
        Expr at = stack[--depth];
        size_t parts = depth + 2 < WHERE_PARTS ? factors(s, at, own) : 0;
        for (size_t i = 0; i < parts; i++) stack[depth++] = own[i];
        if (parts == 0) part[count++] = build_rel(s, REL_NE, at, zero);
    }
    while (depth > 0) part[count - 1] = build_and(s, part[count - 1], build_rel(s, REL_NE, stack[--depth], zero));
    return count;
}

/* prod(i=lo..hi, if(c, 1, 0)) != 0 with a plain c. */
static bool is_certain_for_all(Store *s, Expr e) {
    Expr loop = expr_op(s, e) == EXPR_REL && expr_payload(s, e) == REL_NE ? expr_kid(s, e, 0) : 0;
    if (!loop || expr_op(s, loop) != EXPR_PROD || !build_is_zero(s, expr_kid(s, e, 1)))
        return false;
    Expr body = expr_open(s, loop, expr_unused_free(s, expr_mask(s, loop)));
    return expr_op(s, body) == EXPR_IF && build_is_one(s, expr_kid(s, body, 1)) &&
           describe_is_certain(s, expr_kid(s, body, 0));
}

static bool holds_on(const CertainClaim *c, Expr set, Expr condition) {
    Interp *in = c->task->in;
    Expr part[WHERE_PARTS];
    size_t count = split(in->store, set, part);
    for (size_t i = 0; i < count; i++)
        if (part[i] == condition) return true;
    return describe_is_certain(in->store, condition) || is_certain_for_all(in->store, condition) ||
           in->prove(in->prove_context, in, build_not(in->store, condition), set);
}

Expr where_open(const CertainClaim *c, Expr set, Expr conditions) {
    Store *s = c->task->in->store;
    Expr part[WHERE_PARTS], res = expr_int(s, 1);
    size_t count = split(s, conditions, part);
    for (size_t i = 0; i < count; i++) {
        Expr own[WHERE_PARTS];
        size_t parts = smaller(s, part[i], own);
        for (size_t k = 0; k < parts; k++)
            if (!holds_on(c, set, own[k])) res = build_and(s, res, own[k]);
    }
    return res;
}

/* x >= a beside x != a is x > a, and x != a beside x > a is nothing new. */
static void tidy(Store *s, Expr *part, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (expr_op(s, part[i]) != EXPR_REL || expr_payload(s, part[i]) != REL_NE) continue;
        Expr left = expr_kid(s, part[i], 0), right = expr_kid(s, part[i], 1);
        for (size_t k = 0; k < count; k++) {
            int rel = expr_op(s, part[k]) == EXPR_REL ? (int)expr_payload(s, part[k]) : REL_NE;
            if (rel == REL_NE || rel == REL_EQ || expr_kid(s, part[k], 0) != left ||
                expr_kid(s, part[k], 1) != right)
                continue;
            rel = rel == REL_GE ? REL_GT : rel == REL_LE ? REL_LT : rel;
            part[k] = expr_rel(s, rel, left, right);
            part[i] = expr_int(s, 1);
            break;
        }
    }
}

char *where_text(Interp *in, Expr conditions) {
    Expr part[WHERE_PARTS];
    size_t count = split(in->store, conditions, part);
    Buf text;
    buf_init(&text);
    tidy(in->store, part, count);
    for (size_t i = 0; i < count; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++) again = again || part[k] == part[i];
        if (again || build_is_one(in->store, part[i]) || describe_is_certain(in->store, part[i]))
            continue;
        if (text.len > 0) buf_char(&text, '\n');
        size_t start = text.len;
        describe_condition(in, part[i], &text);
        for (size_t k = start; k < text.len; k++)
            if (text.text[k] == '\n') text.text[k] = ' ';
    }
    char *res = text.len > 0 ? mem_copy_text(buf_str(&text), text.len) : NULL;
    buf_done(&text);
    return res;
}
