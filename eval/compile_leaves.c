/* The leaves of expressions: constants, parameters, lengths, variables, slots; and called functions. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "eval/compile.h"

/* 0.1 is that rational in algebra and the nearest double here: half a unit in the last place. */
static double constant_error(const Store *s, Expr e, double value) {
    mpq_srcptr q = expr_rational(s, e);
    bool exact = !q && expr_op(s, e) != EXPR_PI && expr_op(s, e) != EXPR_E;
    if (q && isfinite(value)) {
        mpq_t d;
        mpq_init(d);
        mpq_set_d(d, value);
        exact = mpq_equal(d, q);
        mpq_clear(d);
    }
    return exact ? 0 : fabs(value) * 0x1p-53;
}

uint32_t values_pin(Build *b, PinKind kind, Expr e, double value, Name name, uint32_t param) {
    Sub *u = b->sub;
    u->pin = mem_grow(u->pin, &b->pin_cap, u->pinned + 1, sizeof *u->pin);
    u->pin[u->pinned] = (Pin){kind, value, kind == PIN_CONST && e ? constant_error(b->s, e, value) : 0, name, param, e};
    return u->pinned++;
}

uint32_t table_for(Build *b, TableKind kind, uint32_t which, Expr e, Name name) {
    Sub *u = b->sub;
    u->table = mem_grow(u->table, &b->table_cap, u->tables + 1, sizeof *u->table);
    TableEntry *t = &u->table[u->tables];
    *t = (TableEntry){.kind = kind, .which = which, .name = name, .e = e};
    if (e) {
        t->rank = expr_rank(b->s, e);
        ExprOp op = expr_op(b->s, e);
        if (op == EXPR_SYM || op == EXPR_GLOBAL || op == EXPR_SLOT)
            for (int i = 0; i < t->rank && i < 2; i++)
                t->dim[i] = expr_kid(b->s, e, (size_t)i);
        else
            for (int i = 0; i < t->rank && i < 2; i++)
                t->dim[i] = expr_dim(b->s, e, i);
    }
    if (2 < t->rank)
        build_fail(b, NULL, "an array of more than two axes cannot be evaluated");
    return u->tables++;
}

uint32_t table_slot(Build *b, uint32_t slot) {
    if (b->sub->slots <= slot) {
        build_fail(b, NULL, "a slot that the plan does not have");
        return 0;
    }
    SlotInfo *info = &b->sub->slot[slot];
    if (info->table == NO_TABLE)
        info->table = table_for(b, TABLE_SLOT, slot, b->plan->slot[slot].symbol, 0);
    return info->table;
}

/* Lengths named in parameters are registers; the first parameter that has one sets it. */
static DimInfo dim_info(Build *b, Expr dim) {
    DimInfo res = {0};
    long k;
    if (expr_is_integer(b->s, dim, &k) && 0 <= k) {
        res.length = (size_t)k;
        return res;
    }
    res.symbolic = true;
    for (uint32_t i = 0; i < b->sub->pinned; i++)
        if (b->sub->pin[i].kind == PIN_DIM && b->sub->pin[i].e == dim) {
            res.reg = i;
            return res;
        }
    res.reg = values_pin(b, PIN_DIM, dim, 0, (Name)expr_payload(b->s, dim), 0);
    return res;
}

void leaves_params(Build *b) {
    Sub *u = b->sub;
    u->params = (uint32_t)b->params;
    u->param = mem_new(b->params + 1, sizeof *u->param);
    for (uint32_t i = 0; i < b->params; i++) {
        const Param *p = &b->param[i];
        ParamInfo *info = &u->param[i];
        info->name = p->name;
        info->rank = p->rank;
        if (2 < p->rank) {
            build_fail(b, NULL, "an array of more than two axes cannot be evaluated");
            return;
        }
        if (p->rank == 0)
            info->reg = values_pin(b, PIN_PARAM, p->symbol, 0, p->name, i);
        else
            info->table = table_for(b, TABLE_PARAM, i, p->symbol, p->name);
        for (int k = 0; k < p->rank; k++)
            info->dim[k] = dim_info(b, p->dim[k]);
    }
    b->affine.length = mem_new(u->pinned + 1, sizeof(Expr));
    for (uint32_t i = 0; i < u->pinned; i++)
        if (u->pin[i].kind == PIN_DIM)
            b->affine.length[b->affine.lengths++] = u->pin[i].e;
}

static bool leaf_symbol(Build *b, Val *v) {
    for (uint32_t i = 0; i < b->params; i++)
        if (b->param[i].symbol == v->e) {
            v->kind = v->rank ? VAL_TABLE : VAL_PINNED;
            v->detail = v->rank ? b->sub->param[i].table : b->sub->param[i].reg;
            return true;
        }
    for (uint32_t i = 0; v->rank == 0 && i < b->sub->pinned; i++)
        if (b->sub->pin[i].kind == PIN_DIM && b->sub->pin[i].e == v->e) {
            v->kind = VAL_PINNED;
            v->detail = i;
            return true;
        }
    const char *name = names_text(store_names(b->s), (Name)expr_payload(b->s, v->e));
    build_fail(b, NULL, arena_printf(&b->arena, "%s has no value here", name));
    return true;
}

static void leaf_global(Build *b, Val *v) {
    Name name = (Name)expr_payload(b->s, v->e);
    v->kind = v->rank ? VAL_TABLE : VAL_PINNED;
    v->detail = v->rank ? table_for(b, TABLE_GLOBAL, 0, v->e, name) : values_pin(b, PIN_GLOBAL, v->e, 0, name, 0);
}

bool values_leaf(Build *b, ValId at) {
    Val v = b->val[at];
    ExprOp op = expr_op(b->s, v.e);
    bool res = true;
    if (expr_is_constant(b->s, v.e)) {
        v.kind = VAL_PINNED;
        v.detail = values_pin(b, PIN_CONST, v.e, expr_double_of(b->s, v.e), 0, 0);
    } else if (op == EXPR_NAN) {
        v.kind = VAL_PINNED;
        v.detail = values_pin(b, PIN_CONST, v.e, NAN, 0, 0);
    } else if (op == EXPR_SYM) {
        leaf_symbol(b, &v);
    } else if (op == EXPR_GLOBAL) {
        leaf_global(b, &v);
    } else if (op == EXPR_SLOT) {
        v.kind = v.rank ? VAL_TABLE : VAL_SLOT;
        v.detail = table_slot(b, expr_payload(b->s, v.e));
    } else if (op == EXPR_FREE) {
        v.kind = VAL_INDEX;
        v.detail = expr_payload(b->s, v.e);
    } else {
        res = false;
    }
    b->val[at] = v;
    return res;
}

uint32_t sub_for(Build *b, FnId fn) {
    Program *p = b->program;
    for (size_t i = 1; i < p->subs; i++)
        if (p->sub[i].fn == fn)
            return (uint32_t)i;
    p->sub = mem_grow(p->sub, &p->sub_cap, p->subs + 1, sizeof *p->sub);
    memset(&p->sub[p->subs], 0, sizeof *p->sub);
    p->sub[p->subs].fn = fn;
    return (uint32_t)p->subs++;
}
