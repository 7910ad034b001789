/* The hash-consed store: nodes, constants, the hash table, mark and release; see expr.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/memory.h"
#include "expr/expr.h"
#include "expr/pass.h"

typedef struct Node {
    uint16_t op;
    uint8_t rank, height, flags;
    uint32_t payload;
    uint32_t first, count; /* kids */
    uint32_t hash;
    uint64_t mask;
} Node;

typedef struct Constant {
    mpq_t value;
    double nearest;
} Constant;

struct Memo {
    uint32_t *stamp;
    Expr *value;
    size_t cap;
    uint32_t generation;
    bool busy;
};

struct Store {
    Names *names;
    Node *node;
    size_t count, cap;
    Expr *kid;
    size_t kids, kid_cap;
    Constant **constant; /* each in its own place: what expr_rational gives stays where it is */
    size_t constants, constant_cap;
    uint32_t *slot;
    size_t slots;
    size_t limit;
    bool full;
    Budget budget;
    const volatile int *interrupt;
    ExprCallDim call_dim;
    void *call_dim_context;
    ExprCallRank call_rank;
    void *call_rank_context;
    Memo **memo; /* grows with the nesting of passes */
    size_t memos, memo_cap;
};

Store *store_new(Names *names) {
    Store *s = mem_new(1, sizeof *s);
    s->names = names;
    s->slots = 1024;
    s->slot = mem_new(s->slots, sizeof *s->slot);
    s->limit = 50u * 1000 * 1000;
    s->budget = (Budget){(size_t)1 << 30, 10000000000u};
    s->node = mem_grow(NULL, &s->cap, 256, sizeof *s->node);
    memset(&s->node[0], 0, sizeof s->node[0]);
    s->count = 1;
    return s;
}

static void forget_constant(Store *s) {
    Constant *c = s->constant[--s->constants];
    mpq_clear(c->value);
    free(c);
}

void store_free(Store *s) {
    if (!s)
        return;
    while (s->constants)
        forget_constant(s);
    for (size_t i = 0; i < s->memos; i++) {
        free(s->memo[i]->stamp);
        free(s->memo[i]->value);
        free(s->memo[i]);
    }
    free(s->memo);
    free(s->constant);
    free(s->node);
    free(s->kid);
    free(s->slot);
    free(s);
}

Names *store_names(const Store *s) { return s->names; }
size_t store_count(const Store *s) { return s->count; }
void store_set_limit(Store *s, size_t nodes) { s->limit = nodes; }
bool store_is_full(const Store *s) { return s->full; }
void store_set_budget(Store *s, Budget budget) { s->budget = budget; }
Budget store_budget(const Store *s) { return s->budget; }
void store_set_interrupt(Store *s, const volatile int *flag) { s->interrupt = flag; }
bool store_is_interrupted(const Store *s) { return s->interrupt && *s->interrupt; }
uint32_t store_mark(const Store *s) { return (uint32_t)s->count; }

void store_set_call_dim(Store *s, ExprCallDim ask, void *context) {
    s->call_dim = ask;
    s->call_dim_context = context;
}

void store_set_call_rank(Store *s, ExprCallRank ask, void *context) {
    s->call_rank = ask;
    s->call_rank_context = context;
}

static void enter_slot(Store *s, uint32_t index) {
    size_t i = s->node[index].hash & (s->slots - 1);
    while (s->slot[i])
        i = (i + 1) & (s->slots - 1);
    s->slot[i] = index;
}

/* Linear probing without tombstones: entries behind the freed place move up. */
static void leave_slot(Store *s, uint32_t index) {
    size_t wrap = s->slots - 1, i = s->node[index].hash & wrap;
    while (s->slot[i] != index)
        i = (i + 1) & wrap;
    for (size_t j = (i + 1) & wrap; s->slot[j]; j = (j + 1) & wrap) {
        size_t home = s->node[s->slot[j]].hash & wrap;
        if (((j - home) & wrap) >= ((j - i) & wrap)) {
            s->slot[i] = s->slot[j];
            i = j;
        }
    }
    s->slot[i] = 0;
}

void store_release(Store *s, uint32_t mark) {
    while (mark < s->count) {
        uint32_t index = (uint32_t)(s->count - 1);
        const Node *n = &s->node[index];
        leave_slot(s, index);
        s->kids = n->first; /* kids were appended in the order of the nodes */
        if (n->op == EXPR_CONST)
            forget_constant(s);
        s->count--;
    }
    s->full = false;
    for (size_t i = 0; i < s->memos; i++)
        if (!s->memo[i]->busy)
            s->memo[i]->generation++; /* their answers may name released nodes */
}

