/* Functions named without a call, and what they are worth at given arguments: f, f', df/dx, grad f,
 * hess f, jac f, diff(E, x), and the functions of the table. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/lower_internal.h"
#include "expr/print.h"

static bool is_callee_name(Lower *l, Name name) {
    for (LowerScope *at = l->scope; at; at = at->outer)
        if (at->name == name)
            return false;
    for (size_t i = 0; i < l->param_count; i++)
        if (l->param[i].name == name)
            return false;
    if (defs_variable(l->defs, name))
        return false;
    const char *text = lower_text(l, name);
    return defs_function(l->defs, name) || name == l->defining || 0 <= function_find(text, strlen(text));
}

bool lower_is_callee(Lower *l, const Ast *tree) {
    switch (tree->kind) {
    case AST_NAME: return is_callee_name(l, tree->name);
    case AST_DERIV: case AST_PRIME: case AST_GRAD: case AST_HESS: case AST_JAC: case AST_DIFF: return true;
    default: return false;
    }
}

static bool builtin_callee(Lower *l, Name name, Callee *out) {
    Store *s = lower_store(l);
    const char *text = lower_text(l, name);
    int id = function_find(text, strlen(text));
    if (id < 0)
        return false;
    static const char *const names[] = {"x", "y", "z"};
    out->kind = CALLEE_BUILTIN;
    out->builtin = (uint32_t)id;
    out->param_count = (size_t)function_at((size_t)id)->arity;
    for (size_t i = 0; i < out->param_count; i++) {
        Name n = names_intern_str(store_names(s), names[i]);
        out->own[i] = (Param){.name = n, .symbol = expr_symbol(s, EXPR_SYM, n, 0, NULL)};
    }
    return true;
}

/* Parameters of the function that is being defined are those of the Lower itself. */
static void fn_params(Lower *l, Name name, Callee *out) {
    const Def *def = defs_function(l->defs, name);
    bool self = name == l->defining;
    out->param_count = self ? l->param_count : def->param_count;
    out->param = self ? l->param : def->param;
}

/* A function whose text could not be read again has no body until it is defined anew. */
static bool has_meaning(Lower *l, const Ast *tree) {
    const Def *def = defs_function(l->defs, tree->name);
    if (tree->name == l->defining || !def || def->body)
        return true;
    char *hint = arena_printf(l->diags->arena, "define it again; it was: %s", def->text);
    diag_error(l->diags, tree->span, hint, "%s no longer makes sense: what it uses has changed",
               lower_text(l, tree->name));
    return false;
}

/* Of xy( where x and y have values: the product; of a name that is nearly a function's: that one. */
static const char *hint_for_unknown(Lower *l, const char *name) {
    Arena *arena = l->diags->arena;
    Names *names = store_names(lower_store(l));
    bool letters = strlen(name) == 2;
    for (int i = 0; letters && i < 2; i++) {
        Name letter = names_find(names, name + i, 1);
        letters = letter && lower_lookup(l, letter);
    }
    if (letters)
        return arena_printf(arena, "for a product write %c*%c*(...)", name[0], name[1]);
    const char *near = lower_nearest_function(l, name);
    return near ? arena_printf(arena, "did you mean %s? for a product write %s*(...)", near, name)
                : arena_printf(arena, "define it first: %s(x) = x^2; a product is written %s*(...)", name, name);
}

static bool named_callee(Lower *l, const Ast *tree, Callee *out) {
    *out = (Callee){.kind = CALLEE_FN};
    if (defs_function(l->defs, tree->name) || tree->name == l->defining) {
        if (!has_meaning(l, tree))
            return false;
        fn_params(l, tree->name, out);
        out->fn = defs_fn(l->defs, tree->name, 0, NULL);
        return true;
    }
    if (builtin_callee(l, tree->name, out))
        return true;
    const char *name = lower_text(l, tree->name);
    if (defs_variable(l->defs, tree->name)) {
        diag_error(l->diags, tree->span, "a function is defined with its arguments: f(x) = x^2", "%s is a variable, not a function", name);
        return false;
    }
    diag_error(l->diags, tree->span, hint_for_unknown(l, name), "%s is not a known function", name);
    return false;
}

