/* Definitions by name, and derivatives of functions as callees; see defs.h. */
#include "expr/defs.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/defs_internal.h"
#include "expr/derive.h"
#include "expr/pass.h"

void value_init_number(Value *v, double number) {
    *v = (Value){.rank = 0, .count = 1, .data = mem_new(1, sizeof(double))};
    v->data[0] = number;
}

void value_own_array(Value *v, int rank, const size_t *dim, double *data) {
    *v = (Value){.rank = rank, .count = 1, .data = data};
    for (int i = 0; i < rank; i++) {
        v->dim[i] = dim[i];
        v->count *= dim[i];
    }
}

void value_init_array(Value *v, int rank, const size_t *dim) {
    value_own_array(v, rank, dim, NULL);
    v->data = mem_new(v->count, sizeof(double));
}

void value_copy(Value *to, const Value *from) {
    *to = *from;
    to->data = mem_new(from->count, sizeof(double));
    if (from->count)
        memcpy(to->data, from->data, from->count * sizeof(double));
}

void value_done(Value *v) {
    free(v->data);
    *v = (Value){0};
}

static Expr ask_dim(void *context, Expr call, int axis);

static int ask_rank(void *context, uint32_t f) {
    return defs_fn_rank(context, f);
}

Defs *defs_new(Store *s) {
    Defs *d = mem_new(1, sizeof *d);
    d->store = s;
    d->fn = mem_grow(NULL, &d->fn_cap, 16, sizeof *d->fn);
    d->fn[0] = (FnRef){0};
    d->fns = 1;
    store_set_call_rank(s, ask_rank, d);
    store_set_call_dim(s, ask_dim, d);
    return d;
}

static void free_def(Def *f) {
    free(f->param);
    free(f->text);
    free(f);
}

void defs_free(Defs *d) {
    if (!d)
        return;
    for (size_t i = 0; i < d->functions; i++)
        free_def(d->function[i]);
    for (size_t i = 0; i < d->variables; i++) {
        value_done(&d->variable[i]->value);
        free(d->variable[i]);
    }
    for (size_t i = 1; i < d->fns; i++)
        free(d->fn[i].by);
    free(d->function);
    free(d->variable);
    free(d->fn);
    free(d->first_fn);
    free(d->index);
    free(d);
}

Store *defs_store(const Defs *d) { return d->store; }
size_t defs_function_count(const Defs *d) { return d->functions; }
Def *defs_function_at(const Defs *d, size_t i) { return d->function[i]; }
size_t defs_variable_count(const Defs *d) { return d->variables; }
Var *defs_variable_at(const Defs *d, size_t i) { return d->variable[i]; }

/* index[name] = 0 nothing, 2k+2 function k, 2k+3 variable k. */
static uint32_t entry_of(const Defs *d, Name name) {
    return name < d->index_cap ? d->index[name] : 0;
}

static void set_entry(Defs *d, Name name, uint32_t entry) {
    if (d->index_cap <= name) {
        size_t old = d->index_cap;
        d->index = mem_grow(d->index, &d->index_cap, (size_t)name + 1, sizeof *d->index);
        memset(d->index + old, 0, (d->index_cap - old) * sizeof *d->index);
    }
    d->index[name] = entry;
}

Def *defs_function(const Defs *d, Name name) {
    uint32_t k = entry_of(d, name);
    return k >= 2 && k % 2 == 0 ? d->function[k / 2 - 1] : NULL;
}

Var *defs_variable(const Defs *d, Name name) {
    uint32_t k = entry_of(d, name);
    return k % 2 == 1 ? d->variable[(k - 3) / 2] : NULL;
}

/* Derivatives and expansions kept from before a change would be of the old definition. */
static void forget_derived(Defs *d) {
    for (size_t i = 1; i < d->fns; i++)
        d->fn[i].body = d->fn[i].expanded = 0;
    for (size_t i = 0; i < d->functions; i++)
        d->function[i]->plain = 0;
}

void defs_release(Defs *d, uint32_t mark) {
    for (size_t i = 1; i < d->fns; i++) {
        if (mark <= d->fn[i].body)
            d->fn[i].body = 0;
        if (mark <= d->fn[i].expanded)
            d->fn[i].expanded = 0;
    }
    store_release(d->store, mark);
}

