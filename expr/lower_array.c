/* Array arithmetic as VEC nodes: lifting element by element, literals, indexing, the functions of
 * vectors.  Lengths must be known to agree when the text is read. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/lower_internal.h"
#include "expr/print.h"

static void print_length(Buf *b, Lower *l, Expr dim) {
    expr_print(b, l->defs, dim, NULL);
}

bool lower_same_length(Lower *l, Expr a, Expr b, int axis_a, int axis_b, Span span) {
    Store *s = lower_store(l);
    Expr m = expr_dim(s, a, axis_a), n = expr_dim(s, b, axis_b);
    if (m && m == n)
        return true;
    Buf x, y;
    buf_init(&x);
    buf_init(&y);
    if (m && n) {
        print_length(&x, l, m);
        print_length(&y, l, n);
        bool known = expr_rational(s, m) && expr_rational(s, n);
        diag_error(l->diags, span, known ? NULL : "declare both with the same length, for example x[n], y[n]",
                   known ? "lengths %s and %s differ" : "lengths %s and %s may differ", buf_str(&x), buf_str(&y));
    }
    buf_done(&x);
    buf_done(&y);
    return false;
}

static Expr element(Lower *l, Expr a, Expr index) {
    return expr_rank(lower_store(l), a) == 0 ? a : expr_fuse(lower_store(l), a, index);
}

static Expr lift_list(Lower *l, ScalarOp apply, const void *op, size_t count, const Expr *args, Span span, size_t n) {
    Store *s = lower_store(l);
    Expr *out = mem_new(n, sizeof *out), res = 1;
    for (size_t i = 0; i < n && res; i++) {
        Expr part[8], index = expr_int(s, (long)i + 1);
        for (size_t k = 0; k < count; k++)
            part[k] = element(l, args[k], index);
        res = out[i] = lower_lift(l, apply, op, count, part, span);
    }
    if (res)
        res = expr_make(s, EXPR_LIST, 0, n, out);
    free(out);
    return res;
}

Expr lower_lift(Lower *l, ScalarOp apply, const void *op, size_t count, const Expr *args, Span span) {
    Store *s = lower_store(l);
    size_t first = count; /* an argument of the highest rank */
    uint64_t mask = 0;
    bool list = false;
    if (8 < count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (!args[i])
            return 0;
        mask |= expr_mask(s, args[i]);
        if (0 < expr_rank(s, args[i]) && (first == count || expr_rank(s, args[first]) < expr_rank(s, args[i])))
            first = i;
        list = list || expr_op(s, args[i]) == EXPR_LIST;
    }
    if (first == count)
        return apply(l, op, args);
    for (size_t i = 0; i < count; i++) {
        if (expr_rank(s, args[i]) == 0)
            continue;
        if (expr_rank(s, args[i]) != expr_rank(s, args[first])) {
            diag_error(l->diags, span, "the matrix product is dot(A, x)",
                       "a matrix and a vector cannot be combined element by element");
            return 0;
        }
        for (int axis = 0; axis < expr_rank(s, args[i]); axis++)
            if (!lower_same_length(l, args[first], args[i], axis, axis, span))
                return 0;
    }
    Expr dim = expr_dim(s, args[first], 0);
    long n;
    if (list && expr_is_integer(s, dim, &n))
        return lift_list(l, apply, op, count, args, span, (size_t)n);
    unsigned k = expr_unused_free(s, mask);
    if (k == EXPR_MOST_INDICES)
        return 0;
    Expr index = expr_free(s, k), part[8];
    for (size_t i = 0; i < count; i++)
        part[i] = element(l, args[i], index);
    return expr_loop(s, EXPR_VEC, k, expr_int(s, 1), dim, lower_lift(l, apply, op, count, part, span));
}

