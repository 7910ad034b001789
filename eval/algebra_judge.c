/* Zero or not: the normal form first with angles whole, then with sums of angles taken apart, then
 * case by case along the conditions within. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/algebra_kernels.h"
#include "eval/algebra_wire.h"
#include "expr/build.h"
#include "expr/partial.h"
#include "expr/print.h"
#include "parser/ast.h"

enum { FIRST_GENERATORS = 24, MOST_GENERATORS = 400, MOST_CASES = 96, MOST_TEXT = 2000, MOST_SIZE = 1 << 16, MOST_ROUNDS = 4 };

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

/* Zero, or so by the facts. */
static bool is_nothing(Kernels *k, Ratio a) {
    return ratio_is_zero(k, a) || (k->fact_count && k->op->size(k->ring, a) < MOST_SIZE && kernels_sign(k, a) == SIGN_ZERO);
}

/* A comparison of whole numbers that was left open in `a`, else one that was wanted on the way; 0. */
static Expr open_comparison(Kernels *k, Ratio a) {
    for (unsigned g = 0; a && g < k->count; g++) {
        const Kernel *at = &k->kernel[g];
        if ((at->kind == KERNEL_TRUTH || at->kind == KERNEL_EQUAL) && !(at->mask & ~k->given) && kernels_whole(k, at->arg) &&
            !ratio_is_zero(k, k->op->coefficient(k->ring, a, g, 1)))
            return at->node;
    }
    return k->wanted;
}