/* Names of the functions that e calls, and with globals also the variables it uses: calls each. */
static void uses_of(const Defs *d, Expr e, bool globals, void (*each)(void *to, Name name), void *to) {
    size_t count;
    if (!e || !(expr_flags(d->store, e) & (EXPR_HAS_CALL | EXPR_HAS_GLOBAL)))
        return;
    Expr *node = expr_reachable(d->store, 1, &e, &count);
    for (size_t i = 0; i < count; i++) {
        if (expr_op(d->store, node[i]) == EXPR_CALL)
            each(to, d->fn[expr_payload(d->store, node[i])].base);
        else if (globals && expr_op(d->store, node[i]) == EXPR_GLOBAL)
            each(to, expr_payload(d->store, node[i]));
    }
    free(node);
}

typedef struct Reach {
    const Defs *d;
    Name *stack;
    size_t count, cap;
    bool *seen; /* by name */
    size_t names;
} Reach;

static void reach_name(void *to, Name name) {
    Reach *r = to;
    if (r->names <= name || r->seen[name])
        return;
    r->seen[name] = true;
    r->stack = mem_grow(r->stack, &r->cap, r->count + 1, sizeof *r->stack);
    r->stack[r->count++] = name;
}

/* Which names the body of `from` reaches through calls (and variables), by name; owned. */
static bool *reached_by(const Defs *d, const Def *from, size_t *names) {
    Reach r = {.d = d, .names = d->index_cap > from->name ? d->index_cap : (size_t)from->name + 1};
    r.seen = mem_new(r.names, sizeof *r.seen);
    uses_of(d, from->body, true, reach_name, &r);
    while (r.count) {
        const Def *f = defs_function(d, r.stack[--r.count]);
        if (f)
            uses_of(d, f->body, true, reach_name, &r);
    }
    free(r.stack);
    *names = r.names;
    return r.seen;
}

typedef struct Use {
    Name name;
    size_t user; /* number of a function */
    size_t next; /* 1 + place of another use of the name */
} Use;

typedef struct Uses {
    Use *use;
    size_t count, cap, user;
} Uses;

static void add_use(void *to, Name name) {
    Uses *u = to;
    u->use = mem_grow(u->use, &u->cap, u->count + 1, sizeof *u->use);
    u->use[u->count++] = (Use){name, u->user, 0};
}

/* Which functions reach `goal` through calls (and variables), by number; owned. */
static bool *users_of(const Defs *d, Name goal) {
    Uses u = {0};
    for (u.user = 0; u.user < d->functions; u.user++)
        uses_of(d, d->function[u.user]->body, true, add_use, &u);
    size_t names = (size_t)goal + 1, depth = 0;
    for (size_t i = 0; i < u.count; i++)
        names = names <= u.use[i].name ? (size_t)u.use[i].name + 1 : names;
    for (size_t i = 0; i < d->functions; i++)
        names = names <= d->function[i]->name ? (size_t)d->function[i]->name + 1 : names;
    size_t *first = mem_new(names, sizeof *first);
    for (size_t i = 0; i < u.count; i++) {
        u.use[i].next = first[u.use[i].name];
        first[u.use[i].name] = i + 1;
    }
    bool *res = mem_new(d->functions + 1, sizeof *res);
    Name *stack = mem_new(d->functions + 1, sizeof *stack);
    stack[depth++] = goal;
    while (depth)
        for (size_t i = first[stack[--depth]]; i; i = u.use[i - 1].next) {
            size_t user = u.use[i - 1].user;
            if (res[user])
                continue;
            res[user] = true;
            stack[depth++] = d->function[user]->name;
        }
    free(stack);
    free(first);
    free(u.use);
    return res;
}

typedef struct Seek {
    Name name;
    bool found;
} Seek;

static void seek_name(void *to, Name name) {
    Seek *seek = to;
    seek->found = seek->found || name == seek->name;
}

bool defs_calls(const Defs *d, Expr e, Name function) {
    Seek seek = {function, false};
    uses_of(d, e, false, seek_name, &seek);
    return seek.found;
}

