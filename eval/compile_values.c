/* Expressions to Vals: a graph in which equal parts are one node and loops are open.  A Val is an
 * expression together with the version of the slots that it reads and the innermost loop that binds
 * an index of it; loops of height h are opened at FREE(30 - h), which is unique on any path. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/compile.h"
#include "expr/functions.h"

/* ---- the map from (expression, version, binder) ---- */
static uint32_t hash_key(Expr e, uint32_t salt, ValId binder) {
    uint64_t h = e * UINT64_C(0x9e3779b97f4a7c15) ^ salt * UINT64_C(0xc2b2ae3d27d4eb4f) ^
                 binder * UINT64_C(0x165667b19e3779f9);
    return (uint32_t)(h >> 32 ^ h);
}

static size_t map_place(const Build *b, Expr e, uint32_t salt, ValId binder) {
    size_t i = hash_key(e, salt, binder) & (b->map_size - 1);
    while (b->map[i].e &&
           !(b->map[i].e == e && b->map[i].salt == salt && b->map[i].binder == binder))
        i = (i + 1) & (b->map_size - 1);
    return i;
}

static void map_widen(Build *b) {
    ValSlot *old = b->map;
    size_t size = b->map_size;
    b->map_size = size ? 2 * size : 64;
    b->map = mem_new(b->map_size, sizeof *b->map);
    for (size_t i = 0; i < size; i++)
        if (old[i].e)
            b->map[map_place(b, old[i].e, old[i].salt, old[i].binder)] = old[i];
    free(old);
}

void values_map(Build *b, Expr e, uint32_t salt, ValId binder, ValId answer) {
    if (b->map_size <= 2 * b->map_count)
        map_widen(b);
    size_t i = map_place(b, e, salt, binder);
    b->map_count += b->map[i].e == 0;
    b->map[i] = (ValSlot){e, salt, binder, answer};
}

ValId values_find(Build *b, Expr e, uint32_t salt, ValId binder) {
    return b->map_size ? b->map[map_place(b, e, salt, binder)].answer : 0;
}

/* ---- which slots an expression reads ---- */
enum { BITS = UINT32_MAX }; /* as a salt: the answer is a set of slots, plus one bit for "known" */

static uint32_t bits_of_kids(Build *b, Expr e, bool *known, Expr *ask) {
    uint32_t res = 0;
    size_t count = expr_count(b->s, e);
    *known = true;
    for (size_t i = 0; i < count; i++) {
        Expr k = expr_kid(b->s, e, i);
        size_t at = map_place(b, k, (uint32_t)BITS, 0);
        if (b->map[at].e) {
            res |= b->map[at].answer;
        } else {
            *known = false;
            *ask = k;
            return 0;
        }
    }
    return res;
}

uint32_t values_bits(Build *b, Expr e) {
    if (!b->written)
        return 0;
    Expr *stack = NULL;
    size_t count = 0, cap = 0;
    if (b->map_size == 0)
        map_widen(b);
    stack = mem_grow(stack, &cap, 16, sizeof *stack);
    stack[count++] = e;
    while (count) {
        Expr top = stack[count - 1], ask = 0;
        bool known = true;
        uint32_t bits = 0;
        if (b->map[map_place(b, top, (uint32_t)BITS, 0)].e == 0) {
            bits = bits_of_kids(b, top, &known, &ask);
            if (expr_op(b->s, top) == EXPR_SLOT)
                bits |= UINT32_C(1) << (expr_payload(b->s, top) & 31);
            if (known)
                values_map(b, top, (uint32_t)BITS, 0, bits);
        }
        if (known) {
            count--;
        } else {
            stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
            stack[count++] = ask;
        }
    }
    free(stack);
    return b->map[map_place(b, e, (uint32_t)BITS, 0)].answer;
}

uint32_t values_salt(Build *b, Expr e) {
    uint32_t res = 0;
    for (uint32_t bits = values_bits(b, e) & b->written; bits; bits &= bits - 1) {
        uint32_t version = b->bit_version[__builtin_ctz(bits)];
        res = res < version ? version : res;
    }
    return res;
}

ValId values_binder(Build *b, Expr e, const Scope *scope) {
    uint32_t mask = (uint32_t)(expr_mask(b->s, e) >> 32);
    if (!mask)
        return 0;
    for (; scope; scope = scope->outer)
        if (mask >> scope->number & 1)
            return scope->binder;
    build_fail(b, NULL, "an index stands outside its loop");
    return 0;
}

/* ---- nodes ---- */
ValId values_new(Build *b, Expr e, ValKind kind, ValId binder) {
    if (b->vals == 0)
        b->vals = 1;
    b->val = mem_grow(b->val, &b->val_cap, b->vals + 1, sizeof *b->val);
    b->val[b->vals] = (Val){.e = e, .kind = (uint8_t)kind, .binder = binder};
    if (e)
        b->val[b->vals].rank = (uint8_t)expr_rank(b->s, e);
    return (ValId)b->vals++;
}