Expr lower_vector(Lower *l, size_t count, const Expr *elements, const Ast *tree) {
    Store *s = lower_store(l);
    for (size_t i = 0; i < count; i++) {
        if (expr_rank(s, elements[i]) != expr_rank(s, elements[0])) {
            diag_error(l->diags, tree->kids[i]->span, "a matrix is written [1, 2; 3, 4]",
                       "the elements of a vector are all numbers or all rows");
            return 0;
        }
        if (0 < expr_rank(s, elements[i]) && !lower_same_length(l, elements[0], elements[i], 0, 0, tree->kids[i]->span))
            return 0;
        if (1 < expr_rank(s, elements[i])) {
            diag_error(l->diags, tree->span, NULL, "an array has at most two axes");
            return 0;
        }
    }
    return expr_make(s, EXPR_LIST, 0, count, elements);
}

Expr lower_index(Lower *l, const Ast *tree, Expr array, size_t count, const Expr *index) {
    Store *s = lower_store(l);
    if ((size_t)expr_rank(s, array) < count) {
        if (expr_rank(s, array) == 0)
            diag_error(l->diags, tree->kids[0]->span, NULL, "this is a number and has no elements");
        else
            diag_error(l->diags, tree->span, NULL, "too many indices: this has %d %s", expr_rank(s, array),
                       expr_rank(s, array) == 1 ? "axis" : "axes");
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        mpq_srcptr q = expr_rational(s, index[i]), n = expr_rational(s, expr_dim(s, array, 0));
        bool whole = q && mpz_cmp_ui(mpq_denref(q), 1) == 0;
        if (0 < expr_rank(s, index[i]) || (q && !whole)) {
            diag_error(l->diags, tree->kids[1 + i]->span, NULL, "an index is a whole number");
            return 0;
        }
        if (q && (mpq_cmp_ui(q, 1, 1) < 0 || (n && 0 < mpq_cmp(q, n)))) {
            Buf length;
            buf_init(&length);
            print_length(&length, l, expr_dim(s, array, 0));
            diag_error(l->diags, tree->kids[1 + i]->span, NULL, "elements count from 1 to %s", buf_str(&length));
            buf_done(&length);
            return 0;
        }
        array = expr_elem(s, array, index[i]);
    }
    return array;
}

/* ---- functions of vectors ---- */

enum { DOT, NORM, LEN, TRANSPOSE, FILL, RANDOM, SUM, PROD, MAX, MIN, ARGMAX, ARGMIN };

static const struct {
    const char *name;
    size_t args;
    ExprOp op;
} functions[] = {{"dot", 2, 0}, {"norm", 1, 0}, {"len", 1, 0}, {"transpose", 1, 0}, {"fill", 2, 0}, {"random", 1, 0},
                 {"sum", 1, EXPR_SUM}, {"prod", 1, EXPR_PROD}, {"max", 1, EXPR_MAX}, {"min", 1, EXPR_MIN},
                 {"argmax", 1, EXPR_ARGMAX}, {"argmin", 1, EXPR_ARGMIN}};