/* f differentiated once more by its parameter number i. */
static bool add_order(Lower *l, Callee *c, uint32_t i, Span span) {
    enum { MOST_ORDER = 20 };
    size_t order = defs_fn_order(l->defs, c->fn);
    if (order == MOST_ORDER) {
        diag_error(l->diags, span, NULL, "derivatives go up to order %d", MOST_ORDER);
        return false;
    }
    uint32_t by[MOST_ORDER];
    for (size_t k = 0; k < order; k++)
        by[k] = defs_fn_by(l->defs, c->fn, k);
    by[order] = i;
    c->fn = defs_fn(l->defs, defs_fn_base(l->defs, c->fn), order + 1, by);
    if (2 < defs_fn_rank(l->defs, c->fn)) {
        diag_error(l->diags, span, "an element of it: df/dx[k], or sums of such", "this derivative has more than two axes");
        return false;
    }
    return true;
}

int lower_param_index(const Callee *c, Name name) {
    for (size_t i = 0; i < c->param_count; i++)
        if (c->param[i].name == name)
            return (int)i;
    return -1;
}

static bool differentiate_fn(Lower *l, Callee *c, size_t count, Ast *const *vars) {
    for (size_t i = 0; i < count; i++) {
        int k = vars[i]->kind == AST_NAME ? lower_param_index(c, vars[i]->name) : -1;
        if (k < 0) {
            Buf name;
            buf_init(&name);
            print_fn(&name, l->defs, c->fn);
            diag_error(l->diags, vars[i]->span, NULL, "%s has no argument of that name", buf_str(&name));
            buf_done(&name);
            return false;
        }
        if (!add_order(l, c, (uint32_t)k, vars[i]->span))
            return false;
    }
    return true;
}

static bool prime_callee(Lower *l, const Ast *tree, Callee *out) {
    if (out->kind == CALLEE_BUILTIN && out->param_count == 1) {
        out->primes++;
        return true;
    }
    if (out->kind != CALLEE_FN || out->param_count != 1) {
        diag_error(l->diags, tree->span, "write df/dx, or grad f for all of them",
                   "' is the derivative of a function of one variable");
        return false;
    }
    return add_order(l, out, 0, tree->span);
}

static bool take_gradient(Lower *l, const Ast *tree, Callee *out) {
    CalleeKind kind = tree->kind == AST_GRAD ? CALLEE_GRAD : tree->kind == AST_HESS ? CALLEE_HESS : CALLEE_JAC;
    if (out->kind != CALLEE_FN) {
        diag_error(l->diags, tree->span, "define one first: f(x,y) = ...", "%s needs a function of your own",
                   kind == CALLEE_GRAD ? "grad" : kind == CALLEE_HESS ? "hess" : "jac");
        return false;
    }
    int rank = defs_fn_rank(l->defs, out->fn);
    if (kind == CALLEE_JAC ? rank != 1 : rank != 0) {
        diag_error(l->diags, tree->span, kind == CALLEE_JAC ? "for a number: grad f" : "for a vector: jac f",
                   kind == CALLEE_JAC ? "jac needs a function whose value is a vector"
                                      : "grad and hess need a function whose value is a number");
        return false;
    }
    out->kind = kind;
    return true;
}

static bool callee_of(Lower *l, const Ast *tree, Callee *out);

/* diff(f, x): of a function; diff(E, x): of an expression, whose variables are then its parameters. */
static bool diff_callee(Lower *l, const Ast *tree, Callee *out) {
    Store *s = lower_store(l);
    const Ast *of = tree->kids[0];
    if (lower_is_callee(l, of)) {
        if (!callee_of(l, of, out))
            return false;
        if (out->kind == CALLEE_FN)
            return differentiate_fn(l, out, tree->count - 1, tree->kids + 1);
    }
    *out = (Callee){.kind = CALLEE_BUILTIN};
    LowerScope bound[3], *outer = l->scope;
    for (size_t i = 1; i < tree->count; i++) {
        if (tree->kids[i]->kind != AST_NAME) {
            diag_error(l->diags, tree->kids[i]->span, "for example diff(x^2*y, x)", "after the expression come names");
            l->scope = outer;
            return false;
        }
        Name name = tree->kids[i]->name;
        size_t k = 0;
        while (k < out->param_count && out->own[k].name != name)
            k++;
        if (k < out->param_count)
            continue;
        if (k == 3) {
            diag_error(l->diags, tree->kids[i]->span, NULL, "diff of an expression takes up to 3 different names");
            l->scope = outer;
            return false;
        }
        Expr known = lower_lookup(l, name);
        bool param = known && expr_op(s, known) == EXPR_SYM;
        if (known && !param && expr_op(s, known) != EXPR_GLOBAL && !expr_is_constant(s, known)) {
            diag_error(l->diags, tree->kids[i]->span, NULL, "only a variable can stand here");
            l->scope = outer;
            return false;
        }
        Expr symbol = param ? known : expr_symbol(s, EXPR_SYM, name, 0, NULL);
        out->own[out->param_count++] = (Param){.name = name, .rank = expr_rank(s, symbol), .symbol = symbol};
        bound[k] = (LowerScope){name, symbol, l->scope};
        l->scope = &bound[k];
    }
    Expr e = lower_expression(l, of);
    l->scope = outer;
    for (size_t i = 1; i < tree->count && e; i++)
        for (size_t k = 0; k < out->param_count; k++)
            if (out->own[k].name == tree->kids[i]->name)
                e = derive_by(l->defs, e, out->own[k].symbol, l->diags, tree->span);
    out->formula = e;
    return e != 0;
}