/* Sets *open to a comparison that, decided, may help; 0. */
static AlgebraAnswer attempt(Defs *d, const RingOps *op, Expr e, Expr conditions, bool split, Buf *text, Expr *open) {
    AlgebraAnswer res = ALGEBRA_UNKNOWN;
    for (unsigned n = FIRST_GENERATORS; n <= MOST_GENERATORS; n *= 4) {
        Kernels k;
        Expr except = 0;
        kernels_init(&k, d, op, n);
        k.split_angles = split;
        k.given = (uint32_t)((expr_mask(k.store, e) | expr_mask(k.store, conditions)) >> 32);
        assume(&k, conditions);
        Ratio a = k.impossible ? ratio_int(&k, 0) : kernels_convert(&k, e);
        Ratio rest = without_equalities(&k, a, &except);
        bool overflow = k.overflow;
        *open = open_comparison(&k, a);
        if (!*open)
            *open = except;
        buf_clear(text);
        if (overflow || !a || !rest) {
            res = ALGEBRA_UNKNOWN;
        } else if (!is_nothing(&k, rest)) {
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

/* Is there a function whose argument may be split? */
static bool has_angles(const Store *s, Expr e) {
    static const uint32_t functions[] = {FUNCTION_sin, FUNCTION_cos, FUNCTION_tan, FUNCTION_sec, FUNCTION_csc, FUNCTION_cot,
                                         FUNCTION_exp, FUNCTION_expm1, FUNCTION_sinh, FUNCTION_cosh, FUNCTION_tanh,
                                         FUNCTION_sech, FUNCTION_csch, FUNCTION_coth, FUNCTION_sigmoid, FUNCTION_softplus};
    size_t count;
    Expr *list = expr_reachable(s, 1, &e, &count);
    bool res = false;
    for (size_t i = 0; i < count && !res; i++)
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
            res = res || (expr_op(s, list[i]) == EXPR_FN && expr_payload(s, list[i]) == functions[f]);
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

/* An alternative among the conditions, all of which hold; 0. */
static Expr alternative(const Store *s, Expr conditions) {
    Expr stack[MOST_CASES];
    size_t count = 0;
    if (conditions)
        stack[count++] = conditions;
    while (count) {
        Expr at = stack[--count];
        if (expr_op(s, at) == EXPR_OR)
            return at;
        if (expr_op(s, at) == EXPR_AND && count + 2 <= MOST_CASES) {
            stack[count++] = expr_kid(s, at, 1);
            stack[count++] = expr_kid(s, at, 0);
        }
    }
    return 0;
}

/* The case that `part` of an alternative holds. */
static Case chosen(Store *s, Case c, Expr either, Expr part) {
    Case res = c;
    res.conditions = expr_substitute(s, c.conditions, 1, &either, &part);
    for (; expr_op(s, part) == EXPR_AND; part = expr_kid(s, part, 0))
        if (expr_op(s, expr_kid(s, part, 1)) == EXPR_REL && expr_payload(s, expr_kid(s, part, 1)) == REL_EQ)
            use_equality(s, expr_kid(s, part, 1), &res);
    if (expr_op(s, part) == EXPR_REL && expr_payload(s, part) == REL_EQ)
        use_equality(s, part, &res);
    return res;
}

/* A function that chooses (max, relu, ...) as a choice, 0 if it does not; with `sizes` abs and sign too.
 * The smaller and the larger of two ask the same question. */
static Expr as_choice(Defs *d, Expr e, bool sizes) {
    Store *s = defs_store(d);
    if (expr_op(s, e) != EXPR_FN || (uint32_t)expr_mask(s, e) != 0)
        return 0;
    uint32_t id = expr_payload(s, e);
    Expr u = expr_kid(s, e, 0), zero = expr_int(s, 0);
    if (id == FUNCTION_abs)
        return sizes ? build_if(s, expr_rel(s, REL_GE, u, zero), u, build_neg(s, u)) : 0;
    if (id == FUNCTION_sign)
        return sizes ? build_if(s, expr_rel(s, REL_GT, u, zero), expr_int(s, 1),
                                build_if(s, expr_rel(s, REL_LT, u, zero), expr_int(s, -1), zero)) : 0;
    if ((id == FUNCTION_min || id == FUNCTION_max) && expr_count(s, e) == 2) {
        Expr b = expr_kid(s, e, 1);
        bool turned = 0 < expr_compare(s, u, b);
        Expr first = turned ? b : u, second = turned ? u : b, below = expr_rel(s, REL_LE, first, second);
        return id == FUNCTION_min ? expr_if(s, below, first, second) : expr_if(s, below, second, first);
    }
    const Function *f = function_at(id);
    bool chooses = f->means && (strncmp(f->means, "if(", 3) == 0 || (sizes && id == FUNCTION_heaviside));
    return chooses && expr_count(s, e) == (size_t)f->arity ? partial_apply(d, partial_text(d, f->means), e) : 0;
}

/* Such functions in e as choices, which can be decided. */
static Expr with_choices(Defs *d, Expr e, bool sizes) {
    Store *s = defs_store(d);
    for (int round = 0; round < MOST_ROUNDS && e; round++) {
        size_t count, used = 0;
        Expr *list = expr_reachable(s, 1, &e, &count);
        Expr *from = mem_new(count + 1, sizeof *from), *to = mem_new(count + 1, sizeof *to);
        for (size_t i = 0; i < count; i++) {
            Expr choice = as_choice(d, list[i], sizes);
            if (!choice)
                continue;
            from[used] = list[i];
            to[used++] = choice;
        }
        if (used)
            e = expr_substitute(s, e, used, from, to);
        free(list);
        free(from);
        free(to);
        if (!used)
            break;
    }
    return e;
}

static Case decided(Store *s, Case c, Expr relation, bool holds) {
    Expr value = expr_int(s, holds), fact = holds ? relation : expr_unary(s, EXPR_NOT, relation);
    int rel = (int)expr_payload(s, relation);
    Case res = {expr_substitute(s, c.e, 1, &relation, &value), expr_binary(s, EXPR_AND, fact, c.conditions)};
    if (rel == (holds ? REL_EQ : REL_NE))
        use_equality(s, relation, &res);
    return res;
}

static AlgebraAnswer judge_case(Defs *d, const RingOps *op, Case c, Buf *text, Expr *open) {
    AlgebraAnswer res = attempt(d, op, c.e, c.conditions, false, text, open);
    if (res != ALGEBRA_ZERO && has_angles(defs_store(d), c.e))
        res = attempt(d, op, c.e, c.conditions, true, text, open);
    return res;
}

AlgebraAnswer judge_zero(Defs *d, const RingOps *op, Expr e, Expr conditions, Buf *text) {
    Store *s = defs_store(d);
    Case stack[MOST_CASES];
    size_t count = 0, judged = 0;
    AlgebraAnswer first = ALGEBRA_UNKNOWN;
    Buf own;
    buf_init(&own);
    stack[count++] = (Case){e, with_choices(d, conditions, false)};
    while (count) {
        Case at = stack[--count];
        Expr open = 0;
        AlgebraAnswer res = at.e && at.conditions ? judge_case(d, op, at, &own, &open) : ALGEBRA_UNKNOWN;
        if (judged == 0) {
            first = res;
            buf_add(text, buf_str(&own), own.len);
        }
        judged++;
        if (res == ALGEBRA_ZERO)
            continue;
        Expr either = alternative(s, at.conditions), relation = either || !at.e ? 0 : comparison(s, at.e);
        relation = relation || either ? relation : open;
        for (int sizes = 0; sizes < 2 && at.e && !relation && !either; sizes++) {
            at.e = with_choices(d, at.e, sizes);
            relation = at.e ? comparison(s, at.e) : 0;
        }
        if ((!relation && !either) || MOST_CASES < judged + count || MOST_CASES - 2 < count) {
            buf_done(&own);
            bool nonzero = first == ALGEBRA_NOT_ZERO || res == ALGEBRA_NOT_ZERO;
            return nonzero ? ALGEBRA_NOT_ZERO : first == ALGEBRA_EXCEPT ? first : ALGEBRA_UNKNOWN;
        }
        stack[count++] = relation ? decided(s, at, relation, false) : chosen(s, at, either, expr_kid(s, either, 1));
        stack[count++] = relation ? decided(s, at, relation, true) : chosen(s, at, either, expr_kid(s, either, 0));
    }
    buf_done(&own);
    buf_clear(text);
    return ALGEBRA_ZERO;
}