/* Operands start as expressions and become Vals as they are read. */
static void add_op(Build *b, Val *v, Expr e) {
    if (v->op_count == 0)
        v->op_first = (uint32_t)b->ops;
    b->op = mem_grow(b->op, &b->op_cap, b->ops + 1, sizeof *b->op);
    b->op[b->ops++] = e;
    v->op_count++;
    if (!e)
        build_fail(b, NULL, "a length that is not known");
}

static void add_kids(Build *b, Val *v) {
    for (size_t i = 0; i < expr_count(b->s, v->e); i++)
        add_op(b, v, expr_kid(b->s, v->e, i));
}

void values_set_scope(Build *b, const Scope *scope) {
    AffineEnv *env = &b->affine;
    env->loops = 0;
    for (const Scope *p = scope; p && env->loops < AFFINE_LOOPS; p = p->outer)
        env->loops++;
    int i = env->loops;
    for (const Scope *p = scope; p && 0 < i; p = p->outer) {
        i--;
        env->number[i] = p->number;
        env->lo[i] = p->lo;
        env->hi[i] = p->hi;
    }
}

static void read_element(Build *b, Val *v, const Scope *scope) {
    Expr index[2], base = v->e, e = v->e;
    int count = 0;
    for (; expr_op(b->s, base) == EXPR_ELEM && count < 2; base = expr_kid(b->s, base, 0))
        index[count++] = expr_kid(b->s, base, 1);
    int rank = expr_rank(b->s, base);
    if (2 < rank || expr_op(b->s, base) == EXPR_ELEM) {
        build_fail(b, NULL, "an array of more than two axes cannot be evaluated");
        return;
    }
    v->kind = rank == count ? VAL_LOAD : VAL_ROW;
    values_set_scope(b, scope);
    v->proven = true;
    for (int i = 0; i < count; i++)
        v->proven = v->proven && affine_is_inside(&b->affine, index[count - 1 - i], expr_dim(b->s, base, i));
    v->traps = !v->proven;
    add_op(b, v, base);
    long k;
    if (rank == 1 && v->proven && expr_is_integer(b->s, index[0], &k)) {
        v->detail = (uint32_t)(k - 1);
        return;
    }
    if (rank == 1) {
        index[0] = affine_split(b->s, index[0], &k);
        v->detail = (uint32_t)(int32_t)(k - 1);
    }
    for (int i = count; 0 < i--;)
        add_op(b, v, index[i]);
    v->e = e;
}

static void read_lengths(Build *b, Val *v) {
    if (2 < v->rank) {
        build_fail(b, NULL, "an array of more than two axes cannot be evaluated");
        return;
    }
    for (int i = 0; i < v->rank; i++) {
        Expr dim = expr_dim(b->s, v->e, i);
        if (dim && (expr_mask(b->s, dim) & ~expr_mask(b->s, v->e)))
            build_fail(b, NULL, "the rows of an array have different lengths");
        add_op(b, v, dim);
    }
}

static void read_loop(Build *b, Val *v, const Scope *scope) {
    uint32_t number = EXPR_MOST_INDICES - expr_payload(b->s, v->e);
    Expr lo = expr_kid(b->s, v->e, 0), hi = expr_kid(b->s, v->e, 1);
    ExprOp op = expr_op(b->s, v->e);
    if (b->step_numbers >> number & 1)
        build_fail(b, NULL, "loops are nested too deep");
    v->detail = number;
    add_op(b, v, lo);
    add_op(b, v, hi);
    add_op(b, v, expr_open(b->s, v->e, number));
    values_set_scope(b, scope);
    v->proven = affine_is_at_most(&b->affine, lo, hi, 0);
    if (op == EXPR_VEC)
        read_lengths(b, v);
    else if (op != EXPR_SUM && op != EXPR_PROD)
        v->traps = !v->proven;
}

static void read_power(Build *b, Val *v) {
    long n;
    Expr a = expr_kid(b->s, v->e, 0), x = expr_kid(b->s, v->e, 1);
    add_op(b, v, a);
    if (expr_is_integer(b->s, x, &n) && 2 <= n && n <= 4)
        v->detail = (uint32_t)n;
    else
        add_op(b, v, x);
}

