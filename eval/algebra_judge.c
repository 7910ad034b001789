/* Zero or not: the normal form first with angles whole, then with sums of angles taken apart, then
 * case by case along the conditions within. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"
#include "eval/algebra_wire.h"
#include "expr/build.h"
#include "expr/partial.h"
#include "expr/print.h"
#include "parser/ast.h"

enum { FIRST_GENERATORS = 24, MOST_GENERATORS = 400, MOST_CASES = 64, MOST_TEXT = 2000, MOST_SIZE = 1 << 16, MOST_NESTED = 4 };

/* The numerator with the flags of equalities gone: flag(d == 0) times d is 0.  Sets *except to a
 * condition outside of which alone that is right. */
static Ratio without_equalities(Kernels *k, Ratio a, Expr *except) {
    for (unsigned g = 0; g < k->count && a; g++) {
        if (k->kernel[g].kind != KERNEL_EQUAL)
            continue;
        Ratio within = k->op->coefficient(k->ring, a, g, 1);
        if (!ratio_is_zero(k, within) && !k->op->divides(k->ring, k->kernel[g].arg, within))
            *except = k->kernel[g].node;
        a = k->op->coefficient(k->ring, a, g, 0);
    }
    return a;
}

static bool is_doubtful(const Kernels *k) {
    bool res = k->doubtful;
    for (unsigned g = 0; g < k->count; g++) {
        const Kernel *at = &k->kernel[g];
        ExprOp op = expr_op(k->store, at->node);
        res = res || at->kind == KERNEL_ABS || at->kind == KERNEL_CBRT || at->kind == KERNEL_TRUTH ||
              at->kind == KERNEL_EQUAL || (at->kind == KERNEL_NODE && expr_is_loop(k->store, op ? at->node : 0));
    }
    return res;
}

/* The ratio as a product of its factors. */
static void say_residual(Kernels *k, Ratio a, Buf *text) {
    RingFactor *list;
    size_t count;
    mpq_t c;
    mpq_init(c);
    if (k->op->size(k->ring, a) < MOST_SIZE && k->op->terms(k->ring, a, RING_NUMERATOR) < 400 && k->op->factor(k->ring, a, c, &list, &count)) {
        Store *s = k->store;
        Expr above = expr_const(s, c), below = expr_int(s, 1);
        for (size_t i = 0; i < count; i++) {
            long e = list[i].exponent;
            Expr f = build_pow(s, kernels_express(k, list[i].base), expr_int(s, e < 0 ? -e : e));
            *(e < 0 ? &below : &above) = build_mul(s, e < 0 ? below : above, f);
        }
        PrintStyle style = {.most = MOST_TEXT};
        Expr whole = build_div(s, above, below);
        if (whole)
            expr_print(text, k->defs, whole, &style);
        free(list);
    }
    mpq_clear(c);
}

static void assume(Kernels *k, Expr conditions) {
    kernels_assume(k, conditions);
    if (k->impossible || k->overflow)
        return;
    free(k->memo); /* what was made before the facts were known is made again with them */
    k->memo = NULL;
    k->memo_count = 0;
    kernels_assume(k, conditions);
}

static AlgebraAnswer attempt(Defs *d, const RingOps *op, Expr e, Expr conditions, bool split, Buf *text) {
    AlgebraAnswer res = ALGEBRA_UNKNOWN;
    for (unsigned n = FIRST_GENERATORS; n <= MOST_GENERATORS; n *= 4) {
        Kernels k;
        Expr except = 0;
        kernels_init(&k, d, op, n);
        k.split_angles = split;
        assume(&k, conditions);
        Ratio a = k.impossible ? ratio_int(&k, 0) : kernels_convert(&k, e);
        Ratio rest = without_equalities(&k, a, &except);
        bool overflow = k.overflow;
        buf_clear(text);
        if (overflow || !a || !rest) {
            res = ALGEBRA_UNKNOWN;
        } else if (!ratio_is_zero(&k, rest)) {
            res = is_doubtful(&k) ? ALGEBRA_UNKNOWN : ALGEBRA_NOT_ZERO;
            say_residual(&k, rest, text);
        } else if (except) {
            res = ALGEBRA_EXCEPT;
            expr_print(text, d, except, NULL);
        } else {
            res = ALGEBRA_ZERO;
        }
        kernels_done(&k);
        if (!overflow)
            break;
    }
    return res;
}

static bool has_angles(const Store *s, Expr e) {
    size_t count;
    Expr *list = expr_reachable(s, 1, &e, &count);
    bool res = false;
    for (size_t i = 0; i < count && !res; i++)
        if (expr_op(s, list[i]) == EXPR_FN) {
            uint32_t f = expr_payload(s, list[i]);
            res = f == FUNCTION_sin || f == FUNCTION_cos || f == FUNCTION_tan || f == FUNCTION_sec ||
                  f == FUNCTION_csc || f == FUNCTION_cot;
        }
    free(list);
    return res;
}

/* ---- case by case ---- */

typedef struct Case {
    Expr e, conditions;
} Case;

/* A comparison in e that stands in no loop; 0. */
static Expr comparison(const Store *s, Expr e) {
    size_t count;
    Expr *list = expr_reachable(s, 1, &e, &count), res = 0;
    for (size_t i = 0; i < count && !res; i++)
        if (expr_op(s, list[i]) == EXPR_REL && (uint32_t)expr_mask(s, list[i]) == 0)
            res = list[i];
    free(list);
    return res;
}