static uint32_t mix(uint32_t h, uint32_t v) {
    h = (h ^ v) * 0x9E3779B1u;
    return h ^ h >> 15;
}

static bool same_node(const Store *s, const Node *a, uint32_t op, uint32_t payload, size_t count, const Expr *kids) {
    return a->op == op && a->payload == payload && a->count == count &&
           (count == 0 || memcmp(s->kid + a->first, kids, count * sizeof *kids) == 0);
}

static void grow_table(Store *s) {
    free(s->slot);
    s->slots *= 2;
    s->slot = mem_new(s->slots, sizeof *s->slot);
    for (size_t i = 1; i < s->count; i++)
        enter_slot(s, (uint32_t)i);
}

static bool is_loop_op(uint32_t op) {
    return EXPR_SUM <= op && op <= EXPR_VEC;
}

/* Rank, free indices, height and flags follow from the kids. */
static void fill_facts(Store *s, Node *n) {
    const Expr *kid = s->kid + n->first;
    bool symbol = n->op == EXPR_SYM || n->op == EXPR_GLOBAL || n->op == EXPR_SLOT;
    for (size_t i = 0; i < n->count; i++) {
        const Node *k = &s->node[kid[i]];
        uint64_t mask = k->mask;
        if (is_loop_op(n->op) && i == 2)
            mask &= ~(UINT64_C(1) << n->payload);
        n->mask |= mask;
        n->flags |= k->flags;
        if (n->height < k->height)
            n->height = k->height;
    }
    if (symbol)
        n->rank = (uint8_t)n->count;
    else if (n->op == EXPR_VEC)
        n->rank = (uint8_t)(s->node[kid[2]].rank + 1);
    else if (n->op == EXPR_LIST)
        n->rank = (uint8_t)(s->node[kid[0]].rank + 1);
    else if (n->op == EXPR_ELEM)
        n->rank = (uint8_t)(s->node[kid[0]].rank - 1);
    else if (n->op == EXPR_PREFIX || n->op == EXPR_SUFFIX)
        n->rank = 1;
    else if (n->op == EXPR_CALL && s->call_rank)
        n->rank = (uint8_t)s->call_rank(s->call_rank_context, n->payload);
    if (is_loop_op(n->op))
        n->height = (uint8_t)(n->height < n->payload ? n->payload : n->height);
    if (n->op == EXPR_BOUND)
        n->mask |= UINT64_C(1) << n->payload;
    if (n->op == EXPR_FREE)
        n->mask |= UINT64_C(1) << (32 + n->payload);
    n->flags |= n->op == EXPR_CALL ? EXPR_HAS_CALL : n->op == EXPR_GLOBAL ? EXPR_HAS_GLOBAL
              : n->op == EXPR_ELEM ? EXPR_HAS_ELEM : n->op == EXPR_IF ? EXPR_HAS_IF : 0;
}

static Expr append_node(Store *s, uint32_t op, uint32_t payload, uint32_t hash, size_t count, const Expr *kids) {
    if (s->limit <= s->count) {
        s->full = true;
        return 0;
    }
    s->node = mem_grow(s->node, &s->cap, s->count + 1, sizeof *s->node);
    if (count) {
        bool inside = s->kid && s->kid <= kids && kids < s->kid + s->kids; /* kids may be borrowed */
        size_t offset = inside ? (size_t)(kids - s->kid) : 0;
        s->kid = mem_grow(s->kid, &s->kid_cap, s->kids + count, sizeof *s->kid);
        memmove(s->kid + s->kids, inside ? s->kid + offset : kids, count * sizeof *kids);
    }
    Node n = {.op = (uint16_t)op, .payload = payload, .first = (uint32_t)s->kids, .count = (uint32_t)count, .hash = hash};
    s->kids += count;
    fill_facts(s, &n);
    Expr res = (Expr)s->count++;
    s->node[res] = n;
    enter_slot(s, res);
    if (s->slots < 2 * s->count)
        grow_table(s);
    return res;
}

Expr expr_make(Store *s, ExprOp op, uint32_t payload, size_t count, const Expr *kids) {
    uint32_t h = mix(mix(0x12345u, (uint32_t)op), payload);
    for (size_t i = 0; i < count; i++) {
        if (kids[i] == 0)
            return 0;
        h = mix(h, kids[i]);
    }
    for (size_t i = h & (s->slots - 1); s->slot[i]; i = (i + 1) & (s->slots - 1)) {
        const Node *n = &s->node[s->slot[i]];
        if (n->hash == h && same_node(s, n, (uint32_t)op, payload, count, kids))
            return s->slot[i];
    }
    if (store_is_interrupted(s))
        return 0;
    return append_node(s, (uint32_t)op, payload, h, count, kids);
}