static void drop_name(Defs *d, Name name) {
    uint32_t k = entry_of(d, name);
    if (k == 0)
        return;
    set_entry(d, name, 0);
    if (k % 2 == 0) {
        size_t i = k / 2 - 1;
        free_def(d->function[i]);
        memmove(d->function + i, d->function + i + 1, (--d->functions - i) * sizeof *d->function);
        for (; i < d->functions; i++)
            set_entry(d, d->function[i]->name, (uint32_t)(2 * i + 2));
    } else {
        size_t i = (k - 3) / 2;
        value_done(&d->variable[i]->value);
        free(d->variable[i]);
        memmove(d->variable + i, d->variable + i + 1, (--d->variables - i) * sizeof *d->variable);
        for (; i < d->variables; i++)
            set_entry(d, d->variable[i]->name, (uint32_t)(2 * i + 3));
    }
    forget_derived(d);
}

/* A call node keeps the rank of the function as it was when the node was made. */
static void retire_callees(Defs *d, Name name) {
    for (size_t i = 1; i < d->fns; i++)
        d->fn[i].retired = d->fn[i].retired || d->fn[i].base == name;
}

static bool same_ranks(const Defs *d, const Def *a, const Def *b) {
    if (a->param_count != b->param_count || !a->body || !b->body ||
        expr_rank(d->store, a->body) != expr_rank(d->store, b->body))
        return false;
    for (size_t i = 0; i < a->param_count; i++)
        if (a->param[i].rank != b->param[i].rank)
            return false;
    return true;
}

/* What uses the changed f is new too, and may now call itself by way of it. */
static void refresh_users(Defs *d, Def *f) {
    size_t names;
    bool *user = users_of(d, f->name), *reached = reached_by(d, f, &names);
    for (size_t i = 0; i < d->functions; i++) {
        Def *g = d->function[i];
        if (g == f || !user[i] || g->recursive)
            continue;
        g->version = d->version;
        g->recursive = g->name < names && reached[g->name];
    }
    f->recursive = reached[f->name];
    free(user);
    free(reached);
    forget_derived(d);
}

Def *defs_set_function(Defs *d, const Def *def) {
    bool existed = entry_of(d, def->name) != 0; /* else nobody can refer to it yet */
    const Def *old = defs_function(d, def->name);
    if (old && !same_ranks(d, old, def))
        retire_callees(d, def->name);
    drop_name(d, def->name);
    Def *f = mem_new(1, sizeof *f);
    *f = *def;
    d->function = mem_grow(d->function, &d->function_cap, d->functions + 1, sizeof *d->function);
    d->function[d->functions++] = f;
    set_entry(d, f->name, (uint32_t)(2 * d->functions));
    f->version = ++d->version;
    if (existed)
        refresh_users(d, f);
    else
        f->recursive = defs_calls(d, f->body, f->name);
    return f;
}

Var *defs_set_variable(Defs *d, Name name, Value value, Expr exact) {
    Var *v = defs_variable(d, name);
    if (v) {
        value_done(&v->value);
    } else {
        defs_remove(d, name);
        v = mem_new(1, sizeof *v);
        d->variable = mem_grow(d->variable, &d->variable_cap, d->variables + 1, sizeof *d->variable);
        d->variable[d->variables++] = v;
        set_entry(d, name, (uint32_t)(2 * d->variables + 1));
    }
    v->name = name;
    v->value = value;
    v->exact = exact;
    d->version++;
    return v;
}

void defs_remove(Defs *d, Name name) {
    retire_callees(d, name);
    drop_name(d, name);
}

void defs_uses(const Defs *d, const Def *f, void (*each)(void *to, Name used), void *to) {
    uses_of(d, f->body, true, each, to);
}

void defs_users(const Defs *d, Name name, void (*each)(void *to, Def *user), void *to) {
    bool *user = users_of(d, name);
    for (size_t i = 0; i < d->functions; i++)
        if (d->function[i]->name != name && user[i])
            each(to, d->function[i]);
    free(user);
}

/* ---- callees ---- */