static bool callee_of(Lower *l, const Ast *tree, Callee *out) {
    switch (tree->kind) {
    case AST_NAME:
        return named_callee(l, tree, out);
    case AST_DERIV: {
        *out = (Callee){.kind = CALLEE_FN};
        if (!defs_function(l->defs, tree->name) && tree->name != l->defining) {
            diag_error(l->diags, tree->span, NULL, "%s is not a known function", lower_text(l, tree->name));
            return false;
        }
        if (!has_meaning(l, tree))
            return false;
        fn_params(l, tree->name, out);
        out->fn = defs_fn(l->defs, tree->name, 0, NULL);
        return differentiate_fn(l, out, tree->count, tree->kids);
    }
    case AST_PRIME:
        return callee_of(l, tree->kids[0], out) && prime_callee(l, tree, out);
    case AST_GRAD: case AST_HESS: case AST_JAC:
        return callee_of(l, tree->kids[0], out) && take_gradient(l, tree, out);
    case AST_DIFF:
        return diff_callee(l, tree, out);
    default:
        diag_error(l->diags, tree->span, "give it a name first: f(x,y) = ...", "a function is needed here");
        return false;
    }
}

bool lower_callee(Lower *l, const Ast *tree, Callee *out) {
    if (!callee_of(l, tree, out))
        return false;
    if (out->kind == CALLEE_BUILTIN)
        out->param = out->own;
    return true;
}

/* ---- what a callee is at given arguments ---- */

static Expr call_fn(Lower *l, FnId f, size_t count, const Expr *args) {
    return expr_make(lower_store(l), EXPR_CALL, f, count, args);
}

static FnId fn_by(Lower *l, FnId f, uint32_t i) {
    uint32_t by[24];
    size_t order = defs_fn_order(l->defs, f);
    for (size_t k = 0; k < order; k++)
        by[k] = defs_fn_by(l->defs, f, k);
    by[order] = i;
    return defs_fn(l->defs, defs_fn_base(l->defs, f), order + 1, by);
}

bool lower_all_numbers(const Callee *c) {
    for (size_t i = 0; i < c->param_count; i++)
        if (c->param[i].rank != 0)
            return false;
    return true;
}

/* Vector of the derivatives of f by each number among its parameters, arrays element by element. */
static Expr flat_gradient(Lower *l, const Callee *c, FnId f, const Expr *args, Span span) {
    Store *s = lower_store(l);
    Expr *part = NULL, res = 0;
    size_t count = 0, cap = 0;
    for (size_t i = 0; i < c->param_count; i++) {
        Expr e = call_fn(l, fn_by(l, f, (uint32_t)i), c->param_count, args);
        long m = 1, n = 1;
        int rank = c->param[i].rank;
        if ((0 < rank && !expr_is_integer(s, expr_dim(s, args[i], 0), &m)) ||
            (1 < rank && !expr_is_integer(s, expr_dim(s, args[i], 1), &n)) || 100000 < m * n) {
            diag_error(l->diags, span, "take them one by one: df/dx", "the gradient by several arrays is no single vector here");
            free(part);
            return 0;
        }
        part = mem_grow(part, &cap, count + (size_t)(m * n), sizeof *part);
        for (long a = 1; a <= m; a++)
            for (long b = 1; b <= n; b++) {
                Expr at = rank == 0 ? e : expr_elem(s, e, expr_int(s, a));
                part[count++] = rank == 2 ? expr_elem(s, at, expr_int(s, b)) : at;
            }
    }
    res = expr_make(s, EXPR_LIST, 0, count, part);
    free(part);
    return res;
}