/* ---- constants ---- */

/* The double nearest to a rational, ties to even.  With q = floor(|num|*2^k/den) of at least 66 bits
 * and a sticky bit for the remainder, one rounding to the target's precision is exact. */
static double nearest_double(mpq_srcptr value) {
    if (mpq_sgn(value) == 0)
        return 0.0;
    mpz_t num, q, r;
    mpz_inits(num, q, r, NULL);
    mpz_abs(num, mpq_numref(value));
    long bits = (long)mpz_sizeinbase(num, 2) - (long)mpz_sizeinbase(mpq_denref(value), 2);
    long shift = 66 - bits; /* q gets 66 or 67 bits */
    if (0 < shift)
        mpz_mul_2exp(num, num, (unsigned long)shift);
    if (shift < 0) {
        mpz_t den;
        mpz_init(den);
        mpz_mul_2exp(den, mpq_denref(value), (unsigned long)-shift);
        mpz_tdiv_qr(q, r, num, den);
        mpz_clear(den);
    } else {
        mpz_tdiv_qr(q, r, num, mpq_denref(value));
    }
    bool sticky = mpz_sgn(r) != 0;
    long length = (long)mpz_sizeinbase(q, 2);
    long exponent = length - shift; /* |value| in [2^(exponent-1), 2^exponent) */
    long keep = exponent < -1021 ? 53 - (-1021 - exponent) : 53;
    double res;
    if (exponent > 1024) {
        res = HUGE_VAL;
    } else if (keep < 0) {
        res = 0.0;
    } else {
        long drop = length - keep;
        mpz_t low;
        mpz_init(low);
        mpz_fdiv_r_2exp(low, q, (unsigned long)drop);
        mpz_fdiv_q_2exp(q, q, (unsigned long)drop);
        mpz_mul_2exp(low, low, 1);
        mpz_t half;
        mpz_init(half);
        mpz_setbit(half, (unsigned long)drop);
        int c = mpz_cmp(low, half);
        if (0 < c || (c == 0 && (sticky || mpz_odd_p(q))))
            mpz_add_ui(q, q, 1);
        mpz_clears(low, half, NULL);
        res = ldexp(mpz_get_d(q), (int)(drop - shift)); /* q has at most 53 bits: both steps exact */
    }
    res = mpq_sgn(value) < 0 ? -res : res;
    mpz_clears(num, q, r, NULL);
    return res;
}

static uint32_t hash_integer(uint32_t h, mpz_srcptr z) {
    size_t n = mpz_size(z);
    h = mix(h, (uint32_t)(mpz_sgn(z) + 1));
    for (size_t i = 0; i < n; i++) {
        uint64_t limb = mpz_getlimbn(z, (mp_size_t)i);
        h = mix(mix(h, (uint32_t)limb), (uint32_t)(limb >> 32));
    }
    return h;
}

Expr expr_const(Store *s, mpq_srcptr value) {
    uint32_t h = hash_integer(hash_integer(0xC0457u, mpq_numref(value)), mpq_denref(value));
    for (size_t i = h & (s->slots - 1); s->slot[i]; i = (i + 1) & (s->slots - 1)) {
        const Node *n = &s->node[s->slot[i]];
        if (n->hash == h && n->op == EXPR_CONST && mpq_equal(s->constant[n->payload]->value, value))
            return s->slot[i];
    }
    s->constant = mem_grow(s->constant, &s->constant_cap, s->constants + 1, sizeof *s->constant);
    Expr res = append_node(s, EXPR_CONST, (uint32_t)s->constants, h, 0, NULL);
    if (!res)
        return 0;
    Constant *c = s->constant[s->constants] = mem_new(1, sizeof *c);
    mpq_init(c->value);
    mpq_set(c->value, value);
    c->nearest = nearest_double(value);
    s->constants++;
    return res;
}

Expr expr_int(Store *s, long value) {
    mpq_t q;
    mpq_init(q);
    mpq_set_si(q, value, 1);
    Expr res = expr_const(s, q);
    mpq_clear(q);
    return res;
}

