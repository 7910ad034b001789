/* Affine forms; see affine.h.  Index expressions are short: depth is bounded here, and a deeper one
 * stands for itself. */
#include "expr/affine.h"

#include <stdlib.h>

#include "base/memory.h"
#include "expr/build.h"
#include "parser/ast.h"

enum { MOST_DEPTH = 40, MOST_TERMS = 32 };

typedef struct Form {
    Expr node[MOST_TERMS];
    Expr factor[MOST_TERMS]; /* CONST */
    size_t count;
    Expr constant;
} Form;

static bool add_node(Store *s, Form *f, Expr node, Expr factor) {
    for (size_t i = 0; i < f->count; i++)
        if (f->node[i] == node) {
            f->factor[i] = build_add(s, f->factor[i], factor);
            return true;
        }
    if (f->count == MOST_TERMS)
        return false;
    f->node[f->count] = node;
    f->factor[f->count++] = factor;
    return true;
}

static bool collect(Store *s, Form *f, Expr e, Expr factor, int depth) {
    if (MOST_DEPTH < depth)
        return add_node(s, f, e, factor);
    switch (expr_op(s, e)) {
    case EXPR_CONST:
        f->constant = build_add(s, f->constant, build_mul(s, factor, e));
        return true;
    case EXPR_ADD: case EXPR_SUB: {
        Expr second = expr_op(s, e) == EXPR_SUB ? build_neg(s, factor) : factor;
        return collect(s, f, expr_kid(s, e, 0), factor, depth + 1) &&
               collect(s, f, expr_kid(s, e, 1), second, depth + 1);
    }
    case EXPR_NEG: return collect(s, f, expr_kid(s, e, 0), build_neg(s, factor), depth + 1);
    case EXPR_MUL: {
        Expr a = expr_kid(s, e, 0), b = expr_kid(s, e, 1);
        if (expr_rational(s, a))
            return collect(s, f, b, build_mul(s, factor, a), depth + 1);
        if (expr_rational(s, b))
            return collect(s, f, a, build_mul(s, factor, b), depth + 1);
        return add_node(s, f, e, factor);
    }
    case EXPR_DIV:
        if (expr_rational(s, expr_kid(s, e, 1)) && !build_is_zero(s, expr_kid(s, e, 1)))
            return collect(s, f, expr_kid(s, e, 0), build_div(s, factor, expr_kid(s, e, 1)), depth + 1);
        return add_node(s, f, e, factor);
    default: return add_node(s, f, e, factor);
    }
}

static Expr rebuild(Store *s, Form *f, Expr without) {
    for (size_t i = 1; i < f->count; i++) /* one order, by structure */
        for (size_t k = i; 0 < k && expr_compare(s, f->node[k], f->node[k - 1]) < 0; k--) {
            Expr n = f->node[k], c = f->factor[k];
            f->node[k] = f->node[k - 1];
            f->factor[k] = f->factor[k - 1];
            f->node[k - 1] = n;
            f->factor[k - 1] = c;
        }
    Expr res = expr_int(s, 0);
    for (size_t i = 0; i < f->count; i++)
        if (f->node[i] != without)
            res = build_add(s, res, build_mul(s, f->factor[i], f->node[i]));
    return build_add(s, res, f->constant);
}

Expr affine_normal(Store *s, Expr e) {
    if (!e)
        return 0;
    Form f = {.count = 0, .constant = expr_int(s, 0)};
    return collect(s, &f, e, expr_int(s, 1), 0) ? rebuild(s, &f, 0) : e;
}

static bool contains(Store *s, Expr e, Expr x) {
    if (e == x)
        return true;
    size_t count;
    Expr *node = expr_reachable(s, 1, &e, &count);
    bool res = false;
    for (size_t i = 0; i < count && !res; i++)
        res = node[i] == x;
    free(node);
    return res;
}

bool affine_in(Store *s, Expr e, Expr x, Expr *a, Expr *b) {
    Form f = {.count = 0, .constant = expr_int(s, 0)};
    if (!e || !collect(s, &f, e, expr_int(s, 1), 0))
        return false;
    *a = expr_int(s, 0);
    for (size_t i = 0; i < f.count; i++) {
        if (f.node[i] == x)
            *a = f.factor[i];
        else if (contains(s, f.node[i], x))
            return false;
    }
    *b = rebuild(s, &f, x);
    return true;
}

Expr affine_tidy(Store *s, Expr relation) {
    static const int mirrored[] = {REL_GT, REL_GE, REL_LT, REL_LE, REL_EQ, REL_NE};
    if (!relation || expr_op(s, relation) != EXPR_REL)
        return relation;
    Form f = {.count = 0, .constant = expr_int(s, 0)};
    Expr one = expr_int(s, 1), left = expr_kid(s, relation, 0), right = expr_kid(s, relation, 1);
    if (!collect(s, &f, left, one, 0) || !collect(s, &f, right, build_neg(s, one), 0))
        return relation;
    size_t alone = 0, terms = 0;
    for (size_t i = 0; i < f.count; i++)
        if (!build_is_zero(s, f.factor[i])) {
            alone = i;
            terms++;
        }
    if (terms != 1)
        return relation;
    Expr bound = build_neg(s, build_div(s, f.constant, f.factor[alone]));
    bool flip = mpq_sgn(expr_rational(s, f.factor[alone])) < 0;
    int rel = (int)expr_payload(s, relation);
    return build_rel(s, flip ? mirrored[rel] : rel, f.node[alone], bound);
}