int lower_array_function(const char *name) {
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* The loop over all elements of a (rows inside rows). */
static Expr reduce(Lower *l, ExprOp op, Expr a, bool square) {
    Store *s = lower_store(l);
    if (expr_rank(s, a) == 0)
        return square ? expr_binary(s, EXPR_POW, a, expr_int(s, 2)) : a;
    unsigned k = expr_unused_free(s, expr_mask(s, a));
    if (k == EXPR_MOST_INDICES)
        return 0;
    Expr body = reduce(l, op, expr_fuse(s, a, expr_free(s, k)), square);
    return expr_loop(s, op, k, expr_int(s, 1), expr_dim(s, a, 0), body);
}

/* sum over k of a[..., k] * b[k, ...]; free indices i and j run over what is left. */
static Expr dot(Lower *l, Expr a, Expr b, Span span) {
    Store *s = lower_store(l);
    int ra = expr_rank(s, a), rb = expr_rank(s, b);
    if (!lower_same_length(l, a, b, ra - 1, 0, span))
        return 0;
    uint64_t mask = expr_mask(s, a) | expr_mask(s, b);
    unsigned i = expr_unused_free(s, mask);
    unsigned j = expr_unused_free(s, mask | UINT64_C(1) << (32 + i));
    unsigned k = expr_unused_free(s, mask | UINT64_C(1) << (32 + i) | UINT64_C(1) << (32 + j));
    if (k == EXPR_MOST_INDICES)
        return 0;
    Expr row = ra == 2 ? expr_fuse(s, a, expr_free(s, i)) : a;
    Expr x = expr_fuse(s, row, expr_free(s, k)), y = expr_fuse(s, b, expr_free(s, k));
    if (rb == 2)
        y = expr_fuse(s, y, expr_free(s, j));
    Expr one = expr_int(s, 1);
    Expr res = expr_loop(s, EXPR_SUM, k, one, expr_dim(s, b, 0), expr_binary(s, EXPR_MUL, x, y));
    if (rb == 2)
        res = expr_loop(s, EXPR_VEC, j, one, expr_dim(s, b, 1), res);
    if (ra == 2)
        res = expr_loop(s, EXPR_VEC, i, one, expr_dim(s, a, 0), res);
    return res;
}

static Expr transpose(Lower *l, Expr a) {
    Store *s = lower_store(l);
    uint64_t mask = expr_mask(s, a);
    unsigned i = expr_unused_free(s, mask), j = expr_unused_free(s, mask | UINT64_C(1) << (32 + i));
    if (j == EXPR_MOST_INDICES)
        return 0;
    Expr body = expr_fuse(s, expr_fuse(s, a, expr_free(s, i)), expr_free(s, j)), one = expr_int(s, 1);
    Expr inner = expr_loop(s, EXPR_VEC, i, one, expr_dim(s, a, 0), body);
    return expr_loop(s, EXPR_VEC, j, one, expr_dim(s, a, 1), inner);
}

static Expr random_vector(Lower *l, const Ast *tree, Expr n) {
    long count;
    if (!l->random || !expr_is_integer(lower_store(l), n, &count) || count < 1 || 100000000 < count) {
        diag_error(l->diags, tree->span, "for example: min f from random(5)",
                   "random(n) makes a vector of n numbers; n is a whole number, and it cannot stand in a definition");
        return 0;
    }
    return l->random(l->random_context, (size_t)count);
}

Expr lower_array_call(Lower *l, int which, const Ast *tree, size_t count, const Expr *args) {
    Store *s = lower_store(l);
    const char *name = functions[which].name;
    if (count != functions[which].args) {
        diag_error(l->diags, tree->span, NULL, "%s takes %zu %s, got %zu", name, functions[which].args,
                   functions[which].args == 1 ? "argument" : "arguments", count);
        return 0;
    }
    int rank = expr_rank(s, args[0]);
    if (which == FILL || which == RANDOM) {
        if (which == RANDOM)
            return random_vector(l, tree, args[0]);
        unsigned k = expr_unused_free(s, expr_mask(s, args[0]) | expr_mask(s, args[1]));
        return expr_loop(s, EXPR_VEC, k, expr_int(s, 1), args[1], args[0]);
    }
    if (rank == 0) {
        if (which == NORM)
            return build_fn_named(s, "abs", args[0]);
        diag_error(l->diags, tree->span, NULL, "%s needs a vector", name);
        return 0;
    }
    switch (which) {
    case DOT:
        if (expr_rank(s, args[1]) == 0) {
            diag_error(l->diags, tree->span, "a number times a vector is written with *", "dot needs two arrays");
            return 0;
        }
        return dot(l, args[0], args[1], tree->span);
    case NORM: return build_fn_named(s, "sqrt", reduce(l, EXPR_SUM, args[0], true));
    case LEN: return expr_dim(s, args[0], 0);
    case TRANSPOSE:
        if (rank != 2) {
            diag_error(l->diags, tree->span, NULL, "transpose needs a matrix");
            return 0;
        }
        return transpose(l, args[0]);
    default:
        if (EXPR_ARGMAX <= functions[which].op && rank != 1) {
            diag_error(l->diags, tree->span, NULL, "%s needs a vector", name);
            return 0;
        }
        return reduce(l, functions[which].op, args[0], false);
    }
}