static Expr hessian(Lower *l, const Callee *c, const Expr *args, Span span) {
    Store *s = lower_store(l);
    if (!lower_all_numbers(c)) {
        diag_error(l->diags, span, "called alone with numbers it is one matrix: hess f(1, [2, 3])", "hess of several arrays is no single matrix here");
        return 0;
    }
    Expr *row = mem_new(c->param_count, sizeof *row), res;
    for (size_t i = 0; i < c->param_count; i++)
        row[i] = flat_gradient(l, c, fn_by(l, c->fn, (uint32_t)i), args, span);
    res = expr_make(s, EXPR_LIST, 0, c->param_count, row);
    free(row);
    return res;
}

/* Row `index`: that component's derivatives by each parameter. */
static Expr jacobian_row(Lower *l, const Callee *c, const Expr *args, Expr index) {
    Store *s = lower_store(l);
    Expr *part = mem_new(c->param_count, sizeof *part);
    for (size_t i = 0; i < c->param_count; i++)
        part[i] = expr_elem(s, call_fn(l, fn_by(l, c->fn, (uint32_t)i), c->param_count, args), index);
    Expr res = expr_make(s, EXPR_LIST, 0, c->param_count, part);
    free(part);
    return res;
}

static Expr jacobian(Lower *l, const Callee *c, const Expr *args, Span span) {
    Store *s = lower_store(l);
    if (!lower_all_numbers(c)) {
        diag_error(l->diags, span, "of one vector, or of numbers", "jac of several arrays is no single matrix here");
        return 0;
    }
    Expr value = call_fn(l, c->fn, c->param_count, args), dim = expr_dim(s, value, 0), res;
    long rows;
    if (expr_is_integer(s, dim, &rows) && 1 <= rows && rows <= 1000) { /* written out, row by row */
        Expr *row = mem_new((size_t)rows, sizeof *row);
        for (long k = 1; k <= rows; k++)
            row[k - 1] = jacobian_row(l, c, args, expr_int(s, k));
        res = expr_make(s, EXPR_LIST, 0, (size_t)rows, row);
        free(row);
        return res;
    }
    unsigned k = expr_unused_free(s, expr_mask(s, value));
    return expr_loop(s, EXPR_VEC, k, expr_int(s, 1), dim, jacobian_row(l, c, args, expr_free(s, k)));
}

static Expr builtin_at(Lower *l, const Callee *c, const Expr *args, Span span) {
    Store *s = lower_store(l);
    Expr from[3], e = c->formula;
    for (size_t i = 0; i < c->param_count; i++)
        from[i] = c->param[i].symbol;
    if (!e && c->primes == 0)
        return expr_fn(s, c->builtin, c->param_count, args);
    if (!e) {
        e = expr_fn(s, c->builtin, c->param_count, from);
        for (unsigned i = 0; i < c->primes && e; i++)
            e = derive_by(l->defs, e, from[0], l->diags, span);
    }
    return e ? expr_substitute(s, e, c->param_count, from, args) : 0;
}

Expr lower_callee_at(Lower *l, const Callee *c, const Expr *args, Span span) {
    bool one_array = c->param_count == 1 && 0 < c->param[0].rank;
    switch (c->kind) {
    case CALLEE_BUILTIN: return builtin_at(l, c, args, span);
    case CALLEE_GRAD:
        return one_array ? call_fn(l, fn_by(l, c->fn, 0), 1, args) : flat_gradient(l, c, c->fn, args, span);
    case CALLEE_HESS:
        if (one_array && c->param[0].rank == 1)
            return call_fn(l, fn_by(l, fn_by(l, c->fn, 0), 0), 1, args);
        return hessian(l, c, args, span);
    case CALLEE_JAC:
        if (one_array && c->param[0].rank == 1)
            return call_fn(l, fn_by(l, c->fn, 0), 1, args);
        return jacobian(l, c, args, span);
    default: return call_fn(l, c->fn, c->param_count, args);
    }
}

Expr lower_callee_body(Lower *l, const Callee *c, Span span) {
    Expr *args = mem_new(c->param_count, sizeof *args);
    for (size_t i = 0; i < c->param_count; i++)
        args[i] = c->param[i].symbol;
    Expr res = lower_callee_at(l, c, args, span);
    free(args);
    return res;
}

