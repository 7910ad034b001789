/* Is a claim defined wherever the derivative is, whatever the lengths?  Each condition of its
 * domain is one of the derivative's, or follows; each array element's index lies in its range. */
#include <stdlib.h>

#include "base/memory.h"
#include "expr/affine.h"
#include "expr/build.h"
#include "expr/domain.h"
#include "parser/ast.h"
#include "repl/judge_claim.h"

enum { LAST_INDEX = 19, FIRST_INDEX = 8, MOST_STEPS = 4000, MOST_LEVELS = 200 };

typedef struct Defined {
    Interp *in;
    Store *s;
    const Claim *claim;
    Expr known;
    size_t steps, level;
} Defined;

static Expr both(Store *s, Expr a, Expr b) {
    return build_is_one(s, a) ? b : build_is_one(s, b) ? a : expr_binary(s, EXPR_AND, a, b);
}

static Expr negated(Store *s, Expr a) {
    return expr_op(s, a) == EXPR_NOT ? expr_kid(s, a, 0) : expr_unary(s, EXPR_NOT, a);
}

static bool is_part(const Store *s, Expr whole, Expr part) {
    while (expr_op(s, whole) == EXPR_AND && whole != part) {
        if (is_part(s, expr_kid(s, whole, 1), part)) return true;
        whole = expr_kid(s, whole, 0);
    }
    return whole == part;
}

bool judge_prove(const Claim *c, Expr gap, Expr given) {
    Interp *in = c->task->in;
    Expr number[CLAIM_AXES];
    for (unsigned i = 0; i < c->open_count; i++) number[i] = expr_free(in->store, i);
    gap = expr_substitute(in->store, gap, c->open_count, c->open, number);
    given = expr_substitute(in->store, given, c->open_count, c->open, number);
    return gap && given && in->prove && in->prove(in->prove_context, in, gap, given);
}

/* Does the condition hold for certain where `given` does? */
static bool follows(Defined *d, Expr condition, Expr given) {
    if (is_part(d->s, given, condition)) return true;
    Expr gap = expr_if(d->s, condition, expr_int(d->s, 0), expr_int(d->s, 1));
    return judge_prove(d->claim, gap, given);
}

/* ---- conditions ---- */

/* prod(i=lo..hi, if(c, 1, 0)) != 0: c for all i. */
static Expr for_all(const Store *s, Expr condition) {
    Expr all = expr_op(s, condition) == EXPR_REL && expr_payload(s, condition) == REL_NE
                   ? expr_kid(s, condition, 0)
                   : 0;
    return all && expr_op(s, all) == EXPR_PROD && expr_op(s, expr_kid(s, all, 2)) == EXPR_IF ? all
                                                                                             : 0;
}

static Expr in_range(Store *s, Expr loop, unsigned index) {
    Expr i = expr_free(s, index);
    return expr_binary(s, EXPR_AND, expr_rel(s, REL_LE, expr_kid(s, loop, 0), i),
                       expr_rel(s, REL_LE, i, expr_kid(s, loop, 1)));
}

/* Of a*b != 0, a/b != 0, -a != 0, a^2 != 0: the factors, which are not 0 either. */
static size_t factors(const Store *s, Expr q, Expr factor[2]) {
    bool unequal = expr_op(s, q) == EXPR_REL && expr_payload(s, q) == REL_NE &&
                   build_is_zero(s, expr_kid(s, q, 1));
    Expr e = unequal ? expr_kid(s, q, 0) : q;
    long n;
    switch (unequal ? expr_op(s, e) : EXPR_ERROR) {
    case EXPR_MUL:
        factor[1] = expr_kid(s, e, 1);
        factor[0] = expr_kid(s, e, 0);
        return 2;
    case EXPR_POW:
        if (!expr_is_integer(s, expr_kid(s, e, 1), &n) || n < 1) return 0;
        factor[0] = expr_kid(s, e, 0);
        return 1;
    case EXPR_DIV: case EXPR_NEG:
        factor[0] = expr_kid(s, e, 0);
        return 1;
    default: return 0;
    }
}

/* May the walk go one level deeper?  Undone by d->level--. */
static bool may_go_on(Defined *d, unsigned index) {
    return ++d->level <= MOST_LEVELS && ++d->steps <= MOST_STEPS && FIRST_INDEX <= index &&
           !interp_interrupted(d->in);
}

static bool holds(Defined *d, Expr q, Expr given, unsigned index);

static bool condition_holds(Defined *d, Expr q, Expr given, unsigned index) {
    Store *s = d->s;
    if (build_is_one(s, q) || is_part(s, d->known, q) || is_part(s, given, q))
        return true;
    switch (expr_op(s, q)) {
    case EXPR_AND:
        return holds(d, expr_kid(s, q, 0), given, index) &&
               holds(d, expr_kid(s, q, 1), given, index);
    case EXPR_OR:
        return follows(d, q, given) ||
               holds(d, expr_kid(s, q, 1), both(s, negated(s, expr_kid(s, q, 0)), given), index);
    case EXPR_IF:
        return holds(d, expr_kid(s, q, 1), both(s, expr_kid(s, q, 0), given), index) &&
               holds(d, expr_kid(s, q, 2), both(s, negated(s, expr_kid(s, q, 0)), given), index);
    default: break;
    }
    Expr all = for_all(s, q), factor[2];
    size_t count = factors(s, q, factor);
    for (size_t i = 0; i < count; i++)
        if (!holds(d, build_rel(s, REL_NE, factor[i], expr_int(s, 0)), given, index)) return false;
    if (count > 0) return true;
    if (!all) return follows(d, q, given);
    Expr body = expr_open(s, all, index);
    return holds(d, expr_kid(s, body, 0), both(s, in_range(s, all, index), given), index - 1);
}

static bool holds(Defined *d, Expr q, Expr given, unsigned index) {
    bool res = q && may_go_on(d, index) && condition_holds(d, q, given, index);
    d->level -= q != 0;
    return res;
}

bool judge_is_defined(const Claim *c, Expr e, Expr given, Expr known) {
    Interp *in = c->task->in;
    Defined d = {.in = in, .s = in->store, .claim = c, .known = known};
    return e && holds(&d, elements_of(in->defs, e), given, LAST_INDEX) &&
           holds(&d, domain_of(in->defs, e), given, LAST_INDEX);
}
