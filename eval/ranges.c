/* Linear forms in loop indices and lengths; see ranges.h. */
#include "eval/ranges.h"

#include <limits.h>

enum { DEEPEST = 24, BIG = 1 << 30 };

static bool is_small(long v) {
    return -BIG < v && v < BIG;
}

static bool add_term(Affine *f, Expr var, long coef) {
    if (!is_small(coef))
        return false;
    for (int i = 0; i < f->count; i++)
        if (f->var[i] == var) {
            f->coef[i] += coef;
            if (f->coef[i] == 0) {
                f->count--;
                f->var[i] = f->var[f->count];
                f->coef[i] = f->coef[f->count];
                return true;
            }
            return is_small(f->coef[i]);
        }
    if (coef == 0)
        return true;
    if (f->count == AFFINE_TERMS)
        return false;
    f->var[f->count] = var;
    f->coef[f->count++] = coef;
    return true;
}

/* f += scale*g */
static bool add_scaled(Affine *f, const Affine *g, long scale) {
    if (!is_small(scale) || !is_small(g->constant) || !is_small(f->constant))
        return false;
    f->constant += scale * g->constant;
    for (int i = 0; i < g->count; i++)
        if (!is_small(g->coef[i]) || !add_term(f, g->var[i], scale * g->coef[i]))
            return false;
    return is_small(f->constant);
}

static bool is_length(const AffineEnv *env, Expr e) {
    for (size_t i = 0; i < env->lengths; i++)
        if (env->length[i] == e)
            return true;
    return false;
}

static bool add_expr(const AffineEnv *env, Expr e, long scale, Affine *f, int depth) {
    const Store *s = env->s;
    long k;
    if (DEEPEST < depth || !is_small(scale))
        return false;
    switch (expr_op(s, e)) {
    case EXPR_CONST:
        if (!expr_is_integer(s, e, &k) || !is_small(k))
            return false;
        return add_scaled(f, &(Affine){.constant = k}, scale);
    case EXPR_FREE:
        return add_term(f, e, scale);
    case EXPR_SYM:
        return expr_rank(s, e) == 0 && is_length(env, e) && add_term(f, e, scale);
    case EXPR_NEG:
        return add_expr(env, expr_kid(s, e, 0), -scale, f, depth + 1);
    case EXPR_ADD: case EXPR_SUB:
        return add_expr(env, expr_kid(s, e, 0), scale, f, depth + 1) &&
               add_expr(env, expr_kid(s, e, 1), expr_op(s, e) == EXPR_ADD ? scale : -scale, f, depth + 1);
    case EXPR_MUL:
        for (size_t i = 0; i < 2; i++)
            if (expr_is_integer(s, expr_kid(s, e, i), &k) && is_small(k))
                return add_expr(env, expr_kid(s, e, 1 - i), scale * k, f, depth + 1);
        return false;
    default:
        return false;
    }
}

bool affine_of(const AffineEnv *env, Expr e, Affine *out) {
    *out = (Affine){0};
    return e && add_expr(env, e, 1, out, 0);
}

/* The lengths of f by their values; without values each is at least 0. */
static bool settle_lengths(const AffineEnv *env, Affine *f) {
    for (int j = 0; j < f->count; j++) {
        if (expr_op(env->s, f->var[j]) == EXPR_FREE || (!env->value && f->coef[j] < 0))
            return false;
        for (size_t i = 0; env->value && i < env->lengths; i++)
            if (env->length[i] == f->var[j]) {
                if (!(env->value[i] < BIG))
                    return false;
                f->constant += f->coef[j] * (long)env->value[i];
            }
    }
    return true;
}

/* Replaces indices by the ends of their ranges so that f only gets smaller, innermost loop first. */
static bool lower_bound(const AffineEnv *env, Affine *f) {
    for (int i = env->loops; 0 < i--;) {
        for (int j = 0; j < f->count; j++) {
            if (expr_op(env->s, f->var[j]) != EXPR_FREE || expr_payload(env->s, f->var[j]) != env->number[i])
                continue;
            Affine lo, hi;
            long c = f->coef[j];
            if (!affine_of(env, env->lo[i], &lo)) /* also: the index is whole */
                return false;
            if (c < 0 && !affine_of(env, env->hi[i], &hi))
                return false;
            if (!add_term(f, f->var[j], -c) || !add_scaled(f, c < 0 ? &hi : &lo, c))
                return false;
            break;
        }
    }
    return settle_lengths(env, f);
}

bool affine_is_at_most(const AffineEnv *env, Expr a, Expr b, long plus) {
    Affine fa, f;
    if (!affine_of(env, a, &fa) || !affine_of(env, b, &f) || !add_scaled(&f, &fa, -1))
        return false;
    f.constant += plus;
    return lower_bound(env, &f) && 0 <= f.constant;
}

bool affine_is_inside(const AffineEnv *env, Expr e, Expr length) {
    Affine f;
    if (!affine_of(env, e, &f))
        return false;
    f.constant -= 1;
    return lower_bound(env, &f) && 0 <= f.constant && affine_is_at_most(env, e, length, 0);
}

Expr affine_split(const Store *s, Expr e, long *offset) {
    long k;
    *offset = 0;
    ExprOp op = expr_op(s, e);
    if (op != EXPR_ADD && op != EXPR_SUB)
        return e;
    Expr a = expr_kid(s, e, 0), b = expr_kid(s, e, 1);
    if (expr_op(s, a) == EXPR_FREE && expr_is_integer(s, b, &k) && is_small(k)) {
        *offset = op == EXPR_ADD ? k : -k;
        return a;
    }
    if (op == EXPR_ADD && expr_op(s, b) == EXPR_FREE && expr_is_integer(s, a, &k) && is_small(k)) {
        *offset = k;
        return b;
    }
    return e;
}