FnId defs_fn(Defs *d, Name function, size_t count, const uint32_t *by) {
    if (d->first_fn_cap <= function) {
        size_t old = d->first_fn_cap;
        d->first_fn = mem_grow(d->first_fn, &d->first_fn_cap, (size_t)function + 1, sizeof *d->first_fn);
        memset(d->first_fn + old, 0, (d->first_fn_cap - old) * sizeof *d->first_fn);
    }
    for (FnId i = d->first_fn[function]; i; i = d->fn[i].next)
        if (!d->fn[i].retired && d->fn[i].order == count && (count == 0 || memcmp(d->fn[i].by, by, count * sizeof *by) == 0))
            return i;
    d->fn = mem_grow(d->fn, &d->fn_cap, d->fns + 1, sizeof *d->fn);
    FnRef *f = &d->fn[d->fns];
    *f = (FnRef){.base = function, .order = count, .by = mem_new(count, sizeof *by), .next = d->first_fn[function]};
    if (count)
        memcpy(f->by, by, count * sizeof *by);
    d->first_fn[function] = (FnId)d->fns;
    return (FnId)d->fns++;
}

Name defs_fn_base(const Defs *d, FnId f) { return d->fn[f].base; }
size_t defs_fn_order(const Defs *d, FnId f) { return d->fn[f].order; }
uint32_t defs_fn_by(const Defs *d, FnId f, size_t i) { return d->fn[f].by[i]; }

bool defs_fn_is_recursive(const Defs *d, FnId f) {
    const Def *def = defs_function(d, d->fn[f].base);
    return def && def->recursive;
}

void defs_set_making(Defs *d, const Def *def) {
    d->making = def;
    if (def && defs_function(d, def->name))
        retire_callees(d, def->name); /* calls of the new one are not those of the old one */
}

/* The function that a call means: within a definition, the one being made. */
static const Def *called(const Defs *d, FnId f) {
    Name base = d->fn[f].base;
    return d->making && d->making->name == base ? d->making : defs_function(d, base);
}

int defs_fn_rank(const Defs *d, FnId f) {
    const Def *def = called(d, f);
    int res = def && def->body ? expr_rank(d->store, def->body) : 0;
    for (size_t i = 0; def && i < d->fn[f].order; i++)
        res += def->param[d->fn[f].by[i]].rank;
    return res;
}

Expr defs_apply(Defs *d, const Def *def, Expr body, const Expr *args) {
    Expr *from = mem_new(3 * def->param_count, sizeof *from), *to = mem_new(3 * def->param_count, sizeof *to);
    size_t count = 0;
    for (size_t i = 0; i < def->param_count; i++) {
        from[count] = def->param[i].symbol;
        to[count++] = args[i];
        for (int k = 0; k < def->param[i].rank; k++)
            if (expr_op(d->store, def->param[i].dim[k]) == EXPR_SYM) {
                from[count] = def->param[i].dim[k];
                to[count++] = expr_dim(d->store, args[i], k);
            }
    }
    Expr res = expr_substitute(d->store, body, count, from, to);
    free(from);
    free(to);
    return res;
}

static Expr ask_dim(void *context, Expr call, int axis) {
    Defs *d = context;
    const FnRef *f = &d->fn[expr_payload(d->store, call)];
    const Def *def = called(d, expr_payload(d->store, call));
    if (!def || !def->body)
        return 0;
    int own = expr_rank(d->store, def->body);
    size_t count = expr_count(d->store, call);
    Expr *args = mem_new(count, sizeof *args), res = 0;
    for (size_t i = 0; i < count; i++)
        args[i] = expr_kid(d->store, call, i);
    if (axis < own) {
        res = defs_apply(d, def, expr_dim(d->store, def->body, axis), args);
    } else {
        axis -= own;
        size_t i = 0;
        while (i < f->order && def->param[f->by[i]].rank <= axis)
            axis -= def->param[f->by[i++]].rank;
        if (i < f->order)
            res = expr_dim(d->store, args[f->by[i]], axis);
    }
    free(args);
    return res;
}

Expr defs_fn_body(Defs *d, FnId f, Diags *diags, Span span) {
    const Def *def = defs_function(d, d->fn[f].base);
    if (!def)
        return 0;
    size_t order = d->fn[f].order;
    if (order == 0)
        return def->body;
    Expr body = def->body;
    for (size_t k = 1; k <= order && body; k++) { /* lower orders first, each kept */
        FnId part = defs_fn(d, d->fn[f].base, k, d->fn[f].by);
        if (!d->fn[part].body) { /* deriving may make more functions and move the table */
            Expr made = derive_by(d, body, def->param[d->fn[f].by[k - 1]].symbol, diags, span);
            d->fn[part].body = made;
        }
        body = d->fn[part].body;
    }
    return body;
}