/* Sets kind and operands of a Val that is no leaf. */
static void read_node(Build *b, ValId at, const Scope *scope) {
    Val v = b->val[at];
    ExprOp op = expr_op(b->s, v.e);
    switch (op) {
    case EXPR_ADD: case EXPR_SUB: case EXPR_MUL: case EXPR_DIV: case EXPR_NEG: case EXPR_REL: case EXPR_NOT:
    case EXPR_FN:
        v.kind = VAL_OP;
        add_kids(b, &v);
        if (3 < v.op_count && !function_at(expr_payload(b->s, v.e))->variadic)
            build_fail(b, NULL, "a function of more than three arguments cannot be evaluated");
        break;
    case EXPR_POW: v.kind = VAL_OP; read_power(b, &v); break;
    case EXPR_IF: v.kind = VAL_IF; add_kids(b, &v); break;
    case EXPR_AND: v.kind = VAL_AND; add_kids(b, &v); break;
    case EXPR_OR: v.kind = VAL_OR; add_kids(b, &v); break;
    case EXPR_ELEM: read_element(b, &v, scope); break;
    case EXPR_CALL: v.kind = VAL_CALL; v.traps = true; read_lengths(b, &v); add_kids(b, &v); break;
    case EXPR_LIST:
        v.kind = VAL_LIST;
        v.detail = b->sub->pinned; /* the row numbers of a matrix */
        for (size_t i = 0; 1 < v.rank && i < expr_count(b->s, v.e); i++)
            values_pin(b, PIN_CONST, 0, (double)i, 0, 0);
        add_kids(b, &v);
        read_lengths(b, &v);
        break;
    case EXPR_PREFIX: case EXPR_SUFFIX:
        v.kind = VAL_PREFIX;
        add_kids(b, &v);
        read_lengths(b, &v);
        break;
    case EXPR_VEC: v.kind = VAL_VEC; read_loop(b, &v, scope); break;
    case EXPR_SUM: case EXPR_PROD: case EXPR_MAX: case EXPR_MIN: case EXPR_ARGMAX: case EXPR_ARGMIN:
        v.kind = VAL_LOOP;
        read_loop(b, &v, scope);
        break;
    default: build_fail(b, NULL, "this expression cannot be evaluated"); break;
    }
    b->val[at] = v;
}

/* ---- the traversal ---- */
typedef struct Reading {
    ValId v;
    uint32_t next;
    Scope *scope, *inner; /* inner: of a loop's body */
} Reading;

static Scope *inner_scope(Build *b, ValId v, Scope *scope) {
    if (b->val[v].kind != VAL_LOOP && b->val[v].kind != VAL_VEC)
        return scope;
    Scope *res = arena_alloc(&b->arena, sizeof *res);
    Expr e = b->val[v].e;
    *res = (Scope){scope, b->val[v].detail, v, expr_kid(b->s, e, 0), expr_kid(b->s, e, 1)};
    return res;
}

static void finish(Build *b, ValId at) {
    Val *v = &b->val[at];
    for (uint32_t i = 0; i < v->op_count; i++) {
        Val *o = &b->val[b->op[v->op_first + i]];
        v->traps = v->traps || o->traps;
        o->users++;
    }
    b->order = mem_grow(b->order, &b->order_cap, b->orders + 1, sizeof *b->order);
    b->order[b->orders++] = at;
}

/* The Val of e if there is one; else makes it, and *fresh says that its operands are to be read. */
static ValId meet(Build *b, Expr e, Scope *scope, bool *fresh) {
    *fresh = false;
    if (!e || b->failed) {
        build_fail(b, NULL, "an expression with an error in it cannot be evaluated");
        return 0;
    }
    ValId binder = values_binder(b, e, scope);
    uint32_t salt = values_salt(b, e);
    ValId v = values_find(b, e, salt, binder);
    if (v || b->failed)
        return v;
    v = values_new(b, e, VAL_OP, binder);
    b->val[v].salt = salt;
    values_map(b, e, salt, binder, v);
    if (!values_leaf(b, v)) {
        read_node(b, v, scope);
        *fresh = true;
    } else if (b->val[v].kind == VAL_SLOT) {
        finish(b, v);
    }
    return v;
}

ValId values_of(Build *b, Expr e, Scope *scope) {
    bool fresh;
    Reading *stack = NULL;
    size_t count = 0, cap = 0;
    ValId res = meet(b, e, scope, &fresh);
    if (fresh) {
        stack = mem_grow(stack, &cap, 16, sizeof *stack);
        stack[count++] = (Reading){res, 0, scope, inner_scope(b, res, scope)};
    }
    while (count && !b->failed) {
        Reading *top = &stack[count - 1];
        if (top->next == b->val[top->v].op_count) {
            finish(b, top->v);
            count--;
            continue;
        }
        uint32_t i = top->next++;
        bool body = i == 2 && top->inner != top->scope;
        Scope *in = body ? top->inner : top->scope;
        ValId v = meet(b, b->op[b->val[top->v].op_first + i], in, &fresh);
        b->op[b->val[top->v].op_first + i] = v;
        if (fresh) {
            stack = mem_grow(stack, &cap, count + 1, sizeof *stack);
            stack[count++] = (Reading){v, 0, in, inner_scope(b, v, in)};
        }
        if (store_is_interrupted(b->s))
            build_fail(b, NULL, "interrupted");
    }
    free(stack);
    return b->failed ? 0 : res;
}

void values_use(Build *b, ValId v, RegionId region) {
    if (!v)
        return;
    uint32_t first = b->val[v].use;
    if (first && b->use[first].region == region)
        return;
    if (b->uses == 0)
        b->uses = 1;
    b->use = mem_grow(b->use, &b->use_cap, b->uses + 1, sizeof *b->use);
    b->use[b->uses] = (Use){region, first};
    b->val[v].use = (uint32_t)b->uses++;
}