Expr expr_decimal(Store *s, const char *text, size_t len) {
    enum { MOST_BITS = 65536 };
    char *digits = mem_new(len + 2, 1);
    size_t count = 0;
    long scale = 0, exponent = 0;
    bool fraction = false;
    size_t i = 0;
    for (; i < len && (('0' <= text[i] && text[i] <= '9') || text[i] == '.'); i++) {
        if (text[i] == '.') {
            fraction = true;
            continue;
        }
        digits[count++] = text[i];
        scale -= fraction;
    }
    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        bool negative = i + 1 < len && text[i + 1] == '-';
        for (i += i + 1 < len && (text[i + 1] == '-' || text[i + 1] == '+') ? 2 : 1; i < len; i++)
            if (exponent < 100000000)
                exponent = exponent * 10 + (text[i] - '0');
        exponent = negative ? -exponent : exponent;
    }
    exponent += scale;
    Expr res = 0;
    bool zero = strspn(digits, "0") == count;
    if (zero || (count < MOST_BITS / 4 && labs(exponent) < MOST_BITS / 4)) {
        mpq_t q;
        mpq_init(q);
        mpz_set_str(mpq_numref(q), count ? digits : "0", 10);
        if (!zero && exponent) {
            mpz_t power;
            mpz_init(power);
            mpz_ui_pow_ui(power, 10, (unsigned long)labs(exponent));
            if (0 < exponent)
                mpz_mul(mpq_numref(q), mpq_numref(q), power);
            else
                mpz_set(mpq_denref(q), power);
            mpz_clear(power);
            mpq_canonicalize(q);
        }
        res = expr_const(s, q);
        mpq_clear(q);
    }
    free(digits);
    return res;
}

Expr expr_from_double(Store *s, double value) {
    if (isnan(value))
        return expr_make(s, EXPR_NAN, 0, 0, NULL);
    if (isinf(value)) {
        Expr res = expr_make(s, EXPR_INF, 0, 0, NULL);
        return value < 0 ? expr_unary(s, EXPR_NEG, res) : res;
    }
    if (value == 0 && signbit(value))
        return expr_make(s, EXPR_NEGZERO, 0, 0, NULL);
    Buf text;
    buf_init(&text);
    buf_double(&text, fabs(value));
    Expr res = expr_decimal(s, buf_str(&text), text.len);
    buf_done(&text);
    if (signbit(value) && res) {
        mpq_t q;
        mpq_init(q);
        mpq_neg(q, expr_rational(s, res));
        res = expr_const(s, q);
        mpq_clear(q);
    }
    return res;
}

/* ---- reading ---- */

ExprOp expr_op(const Store *s, Expr e) { return (ExprOp)s->node[e].op; }
uint32_t expr_payload(const Store *s, Expr e) { return s->node[e].payload; }
size_t expr_count(const Store *s, Expr e) { return s->node[e].count; }
Expr expr_kid(const Store *s, Expr e, size_t i) { return s->kid[s->node[e].first + i]; }
const Expr *expr_kids(const Store *s, Expr e) { return s->kid + s->node[e].first; }
int expr_rank(const Store *s, Expr e) { return s->node[e].rank; }
unsigned expr_flags(const Store *s, Expr e) { return s->node[e].flags; }
uint64_t expr_mask(const Store *s, Expr e) { return s->node[e].mask; }
bool expr_is_loop(const Store *s, Expr e) { return is_loop_op(s->node[e].op); }
unsigned store_height(const Store *s, Expr e) { return s->node[e].height; }

mpq_srcptr expr_rational(const Store *s, Expr e) {
    return s->node[e].op == EXPR_CONST ? s->constant[s->node[e].payload]->value : NULL;
}

bool expr_is_integer(const Store *s, Expr e, long *value) {
    mpq_srcptr q = expr_rational(s, e);
    if (!q || mpz_cmp_ui(mpq_denref(q), 1) != 0 || !mpz_fits_slong_p(mpq_numref(q)))
        return false;
    *value = mpz_get_si(mpq_numref(q));
    return true;
}

bool expr_is_constant(const Store *s, Expr e) {
    return EXPR_CONST <= s->node[e].op && s->node[e].op <= EXPR_NEGZERO;
}

double expr_double_of(const Store *s, Expr e) {
    switch (s->node[e].op) {
    case EXPR_CONST: return s->constant[s->node[e].payload]->nearest;
    case EXPR_PI: return 3.14159265358979323846;
    case EXPR_E: return 2.71828182845904523536;
    case EXPR_INF: return HUGE_VAL;
    case EXPR_NEGZERO: return -0.0;
    default: return NAN;
    }
}

