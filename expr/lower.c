/* Syntax trees to expressions: names, numbers, operators.  A tree may be as deep as its text is
 * long, so it is walked with a stack; only loops and where, whose nesting is bounded, recurse. */
#include "expr/lower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/lower_internal.h"

enum { MOST_NESTING = 60 }; /* where and loops inside each other */

/* ---- names ---- */

static Expr dimension_symbol(Lower *l, Name name) {
    for (size_t i = 0; i < l->param_count; i++)
        for (int k = 0; k < l->param[i].rank; k++) {
            Expr dim = l->param[i].dim[k];
            if (expr_op(lower_store(l), dim) == EXPR_SYM && expr_payload(lower_store(l), dim) == name)
                return dim;
        }
    return 0;
}

static bool is_free_letter(const char *text) {
    if (!(('a' <= text[0] && text[0] <= 'z') || ('A' <= text[0] && text[0] <= 'Z')))
        return false;
    return text[1 + strspn(text + 1, "0123456789")] == '\0';
}

static Expr free_symbol(Lower *l, Name name) {
    size_t i = 0;
    while (i < l->free_count && l->free_name[i] != name)
        i++;
    if (i == l->free_count) {
        l->free_name = mem_grow(l->free_name, &l->free_cap, i + 1, sizeof *l->free_name);
        l->free_name[l->free_count++] = name;
    }
    return expr_symbol(lower_store(l), EXPR_SYM, name, 0, NULL);
}

static Expr global_symbol(Lower *l, const Var *v) {
    Expr dims[2] = {0, 0};
    for (int i = 0; i < v->value.rank; i++)
        dims[i] = expr_int(lower_store(l), (long)v->value.dim[i]);
    return expr_symbol(lower_store(l), EXPR_GLOBAL, v->name, v->value.rank, dims);
}