static bool occurs(const Store *s, Expr e, Expr in) {
    size_t count;
    Expr *list = expr_reachable(s, 1, &in, &count);
    bool res = false;
    for (size_t i = 0; i < count && !res; i++)
        res = list[i] == e;
    free(list);
    return res;
}

/* x == E: x is E. */
static void use_equality(Store *s, Expr relation, Case *c) {
    for (size_t side = 0; side < 2; side++) {
        Expr x = expr_kid(s, relation, side), to = expr_kid(s, relation, 1 - side);
        ExprOp op = expr_op(s, x);
        if ((op != EXPR_SYM && op != EXPR_FREE) || expr_rank(s, x) || occurs(s, x, to))
            continue;
        c->e = expr_substitute(s, c->e, 1, &x, &to);
        c->conditions = expr_substitute(s, c->conditions, 1, &x, &to);
        return;
    }
}

static Case decided(Store *s, Case c, Expr relation, bool holds) {
    Expr value = expr_int(s, holds), fact = holds ? relation : expr_unary(s, EXPR_NOT, relation);
    int rel = (int)expr_payload(s, relation);
    Case res = {expr_substitute(s, c.e, 1, &relation, &value), expr_binary(s, EXPR_AND, fact, c.conditions)};
    if (rel == (holds ? REL_EQ : REL_NE))
        use_equality(s, relation, &res);
    return res;
}

/* A function that is a choice, as one; 0 where it is none. */
static Expr as_choice(Defs *d, Expr e) {
    Store *s = defs_store(d);
    if (expr_op(s, e) != EXPR_FN || (uint32_t)expr_mask(s, e) != 0)
        return 0;
    Expr u = expr_kid(s, e, 0), zero = expr_int(s, 0);
    const Function *f = function_at(expr_payload(s, e));
    switch (expr_payload(s, e)) {
    case FUNCTION_abs: return build_if(s, expr_rel(s, REL_GE, u, zero), u, build_neg(s, u));
    case FUNCTION_sign:
        return build_if(s, expr_rel(s, REL_GT, u, zero), expr_int(s, 1), build_if(s, expr_rel(s, REL_LT, u, zero), expr_int(s, -1), zero));
    case FUNCTION_max: case FUNCTION_min: case FUNCTION_relu: case FUNCTION_fdim: case FUNCTION_copysign: case FUNCTION_heaviside:
        return expr_count(s, e) == (size_t)f->arity ? partial_apply(d, partial_text(d, f->means), e) : 0;
    default: return 0;
    }
}

/* abs, max and their kind in e as choices. */
static Expr with_choices(Defs *d, Expr e) {
    size_t count, used = 0;
    Expr *list = expr_reachable(defs_store(d), 1, &e, &count);
    Expr *from = mem_new(count + 1, sizeof *from), *to = mem_new(count + 1, sizeof *to);
    for (size_t i = 0; i < count; i++) {
        Expr choice = as_choice(d, list[i]);
        if (!choice)
            continue;
        from[used] = list[i];
        to[used++] = choice;
    }
    Expr res = used ? expr_substitute(defs_store(d), e, used, from, to) : e;
    free(list);
    free(from);
    free(to);
    return res;
}

static AlgebraAnswer judge_case(Defs *d, const RingOps *op, Case c, Buf *text) {
    AlgebraAnswer res = attempt(d, op, c.e, c.conditions, false, text);
    if (res != ALGEBRA_ZERO && has_angles(defs_store(d), c.e))
        res = attempt(d, op, c.e, c.conditions, true, text);
    return res;
}

AlgebraAnswer judge_zero(Defs *d, const RingOps *op, Expr e, Expr conditions, Buf *text) {
    Store *s = defs_store(d);
    Case stack[MOST_CASES];
    size_t count = 0, judged = 0;
    AlgebraAnswer first = ALGEBRA_UNKNOWN;
    Buf own;
    buf_init(&own);
    stack[count++] = (Case){e, conditions};
    while (count) {
        Case at = stack[--count];
        AlgebraAnswer res = at.e && at.conditions ? judge_case(d, op, at, &own) : ALGEBRA_UNKNOWN;
        if (judged == 0) {
            first = res;
            buf_add(text, buf_str(&own), own.len);
        }
        judged++;
        if (res == ALGEBRA_ZERO)
            continue;
        Expr relation = at.e ? comparison(s, at.e) : 0;
        for (int inner = 0; at.e && !relation && inner < MOST_NESTED; inner++) {
            at.e = with_choices(d, at.e);
            relation = at.e ? comparison(s, at.e) : 0;
        }
        if (!relation || MOST_CASES < judged + count || MOST_CASES - 2 < count) {
            buf_done(&own);
            bool nonzero = first == ALGEBRA_NOT_ZERO || res == ALGEBRA_NOT_ZERO;
            return nonzero ? ALGEBRA_NOT_ZERO : first == ALGEBRA_EXCEPT ? first : ALGEBRA_UNKNOWN;
        }
        stack[count++] = decided(s, at, relation, false);
        stack[count++] = decided(s, at, relation, true);
    }
    buf_done(&own);
    buf_clear(text);
    return ALGEBRA_ZERO;
}