/* Structure decides, not numbers: both sides are followed to their first difference. */
int expr_compare(const Store *s, Expr a, Expr b) {
    while (a != b) {
        const Node *x = &s->node[a], *y = &s->node[b];
        if (x->op != y->op)
            return x->op < y->op ? -1 : 1;
        if (x->op == EXPR_CONST)
            return mpq_cmp(s->constant[x->payload]->value, s->constant[y->payload]->value);
        if (x->op == EXPR_SYM || x->op == EXPR_GLOBAL) {
            int c = strcmp(names_text(s->names, x->payload), names_text(s->names, y->payload));
            if (c)
                return c;
        } else if (x->payload != y->payload) {
            return x->payload < y->payload ? -1 : 1;
        }
        if (x->count != y->count)
            return x->count < y->count ? -1 : 1;
        size_t i = 0;
        while (s->kid[x->first + i] == s->kid[y->first + i])
            i++;
        a = s->kid[x->first + i];
        b = s->kid[y->first + i];
    }
    return 0;
}

/* ---- memo tables and walks ---- */

Memo *memo_begin(Store *s) {
    size_t i = 0;
    while (i < s->memos && s->memo[i]->busy)
        i++;
    if (i == s->memos) {
        s->memo = mem_grow(s->memo, &s->memo_cap, i + 1, sizeof *s->memo);
        s->memo[s->memos++] = mem_new(1, sizeof **s->memo);
    }
    s->memo[i]->busy = true;
    s->memo[i]->generation++;
    return s->memo[i];
}

void memo_end(Store *s, Memo *m) {
    (void)s;
    m->busy = false;
}

bool memo_get(const Memo *m, Expr e, Expr *answer) {
    if (m->cap <= e || m->stamp[e] != m->generation)
        return false;
    *answer = m->value[e];
    return true;
}

void memo_set(Memo *m, Expr e, Expr answer) {
    if (m->cap <= e) {
        size_t old = m->cap, cap = m->cap;
        m->stamp = mem_grow(m->stamp, &cap, (size_t)e + 1, sizeof *m->stamp);
        cap = old;
        m->value = mem_grow(m->value, &cap, (size_t)e + 1, sizeof *m->value);
        memset(m->stamp + old, 0, (cap - old) * sizeof *m->stamp);
        m->cap = cap;
        if (old == 0)
            m->generation = 1;
    }
    m->stamp[e] = m->generation;
    m->value[e] = answer;
}

void walk_init(Walk *w, Store *s, bool stop_at_loops) {
    *w = (Walk){.store = s, .stop_at_loops = stop_at_loops};
}

void walk_push(Walk *w, Expr e) {
    w->stack = mem_grow(w->stack, &w->cap, w->count + 1, sizeof *w->stack);
    w->stack[w->count++] = e;
}

bool walk_next(Walk *w, const Memo *m, Expr *e) {
    Expr answer;
    while (w->count) {
        Expr top = w->stack[w->count - 1];
        if (memo_get(m, top, &answer)) {
            w->count--;
            continue;
        }
        if ((++w->ticks & 1023) == 0 && store_is_interrupted(w->store))
            return false;
        const Node *n = &w->store->node[top];
        bool ready = true;
        if (!(w->stop_at_loops && is_loop_op(n->op)))
            for (size_t i = n->count; 0 < i--;)
                if (!memo_get(m, w->store->kid[n->first + i], &answer)) {
                    walk_push(w, w->store->kid[n->first + i]);
                    ready = false;
                }
        if (ready) {
            w->count--;
            *e = top;
            return true;
        }
    }
    return false;
}

void walk_done(Walk *w) {
    free(w->stack);
}

Expr expr_dim_of_call(Store *s, Expr call, int axis);
Expr expr_dim_of_call(Store *s, Expr call, int axis) {
    return s->call_dim ? s->call_dim(s->call_dim_context, call, axis) : 0;
}

static int ascending(const void *a, const void *b) {
    Expr x = *(const Expr *)a, y = *(const Expr *)b;
    return x < y ? -1 : x > y;
}

Expr *expr_reachable(const Store *s, size_t roots, const Expr *root, size_t *count) {
    Store *mutable_store = (Store *)(uintptr_t)s; /* memo tables are no part of what the store means */
    Memo *m = memo_begin(mutable_store);
    Walk w;
    walk_init(&w, mutable_store, false);
    Expr *res = NULL, e;
    size_t n = 0, cap = 0;
    for (size_t i = 0; i < roots; i++)
        walk_push(&w, root[i]);
    while (walk_next(&w, m, &e)) {
        memo_set(m, e, 1);
        res = mem_grow(res, &cap, n + 1, sizeof *res);
        res[n++] = e;
    }
    walk_done(&w);
    memo_end(mutable_store, m);
    if (n)
        qsort(res, n, sizeof *res, ascending);
    *count = n;
    return res;
}