/* The reading form: bodies of the derivatives in the place of their names. */
Expr lower_callee_formula(Lower *l, const Callee *c, Span span) {
    Store *s = lower_store(l);
    Expr body = lower_callee_body(l, c, span);
    size_t count;
    if (!body || c->kind == CALLEE_BUILTIN)
        return body;
    Name base = defs_fn_base(l->defs, c->fn);
    Expr *node = expr_reachable(s, 1, &body, &count);
    Expr *from = mem_new(count, sizeof *from), *to = mem_new(count, sizeof *to);
    size_t found = 0;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        if (expr_op(s, node[i]) != EXPR_CALL || defs_fn_base(l->defs, expr_payload(s, node[i])) != base)
            continue;
        from[found] = node[i];
        to[found] = defs_fn_body(l->defs, expr_payload(s, node[i]), l->diags, span);
        ok = to[found++] != 0;
    }
    Expr res = ok ? expr_substitute(s, body, found, from, to) : 0;
    free(node);
    free(from);
    free(to);
    return res;
}

bool lower_is_element(Lower *l, const Ast *tree) {
    return tree->kind == AST_INDEX && lower_is_callee(l, tree->kids[0]);
}

Expr lower_element_formula(Lower *l, const Ast *tree) {
    Callee c;
    size_t count = tree->count - 1;
    Expr res = lower_callee(l, tree->kids[0], &c) ? lower_callee_formula(l, &c, tree->kids[0]->span) : 0;
    Expr *index = mem_new(count + 1, sizeof *index);
    l->param = c.param;
    l->param_count = c.param_count;
    l->free_letters = true;
    for (size_t i = 0; i < count && res; i++)
        if (!(index[i] = lower_expression(l, tree->kids[1 + i])))
            res = 0;
    if (res && !lower_index(l, tree, res, count, index))
        res = 0;
    for (size_t i = 0; i < count && res; i++)
        res = expr_fuse(lower_store(l), res, index[i]);
    free(index);
    l->param = NULL; /* they may be the Callee's own */
    l->param_count = 0;
    return res ? simplify(l->defs, res) : 0;
}

bool lower_is_open_element(Lower *l, const Ast *tree) {
    if (!lower_is_element(l, tree) || tree->count < 2 || 3 < tree->count)
        return false;
    Diags *kept = l->diags, quiet;
    diags_init(&quiet, kept->arena);
    l->diags = &quiet;
    Callee c;
    bool res = lower_callee(l, tree->kids[0], &c);
    l->diags = kept;
    for (size_t i = 1; i < tree->count && res; i++) {
        const Ast *k = tree->kids[i];
        res = k->kind == AST_NAME && lower_param_index(&c, k->name) < 0 && !lower_lookup(l, k->name) &&
              !lower_is_callee(l, k);
    }
    return res && (tree->count == 2 || tree->kids[1]->name != tree->kids[2]->name);
}

Expr lower_for_all(Lower *l, const Ast *element, Expr array, const Ast *body) {
    Store *s = lower_store(l);
    LowerScope bound[2], *outer = l->scope;
    unsigned first = l->open_loops, count = (unsigned)element->count - 1;
    if (expr_rank(s, array) < (int)count) {
        diag_error(l->diags, element->span, NULL, "too many indices: the derivative has %d %s", expr_rank(s, array),
                   expr_rank(s, array) == 1 ? "axis" : "axes");
        return 0;
    }
    for (unsigned i = 0; i < count; i++) {
        bound[i] = (LowerScope){element->kids[1 + i]->name, expr_free(s, l->open_loops++), l->scope};
        l->scope = &bound[i];
    }
    Expr res = lower_expression(l, body);
    l->scope = outer;
    l->open_loops = first;
    for (unsigned i = count; res && 0 < i--;)
        res = expr_loop(s, EXPR_VEC, first + i, expr_int(s, 1), expr_dim(s, array, (int)i), res);
    return res;
}

void lower_callee_name(Buf *out, Defs *d, const Callee *c) {
    static const char *const words[] = {"", "", "grad ", "hess ", "jac "};
    buf_text(out, words[c->kind]);
    if (c->kind != CALLEE_BUILTIN) {
        print_fn(out, d, c->fn);
        return;
    }
    buf_text(out, c->formula ? "the derivative" : function_at(c->builtin)->name);
    buf_fill(out, '\'', c->primes);
}