static Expr constant_named(Lower *l, const char *text) {
    static const struct { const char *name; ExprOp op; } rows[] = {
        {"pi", EXPR_PI}, {"e", EXPR_E}, {"inf", EXPR_INF}, {"nan", EXPR_NAN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(text, rows[i].name) == 0)
            return expr_make(lower_store(l), rows[i].op, 0, 0, NULL);
    return 0;
}

Expr lower_lookup(Lower *l, Name name) {
    for (LowerScope *at = l->scope; at; at = at->outer)
        if (at->name == name)
            return at->value;
    for (size_t i = 0; i < l->param_count; i++)
        if (l->param[i].name == name)
            return l->param[i].symbol;
    Expr dim = dimension_symbol(l, name);
    if (dim)
        return dim;
    const Var *v = defs_variable(l->defs, name);
    if (v)
        return global_symbol(l, v);
    if (defs_function(l->defs, name))
        return 0;
    Expr res = constant_named(l, lower_text(l, name));
    if (!res && l->free_letters && is_free_letter(lower_text(l, name)))
        res = free_symbol(l, name);
    return res;
}

typedef struct Candidates {
    const char **text;
    size_t count, cap;
} Candidates;

static void add_candidate(Candidates *c, const char *text) {
    c->text = mem_grow(c->text, &c->cap, c->count + 1, sizeof *c->text);
    c->text[c->count++] = text;
}

static void add_functions(Lower *l, Candidates *c) {
    for (size_t i = 0; i < defs_function_count(l->defs); i++)
        add_candidate(c, lower_text(l, defs_function_at(l->defs, i)->name));
    for (size_t i = 0; i < functions_count(); i++)
        add_candidate(c, function_at(i)->name);
}

const char *lower_nearest_function(Lower *l, const char *text) {
    Candidates c = {0};
    add_functions(l, &c);
    const char *res = names_nearest(text, strlen(text), c.text, c.count);
    free(c.text);
    return res;
}

Expr lower_unknown(Lower *l, Name name, Span span) {
    Candidates c = {0};
    for (LowerScope *at = l->scope; at; at = at->outer)
        add_candidate(&c, lower_text(l, at->name));
    for (size_t i = 0; i < l->param_count; i++)
        add_candidate(&c, lower_text(l, l->param[i].name));
    for (size_t i = 0; i < defs_variable_count(l->defs); i++)
        add_candidate(&c, lower_text(l, defs_variable_at(l->defs, i)->name));
    add_functions(l, &c);
    const char *text = lower_text(l, name);
    const char *near = names_nearest(text, strlen(text), c.text, c.count);
    Name of = text[0] == 'd' && text[1] ? names_find(store_names(lower_store(l)), text + 1, strlen(text) - 1) : 0;
    char *hint = NULL;
    if (of && defs_function(l->defs, of))
        hint = arena_printf(l->diags->arena, "a derivative is written without spaces: %s/dx", text);
    else if (near)
        hint = arena_printf(l->diags->arena, "did you mean %s?", near);
    else if (strlen(text) == 2 && is_free_letter((const char[]){text[0], '\0'}) &&
             is_free_letter((const char[]){text[1], '\0'}))
        hint = arena_printf(l->diags->arena, "for a product write %c*%c", text[0], text[1]);
    else if (is_free_letter(text))
        hint = arena_printf(l->diags->arena, "give it a value first: %s = 2", text);
    diag_error(l->diags, span, hint, "%s is not a known name", text);
    free(c.text);
    return 0;
}

static Expr lower_name(Lower *l, const Ast *tree) {
    Expr res = lower_lookup(l, tree->name);
    if (res)
        return res;
    if (lower_is_callee(l, tree))
        return lower_bare(l, tree);
    return lower_unknown(l, tree->name, tree->span);
}

static Expr lower_number(Lower *l, const Ast *tree) {
    double nearest = strtod(tree->text, NULL);
    bool zero = strcspn(tree->text, "123456789") >= strcspn(tree->text, "eE");
    if (isinf(nearest)) {
        diag_error(l->diags, tree->span, "the largest number is about 1.8e308; for infinity write inf",
                   "%s is too large for a number", tree->text);
        return 0;
    }
    if (nearest == 0 && !zero) {
        diag_error(l->diags, tree->span, "the smallest positive number is about 4.9e-324",
                   "%s is too small for a number", tree->text);
        return 0;
    }
    Expr res = expr_decimal(lower_store(l), tree->text, tree->len);
    if (!res && !store_is_full(lower_store(l)))
        diag_error(l->diags, tree->span, NULL, "this number has too many digits");
    return res;
}

static Expr lower_field(Lower *l, const Ast *tree) {
    const Ast *of = tree->kids[0];
    Names *names = store_names(lower_store(l));
    if (of->kind == AST_NAME) {
        Buf full;
        buf_init(&full);
        buf_printf(&full, "%s.%s", lower_text(l, of->name), lower_text(l, tree->name));
        Name name = names_find(names, buf_str(&full), full.len);
        buf_done(&full);
        const Var *v = name ? defs_variable(l->defs, name) : NULL;
        if (v)
            return global_symbol(l, v);
    }
    if (of->kind == AST_NAME && strcmp(lower_text(l, of->name), "ans") == 0)
        diag_error(l->diags, tree->span, "after a run there are ans.x, ans.f, ans.steps, ans.path",
                   "the last result has no field %s", lower_text(l, tree->name));
    else
        diag_error(l->diags, tree->span, "fields belong to the last result: ans.x", "this has no fields");
    return 0;
}

/* ---- operators ---- */

static Expr apply_node(Lower *l, const void *op, const Expr *args) {
    const Ast *tree = op;
    Store *s = lower_store(l);
    mpq_srcptr a = expr_rational(s, args[0]);
    switch (tree->kind) {
    case AST_ADD: return expr_binary(s, EXPR_ADD, args[0], args[1]);
    case AST_SUB: return expr_binary(s, EXPR_SUB, args[0], args[1]);
    case AST_MUL: return expr_binary(s, EXPR_MUL, args[0], args[1]);
    case AST_POW: return expr_binary(s, EXPR_POW, args[0], args[1]);
    case AST_DIV: {
        /* integer/integer below 2^53 is the nearest double either way */
        mpq_srcptr b = expr_rational(s, args[1]);
        if (a && b && mpz_cmp_ui(mpq_denref(a), 1) == 0 && mpz_cmp_ui(mpq_denref(b), 1) == 0 && mpq_sgn(b) != 0 &&
            mpq_sgn(a) != 0 && mpz_sizeinbase(mpq_numref(a), 2) <= 53 && mpz_sizeinbase(mpq_numref(b), 2) <= 53)
            return build_div(s, args[0], args[1]);
        return expr_binary(s, EXPR_DIV, args[0], args[1]);
    }
    case AST_NEG:
        if (a && mpq_sgn(a) != 0)
            return build_neg(s, args[0]);
        if (a)
            return expr_make(s, EXPR_NEGZERO, 0, 0, NULL);
        return expr_unary(s, EXPR_NEG, args[0]);
    case AST_AND: return expr_binary(s, EXPR_AND, args[0], args[1]);
    case AST_OR: return expr_binary(s, EXPR_OR, args[0], args[1]);
    case AST_NOT: return expr_unary(s, EXPR_NOT, args[0]);
    default: return expr_if(s, args[0], args[1], args[2]); /* AST_IF, if(c, a, b) */
    }
}

static Expr apply_relation(Lower *l, const void *op, const Expr *args) {
    return expr_rel(lower_store(l), (int)*(const uint8_t *)op, args[0], args[1]);
}

static Expr lower_relation(Lower *l, const Ast *tree, const Expr *args) {
    Store *s = lower_store(l);
    Expr res = 0;
    for (size_t i = 0; i + 1 < tree->count; i++) {
        Expr part = lower_lift(l, apply_relation, &tree->ops[i], 2, args + i, tree->span);
        if (!part)
            return 0;
        res = i == 0 ? part : expr_binary(s, EXPR_AND, res, part);
    }
    return res;
}

static Expr apply_abs(Lower *l, const void *op, const Expr *args) {
    (void)op;
    return build_fn_named(lower_store(l), "abs", args[0]);
}

static Expr not_an_expression(Lower *l, const Ast *tree) {
    if (tree->kind == AST_STRING)
        diag_error(l->diags, tree->span, NULL, "a text has no value here");
    else if (tree->kind == AST_NAMED)
        diag_error(l->diags, tree->span, "== compares", "a named value cannot stand here");
    else
        diag_error(l->diags, tree->span, NULL, "this cannot be used as a value");
    return 0;
}

/* A node whose operands are lowered already. */
static Expr combine(Lower *l, const Ast *tree, size_t count, const Expr *args) {
    switch (tree->kind) {
    case AST_ADD: case AST_SUB: case AST_MUL: case AST_DIV: case AST_POW: case AST_NEG:
    case AST_AND: case AST_OR: case AST_NOT: case AST_IF:
        return lower_lift(l, apply_node, tree, count, args, tree->span);
    case AST_REL: return lower_relation(l, tree, args);
    case AST_ABS:
        if (0 < expr_rank(lower_store(l), args[0])) {
            diag_error(l->diags, tree->span, "element by element: abs(v); the length of a vector: norm(v)",
                       "|v| of a vector can be read two ways");
            return 0;
        }
        return apply_abs(l, NULL, args);
    case AST_NORM: return lower_array_call(l, lower_array_function("norm"), tree, 1, args);
    case AST_VEC: return lower_vector(l, count, args, tree);
    case AST_INDEX: return lower_index(l, tree, args[0], count - 1, args + 1);
    case AST_CALL:
        if (tree->kids[0]->kind == AST_NAME && strcmp(lower_text(l, tree->kids[0]->name), "if") == 0 && count == 3)
            return lower_lift(l, apply_node, tree, count, args, tree->span);
        return lower_call(l, tree, count, args);
    default: return not_an_expression(l, tree);
    }
}

static Expr lower_where(Lower *l, const Ast *tree) {
    LowerScope *bound = mem_new(tree->count, sizeof *bound), *outer = l->scope;
    Expr res = 1;
    for (size_t i = 1; i < tree->count && res; i++) {
        res = lower_expression(l, tree->kids[i]->kids[0]);
        bound[i] = (LowerScope){tree->kids[i]->name, res, l->scope};
        l->scope = &bound[i];
    }
    if (res)
        res = lower_expression(l, tree->kids[0]);
    l->scope = outer;
    free(bound);
    return res;
}

/* Kinds that are answered at once, without their kids on the stack. */
static bool lower_special(Lower *l, const Ast *tree, Expr *res) {
    ExprOp op;
    switch (tree->kind) {
    case AST_NUMBER: *res = lower_number(l, tree); return true;
    case AST_NAME: *res = lower_name(l, tree); return true;
    case AST_FIELD: *res = lower_field(l, tree); return true;
    case AST_WHERE: *res = lower_where(l, tree); return true;
    case AST_DERIV: case AST_PRIME: case AST_GRAD: case AST_HESS: case AST_JAC: case AST_DIFF:
        *res = lower_bare(l, tree);
        return true;
    case AST_CALL:
        if (!lower_is_reduction(l, tree, &op))
            return false;
        *res = lower_reduction(l, tree, op);
        return true;
    case AST_ADD: case AST_SUB: case AST_MUL: case AST_DIV: case AST_POW: case AST_NEG: case AST_REL:
    case AST_AND: case AST_OR: case AST_NOT: case AST_IF: case AST_ABS: case AST_NORM: case AST_VEC:
    case AST_INDEX:
        return false;
    default: *res = not_an_expression(l, tree); return true;
    }
}

typedef struct Frame {
    const Ast *tree;
    size_t next, base; /* next kid; first operand on the value stack */
} Frame;

typedef struct Machine {
    Frame *frame;
    size_t frames, frame_cap;
    Expr *value;
    size_t values, value_cap;
} Machine;

static void push_value(Machine *m, Expr e) {
    m->value = mem_grow(m->value, &m->value_cap, m->values + 1, sizeof *m->value);
    m->value[m->values++] = e;
}

/* Either a value at once or a frame for the operands; false after a diagnostic. */
static bool enter(Lower *l, Machine *m, const Ast *tree) {
    Expr e = 0;
    if (lower_special(l, tree, &e)) {
        push_value(m, e);
        return e != 0;
    }
    m->frame = mem_grow(m->frame, &m->frame_cap, m->frames + 1, sizeof *m->frame);
    m->frame[m->frames++] = (Frame){tree, tree->kind == AST_CALL ? 1 : 0, m->values};
    return true;
}

static bool run(Lower *l, Machine *m, const Ast *tree) {
    if (!enter(l, m, tree))
        return false;
    while (m->frames) {
        Frame *f = &m->frame[m->frames - 1];
        if (f->next < f->tree->count) {
            const Ast *kid = f->tree->kids[f->next++];
            bool named = f->tree->kind == AST_CALL && kid->kind == AST_NAMED;
            if (!enter(l, m, named ? kid->kids[0] : kid))
                return false;
            continue;
        }
        const Ast *done = f->tree;
        size_t base = f->base;
        m->frames--;
        Expr e = combine(l, done, m->values - base, m->value + base);
        m->values = base;
        push_value(m, e);
        if (!e)
            return false;
    }
    return true;
}

Expr lower_expression(Lower *l, const Ast *tree) {
    Machine m = {0};
    if (MOST_NESTING <= l->nesting) {
        diag_error(l->diags, tree->span, NULL, "nested too deeply");
        return 0;
    }
    size_t errors = l->diags->errors;
    l->nesting++;
    Expr res = run(l, &m, tree) ? m.value[0] : 0;
    l->nesting--;
    free(m.frame);
    free(m.value);
    if (!res && l->diags->errors == errors && !store_is_interrupted(lower_store(l)))
        diag_error(l->diags, tree->span, NULL, store_is_full(lower_store(l)) ? "this expression is too large"
                                                                             : "this expression cannot be built");
    return res;
}

/* ---- definitions ---- */

static bool lower_param(Defs *d, const Ast *tree, Diags *diags, Param *p) {
    Store *s = defs_store(d);
    *p = (Param){.name = tree->name, .rank = (int)tree->count};
    if (2 < tree->count) {
        diag_error(diags, tree->span, NULL, "a parameter is a number, a vector x[n] or a matrix x[m,n]");
        return false;
    }
    for (size_t i = 0; i < tree->count; i++) {
        const Ast *dim = tree->kids[i];
        if (dim->kind == AST_NAME) {
            p->dim[i] = expr_symbol(s, EXPR_SYM, dim->name, 0, NULL);
            continue;
        }
        char *end;
        double length = strtod(dim->text, &end);
        if (!(1 <= length && length <= 1e9) || length != floor(length)) {
            diag_error(diags, dim->span, "for example x[3], or x[n] for any length", "a length is a whole number from 1");
            return false;
        }
        p->dim[i] = expr_int(s, (long)length);
    }
    p->symbol = expr_symbol(s, EXPR_SYM, tree->name, p->rank, p->dim);
    return true;
}

bool lower_definition(Defs *d, const Ast *def, const char *text, size_t len, Diags *diags, Def *out) {
    *out = (Def){.name = def->name, .param_count = def->count - 1};
    out->param = mem_new(out->param_count, sizeof *out->param);
    bool ok = true;
    for (size_t i = 0; i < out->param_count && ok; i++)
        ok = lower_param(d, def->kids[1 + i], diags, &out->param[i]);
    if (ok) {
        Lower l = {.defs = d, .param_count = out->param_count, .param = out->param, .diags = diags, .defining = def->name};
        Def making = *out;
        defs_set_making(d, &making);
        out->body = lower_expression(&l, def->kids[0]);
        defs_set_making(d, NULL);
        ok = out->body != 0;
        if (ok && 0 < expr_rank(defs_store(d), out->body) && defs_calls(d, out->body, def->name)) {
            diag_error(diags, def->kids[0]->span, NULL, "a function that calls itself gives a number, this one a vector");
            ok = false;
        }
        if (ok && 2 < expr_rank(defs_store(d), out->body)) {
            diag_error(diags, def->kids[0]->span, NULL, "a value has at most two axes");
            ok = false;
        }
    }
    if (!ok) {
        free(out->param);
        *out = (Def){0};
        return false;
    }
    out->text = mem_copy_text(text, len);
    return true;
}
